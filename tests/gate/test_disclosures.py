"""The law of disclosure: what answers amount to, and that nothing is released without all that it takes."""

import ast
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.disclosure.desk import hire, register_herself, seek
from tests.support import People, granted
from tests.trails import entries
from tracing.gate import consents, disclosures, foureyes
from tracing.gate.access import Access
from tracing.gate.admit import admitted
from tracing.gate.disclosing import Act, Answer, Level
from tracing.gate.disclosures import AnswerFact, NotAllowedByThem, Release
from tracing.gate.foureyes import NotApproved
from tracing.gate.opening import Gate
from tracing.gate.permissions import Permission
from tracing.gate.purposes import GivenBy, Obtained, Purpose
from tracing.gate.tables import DisclosureAnswer
from tracing.kit import clock
from tracing.kit.errors import Conflict, Invalid, NotFound
from tracing.kit.ids import new_id

START = datetime.fromisoformat("2026-11-23T08:00:00+00:00")
SOURCES = Path(__file__).parents[2] / "src" / "tracing"
CONTENT = b"alive and well"
YES, NO, GONE = Answer.GRANTED, Answer.DECLINED, Answer.WITHDRAWN
Said = tuple[Answer, Level, int | None]
ALIVE, CONTACT = Level.SAY_ALIVE_ONLY, Level.SHARE_CONTACT


def day(number: float) -> datetime:
    return START + timedelta(days=number)


def row(answer: Answer, level: Level, at: int, until: int | None = None) -> DisclosureAnswer:
    return DisclosureAnswer(
        society="KE",
        id=new_id(),
        found_id=UUID(int=1),
        sought_id=UUID(int=2),
        answer=answer,
        level=level if answer is YES else Level.NOTHING,
        given_by=GivenBy.SUBJECT,
        obtained=Obtained.VERBAL,
        valid_until=None if until is None else day(until),
        decided_at=day(at),
        recorded_at=day(at),
        recorded_by=UUID(int=3),
        worker_id=UUID(int=3),
    )


ROWS = st.lists(
    st.builds(
        row,
        st.sampled_from([YES, YES, NO, GONE]),
        st.sampled_from([level for level in Level if level is not Level.NOTHING]),
        st.integers(0, 4),
        st.none() | st.integers(1, 9),
    ),
    max_size=8,
)
TODAY = st.integers(0, 10)


def plainly(rows: Sequence[DisclosureAnswer], now: datetime) -> Level:
    """Say in the plainest way what is allowed: the oracle."""
    if not rows:
        return Level.NOTHING
    last = max(row.decided_at for row in rows)
    final = [row for row in rows if row.decided_at == last]
    if any(row.answer is not YES for row in final):
        return Level.NOTHING
    lowest = min(row.level.rank for row in final)
    ends = [row.valid_until for row in final if row.level.rank == lowest]
    return Level.NOTHING if any(end is not None and end <= now for end in ends) else list(Level)[lowest]


def allowed(rows: Sequence[DisclosureAnswer], now: datetime) -> Level:
    held = disclosures.in_force(rows, now)
    return Level.NOTHING if held is None else held.level


