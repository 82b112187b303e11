"""Score shards in processes of this machine. They are forked, so that the persons' columns are shared, not copied."""

import gc
import multiprocessing
from collections import deque
from collections.abc import Callable, Generator, Iterable
from contextlib import ExitStack
from multiprocessing.connection import Connection, wait
from multiprocessing.context import ForkProcess

from tracing.gate import bulk
from tracing.gate.bulk import Warrant
from tracing.gate.opening import open_gate
from tracing.kit.errors import Busy
from tracing.kit.settings import Settings
from tracing.review.suggest import Pairs, Scored

Score = Callable[[Pairs], tuple[int, list[Scored]]]
Found = tuple[int, int, list[Scored]]
"""(shard, pairs compared, pairs kept)"""


def run(
    settings: Settings,
    warrant: Warrant,
    shards: tuple[int, ...],
    score: Score,
    *,
    workers: int,
) -> Generator[Found, None, None]:
    """Yield (shard, pairs compared, pairs kept) as shards finish, in any order.

    Args:
        settings: to open a read-only gate with, one per process.
        warrant: what may be read.
        shards: which to do.
        score: pure; compares one shard's candidates.
        workers: processes; 1 works in this one.

    Raises:
        Busy: a worker was killed or failed; what it had not handed over is not done.
    """
    if workers == 1 or len(shards) < 2:
        yield from _score(settings, warrant, shards, score)
        return
    gc.collect()
    gc.freeze()  # keeps the collector from touching, and so copying, the shared pages
    try:
        yield from _shared(settings, warrant, shards, score, min(workers, len(shards)))
    finally:
        gc.unfreeze()


def _shared(
    settings: Settings,
    warrant: Warrant,
    shards: tuple[int, ...],
    score: Score,
    workers: int,
) -> Generator[Found, None, None]:
    """Hand shards to processes, one at a time each; a process that dies is noticed, a pool would wait for ever."""
    fork = multiprocessing.get_context("fork")
    todo, lines = deque(shards), dict[Connection, ForkProcess]()
    with ExitStack() as at_the_end:
        for _ in range(workers):
            ours, theirs = fork.Pipe()
            worker = fork.Process(target=_work, args=(theirs, (*lines, ours), settings, warrant, score), daemon=True)
            worker.start()
            theirs.close()
            lines[ours] = worker
            at_the_end.callback(_dismiss, ours, worker)
            ours.send(todo.popleft())
        while lines:
            for line in wait(list(lines)):
                assert isinstance(line, Connection)
                try:
                    found: Found = line.recv()
                    if todo:
                        line.send(todo.popleft())
                    else:
                        del lines[line]
                except (EOFError, OSError):
                    raise Busy("a worker of the night was killed or failed; run the night again") from None
                yield found


def _dismiss(line: Connection, worker: ForkProcess) -> None:
    line.close()
    worker.terminate()
    worker.join()


def _work(line: Connection, others: Iterable[Connection], settings: Settings, warrant: Warrant, score: Score) -> None:
    """Score what comes until the other end is closed, also by the parent's death."""
    for inherited in others:
        inherited.close()

    def asked() -> Generator[int, None, None]:
        while True:
            try:
                yield line.recv()
            except EOFError:
                return

    try:
        for found in _score(settings, warrant, asked(), score):
            line.send(found)
    except BrokenPipeError:
        return


def _score(settings: Settings, warrant: Warrant, shards: Iterable[int], score: Score) -> Generator[Found, None, None]:
    gate = open_gate(settings, reader=True)
    try:
        for shard in shards:
            compared, kept = score(bulk.candidates(gate, warrant, shard))
            yield shard, compared, kept
    finally:
        gate.close()
