"""The life of a suggestion (domain.md §6.3): one table, read top to bottom."""

from dataclasses import dataclass
from enum import StrEnum


class State(StrEnum):
    """Where a suggestion stands."""

    SUGGESTED = "suggested"
    NEEDS_INFORMATION = "needs_information"
    CANNOT_TELL = "cannot_tell"
    REJECTED = "rejected"
    PROVISIONALLY_CONFIRMED = "provisionally_confirmed"
    CONFIRMED_SAME_PERSON = "confirmed_same_person"
    STALE = "stale"


class Verdict(StrEnum):
    """What a caseworker decides."""

    CONFIRM_SAME_PERSON = "confirm_same_person"
    NOT_SAME_PERSON = "not_same_person"
    NEEDS_INFORMATION = "needs_information"
    CANNOT_TELL = "cannot_tell"
    UNDO = "undo"
    REFUTE = "refute"  # no worker's verdict: what the verification of the pair came to


class ReasonCode(StrEnum):
    """Why. The first group rejects, the second confirms, the third leaves open or undoes, the last refutes."""

    DIFFERENT_PERSON_DOB = "different_person_dob"
    DIFFERENT_PARENTS = "different_parents"
    DIFFERENT_PLACE = "different_place"
    DIFFERENT_SEX = "different_sex"
    HOMONYM = "homonym"
    ALREADY_KNOWN = "already_known"
    DATA_ERROR = "data_error"
    SAME_NAMES_AND_KIN = "same_names_and_kin"
    SAME_BIRTH_AND_PLACE = "same_birth_and_place"
    SAME_DOCUMENT = "same_document"
    RECOGNISED_BY_FAMILY = "recognised_by_family"
    INSUFFICIENT_DATA = "insufficient_data"
    DECIDED_WRONGLY = "decided_wrongly"
    OTHER = "other"
    IDENTITY_REFUTED = "identity_refuted"
    RELATIONSHIP_REFUTED = "relationship_refuted"  # this person, and yet no relative of this enquirer


class RunState(StrEnum):
    """Where a night stands. A killed one stays `running` until the next night takes it up."""

    QUEUED = "queued"
    RUNNING = "running"
    STOPPED = "stopped"
    DONE = "done"


class Guard(StrEnum):
    """What must hold."""

    NONE = "none"
    ONE_READER_IS_ENOUGH = "one_reader_is_enough"  # neither side is protected
    SECOND_READER_NEEDED = "second_reader_needed"  # one side is protected
    ANOTHER_WORKER = "another_worker"  # the human behind the account is not the one who confirmed first
    VERIFICATION_REFUTED = "verification_refuted"  # the verification that was opened on the pair came to nothing


@dataclass(frozen=True, slots=True)
class Row:
    """One row: in `source`, `verdict` leads to `target` if `guard` holds."""

    source: State
    verdict: Verdict
    target: State
    guard: Guard


_S, _V, _G = State, Verdict, Guard
OPEN = (_S.SUGGESTED, _S.NEEDS_INFORMATION, _S.CANNOT_TELL, _S.STALE)
DECIDED = (_S.REJECTED, _S.PROVISIONALLY_CONFIRMED, _S.CONFIRMED_SAME_PERSON)

TABLE: tuple[Row, ...] = (
    *(Row(s, _V.CONFIRM_SAME_PERSON, _S.CONFIRMED_SAME_PERSON, _G.ONE_READER_IS_ENOUGH) for s in OPEN),
    *(Row(s, _V.CONFIRM_SAME_PERSON, _S.PROVISIONALLY_CONFIRMED, _G.SECOND_READER_NEEDED) for s in OPEN),
    Row(_S.PROVISIONALLY_CONFIRMED, _V.CONFIRM_SAME_PERSON, _S.CONFIRMED_SAME_PERSON, _G.ANOTHER_WORKER),
    *(Row(s, _V.NOT_SAME_PERSON, _S.REJECTED, _G.NONE) for s in (*OPEN, _S.PROVISIONALLY_CONFIRMED)),
    *(Row(s, _V.NEEDS_INFORMATION, _S.NEEDS_INFORMATION, _G.NONE) for s in (*OPEN, _S.PROVISIONALLY_CONFIRMED)),
    *(Row(s, _V.CANNOT_TELL, _S.CANNOT_TELL, _G.NONE) for s in (*OPEN, _S.PROVISIONALLY_CONFIRMED)),
    *(Row(s, _V.UNDO, _S.SUGGESTED, _G.NONE) for s in DECIDED),
    Row(_S.CONFIRMED_SAME_PERSON, _V.REFUTE, _S.REJECTED, _G.VERIFICATION_REFUTED),
)


def rows(source: State, verdict: Verdict) -> tuple[Row, ...]:
    """Return the rows for `verdict` in `source`; none means that it is not possible."""
    return tuple(row for row in TABLE if row.source is source and row.verdict is verdict)
