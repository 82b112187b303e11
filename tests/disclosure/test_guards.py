"""Each guard of the askings, failing and holding."""

from typing import Any
from uuid import UUID

import pytest
from sqlmodel import select

from tests.disclosure.desk import ENDED, Desk, draft, hire, screen, seek, verified, verify
from tracing.contact.errors import NotExhausted
from tracing.disclosure import service, store
from tracing.disclosure.errors import GuardianNeeded, NoSuchTransition
from tracing.disclosure.states import State
from tracing.gate import foureyes, register
from tracing.gate.access import Access
from tracing.gate.admit import admitted, identify
from tracing.gate.disclosing import Act, Level
from tracing.gate.foureyes import NotApproved
from tracing.gate.kinds import Sensitivity
from tracing.gate.permissions import Permission
from tracing.kit.errors import Invalid, TracingError
from tracing.requests import service as requests
from tracing.requests.schemas import RequestChange, SoughtChange
from tracing.risk.errors import NotScreened
from tracing.risk.states import Verdict
from tracing.risk.tables import RiskScreen
from tracing.tasks.states import TaskKind
from tracing.tasks.tables import Task
from tracing.verification.errors import NotVerified
from tracing.verification.states import State as VerificationState


@pytest.fixture
def apart(desk: Desk) -> str:
    """Somebody of another team, once per module."""
    if ("KE", "kisumu-1") not in desk.people.tokens:
        hire(desk.gate, desk.people, "kisumu-1")
    return "kisumu-1"


class TestScreened:
    """`reach_out` and `inform`: verified, screened, nobody named as never to learn, approved where two are asked."""

    SOURCES = ((State.NOT_STARTED, "reach_out"), (State.REACHING, "inform"))

    def refuses(self, desk: Desk, access: Access, source: State, event: str, why: type[TracingError]) -> None:
        with pytest.raises(why):
            desk.happen(access, event)
        assert desk.state(access) is source

    @pytest.mark.parametrize(("source", "event"), SOURCES)
    @pytest.mark.parametrize("state", [s for s in VerificationState if s is not VerificationState.PASSED])
    def test_fails_without_a_verification_that_stands(
        self, desk: Desk, source: State, event: str, state: VerificationState
    ) -> None:
        with desk.trial(source) as access:
            row = store.find_verification(access, desk.pair.verification_id)
            assert row is not None
            row.state = state
            access.session.flush()
            self.refuses(desk, access, source, event, NotVerified)

    @pytest.mark.parametrize(("source", "event"), SOURCES)
    def test_fails_on_another_verification_than_the_asking_rests_on(
        self, desk: Desk, source: State, event: str
    ) -> None:
        with desk.trial(source) as access:
            verify(access, desk.pair.found_id, desk.pair.sought_id)
            self.refuses(desk, access, source, event, NotVerified)

    @pytest.mark.parametrize(("source", "event"), SOURCES)
    def test_fails_when_the_screen_says_stop(self, desk: Desk, source: State, event: str) -> None:
        with desk.trial(source) as access:
            screen(access, desk.pair.found_id, desk.pair.sought_id, Verdict.STOP)
            self.refuses(desk, access, source, event, NotScreened)

    @pytest.mark.parametrize(("source", "event"), SOURCES)
    @pytest.mark.parametrize("line", ["Amina Yusuf Warsame", "أمينة يوسف ورسمه", "Aamina Yuusuf"])
    def test_fails_when_the_enquirer_named_her(self, desk: Desk, source: State, event: str, line: str) -> None:
        with desk.trial(source) as access:
            request = requests.find_request(access, desk.pair.request_id)
            lines = ["my uncle", line]
            requests.change_request(access, request, RequestChange(never_disclose_to=lines))
            self.refuses(desk, access, source, event, NotScreened)

    @pytest.mark.parametrize(("source", "event"), SOURCES)
    def test_holds_when_the_enquirer_named_others(self, desk: Desk, source: State, event: str) -> None:
        with desk.trial(source) as access:
            request = requests.find_request(access, desk.pair.request_id)
            lines = ["my uncle", "the embassy", "Bashir Xasan"]
            requests.change_request(access, request, RequestChange(never_disclose_to=lines))
            desk.happen(access, event)

    @pytest.mark.parametrize(
        ("line", "holds"), [("Abdi Yusuf Warsame", False), ("عبدي يوسف ورسمه", False), ("Hodan Abdi Farah", True)]
    )
    def test_fails_when_she_named_the_enquirer_in_a_request_of_her_own(
        self, desk: Desk, line: str, holds: bool
    ) -> None:
        sought_id = seek(desk.gate, desk.people)[1]
        found_id = seek(desk.gate, desk.people, never_disclose_to=["the militia", line])[0]
        verification_id = verified(desk.gate, desk.people, found_id, sought_id)
        with admitted(desk.gate, desk.people.token("caseworker"), Permission.DISCLOSURES_WRITE) as access:
            row = service.find_case(access, service.open_case(access, verification_id).id)
            if holds:
                assert service.happen(access, row, draft("reach_out")).state is State.REACHING
            else:
                with pytest.raises(NotScreened):
                    service.happen(access, row, draft("reach_out"))

    @pytest.mark.parametrize(("source", "event"), SOURCES)
    def test_fails_when_nobody_screened(self, desk: Desk, source: State, event: str) -> None:
        with desk.trial(source) as access:
            for row in access.session.exec(select(RiskScreen)).all():
                access.session.delete(row)
            access.session.flush()
            self.refuses(desk, access, source, event, NotScreened)

    RISKS = ("found", "sought", "request", "screen")

    def make_risky(self, desk: Desk, access: Access, risk: str) -> None:
        if risk == "screen":
            screen(access, desk.pair.found_id, desk.pair.sought_id, Verdict.SECOND_APPROVER)
            return
        record_id: UUID = getattr(desk.pair, f"{risk}_id")
        register.set_sensitivity(access, record_id, Sensitivity.PROTECTED)

    @pytest.mark.parametrize(("source", "event"), SOURCES)
    @pytest.mark.parametrize("risk", RISKS)
    def test_fails_where_two_are_asked_and_nobody_approved(
        self, desk: Desk, source: State, event: str, risk: str
    ) -> None:
        with desk.trial(source) as access:
            self.make_risky(desk, access, risk)
            self.refuses(desk, access, source, event, NotApproved)

    @pytest.mark.parametrize(("source", "event"), SOURCES)
    @pytest.mark.parametrize(("who", "holds"), [("other", True), ("same", False), ("nobody", False)])
    def test_asks_for_an_approval_of_another_team(
        self, desk: Desk, apart: str, source: State, event: str, who: str, holds: bool
    ) -> None:
        with desk.trial(source) as access:
            self.make_risky(desk, access, "found")
            row = service.find_case(access, desk.id)
            content = f"{row.found_id}|{row.sought_id}|{row.verification_id}".encode()
            foureyes.propose(access, Act.OUTREACH, row.found_id, row.id, content)  # by hand, without naming a team
            self.approve(desk, access, who, content)
            if holds:
                desk.happen(access, event)
            else:
                self.refuses(desk, access, source, event, NotApproved)

    def approve(self, desk: Desk, access: Access, who: str, content: bytes) -> None:
        """Let somebody approve within the trial, which is one access of another."""
        if who == "nobody":
            return
        label = {"other": "kisumu-1", "same": "caseworker-2"}[who]
        caller = access.caller
        token = desk.people.token(label)
        object.__setattr__(access, "caller", identify(desk.gate, token, access.now))
        foureyes.settle(access, desk.id, Act.OUTREACH, approve=True, content=content)
        object.__setattr__(access, "caller", caller)


