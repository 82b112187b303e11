"""Every row of the table of messages and every missing one, through the service; each guard failing once."""

import pytest

from tests.messages.trials import DRAFT, NEARER, REASONS, Desk, elsewhere, later
from tests.messages.trials import desk as desk  # a fixture
from tracing.gate import foureyes, register
from tracing.gate.disclosing import Act, Standing
from tracing.gate.foureyes import NotApproved, SameTeam, SameWorker
from tracing.gate.kinds import Sensitivity
from tracing.kit.errors import Invalid
from tracing.messages import service, states, store
from tracing.messages.errors import NoSuchStep
from tracing.messages.schemas import MessageDetails, MessageDraft
from tracing.messages.states import Event, Guard, ReturnReason, State
from tracing.requests import service as requests
from tracing.risk.states import Verdict

# domain.md and issue 4, written out once more: the table is compared with it.
WANTED = {
    ("written", "read"): "read",
    ("written", "return"): "returned",
    ("written", "rewrite"): "written",
    ("returned", "rewrite"): "written",
    ("read", "rewrite"): "written",
    ("read", "send"): "sent",
    ("sent", "deliver"): "delivered",
    ("sent", "fail"): "undeliverable",
    ("sent", "refuse"): "refused",
    ("undeliverable", "send"): "sent",
    **{(state, "stop"): "stopped" for state in ("written", "read", "returned", "sent")},
}
WITH_ADDRESS = "Come to me: house number 4, Acacia street."
ROWS = [pytest.param(row, id=f"{row.source}-{row.event}") for row in states.TABLE]
ALLOWED = [row for row in states.TABLE if row.guard is Guard.ALLOWED_NOW]


class TestTable:
    def test_is_the_one_that_was_agreed(self) -> None:
        assert {(str(row.source), str(row.event)): str(row.target) for row in states.TABLE} == WANTED
        assert len(states.BY_KEY) == len(states.TABLE)

    def test_every_state_can_be_reached(self) -> None:
        assert {"written", *WANTED.values()} == set(State)


class TestRows:
    @pytest.mark.parametrize("row", ROWS)
    def test_lead_where_they_say_and_stand_on_the_trail_once(self, desk: Desk, row: states.Row) -> None:
        with desk.trial(row.source) as (access, message_id):
            before = service.find_message(access, message_id).version
            view = desk.take(access, message_id, row.event)
            assert (view.state, view.reason) == (row.target, REASONS.get(row.event))
            assert view.version == before + 1
            assert (view.sent_at is not None) == (row.target is State.SENT)
            assert (view.settled_at is not None) == (row.target in service.SETTLED)
            released = ["disclosures.release"] if row.guard is Guard.ALLOWED_NOW else []
            assert [act.act for act in access.acts] == [*released, f"messages.{row.event}"]
            assert {act.subject_id for act in access.acts} == {desk.found_id}

    @pytest.mark.slow
    def test_that_are_missing_do_not_happen(self, desk: Desk) -> None:
        missing = [(state, event) for state in State for event in Event if (str(state), str(event)) not in WANTED]
        assert len(missing) == len(State) * len(Event) - len(WANTED)
        for state, event in missing:
            with desk.trial(state) as (access, message_id):
                with pytest.raises(NoSuchStep):
                    desk.take(access, message_id, event)
                assert service.find_message(access, message_id).state is state
                assert access.acts == []

    def test_of_rewriting_is_not_taken_without_a_text(self, desk: Desk) -> None:
        with desk.trial(State.WRITTEN) as (access, message_id), pytest.raises(NoSuchStep):
            service.happen(access, service.find_message(access, message_id), Event.REWRITE, None)


class TestReason:
    @pytest.mark.parametrize(("state", "event"), [(State.WRITTEN, Event.RETURN), (State.SENT, Event.FAIL)])
    def test_is_needed_and_is_one_of_the_step(self, desk: Desk, state: State, event: Event) -> None:
        wrong = REASONS[Event.FAIL if event is Event.RETURN else Event.RETURN]
        for reason in (None, wrong):
            with desk.trial(state) as (access, message_id), pytest.raises(Invalid):
                service.happen(access, service.find_message(access, message_id), event, reason)

    def test_of_a_step_without_one_is_refused(self, desk: Desk) -> None:
        with desk.trial(State.SENT) as (access, message_id), pytest.raises(Invalid):
            service.happen(access, service.find_message(access, message_id), Event.REFUSE, ReturnReason.MONEY)


