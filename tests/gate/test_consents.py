"""What decisions amount to, and that the register follows them: from the next statement, with the clock."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from fastapi.testclient import TestClient
from hypothesis import given
from hypothesis import strategies as st
from sqlmodel import select

from tests.support import Json, People, granted, made, post, request_draft, sought_draft
from tracing.gate import consents
from tracing.gate.admit import admitted
from tracing.gate.consents import ConsentFact
from tracing.gate.opening import Gate
from tracing.gate.permissions import Permission
from tracing.gate.purposes import Decision, GivenBy, LawfulBasis, Obtained, Purpose, Use
from tracing.gate.tables import Consent, Record
from tracing.kit import clock
from tracing.kit.errors import Invalid, NotFound
from tracing.kit.ids import new_id

START = datetime.fromisoformat("2026-11-23T08:00:00+00:00")
RETAIN = START + timedelta(days=3650)
PURPOSES = (Purpose.REGISTER, Purpose.MATCH_WITHIN_SOCIETY, Purpose.STATISTICS)
RECORD = new_id()
CONSENT = LawfulBasis.CONSENT


def day(number: int) -> datetime:
    return START + timedelta(days=number)


def decision(purpose: Purpose, what: Decision, at: int, until: int | None = None, recipient: str = "") -> Consent:
    return Consent(
        society="KE",
        id=new_id(),
        record_id=RECORD,
        purpose=purpose,
        recipient=recipient,
        decision=what,
        lawful_basis=LawfulBasis.CONSENT,
        given_by=GivenBy.SUBJECT,
        obtained=Obtained.VERBAL,
        valid_until=None if until is None else day(until),
        decided_at=day(at),
        recorded_at=day(at),
        recorded_by=RECORD,
    )


DAYS = st.integers(0, 6)
DECISIONS = st.lists(
    st.builds(
        decision,
        st.sampled_from(PURPOSES),
        st.sampled_from(Decision),
        DAYS,
        st.none() | st.integers(1, 20),
        st.sampled_from(["", "", "", "UG"]),
    ),
    max_size=12,
)


def plainly(rows: Sequence[Consent], purpose: Purpose, now: datetime) -> bool:
    """Say in the plainest way whether `purpose` is in force: the oracle."""
    mine = [row for row in rows if row.purpose is purpose and not row.recipient]
    if not mine:
        return False
    last = max(row.decided_at for row in mine)
    final = [row for row in mine if row.decided_at == last]
    return all(row.decision is Decision.GRANTED and (row.valid_until is None or row.valid_until > now) for row in final)


class TestInForce:
    @given(DECISIONS, st.integers(0, 25))
    def test_the_latest_counts_and_a_no_beats_a_yes_of_the_same_time(self, rows: list[Consent], today: int) -> None:
        held = consents.in_force(rows, RETAIN, day(today))
        expected = sum(p.bit for p in PURPOSES if plainly(rows, p, day(today)))
        assert held.purposes == expected

    @given(DECISIONS, st.integers(0, 25), st.randoms(use_true_random=False))
    def test_their_order_in_the_database_says_nothing(self, rows: list[Consent], today: int, chance: Any) -> None:
        shuffled = list(rows)
        chance.shuffle(shuffled)
        assert consents.in_force(rows, RETAIN, day(today)) == consents.in_force(shuffled, RETAIN, day(today))

    @given(DECISIONS, st.sampled_from(PURPOSES), st.sampled_from([Decision.WITHDRAWN, Decision.REFUSED]))
    def test_a_no_now_always_ends_its_purpose_and_no_other(
        self, rows: list[Consent], purpose: Purpose, no: Decision
    ) -> None:
        before = consents.in_force(rows, RETAIN, day(6)).purposes
        after = consents.in_force([*rows, decision(purpose, no, 6)], RETAIN, day(6)).purposes
        assert after == before & ~purpose.bit

    @given(DECISIONS, st.integers(0, 25), st.integers(0, 25))
    def test_time_alone_only_takes_away(self, rows: list[Consent], one: int, two: int) -> None:
        early, late = sorted((one, two))
        before = consents.in_force(rows, RETAIN, day(early)).purposes
        after = consents.in_force(rows, RETAIN, day(late)).purposes
        assert after & ~before == 0

    @given(DECISIONS, st.integers(0, 25))
    def test_the_register_ends_with_its_consent_and_never_after_retention(
        self, rows: list[Consent], today: int
    ) -> None:
        held = consents.in_force(rows, day(15), day(today))
        assert held.expires_at <= day(15)
        if held.purposes & Purpose.REGISTER.bit:
            later = consents.in_force(rows, day(15), held.expires_at)
            assert not later.purposes & Purpose.REGISTER.bit or held.expires_at == day(15)

    def test_bits_never_change(self) -> None:
        assert [purpose.bit for purpose in Purpose] == [1 << n for n in range(13)]
        assert (Purpose.REGISTER.bit, Purpose.MATCH_WITHIN_SOCIETY.bit) == (1, 2)


@pytest.fixture
def case(client: TestClient, people: People) -> Json:
    """A request with two sought persons."""
    brother = sought_draft("Omar Yusuf Warsame", sex="male", relationship="brother")
    return made(post(client, "/tracing-requests", request_draft(sought_draft(), brother), people.auth()))


@pytest.fixture
def at(monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    """Move the clock by so many days."""
    started = clock.now()

    def move(days: float) -> None:
        monkeypatch.setattr(clock, "now", lambda: started + timedelta(days=days))

    return move


def seen(gate: Gate, people: People, use: Use = Use.REGISTER) -> set[str]:
    """Return the ids of the records that a supervisor sees for `use`."""
    permission = {Use.DATA_SUBJECT: Permission.DATA_SUBJECT_ACT}.get(use, Permission.REQUESTS_READ)
    with admitted(gate, people.token("supervisor"), permission, use=use) as access:
        access.note("test.look")
        return {str(i) for i in access.session.exec(select(Record.id)).all()}


def decide(gate: Gate, people: People, record_id: str, *facts: ConsentFact) -> None:
    with admitted(gate, people.token("caseworker"), Permission.CONSENTS_WRITE) as access:
        access.note("test.decide")
        consents.decide(access, UUID(record_id), facts)


def withdraw(gate: Gate, people: People, record_id: str, *purposes: Purpose) -> None:
    with admitted(gate, people.token("caseworker"), Permission.CONSENTS_WRITE) as access:
        access.note("test.withdraw")
        consents.withdraw(access, UUID(record_id), purposes)


def ids_of(case: Json) -> list[str]:
    return [case["id"], *(sought["id"] for sought in case["sought"])]


class TestTheRegisterFollows:
    def test_expiry_moves_with_the_clock_without_any_night(
        self, gate: Gate, people: People, client: TestClient, at: Callable[[float], None]
    ) -> None:
        soon = (clock.now() + timedelta(days=5)).isoformat()
        draft = request_draft()
        draft["enquirer"]["consents"] = [c | {"valid_until": soon} for c in granted()]
        case = made(post(client, "/tracing-requests", draft, people.auth()))
        at(4.99)
        assert seen(gate, people) == set(ids_of(case))
        at(5.01)
        assert seen(gate, people) == set()
        assert client.get(f"/v1/tracing-requests/{case['id']}", headers=people.auth()).status_code == 404
        assert seen(gate, people, Use.DATA_SUBJECT) == set(ids_of(case))

    def test_matching_ends_before_the_register_when_its_consent_does(
        self, gate: Gate, people: People, case: Json, at: Callable[[float], None]
    ) -> None:
        until = clock.now() + timedelta(days=5)
        fact = ConsentFact(Purpose.MATCH_WITHIN_SOCIETY, Decision.GRANTED, LawfulBasis.CONSENT, valid_until=until)
        decide(gate, people, case["id"], fact)
        at(4.99)
        assert case["id"] in seen(gate, people, Use.MATCH)
        at(5.01)
        assert case["id"] not in seen(gate, people, Use.MATCH)
        assert case["id"] in seen(gate, people)

    def test_sought_persons_are_hidden_with_their_request_and_come_back_with_it(
        self, gate: Gate, people: People, case: Json
    ) -> None:
        withdraw(gate, people, case["id"], Purpose.REGISTER)
        assert seen(gate, people) == set()
        with admitted(gate, people.token("supervisor"), Permission.DATA_SUBJECT_ACT, use=Use.DATA_SUBJECT) as access:
            access.note("test.decide")
            yes = ConsentFact(Purpose.REGISTER, Decision.GRANTED, LawfulBasis.CONSENT)
            consents.decide(access, UUID(case["id"]), [yes])
        assert seen(gate, people) == set(ids_of(case))

    def test_a_sought_person_withdrawn_on_their_own_stays_so_when_the_request_is_decided_on(
        self, gate: Gate, people: People, case: Json
    ) -> None:
        withdraw(gate, people, case["sought"][0]["id"], Purpose.REGISTER)
        yes = ConsentFact(Purpose.STATISTICS, Decision.GRANTED, LawfulBasis.CONSENT)
        decide(gate, people, case["id"], yes)
        assert seen(gate, people) == {case["id"], case["sought"][1]["id"]}

    def test_a_hidden_record_cannot_be_decided_on_by_its_caseworker(
        self, gate: Gate, people: People, case: Json
    ) -> None:
        withdraw(gate, people, case["id"], Purpose.REGISTER)
        yes = ConsentFact(Purpose.REGISTER, Decision.GRANTED, LawfulBasis.CONSENT)
        with pytest.raises(NotFound):
            decide(gate, people, case["id"], yes)
        with pytest.raises(NotFound):
            withdraw(gate, people, case["id"], Purpose.REGISTER)

    def test_a_withdrawal_by_a_slow_clock_outdoes_a_grant_by_a_fast_one(
        self, gate: Gate, people: People, case: Json, at: Callable[[float], None]
    ) -> None:
        at(0.01)
        yes = ConsentFact(Purpose.MATCH_WITHIN_SOCIETY, Decision.GRANTED, LawfulBasis.CONSENT)
        decide(gate, people, case["id"], yes)
        at(0)
        withdraw(gate, people, case["id"], Purpose.MATCH_WITHIN_SOCIETY)
        assert case["id"] not in seen(gate, people, Use.MATCH)

    @pytest.mark.parametrize("no", [d for d in Decision if d is not Decision.GRANTED])
    def test_a_refusal_by_a_slow_clock_outdoes_a_grant_by_a_fast_one(
        self, gate: Gate, people: People, case: Json, at: Callable[[float], None], no: Decision
    ) -> None:
        at(0.01)
        decide(gate, people, case["id"], ConsentFact(Purpose.MATCH_WITHIN_SOCIETY, Decision.GRANTED, CONSENT))
        at(0)
        decide(gate, people, case["id"], ConsentFact(Purpose.MATCH_WITHIN_SOCIETY, no, CONSENT))
        at(0.02)
        assert case["id"] not in seen(gate, people, Use.MATCH)

    def test_a_refusal_to_one_recipient_outdoes_no_grant_to_another(
        self, gate: Gate, people: People, case: Json, at: Callable[[float], None]
    ) -> None:
        share, yes, record_id = Purpose.SHARE_WITH_SOCIETY, Decision.GRANTED, UUID(case["id"])
        at(0.01)
        for recipient in ("UG", "SO"):
            decide(gate, people, case["id"], ConsentFact(share, yes, CONSENT, recipient=recipient))
        at(0)
        decide(gate, people, case["id"], ConsentFact(share, Decision.REFUSED, CONSENT, recipient="UG"))
        at(0.02)
        with admitted(gate, people.token("caseworker"), Permission.CONSENTS_WRITE) as access:
            access.note("test.look")
            shared = [consents.share_with(access, record_id, recipient) is not None for recipient in ("UG", "SO")]
        assert shared == [False, True]

    def test_a_refusal_that_does_not_take_the_moment_is_outdone_and_so_the_fault_is_seen(
        self,
        gate: Gate,
        people: People,
        case: Json,
        at: Callable[[float], None],
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        monkeypatch.setattr(consents, "_outdoing", lambda _, made, __: made)
        at(0.01)
        decide(gate, people, case["id"], ConsentFact(Purpose.MATCH_WITHIN_SOCIETY, Decision.GRANTED, CONSENT))
        at(0)
        decide(gate, people, case["id"], ConsentFact(Purpose.MATCH_WITHIN_SOCIETY, Decision.REFUSED, CONSENT))
        at(0.02)
        assert case["id"] in seen(gate, people, Use.MATCH)

    def test_withdrawn_within_one_access_the_next_statement_finds_nothing(
        self, gate: Gate, people: People, case: Json
    ) -> None:
        with admitted(gate, people.token("caseworker"), Permission.CONSENTS_WRITE) as access:
            access.note("test.withdraw")
            query = select(Record.id).where(Record.id == UUID(case["id"]))
            assert access.session.exec(query).all() == [UUID(case["id"])]
            consents.withdraw(access, UUID(case["id"]), [Purpose.REGISTER])
            assert access.session.exec(query).all() == []

    @pytest.mark.parametrize(
        ("fields", "reason"),
        [
            ({"decided_at": clock.now() + timedelta(days=1)}, "in the future"),
            ({"valid_until": clock.now() - timedelta(days=1)}, "over before it was given"),
        ],
    )
    def test_a_decision_that_makes_no_sense_is_refused(
        self, gate: Gate, people: People, case: Json, fields: Json, reason: str
    ) -> None:
        fact = ConsentFact(Purpose.REGISTER, Decision.GRANTED, LawfulBasis.CONSENT, **fields)
        with pytest.raises(Invalid):
            decide(gate, people, case["id"], fact)


class TestPlantedFault:
    def test_when_a_yes_beats_a_no_the_withdrawal_does_not_act(self, monkeypatch: pytest.MonkeyPatch) -> None:
        rows = [
            decision(Purpose.REGISTER, Decision.WITHDRAWN, 1),
            decision(Purpose.REGISTER, Decision.GRANTED, 1),
        ]
        assert consents.in_force(rows, RETAIN, day(1)).purposes == 0
        monkeypatch.setattr(consents, "_rank", lambda row: (row.decided_at, row.decision is Decision.GRANTED))
        assert consents.in_force(rows, RETAIN, day(1)).purposes == Purpose.REGISTER.bit
