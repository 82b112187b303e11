"""bundles to and from partner societies"""

import sqlalchemy as sa
from alembic import op

revision = "2026_11_26_bundles"
down_revision = "2026_11_26_pre_check"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "exchange_bundle",
        sa.Column("society", sa.String(8), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("partner_id", sa.Uuid(), nullable=False),
        sa.Column("side", sa.String(40), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("begins", sa.BigInteger(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("refused", sa.Text(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["society", "partner_id"], ["partner.society", "partner.id"]),
        sa.PrimaryKeyConstraint("society", "id"),
        sa.UniqueConstraint("society", "partner_id", "side", "number"),
    )
    if op.get_bind().dialect.name == "postgresql":
        op.execute("alter table exchange_bundle enable row level security")
        op.execute("alter table exchange_bundle force row level security")
        op.execute(
            "create policy own_society on exchange_bundle using (society = current_setting('tracing.society', true))"
        )


def downgrade() -> None:
    op.drop_table("exchange_bundle")
