"""an approver may have to be of none of several teams"""

import sqlalchemy as sa
from alembic import op

revision = "2026_11_26_away_teams"
down_revision = "2026_11_26_partner_tokens"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("proposal") as table:
        table.alter_column("away_from", existing_type=sa.String(40), type_=sa.String(1000), existing_nullable=False)


def downgrade() -> None:
    with op.batch_alter_table("proposal") as table:
        table.alter_column("away_from", existing_type=sa.String(1000), type_=sa.String(40), existing_nullable=False)
