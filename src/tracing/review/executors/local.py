"""Score shards in processes of this machine. They are forked, so that the readings are shared, not copied."""

import gc
import multiprocessing
from collections.abc import Callable, Generator
from dataclasses import dataclass

from tracing.gate import bulk
from tracing.gate.bulk import Warrant
from tracing.gate.opening import Gate, open_gate
from tracing.kit.settings import Settings
from tracing.review.suggest import Pairs, Scored

Score = Callable[[Pairs], tuple[int, list[Scored]]]


@dataclass(slots=True)
class _Shared:
    """What a worker finds when it wakes up: set in the parent before the fork."""

    settings: Settings
    warrant: Warrant
    score: Score
    gate: Gate | None = None


_shared: _Shared | None = None


def run(
    settings: Settings, warrant: Warrant, shards: tuple[int, ...], score: Score, *, workers: int
) -> Generator[tuple[int, int, list[Scored]], None, None]:
    """Yield (shard, pairs compared, pairs kept) as shards finish, in any order.

    Args:
        settings: to open a read-only gate with, one per process.
        warrant: what may be read.
        shards: which to do.
        score: pure; compares one shard's candidates.
        workers: processes; 1 works in this one.
    """
    global _shared  # noqa: PLW0603  # a forked worker inherits memory, not arguments
    _shared = _Shared(settings, warrant, score)
    try:
        if workers == 1 or len(shards) < 2:
            yield from map(_one, shards)
            return
        gc.collect()
        gc.freeze()  # keeps the collector from touching, and so copying, the shared pages
        with multiprocessing.get_context("fork").Pool(min(workers, len(shards))) as pool:
            yield from pool.imap_unordered(_one, shards)
    finally:
        gc.unfreeze()
        if _shared.gate is not None:
            _shared.gate.close()
        _shared = None


def _one(shard: int) -> tuple[int, int, list[Scored]]:
    assert _shared is not None
    if _shared.gate is None:
        _shared.gate = open_gate(_shared.settings, reader=True)
    compared, kept = _shared.score(bulk.candidates(_shared.gate, _shared.warrant, shard))
    return shard, compared, kept
