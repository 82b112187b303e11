"""what left of whom: whether an enquirer was named, and on which found persons words rest"""

import sqlalchemy as sa
from alembic import op

revision = "2026_11_26_copies"
down_revision = "2026_11_26_people"
branch_labels = None
depends_on = None

READ = ("consent", "exchange_case", "exchange_message", "partner")
NAMED = """
    update exchange_message set named = true
    where side = 'sent' and kind in ('request_search', 'share_for_information') and exists (
        select 1 from exchange_case c
        join partner p on p.society = c.society and p.id = c.partner_id
        join consent g on g.society = c.society and g.record_id = c.request_id
        where c.society = exchange_message.society and c.id = exchange_message.case_id
            and g.purpose = 'share_with_society' and g.decision = 'granted' and g.recipient in ('', p.code)
            and g.recorded_at <= coalesce(exchange_message.done_at, exchange_message.at)
    )
"""
"""Of what left before, the enquirer counts as named where they had agreed to it by then: taken back once too often
harms nobody."""


def upgrade() -> None:
    with op.batch_alter_table("exchange_message") as table:
        table.add_column(sa.Column("named", sa.Boolean(), nullable=False, server_default=sa.false()))
        table.add_column(sa.Column("found", sa.Text(), nullable=False, server_default=""))
    _force("no force")
    op.execute(NAMED)
    _force("force")
    with op.batch_alter_table("exchange_message") as table:
        table.alter_column("named", server_default=None)
        table.alter_column("found", server_default=None)


def _force(how: str) -> None:
    """Let the owner of the tables see every society's rows, or none any more."""
    if op.get_bind().dialect.name == "postgresql":
        for table in READ:
            op.execute(f"alter table {table} {how} row level security")


def downgrade() -> None:
    with op.batch_alter_table("exchange_message") as table:
        table.drop_column("found")
        table.drop_column("named")
