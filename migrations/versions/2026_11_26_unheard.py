"""what a partner society took back, or told only until now, stays on record where the enquirer had been told it"""

import sqlalchemy as sa
from alembic import op

revision = "2026_11_26_unheard"
down_revision = "2026_11_26_copies"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("partner_answer") as table:
        table.add_column(sa.Column("over", sa.Boolean(), nullable=False, server_default=sa.false()))
    with op.batch_alter_table("partner_answer") as table:
        table.alter_column("over", server_default=None)


def downgrade() -> None:
    with op.batch_alter_table("partner_answer") as table:
        table.drop_column("over")
