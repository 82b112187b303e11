"""the registers and the first features"""

import sqlalchemy as sa
from alembic import op

revision = "2026_11_23_first"
down_revision = None
branch_labels = None
depends_on = None

# Accounts and tokens are looked up before anybody knows whose society is asking.
SHUT = (
    "consent",
    "decision",
    "idempotency_key",
    "match_key",
    "match_run",
    "match_shard",
    "record",
    "sighting",
    "sought_person",
    "suggestion",
    "tracing_request",
    "trail_entry",
    "trail_head",
)


def upgrade() -> None:
    op.create_table(
        "idempotency_key",
        sa.Column("society", sa.String(8), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("key_hash", sa.String(64), nullable=False),
        sa.Column("fingerprint", sa.String(64), nullable=False),
        sa.Column("made_id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("society", "account_id", "key_hash"),
    )
    op.create_table(
        "match_key",
        sa.Column("society", sa.String(8), nullable=False),
        sa.Column("key", sa.BigInteger(), nullable=False),
        sa.Column("record_id", sa.Uuid(), nullable=False),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("shard", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("society", "key", "record_id", "epoch"),
    )
    op.create_index("ix_match_key_record", "match_key", ["society", "record_id"], unique=False)

    op.create_table(
        "match_run",
        sa.Column("society", sa.String(8), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.String(40), nullable=False),
        sa.Column("engine_version", sa.String(60), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("started_by", sa.Uuid(), nullable=False),
        sa.Column("alive_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("stop_asked", sa.Boolean(), nullable=False),
        sa.Column("due", sa.Integer(), nullable=False),
        sa.Column("pool", sa.Integer(), nullable=False),
        sa.Column("shards", sa.Integer(), nullable=False),
        sa.Column("forgotten", sa.Integer(), nullable=False),
        sa.Column("blocks_passed_over", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("society", "id"),
    )
    op.create_index("ix_match_run_started", "match_run", ["society", "started_at"], unique=False)

    op.create_table(
        "record",
        sa.Column("society", sa.String(8), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("parent_id", sa.Uuid(), nullable=True),
        sa.Column("key_id", sa.Uuid(), nullable=False),
        sa.Column("team", sa.String(40), nullable=False),
        sa.Column("assignee_id", sa.Uuid(), nullable=True),
        sa.Column("sensitivity", sa.String(40), nullable=False),
        sa.Column("purposes", sa.Integer(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("match_until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("retain_until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("matched_as", sa.String(64), nullable=False),
        sa.Column("match_due", sa.Boolean(), nullable=False),
        sa.Column("matchable", sa.Boolean(), nullable=False),
        sa.Column("hidden_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("forgotten_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("home_hash", sa.String(64), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("society", "id"),
        sa.UniqueConstraint("society", "home_hash"),
    )
    op.create_index("ix_record_due", "record", ["society", "match_due"], unique=False)
    op.create_index("ix_record_parent", "record", ["society", "parent_id"], unique=False)

    op.create_table(
        "society",
        sa.Column("code", sa.String(8), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("code"),
    )
    op.create_table(
        "token",
        sa.Column("society", sa.String(8), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("secret_hash", sa.String(64), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("scope", sa.String(1000), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_token_account", "token", ["society", "account_id"], unique=False)

    op.create_table(
        "trail_entry",
        sa.Column("society", sa.String(8), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("worker_id", sa.Uuid(), nullable=False),
        sa.Column("act", sa.String(60), nullable=False),
        sa.Column("outcome", sa.String(20), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=True),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("request_id", sa.String(64), nullable=False),
        sa.Column("link", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("society", "seq"),
    )
    op.create_index("ix_trail_subject", "trail_entry", ["society", "subject_id"], unique=False)

    op.create_table(
        "trail_head",
        sa.Column("society", sa.String(8), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("link", sa.String(64), nullable=False),
        sa.Column("seal", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("society"),
    )
    op.create_table(
        "account",
        sa.Column("society", sa.String(8), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("label", sa.String(60), nullable=False),
        sa.Column("role", sa.String(40), nullable=False),
        sa.Column("team", sa.String(40), nullable=False),
        sa.Column("worker_id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("disabled_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["society"],
            ["society.code"],
        ),
        sa.PrimaryKeyConstraint("society", "id"),
        sa.UniqueConstraint("society", "label"),
    )
    op.create_table(
        "consent",
        sa.Column("society", sa.String(8), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("record_id", sa.Uuid(), nullable=False),
        sa.Column("purpose", sa.String(40), nullable=False),
        sa.Column("recipient", sa.String(40), nullable=False),
        sa.Column("decision", sa.String(40), nullable=False),
        sa.Column("lawful_basis", sa.String(40), nullable=False),
        sa.Column("given_by", sa.String(40), nullable=False),
        sa.Column("obtained", sa.String(40), nullable=False),
        sa.Column("notice_version", sa.String(40), nullable=False),
        sa.Column("valid_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["society", "record_id"],
            ["record.society", "record.id"],
        ),
        sa.PrimaryKeyConstraint("society", "id"),
    )
    op.create_index("ix_consent_record", "consent", ["society", "record_id"], unique=False)

    op.create_table(
        "match_shard",
        sa.Column("society", sa.String(8), nullable=False),
        sa.Column("run_id", sa.Uuid(), nullable=False),
        sa.Column("shard", sa.Integer(), nullable=False),
        sa.Column("pairs", sa.BigInteger(), nullable=False),
        sa.Column("suggested", sa.Integer(), nullable=False),
        sa.Column("resurfaced", sa.Integer(), nullable=False),
        sa.Column("stale", sa.Integer(), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["society", "run_id"],
            ["match_run.society", "match_run.id"],
        ),
        sa.PrimaryKeyConstraint("society", "run_id", "shard"),
    )
    op.create_table(
        "sighting",
        sa.Column("society", sa.String(8), nullable=False),
        sa.Column("key_id", sa.Uuid(), nullable=False),
        sa.Column("details", sa.LargeBinary(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("state", sa.String(40), nullable=False),
        sa.Column("flags", sa.String(200), nullable=False),
        sa.Column("reason", sa.String(40), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["society", "id"],
            ["record.society", "record.id"],
        ),
        sa.PrimaryKeyConstraint("society", "id"),
    )
    op.create_index("ix_sighting_created", "sighting", ["society", "created_at", "id"], unique=False)

    op.create_table(
        "suggestion",
        sa.Column("society", sa.String(8), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("left_id", sa.Uuid(), nullable=False),
        sa.Column("right_id", sa.Uuid(), nullable=False),
        sa.Column("right_kind", sa.String(40), nullable=False),
        sa.Column("state", sa.String(40), nullable=False),
        sa.Column("weight", sa.Float(), nullable=False),
        sa.Column("probability", sa.Float(), nullable=False),
        sa.Column("prior", sa.Float(), nullable=False),
        sa.Column("band", sa.String(10), nullable=False),
        sa.Column("levels", sa.String(200), nullable=False),
        sa.Column("bits", sa.String(400), nullable=False),
        sa.Column("engine_version", sa.String(60), nullable=False),
        sa.Column("left_as", sa.String(64), nullable=False),
        sa.Column("right_as", sa.String(64), nullable=False),
        sa.Column("resurface_reason", sa.String(60), nullable=True),
        sa.Column("run_id", sa.Uuid(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["society", "left_id"],
            ["record.society", "record.id"],
        ),
        sa.ForeignKeyConstraint(
            ["society", "right_id"],
            ["record.society", "record.id"],
        ),
        sa.PrimaryKeyConstraint("society", "id"),
        sa.UniqueConstraint("society", "left_id", "right_id"),
    )
    op.create_index(
        "ix_suggestion_queue", "suggestion", ["society", "state", "band", "probability", "id"], unique=False
    )
    op.create_index("ix_suggestion_right", "suggestion", ["society", "right_id"], unique=False)

    op.create_table(
        "tracing_request",
        sa.Column("society", sa.String(8), nullable=False),
        sa.Column("key_id", sa.Uuid(), nullable=False),
        sa.Column("details", sa.LargeBinary(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case_type", sa.String(40), nullable=False),
        sa.Column("intake_channel", sa.String(40), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["society", "id"],
            ["record.society", "record.id"],
        ),
        sa.PrimaryKeyConstraint("society", "id"),
    )
    op.create_index("ix_tracing_request_created", "tracing_request", ["society", "created_at", "id"], unique=False)

    op.create_table(
        "decision",
        sa.Column("society", sa.String(8), nullable=False),
        sa.Column("key_id", sa.Uuid(), nullable=False),
        sa.Column("details", sa.LargeBinary(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("suggestion_id", sa.Uuid(), nullable=False),
        sa.Column("left_id", sa.Uuid(), nullable=False),
        sa.Column("right_id", sa.Uuid(), nullable=False),
        sa.Column("verdict", sa.String(40), nullable=False),
        sa.Column("reason", sa.String(40), nullable=False),
        sa.Column("led_to", sa.String(40), nullable=False),
        sa.Column("decided_by", sa.Uuid(), nullable=False),
        sa.Column("worker_id", sa.Uuid(), nullable=False),
        sa.Column("left_as", sa.String(64), nullable=False),
        sa.Column("right_as", sa.String(64), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["society", "suggestion_id"],
            ["suggestion.society", "suggestion.id"],
        ),
        sa.PrimaryKeyConstraint("society", "id"),
    )
    op.create_index("ix_decision_suggestion", "decision", ["society", "suggestion_id", "decided_at"], unique=False)

    op.create_table(
        "sought_person",
        sa.Column("society", sa.String(8), nullable=False),
        sa.Column("key_id", sa.Uuid(), nullable=False),
        sa.Column("details", sa.LargeBinary(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("request_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(40), nullable=False),
        sa.Column("reason", sa.String(40), nullable=True),
        sa.Column("priority", sa.String(20), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["society", "id"],
            ["record.society", "record.id"],
        ),
        sa.ForeignKeyConstraint(
            ["society", "request_id"],
            ["tracing_request.society", "tracing_request.id"],
        ),
        sa.PrimaryKeyConstraint("society", "id"),
    )
    op.create_index("ix_sought_person_request", "sought_person", ["society", "request_id"], unique=False)
    if op.get_bind().dialect.name == "postgresql":
        for table in SHUT:
            op.execute(f"alter table {table} enable row level security")
            op.execute(f"alter table {table} force row level security")
            op.execute(
                f"create policy own_society on {table} using (society = current_setting('tracing.society', true))"
            )


def downgrade() -> None:
    op.drop_index("ix_sought_person_request", "sought_person")
    op.drop_table("sought_person")
    op.drop_index("ix_decision_suggestion", "decision")
    op.drop_table("decision")
    op.drop_index("ix_tracing_request_created", "tracing_request")
    op.drop_table("tracing_request")
    op.drop_index("ix_suggestion_right", "suggestion")
    op.drop_index("ix_suggestion_queue", "suggestion")
    op.drop_table("suggestion")
    op.drop_index("ix_sighting_created", "sighting")
    op.drop_table("sighting")
    op.drop_table("match_shard")
    op.drop_index("ix_consent_record", "consent")
    op.drop_table("consent")
    op.drop_table("account")
    op.drop_table("trail_head")
    op.drop_index("ix_trail_subject", "trail_entry")
    op.drop_table("trail_entry")
    op.drop_index("ix_token_account", "token")
    op.drop_table("token")
    op.drop_table("society")
    op.drop_index("ix_record_parent", "record")
    op.drop_index("ix_record_due", "record")
    op.drop_table("record")
    op.drop_index("ix_match_run_started", "match_run")
    op.drop_table("match_run")
    op.drop_index("ix_match_key_record", "match_key")
    op.drop_table("match_key")
    op.drop_table("idempotency_key")
