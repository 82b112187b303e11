"""Every row of the table of searches and every missing one, through the service; each guard failing once."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any
from uuid import UUID

import pytest

from tests.conftest import peopled
from tests.support import Json, People, granted, request_draft, sought_draft
from tracing.gate import consents, register
from tracing.gate.access import Access
from tracing.gate.admit import admitted
from tracing.gate.consents import ConsentFact
from tracing.gate.opening import Gate
from tracing.gate.permissions import GRANTS, Permission, Role
from tracing.gate.purposes import Decision, LawfulBasis, Purpose
from tracing.kit.errors import Invalid, MissingConsent, Refused, TracingError
from tracing.requests import service, states
from tracing.requests.errors import NoSuchTransition
from tracing.requests.schemas import RequestDraft
from tracing.requests.states import (
    ClosureReason,
    DeclineReason,
    Event,
    FindingReason,
    Guard,
    HoldReason,
    Outcome,
    Reason,
    Row,
    State,
)

UNDER_WAY = ("open", "searching", "awaiting_enquirer", "awaiting_partner", "awaiting_authority", "lead_found")
FOUND = ("verifying", "located_pending_consent", "fate_review", "outcome_ready")
# domain.md §6.1, written out once more: the table is compared with it.
WANTED: dict[tuple[str, str], str] = {
    ("pre_case", "submit"): "eligibility_review",
    ("eligibility_review", "accept"): "open",
    ("eligibility_review", "decline"): "not_accepted",
    ("not_accepted", "appeal"): "eligibility_review",
    ("open", "start"): "searching",
    ("searching", "ask_enquirer"): "awaiting_enquirer",
    ("searching", "ask_partner"): "awaiting_partner",
    ("searching", "ask_authority"): "awaiting_authority",
    ("awaiting_enquirer", "answered"): "searching",
    ("awaiting_partner", "answered"): "searching",
    ("awaiting_authority", "answered"): "searching",
    ("suspended", "resume"): "searching",
    ("reopened", "resume"): "searching",
    **{(state, "confirm_lead"): "lead_found" for state in UNDER_WAY},
    **{
        (state, "undo_lead"): "searching"
        for state in ("lead_found", "verifying", "located_pending_consent", "outcome_ready")
    },
    **{(state, "open_verification"): "verifying" for state in ("searching", "lead_found")},
    ("verifying", "refute"): "searching",
    ("verifying", "verify"): "located_pending_consent",
    ("located_pending_consent", "end_asking"): "outcome_ready",
    ("outcome_ready", "ask_again"): "located_pending_consent",
    **{(state, "hear_partner"): "outcome_ready" for state in (*UNDER_WAY, "outcome_ready")},
    **{(state, "report_fate"): "fate_review" for state in (*UNDER_WAY, "verifying", "located_pending_consent")},
    ("fate_review", "refute_fate"): "searching",
    ("fate_review", "establish_fate"): "outcome_ready",
    **{(state, "conclude"): "closed" for state in (*UNDER_WAY, "outcome_ready", "suspended")},
    **{(state, "suspend"): "suspended" for state in (*UNDER_WAY, *FOUND)},
    **{(state, "transfer"): "transferred_out" for state in (*UNDER_WAY, "suspended")},
    **{(state, "reopen"): "reopened" for state in ("closed", "withdrawn", "transferred_out")},
    **{
        (state, event): target
        for state in ("pre_case", "eligibility_review", *UNDER_WAY, *FOUND, "suspended", "reopened")
        for event, target in (("withdraw", "withdrawn"), ("close", "closed"))
    },
}
CELLS = [(state, event) for state in State for event in Event]
MISSING = [cell for cell in CELLS if cell not in WANTED]
REVIEW = [row for row in states.TABLE if row.guard is Guard.CONFIRMED_SUGGESTION]
BROUGHT = [row for row in states.TABLE if row.guard in states.BROUGHT]
BY_HAND = [row for row in states.TABLE if row not in BROUGHT]


def missing_from(state: State) -> list[Event]:
    """Return the events that have no row in a state."""
    return [event for source, event in MISSING if source is state]


def name_of(cell: tuple[State, Event] | Row) -> str:
    state, event = (cell.source, cell.event) if isinstance(cell, Row) else cell
    return f"{state}-{event}"


def reason_for(event: Event) -> Reason:
    """Return a reason that fits the step."""
    fitting: dict[Event, Reason] = {
        Event.CLOSE: ClosureReason.ENQUIRER_WITHDREW,
        Event.DECLINE: DeclineReason.GENEALOGY,
        Event.CONCLUDE: FindingReason.REUNIFIED,
        Event.END_ASKING: Outcome.NOTHING_TO_TELL,
        Event.HEAR_PARTNER: Outcome.SOMETHING_TO_TELL,
        Event.ESTABLISH_FATE: Outcome.FATE_TO_TELL,
    }
    return fitting.get(event, HoldReason.ENQUIRER_ASKED)


def actor(row: Row) -> str:
    """Return a role by which a row is brought about."""
    return "partner" if row.who is Permission.EXCHANGE_RECEIVE else "supervisor"


class Undone(TracingError):
    """Ends a trial, so that the next one finds the desk as it was."""


class Desk:
    """One search on SQLite that is put into any state; every trial is undone."""

    def __init__(self, gate: Gate, people: People) -> None:
        self.gate, self.people = gate, people
        self.id = self.open(request_draft())

    def open(self, draft: Json) -> UUID:
        """Open a request that has not started, and return the id of its sought person."""
        with admitted(self.gate, self.people.token("caseworker"), Permission.REQUESTS_WRITE) as access:
            return service.open_request(access, RequestDraft.model_validate(draft | {"start": False})).sought[0].id

    @staticmethod
    def share(access: Access, search: UUID) -> None:
        """Let another society be given the case, as its transfer asks for."""
        fact = ConsentFact(Purpose.SHARE_WITH_SOCIETY, Decision.GRANTED, LawfulBasis.CONSENT, recipient="UG")
        consents.decide(access, search, [fact])

    @contextmanager
    def trial(self, state: State, role: str = "caseworker", search: UUID | None = None) -> Iterator[Access]:
        """Yield the access of somebody before whom the search lies in `state`."""
        permission = sorted(GRANTS[Role(role)])[0]
        with suppress(Undone), admitted(self.gate, self.people.token(role), permission) as access:
            row = service.find_sought(access, search or self.id)
            row.state = state
            access.session.add(row)
            register.set_matchable(access, row.id, state in states.MATCHED)
            access.session.flush()
            yield access
            raise Undone("undone")

    def stands(self, access: Access, search: UUID | None = None) -> tuple[State, bool]:
        """Return the state, and whether the engine looks for the person."""
        row = service.find_sought(access, search or self.id)
        return State(row.state), register.records(access, [row.id])[row.id].matchable


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    with peopled(tmp_path_factory.mktemp("desk")) as (gate, people):
        yield Desk(gate, people)


class TestTable:
    def test_is_the_one_that_was_agreed(self) -> None:
        assert {(str(row.source), str(row.event)): str(row.target) for row in states.TABLE} == WANTED

    def test_says_nothing_twice(self) -> None:
        assert len(states.BY_KEY) == len(states.TABLE)

    def test_asks_for_one_permission_per_event(self) -> None:
        asked = {event: {row.who for row in states.TABLE if row.event is event} for event in Event}
        assert asked == {event: {who} for event, who in states.WHO.items()}

    def test_every_state_can_be_reached(self) -> None:
        assert {"pre_case", *WANTED.values()} == set(State)

    def test_what_another_act_brings_about_is_never_by_hand_elsewhere(self) -> None:
        brought = {row.event for row in BROUGHT}
        assert brought.isdisjoint({row.event for row in BY_HAND})

    def test_every_reason_stands_in_one_list_only(self) -> None:
        lists = (ClosureReason, FindingReason, Outcome, DeclineReason, HoldReason)
        assert len(states.REASON_BY_CODE) == sum(len(kind) for kind in lists)


class TestRows:
    @pytest.mark.parametrize("row", BY_HAND, ids=name_of)
    def test_lead_where_they_say(self, desk: Desk, row: Row) -> None:
        with desk.trial(row.source, "supervisor") as access:
            desk.share(access, desk.id)
            search = service.find_sought(access, desk.id)
            before, reason = search.version, reason_for(row.event)
            view = service.happen(access, search, row.event, reason)
            assert (view.state, view.reason, view.version) == (row.target, reason, before + 1)
            assert desk.stands(access) == (row.target, row.target in (*UNDER_WAY, *FOUND))
            assert [act.act for act in access.acts] == [f"sought.{row.event}"]

    @pytest.mark.parametrize("row", BY_HAND, ids=name_of)
    def test_ask_for_their_permission(self, desk: Desk, row: Row) -> None:
        with desk.trial(row.source) as access:
            object.__setattr__(access.caller, "permissions", access.caller.permissions - {row.who})
            with pytest.raises(Refused):
                service.happen(access, service.find_sought(access, desk.id), row.event, reason_for(row.event))
            assert desk.stands(access)[0] is row.source

    @pytest.mark.parametrize("row", [r for r in BY_HAND if r.guard is not Guard.REASON], ids=name_of)
    def test_that_need_no_reason_go_without(self, desk: Desk, row: Row) -> None:
        with desk.trial(row.source, "supervisor") as access:
            desk.share(access, desk.id)
            view = service.happen(access, service.find_sought(access, desk.id), row.event, None)
            assert (view.state, view.reason) == (row.target, None)

    @pytest.mark.parametrize("row", BROUGHT, ids=name_of)
    def test_that_another_act_brings_about_are_not_taken_by_hand(self, desk: Desk, row: Row) -> None:
        with desk.trial(row.source, "supervisor") as access:
            with pytest.raises(NoSuchTransition, match="not by hand"):
                service.happen(access, service.find_sought(access, desk.id), row.event, None)
            assert desk.stands(access)[0] is row.source


class TestMissingRows:
    @pytest.mark.parametrize("state", State)
    def test_lead_nowhere(self, desk: Desk, state: State) -> None:
        with desk.trial(state, "supervisor") as access:
            for event in missing_from(state):
                with pytest.raises(NoSuchTransition):
                    service.happen(access, service.find_sought(access, desk.id), event, reason_for(event))
                assert desk.stands(access)[0] is state
                assert access.acts == []

    @pytest.mark.parametrize("state", State)
    def test_are_not_made_up_for_by_a_decision(self, desk: Desk, state: State) -> None:
        with desk.trial(state, "supervisor") as access:
            for event in missing_from(state):
                service.follow_decision(access, desk.id, event)
                assert desk.stands(access)[0] is state
                assert access.acts == []


class TestBrought:
    @pytest.mark.parametrize("row", BROUGHT, ids=name_of)
    def test_lead_where_they_say(self, desk: Desk, row: Row) -> None:
        with desk.trial(row.source, actor(row)) as access:
            reason = reason_for(row.event) if row.event in states.REASONS else None
            service.bring(access, desk.id, row.event, reason)
            assert desk.stands(access) == (row.target, row.target in (*UNDER_WAY, *FOUND))
            assert service.find_sought(access, desk.id).reason == reason
            assert [act.act for act in access.acts] == [f"sought.{row.event}"]

    @pytest.mark.parametrize("row", BROUGHT, ids=name_of)
    def test_ask_for_their_permission(self, desk: Desk, row: Row) -> None:
        with desk.trial(row.source, "supervisor") as access:
            object.__setattr__(access.caller, "permissions", access.caller.permissions - {row.who})
            with pytest.raises(Refused):
                service.bring(access, desk.id, row.event)
            assert desk.stands(access)[0] is row.source

    @pytest.mark.parametrize("row", BY_HAND, ids=name_of)
    def test_do_not_stand_in_for_a_hand(self, desk: Desk, row: Row) -> None:
        with desk.trial(row.source, "supervisor") as access:
            desk.share(access, desk.id)
            with pytest.raises(NoSuchTransition, match="by hand"):
                service.bring(access, desk.id, row.event, reason_for(row.event))
            assert desk.stands(access)[0] is row.source

    @pytest.mark.parametrize("state", State)
    def test_lead_nowhere_without_a_row(self, desk: Desk, state: State) -> None:
        with desk.trial(state, "supervisor") as access:
            for event in missing_from(state):
                with pytest.raises(NoSuchTransition):
                    service.bring(access, desk.id, event)
                assert desk.stands(access)[0] is state

    def test_take_no_reason_of_another_step(self, desk: Desk) -> None:
        with desk.trial(State.OUTCOME_READY, "supervisor") as access, pytest.raises(Invalid):
            service.bring(access, desk.id, Event.CONCLUDE, ClosureReason.NOT_FOUND)


class TestWhoSeesWhat:
    """Staff of a reception centre register people; what was found is not theirs to know."""

    @pytest.mark.parametrize("state", State)
    def test_intake_reads_a_finding_as_a_search(self, desk: Desk, state: State) -> None:
        with desk.trial(state, "intake") as access:
            shown = service.show_sought(access, desk.id).state
            assert shown == ("searching" if state in ("lead_found", *FOUND) else state)

    @pytest.mark.parametrize("role", ["intake", "caseworker"])
    def test_a_finding_that_was_not_disclosed_is_none_for_intake(self, desk: Desk, role: str) -> None:
        with desk.trial(State.CLOSED, role) as access:
            service.find_sought(access, desk.id).reason = FindingReason.FOUND_NOT_DISCLOSED
            wanted = {"intake": ClosureReason.NOT_FOUND, "caseworker": FindingReason.FOUND_NOT_DISCLOSED}[role]
            assert service.show_sought(access, desk.id).reason == wanted


class TestDecisions:
    @pytest.mark.parametrize("row", REVIEW, ids=name_of)
    def test_set_and_undo_a_lead(self, desk: Desk, row: Row) -> None:
        with desk.trial(row.source) as access:
            service.follow_decision(access, desk.id, row.event)
            assert desk.stands(access) == (row.target, True)
            assert [act.act for act in access.acts] == [f"sought.{row.event}"]

    def test_of_somebody_who_may_not_decide_set_no_lead(self, desk: Desk) -> None:
        with desk.trial(State.SEARCHING, "intake") as access:
            with pytest.raises(Refused):
                service.follow_decision(access, desk.id, Event.CONFIRM_LEAD)
            assert desk.stands(access)[0] is State.SEARCHING


def enquirer(**fields: Any) -> Json:
    """Return an enquirer whose only contact may not be safe."""
    return dict(request_draft()["enquirer"]) | {"contacts": []} | fields


def unsafe(word: str) -> list[Json]:
    return [{"kind": "phone", "value": "+252 61 555 0101", "safe": word}]


class TestGuards:
    def test_nobody_is_handed_over_without_a_consent_to_share(self, desk: Desk) -> None:
        with desk.trial(State.SEARCHING, "supervisor") as access:
            with pytest.raises(MissingConsent):
                service.happen(access, service.find_sought(access, desk.id), Event.TRANSFER, None)
            assert desk.stands(access)[0] is State.SEARCHING

    @pytest.mark.parametrize("row", [r for r in BY_HAND if r.guard is Guard.REASON], ids=name_of)
    def test_a_reason_is_needed(self, desk: Desk, row: Row) -> None:
        with desk.trial(row.source) as access:
            with pytest.raises(Invalid) as refusal:
                service.happen(access, service.find_sought(access, desk.id), row.event, None)
            assert [(f.pointer, f.code) for f in refusal.value.flaws] == [("/reason", "missing")]
            assert desk.stands(access)[0] is row.source

    @pytest.mark.parametrize(
        ("state", "event", "reason"),
        [
            (State.ELIGIBILITY_REVIEW, Event.DECLINE, ClosureReason.DUPLICATE_OF),
            (State.SEARCHING, Event.CLOSE, DeclineReason.GENEALOGY),
            (State.SEARCHING, Event.CLOSE, HoldReason.ENQUIRER_ASKED),
            (State.SEARCHING, Event.SUSPEND, ClosureReason.DUPLICATE_OF),
        ],
    )
    def test_a_reason_of_another_step_is_none(self, desk: Desk, state: State, event: Event, reason: Reason) -> None:
        with desk.trial(state) as access:
            with pytest.raises(Invalid) as refusal:
                service.happen(access, service.find_sought(access, desk.id), event, reason)
            assert [f.code for f in refusal.value.flaws] == ["reason-of-another-step"]
            assert desk.stands(access)[0] is state

    @pytest.mark.parametrize(
        ("why", "draft", "holds"),
        [
            ("a safe contact", {}, True),
            ("no notice", {"information_notice_version": None}, False),
            ("no contact at all", {"enquirer": enquirer()}, False),
            ("unknown counts as unsafe", {"enquirer": enquirer(contacts=unsafe("unknown"))}, False),
            ("an unsafe contact", {"enquirer": enquirer(contacts=unsafe("no"))}, False),
            ("it is marked that there is none", {"enquirer": enquirer(no_safe_contact=True)}, True),
            (
                "none and no notice",
                {"enquirer": enquirer(no_safe_contact=True), "information_notice_version": None},
                False,
            ),
        ],
        ids=lambda value: value if isinstance(value, str) else "",
    )
    def test_notice_and_contact_come_before_the_review(self, desk: Desk, why: str, draft: Json, holds: bool) -> None:
        search = desk.open(request_draft(**draft))
        with desk.trial(State.PRE_CASE, search=search) as access:
            row = service.find_sought(access, search)
            if holds:
                assert service.happen(access, row, Event.SUBMIT, None).state is State.ELIGIBILITY_REVIEW, why
            else:
                with pytest.raises(NoSuchTransition):
                    service.happen(access, row, Event.SUBMIT, None)
                assert desk.stands(access, search) == (State.PRE_CASE, False), why

    @pytest.mark.parametrize(
        ("state", "event"), [(State.ELIGIBILITY_REVIEW, Event.ACCEPT), (State.SUSPENDED, Event.RESUME)]
    )
    @pytest.mark.parametrize("how", ["never granted", "withdrawn"])
    def test_nobody_is_looked_for_without_a_basis(self, desk: Desk, state: State, event: Event, how: str) -> None:
        basis = granted("register") if how == "never granted" else granted()
        search = desk.open(request_draft(sought_draft(basis=basis)))
        with desk.trial(state, search=search) as access:
            if how == "withdrawn":
                fact = ConsentFact(Purpose.MATCH_WITHIN_SOCIETY, Decision.WITHDRAWN, LawfulBasis.CONSENT)
                consents.decide(access, search, [fact])
            with pytest.raises(MissingConsent):
                service.happen(access, service.find_sought(access, search), event, None)
            assert desk.stands(access, search) == (state, False)
