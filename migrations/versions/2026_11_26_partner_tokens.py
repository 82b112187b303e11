"""where an access token for a partner is got, and as whom"""

import sqlalchemy as sa
from alembic import op

revision = "2026_11_26_partner_tokens"
down_revision = "2026_11_26_bundles"
branch_labels = None
depends_on = None

COLUMNS = {"token_endpoint": 300, "client_id": 120, "token_audience": 300, "token_scope": 200}


def upgrade() -> None:
    for name, length in COLUMNS.items():
        op.add_column("partner", sa.Column(name, sa.String(length), nullable=False, server_default=""))


def downgrade() -> None:
    for name in reversed(COLUMNS):
        op.drop_column("partner", name)
