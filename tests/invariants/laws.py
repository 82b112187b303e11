"""What each act may change, and what the trail must say of it: tables of the test's own, read top to bottom."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from tests.invariants.model import Model, must
from tests.invariants.watch import Change, Seen

SUBTLE = frozenset({"contact_schedule", "idempotency_key"})  # dates and marks that no state rests on
STATES = {
    "proposal": "standing",
    **dict.fromkeys(
        (
            "suggestion",
            "verification",
            "disclosure_case",
            "disclosure_release",
            "family_message",
            "fate_report",
            "subject_request",
            "sighting",
            "task",
        ),
        "state",
    ),
}
"""Things with a state of their own, and the column that holds it; the search's own is ruled by its events."""
APPENDED = frozenset(
    {"status_entry", "consent", "decision", "risk_screen", "interview", "disclosure_answer", "telling", "closure"}
)
"""Rows that stand as they were written, until a person is forgotten."""
SEARCH: dict[str, frozenset[str]] = {t: frozenset() for t in ("sought_person", "status_entry", "record")}


SLIDING = frozenset({"updated_at", "retain_until", "expires_at", "match_until", "match_due", "purposes", "hidden_at"})
"""Whoever works on one person of a case keeps the case longer, and what is over by now is reckoned anew."""


def _of(*states: str) -> frozenset[str]:
    return frozenset(states)


VERIFYING = SEARCH | {
    "verification": _of("open", "proposed", "passed", "refuted", "abandoned"),
    "proposal": _of("proposed", "approved", "turned_down"),
    "task": _of("open", "done"),
}
SETTLED = _of("approved", "turned_down")
MAY: Mapping[str, Mapping[str, frozenset[str]]] = {
    "decide": SEARCH
    | {
        "suggestion": _of("confirmed_same_person", "provisionally_confirmed", "suggested", "rejected", "cannot_tell"),
        "decision": _of(),
        "sighting": _of("linked", "active"),
    },
    "screen": {"risk_screen": _of()},
    "open_verification": VERIFYING,
    "interview": {"interview": _of(), "verification": _of()},
    "give_result": VERIFYING | {"suggestion": _of("rejected"), "decision": _of(), "sighting": _of("active")},
    "settle_verification": VERIFYING,
    "open_case": SEARCH
    | {"disclosure_case": _of("not_started"), "disclosure_release": _of("stopped"), "task": _of("done")},
    "propose_outreach": {"disclosure_case": _of(), "proposal": _of("proposed"), "task": _of("open")},
    "settle_outreach": {"disclosure_case": _of(), "proposal": SETTLED, "task": _of("done")},
    "asking": SEARCH
    | {
        "disclosure_case": _of(
            "reaching",
            "informed",
            "granted",
            "declined",
            "deferred",
            "not_reachable",
            "lacks_capacity",
            "guardian_needed",
            "deceased",
            "withdrawn",
        ),
        "disclosure_answer": _of(),
        "disclosure_release": _of("stopped"),
        "task": _of("open", "done"),
    },
    "propose_release": {"disclosure_release": _of("proposed"), "proposal": _of("proposed"), "task": _of("open")},
    "settle_release": {
        "disclosure_release": SETTLED,
        "proposal": SETTLED,
        "task": _of("done"),
        "status_entry": _of(),
    },
    "tell": {"disclosure_release": _of("told")},
    "write": {"family_message": _of("written"), "proposal": _of("proposed")},
    "rewrite": {
        "family_message": _of("written"),
        "proposal": _of("proposed", "turned_down"),
        "task": _of("done"),
    },
    "step_message": {
        "family_message": _of("read", "returned", "sent", "delivered", "undeliverable", "refused", "stopped"),
        "proposal": SETTLED,
        "task": _of("done"),
        "status_entry": _of(),
    },
    "report_fate": {"fate_report": _of("proposed"), "proposal": _of("proposed")},
    "step_fate": SEARCH
    | {"fate_report": _of("under_review", "established", "refuted"), "proposal": SETTLED, "task": _of("done")},
    "record_telling": {"telling": _of()},
    "conclude": SEARCH | {"closure": _of()},
    "step_search": SEARCH,
    "withdraw": {"consent": _of(), "record": _of(), "disclosure_answer": _of()},
    "renew": {"consent": _of(), "record": _of()},
    "set_sensitivity": {t: _of() for t in ("record", "tracing_request", "sought_person", "sighting")},
    "name_never": {t: _of() for t in ("record", "tracing_request", "sought_person")},
    "break_glass": {"broken_glass": _of(), "task": _of("open")},
    "attempt": {"contact_attempt": _of()},
    "issue_code": {t: _of() for t in ("case_code", "account", "token", "record")},
    "settle_task": {"task": _of("done", "dismissed")},
    "open_right": {"subject_request": _of("received")},
    "step_right": {
        "subject_request": _of("identified", "proposed", "done", "refused", "withdrawn"),
        "proposal": _of("proposed", "approved", "turned_down"),
        "task": _of("done"),
        "consent": _of(),
        **{t: _of() for t in ("case_code", "account", "token", "suppression")},
        "record": _of(),
        "disclosure_answer": _of(),
    },
    "alter": {"disclosure_release": _of(), "family_message": _of()},
    "look": {},
    "read": {},
}
"""Per act: the tables of which it may change rows, and the states to which it may bring them."""
BRINGS: Mapping[str, frozenset[str]] = {
    "decide": _of("confirm_lead", "undo_lead"),
    "open_verification": _of("open_verification"),
    "give_result": _of("verify", "refute"),
    "settle_verification": _of("verify"),
    "open_case": _of("end_asking"),
    "asking": _of("ask_again", "end_asking"),
    "step_fate": _of("report_fate", "refute_fate", "establish_fate"),
    "conclude": _of("conclude"),
}
"""Per act: what it may bring about in a search; what happens by hand is named by the act itself."""
BY_HAND = _of(
    "submit", "accept", "decline", "appeal", "start", "ask_enquirer", "ask_partner", "ask_authority", "answered",
    "transfer", "reopen", "suspend", "resume", "withdraw", "close",
)  # fmt: skip


