"""PFIF notes whose person has not come; the home of PFIF copies; tasks that are about no record"""

import sqlalchemy as sa
from alembic import op

revision = "2026_11_26_people"
down_revision = "2026_11_26_away_teams"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "pfif_note",
        sa.Column("society", sa.String(8), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_hash", sa.String(64), nullable=False),
        sa.Column("mark", sa.String(64), nullable=False),
        sa.Column("home", sa.String(80), nullable=False),
        sa.Column("key_id", sa.Uuid(), nullable=False),
        sa.Column("details", sa.LargeBinary(), nullable=False),
        sa.Column("imported_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("imported_by", sa.Uuid(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("society", "id"),
        sa.UniqueConstraint("society", "person_hash", "mark"),
    )
    op.create_index("ix_pfif_note_expires", "pfif_note", ["society", "expires_at", "id"], unique=False)
    op.create_index("ix_pfif_note_home", "pfif_note", ["society", "home", "imported_at"], unique=False)
    op.add_column("pfif_copy", sa.Column("home", sa.String(80), nullable=False, server_default=""))
    op.create_index("ix_pfif_copy_home", "pfif_copy", ["society", "home", "imported_at"], unique=False)
    with op.batch_alter_table("task") as task:
        task.alter_column("record_id", existing_type=sa.Uuid(), nullable=True)
    if op.get_bind().dialect.name == "postgresql":
        op.execute("alter table pfif_note enable row level security")
        op.execute("alter table pfif_note force row level security")
        op.execute("create policy own_society on pfif_note using (society = current_setting('tracing.society', true))")


def downgrade() -> None:
    shut = op.get_bind().dialect.name == "postgresql"
    if shut:  # whoever migrates acts for no society, and would see no task
        op.execute("alter table task no force row level security")
    op.execute("delete from task where record_id is null")
    if shut:
        op.execute("alter table task force row level security")
    with op.batch_alter_table("task") as task:
        task.alter_column("record_id", existing_type=sa.Uuid(), nullable=False)
    op.drop_index("ix_pfif_copy_home", table_name="pfif_copy")
    op.drop_column("pfif_copy", "home")
    op.drop_index("ix_pfif_note_home", table_name="pfif_note")
    op.drop_index("ix_pfif_note_expires", table_name="pfif_note")
    op.drop_table("pfif_note")
