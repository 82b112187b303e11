"""webhooks: endpoints, how far each was told, deliveries"""

import sqlalchemy as sa
from alembic import op

revision = "2026_11_26_webhooks"
down_revision = "2026_11_26_partners"
branch_labels = None
depends_on = None

SHUT = ("webhook", "webhook_progress", "webhook_delivery")


def upgrade() -> None:
    op.create_table(
        "webhook",
        sa.Column("society", sa.String(8), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("origin", sa.String(300), nullable=False),
        sa.Column("events", sa.String(1000), nullable=False),
        sa.Column("key_id", sa.Uuid(), nullable=False),
        sa.Column("details", sa.LargeBinary(), nullable=False),
        sa.Column("disabled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("disabled_for", sa.String(40), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["society", "owner_id"], ["account.society", "account.id"]),
        sa.PrimaryKeyConstraint("society", "id"),
    )
    op.create_table(
        "webhook_progress",
        sa.Column("society", sa.String(8), nullable=False),
        sa.Column("webhook_id", sa.Uuid(), nullable=False),
        sa.Column("cursor", sa.BigInteger(), nullable=False),
        sa.Column("leased_until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("losses", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["society", "webhook_id"], ["webhook.society", "webhook.id"]),
        sa.PrimaryKeyConstraint("society", "webhook_id"),
    )
    op.create_table(
        "webhook_delivery",
        sa.Column("society", sa.String(8), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("webhook_id", sa.Uuid(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=True),
        sa.Column("event", sa.String(40), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=True),
        sa.Column("happened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.String(40), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("last_status", sa.Integer(), nullable=True),
        sa.Column("last_trouble", sa.String(40), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["society", "webhook_id"], ["webhook.society", "webhook.id"]),
        sa.PrimaryKeyConstraint("society", "id"),
        sa.UniqueConstraint("society", "webhook_id", "seq"),
    )
    op.create_index(
        "ix_webhook_delivery_pending", "webhook_delivery", ["society", "webhook_id", "state", "seq"], unique=False
    )
    op.create_index(
        "ix_webhook_delivery_list", "webhook_delivery", ["society", "webhook_id", "happened_at", "id"], unique=False
    )
    if op.get_bind().dialect.name == "postgresql":
        for table in SHUT:
            op.execute(f"alter table {table} enable row level security")
            op.execute(f"alter table {table} force row level security")
            op.execute(
                f"create policy own_society on {table} using (society = current_setting('tracing.society', true))"
            )


def downgrade() -> None:
    op.drop_table("webhook_delivery")
    op.drop_table("webhook_progress")
    op.drop_table("webhook")