@dataclass(frozen=True)
class Thing:
    """Rows of `table` change exactly as often as the trail says one of `acts` of what stands in `subjects`."""

    table: str
    subjects: tuple[str, ...]
    acts: frozenset[str]


def _thing(table: str, subject: str, prefix: str, *verbs: str) -> Thing:
    return Thing(table, tuple(subject.split()), frozenset(f"{prefix}.{verb}" for verb in verbs))


SOUGHT = _thing("sought_person", "id", "sought", *BY_HAND, *(event for some in BRINGS.values() for event in some))
THINGS = (
    _thing("suggestion", "id left_id right_id", "suggestions", "confirm_same_person", "not_same_person", "cannot_tell", "undo", "refute"),
    _thing("verification", "found_id", "verifications", "open", "propose", "pass", "refute", "turn_down", "abandon", "keep_open"),
    _thing("risk_screen", "found_id", "risks", "screen"),
    _thing(
        "disclosure_case", "found_id", "disclosures", "open", "reach_out", "inform", "grant", "decline", "defer", "give_up",
        "find_incapable", "ask_guardian", "learn_of_death", "withdraw", "revise", "propose_outreach", "approve_outreach",
        "turn_down_outreach",
    ),
    _thing("disclosure_release", "found_id", "releases", "propose", "approve", "turn_down", "tell", "stop"),
    _thing("family_message", "found_id", "messages", "write", "rewrite", "read", "return", "send", "deliver", "fail", "refuse", "stop"),
    _thing("fate_report", "sought_id", "fates", "propose", "confirm", "establish", "refute"),
    _thing("telling", "sought_id", "outcomes", "tell"),
    _thing("closure", "sought_id", "sought", "conclude"),
    _thing("sighting", "id", "sightings", "link", "unlink", "change"),
    _thing("broken_glass", "record_id", "glass", "break"),
    _thing("contact_attempt", "record_id", "contacts", "attempt"),
    _thing("case_code", "request_id", "case-codes", "issue", "revoke"),
    _thing("subject_request", "record_id", "rights", "open", "identify", "propose", "carry_out", "turn_down", "refuse", "withdraw"),
    _thing("task", "record_id", "tasks", "raise", "done", "dismissed"),
)  # fmt: skip
CONSENTING = _of(
    "consents.decide", "consents.withdraw", "data-subject.decide", "data-subject.withdraw", "rights.carry_out"
)
ANSWERING = _of(
    "disclosures.grant", "disclosures.decline", "disclosures.withdraw", "disclosures.revise",
    "disclosures.learn_of_death", "rights.carry_out", "consents.withdraw",
)  # fmt: skip
FORGOTTEN = _of("sighting", "tracing_request", "sought_person", "case_code")
"""Things whose versions count up without a row of their own when a person is forgotten: one row says it of all."""


