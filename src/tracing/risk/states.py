"""What a risk screen asks, and what the answers come to: one table, read top to bottom."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Flag(StrEnum):
    """What may make it dangerous that the found person, or somebody near them, learns of the search."""

    TRAFFICKING = "trafficking"
    FAMILY_VIOLENCE = "family_violence"
    PROTECTED_LOCATION = "protected_location"
    EXPLOITATION_BY_RELATIVES = "exploitation_by_relatives"
    FORCED_MARRIAGE_OR_HONOUR = "forced_marriage_or_honour"
    MINOR_INVOLVED = "minor_involved"
    NEVER_DISCLOSE = "enquirer_on_never_disclose_list"
    COMMUNITY_PRESSURE = "community_pressure"  # interpreters and volunteers of a close-knit community included
    STATE_ACTOR = "state_actor"


class Answer(StrEnum):
    """What a worker answers. What is not known counts as a yes: somebody is protected by default."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"


class Verdict(StrEnum):
    """What a screen allows, the gravest last. It is worked out from the answers, never typed in."""

    CLEAR = "clear"
    SECOND_APPROVER = "second_approver"  # outreach and disclosure need somebody of another team
    STOP = "stop"  # no outreach: the question itself would reveal the search to whom it must not

    def is_graver_than(self, other: "Verdict") -> bool:
        """Return whether this allows less."""
        order = list(Verdict)
        return order.index(self) > order.index(other)


class ListOf(StrEnum):
    """Whose never-disclose list."""

    ENQUIRER = "enquirer"
    FOUND = "found"


@dataclass(frozen=True, slots=True)
class Row:
    """One row: where `flag` is answered `answer`, nothing milder than `verdict` is allowed."""

    flag: Flag
    answer: Answer
    verdict: Verdict


TABLE: tuple[Row, ...] = (
    Row(Flag.NEVER_DISCLOSE, Answer.YES, Verdict.STOP),
    Row(Flag.NEVER_DISCLOSE, Answer.UNKNOWN, Verdict.SECOND_APPROVER),
    *(
        Row(flag, answer, Verdict.SECOND_APPROVER)
        for flag in Flag
        if flag is not Flag.NEVER_DISCLOSE
        for answer in (Answer.YES, Answer.UNKNOWN)
    ),
)


def verdict_of(answers: Mapping[Flag, Answer]) -> Verdict:
    """Return the gravest verdict of the rows that `answers` meet; `clear` where every answer is no."""
    order = list(Verdict)
    met = (row.verdict for row in TABLE if answers[row.flag] is row.answer)
    return max(met, key=order.index, default=Verdict.CLEAR)
