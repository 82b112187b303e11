"""originals of PFIF records that were imported"""

import sqlalchemy as sa
from alembic import op

revision = "2026_11_26_pfif"
down_revision = "2026_11_26_webhooks"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "pfif_copy",
        sa.Column("society", sa.String(8), nullable=False),
        sa.Column("key_id", sa.Uuid(), nullable=False),
        sa.Column("details", sa.LargeBinary(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("record_id", sa.Uuid(), nullable=False),
        sa.Column("source_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("imported_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("imported_by", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["society", "record_id"], ["record.society", "record.id"]),
        sa.PrimaryKeyConstraint("society", "id"),
    )
    op.create_index("ix_pfif_copy_record", "pfif_copy", ["society", "record_id"], unique=False)
    if op.get_bind().dialect.name == "postgresql":
        op.execute("alter table pfif_copy enable row level security")
        op.execute("alter table pfif_copy force row level security")
        op.execute("create policy own_society on pfif_copy using (society = current_setting('tracing.society', true))")


def downgrade() -> None:
    op.drop_index("ix_pfif_copy_record", table_name="pfif_copy")
    op.drop_table("pfif_copy")
