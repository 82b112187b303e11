"""The one bridge between rows and the engine: from records to readings, from readings to evidence."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from threading import Lock
from time import monotonic
from typing import TYPE_CHECKING
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from tracing.gate.access import Access
from tracing.gate.register import ids_for_matching, key_number
from tracing.matching import ENGINE_VERSION, Engine, Person, Reading, Score, TermFrequencies, blocking_keys
from tracing.matching.training.pairs import SHAPES, Extra, Levels, above_least, extra_of
from tracing.requests import service as requests
from tracing.review.states import State
from tracing.sightings import service as sightings

if TYPE_CHECKING:
    from tracing.review.tables import Suggestion

Pairs = Iterable[tuple[UUID, UUID]]
SLICE = 500
ROUNDING = 1e-6
COUNTED = 2_000
"""Persons from which the service counts how common names are, once an hour and society; the night counts all."""
FRESH_S = 3600.0

_engine = Engine()
_counted: dict[tuple[str, str], tuple[float, Engine]] = {}
_lock = Lock()


@dataclass(frozen=True, slots=True)
class Scored:
    """One pair above the threshold, as numbers."""

    left: UUID
    right: UUID
    weight: float
    probability: float
    band: str
    levels: tuple[int, ...]
    bits: tuple[float, ...]


def plain_engine() -> Engine:
    """Return the engine with the country lists' frequencies only."""
    return _engine


def persons(access: Access, ids: Sequence[UUID]) -> dict[UUID, Person]:
    """Return what the engine may see of those `ids` that are in force for matching. The caller notes the act."""
    found: dict[UUID, Person] = {}
    for start in range(0, len(ids), SLICE):
        part = list(ids[start : start + SLICE])
        for person in (*requests.persons(access, part), *sightings.persons(access, part)):
            found[UUID(person.id)] = person
    return found


def readings(access: Access, ids: Sequence[UUID], told: Callable[[int], None] = lambda _: None) -> dict[UUID, Reading]:
    """Return the readings of `ids`; `told` hears after each slice how many were read."""
    made: dict[UUID, Reading] = {}
    for start in range(0, len(ids), SLICE):
        part = persons(access, ids[start : start + SLICE])
        made |= {record_id: _engine.read(person) for record_id, person in part.items()}
        told(len(made))
    return made


def counted(readings: Iterable[Reading]) -> Engine:
    """Return an engine that knows how common each name is among `readings`."""
    return _engine.with_frequencies(TermFrequencies.counted(readings))


def engine_of(access: Access) -> Engine:
    """Return the engine of the caller's society, counted anew once an hour from a sample of its case base."""
    key = (access.settings.main_url, access.society)
    with _lock:
        known = _counted.get(key)
    if known is not None and monotonic() - known[0] < FRESH_S:
        return known[1]
    sample = readings(access, ids_for_matching(access, most=COUNTED))
    access.note_page("match.count_names", sample)
    engine = counted(sample.values())
    with _lock:
        _counted[key] = (monotonic(), engine)
    return engine


def numbers_of(access: Access, reading: Reading) -> list[int]:
    """Return the stored forms of a reading's blocking keys."""
    return sorted({key_number(access, family, text) for family, text in blocking_keys(reading)})


def score_pairs(
    engine: Engine,
    known: dict[UUID, Reading],
    pairs: Pairs,
    *,
    prior: float,
    minimum: float,
) -> tuple[int, list[Scored]]:
    """Return how many pairs were compared, and those of at least `minimum` probability."""
    compared = 0
    least = engine.least_weight(minimum, prior) - ROUNDING
    kept: list[Scored] = []
    for left, right in pairs:
        a, b = known.get(left), known.get(right)
        if a is None or b is None:
            continue
        compared += 1
        score = engine.score_above(a, b, least)
        if score is None:
            continue
        probability = engine.probability(score.weight, prior)
        if probability >= minimum:
            kept.append(
                Scored(left, right, score.weight, probability, engine.band(probability), score.levels, score.bits)
            )
    return compared, kept


def packed(scored: Scored) -> tuple[str, str]:
    """Return levels and bits as they are stored."""
    return " ".join(map(str, scored.levels)), " ".join(f"{bit:.2f}" for bit in scored.bits)


@dataclass(frozen=True, slots=True)
class DecidedPairs:
    """Decided pairs to learn from: evidence as arrays, whether each is one person, its prior when it was scored."""

    levels: Levels
    extra: Extra
    labels: list[bool]
    priors: NDArray[np.float64]


def decided_pairs(rows: Sequence["Suggestion"]) -> DecidedPairs:
    """Return the evidence as it was stored; pairs that another version of the code scored are left out.

    Bits of rarity are what stands on top of a level. Of another weights table only the sums are known: there, the
    least bits met at a level stand for the level.
    """
    kept = [row for row in rows if row.engine_version.partition("/")[0] == ENGINE_VERSION]
    scores = [unpacked(row.levels, row.bits, row.weight) for row in kept]
    shape = len(kept), len(SHAPES)
    levels = np.array([score.levels for score in scores], dtype=np.int8).reshape(shape)
    bits = np.array([score.bits for score in scores], dtype=np.float64).reshape(shape)
    versions = np.array([row.engine_version for row in kept])
    extra = np.zeros(shape, dtype=np.float32)
    for version in dict.fromkeys(versions.tolist()):
        own = versions == version
        if version == _engine.version:
            extra[own] = extra_of(_engine, levels[own], bits[own])
        else:
            extra[own] = above_least(levels[own], bits[own])
    return DecidedPairs(
        levels=levels,
        extra=extra,
        labels=[row.state is State.CONFIRMED_SAME_PERSON for row in kept],
        priors=np.array([row.prior for row in kept], dtype=np.float64),
    )


def unpacked(levels: str, bits: str, weight: float) -> Score:
    """Return a stored score."""
    return Score(weight, tuple(map(int, levels.split())), tuple(map(float, bits.split())))
