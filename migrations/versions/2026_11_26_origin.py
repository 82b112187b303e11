"""a record that came from elsewhere says from where"""

import sqlalchemy as sa
from alembic import op

revision = "2026_11_26_origin"
down_revision = "2026_11_26_message_told"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("record", sa.Column("origin", sa.String(length=80), nullable=False, server_default=""))


def downgrade() -> None:
    op.drop_column("record", "origin")
