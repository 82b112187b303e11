"""Which decision lets one society be given a record: for the recipient, for nobody in particular, and a later no."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracing.gate import consents
from tracing.gate.purposes import Decision, GivenBy, LawfulBasis, Obtained, Purpose
from tracing.gate.tables import Consent
from tracing.kit import clock
from tracing.kit.ids import new_id

NOW = clock.now()
G, R, W, D = Decision.GRANTED, Decision.REFUSED, Decision.WITHDRAWN, Decision.DEFERRED
Fact = tuple[str, Decision, int, int | None]
"""Recipient, decision, how many hours ago, and in how many hours it ends."""
CASES: list[tuple[str, list[Fact], bool]] = [
    ("nobody decided", [], False),
    ("to anybody", [("", G, 9, None)], True),
    ("to this one", [("UG", G, 9, None)], True),
    ("to another one", [("TZ", G, 9, None)], False),
    ("to anybody but this one", [("", G, 9, None), ("UG", R, 9, None)], False),
    ("to anybody, later not to this one", [("", G, 9, None), ("UG", R, 5, None)], False),
    ("not to this one, later to anybody", [("UG", R, 9, None), ("", G, 5, None)], False),
    ("to this one, later to nobody", [("UG", G, 9, None), ("", W, 5, None)], False),
    ("to nobody, later to this one", [("", R, 9, None), ("UG", G, 5, None)], True),
    ("to this one, at once to nobody", [("UG", G, 9, None), ("", R, 9, None)], False),
    ("it is over", [("UG", G, 9, -1)], False),
    ("it is over, for anybody it is not", [("UG", G, 9, -1), ("", G, 9, None)], False),
    ("it ends to come", [("UG", G, 9, 1)], True),
    ("deferred", [("UG", D, 9, None)], False),
    ("withdrawn", [("UG", G, 9, None), ("UG", W, 5, None)], False),
    ("given anew", [("UG", W, 9, None), ("UG", G, 5, None)], True),
]


def row(fact: Fact) -> Consent:
    recipient, decision, ago, ends = fact
    return Consent(
        society="KE",
        id=new_id(),
        record_id=new_id(),
        purpose=Purpose.SHARE_WITH_SOCIETY,
        recipient=recipient,
        decision=decision,
        lawful_basis=LawfulBasis.CONSENT,
        given_by=GivenBy.SUBJECT,
        obtained=Obtained.VERBAL,
        valid_until=None if ends is None else NOW + timedelta(hours=ends),
        decided_at=NOW - timedelta(hours=ago),
        recorded_at=NOW,
        recorded_by=new_id(),
    )


@pytest.mark.parametrize(("facts", "shared"), [pytest.param(f, s, id=name) for name, f, s in CASES])
def test_a_society_is_given_what_the_latest_word_about_it_allows(facts: list[Fact], shared: bool) -> None:
    assert (consents.sharing(map(row, facts), "UG", NOW) is not None) is shared


FACTS = st.tuples(
    st.sampled_from(["", "UG", "TZ"]),
    st.sampled_from(list(Decision)),
    st.integers(0, 50),
    st.none() | st.integers(-5, 5).filter(bool),
)


@given(st.lists(FACTS, max_size=6))
def test_a_no_to_everybody_now_ends_every_sharing(facts: list[Fact]) -> None:
    assert consents.sharing([*map(row, facts), row(("", W, 0, None))], "UG", NOW) is None


@given(st.lists(FACTS, max_size=6))
def test_what_is_shared_rests_on_a_yes_that_holds(facts: list[Fact]) -> None:
    held = consents.sharing(map(row, facts), "UG", NOW)
    assert held is None or (
        held.decision is G and held.recipient in ("", "UG") and (held.valid_until is None or held.valid_until > NOW)
    )
