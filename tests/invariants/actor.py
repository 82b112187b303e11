"""Does one act through the real gate and services, and holds what it changed against the laws."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any
from uuid import UUID

from tests.invariants import laws
from tests.invariants.judge import Judge
from tests.invariants.model import Message, Pair, Release, must
from tests.invariants.projection import SPEAK, TO_TELL, at_once, follows
from tests.invariants.watch import SOCIETY, Row, Seen, Watch
from tests.invariants.world import HUMAN, TICK, World
from tracing.gate import trail
from tracing.gate.access import Access
from tracing.gate.admit import admitted
from tracing.gate.permissions import Permission
from tracing.gate.purposes import Use
from tracing.kit.db import PASS, READ_ONLY
from tracing.kit.errors import TracingError

SAID_OTHERWISE = {
    "alter": frozenset({"disclosure_release", "family_message"}),  # a fault elsewhere, which the trail does not know
    "step_right": frozenset({"case_code"}),  # the row of the erasure says it of the codes as well
}
"""Per act: the things that change without a row of their own."""


@dataclass(frozen=True)
class Act:
    """One act of one worker.

    Attributes:
        name: the row of `laws.MAY` that it falls under.
        who: label of the account.
        about: the persons whose rows it may change.
        events: what it may bring about in a search; None for what `laws.BRINGS` says.
        kind: what it is counted as; its name when empty.
    """

    name: str
    who: str
    permission: Permission
    call: Callable[[Access], Any]
    about: frozenset[UUID]
    use: Use = Use.REGISTER
    events: frozenset[str] | None = None
    kind: str = ""


@dataclass(frozen=True)
class Done:
    """What came of an act that succeeded."""

    value: Any
    seen: Seen


class Actor:
    """Whoever does something; keeps count of what was done and of what was refused."""

    def __init__(self, world: World, judge: Judge, watch: Watch) -> None:
        self.world, self.judge, self.watch = world, judge, watch
        self.done: Counter[str] = Counter()
        self.refused: Counter[str] = Counter()
        self.steps = 0

    def do(self, act: Act) -> Done | None:
        """Do an act and judge what it changed; None when it was refused, which must change nothing.

        Raises:
            Violation: an invariant does not hold.
        """
        self._tick()
        commits = self.world.commits
        token = self.world.cast.tokens[act.who]
        try:
            with admitted(self.world.gate, token, act.permission, use=act.use) as access:
                value = act.call(access)
        except TracingError as error:
            self._refused(act, error)
            return None
        seen = self.watch.look()
        must(5, self.world.commits == commits + 1, f"`{act.name}` took more than one transaction, or none")
        must(5, seen.done, f"`{act.name}` left no row on the trail")
        self._within_the_laws(act, seen)
        self._project(seen)
        self.done[act.kind or act.name] += 1
        return Done(value, seen)

    def _tick(self) -> None:
        self.steps += 1
        self.world.now += TICK
        self.judge.now = self.world.now

    def _refused(self, act: Act, error: TracingError) -> None:
        must(4, error.status < 500, f"`{act.name}` failed: {type(error).__name__}: {error}")
        seen = self.watch.look()
        must(4, not seen.changes, f"`{act.name}` was refused and changed {[c.table for c in seen.changes]}")
        must(5, not seen.done, f"`{act.name}` was refused and stands on the trail as done")
        self.refused[act.kind or act.name] += 1

    def _within_the_laws(self, act: Act, seen: Seen) -> None:
        laws.within(act.name, seen, act.about, self.judge)
        events = laws.BRINGS.get(act.name, frozenset()) if act.events is None else act.events
        edits = act.name in ("set_sensitivity", "name_never")
        laws.searches_moved(act.name, seen, events, edits=edits)
        laws.said_once(seen, without=SAID_OTHERWISE.get(act.name, frozenset()))

    def _project(self, seen: Seen) -> None:
        """Keep what the enquirers may see of searches that moved, by a projection of the test's own."""
        for change in seen.of("sought_person"):
            if change.after is None or change.before is None or not change.columns & {"state", "reason"}:
                continue
            self._show(change.row, partial(follows, before=change.before["state"], state=change.row["state"]))
        for table, state in TO_TELL.items():
            for change in seen.of(table):
                if "state" not in change.columns or change.row["state"] != state:
                    continue
                if change.row.get("direction") != "to_found":
                    sought = self.watch.find("sought_person", UUID(change.row["sought_id"]))
                    self._show(sought, lambda shown: shown if shown == "closed" else SPEAK)

    def _show(self, sought: Row, projected: Callable[[str], str]) -> None:
        entries = self.judge.shown[UUID(sought["request_id"]), int(sought["position"])]
        before = entries[-1][1]
        after = projected(before)
        if after != before:
            entries.append((self.judge.now, after, at_once(before, after)))

    def verify_trail(self) -> None:
        """Require that the chain of the society's trail holds from its beginning to its end."""
        with self.world.gate.engine.connect().execution_options(**PASS, **{READ_ONLY: True}) as connection:
            verdict = trail.verify(connection, self.world.gate.vault, SOCIETY)
        must(5, verdict.reason == "whole", f"the trail does not hold: {verdict.reason}")

    def human(self, who: str) -> str:
        """Return the human behind an account."""
        return HUMAN.get(who, who)

    def search(self, pair: Pair) -> dict[str, Any]:
        """Return the row of a pair's search as it stands."""
        return self.watch.find("sought_person", pair.sought)

    def state(self, thing: Release | Message) -> str:
        table = "disclosure_release" if isinstance(thing, Release) else "family_message"
        return str(self.watch.find(table, thing.id)["state"])

    def case(self, pair: Pair) -> dict[str, Any] | None:
        """Return the row of a pair's asking, if it was opened."""
        return None if pair.case is None else self.watch.find("disclosure_case", pair.case)

    def beside(self, pair: Pair) -> frozenset[UUID]:
        """Return the persons of all pairs of the same search."""
        return frozenset(one for other in self.judge.of_search(pair.sought) for one in other.ids)
