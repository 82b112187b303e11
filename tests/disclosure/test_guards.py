"""Each guard of the askings failing and holding, the fields of each event, and what becomes of an answer."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlmodel import select

from tests.disclosure.desk import ENDED, UNTIL, Desk, draft, hire, screen, seek, verified, verify
from tracing.contact.errors import NotExhausted
from tracing.disclosure import service, store, telling
from tracing.disclosure.errors import GuardianNeeded
from tracing.disclosure.states import NamedAs, ReleaseState, State
from tracing.gate import answers, foureyes, register
from tracing.gate.access import Access
from tracing.gate.admit import admitted, identify
from tracing.gate.disclosing import Act, Level
from tracing.gate.foureyes import NotApproved
from tracing.gate.kinds import Sensitivity
from tracing.gate.permissions import Permission
from tracing.kit.errors import Invalid, TracingError
from tracing.requests import service as requests
from tracing.requests.schemas import RequestChange
from tracing.risk.errors import NotScreened
from tracing.risk.states import Verdict
from tracing.risk.tables import RiskScreen
from tracing.sightings import service as sightings
from tracing.sightings.schemas import SightingChange
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
            row = sightings.find_sighting(access, desk.pair.found_id)
            person = sightings.show_sighting(access, row.id).person.model_copy(update=fields)
            sightings.change_sighting(access, row, SightingChange(person=person))
            if child:
                with pytest.raises(GuardianNeeded):
                    desk.happen(access, "grant")
                assert desk.happen(access, "ask_guardian").state is State.GUARDIAN_NEEDED
                assert desk.happen(access, "grant", given_by="court", obtained="signed").state is State.GRANTED
            else:
                assert desk.happen(access, "grant").state is State.GRANTED

    def test_holds_for_a_child_who_says_no(self, desk: Desk) -> None:
        with desk.trial(State.INFORMED) as access:
            row = sightings.find_sighting(access, desk.pair.found_id)
            person = sightings.show_sighting(access, row.id).person.model_copy(update={"birth": "2012"})
            sightings.change_sighting(access, row, SightingChange(person=person))
            assert desk.happen(access, "decline").state is State.DECLINED


class TestGuardian:
    @pytest.mark.parametrize("event", ["grant", "decline"])
    @pytest.mark.parametrize(
        ("given_by", "holds"),
        [("parent", True), ("guardian", True), ("court", True), ("subject", False), ("not_asked", False)],
    )
    def test_is_a_parent_a_guardian_or_a_court(self, desk: Desk, event: str, given_by: str, holds: bool) -> None:
        with desk.trial(State.GUARDIAN_NEEDED) as access:
            if holds:
                assert desk.happen(access, event, given_by=given_by, obtained="written").state in ENDED
            else:
                with pytest.raises(Invalid):
                    desk.happen(access, event, given_by=given_by, obtained="written")
                assert desk.state(access) is State.GUARDIAN_NEEDED

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


ALL = {
    "words_to_pass": "I am well.",
    "contact_to_share": "+254 700 555 0199",
    "location_to_share": "Mombasa",
    "meeting": "at the office",
}
FITS = (  # level, how many of the four may come, which must
    ("say_alive_only", 0, ()),
    ("pass_message", 1, ()),
    ("receive_message", 1, ()),
    ("share_contact", 2, ("contact_to_share",)),
    ("share_location", 3, ("contact_to_share", "location_to_share")),
    ("agree_to_meeting", 4, ("contact_to_share", "location_to_share")),
)


class TestFields:
    @pytest.mark.parametrize(("level", "count", "needed"), FITS)
    def test_that_are_given_fit_the_level(self, desk: Desk, level: str, count: int, needed: tuple[str, ...]) -> None:
        with desk.trial(State.INFORMED) as access:
            for number, field in enumerate(ALL):
                sent = {f: ALL[f] for f in {*needed, field}}
                if number < count:
                    continue
                with pytest.raises(Invalid) as refusal:
                    desk.happen(access, "grant", level=level, **sent)
                assert [(f.pointer, f.code) for f in refusal.value.flaws] == [(f"/{field}", "beyond-the-level")]
            for field in needed:
                sent = {f: ALL[f] for f in needed if f != field}
                with pytest.raises(Invalid) as refusal:
                    desk.happen(access, "grant", level=level, **sent)
                assert [(f.pointer, f.code) for f in refusal.value.flaws] == [(f"/{field}", "missing")]
            given = dict(list(ALL.items())[:count])
            view = desk.happen(access, "grant", level=level, **given)
            assert view.shared is not None
            assert view.shared.model_dump(exclude_none=True) == given
            assert view.level == level

    @pytest.mark.parametrize(
        ("source", "event", "field"),
        [
            (State.REACHING, "inform", "named_as"),
            (State.INFORMED, "defer", "until"),
            (State.INFORMED, "grant", "level"),
            (State.INFORMED, "grant", "given_by"),
            (State.INFORMED, "grant", "obtained"),
        ],
    )
    def test_that_an_event_needs_are_missed(self, desk: Desk, source: State, event: str, field: str) -> None:
        with desk.trial(source) as access:
            with pytest.raises(Invalid) as refusal:
                desk.happen(access, event, **{field: None})
            assert [(f.pointer, f.code) for f in refusal.value.flaws] == [(f"/{field}", "missing")]

    @pytest.mark.parametrize(
        ("source", "event", "fields"),
        [
            (State.REACHING, "inform", {"level": "share_contact"}),
            (State.NOT_STARTED, "reach_out", {"given_by": "subject"}),
            (State.INFORMED, "grant", {"until": UNTIL}),
            (State.INFORMED, "decline", {"level": "say_alive_only"}),
            (State.INFORMED, "decline", {"words_to_pass": "no"}),
            (State.GRANTED, "withdraw", {"valid_until": UNTIL}),
            (State.GRANTED, "revise", {"contact_to_share": "+254 700 555 0199"}),
            (State.INFORMED, "grant", {"named_as": "nobody"}),
        ],
    )
    def test_of_another_event_are_refused(self, desk: Desk, source: State, event: str, fields: dict[str, str]) -> None:
        with desk.trial(source) as access:
            with pytest.raises(Invalid) as refusal:
                desk.happen(access, event, **fields)
            assert [(f.pointer, f.code) for f in refusal.value.flaws] == [(f"/{f}", "of-another-event") for f in fields]

    def test_of_the_answer_are_forgotten_with_it(self, desk: Desk) -> None:
        with desk.trial(State.INFORMED) as access:
            desk.happen(access, "grant", level="agree_to_meeting", **ALL)
            for event in ("withdraw", "revise"):
                view = desk.happen(access, event)
                assert view.shared is None
                row = service.find_case(access, desk.id)
                assert store.details_of_case(access, row).shared.model_dump(exclude_none=True) == {}

    def test_of_naming_stay(self, desk: Desk) -> None:
        with desk.trial(State.REACHING) as access:
            desk.happen(access, "inform", named_as="relationship_only")
            assert desk.happen(access, "grant").named_as is NamedAs.RELATIONSHIP_ONLY


class TestAnAnswer:
    @pytest.mark.parametrize(
        ("source", "event", "expected"),
        [
            (State.INFORMED, "grant", ["granted"]),
            (State.INFORMED, "decline", ["declined"]),
            (State.GRANTED, "withdraw", ["granted", "withdrawn"]),
            (State.GRANTED, "revise", ["granted", "withdrawn"]),
            (State.GRANTED, "learn_of_death", ["granted", "withdrawn"]),
            (State.DECLINED, "revise", ["declined", "withdrawn"]),
            (State.INFORMED, "defer", []),
            (State.INFORMED, "learn_of_death", []),
            (State.WITHDRAWN, "revise", []),
        ],
    )
    def test_is_kept_by_the_gate(self, desk: Desk, source: State, event: str, expected: list[str]) -> None:
        with desk.trial(source) as access:
            desk.happen(access, event)
            kept = answers.of_pair(access, desk.pair.found_id, desk.pair.sought_id)
            assert [str(row.answer) for row in kept] == expected

    def test_that_is_over_has_nothing_to_tell(self, desk: Desk) -> None:
        with desk.trial(State.INFORMED) as access, pytest.raises(Invalid):
            desk.happen(access, "grant", valid_until=(access.now - timedelta(days=1)).isoformat())

    @pytest.mark.parametrize("event", ["withdraw", "revise", "learn_of_death"])
    def test_that_changes_stops_what_was_not_told_and_says_so_once(self, desk: Desk, event: str) -> None:
        with desk.trial(State.INFORMED) as access:
            desk.happen(access, "grant", level="pass_message", words_to_pass="I am well.")
            row = service.find_case(access, desk.id)
            for level in (Level.SAY_ALIVE_ONLY, Level.PASS_MESSAGE):
                telling.propose_release(access, row, level)
            one, other = store.releases_of(access, desk.id)
            store.save_release(access, other, ReleaseState.TOLD)
            desk.happen(access, event)
            assert [(r.id, r.state) for r in store.releases_of(access, desk.id)] == [
                (one.id, ReleaseState.STOPPED),
                (other.id, ReleaseState.TOLD),
            ]
            assert [act.act for act in access.acts].count("releases.stop") == 1
            (task,) = access.session.exec(select(Task).where(Task.kind == TaskKind.ANSWER_CHANGED)).all()
            assert (task.record_id, task.about_id) == (desk.pair.sought_id, desk.id)

    def test_that_stands_is_stopped_by_nothing_else(self, desk: Desk) -> None:
        with desk.trial(State.WITHDRAWN) as access:
            desk.happen(access, "revise")
            assert access.session.exec(select(Task).where(Task.kind == TaskKind.ANSWER_CHANGED)).all() == []
