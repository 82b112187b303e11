"""Two callers at once on PostgreSQL: no release beside a withdrawal, no approval of what was just changed."""

from collections.abc import Callable
from uuid import UUID

import pytest
from sqlmodel import select

from tests.gate.test_disclosures import ALIVE, CONTACT, CONTENT, YES, Law
from tests.gate.test_races import meanwhile
from tests.support import People
from tracing.gate import consents, disclosures, foureyes
from tracing.gate.access import Access
from tracing.gate.answers import AnswerFact
from tracing.gate.disclosing import Act, Answer, Level, Standing
from tracing.gate.disclosures import NotAllowedByThem
from tracing.gate.foureyes import AlreadySettled, NotApproved
from tracing.gate.opening import Gate
from tracing.gate.purposes import GivenBy, Obtained, Purpose
from tracing.gate.tables import Proposal
from tracing.kit.errors import NotFound

# The embedded database has one writer at a time.
pytestmark = pytest.mark.parametrize("settings", ["postgresql"], indirect=True)
OTHER = b"and lives in Kampala"


@pytest.fixture
def law(gate: Gate, people: People) -> Law:
    law = Law(gate, people)
    law.answer(YES, CONTACT)
    return law


def race(law: Law, first: Callable[[Access], object], second: Callable[[], object]) -> BaseException | None:
    """Let `second` begin while `first` is written but not committed; return what stopped it."""
    return meanwhile(law.gate, law.people.token("caseworker"), first, second).exception()


def propose(law: Law, content: bytes) -> Callable[[Access], object]:
    said = disclosures.exactly(law.clear(), ALIVE, content)
    return lambda access: foureyes.propose(access, Act.DISCLOSURE, law.found_id, law.about_id, said)


def approve(law: Law, content: bytes = CONTENT, *, by: str = "caseworker-2") -> Callable[[], None]:
    said = disclosures.exactly(law.clear(), ALIVE, content)

    def act() -> None:
        with law.as_(by) as access:
            foureyes.settle(access, law.about_id, Act.DISCLOSURE, approve=True, content=said)

    return act


def say(law: Law, answer: Answer) -> Callable[[Access], object]:
    fact = AnswerFact(answer, Level.NOTHING, GivenBy.SUBJECT, Obtained.VERBAL)
    return lambda access: disclosures.answer(access, law.found_id, law.sought_id, fact)


def hide(record_id: UUID) -> Callable[[Access], object]:
    return lambda access: consents.withdraw(access, record_id, [Purpose.REGISTER])


def standing(law: Law) -> Standing | None:
    with law.as_() as access:
        return foureyes.standing(access, law.about_id, Act.DISCLOSURE)


class TestARelease:
    @pytest.mark.parametrize("no", [Answer.WITHDRAWN, Answer.DECLINED])
    def test_is_refused_while_the_answer_is_being_taken_back(self, law: Law, no: Answer) -> None:
        law.approve()
        assert isinstance(race(law, say(law, no), law.release), NotAllowedByThem)

    @pytest.mark.parametrize("side", ["found_id", "sought_id", "request_id"])
    def test_is_refused_while_either_side_is_being_hidden(self, law: Law, side: str) -> None:
        law.approve()
        assert isinstance(race(law, hide(getattr(law, side)), law.release), NotFound)

    def test_is_refused_while_something_else_is_being_proposed(self, law: Law) -> None:
        law.approve()
        assert isinstance(race(law, propose(law, OTHER), law.release), NotApproved)


class TestAnApproval:
    def test_of_what_is_being_replaced_is_refused(self, law: Law) -> None:
        with law.as_() as access:
            propose(law, CONTENT)(access)
        assert isinstance(race(law, propose(law, OTHER), approve(law)), NotApproved)
        assert standing(law) is Standing.PROPOSED

    def test_is_given_by_one_of_two_at_once(self, law: Law) -> None:
        with law.as_("caseworker-2") as access:
            propose(law, CONTENT)(access)
        said = disclosures.exactly(law.clear(), ALIVE, CONTENT)
        ending = race(
            law,
            lambda access: foureyes.settle(access, law.about_id, Act.DISCLOSURE, approve=False, content=said),
            approve(law, by="supervisor"),
        )
        assert isinstance(ending, AlreadySettled)
        assert standing(law) is Standing.TURNED_DOWN

    def test_does_not_outlive_a_proposal_of_the_same_moment(self, law: Law) -> None:
        with law.as_("caseworker-2") as access:
            propose(law, CONTENT)(access)

        def again() -> None:
            with law.as_("caseworker-2") as access:
                propose(law, OTHER)(access)

        def first(access: Access) -> None:
            said = disclosures.exactly(law.clear(), ALIVE, CONTENT)
            foureyes.settle(access, law.about_id, Act.DISCLOSURE, approve=True, content=said)

        assert race(law, first, again) is None
        assert standing(law) is Standing.PROPOSED
        with pytest.raises(NotApproved):
            law.release()

    def test_is_refused_while_the_person_is_being_hidden(self, law: Law) -> None:
        with law.as_() as access:
            propose(law, CONTENT)(access)
        assert isinstance(race(law, hide(law.found_id), approve(law)), NotFound)


class TestTwoProposals:
    def test_at_once_follow_one_another(self, law: Law) -> None:
        def second() -> None:
            with law.as_("caseworker-2") as access:
                propose(law, OTHER)(access)

        assert race(law, propose(law, CONTENT), second) is None
        approve(law, OTHER, by="caseworker")()
        with law.as_() as access:
            moments = [row.proposed_at for row in access.session.exec(select(Proposal)).all()]
        assert len(set(moments)) == 2
