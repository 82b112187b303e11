"""The consents to disclosing, and an answer that rests on them: whoever takes one back takes back the answer."""

from datetime import timedelta
from uuid import UUID

import pytest

from tests.disclosure.counter import PHONE, Counter, refused
from tests.support import made
from tracing.gate import answers, consents, disclosures
from tracing.gate.admit import admitted
from tracing.gate.consents import ConsentFact
from tracing.gate.disclosing import Level
from tracing.gate.permissions import Permission
from tracing.gate.purposes import DISCLOSED, Decision, LawfulBasis, Purpose, Use
from tracing.kit import clock

ONE_DATABASE = pytest.mark.parametrize("settings", ["sqlite"], indirect=True)
NO = [decision for decision in Decision if decision is not Decision.GRANTED]


def withdraw(counter: Counter, *purposes: Purpose, record_id: UUID | None = None) -> None:
    at = f"/records/{record_id or counter.pair.found_id}/consents/withdrawal"
    assert counter.send("POST", at, {"purposes": [str(one) for one in purposes]}).is_success


def decide(counter: Counter, purpose: Purpose, decision: Decision) -> None:
    fields = {"purpose": purpose, "decision": decision, "lawful_basis": "consent"}
    made(counter.send("POST", f"/records/{counter.pair.found_id}/consents", {"decisions": [fields]}))


def register_again(counter: Counter, record_id: UUID) -> None:
    """Register somebody anew whose registration was withdrawn, as their own rights allow."""
    fact = ConsentFact(Purpose.REGISTER, Decision.GRANTED, LawfulBasis.CONSENT)
    token = counter.people.token("supervisor")
    with admitted(counter.gate, token, Permission.DATA_SUBJECT_ACT, use=Use.DATA_SUBJECT) as access:
        consents.decide(access, record_id, [fact])
        access.note("test.again")


def level(counter: Counter) -> Level:
    found: list[Level] = []
    counter.do(lambda access: found.append(disclosures.level(access, counter.pair.found_id, counter.pair.sought_id)))
    return found[0]


class TestAnAnswer:
    def test_ends_with_a_consent_that_is_withdrawn_and_nothing_is_told(self, counter: Counter) -> None:
        release = counter.ready()
        withdraw(counter, Purpose.DISCLOSE_CONTACT)
        answer = counter.tell(release)
        refused(answer, 409, "not-allowed-by-the-person")
        assert PHONE not in answer.text + counter.get(counter.path).text
        assert level(counter) is Level.NOTHING

    def test_that_no_consent_ends_is_told_and_so_the_fault_is_seen(
        self, counter: Counter, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        release = counter.ready()
        monkeypatch.setattr(answers, "end", lambda *_, **__: None)
        withdraw(counter, *DISCLOSED)
        assert PHONE in made(counter.tell(release), 200)["content"]["contact_to_share"]


@ONE_DATABASE
class TestEveryDoor:
    @pytest.mark.parametrize("purpose", sorted(DISCLOSED))
    @pytest.mark.parametrize("decision", NO)
    def test_ends_it_by_a_decision(self, counter: Counter, purpose: Purpose, decision: Decision) -> None:
        counter.grant()
        decide(counter, purpose, Decision.GRANTED)
        assert level(counter) is Level.SHARE_LOCATION
        decide(counter, purpose, decision)
        assert level(counter) is Level.NOTHING

    def test_ends_it_together_with_the_registration(self, counter: Counter) -> None:
        """The record is hidden by the same act, and what comes back with it later is not the answer."""
        counter.grant()
        withdraw(counter, Purpose.REGISTER, Purpose.DISCLOSE_ALIVE)
        register_again(counter, counter.pair.found_id)
        assert level(counter) is Level.NOTHING

    @pytest.mark.parametrize(("withdrawn", "left"), [((), Level.SHARE_LOCATION), (DISCLOSED, Level.NOTHING)])
    def test_ends_it_also_about_a_search_that_is_hidden_meanwhile(
        self, counter: Counter, withdrawn: frozenset[Purpose], left: Level
    ) -> None:
        counter.grant()
        request_id = counter.pair.request_id
        withdraw(counter, Purpose.REGISTER, record_id=request_id)
        if withdrawn:
            withdraw(counter, *withdrawn)
        register_again(counter, request_id)
        assert level(counter) is left

    @pytest.mark.parametrize("purpose", [Purpose.STATISTICS, Purpose.SHARE_WITH_SOCIETY])
    def test_of_another_purpose_leaves_it(self, counter: Counter, purpose: Purpose) -> None:
        counter.grant()
        withdraw(counter, purpose)
        assert level(counter) is Level.SHARE_LOCATION

    def test_of_one_recipient_leaves_it(self, counter: Counter) -> None:
        counter.grant()
        no = ConsentFact(Purpose.DISCLOSE_ALIVE, Decision.REFUSED, LawfulBasis.CONSENT, recipient="UG")
        counter.do(lambda access: consents.decide(access, counter.pair.found_id, [no]))
        assert level(counter) is Level.SHARE_LOCATION

    def test_of_an_earlier_yes_that_is_recorded_late_leaves_it(self, counter: Counter) -> None:
        """She had refused at the counter, and told us since what this enquirer may learn."""
        decide(counter, Purpose.DISCLOSE_ALIVE, Decision.REFUSED)
        counter.grant()
        at = clock.now() - timedelta(days=9)
        yes = ConsentFact(Purpose.DISCLOSE_ALIVE, Decision.GRANTED, LawfulBasis.CONSENT, decided_at=at)
        counter.do(lambda access: consents.decide(access, counter.pair.found_id, [yes]))
        assert level(counter) is Level.SHARE_LOCATION

    def test_outdoes_an_answer_of_a_process_whose_clock_runs_ahead(
        self, counter: Counter, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        true = clock.now
        with monkeypatch.context() as patch:
            patch.setattr(clock, "now", lambda: true() + timedelta(seconds=90))
            counter.grant()
        withdraw(counter, Purpose.DISCLOSE_LOCATION)
        monkeypatch.setattr(clock, "now", lambda: true() + timedelta(seconds=180))
        assert level(counter) is Level.NOTHING
