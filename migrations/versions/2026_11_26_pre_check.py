"""blind pre-checks with partners: sessions of both sides, and hits at our own sought persons"""

import sqlalchemy as sa
from alembic import op

revision = "2026_11_26_pre_check"
down_revision = "2026_11_26_pfif"
branch_labels = None
depends_on = None

SHUT = ("pre_check", "pre_check_hit")


def upgrade() -> None:
    op.create_table(
        "pre_check",
        sa.Column("society", sa.String(8), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("partner_id", sa.Uuid(), nullable=False),
        sa.Column("side", sa.String(40), nullable=False),
        sa.Column("standing", sa.String(40), nullable=False),
        sa.Column("scheme", sa.String(60), nullable=False),
        sa.Column("elements", sa.Integer(), nullable=False),
        sa.Column("held", sa.Integer(), nullable=False),
        sa.Column("commitment", sa.String(64), nullable=False),
        sa.Column("request_digest", sa.String(64), nullable=False),
        sa.Column("key_id", sa.Uuid(), nullable=True),
        sa.Column("opening", sa.LargeBinary(), nullable=False),
        sa.Column("hits", sa.Integer(), nullable=True),
        sa.Column("trouble", sa.String(40), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("by", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["society", "partner_id"],
            ["partner.society", "partner.id"],
        ),
        sa.PrimaryKeyConstraint("society", "id"),
    )
    op.create_index("ix_pre_check_at", "pre_check", ["society", "partner_id", "side", "at"], unique=False)
    op.create_table(
        "pre_check_hit",
        sa.Column("society", sa.String(8), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("pre_check_id", sa.Uuid(), nullable=False),
        sa.Column("partner_id", sa.Uuid(), nullable=False),
        sa.Column("sought_id", sa.Uuid(), nullable=False),
        sa.Column("shared", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["society", "partner_id"],
            ["partner.society", "partner.id"],
        ),
        sa.ForeignKeyConstraint(
            ["society", "pre_check_id"],
            ["pre_check.society", "pre_check.id"],
        ),
        sa.ForeignKeyConstraint(
            ["society", "sought_id"],
            ["record.society", "record.id"],
        ),
        sa.PrimaryKeyConstraint("society", "id"),
        sa.UniqueConstraint("society", "partner_id", "sought_id"),
    )
    op.create_index("ix_pre_check_hit_sought", "pre_check_hit", ["society", "sought_id"], unique=False)

    if op.get_bind().dialect.name == "postgresql":
        for table in SHUT:
            op.execute(f"alter table {table} enable row level security")
            op.execute(f"alter table {table} force row level security")
            op.execute(
                f"create policy own_society on {table} using (society = current_setting('tracing.society', true))"
            )


def downgrade() -> None:
    op.drop_index("ix_pre_check_hit_sought", table_name="pre_check_hit")
    op.drop_table("pre_check_hit")
    op.drop_index("ix_pre_check_at", table_name="pre_check")
    op.drop_table("pre_check")
