"""The one bridge between rows and the engine: from records to readings, from readings to evidence."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from pathlib import Path
from threading import Lock
from time import monotonic
from typing import TYPE_CHECKING
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from tracing.gate.access import Access
from tracing.gate.register import ids_for_matching, key_number
from tracing.kit.errors import Unsafe
from tracing.kit.settings import Settings
from tracing.matching import (
    ENGINE_VERSION,
    Engine,
    Person,
    Reading,
    Score,
    TermFrequencies,
    Weights,
    WeightsError,
    blocking_keys,
    read,
)
from tracing.matching.arrays import Levels
from tracing.matching.roster import Roster
from tracing.matching.training.pairs import SHAPES, Extra, above_least, extra_of
from tracing.requests import service as requests
from tracing.review.states import State
from tracing.sightings import service as sightings

if TYPE_CHECKING:
    from tracing.review.tables import Suggestion

Pairs = Iterable[tuple[UUID, UUID]]
SLICE = 500
"""Persons opened at once."""
PAIRS = 50_000
"""Pairs scored at once: about 30 MB of arrays."""
ROUNDING = 1e-6
COUNTED = 2_000
"""Persons from which the service counts how common names are, once an hour and society; the night counts all."""
FRESH_S = 3600.0

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


def plain_engine(settings: Settings) -> Engine:
    """Return the engine with the settings' weights, counting names in the country lists only.

    Raises:
        Unsafe: the weights table cannot be read, or is none for this engine.
    """
    return _engine_with(settings.weights)


@lru_cache(maxsize=4)
def _engine_with(path: Path | None) -> Engine:
    if path is None:
        return Engine()
    try:
        return Engine(weights=Weights.from_json(path.read_text("utf-8")))
    except OSError as error:
        reason = error.strerror or "cannot be read"
    except UnicodeDecodeError:
        reason = "not UTF-8"
    except WeightsError as error:
        reason = str(error)
    raise Unsafe(f"TRACING_WEIGHTS: {path}: {reason}")


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
        made |= {record_id: read(person) for record_id, person in part.items()}
        told(len(made))
    return made


@dataclass(frozen=True, slots=True)
class Pool:
    """Persons as columns, the engine that compares them, and where in the columns each stands."""

    engine: Engine
    roster: Roster
    places: dict[UUID, int]

    @classmethod
    def of(cls, engine: Engine, readings: Iterable[Reading]) -> "Pool":
        """Hold `readings` and compare them with `engine`."""
        roster = Roster(readings)
        return cls(engine, roster, {UUID(one): place for place, one in enumerate(roster.ids)})

    @classmethod
    def counted(cls, engine: Engine, readings: Iterable[Reading]) -> "Pool":
        """Hold `readings`, each looked at once; names are as rare as they are among them."""
        frequencies = TermFrequencies()

        def counting() -> Iterator[Reading]:
            for reading in readings:
                frequencies.add(reading)
                yield reading

        made = cls.of(engine, counting())
        return cls(engine.with_frequencies(frequencies), made.roster, made.places)


def engine_of(access: Access) -> Engine:
    """Return the engine of the caller's society, counted anew once an hour from a sample of its case base."""
    key = (access.settings.main_url, access.society)
    with _lock:
        known = _counted.get(key)
    if known is not None and monotonic() - known[0] < FRESH_S:
        return known[1]
    sample = readings(access, ids_for_matching(access, most=COUNTED))
    access.note_page("match.count_names", sample)
    engine = plain_engine(access.settings).with_frequencies(TermFrequencies.counted(sample.values()))
    with _lock:
        _counted[key] = (monotonic(), engine)
    return engine


def numbers_of(access: Access, reading: Reading) -> list[int]:
    """Return the stored forms of a reading's blocking keys."""
    return sorted({key_number(access, family, text) for family, text in blocking_keys(reading)})


def score_pairs(pool: Pool, pairs: Pairs, *, prior: float, minimum: float) -> tuple[int, list[Scored]]:
    """Return how many pairs were compared, and those of at least `minimum` probability.

    Pairs of whom a side is not in the pool are passed over.
    """
    compared = 0
    least = pool.engine.least_weight(minimum, prior) - ROUNDING
    kept: list[Scored] = []
    rest = iter(pairs)
    while part := list(islice(rest, PAIRS)):
        known = [(one, other) for one, other in part if one in pool.places and other in pool.places]
        compared += len(known)
        left, right = (np.array([pool.places[pair[side]] for pair in known], np.int64) for side in (0, 1))
        at, scores = pool.engine.score_above(pool.roster, left, right, least)
        found = (_scored(pool.engine, known[pair], scores.score(row), prior) for row, pair in enumerate(at.tolist()))
        kept += (scored for scored in found if scored.probability >= minimum)
    return compared, kept


def _scored(engine: Engine, pair: tuple[UUID, UUID], score: Score, prior: float) -> Scored:
    probability = engine.probability(score.weight, prior)
    return Scored(*pair, score.weight, probability, engine.band(probability), score.levels, score.bits)


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


def decided_pairs(engine: Engine, rows: Sequence["Suggestion"]) -> DecidedPairs:
    """Return the evidence as it was stored; pairs that another version of the code scored are left out.

    Extra bits are what stands on top of a level. Of another weights table than that of `engine` only the sums are
    known: there, the least bits met at a level stand for the level.
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
        if version == engine.version:
            extra[own] = extra_of(engine, levels[own], bits[own])
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