class TestAsked:
    """Silence is never consent, and nobody agrees in another's place."""

    @pytest.mark.parametrize("event", ["grant", "decline"])
    @pytest.mark.parametrize("fields", [{"given_by": "not_asked"}, {"obtained": "not_asked"}])
    @pytest.mark.parametrize("source", [State.INFORMED, State.GUARDIAN_NEEDED])
    def test_fails_when_nobody_was(self, desk: Desk, event: str, fields: dict[str, str], source: State) -> None:
        with desk.trial(source) as access:
            by = "subject" if source is State.INFORMED else "guardian"
            with pytest.raises(Invalid):
                desk.happen(access, event, **{"given_by": by, "obtained": "verbal"} | fields)
            assert (desk.state(access), desk.level(access)) == (source, Level.NOTHING)

    @pytest.mark.parametrize("given_by", ["parent", "guardian", "court"])
    def test_fails_when_somebody_else_agrees_for_a_grown_person(self, desk: Desk, given_by: str) -> None:
        with desk.trial(State.INFORMED) as access:
            with pytest.raises(Invalid):
                desk.happen(access, "grant", given_by=given_by)
            assert desk.state(access) is State.INFORMED

    BIRTHS = (
        ({"birth": "1990"}, False),
        ({"birth": "2012-03"}, True),
        ({"birth": None, "age": "30-35", "age_date": "2022"}, False),
        ({"birth": None, "age": "9", "age_date": "2022"}, True),
        ({"birth": "2000/.."}, True),  # it cannot be told
        ({"birth": None}, False),  # nobody said a word of her age
    )

    @pytest.mark.parametrize(("fields", "child"), BIRTHS)
    def test_fails_when_she_may_be_a_child(self, desk: Desk, fields: dict[str, Any], child: bool) -> None:
        with desk.trial(State.INFORMED) as access:
            desk.born(access, **fields)
            if child:
                with pytest.raises(GuardianNeeded):
                    desk.happen(access, "grant")
                assert desk.happen(access, "ask_guardian").state is State.GUARDIAN_NEEDED
                court = {"given_by": "court", "obtained": "signed", "apart_from_enquirer": True}
                assert desk.happen(access, "grant", **court).state is State.GRANTED
            else:
                assert desk.happen(access, "grant").state is State.GRANTED

    def test_holds_for_a_child_who_says_no(self, desk: Desk) -> None:
        with desk.trial(State.INFORMED) as access:
            desk.born(access, birth="2012")
            assert desk.happen(access, "decline").state is State.DECLINED

    def test_asks_nobody_else_for_a_grown_person_who_can_answer(self, desk: Desk) -> None:
        for source in (State.REACHING, State.INFORMED):
            with desk.trial(source) as access:
                with pytest.raises(NoSuchTransition):
                    desk.happen(access, "ask_guardian")
                assert desk.state(access) is source
                desk.happen(access, "find_incapable")
                assert desk.happen(access, "ask_guardian").state is State.GUARDIAN_NEEDED

    def test_knows_a_child_by_the_search_where_her_own_record_is_silent(self, desk: Desk) -> None:
        with desk.trial(State.INFORMED) as access:
            desk.born(access, birth=None)
            row = requests.find_sought(access, desk.pair.sought_id)
            child = requests.show_sought(access, row.id).person.model_copy(update={"birth": "2012"})
            requests.change_sought(access, row, SoughtChange(person=child))
            with pytest.raises(GuardianNeeded):
                desk.happen(access, "grant")
            desk.born(access, birth="1990")
            assert desk.happen(access, "grant").state is State.GRANTED


