"""What callers send and see of risk screens and broken glass."""

from typing import Any
from uuid import UUID

from pydantic import AwareDatetime, ConfigDict, Field, StrictBool

from tracing.gate.kinds import GlassReason
from tracing.kit.text import Line, Prose
from tracing.persons.schemas import Shape
from tracing.persons.whereabouts import WORDS_WITHHELD
from tracing.risk.states import Answer, Flag, ListOf, Verdict


class FlagAnswer(Shape):
    """One answer, with words for colleagues."""

    answer: Answer = Field(Answer.UNKNOWN, description="`unknown` counts as a yes.")
    note: Prose | None = None


OPEN = FlagAnswer()


class Answers(Shape):
    """The answers of a screen, one per flag. What is left out is unknown."""

    trafficking: FlagAnswer = OPEN
    family_violence: FlagAnswer = OPEN
    protected_location: FlagAnswer = OPEN
    exploitation_by_relatives: FlagAnswer = OPEN
    forced_marriage_or_honour: FlagAnswer = OPEN
    minor_involved: FlagAnswer = OPEN
    enquirer_on_never_disclose_list: FlagAnswer = OPEN
    community_pressure: FlagAnswer = OPEN
    state_actor: FlagAnswer = OPEN

    @property
    def given(self) -> dict[Flag, Answer]:
        """The bare answer to each flag."""
        told: dict[str, FlagAnswer] = dict(self)
        return {flag: told[flag].answer for flag in Flag}

    def without_words(self) -> "Answers":
        """Return the bare answers as a screen shows them to whoever may not read the notes."""
        return Answers(**{flag.value: FlagAnswer(answer=answer) for flag, answer in self.given.items()})


class Hit(Shape):
    """An entry of a never-disclose list that likely names the enquirer or somebody near them."""

    of: ListOf = Field(description="Whose list it stands on.")
    entry: Line


class HitView(Shape):
    """A hit as a worker sees it."""

    of: ListOf = Field(description="Whose list it stands on.")
    entry: Line | None = Field(description="null where words are withheld.")


class ScreenDetails(Shape):
    """What is stored sealed of a screen, with the found person's key."""

    answers: Answers
    hits: list[Hit] = Field(default=[], description="What the never-disclose lists came to; each is a likely one.")
    overridden: bool = False


EXAMPLE: dict[str, Any] = {
    "answers": {flag.value: {"answer": "no"} for flag in Flag}
    | {"protected_location": {"answer": "unknown", "note": "the shelter was not asked"}}
}


class ScreenDraft(Shape):
    """The answers about one found person and one search."""

    model_config = ConfigDict(json_schema_extra={"examples": [EXAMPLE]})

    answers: Answers
    override: StrictBool = Field(
        False,
        description="A supervisor looked at the likely hits that another worker's screen found, and they name "
        "somebody else.",
    )


class ScreenView(Shape):
    """A screen as a worker sees it."""

    answers: Answers
    hits: list[HitView] = Field(description="What the never-disclose lists came to; each is a likely one.")
    overridden: bool
    id: UUID
    found_id: UUID
    sought_id: UUID
    verdict: Verdict
    made_by: UUID
    made_at: AwareDatetime
    words_withheld: bool = Field(description=WORDS_WITHHELD)


class GlassDraft(Shape):
    """Why somebody must see what is withheld from them."""

    reason: GlassReason = Field(examples=[GlassReason.DANGER_TO_LIFE])
    note: Prose = Field(description="What is at stake; read by a supervisor.", examples=["She is not at the shelter."])


class GlassView(Shape):
    """One time that the glass was broken."""

    id: UUID
    record_id: UUID
    reason: GlassReason
    note: str | None = Field(description="Null for those who may not read risks.")
    broken_at: AwareDatetime
    until: AwareDatetime
    broken_by: UUID
