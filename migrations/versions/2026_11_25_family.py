"""from a confirmed match to the family: verification, disclosure, messages, rights"""

from datetime import timedelta

import sqlalchemy as sa
from alembic import op

revision = "2026_11_25_family"
down_revision = "2026_11_23_first"
branch_labels = None
depends_on = None

RECONFIRM = timedelta(days=90)  # the default of `reconfirm_days`

SHUT = (
    "broken_glass",
    "case_code",
    "closure",
    "contact_attempt",
    "contact_schedule",
    "disclosure_answer",
    "disclosure_case",
    "disclosure_release",
    "family_message",
    "fate_report",
    "interview",
    "proposal",
    "risk_screen",
    "status_entry",
    "subject_request",
    "suppression",
    "task",
    "telling",
    "verification",
)


def upgrade() -> None:
    op.create_table(
        "suppression",
        sa.Column("society", sa.String(8), nullable=False),
        sa.Column("hash", sa.String(64), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("society", "hash"),
    )
    op.create_table(
        "broken_glass",
        sa.Column("society", sa.String(8), nullable=False),
        sa.Column("key_id", sa.Uuid(), nullable=False),
        sa.Column("details", sa.LargeBinary(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("record_id", sa.Uuid(), nullable=False),
        sa.Column("reason", sa.String(40), nullable=False),
        sa.Column("broken_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("broken_by", sa.Uuid(), nullable=False),
        sa.Column("worker_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["society", "record_id"],
            ["record.society", "record.id"],
        ),
        sa.PrimaryKeyConstraint("society", "id"),
    )
    op.create_index("ix_broken_glass_record", "broken_glass", ["society", "record_id", "worker_id"], unique=False)
    op.create_table(
        "case_code",
        sa.Column("society", sa.String(8), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.String(20), nullable=False),
        sa.Column("request_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("issued_by", sa.Uuid(), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["society", "request_id"],
            ["record.society", "record.id"],
        ),
        sa.PrimaryKeyConstraint("society", "id"),
        sa.UniqueConstraint("society", "account_id"),
        sa.UniqueConstraint("society", "code"),
    )
    op.create_index("ix_case_code_request", "case_code", ["society", "request_id"], unique=False)
    op.create_table(
        "closure",
        sa.Column("society", sa.String(8), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("sought_id", sa.Uuid(), nullable=False),
        sa.Column("reason", sa.String(40), nullable=False),
        sa.Column("telling_id", sa.Uuid(), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_by", sa.Uuid(), nullable=False),
        sa.Column("worker_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["society", "sought_id"],
            ["record.society", "record.id"],
        ),
        sa.PrimaryKeyConstraint("society", "id"),
    )
    op.create_index("ix_closure_sought", "closure", ["society", "sought_id", "closed_at"], unique=False)
    op.create_table(
        "contact_attempt",
        sa.Column("society", sa.String(8), nullable=False),
        sa.Column("key_id", sa.Uuid(), nullable=False),
        sa.Column("details", sa.LargeBinary(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("record_id", sa.Uuid(), nullable=False),
        sa.Column("channel", sa.String(40), nullable=False),
        sa.Column("purpose", sa.String(40), nullable=False),
        sa.Column("result", sa.String(40), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.Uuid(), nullable=False),
        sa.Column("worker_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["society", "record_id"],
            ["record.society", "record.id"],
        ),
        sa.PrimaryKeyConstraint("society", "id"),
    )
    op.create_index("ix_contact_attempt_record", "contact_attempt", ["society", "record_id", "made_at"], unique=False)
    op.create_table(
        "contact_schedule",
        sa.Column("society", sa.String(8), nullable=False),
        sa.Column("record_id", sa.Uuid(), nullable=False),
        sa.Column("reconfirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["society", "record_id"],
            ["record.society", "record.id"],
        ),
        sa.PrimaryKeyConstraint("society", "record_id"),
    )
    op.create_index("ix_contact_schedule_due", "contact_schedule", ["society", "due_at", "record_id"], unique=False)
    op.create_index(
        "ix_contact_schedule_expires", "contact_schedule", ["society", "expires_at", "record_id"], unique=False
    )
    op.create_table(
        "disclosure_answer",
        sa.Column("society", sa.String(8), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("found_id", sa.Uuid(), nullable=False),
        sa.Column("sought_id", sa.Uuid(), nullable=False),
        sa.Column("answer", sa.String(40), nullable=False),
        sa.Column("level", sa.String(40), nullable=False),
        sa.Column("given_by", sa.String(40), nullable=False),
        sa.Column("obtained", sa.String(40), nullable=False),
        sa.Column("valid_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.Uuid(), nullable=False),
        sa.Column("worker_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["society", "found_id"],
            ["record.society", "record.id"],
        ),
        sa.ForeignKeyConstraint(
            ["society", "sought_id"],
            ["record.society", "record.id"],
        ),
        sa.PrimaryKeyConstraint("society", "id"),
    )
    op.create_index(
        "ix_disclosure_answer_pair", "disclosure_answer", ["society", "found_id", "sought_id"], unique=False
    )
    op.create_table(
        "family_message",
        sa.Column("society", sa.String(8), nullable=False),
        sa.Column("key_id", sa.Uuid(), nullable=False),
        sa.Column("details", sa.LargeBinary(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("found_id", sa.Uuid(), nullable=False),
        sa.Column("sought_id", sa.Uuid(), nullable=False),
        sa.Column("direction", sa.String(40), nullable=False),
        sa.Column("state", sa.String(40), nullable=False),
        sa.Column("reason", sa.String(40), nullable=True),
        sa.Column("entered_by", sa.Uuid(), nullable=False),
        sa.Column("worker_id", sa.Uuid(), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["society", "found_id"],
            ["record.society", "record.id"],
        ),
        sa.ForeignKeyConstraint(
            ["society", "sought_id"],
            ["record.society", "record.id"],
        ),
        sa.PrimaryKeyConstraint("society", "id"),
    )
    op.create_index(
        "ix_family_message_pair", "family_message", ["society", "sought_id", "found_id", "created_at"], unique=False
    )
    op.create_index("ix_family_message_state", "family_message", ["society", "state", "created_at"], unique=False)
    op.create_table(
        "fate_report",
        sa.Column("society", sa.String(8), nullable=False),
        sa.Column("key_id", sa.Uuid(), nullable=False),
        sa.Column("details", sa.LargeBinary(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("sought_id", sa.Uuid(), nullable=False),
        sa.Column("finding", sa.String(40), nullable=False),
        sa.Column("source", sa.String(40), nullable=False),
        sa.Column("state", sa.String(40), nullable=False),
        sa.Column("reported_by", sa.Uuid(), nullable=False),
        sa.Column("worker_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["society", "sought_id"],
            ["record.society", "record.id"],
        ),
        sa.PrimaryKeyConstraint("society", "id"),
    )
    op.create_index("ix_fate_report_sought", "fate_report", ["society", "sought_id", "created_at"], unique=False)
    op.create_table(
        "proposal",
        sa.Column("society", sa.String(8), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("act", sa.String(40), nullable=False),
        sa.Column("record_id", sa.Uuid(), nullable=False),
        sa.Column("about_id", sa.Uuid(), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("away_from", sa.String(40), nullable=False),
        sa.Column("standing", sa.String(40), nullable=False),
        sa.Column("proposed_by", sa.Uuid(), nullable=False),
        sa.Column("proposer_worker", sa.Uuid(), nullable=False),
        sa.Column("proposed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("settled_by", sa.Uuid(), nullable=True),
        sa.Column("settler_worker", sa.Uuid(), nullable=True),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["society", "record_id"],
            ["record.society", "record.id"],
        ),
        sa.PrimaryKeyConstraint("society", "id"),
    )
    op.create_index("ix_proposal_about", "proposal", ["society", "about_id"], unique=False)
    op.create_table(
        "risk_screen",
        sa.Column("society", sa.String(8), nullable=False),
        sa.Column("key_id", sa.Uuid(), nullable=False),
        sa.Column("details", sa.LargeBinary(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("found_id", sa.Uuid(), nullable=False),
        sa.Column("sought_id", sa.Uuid(), nullable=False),
        sa.Column("verdict", sa.String(40), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("made_by", sa.Uuid(), nullable=False),
        sa.Column("worker_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["society", "found_id"],
            ["record.society", "record.id"],
        ),
        sa.ForeignKeyConstraint(
            ["society", "sought_id"],
            ["record.society", "record.id"],
        ),
        sa.PrimaryKeyConstraint("society", "id"),
    )
    op.create_index("ix_risk_screen_pair", "risk_screen", ["society", "found_id", "sought_id", "made_at"], unique=False)
    op.create_table(
        "status_entry",
        sa.Column("society", sa.String(8), nullable=False),
        sa.Column("request_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("status", sa.String(40), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("at_once", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["society", "request_id"],
            ["record.society", "record.id"],
        ),
        sa.PrimaryKeyConstraint("society", "request_id", "position", "version"),
    )
    op.create_table(
        "subject_request",
        sa.Column("society", sa.String(8), nullable=False),
        sa.Column("key_id", sa.Uuid(), nullable=False),
        sa.Column("details", sa.LargeBinary(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("record_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("state", sa.String(40), nullable=False),
        sa.Column("reason", sa.String(40), nullable=True),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("extended", sa.Boolean(), nullable=False),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("recorded_by", sa.Uuid(), nullable=False),
        sa.Column("worker_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["society", "record_id"],
            ["record.society", "record.id"],
        ),
        sa.PrimaryKeyConstraint("society", "id"),
    )
    op.create_index("ix_subject_request_due", "subject_request", ["society", "state", "due_at", "id"], unique=False)
    op.create_table(
        "task",
        sa.Column("society", sa.String(8), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("state", sa.String(40), nullable=False),
        sa.Column("record_id", sa.Uuid(), nullable=False),
        sa.Column("about_id", sa.Uuid(), nullable=True),
        sa.Column("mark", sa.String(120), nullable=False),
        sa.Column("team", sa.String(40), nullable=False),
        sa.Column("assignee_id", sa.Uuid(), nullable=True),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("settled_by", sa.Uuid(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["society", "record_id"],
            ["record.society", "record.id"],
        ),
        sa.PrimaryKeyConstraint("society", "id"),
        sa.UniqueConstraint("society", "mark"),
    )
    op.create_index("ix_task_queue", "task", ["society", "state", "due_at", "id"], unique=False)
    op.create_index("ix_task_record", "task", ["society", "record_id"], unique=False)
    op.create_table(
        "telling",
        sa.Column("society", sa.String(8), nullable=False),
        sa.Column("key_id", sa.Uuid(), nullable=False),
        sa.Column("details", sa.LargeBinary(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("sought_id", sa.Uuid(), nullable=False),
        sa.Column("release_id", sa.Uuid(), nullable=True),
        sa.Column("fate_id", sa.Uuid(), nullable=True),
        sa.Column("channel", sa.String(40), nullable=False),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("language", sa.String(3), nullable=False),
        sa.Column("support_offered", sa.Boolean(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.Uuid(), nullable=False),
        sa.Column("worker_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["society", "sought_id"],
            ["record.society", "record.id"],
        ),
        sa.PrimaryKeyConstraint("society", "id"),
    )
    op.create_index("ix_telling_sought", "telling", ["society", "sought_id", "told_at"], unique=False)
    op.create_table(
        "verification",
        sa.Column("society", sa.String(8), nullable=False),
        sa.Column("key_id", sa.Uuid(), nullable=False),
        sa.Column("details", sa.LargeBinary(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("suggestion_id", sa.Uuid(), nullable=False),
        sa.Column("sought_id", sa.Uuid(), nullable=False),
        sa.Column("found_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.String(40), nullable=False),
        sa.Column("opened_by", sa.Uuid(), nullable=False),
        sa.Column("worker_id", sa.Uuid(), nullable=False),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("settled_by", sa.Uuid(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["society", "found_id"],
            ["record.society", "record.id"],
        ),
        sa.ForeignKeyConstraint(
            ["society", "sought_id"],
            ["record.society", "record.id"],
        ),
        sa.ForeignKeyConstraint(
            ["society", "suggestion_id"],
            ["suggestion.society", "suggestion.id"],
        ),
        sa.PrimaryKeyConstraint("society", "id"),
    )
    op.create_index("ix_verification_pair", "verification", ["society", "sought_id", "found_id"], unique=False)
    op.create_table(
        "disclosure_case",
        sa.Column("society", sa.String(8), nullable=False),
        sa.Column("key_id", sa.Uuid(), nullable=False),
        sa.Column("details", sa.LargeBinary(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("found_id", sa.Uuid(), nullable=False),
        sa.Column("sought_id", sa.Uuid(), nullable=False),
        sa.Column("verification_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.String(40), nullable=False),
        sa.Column("defer_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["society", "found_id"],
            ["record.society", "record.id"],
        ),
        sa.ForeignKeyConstraint(
            ["society", "sought_id"],
            ["record.society", "record.id"],
        ),
        sa.ForeignKeyConstraint(
            ["society", "verification_id"],
            ["verification.society", "verification.id"],
        ),
        sa.PrimaryKeyConstraint("society", "id"),
        sa.UniqueConstraint("society", "found_id", "sought_id"),
    )
    op.create_index("ix_disclosure_case_sought", "disclosure_case", ["society", "sought_id"], unique=False)
    op.create_table(
        "interview",
        sa.Column("society", sa.String(8), nullable=False),
        sa.Column("key_id", sa.Uuid(), nullable=False),
        sa.Column("details", sa.LargeBinary(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("verification_id", sa.Uuid(), nullable=False),
        sa.Column("sought_id", sa.Uuid(), nullable=False),
        sa.Column("found_id", sa.Uuid(), nullable=False),
        sa.Column("side", sa.String(40), nullable=False),
        sa.Column("apart", sa.Boolean(), nullable=False),
        sa.Column("held_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.Uuid(), nullable=False),
        sa.Column("worker_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["society", "found_id"],
            ["record.society", "record.id"],
        ),
        sa.ForeignKeyConstraint(
            ["society", "sought_id"],
            ["record.society", "record.id"],
        ),
        sa.ForeignKeyConstraint(
            ["society", "verification_id"],
            ["verification.society", "verification.id"],
        ),
        sa.PrimaryKeyConstraint("society", "id"),
    )
    op.create_index("ix_interview_verification", "interview", ["society", "verification_id", "held_at"], unique=False)
    op.create_table(
        "disclosure_release",
        sa.Column("society", sa.String(8), nullable=False),
        sa.Column("key_id", sa.Uuid(), nullable=False),
        sa.Column("details", sa.LargeBinary(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("found_id", sa.Uuid(), nullable=False),
        sa.Column("sought_id", sa.Uuid(), nullable=False),
        sa.Column("level", sa.String(40), nullable=False),
        sa.Column("state", sa.String(40), nullable=False),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["society", "case_id"],
            ["disclosure_case.society", "disclosure_case.id"],
        ),
        sa.ForeignKeyConstraint(
            ["society", "found_id"],
            ["record.society", "record.id"],
        ),
        sa.ForeignKeyConstraint(
            ["society", "sought_id"],
            ["record.society", "record.id"],
        ),
        sa.PrimaryKeyConstraint("society", "id"),
    )
    op.create_index("ix_disclosure_release_case", "disclosure_release", ["society", "case_id"], unique=False)
    op.create_index("ix_record_expires", "record", ["society", "expires_at", "id"], unique=False)
    op.create_index("ix_sought_person_state", "sought_person", ["society", "state", "updated_at", "id"], unique=False)
    op.add_column("match_run", sa.Column("reminders", sa.Integer(), nullable=False, server_default="0"))
    _begin_schedules()
    if op.get_bind().dialect.name == "postgresql":
        for table in SHUT:
            op.execute(f"alter table {table} enable row level security")
            op.execute(f"alter table {table} force row level security")
            op.execute(
                f"create policy own_society on {table} using (society = current_setting('tracing.society', true))"
            )


def _begin_schedules() -> None:
    """Let the schedule of every request that is there begin with its registration, as that of a new one does."""
    bind = op.get_bind()
    moment = sa.DateTime(timezone=True)
    request = sa.table(
        "tracing_request", sa.column("society"), sa.column("id", sa.Uuid()), sa.column("created_at", moment)
    )
    schedule = sa.table(
        "contact_schedule", sa.column("society"), sa.column("record_id", sa.Uuid()), sa.column("due_at", moment)
    )
    codes = sa.select(sa.column("code", sa.String())).select_from(sa.table("society"))
    for society in bind.execute(codes).scalars().all():
        if bind.dialect.name == "postgresql":  # row-level security shows one society at a time
            bind.execute(sa.select(sa.func.set_config("tracing.society", society, True)))
        rows = bind.execute(sa.select(request.c.id, request.c.created_at).where(request.c.society == society)).all()
        due = [{"society": society, "record_id": row[0], "due_at": row[1] + RECONFIRM} for row in rows]
        if due:
            bind.execute(schedule.insert(), due)


def downgrade() -> None:
    op.drop_column("match_run", "reminders")  # a batch would copy the table, and its shards point at it
    op.drop_index("ix_sought_person_state", table_name="sought_person")
    op.drop_index("ix_record_expires", table_name="record")
    op.drop_index("ix_disclosure_release_case", table_name="disclosure_release")
    op.drop_table("disclosure_release")
    op.drop_index("ix_interview_verification", table_name="interview")
    op.drop_table("interview")
    op.drop_index("ix_disclosure_case_sought", table_name="disclosure_case")
    op.drop_table("disclosure_case")
    op.drop_index("ix_verification_pair", table_name="verification")
    op.drop_table("verification")
    op.drop_index("ix_telling_sought", table_name="telling")
    op.drop_table("telling")
    op.drop_index("ix_task_record", table_name="task")
    op.drop_index("ix_task_queue", table_name="task")
    op.drop_table("task")
    op.drop_index("ix_subject_request_due", table_name="subject_request")
    op.drop_table("subject_request")
    op.drop_table("status_entry")
    op.drop_index("ix_risk_screen_pair", table_name="risk_screen")
    op.drop_table("risk_screen")
    op.drop_index("ix_proposal_about", table_name="proposal")
    op.drop_table("proposal")
    op.drop_index("ix_fate_report_sought", table_name="fate_report")
    op.drop_table("fate_report")
    op.drop_index("ix_family_message_state", table_name="family_message")
    op.drop_index("ix_family_message_pair", table_name="family_message")
    op.drop_table("family_message")
    op.drop_index("ix_disclosure_answer_pair", table_name="disclosure_answer")
    op.drop_table("disclosure_answer")
    op.drop_index("ix_contact_schedule_expires", table_name="contact_schedule")
    op.drop_index("ix_contact_schedule_due", table_name="contact_schedule")
    op.drop_table("contact_schedule")
    op.drop_index("ix_contact_attempt_record", table_name="contact_attempt")
    op.drop_table("contact_attempt")
    op.drop_index("ix_closure_sought", table_name="closure")
    op.drop_table("closure")
    op.drop_index("ix_case_code_request", table_name="case_code")
    op.drop_table("case_code")
    op.drop_index("ix_broken_glass_record", table_name="broken_glass")
    op.drop_table("broken_glass")
    op.drop_table("suppression")
