"""The machine: every act in any state by anybody. A rule draws who does what to which; `acts` does and judges it."""

from collections import Counter
from collections.abc import Sequence
from contextlib import AbstractContextManager
from datetime import timedelta
from typing import Any
from uuid import UUID

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from tests.invariants.choosing import asked, has, latest, messages, releases, verified
from tests.invariants.draws import (
    ANYBODY,
    ASKING,
    BY_HAND,
    DAYS,
    FOUND,
    LEVEL,
    MESSAGES,
    REASONS,
    REQUESTS,
    SOMEBODY,
    SOUGHT,
    WHICH,
    YES_OR_NO,
)
from tests.invariants.ending import Ending
from tests.invariants.guide import BEGINNINGS, go_on, go_on_with_right, open_stage, theatre
from tests.invariants.model import RANK, Pair, must
from tests.invariants.waiting import to_approve, to_carry_out
from tests.invariants.world import HER_NAME, HIS_NAME, TICK


class Machine(RuleBasedStateMachine):
    """One run: a stage is put back, and then anything may happen."""

    steps = 0
    done: Counter[str] = Counter()
    refused: Counter[str] = Counter()
    depths: Sequence[str] = BEGINNINGS
    acts: Ending
    _clock: AbstractContextManager[None]

    def __init__(self) -> None:
        super().__init__()
        self._clock = theatre()[0].clock()
        self._clock.__enter__()

    @initialize(place=st.integers(0, 2 * len(BEGINNINGS) - 1))
    def begin(self, place: int) -> None:
        self.acts = open_stage(self.depths[place % len(self.depths)])

    def teardown(self) -> None:
        try:
            if hasattr(self, "acts"):
                self.acts.verify_trail()
        finally:
            self._clock.__exit__(None, None, None)
            if hasattr(self, "acts"):
                self.acts.watch.close()
                Machine.steps += self.acts.steps
                Machine.done += self.acts.done
                Machine.refused += self.acts.refused

    @invariant()
    def nothing_happens_by_itself(self) -> None:
        must(4, not self.acts.watch.look().changes, "something changed that nobody did")

    def _pair(self, which: int) -> Pair:
        return self.acts.judge.pairs[which % len(self.acts.judge.pairs)]

    def _id(self, names: Sequence[str], which: int) -> UUID:
        return self.acts.world.cast.ids[names[which % len(names)]]

    # What comes next, by somebody who may or may not.

    @rule(which=WHICH, who=SOMEBODY, other=SOMEBODY, level=LEVEL)
    def go_on(self, which: int, who: str, other: str, level: str) -> None:
        pair = self._pair(which)
        if go_on(self.acts, pair, who, level) is None:
            go_on(self.acts, pair, other, level)

    @rule(which=WHICH, who=SOMEBODY, other=SOMEBODY, level=LEVEL, times=st.sampled_from([3, 5, 8]))
    def go_on_often(self, which: int, who: str, other: str, level: str, times: int) -> None:
        for _ in range(times):
            if not (go_on(self.acts, self._pair(which), who, level) or go_on(self.acts, self._pair(which), other)):
                return

    @rule(which=WHICH, who=ANYBODY, other=SOMEBODY)
    def approve_what_waits(self, which: int, who: str, other: str) -> None:
        if waiting := to_approve(self.acts):
            step = latest(waiting, which)
            if not step(who):
                step(other)

    @rule(which=WHICH, who=SOMEBODY, other=SOMEBODY)
    def go_on_in_spite_of_a_screen(self, which: int, who: str, other: str) -> None:
        self.acts.screen(self._pair(which), who, "stop")
        self._go_on_all_the_same(self._pair(which), other)

    @rule(which=WHICH, who=SOMEBODY, other=SOMEBODY)
    def go_on_in_spite_of_a_name(self, which: int, who: str, other: str) -> None:
        self.acts.name_never(self._pair(which).request, who, [HER_NAME, HIS_NAME])
        self._go_on_all_the_same(self._pair(which), other)

    @rule(which=WHICH, who=SOMEBODY, other=SOMEBODY)
    def go_on_with_what_was_undone(self, which: int, who: str, other: str) -> None:
        self.acts.decide(self._pair(which), who, "undo")
        self._go_on_all_the_same(self._pair(which), other)

    def _go_on_all_the_same(self, pair: Pair, who: str) -> None:
        """Try at once what must not go on with a pair."""
        acts, case = self.acts, self.acts.case(pair)
        if case is not None and case["state"] != "granted":
            acts.ask(pair, who, "inform" if case["state"] == "reaching" else "reach_out")
        elif case is not None:
            acts.propose_release(pair, who, "say_alive_only")
        for release in [r for r in releases(self) if r.pair is pair and acts.state(r) in ("proposed", "approved")][-1:]:
            acts.settle_release(release, who, approve=True)
            acts.tell(release, who)

    @rule(which=WHICH, who=ANYBODY)
    def carry_out_what_is_approved(self, which: int, who: str) -> None:
        if approved := to_carry_out(self.acts):
            latest(approved, which)(who)

    # Matching and verification.

    @rule(
        which=WHICH,
        who=ANYBODY,
        verdict=st.sampled_from(["confirm_same_person"] * 3 + ["undo", "not_same_person", "cannot_tell"]),
    )
    def decide(self, which: int, who: str, verdict: str) -> None:
        self.acts.decide(self._pair(which), who, verdict)

    @rule(which=WHICH, who=ANYBODY, verdict=st.sampled_from(["clear", "clear", "second_approver", "stop"]))
    def screen(self, which: int, who: str, verdict: str) -> None:
        self.acts.screen(self._pair(which), who, verdict)

    @rule(which=WHICH, who=ANYBODY)
    def open_verification(self, which: int, who: str) -> None:
        self.acts.open_verification(self._pair(which), who)

    @precondition(has(verified))
    @rule(which=WHICH, who=ANYBODY, side=st.sampled_from(["enquirer", "found"]), prompted=YES_OR_NO)
    def interview(self, which: int, who: str, side: str, prompted: bool) -> None:
        self.acts.interview(latest(verified(self), which), who, side, prompted=prompted)

    @precondition(has(verified))
    @rule(which=WHICH, who=ANYBODY, finding=st.sampled_from(["established", "established", "refuted", "open"]))
    def give_result(self, which: int, who: str, finding: str) -> None:
        self.acts.give_result(latest(verified(self), which), who, finding)

    @precondition(has(verified))
    @rule(which=WHICH, who=ANYBODY, approve=YES_OR_NO)
    def settle_verification(self, which: int, who: str, approve: bool) -> None:
        self.acts.settle_verification(latest(verified(self), which), who, approve)

    # Asking, telling, messages.

    @precondition(has(verified))
    @rule(which=WHICH, who=ANYBODY)
    def open_case(self, which: int, who: str) -> None:
        self.acts.open_case(latest(verified(self), which), who)

    @precondition(has(asked))
    @rule(which=WHICH, who=ANYBODY, approve=st.sampled_from([None, True, False]))
    def outreach(self, which: int, who: str, approve: bool | None) -> None:
        pair = latest(asked(self), which)
        if approve is None:
            self.acts.propose_outreach(pair, who)
        else:
            self.acts.settle_outreach(pair, who, approve)

    @precondition(has(asked))
    @rule(which=WHICH, who=ANYBODY, event=st.sampled_from([*ASKING, "reach_out", "inform"]))
    def ask(self, which: int, who: str, event: str) -> None:
        self.acts.ask(latest(asked(self), which), who, event)

    @precondition(has(asked))
    @rule(which=WHICH, who=ANYBODY, event=st.sampled_from(["withdraw", "revise"]))
    def take_back(self, which: int, who: str, event: str) -> None:
        self.acts.ask(latest(asked(self), which), who, event)

    @precondition(has(asked))
    @rule(which=WHICH, who=ANYBODY, level=LEVEL, days=DAYS)
    def grant(self, which: int, who: str, level: str, days: int | None) -> None:
        if RANK[level]:
            self.acts.grant(latest(asked(self), which), who, level, days)

    @precondition(has(asked))
    @rule(which=WHICH, who=ANYBODY, level=LEVEL)
    def propose_release(self, which: int, who: str, level: str) -> None:
        self.acts.propose_release(latest(asked(self), which), who, level)

    @precondition(has(releases))
    @rule(which=WHICH, who=ANYBODY, approve=st.sampled_from([True, True, True, False]))
    def settle_release(self, which: int, who: str, approve: bool) -> None:
        self.acts.settle_release(latest(releases(self), which), who, approve)

    @precondition(has(releases))
    @rule(which=WHICH, who=ANYBODY)
    def tell(self, which: int, who: str) -> None:
        self.acts.tell(latest(releases(self), which), who)

    @precondition(has(asked))
    @rule(which=WHICH, who=ANYBODY, direction=st.sampled_from(["to_enquirer", "to_found"]), careless=YES_OR_NO)
    def write(self, which: int, who: str, direction: str, careless: bool) -> None:
        self.acts.write(latest(asked(self), which), who, direction, careless=careless)

    @precondition(has(messages))
    @rule(which=WHICH, who=ANYBODY, careless=YES_OR_NO)
    def rewrite(self, which: int, who: str, careless: bool) -> None:
        self.acts.rewrite(latest(messages(self), which), who, careless=careless)

    @precondition(has(messages))
    @rule(which=WHICH, who=ANYBODY, event=MESSAGES)
    def step_message(self, which: int, who: str, event: str) -> None:
        self.acts.step_message(latest(messages(self), which), who, event)

    # Fates, tellings, ends.

    @rule(
        which=WHICH,
        who=ANYBODY,
        finding=st.sampled_from(["deceased", "deceased", "partial_answer"]),
        evidence=st.sampled_from(["document", "sighting"]),
    )
    def report_fate(self, which: int, who: str, finding: str, evidence: str) -> None:
        self.acts.report_fate(self._id(SOUGHT, which), who, finding, evidence)

    @precondition(lambda self: bool(self.acts.judge.fates))
    @rule(which=WHICH, who=ANYBODY, event=st.sampled_from(["confirm", "establish", "refute"]))
    def step_fate(self, which: int, who: str, event: str) -> None:
        self.acts.step_fate(latest(self.acts.judge.fates, which), who, event)

    @rule(which=WHICH, who=ANYBODY, kind=st.sampled_from(["release_id", "fate_id", "message_id", ""]))
    def record_telling(self, which: int, who: str, kind: str) -> None:
        known: dict[str, Sequence[Any]] = {
            "release_id": releases(self),
            "fate_id": self.acts.judge.fates,
            "message_id": messages(self),
        }
        things = known.get(kind, ())
        about = latest(things, which).id if things else None
        self.acts.record_telling(self._id(SOUGHT, which), who, kind, about)

    @rule(which=WHICH, who=ANYBODY, reason=REASONS)
    def conclude(self, which: int, who: str, reason: str) -> None:
        self.acts.conclude(self._id(SOUGHT, which), who, reason)

    @rule(which=WHICH, who=ANYBODY, step=BY_HAND)
    def step_search(self, which: int, who: str, step: tuple[str, str | None]) -> None:
        self.acts.step_search(self._id(SOUGHT, which), who, *step)

    @rule(which=WHICH, who=SOMEBODY, times=st.sampled_from([1, 5]))
    def attempt(self, which: int, who: str, times: int) -> None:
        """Try somebody in vain, often enough or not."""
        record = self._id((*REQUESTS, *FOUND), which)
        for number in range(times):
            self.acts.attempt(record, who, ("phone", "post")[number % 2], days_ago=5 * (times - number))

    @rule(which=WHICH, who=ANYBODY)
    def settle_task(self, which: int, who: str) -> None:
        rows = [row for row in self.acts.watch.rows("task") if row["state"] == "open"]
        if rows:
            row = latest(rows, which)
            state = "done" if which % 2 else "dismissed"
            self.acts.settle_task(UUID(row["id"]), UUID(row["record_id"]), who, state)

    # Consents, rights, protection.

    @rule(which=WHICH, who=ANYBODY, purpose=st.sampled_from(["register", "match_within_society", "disclose_contact"]))
    def withdraw(self, which: int, who: str, purpose: str) -> None:
        self.acts.withdraw(self._id((*FOUND, *SOUGHT, *REQUESTS), which), who, purpose)

    @rule(
        which=WHICH,
        who=ANYBODY,
        purpose=st.sampled_from(["register", "match_within_society"]),
        days=DAYS,
        hidden=YES_OR_NO,
    )
    def renew(self, which: int, who: str, purpose: str, days: int | None, hidden: bool) -> None:
        self.acts.renew(self._id((*FOUND, *SOUGHT, *REQUESTS), which), who, purpose, days, hidden=hidden)

    @rule(which=WHICH, who=SOMEBODY, kind=st.sampled_from(["objection", "restriction", "erasure"]))
    def open_right(self, which: int, who: str, kind: str) -> None:
        self.acts.open_right(self._id((*FOUND, *SOUGHT, *REQUESTS), which), who, kind)

    @precondition(lambda self: bool(self.acts.judge.rights))
    @rule(
        which=WHICH,
        who=SOMEBODY,
        event=st.sampled_from(["identify", "identify", "propose", "carry_out", "carry_out", "turn_down", "refuse"]),
    )
    def step_right(self, which: int, who: str, event: str) -> None:
        self.acts.step_right(latest(self.acts.judge.rights, which), who, event)

    @precondition(lambda self: bool(self.acts.judge.rights))
    @rule(which=WHICH, who=SOMEBODY, other=SOMEBODY)
    def go_on_with_a_right(self, which: int, who: str, other: str) -> None:
        right = latest(self.acts.judge.rights, which)
        for one in (who, who, other):
            go_on_with_right(self.acts, right, one)

    # Time, the night, the enquirer.

    @rule(days=st.sampled_from([0, 1, 6, 31]), hours=st.integers(1, 20))
    def wait(self, days: int, hours: int) -> None:
        self.acts.wait(timedelta(days=days, hours=hours))

    @rule(which=WHICH)
    def wait_for_an_end(self, which: int) -> None:
        """Let the next act happen at the very moment at which a consent or an answer ends."""
        ends = self.acts.judge.ends()
        if ends:
            self.acts.wait(ends[which % len(ends)] - self.acts.world.now - TICK)

    @rule(what=st.sampled_from(["nothing"] * 4 + ["night"]))
    def night(self, what: str) -> None:
        if what == "night":
            self.acts.night()

    @rule(
        which=WHICH, who=ANYBODY, what=st.sampled_from(["asking", "message", "message", "status", "status", "status"])
    )
    def look(self, which: int, who: str, what: str) -> None:
        if what == "status":
            self.acts.look_up(self._id(REQUESTS, which))
        elif what == "asking" and asked(self):
            self.acts.look_at_case(latest(asked(self), which), who)
        elif messages(self):
            self.acts.look_at_message(latest(messages(self), which), who)

    @rule(
        which=WHICH,
        who=ANYBODY,
        what=st.sampled_from(["normal", "normal", "protected", "high_risk", "nobody", "her", "him", "code", "glass"]),
    )
    def protect(self, which: int, who: str, what: str) -> None:
        """Change how carefully somebody is handled, whom an enquirer names, or their code; or break the glass."""
        names = {"nobody": [], "her": [HER_NAME], "him": [HIS_NAME]}
        if what in names:
            self.acts.name_never(self._id(REQUESTS, which), who, names[what])
        elif what == "code":
            self.acts.issue_code(self._id(REQUESTS, which), who)
        elif what == "glass":
            self.acts.break_glass(self._id((*FOUND, *SOUGHT), which), who)
        else:
            self.acts.set_sensitivity(self._id((*FOUND, *SOUGHT), which), who, what)

    @rule(which=WHICH, who=SOMEBODY, other=SOMEBODY)
    def alter_release(self, which: int, who: str, other: str) -> None:
        """Let a fault elsewhere change what was proposed or approved, and try at once to approve and to tell it."""
        acts, untold = self.acts, [one for one in releases(self) if self.acts.state(one) in ("proposed", "approved")]
        if untold and which % 3 == 0:
            release = latest(untold, which // 3)
            acts.alter_release(release, who)
            acts.settle_release(release, other, approve=True)
            acts.tell(release, who)

    @rule(which=WHICH, who=SOMEBODY, other=SOMEBODY)
    def alter_message(self, which: int, who: str, other: str) -> None:
        acts, unsent = self.acts, [one for one in messages(self) if self.acts.state(one) in ("written", "read")]
        if unsent and which % 3 == 0:
            message = latest(unsent, which // 3)
            acts.alter_message(message, who)
            acts.step_message(message, other, "read")
            acts.step_message(message, who, "send")
