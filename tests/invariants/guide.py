"""What would come next for a pair, and stages that were reached by doing it."""

import copy
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from pathlib import Path
from tempfile import mkdtemp
from uuid import UUID

from tests.invariants.actor import Done
from tests.invariants.ending import Ending
from tests.invariants.judge import Judge
from tests.invariants.laws import moment
from tests.invariants.model import DIRECTIONS, LEVELS, Decided, Pair, Person, Release, Right, Verification
from tests.invariants.projection import public
from tests.invariants.watch import Watch
from tests.invariants.world import (
    HER_NAME,
    HIS_NAME,
    MATCHED_FOR,
    REGISTERED_FOR,
    Cast,
    World,
    people_the,
)

DEPTHS = ("matched", "heard", "judged", "opened", "reached", "informed", "answered", "proposed", "approved")
WAITING = ("judged", "reached")
"""Depths at which a verification, and reaching out, wait for another worker; no run begins there by chance."""
BEGINNINGS = tuple(depth for depth in DEPTHS if depth not in WAITING)
SIDES = ("enquirer", "found")
TRIED = ("ada", "bea", "cor")
NAMES = {"amina": HER_NAME, "other-amina": HER_NAME, "omar": HIS_NAME}


def go_on(acts: Ending, pair: Pair, who: str, level: str = "agree_to_meeting") -> Done | None:
    """Let `who` do what would come next for a pair."""
    held, search = pair.verification, acts.search(pair)["state"]
    if pair.state != "confirmed_same_person":
        return acts.decide(pair, who, "confirm_same_person")
    if search in ("suspended", "reopened"):
        return acts.step_search(pair.sought, who, "resume")
    if search in ("closed", "withdrawn"):
        return acts.step_search(pair.sought, who, "reopen")
    if search.startswith("awaiting"):
        return acts.step_search(pair.sought, who, "answered")
    if pair.screen in (None, "stop"):
        return acts.screen(pair, who, "clear")
    if held is None or search in ("searching", "lead_found"):
        return acts.open_verification(pair, who)
    if not held.passed:
        return _verify(acts, pair, who)
    return _ask(acts, pair, who, level)


def _verify(acts: Ending, pair: Pair, who: str) -> Done | None:
    held = pair.verification
    assert held is not None
    if held.eyes is not None:
        return acts.settle_verification(pair, who, approve=True)
    for side in SIDES:
        if side not in held.heard:
            return acts.interview(pair, who, side)
    return acts.give_result(pair, who, "established")


def _ask(acts: Ending, pair: Pair, who: str, level: str) -> Done | None:
    case = acts.case(pair)
    assert pair.verification is not None
    if case is None or case["verification_id"] != pair.verification.id.hex:
        return acts.open_case(pair, who)
    match case["state"]:
        case "not_started" | "deferred" | "not_reachable":
            return _reach(acts, pair, who)
        case "reaching":
            return acts.ask(pair, who, "inform")
        case "informed":
            return acts.grant(pair, who, level, None)
        case "declined" | "withdrawn":
            return acts.ask(pair, who, "revise")
        case "granted":
            return _tell(acts, pair, who)
    return None


def _reach(acts: Ending, pair: Pair, who: str) -> Done | None:
    if acts.judge.away(pair) and (pair.outreach is None or pair.outreach.approver is None):
        if pair.outreach is None:
            return acts.propose_outreach(pair, who)
        return acts.settle_outreach(pair, who, approve=True)
    return acts.ask(pair, who, "reach_out")


def _tell(acts: Ending, pair: Pair, who: str) -> Done | None:
    answer = pair.answers[-1]
    if not answer.covers(1, acts.judge.now):
        return acts.ask(pair, who, "revise")
    mine = [release for release in acts.judge.releases if release.pair is pair]
    if not mine or acts.state(mine[-1]) in ("stopped", "turned_down"):
        return acts.propose_release(pair, who, LEVELS[answer.rank])
    release = mine[-1]
    match acts.state(release):
        case "proposed":
            return acts.settle_release(release, who, approve=True)
        case "approved":
            return acts.tell(release, who)
    return _carry(acts, release.pair, who, answer.rank) or _end(acts, release, who)


def _carry(acts: Ending, pair: Pair, who: str, rank: int) -> Done | None:
    """Let `who` do what comes next for a message, or write one."""
    mine = [message for message in acts.judge.messages if message.pair is pair]
    if not mine and rank >= DIRECTIONS["to_enquirer"]:
        return acts.write(pair, who, "to_enquirer", careless=False)
    steps = {"written": "read", "read": "send", "sent": "deliver"}
    event = steps.get(acts.state(mine[-1])) if mine else None
    return acts.step_message(mine[-1], who, event) if event else None


def go_on_with_right(acts: Ending, right: Right, who: str) -> Done | None:
    """Let `who` do what comes next for what somebody asks about their own record."""
    state = acts.watch.find("subject_request", right.id)["state"]
    if state == "received":
        return acts.step_right(right, who, "identify")
    if state == "identified":
        return acts.step_right(right, who, "propose" if right.kind == "erasure" else "carry_out")
    return acts.step_right(right, who, "carry_out") if state == "proposed" else None