class TestAnotherWorker:
    def test_reads_what_one_has_written(self, desk: Desk) -> None:
        with desk.trial(State.WRITTEN, reader="writer") as (access, message_id):
            with pytest.raises(SameWorker):
                desk.take(access, message_id, Event.READ)
            assert service.find_message(access, message_id).state is State.WRITTEN

    def test_is_of_another_team_where_the_screen_asks_for_it(self, desk: Desk) -> None:
        """News for the enquirer is then read outside the enquirer's team."""
        with desk.trial(State.WRITTEN, direction="to_enquirer", verdict=Verdict.SECOND_APPROVER) as (
            access,
            message_id,
        ):
            with pytest.raises(SameTeam):
                desk.take(access, message_id, Event.READ)
            with elsewhere():
                assert desk.take(access, message_id, Event.READ).state is State.READ

    @pytest.mark.parametrize("row", ALLOWED, ids=lambda row: f"{row.source}-{row.event}")
    def test_has_read_exactly_what_leaves(self, desk: Desk, row: states.Row) -> None:
        for fault in ("unread", "changed"):
            with desk.trial(row.source) as (access, message_id):
                message = service.find_message(access, message_id)
                if fault == "unread":
                    proposal = foureyes._latest(access, message_id, Act.MESSAGE)
                    assert proposal is not None
                    proposal.standing = Standing.PROPOSED
                else:
                    details = MessageDetails(text="Another text altogether.", language="en")
                    store.save(access, message, details)
                with pytest.raises(NotApproved):
                    desk.take(access, message_id, row.event)
                assert service.find_message(access, message_id).state is row.source

    def test_reads_anew_what_was_rewritten(self, desk: Desk) -> None:
        with desk.trial(State.READ) as (access, message_id):
            later(access)
            assert desk.take(access, message_id, Event.REWRITE).state is State.WRITTEN
            with pytest.raises(SameWorker):  # whoever rewrites is the writer now
                desk.take(access, message_id, Event.READ)
            row = service.find_message(access, message_id)
            row.state = State.READ
            with pytest.raises(NotApproved):
                desk.take(access, message_id, Event.SEND)

    @pytest.mark.parametrize("event", [Event.RETURN, Event.STOP])
    def test_approves_nothing_that_was_returned_or_stopped(self, desk: Desk, event: Event) -> None:
        with desk.trial(State.WRITTEN) as (access, message_id):
            desk.take(access, message_id, event)
            assert foureyes.standing(access, message_id, Act.MESSAGE) is Standing.TURNED_DOWN


class TestProtected:
    @pytest.mark.parametrize("side", ["found", "sought", "enquirer"])
    def test_text_with_an_address_never_goes_on(self, desk: Desk, side: str) -> None:
        for state, event in NEARER:
            with desk.trial(state, text=WITH_ADDRESS) as (access, message_id):
                request_id = requests.request_of(access, desk.sought_id)
                whose = {"found": desk.found_id, "sought": desk.sought_id, "enquirer": request_id}[side]
                register.set_sensitivity(access, whose, Sensitivity.PROTECTED)
                access.session.flush()
                with pytest.raises(Invalid) as refusal:
                    desk.take(access, message_id, event, text=WITH_ADDRESS)
                assert {flaw.pointer for flaw in refusal.value.flaws} == {"/text"}
                assert "Acacia" not in f"{refusal.value} {refusal.value.flaws}"
                with pytest.raises(Invalid):
                    service.write(access, desk.sought_id, MessageDraft.model_validate(DRAFT | {"text": WITH_ADDRESS}))

    def test_text_without_one_goes_on(self, desk: Desk) -> None:
        for state, event in NEARER:
            with desk.trial(state) as (access, message_id):
                register.set_sensitivity(access, desk.found_id, Sensitivity.HIGH_RISK)
                access.session.flush()
                assert desk.take(access, message_id, event).state is states.BY_KEY[state, event].target

    def test_elsewhere_the_reader_decides(self, desk: Desk) -> None:
        for state, event in NEARER:
            with desk.trial(state, text=WITH_ADDRESS) as (access, message_id):
                assert service.show_message(access, message_id).flags == ["address"]
                assert desk.take(access, message_id, event, text=WITH_ADDRESS).state is not State.RETURNED
