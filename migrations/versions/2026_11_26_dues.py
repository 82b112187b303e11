"""what the night asks: indexes, and which moment a task reminds of"""

import sqlalchemy as sa
from alembic import op

revision = "2026_11_26_dues"
down_revision = "2026_11_25_family"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("task", sa.Column("fell_due_at", sa.DateTime(timezone=True), nullable=True))
    op.create_index("ix_task_about", "task", ["society", "about_id", "kind"], unique=False)
    op.create_index("ix_proposal_waiting", "proposal", ["society", "standing", "proposed_at", "about_id"], unique=False)
    op.create_index(
        "ix_disclosure_case_deferred", "disclosure_case", ["society", "state", "defer_until", "id"], unique=False
    )


def downgrade() -> None:
    op.drop_index("ix_disclosure_case_deferred", table_name="disclosure_case")
    op.drop_index("ix_proposal_waiting", table_name="proposal")
    op.drop_index("ix_task_about", table_name="task")
    op.drop_column("task", "fell_due_at")
