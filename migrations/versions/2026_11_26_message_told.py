"""a telling may be of a message that was delivered"""

import sqlalchemy as sa
from alembic import op

revision = "2026_11_26_message_told"
down_revision = "2026_11_26_dues"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("telling") as table:
        table.add_column(sa.Column("message_id", sa.Uuid(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("telling") as table:
        table.drop_column("message_id")
