"""What a worker has to do, and where it stands: one table, read top to bottom."""

from enum import StrEnum


class TaskKind(StrEnum):
    """Why something is to be done. The night raises most of them; acts raise the rest."""

    RECONFIRM_CONTACT = "reconfirm_contact"
    ASK_AGAIN = "ask_again"  # the found person put off the answer until now
    PARTNER_SILENT = "partner_silent"
    AUTHORITY_SILENT = "authority_silent"
    ENQUIRER_SILENT = "enquirer_silent"
    CONTACT_POINT_EXPIRES = "contact_point_expires"
    RETENTION_REVIEW = "retention_review"
    SUBJECT_REQUEST_DUE = "subject_request_due"
    APPROVAL_WAITS = "approval_waits"
    GLASS_BROKEN = "glass_broken"
    PARTNER_ASKS = "partner_asks"  # a partner's search came and waits to be taken up
    PARTNER_WROTE = "partner_wrote"  # a question, a message or an answer came
    PARTNER_NOT_REACHED = "partner_not_reached"  # a message was given up
    NOT_TAKEN_BACK = "not_taken_back"  # a revocation was given up: the partner still has what it must not keep
    PRE_CHECK_HIT = "pre_check_hit"  # a partner may know of a sought person
    ANSWER_CHANGED = "answer_changed"  # the found person withdrew or revised; what was planned must stop
    WEBHOOK_STOPPED = "webhook_stopped"  # a system outside is told of nothing any more


class TaskState(StrEnum):
    OPEN = "open"
    DONE = "done"
    DISMISSED = "dismissed"
