"""The law of disclosure over the rows: nothing is recorded or released without all that it takes."""

import ast
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from tests.disclosure.desk import hire, register_herself, seek
from tests.support import People, granted
from tests.trails import entries
from tracing.gate import consents, disclosures, foureyes
from tracing.gate.access import Access
from tracing.gate.admit import admitted
from tracing.gate.answers import AnswerFact
from tracing.gate.disclosing import Act, Answer, Level
from tracing.gate.disclosures import Clear, NotAllowedByThem, Release
from tracing.gate.foureyes import NotApproved
from tracing.gate.opening import Gate
from tracing.gate.permissions import Permission
from tracing.gate.purposes import GivenBy, Obtained, Purpose
from tracing.kit import clock
from tracing.kit.errors import Conflict, Invalid, NotFound
from tracing.kit.ids import new_id

SOURCES = Path(__file__).parents[2] / "src" / "tracing"
CONTENT = b"alive and well"
YES, NO, GONE = Answer.GRANTED, Answer.DECLINED, Answer.WITHDRAWN
ALIVE, CONTACT = Level.SAY_ALIVE_ONLY, Level.SHARE_CONTACT
VERIFICATION = UUID(int=5)
CLEAR = {"found_id", "sought_id", "verification_id", "away_from"}


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
        content = disclosures.exactly(self.clear(), level, CONTENT)
        with self.as_() as access:
            foureyes.propose(access, Act.DISCLOSURE, self.found_id, self.about_id, content, away_from=away_from)
        with self.as_(by) as access:
            foureyes.settle(access, self.about_id, Act.DISCLOSURE, approve=True, content=content)

    def clear(self, **fields: Any) -> Clear:
        """Return a word that the house above the gate would give."""
        return replace(Clear(self.found_id, self.sought_id, VERIFICATION, ""), **fields)

    def release(self, access: Access | None = None, **fields: Any) -> Release:
        clear = {name: fields.pop(name) for name in CLEAR & fields.keys()}
        asked: dict[str, Any] = {
            "clear": self.clear(**clear),
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
            ("another verification", {"verification_id": UUID(int=9)}, NotApproved),
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
    """Return every way in which a module would make a release, or a clearance, of its own."""
    made: list[str] = []
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Call(
                func=ast.Name(id="Release" | "Clear" as name) | ast.Attribute(attr="Release" | "Clear" as name)
            ):
                made.append(name)
            case ast.Call(
                func=ast.Name(id="replace") | ast.Attribute(attr="replace"), args=[ast.Name(id=name), *_]
            ) if any(word in name for word in ("proof", "release", "clear")):
                made.append("replace")
    return made


class TestOnlyTheLaw:
    def test_makes_releases(self) -> None:
        made = {
            str(path.relative_to(SOURCES)): makers(path.read_text(encoding="utf-8")) for path in SOURCES.rglob("*.py")
        }
        assert {name: ways for name, ways in made.items() if ways} == {
            "gate/disclosures.py": ["Release"],
            "disclosure/opening.py": ["Clear"],
        }

    @pytest.mark.parametrize(
        "code",
        [
            "Release(a, b, c, d)",
            "disclosures.Release(a, b, c, d)",
            "replace(proof, level=more)",
            "Clear(a, b, c, d)",
            "disclosures.Clear(a, b, c, d)",
            "replace(clear, away_from=nobody)",
        ],
    )
    def test_makes_releases_and_a_planted_one_is_found(self, code: str) -> None:
        assert makers(code)
