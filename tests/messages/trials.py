"""Trials of messages in any state: a desk on SQLite that finds itself as it was after each."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlmodel import select

from tests.conftest import fill
from tests.disclosure.desk import screen
from tests.messages.desk import asked
from tests.sightings.reports import report
from tests.support import People, request_draft
from tracing.disclosure import store as askings
from tracing.disclosure.states import State as AskingState
from tracing.gate import disclosures, foureyes, people
from tracing.gate.access import Access
from tracing.gate.admit import admitted
from tracing.gate.answers import AnswerFact
from tracing.gate.disclosing import Act, Answer, Level, Standing
from tracing.gate.opening import Gate, open_gate
from tracing.gate.permissions import GRANTS, Role
from tracing.gate.purposes import GivenBy, Obtained
from tracing.kit.errors import TracingError
from tracing.kit.settings import Settings
from tracing.messages import service
from tracing.messages.schemas import MessageChange, MessageDraft, MessageView
from tracing.messages.states import Event, FailReason, Reason, ReturnReason, State
from tracing.requests import service as requests
from tracing.requests.schemas import RequestDraft
from tracing.review.states import State as PairState
from tracing.review.tables import Suggestion
from tracing.risk.states import Verdict
from tracing.sightings import service as sightings
from tracing.sightings.schemas import SightingChange, SightingDraft

REASONS: dict[Event, Reason] = {Event.RETURN: ReturnReason.MONEY, Event.FAIL: FailReason.NOT_REACHED}
DRAFT = {"direction": "to_found", "text": "We are well and miss you.", "language": "en"}


class Undone(TracingError):
    """Ends a trial, so that the next one finds the desk as it was."""


class Desk:
    """A search and a found person on SQLite whose message is put into any state; every trial is undone."""

    sought_id: UUID
    found_id: UUID

    def __init__(self, gate: Gate, people: People) -> None:
        self.gate, self.people = gate, people
        with self.let("caseworker") as access:
            draft = RequestDraft.model_validate(request_draft())
            self.sought_id = requests.open_request(access, draft).sought[0].id
            self.found_id = sightings.open_sighting(access, SightingDraft.model_validate(report())).id
            asked(access, self.found_id, self.sought_id)
            self.answer(access, Level.RECEIVE_MESSAGE)

    @contextmanager
    def let(self, label: str) -> Iterator[Access]:
        permission = sorted(GRANTS[Role.CASEWORKER])[0]
        with admitted(self.gate, self.people.token(label), permission) as access:
            yield access

    def answer(self, access: Access, level: Level | None) -> None:
        """Answer in the person's stead: a level, or None to withdraw."""
        said = Answer.GRANTED if level else Answer.WITHDRAWN
        fact = AnswerFact(said, level or Level.NOTHING, GivenBy.SUBJECT, Obtained.VERBAL)
        disclosures.answer(access, self.found_id, self.sought_id, fact)

    @contextmanager
    def trial(
        self, state: State, *, reader: str = "other", verdict: Verdict = Verdict.CLEAR, **draft: Any
    ) -> Iterator[tuple[Access, UUID]]:
        """Yield an access before whom a message lies in `state`, written and read by other people.

        The trial's own worker is `reader` of what is to be read: "other", or "writer" for the same human.
        """
        with suppress(Undone), self.let("caseworker-2") as access:
            later(access)
            screen(access, self.found_id, self.sought_id, verdict)
            view = service.write(access, self.sought_id, MessageDraft.model_validate(DRAFT | draft))
            proposal = foureyes._latest(access, view.id, Act.MESSAGE)
            assert proposal is not None
            if reader == "other":
                proposal.proposer_worker = UUID(int=1)
            if state not in (State.WRITTEN, State.RETURNED):
                proposal.standing, proposal.settler_worker = Standing.APPROVED, UUID(int=2)
            if state is State.RETURNED:
                proposal.standing, proposal.settler_worker = Standing.TURNED_DOWN, UUID(int=2)
            access.session.add(proposal)
            row = service.find_message(access, view.id)
            row.state = state
            access.session.add(row)
            access.session.flush()
            access.acts.clear()
            yield access, view.id
            raise Undone("undone")

    def list_enquirer(self, access: Access) -> None:
        """Let the found person name the enquirer as somebody who must never learn of her."""
        row = sightings.find_sighting(access, self.found_id)
        sightings.change_sighting(access, row, SightingChange(never_disclose_to=["Abdi Yusuf Warsame"]))

    def undo(self, access: Access) -> None:
        """Undo the match."""
        pair = access.session.exec(select(Suggestion).where(Suggestion.right_id == self.found_id)).one()
        pair.state = PairState.SUGGESTED
        access.session.add(pair)
        access.session.flush()

    def ask_anew(self, access: Access) -> None:
        """Let the found person want to think it over; what she said before is not taken back yet."""
        row = askings.case_of_search(access, self.sought_id)
        assert row is not None
        row.state = AskingState.INFORMED
        askings.save_case(access, row)

    @staticmethod
    def take(access: Access, message_id: UUID, event: Event, text: str = "Greetings to all of you.") -> MessageView:
        """Take a step as the route for it would."""
        row = service.find_message(access, message_id)
        if event is Event.REWRITE:
            return service.rewrite(access, row, MessageChange(text=text, language="en"))
        return service.happen(access, row, event, REASONS.get(event))


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    settings = Settings(data_dir=tmp_path_factory.mktemp("desk"))
    people = fill(settings, hired=True)
    assert people is not None
    gate = open_gate(settings)
    yield Desk(gate, people)
    gate.close()


@contextmanager
def elsewhere() -> Iterator[None]:
    """Let whoever reads be of another team than the enquirer's."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(people, "is_of_team", lambda *_: False)
        yield


NEARER = [
    (State.WRITTEN, Event.READ),
    (State.WRITTEN, Event.REWRITE),
    (State.READ, Event.SEND),
    (State.SENT, Event.DELIVER),
    (State.UNDELIVERABLE, Event.SEND),
]
"""Steps that bring a text nearer to the other side."""


def later(access: Access) -> None:
    """Let time pass by a little, so that the next answer is the latest."""
    object.__setattr__(access, "now", access.now + timedelta(seconds=1))