def _end(acts: Ending, release: Release, who: str) -> Done | None:
    sought = release.pair.sought
    if not any(telling.about == release.id for telling in acts.judge.tellings):
        return acts.record_telling(sought, who, "release_id", release.id)
    reasons = {
        "say_alive_only": "alive_informed_no_contact",
        "pass_message": "reconnected_message_only",
        "receive_message": "reconnected_message_only",
    }
    return acts.conclude(sought, who, reasons.get(release.level, "reconnected_contact_exchanged"))


def _asks(state: str) -> Callable[[Ending, Pair], bool]:
    return lambda acts, pair: (acts.case(pair) or {}).get("state") == state


def _is_judged(held: Verification) -> bool:
    """Return whether a verification passed, or waits for another worker."""
    return held.passed or held.eyes is not None


REACHED: dict[str, Callable[[Ending, Pair], bool]] = {
    "heard": lambda _, pair: pair.verification is not None and len(pair.verification.heard) == len(SIDES),
    "judged": lambda _, pair: pair.verification is not None and _is_judged(pair.verification),
    "opened": _asks("not_started"),
    "reached": lambda acts, pair: pair.outreach is not None or _asks("reaching")(acts, pair),
    "informed": _asks("informed"),
}
"""Whether a pair is as deep as a stage that is reached by going on."""


@dataclass(frozen=True)
class Stage:
    """A case base at one depth: its bytes, its clock, and all that is known of it."""

    kept: list[sqlite3.Connection]
    judge: Judge
    cast: Cast


@cache
def theatre() -> tuple[World, dict[str, Stage]]:
    """Return the world of this process, and the stages from which a run begins."""
    world = World(Path(mkdtemp(prefix="tracing-invariants-")))
    stages: dict[str, Stage] = {}
    with world.clock():
        people_the(world)
        watch = Watch(world.settings.data_dir / "tracing.db")
        watch.look()
        acts = Ending(world, _known(world, watch), watch)
        for record in ("brother", "mother"):
            assert acts.issue_code(world.cast.ids[record], "ada")
        for depth in DEPTHS:
            _deepen(acts, depth)
            stages[depth] = Stage(world.keep(), copy.deepcopy(acts.judge), copy.deepcopy(world.cast))
        watch.close()
    return world, stages


def open_stage(depth: str) -> Ending:
    """Put a stage back and return whoever acts on it."""
    world, stages = theatre()
    stage = stages[depth]
    world.restore(stage.kept, stage.judge.now)
    world.cast = copy.deepcopy(stage.cast)
    watch = Watch(world.settings.data_dir / "tracing.db")
    watch.look()
    return Ending(world, copy.deepcopy(stage.judge), watch)


def _known(world: World, watch: Watch) -> Judge:
    """Return what is known when everybody is registered and matched, and nobody has decided anything."""
    ids, judge = world.cast.ids, Judge(world.now)
    above = {"brother-0": "brother", "brother-1": "brother", "mother-0": "mother"}
    ended = {"mother", "mother-0", "other-amina"}
    for name, record in ids.items():
        team = "kisumu" if name.startswith("mother") else "nairobi"
        person = Person(record, team, NAMES.get(name, ""), above=ids.get(above.get(name, "")))
        spans = {"register": REGISTERED_FOR, "match_within_society": MATCHED_FOR}
        known = moment(watch.find("record", record)["created_at"])
        limits = {purpose: known + span if name in ended else None for purpose, span in spans.items()}
        person.consents = {purpose: Decided(granted=True, until=until) for purpose, until in limits.items()}
        judge.persons[record] = person
    judge.persons[ids["omar"]].sensitivity = "high_risk"
    for row in watch.rows("suggestion"):
        if row["right_kind"] != "sought":
            sought = UUID(row["left_id"])
            request = judge.persons[sought].above
            assert request is not None
            judge.pairs.append(Pair(UUID(row["id"]), UUID(row["right_id"]), sought, request))
    order = list(ids.values())
    judge.pairs.sort(key=lambda pair: (order.index(pair.sought), order.index(pair.found)))
    for row in watch.rows("sought_person"):
        begun = moment(row["created_at"])
        judge.begun[UUID(row["request_id"])] = begun
        key = UUID(row["request_id"]), int(row["position"])
        judge.shown[key] = [(begun, public(row["state"]), True)]
    return judge


def _deepen(acts: Ending, depth: str) -> None:
    """Bring three pairs of a stage to its depth; the last one's answer ends after some days."""
    first, risky, ending = (acts.judge.pairs[place] for place in (0, 2, 3))
    for pair in (first, risky, ending):
        while depth in REACHED and not REACHED[depth](acts, pair):
            assert any(go_on(acts, pair, who) for who in TRIED)
    if depth == "answered":
        assert acts.grant(first, "ada", "agree_to_meeting", None)
        assert acts.grant(risky, "ada", "share_contact", 20)
        assert acts.grant(ending, "ada", "receive_message", 10)
    if depth == "proposed":
        assert acts.propose_release(first, "ada", "share_location")
        assert acts.propose_release(risky, "ada", "share_contact")
        assert acts.propose_release(ending, "ada", "pass_message")
        assert acts.write(ending, "ada", "to_found", careless=False)
        assert acts.write(risky, "bea", "to_enquirer", careless=False)
    if depth == "approved":
        for release in acts.judge.releases:
            assert acts.settle_release(release, "cor", approve=True)
        for message in acts.judge.messages:
            assert acts.step_message(message, "cor", "read")
    acts.wait(timedelta(minutes=1))