class TestAnswersInForce:
    @given(ROWS, TODAY)
    def test_are_the_latest_and_a_no_beats_a_yes_of_the_same_time(
        self, rows: list[DisclosureAnswer], today: int
    ) -> None:
        assert allowed(rows, day(today)) == plainly(rows, day(today))

    @given(ROWS, TODAY, st.randoms(use_true_random=False))
    def test_do_not_depend_on_the_order_in_which_they_were_recorded(
        self, rows: list[DisclosureAnswer], today: int, chance: Any
    ) -> None:
        shuffled = list(rows)
        chance.shuffle(shuffled)
        assert allowed(rows, day(today)) == allowed(shuffled, day(today))

    @given(ROWS, st.sampled_from([NO, GONE]), TODAY)
    def test_a_no_of_now_ends_everything(self, rows: list[DisclosureAnswer], no: Answer, today: int) -> None:
        assert allowed([*rows, row(no, Level.NOTHING, 4)], day(today)) is Level.NOTHING

    @given(ROWS, TODAY, TODAY)
    def test_time_alone_only_takes_away(self, rows: list[DisclosureAnswer], one: int, two: int) -> None:
        early, late = sorted((one, two))
        assert allowed(rows, day(early)).covers(allowed(rows, day(late)))

    @given(ROWS, TODAY)
    def test_a_further_answer_of_the_same_moment_never_allows_more(
        self, rows: list[DisclosureAnswer], today: int
    ) -> None:
        last = max((row.decided_at for row in rows), default=day(0))
        for answer in Answer:
            more = row(answer, Level.AGREE_TO_MEETING, (last - START).days)
            assert not rows or allowed(rows, day(today)).covers(allowed([*rows, more], day(today)))

    # Answers of one moment: what of them holds on day 1, whichever of them was recorded first.
    TIES = (
        ("a no beats a yes", (YES, CONTACT, None), (NO, CONTACT, None), Level.NOTHING),
        ("a withdrawal beats a yes", (YES, CONTACT, None), (GONE, CONTACT, None), Level.NOTHING),
        ("the lower level", (YES, CONTACT, None), (YES, ALIVE, None), ALIVE),
        ("the lower level, though it is over", (YES, CONTACT, None), (YES, ALIVE, 1), Level.NOTHING),
        ("the one that ends", (YES, CONTACT, None), (YES, CONTACT, 1), Level.NOTHING),
        ("the one that ends first", (YES, CONTACT, 1), (YES, CONTACT, 2), Level.NOTHING),
    )

    @pytest.mark.parametrize(("why", "one", "other", "holds"), TIES, ids=[tie[0] for tie in TIES])
    def test_of_one_moment_allow_the_least(self, why: str, one: Said, other: Said, holds: Level) -> None:
        rows = [row(answer, level, 0, until) for answer, level, until in (one, other)]
        assert allowed(rows, day(1)) is holds, why
        assert allowed(rows[::-1], day(1)) is holds, why

    def test_end_at_their_end_and_not_after_it(self) -> None:
        rows = [row(YES, ALIVE, 0, until=2)]
        assert allowed(rows, day(2) - timedelta(microseconds=1)) is ALIVE
        assert allowed(rows, day(2)) is Level.NOTHING

    def test_levels_include_those_below(self) -> None:
        order = list(Level)
        assert [[a.covers(b) for b in order] for a in order] == [
            [place >= other for other in range(7)] for place in range(7)
        ]


class Law:
    """A found person, two searches for her, and the law as workers use it, each act in an access of its own."""

    def __init__(self, gate: Gate, people: People) -> None:
        self.gate, self.people = gate, people
        self.request_id, self.sought_id = seek(gate, people)
        self.other_sought_id = seek(gate, people)[1]
        self.found_id, self.other_found_id = (register_herself(gate, people) for _ in range(2))
        self.about_id = new_id()

    @contextmanager
    def as_(self, label: str = "caseworker", society: str = "KE") -> Iterator[Access]:
        token = self.people.token(label, society)
        with admitted(self.gate, token, Permission.DISCLOSURES_WRITE) as access:
            access.note("test.law")
            yield access

    def answer(
        self, answer: Answer, level: Level = Level.NOTHING, *, found_id: UUID | None = None, **fields: Any
    ) -> None:
        fact = AnswerFact(answer, level, **{"given_by": GivenBy.SUBJECT, "obtained": Obtained.VERBAL} | fields)
        with self.as_() as access:
            disclosures.answer(access, found_id or self.found_id, self.sought_id, fact)

    def level(self, sought_id: UUID | None = None) -> Level:
        with self.as_() as access:
            return disclosures.level(access, self.found_id, sought_id or self.sought_id)

    def approve(self, level: Level = ALIVE, *, by: str = "caseworker-2", away_from: str = "") -> None:
        content = disclosures.exactly(self.found_id, self.sought_id, level, CONTENT)
        with self.as_() as access:
            foureyes.propose(access, Act.DISCLOSURE, self.found_id, self.about_id, content, away_from=away_from)
        with self.as_(by) as access:
            foureyes.settle(access, self.about_id, Act.DISCLOSURE, approve=True, content=content)

    def release(self, access: Access | None = None, **fields: Any) -> Release:
        asked: dict[str, Any] = {
            "found_id": self.found_id,
            "sought_id": self.sought_id,
            "needed": ALIVE,
            "act": Act.DISCLOSURE,
            "about_id": self.about_id,
            "content": CONTENT,
        }
        if access is not None:
            return disclosures.release(access, **asked | fields)
        with self.as_() as opened:
            return disclosures.release(opened, **asked | fields)

    def hide(self, record_id: UUID) -> None:
        with self.as_() as access:
            consents.withdraw(access, record_id, [Purpose.REGISTER])


@pytest.fixture
def law(gate: Gate, people: People) -> Law:
    return Law(gate, people)


