"""where an access token for a partner is got, and how many of its messages came again"""

import sqlalchemy as sa
from alembic import op

revision = "2026_11_26_partner_tokens"
down_revision = "2026_11_26_bundles"
branch_labels = None
depends_on = None

TEXTS = {"token_endpoint": 300, "client_id": 120, "token_audience": 300, "token_scope": 200}


def upgrade() -> None:
    for name, length in TEXTS.items():
        op.add_column("partner", sa.Column(name, sa.String(length), nullable=False, server_default=""))
    op.add_column("partner", sa.Column("again", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("partner", sa.Column("again_since", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    for name in ("again_since", "again", *reversed(TEXTS)):
        op.drop_column("partner", name)