class TestGuardian:
    @pytest.mark.parametrize("event", ["grant", "decline"])
    @pytest.mark.parametrize(
        ("given_by", "holds"),
        [("parent", True), ("guardian", True), ("court", True), ("subject", False), ("not_asked", False)],
    )
    def test_is_a_parent_a_guardian_or_a_court(self, desk: Desk, event: str, given_by: str, holds: bool) -> None:
        apart = {"apart_from_enquirer": True} if event == "grant" else {}
        with desk.trial(State.GUARDIAN_NEEDED) as access:
            if holds:
                assert desk.happen(access, event, given_by=given_by, obtained="written", **apart).state in ENDED
            else:
                with pytest.raises(Invalid):
                    desk.happen(access, event, given_by=given_by, obtained="written", **apart)
                assert desk.state(access) is State.GUARDIAN_NEEDED

    @pytest.mark.parametrize("apart", [None, False])
    def test_is_not_whoever_asks(self, desk: Desk, apart: bool | None) -> None:
        said = {"given_by": "parent", "obtained": "written", "apart_from_enquirer": apart}
        with desk.trial(State.GUARDIAN_NEEDED) as access:
            with pytest.raises(Invalid) as refused:
                desk.happen(access, "grant", **said)
            assert [flaw.code for flaw in refused.value.flaws] == ["not-apart"]
            assert desk.state(access) is State.GUARDIAN_NEEDED
            desk.happen(access, "grant", **said | {"apart_from_enquirer": True})
            row = store.find_case(access, desk.id)
            assert row is not None
            assert store.details_of_case(access, row).apart_from_enquirer is True

    def test_is_not_whoever_is_not_named(self, desk: Desk) -> None:
        with desk.trial(State.GUARDIAN_NEEDED) as access, pytest.raises(Invalid):
            desk.happen(access, "decline")


class TestUntil:
    def test_lies_in_the_future_and_makes_a_task_then(self, desk: Desk) -> None:
        with desk.trial(State.INFORMED) as access:
            with pytest.raises(Invalid):
                desk.happen(access, "defer", until=access.now.isoformat())
            view = desk.happen(access, "defer")
            assert str(view.defer_until) == "2999-01-01 00:00:00+00:00"
            (task,) = access.session.exec(select(Task).where(Task.kind == TaskKind.ASK_AGAIN)).all()
            assert (task.record_id, task.about_id, task.due_at) == (desk.pair.found_id, desk.id, view.defer_until)
            assert desk.happen(access, "reach_out").defer_until is None


class TestAttempts:
    @pytest.mark.parametrize(
        ("why", "planted", "holds"),
        [
            ("nobody was tried", (0, 20), False),
            ("too few", (4, 20), False),
            ("too close together", (5, 13), False),
            ("enough", (5, 14), True),
        ],
    )
    def test_are_enough_before_somebody_counts_as_unreachable(
        self, desk: Desk, why: str, planted: tuple[int, int], holds: bool
    ) -> None:
        with desk.trial(State.REACHING) as access:
            desk.try_in_vain(access, planted[0], spread=planted[1])
            if holds:
                assert desk.happen(access, "give_up").state is State.NOT_REACHABLE
            else:
                with pytest.raises(NotExhausted):
                    desk.happen(access, "give_up")
                assert desk.state(access) is State.REACHING