@pytest.fixture
def at(monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    """Let the clock stand so many days from where it stood."""
    started = clock.now()

    def move(days: float) -> None:
        monkeypatch.setattr(clock, "now", lambda: started + timedelta(days=days))

    return move


class TestAnAnswer:
    def test_is_of_one_search_only(self, law: Law) -> None:
        law.answer(YES, CONTACT)
        assert (law.level(), law.level(law.other_sought_id)) == (CONTACT, Level.NOTHING)

    @pytest.mark.parametrize("no", [NO, GONE])
    def test_of_no_acts_from_the_next_statement_on(self, law: Law, no: Answer) -> None:
        law.answer(YES, CONTACT)
        with law.as_() as access:
            assert disclosures.level(access, law.found_id, law.sought_id) is CONTACT
            fact = AnswerFact(no, Level.NOTHING, GivenBy.SUBJECT, Obtained.VERBAL)
            disclosures.answer(access, law.found_id, law.sought_id, fact)
            assert disclosures.level(access, law.found_id, law.sought_id) is Level.NOTHING

    @pytest.mark.parametrize(
        ("why", "fields"),
        [
            ("it lies in the future", {"decided_at": clock.now() + timedelta(days=9)}),
            ("it ended before it was given", {"valid_until": clock.now() - timedelta(days=9)}),
            ("nobody was asked", {"given_by": GivenBy.NOT_ASKED}),
            ("nobody answered", {"obtained": Obtained.NOT_ASKED}),
            ("a yes to nothing", {"level": Level.NOTHING}),
            ("a no to something", {"answer": NO}),
            ("a withdrawal of something", {"answer": GONE}),
        ],
    )
    def test_that_makes_no_sense_is_refused(self, law: Law, why: str, fields: dict[str, Any]) -> None:
        with pytest.raises(Invalid):
            law.answer(**{"answer": YES, "level": ALIVE} | fields)
        assert law.level() is Level.NOTHING

    def test_that_is_over_already_is_refused(self, law: Law) -> None:
        with pytest.raises(Conflict):
            law.answer(YES, ALIVE, decided_at=clock.now() - timedelta(2), valid_until=clock.now() - timedelta(1))

    def test_of_no_by_a_slow_clock_outdoes_a_yes_by_a_fast_one(self, law: Law, at: Callable[[float], None]) -> None:
        at(0.01)
        law.answer(YES, CONTACT)
        at(0)
        law.answer(GONE)
        at(0.02)
        assert law.level() is Level.NOTHING

    def test_of_yes_behind_a_no_is_refused_not_swallowed(self, law: Law, at: Callable[[float], None]) -> None:
        """A yes that was given before the no, or by a slow clock, is not taken for the latest word."""
        at(0)
        law.answer(NO)
        for moment in (clock.now() - timedelta(days=1), clock.now(), None):
            with pytest.raises(Conflict):
                law.answer(YES, ALIVE, decided_at=moment)
        at(0.01)
        law.answer(YES, ALIVE)
        assert law.level() is ALIVE

    def test_of_more_in_the_same_moment_is_refused(self, law: Law, at: Callable[[float], None]) -> None:
        at(0)
        law.answer(YES, ALIVE)
        with pytest.raises(Conflict):
            law.answer(YES, CONTACT)
        assert law.level() is ALIVE

    @pytest.mark.parametrize("side", ["found_id", "sought_id", "request_id"])
    def test_goes_with_either_side(self, law: Law, side: str) -> None:
        law.answer(YES, CONTACT)
        law.hide(getattr(law, side))
        assert law.level() is Level.NOTHING
        with pytest.raises(NotFound):
            law.answer(YES, CONTACT)

    def test_of_another_society_is_none(self, law: Law) -> None:
        fact = AnswerFact(YES, CONTACT, GivenBy.SUBJECT, Obtained.VERBAL)
        with pytest.raises(NotFound), law.as_(society="UG") as access:
            disclosures.answer(access, law.found_id, law.sought_id, fact)
        law.answer(YES, CONTACT)
        with law.as_(society="UG") as access:
            assert disclosures.level(access, law.found_id, law.sought_id) is Level.NOTHING


class TestARelease:
    def test_is_given_when_all_holds_and_stands_on_the_trail(self, law: Law) -> None:
        law.answer(YES, CONTACT)
        law.approve()
        assert law.release() == Release(law.found_id, law.sought_id, ALIVE, law.about_id)
        noted = [entry.subject_id for entry in entries(law.gate, law.people) if entry.act == "disclosures.release"]
        assert noted == [law.found_id]

    @pytest.mark.parametrize(
        ("why", "asked", "refusal"),
        [
            ("more than was approved", {"needed": Level.PASS_MESSAGE}, NotApproved),
            ("more than was allowed", {"needed": Level.SHARE_LOCATION}, NotAllowedByThem),
            ("nothing", {"needed": Level.NOTHING}, Invalid),
            ("other content", {"content": b"alive"}, NotApproved),
            ("another act", {"act": Act.MESSAGE}, NotApproved),
            ("another thing", {"about_id": UUID(int=9)}, NotApproved),
            ("another person", {"found_id": UUID(int=9)}, NotFound),
            ("within the team", {"away_from": "nairobi"}, NotApproved),
        ],
    )
    def test_is_refused_for(self, law: Law, why: str, asked: dict[str, Any], refusal: type[Exception]) -> None:
        law.answer(YES, CONTACT)
        law.approve()
        law.release()
        with pytest.raises(refusal):
            law.release(**asked)

    @pytest.mark.parametrize("side", ["sought_id", "found_id"])
    def test_is_refused_to_another_enquirer_and_about_another_person_with_the_same_approval(
        self, law: Law, side: str
    ) -> None:
        """She allowed it to both, the content is the same; it was approved for one."""
        law.answer(YES, CONTACT)
        law.answer(YES, CONTACT, found_id=law.other_found_id)
        law.approve()
        with law.as_() as access:
            fact = AnswerFact(YES, CONTACT, GivenBy.SUBJECT, Obtained.VERBAL)
            disclosures.answer(access, law.found_id, law.other_sought_id, fact)
        with pytest.raises(NotApproved):
            law.release(**{side: getattr(law, f"other_{side}")})

    @pytest.mark.parametrize("no", [NO, GONE])
    def test_is_refused_once_the_answer_was_revoked_though_it_was_approved(self, law: Law, no: Answer) -> None:
        law.answer(YES, CONTACT)
        law.approve()
        law.answer(no)
        with pytest.raises(NotAllowedByThem):
            law.release()

    def test_is_refused_before_anybody_answered(self, law: Law) -> None:
        law.approve()
        with pytest.raises(NotAllowedByThem):
            law.release()

    def test_is_refused_before_anybody_approved(self, law: Law) -> None:
        law.answer(YES, CONTACT)
        with pytest.raises(NotApproved):
            law.release()

    def test_ends_with_the_answer_also_while_the_access_waits(self, law: Law, at: Callable[[float], None]) -> None:
        at(0)
        law.answer(YES, CONTACT, valid_until=clock.now() + timedelta(days=1))
        law.approve()
        at(0.999)
        law.release()
        with law.as_() as access:
            at(1)  # it was admitted in time, and waited for somebody
            with pytest.raises(NotAllowedByThem):
                law.release(access)

    def test_ends_with_the_registration_also_while_the_access_waits(
        self, law: Law, at: Callable[[float], None]
    ) -> None:
        at(0)
        until = (clock.now() + timedelta(days=1)).isoformat()
        fields = [c | {"valid_until": until} for c in granted()]
        law.found_id = register_herself(law.gate, law.people, consents=fields)
        law.answer(YES, CONTACT)
        law.approve()
        at(0.999)
        law.release()
        with law.as_() as access:
            at(1)
            with pytest.raises(NotFound):
                law.release(access)

    @pytest.mark.parametrize("side", ["found_id", "sought_id", "request_id"])
    def test_is_refused_once_either_side_is_hidden(self, law: Law, side: str) -> None:
        law.answer(YES, CONTACT)
        law.approve()
        law.hide(getattr(law, side))
        with pytest.raises(NotFound):
            law.release()

    def test_is_refused_to_another_society(self, law: Law) -> None:
        law.answer(YES, CONTACT)
        law.approve()
        with pytest.raises(NotFound), law.as_(society="UG") as access:
            law.release(access)

    def test_of_a_case_that_needs_another_team_is_given_with_its_approval(self, law: Law) -> None:
        hire(law.gate, law.people, "kisumu-1")
        law.answer(YES, CONTACT)
        law.approve(by="kisumu-1", away_from="nairobi")
        assert law.release(away_from="nairobi").level is ALIVE

    def test_is_a_value_that_cannot_be_bent(self) -> None:
        proof = Release(UUID(int=1), UUID(int=2), ALIVE, UUID(int=3))
        with pytest.raises(AttributeError):
            proof.level = CONTACT  # type: ignore[misc]  # that is the test


def makers(source: str) -> list[str]:
    """Return every way in which a module would make a release of its own."""
    made = []
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Call(func=ast.Name(id="Release") | ast.Attribute(attr="Release")):
                made.append("Release")
            case ast.Call(
                func=ast.Name(id="replace") | ast.Attribute(attr="replace"), args=[ast.Name(id=name), *_]
            ) if "proof" in name or "release" in name:
                made.append("replace")
    return made


class TestOnlyTheLaw:
    def test_makes_releases(self) -> None:
        made = {
            str(path.relative_to(SOURCES)): makers(path.read_text(encoding="utf-8")) for path in SOURCES.rglob("*.py")
        }
        assert {name: ways for name, ways in made.items() if ways} == {"gate/disclosures.py": ["Release"]}

    @pytest.mark.parametrize(
        "code", ["Release(a, b, c, d)", "disclosures.Release(a, b, c, d)", "replace(proof, level=more)"]
    )
    def test_makes_releases_and_a_planted_one_is_found(self, code: str) -> None:
        assert makers(code)
