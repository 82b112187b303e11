"""What a caseworker sees of a pair: names, reasons, decisions; behind whole glass as if no place were known."""

from collections.abc import Sequence
from typing import TYPE_CHECKING
from uuid import UUID

import numpy as np

from tracing.gate import glass, register
from tracing.gate.access import Access
from tracing.gate.kinds import Sensitivity
from tracing.matching import Engine, Evidence, Person, Score
from tracing.review import store, suggest
from tracing.review.schemas import DecisionView, EvidenceView, SuggestionCase, SuggestionView
from tracing.review.veil import silenced

if TYPE_CHECKING:
    from tracing.gate.tables import Record
    from tracing.review.tables import Suggestion


def case_of(access: Access, row: "Suggestion") -> SuggestionCase:
    """Return a suggestion with everything that was decided about it, oldest first."""
    rows = store.decisions(access, row.id)
    withheld = glass.unspoken(access, [(row.left_id, row.right_id)])[0]
    given = [
        DecisionView(
            id=d.id,
            verdict=d.verdict,
            reason=d.reason,
            note=None if withheld else note or None,
            led_to=d.led_to,
            decided_by=d.decided_by,
            decided_at=d.decided_at,
        )
        for d, note in zip(rows, store.notes(access, rows), strict=True)
    ]
    view = suggestion_views(access, [row])[0]
    return SuggestionCase(**view.model_dump(), words_withheld=withheld, decisions=given)


def suggestion_views(access: Access, rows: Sequence["Suggestion"]) -> list[SuggestionView]:
    """Return suggestions with their reasons, in the order of `rows`; a pair of which one side is hidden is left out."""
    ids = [i for row in rows for i in (row.left_id, row.right_id)]
    records = register.records(access, ids)
    known = suggest.persons(access, list(dict.fromkeys(ids)))
    engine = suggest.plain_engine(access.settings)
    pool = suggest.Pool.of(engine, readings := [engine.read(person) for person in known.values()])
    shown = [row for row in rows if row.left_id in known and row.right_id in known]
    places = [(pool.places[row.left_id], pool.places[row.right_id]) for row in shown]
    shut = glass.shut(access, records.values())
    withheld = [bool({row.left_id, row.right_id} & shut) for row in shown]
    scores = [
        silenced(score) if hide else score
        for hide, score in zip(withheld, _scores(pool, shown, places, records), strict=True)
    ]
    told = engine.explain_pairs(pool.roster, readings, places, scores)
    made = []
    for row, hide, score, evidence in zip(shown, withheld, scores, told, strict=True):
        weighed = _weighed(engine, row, score) if hide else (row.weight, row.probability, row.band)
        made.append(_view(row, records, known, evidence, weighed, places_withheld=hide))
    return made


def _weighed(engine: Engine, row: "Suggestion", score: Score) -> tuple[float, float, str]:
    """Return weight, probability and band of a pair by what is left of its evidence."""
    probability = engine.probability(score.weight, row.prior)
    return score.weight, probability, engine.band(probability)


def _scores(
    pool: suggest.Pool, rows: Sequence["Suggestion"], places: Sequence[tuple[int, int]], records: dict[UUID, "Record"]
) -> list[Score]:
    """Return the scores as stored; of a pair that was changed since, as it is now.

    Reasons speak of what is there now, the night brings the rest up to date.
    """
    found = [suggest.unpacked(row.levels, row.bits, row.weight) for row in rows]
    changed = [
        number
        for number, row in enumerate(rows)
        if (row.left_as, row.right_as) != (records[row.left_id].matched_as, records[row.right_id].matched_as)
        or row.engine_version != pool.engine.version
    ]
    left, right = (np.array([places[number][side] for number in changed], np.int64) for side in (0, 1))
    now = pool.engine.score_pairs(pool.roster, left, right)
    for place, number in enumerate(changed):
        found[number] = now.score(place)
    return found


def _view(
    row: "Suggestion",
    records: dict[UUID, "Record"],
    known: dict[UUID, Person],
    told: Sequence[Evidence],
    weighed: tuple[float, float, str],
    *,
    places_withheld: bool,
) -> SuggestionView:
    left, right = row.left_id, row.right_id
    weight, probability, band = weighed
    protected = any(records[side].sensitivity is not Sensitivity.NORMAL for side in (left, right))
    return SuggestionView(
        id=row.id,
        left_id=left,
        right_id=right,
        right_kind=row.right_kind,
        state=row.state,
        band=band,
        probability=probability,
        weight=weight,
        engine_version=row.engine_version,
        resurface_reason=row.resurface_reason,
        needs_second_reader=protected,
        names=(names_of(known[left]), names_of(known[right])),
        origins=(records[left].origin, records[right].origin),
        evidence=evidence_views(told),
        places_withheld=places_withheld,
        version=row.version,
        created_at=row.created_at,
        updated_at=row.updated_at,
    )


def names_of(person: Person) -> list[str]:
    return [name.full for name in person.names]


def evidence_views(told: Sequence[Evidence]) -> list[EvidenceView]:
    """Return evidence for reading, strongest first."""
    made = []
    total = 0.0
    for piece in sorted(told, key=lambda e: -abs(e.weight)):
        made.append(
            EvidenceView(
                comparison=piece.comparison,
                level=piece.level,
                weight=round(piece.weight, 3),
                start=round(total, 3),
                end=round(total + piece.weight, 3),
                left=piece.left,
                right=piece.right,
                reason=piece.reason,
            )
        )
        total += piece.weight
    return made
