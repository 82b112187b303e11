"""What callers send and see of suggestions, decisions, ad-hoc matches and runs."""

from typing import Annotated, Literal
from uuid import UUID

from pydantic import AwareDatetime, ConfigDict, Field

from tracing.gate.kinds import Kind
from tracing.kit.text import Line, Prose
from tracing.persons.schemas import ORIGIN, EdtfText, PersonDraft, Shape
from tracing.persons.whereabouts import WORDS_WITHHELD
from tracing.review.states import ReasonCode, State, Verdict

Band = Literal["strong", "probable", "possible", "weak"]
PLACES_WITHHELD = (
    "Whether all that tells where a protected person is, or how they are reached, is left out of the comparison: "
    "it weighs 0 bits, whatever it says. Break the glass to have it compared."
)


class EvidenceView(Shape):
    """One comparison: the two values as given, the level reached, its weight in bits, and why in words."""

    comparison: str
    level: str
    weight: float = Field(description="Bits (log2 Bayes factor): above 0 speaks for one person, below 0 against.")
    start: float = Field(description="Sum of the pieces before this one in bits; the first starts at 0.")
    end: float = Field(description="Sum with this piece; the last one ends at the weight of the evidence shown.")
    left: str
    right: str
    reason: str


class QuestionView(Shape):
    """A fact that is missing from the query and would separate its hits."""

    comparison: str
    field: str
    gain: float = Field(description="Bits by which it would be less open who the person is, expected.")
    sentence: str


class DecisionView(Shape):
    """One verdict, as it was given."""

    id: UUID
    verdict: Verdict
    reason: ReasonCode
    note: str | None
    led_to: State
    decided_by: UUID
    decided_at: AwareDatetime


class SuggestionView(Shape):
    """A pair that may be one person. Never shows a contact.

    Behind whole glass its reasons, weight, probability and band are those of a pair of whom no place and no
    identifier is known: whoever guesses where a protected person is learns nothing from them.
    """

    id: UUID
    left_id: UUID = Field(description="The sought person.")
    right_id: UUID = Field(description="The record compared with.")
    right_kind: Kind
    state: State
    band: Band
    probability: float = Field(description="That both are one person, given the size of the pool; absolute, 0 to 1.")
    weight: float = Field(description="Sum of the evidence in bits, without the prior.")
    engine_version: str
    resurface_reason: str | None = Field(description="Why a rejected pair is back.")
    needs_second_reader: bool
    names: tuple[list[str], list[str]] = Field(description="Names as given, left and right.")
    origins: tuple[str, str] = Field(description=f"Left and right: {ORIGIN[0].lower()}{ORIGIN[1:]}")
    evidence: list[EvidenceView]
    places_withheld: bool = Field(description=PLACES_WITHHELD)
    version: int
    created_at: AwareDatetime
    updated_at: AwareDatetime


class SuggestionCase(SuggestionView):
    """A suggestion with everything that was decided about it, oldest first."""

    words_withheld: bool = Field(description=WORDS_WITHHELD)
    decisions: list[DecisionView]


class DecisionDraft(Shape):
    """A verdict with its reason."""

    verdict: Verdict = Field(examples=[Verdict.NOT_SAME_PERSON])
    reason: ReasonCode = Field(examples=[ReasonCode.DIFFERENT_PARENTS])
    note: Prose | None = Field(None, description="For colleagues; stored sealed.")


class MatchQuery(Shape):
    """One ad-hoc query; every option stands inside its query. Nothing is stored but the trail."""

    person: PersonDraft
    seen_place: Line | None = None
    seen_date: EdtfText | None = None
    kinds: list[Kind] = Field(default=list(Kind), min_length=1, max_length=4)
    limit: Annotated[int, Field(ge=1, le=50, strict=True)] = 10
    min_probability: Annotated[float, Field(ge=0, le=1, allow_inf_nan=False, strict=True)] = 0.02
    exclude: list[UUID] = Field(default=[], max_length=200)


class MatchDraft(Shape):
    """Queries by a name of the caller's own, such as `q1`: errors tell a number, never a word."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "queries": {
                        "q1": {
                            "person": {"names": [{"full": "Amina Yusuf Warsame"}], "birth": "1990"},
                            "kinds": ["sought", "sighting"],
                            "limit": 5,
                        }
                    }
                }
            ]
        }
    )

    queries: dict[Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,40}$")], MatchQuery] = Field(
        min_length=1, max_length=50
    )


class MatchHit(Shape):
    """One record that may be the queried person."""

    record_id: UUID
    kind: Kind
    weight: float
    probability: float
    band: Band
    names: list[str]
    origin: str = Field(description=ORIGIN)
    evidence: list[EvidenceView]
    places_withheld: bool = Field(description=PLACES_WITHHELD)


class MatchAnswer(Shape):
    """Answers by the caller's own names of the queries."""

    engine_version: str
    responses: dict[str, list[MatchHit]]
    next_questions: dict[str, list[QuestionView]] = Field(
        description="By the same names: what to ask next, best first; empty when nothing missing would help."
    )


class ComparisonView(Shape):
    """One comparison of the engine, in words."""

    name: str
    levels: list[str]
    bits: list[float]
    description: str


class EngineView(Shape):
    """What the engine does: comparisons, weights, bands."""

    version: str
    comparisons: list[ComparisonView]
    bands: dict[str, float] = Field(description="Least probability of each band.")


class RunView(Shape):
    """One night."""

    id: UUID
    state: Literal["queued", "running", "stopped", "done"]
    engine_version: str
    started_at: AwareDatetime
    finished_at: AwareDatetime | None
    progress: float = Field(description="Share of the shards that are done, 0 to 1.")
    due: int = Field(description="Records that were new or changed.")
    pool: int = Field(description="Records in force for matching.")
    forgotten: int
    reminders: int = Field(description="Tasks that the night raised.")
    blocks_passed_over: int = Field(description="Blocking keys that more persons share than the cap allows.")
    pairs: int
    suggested: int
    resurfaced: int
    stale: int
