"""partner societies, their keys and ours, and what is exchanged with them"""

import sqlalchemy as sa
from alembic import op

revision = "2026_11_26_partners"
down_revision = "2026_11_26_origin"
branch_labels = None
depends_on = None

SHUT = (
    "own_key",
    "seen_nonce",
    "partner",
    "partner_key",
    "exchange_case",
    "exchange_message",
    "exchange_words",
    "partner_answer",
)


def upgrade() -> None:
    op.create_table(
        "own_key",
        sa.Column("society", sa.String(8), nullable=False),
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("use", sa.String(40), nullable=False),
        sa.Column("public", sa.String(120), nullable=False),
        sa.Column("key_id", sa.Uuid(), nullable=False),
        sa.Column("secret", sa.LargeBinary(), nullable=False),
        sa.Column("not_after", sa.DateTime(timezone=True), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("retired_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("society", "id"),
    )
    op.create_table(
        "seen_nonce",
        sa.Column("society", sa.String(8), nullable=False),
        sa.Column("key_id", sa.String(64), nullable=False),
        sa.Column("nonce", sa.String(64), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("society", "key_id", "nonce"),
    )
    op.create_index("ix_seen_nonce_at", "seen_nonce", ["society", "at"], unique=False)
    op.create_table(
        "partner",
        sa.Column("society", sa.String(8), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.String(8), nullable=False),
        sa.Column("origin", sa.String(200), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("channels", sa.String(40), nullable=False),
        sa.Column("kinds", sa.String(300), nullable=False),
        sa.Column("messages_a_day", sa.Integer(), nullable=False),
        sa.Column("open_searches", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["society", "account_id"],
            ["account.society", "account.id"],
        ),
        sa.PrimaryKeyConstraint("society", "id"),
        sa.UniqueConstraint("society", "code"),
    )
    op.create_table(
        "exchange_case",
        sa.Column("society", sa.String(8), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("partner_id", sa.Uuid(), nullable=False),
        sa.Column("side", sa.String(40), nullable=False),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("opened_by", sa.Uuid(), nullable=False),
        sa.Column("request_id", sa.Uuid(), nullable=False),
        sa.Column("sought_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.String(40), nullable=False),
        sa.Column("reason", sa.String(40), nullable=False),
        sa.Column("handle", sa.Uuid(), nullable=True),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("heard_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("acknowledged_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["society", "partner_id"],
            ["partner.society", "partner.id"],
        ),
        sa.ForeignKeyConstraint(
            ["society", "sought_id"],
            ["record.society", "record.id"],
        ),
        sa.PrimaryKeyConstraint("society", "id"),
        sa.UniqueConstraint("society", "partner_id", "side", "opened_by"),
    )
    op.create_index("ix_exchange_case_created", "exchange_case", ["society", "created_at", "id"], unique=False)
    op.create_index("ix_exchange_case_expires", "exchange_case", ["society", "state", "expires_at"], unique=False)
    op.create_index("ix_exchange_case_sought", "exchange_case", ["society", "sought_id"], unique=False)
    op.create_table(
        "exchange_message",
        sa.Column("society", sa.String(8), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("partner_id", sa.Uuid(), nullable=False),
        sa.Column("side", sa.String(40), nullable=False),
        sa.Column("message_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=True),
        sa.Column("about", sa.Uuid(), nullable=True),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("progress", sa.String(40), nullable=False),
        sa.Column("code", sa.String(40), nullable=False),
        sa.Column("reason", sa.String(40), nullable=False),
        sa.Column("finding", sa.String(40), nullable=False),
        sa.Column("release_id", sa.Uuid(), nullable=True),
        sa.Column("words_id", sa.Uuid(), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("trouble", sa.String(40), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("not_before", sa.DateTime(timezone=True), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("by", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["society", "partner_id"],
            ["partner.society", "partner.id"],
        ),
        sa.PrimaryKeyConstraint("society", "id"),
        sa.UniqueConstraint("society", "partner_id", "side", "message_id"),
    )
    op.create_index("ix_exchange_message_at", "exchange_message", ["society", "partner_id", "side", "at"], unique=False)
    op.create_index("ix_exchange_message_case", "exchange_message", ["society", "case_id", "at"], unique=False)
    op.create_index(
        "ix_exchange_message_number", "exchange_message", ["society", "partner_id", "side", "number"], unique=False
    )
    op.create_index(
        "ix_exchange_message_waiting", "exchange_message", ["society", "progress", "not_before"], unique=False
    )
    op.create_table(
        "partner_key",
        sa.Column("society", sa.String(8), nullable=False),
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("partner_id", sa.Uuid(), nullable=False),
        sa.Column("use", sa.String(40), nullable=False),
        sa.Column("public", sa.String(120), nullable=False),
        sa.Column("not_after", sa.DateTime(timezone=True), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["society", "partner_id"],
            ["partner.society", "partner.id"],
        ),
        sa.PrimaryKeyConstraint("society", "id"),
    )
    op.create_index("ix_partner_key_partner", "partner_key", ["society", "partner_id"], unique=False)
    op.create_table(
        "exchange_words",
        sa.Column("society", sa.String(8), nullable=False),
        sa.Column("key_id", sa.Uuid(), nullable=False),
        sa.Column("details", sa.LargeBinary(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("sought_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["society", "case_id"],
            ["exchange_case.society", "exchange_case.id"],
        ),
        sa.ForeignKeyConstraint(
            ["society", "sought_id"],
            ["record.society", "record.id"],
        ),
        sa.PrimaryKeyConstraint("society", "id"),
    )
    op.create_index("ix_exchange_words_case", "exchange_words", ["society", "case_id"], unique=False)

    op.create_table(
        "partner_answer",
        sa.Column("society", sa.String(8), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("sought_id", sa.Uuid(), nullable=False),
        sa.Column("level", sa.String(40), nullable=False),
        sa.Column("heard_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["society", "sought_id"], ["record.society", "record.id"]),
        sa.PrimaryKeyConstraint("society", "id"),
    )
    op.create_index("ix_partner_answer_sought", "partner_answer", ["society", "sought_id", "heard_at"], unique=False)
    with op.batch_alter_table("telling") as table:
        table.add_column(sa.Column("answer_id", sa.Uuid(), nullable=True))
    if op.get_bind().dialect.name == "postgresql":
        for table in SHUT:
            op.execute(f"alter table {table} enable row level security")
            op.execute(f"alter table {table} force row level security")
            op.execute(
                f"create policy own_society on {table} using (society = current_setting('tracing.society', true))"
            )


def downgrade() -> None:
    with op.batch_alter_table("telling") as table:
        table.drop_column("answer_id")
    op.drop_index("ix_partner_answer_sought", table_name="partner_answer")
    op.drop_table("partner_answer")

    op.drop_index("ix_exchange_words_case", table_name="exchange_words")
    op.drop_table("exchange_words")
    op.drop_index("ix_partner_key_partner", table_name="partner_key")
    op.drop_table("partner_key")
    op.drop_index("ix_exchange_message_waiting", table_name="exchange_message")
    op.drop_index("ix_exchange_message_number", table_name="exchange_message")
    op.drop_index("ix_exchange_message_case", table_name="exchange_message")
    op.drop_index("ix_exchange_message_at", table_name="exchange_message")
    op.drop_table("exchange_message")
    op.drop_index("ix_exchange_case_sought", table_name="exchange_case")
    op.drop_index("ix_exchange_case_expires", table_name="exchange_case")
    op.drop_index("ix_exchange_case_created", table_name="exchange_case")
    op.drop_table("exchange_case")
    op.drop_table("partner")
    op.drop_index("ix_seen_nonce_at", table_name="seen_nonce")
    op.drop_table("seen_nonce")
    op.drop_table("own_key")