def said_once(seen: Seen, *, without: frozenset[str] = frozenset()) -> None:
    """Require one row of the trail for every change of a thing, and a change for every such row."""
    for thing in THINGS:
        if thing.table not in without:
            _said_once(thing, seen)
    for act, table in ((CONSENTING, "consent"), (ANSWERING, "disclosure_answer")):
        column = "record_id" if table == "consent" else "found_id"
        for subject in {UUID(change.row[column]) for change in seen.new(table)}:
            said = sum(seen.done[verb, subject] for verb in act)
            must(5, said == 1, f"{table} of one person changed, and the trail says it {said} times")
    held = sum(count for (act, _), count in seen.done.items() if act == "interviews.hold")
    must(5, held == len(seen.new("interview")), "an interview without its row on the trail")


def _said_once(thing: Thing, seen: Seen) -> None:
    changed: dict[UUID, int] = {}
    for change in seen.of(thing.table):
        for column in thing.subjects:
            subject = UUID(change.row[column])
            changed[subject] = changed.get(subject, 0) + change.steps - _talks(change, seen)
    said = {subject for (act, subject) in seen.done if act in thing.acts and subject is not None}
    for subject in said | changed.keys():
        times = sum(seen.done[act, subject] for act in thing.acts)
        steps = changed.get(subject, 0)
        must(5, times == steps, f"{thing.table}: {steps} changes of one subject, and {times} rows of the trail")


def _talks(change: Change, seen: Seen) -> int:
    """Return how many of a verification's changes are interviews: they have rows of their own."""
    if change.table != "verification":
        return 0
    return sum(held.row["verification_id"] == change.row["id"] for held in seen.new("interview"))


def searches_moved(act: str, seen: Seen, events: frozenset[str], *, edits: bool = False) -> None:
    """Require that searches moved only by what an act may bring about, each step with its row of the trail."""
    for (verb, subject), times in seen.done.items():
        if verb in SOUGHT.acts:
            must(4, verb.removeprefix("sought.") in events, f"`{act}` let `{verb}` happen")
            must(5, times == 1, f"`{verb}` stands on the trail {times} times for one subject")
            must(5, any(UUID(c.row["id"]) == subject for c in seen.of("sought_person")), f"`{verb}` changed nothing")
    if not edits:
        _said_once(SOUGHT, seen)
    elif any(change.columns & {"state", "reason"} for change in seen.of("sought_person")):
        must(4, False, f"`{act}` moved a search")


def within(act: str, seen: Seen, about: frozenset[UUID], model: Model) -> None:
    """Require that an act changed only rows that it may, of the persons whom it is about, to states that it may."""
    allowed = MAY[act]
    for change in seen.changes:
        if change.table in SUBTLE and act != "look":
            continue
        must(4, change.table in allowed, f"`{act}` changed a row of {change.table}: {sorted(change.columns)}")
        whole = change.table == "record" and change.columns <= SLIDING
        mine = model.cases(about) if whole else about
        must(4, change.about <= mine, f"`{act}` changed {change.table} of somebody else: {sorted(change.columns)}")
        must(
            4,
            change.before is None or change.table not in APPENDED,
            f"`{act}` changed what is never changed: {change.table}",
        )
        column = STATES.get(change.table)
        if column is not None and column in change.columns:
            must(4, change.row[column] in allowed[change.table], f"`{act}` made {change.table} `{change.row[column]}`")
    records_stand(act, seen, model)


def records_stand(act: str, seen: Seen, model: Model) -> None:
    """Require that nobody's sensitivity and consent changed but by the acts that are about them."""
    for change in seen.of("record"):
        must(4, change.before is not None, f"`{act}` registered somebody")
        if "sensitivity" in change.columns:
            must(4, act == "set_sensitivity", f"`{act}` changed somebody's sensitivity")
        if "purposes" in change.columns and change.before and change.after:
            gained = int(change.after["purposes"]) & ~int(change.before["purposes"])
            must(3, not gained or act == "renew", f"`{act}` brought back a purpose that was not in force")
            ended = act in ("withdraw", "renew", "step_right") or not model.matched(UUID(change.row["id"]))
            must(4, ended, f"`{act}` ended a purpose that is in force")
        if "forgotten_at" in change.columns:
            must(4, act in ("step_right", "night"), f"`{act}` forgot somebody")


def moment(text: str) -> datetime:
    """Return a moment as SQLite keeps it, in UTC."""
    return datetime.fromisoformat(f"{text}+00:00")


def gone(seen: Seen) -> frozenset[UUID]:
    """Return whose records were forgotten."""
    return frozenset(UUID(c.row["id"]) for c in seen.of("record") if "forgotten_at" in c.columns)


def without(changes: Iterable[Change], persons: frozenset[UUID]) -> tuple[Change, ...]:
    """Return those of `changes` that are about none of `persons`."""
    return tuple(change for change in changes if not change.about & persons)
