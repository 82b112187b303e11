"""Four eyes: who may approve what, and what an approval is worth afterwards. An attacker tries each way around."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from uuid import UUID

import pytest
from sqlmodel import select

from tests.disclosure.desk import dismiss, hire, seek
from tests.support import People
from tracing.gate import consents, foureyes
from tracing.gate.access import Access
from tracing.gate.admit import admitted
from tracing.gate.disclosing import Act, Standing
from tracing.gate.foureyes import AlreadySettled, NotApproved, SameTeam, SameWorker
from tracing.gate.opening import Gate
from tracing.gate.permissions import Permission
from tracing.gate.purposes import Purpose
from tracing.gate.tables import Proposal
from tracing.kit import clock
from tracing.kit.errors import NotFound, TracingError
from tracing.kit.ids import new_id

CONTENT = b"alive and well"
ABOUT = new_id()


class Law:
    """The law as different people use it, each act in an access of its own."""

    def __init__(self, gate: Gate, people: People) -> None:
        self.gate, self.people = gate, people
        self.record_id = seek(gate, people)[1]

    @contextmanager
    def as_(self, label: str, society: str = "KE") -> Iterator[Access]:
        token = self.people.token(label, society)
        with admitted(self.gate, token, Permission.DISCLOSURES_WRITE) as access:
            access.note("test.law")
            yield access

    def propose(self, content: bytes = CONTENT, *, by: str = "caseworker", away_from: str = "") -> None:
        with self.as_(by) as access:
            foureyes.propose(access, Act.DISCLOSURE, self.record_id, ABOUT, content, away_from=away_from)

    def settle(
        self,
        by: str,
        *,
        approve: bool = True,
        content: bytes | None = None,
        society: str = "KE",
        act: Act = Act.DISCLOSURE,
    ) -> None:
        with self.as_(by, society) as access:
            foureyes.settle(access, ABOUT, act, approve=approve, content=content)

    def require(
        self, content: bytes = CONTENT, *, act: Act = Act.DISCLOSURE, about_id: UUID = ABOUT, away_from: str = ""
    ) -> None:
        with self.as_("caseworker") as access:
            foureyes.require(access, about_id, act, content, away_from=away_from)

    def standing(self) -> Standing | None:
        with self.as_("caseworker") as access:
            return foureyes.standing(access, ABOUT, Act.DISCLOSURE)

    def hide(self) -> None:
        with self.as_("caseworker") as access:
            consents.withdraw(access, self.record_id, [Purpose.REGISTER])


@pytest.fixture
def law(gate: Gate, people: People) -> Law:
    return Law(gate, people)


@pytest.fixture
def at(monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    """Let the clock of the next act stand so many seconds from where it stood."""
    started = clock.now()

    def move(seconds: float) -> None:
        monkeypatch.setattr(clock, "now", lambda: started + timedelta(seconds=seconds))

    return move


class TestWhoApproves:
    def test_another_human_does(self, law: Law) -> None:
        law.propose()
        law.settle("caseworker-2", content=CONTENT)
        law.require()
        assert law.standing() is Standing.APPROVED

    def test_nobody_approves_their_own_not_even_with_a_second_account(self, law: Law) -> None:
        hire(law.gate, law.people, "caseworker-at-night", known="caseworker")
        law.propose()
        for label in ("caseworker", "caseworker-at-night"):
            with pytest.raises(SameWorker):
                law.settle(label)
        assert law.standing() is Standing.PROPOSED
        with pytest.raises(NotApproved):
            law.require()

    def test_whoever_proposed_may_turn_it_down(self, law: Law) -> None:
        law.propose()
        law.settle("caseworker", approve=False)
        assert law.standing() is Standing.TURNED_DOWN

    def test_somebody_of_another_team_where_that_is_asked(self, law: Law) -> None:
        hire(law.gate, law.people, "kisumu-1")
        law.propose(away_from="nairobi")
        with pytest.raises(SameTeam):
            law.settle("caseworker-2")
        law.settle("kisumu-1")
        law.require(away_from="nairobi")

    def test_not_a_human_of_the_team_under_an_account_of_another(self, law: Law) -> None:
        hire(law.gate, law.people, "kisumu-2", known="caseworker-2")
        law.propose(away_from="nairobi")
        with pytest.raises(SameTeam):
            law.settle("kisumu-2")

    def test_nor_one_who_leaves_the_team_for_it(self, law: Law) -> None:
        law.propose(away_from="nairobi")
        hire(law.gate, law.people, "kisumu-2", known="caseworker-2")
        dismiss(law.gate, law.people, "caseworker-2")
        with pytest.raises(SameTeam):
            law.settle("kisumu-2")

    def test_but_one_who_had_left_before(self, law: Law) -> None:
        hire(law.gate, law.people, "kisumu-2", known="caseworker-2")
        dismiss(law.gate, law.people, "caseworker-2")
        law.propose(away_from="nairobi")
        law.settle("kisumu-2")
        law.require(away_from="nairobi")

    def test_one_who_left_turns_down_as_everybody_may(self, law: Law) -> None:
        law.propose(away_from="nairobi")
        law.settle("caseworker-2", approve=False)
        assert law.standing() is Standing.TURNED_DOWN

    def test_nobody_of_another_society(self, law: Law) -> None:
        law.propose()
        with pytest.raises(NotFound):
            law.settle("caseworker", society="UG")
        assert law.standing() is Standing.PROPOSED


class TestAnApproval:
    def test_is_of_what_was_shown(self, law: Law) -> None:
        """The approver read one thing, and another was proposed before they answered."""
        law.propose()
        law.propose(b"and lives in Kampala")
        with pytest.raises(NotApproved):
            law.settle("caseworker-2", content=CONTENT)
        assert law.standing() is Standing.PROPOSED

    @pytest.mark.parametrize(
        ("why", "asked"),
        [
            ("other content", {"content": b"alive and wel"}),
            ("more content", {"content": CONTENT + b"!"}),
            ("no content", {"content": b""}),
            ("another act", {"act": Act.MESSAGE}),
            ("another thing", {"about_id": UUID(int=7)}),
        ],
    )
    def test_is_worth_nothing_for(self, law: Law, why: str, asked: dict[str, object]) -> None:
        law.propose()
        law.settle("caseworker-2")
        law.require()
        with pytest.raises(NotApproved):
            law.require(**asked)  # type: ignore[arg-type]  # a table of arguments

    def test_is_none_before_it_was_given(self, law: Law) -> None:
        with pytest.raises(NotApproved):
            law.require()
        law.propose()
        with pytest.raises(NotApproved):
            law.require()

    def test_is_none_when_it_was_turned_down(self, law: Law) -> None:
        law.propose()
        law.settle("caseworker-2", approve=False)
        with pytest.raises(NotApproved):
            law.require()

    def test_is_given_once(self, law: Law) -> None:
        law.propose()
        law.settle("caseworker-2")
        for approve in (True, False):
            with pytest.raises(AlreadySettled):
                law.settle("supervisor", approve=approve)
        law.require()

    @pytest.mark.parametrize("approve", [True, False])
    def test_is_not_given_where_nothing_was_proposed(self, law: Law, approve: bool) -> None:
        with pytest.raises(NotFound):
            law.settle("caseworker-2", approve=approve)
        law.propose()
        with pytest.raises(NotFound):
            law.settle("caseworker-2", approve=approve, act=Act.ERASURE)

    def test_of_within_the_team_is_none_once_another_team_must_approve(self, law: Law) -> None:
        """The case became riskier after it was approved."""
        law.propose()
        law.settle("caseworker-2")
        law.require()
        with pytest.raises(NotApproved):
            law.require(away_from="nairobi")

    def test_of_somebody_who_joins_the_team_is_none_any_more(self, law: Law) -> None:
        hire(law.gate, law.people, "kisumu-1")
        law.propose(away_from="nairobi")
        law.settle("kisumu-1")
        hire(law.gate, law.people, "nairobi-9", team="nairobi", known="kisumu-1")
        with pytest.raises(NotApproved):
            law.require(away_from="nairobi")

    def test_is_none_when_the_row_says_that_its_proposer_gave_it(self, law: Law) -> None:
        """A row written past the law: the law looks again when the approval is used."""
        law.propose()
        with law.as_("caseworker") as access:
            row = access.session.exec(select(Proposal)).one()
            row.standing, row.settler_worker = Standing.APPROVED, row.proposer_worker
            access.session.add(row)
        with pytest.raises(NotApproved):
            law.require()


class TestAnotherProposal:
    @pytest.mark.parametrize("seconds", [-3600, 0, 3600])
    def test_voids_what_was_approved_before_whatever_the_clocks_say(
        self, law: Law, at: Callable[[float], None], seconds: float
    ) -> None:
        at(0)
        law.propose()
        law.settle("caseworker-2")
        at(seconds)
        law.propose(b"other")
        assert law.standing() is Standing.PROPOSED
        with pytest.raises(NotApproved):
            law.require()
        law.settle("caseworker-2", approve=False)
        with pytest.raises(NotApproved):
            law.require()

    def test_of_one_moment_is_told_from_the_one_before(self, law: Law, at: Callable[[float], None]) -> None:
        """Many times: with chance to decide, one of them would go wrong."""
        at(0)
        for number in range(12):
            law.propose(b"%d" % number)
            with law.as_("caseworker-2") as access:
                foureyes.settle(access, ABOUT, Act.DISCLOSURE, approve=True, content=b"%d" % number)
            law.require(b"%d" % number)
        with law.as_("caseworker") as access:
            moments: list[datetime] = [row.proposed_at for row in access.session.exec(select(Proposal)).all()]
        assert len(set(moments)) == 12

    def test_of_the_same_needs_another_approval(self, law: Law) -> None:
        law.propose()
        law.settle("caseworker-2")
        law.propose()
        with pytest.raises(NotApproved):
            law.require()

    def test_by_the_approver_makes_them_the_proposer(self, law: Law) -> None:
        law.propose()
        law.propose(by="caseworker-2")
        with pytest.raises(SameWorker):
            law.settle("caseworker-2")
        law.settle("caseworker")
        law.require()


class TestAHiddenPerson:
    def test_ends_proposals_approvals_and_acts(self, law: Law) -> None:
        law.propose()
        law.settle("caseworker-2")
        law.hide()
        with pytest.raises(NotFound):
            law.propose()
        with pytest.raises(NotFound):
            law.settle("supervisor")
        with pytest.raises(NotApproved):
            law.require()
        assert law.standing() is None

    def test_is_never_proposed_about_by_another_society(self, law: Law) -> None:
        with pytest.raises(TracingError), law.as_("caseworker", "UG") as access:
            foureyes.propose(access, Act.DISCLOSURE, law.record_id, ABOUT, CONTENT)
