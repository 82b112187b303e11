"""Why a search may be concluded: each reason's rule, holding and failing."""

from dataclasses import replace
from uuid import UUID, uuid4

import pytest

from tracing.disclosure.states import State as Asking
from tracing.fate.states import Finding
from tracing.gate.disclosing import Level
from tracing.outcome.states import Facts, Lack, Told, lacks, telling_of
from tracing.requests.states import FindingReason as Why

RELEASE, OTHER, FATE = uuid4(), uuid4(), uuid4()
TELLING, MESSAGE = uuid4(), uuid4()


def told(level: Level, release_id: UUID = RELEASE) -> Facts:
    return Facts(releases=((release_id, level),))


def with_telling(facts: Facts, of: UUID | None = None, *, support: bool = True) -> Facts:
    return replace(facts, tellings=(Told(TELLING, of, support),))


def fate(finding: Finding) -> Facts:
    return Facts(fate=(FATE, finding))


DELIVERED = Facts(delivered=frozenset({MESSAGE}))


def asked(state: Asking | None, *releases: tuple[UUID, Level]) -> Facts:
    return Facts(asking=state, releases=releases)


# Reason, why, what is on record, and what is missing then.
RULES: list[tuple[Why, str, Facts, list[Lack]]] = [
    *(
        (reason, f"told at {level}", with_telling(told(level), RELEASE), [] if holds else [Lack.RELEASE])
        for reason, least in ((Why.RECONNECTED_CONTACT, Level.SHARE_CONTACT), (Why.REUNIFIED, Level.AGREE_TO_MEETING))
        for level in Level
        for holds in (level.covers(least),)
    ),
    (Why.RECONNECTED_CONTACT, "no telling", told(Level.SHARE_CONTACT), [Lack.TELLING]),
    (Why.RECONNECTED_CONTACT, "another's", with_telling(told(Level.SHARE_CONTACT), OTHER), [Lack.TELLING]),
    (Why.RECONNECTED_CONTACT, "of no news", with_telling(told(Level.SHARE_CONTACT)), [Lack.TELLING]),
    (Why.REUNIFIED, "no telling", told(Level.AGREE_TO_MEETING), [Lack.TELLING]),
    (
        Why.REUNIFIED,
        "the contact's telling counts",
        with_telling(Facts(releases=((OTHER, Level.SHARE_CONTACT), (RELEASE, Level.AGREE_TO_MEETING))), OTHER),
        [],
    ),
    (Why.RECONNECTED_MESSAGE, "nothing", Facts(), [Lack.MESSAGE_OR_RELEASE]),
    (Why.RECONNECTED_MESSAGE, "a message and its telling", with_telling(DELIVERED, MESSAGE), []),
    (Why.RECONNECTED_MESSAGE, "a message, no telling", DELIVERED, [Lack.TELLING]),
    (Why.RECONNECTED_MESSAGE, "a message, another told", with_telling(DELIVERED, OTHER), [Lack.TELLING]),
    (Why.RECONNECTED_MESSAGE, "a message, no news told", with_telling(DELIVERED), [Lack.TELLING]),
    (Why.RECONNECTED_MESSAGE, "passed on, no telling", told(Level.PASS_MESSAGE), [Lack.TELLING]),
    *(
        (reason, f"told at {level}", with_telling(told(level), RELEASE), [] if holds else [lack])
        for level in Level
        for reason, holds, lack in (
            (Why.RECONNECTED_MESSAGE, level.covers(Level.PASS_MESSAGE), Lack.MESSAGE_OR_RELEASE),
            (Why.ALIVE_NO_CONTACT, level is Level.SAY_ALIVE_ONLY, Lack.RELEASE),
        )
    ),
    (Why.ALIVE_NO_CONTACT, "nothing told", with_telling(DELIVERED, MESSAGE), [Lack.RELEASE]),
    (Why.ALIVE_NO_CONTACT, "no telling", told(Level.SAY_ALIVE_ONLY), [Lack.TELLING]),
    (
        Why.ALIVE_NO_CONTACT,
        "the telling of more is none of this",
        with_telling(Facts(releases=((OTHER, Level.SHARE_CONTACT), (RELEASE, Level.SAY_ALIVE_ONLY))), OTHER),
        [Lack.TELLING],
    ),
    (Why.FATE_DECEASED, "told with support", with_telling(fate(Finding.DECEASED), FATE), []),
    (Why.FATE_DECEASED, "told without", with_telling(fate(Finding.DECEASED), FATE, support=False), [Lack.SUPPORT]),
    (Why.FATE_DECEASED, "not told", fate(Finding.DECEASED), [Lack.TELLING]),
    (Why.FATE_DECEASED, "another fate told", with_telling(fate(Finding.DECEASED), OTHER), [Lack.TELLING]),
    (Why.FATE_DECEASED, "nothing established", with_telling(Facts(), FATE), [Lack.FATE]),
    *(
        (Why.FATE_DECEASED, f"only {finding}", with_telling(fate(finding), FATE), [Lack.FATE])
        for finding in Finding
        if finding is not Finding.DECEASED
    ),
    *(
        (Why.FATE_PARTIAL, f"{finding}", with_telling(fate(finding), FATE, support=False), [])
        for finding in Finding
        if finding is not Finding.DECEASED
    ),
    (Why.FATE_PARTIAL, "not told", fate(Finding.PARTIAL_ANSWER), [Lack.TELLING]),
    (Why.FATE_PARTIAL, "a death is no part", with_telling(fate(Finding.DECEASED), FATE), [Lack.FATE]),
    (Why.FATE_PARTIAL, "nothing established", with_telling(Facts(), FATE), [Lack.FATE]),
    *(
        (Why.FOUND_NOT_DISCLOSED, f"asking {state}", asked(state), [] if holds else [Lack.ASKING])
        for state in (None, *Asking)
        for holds in (state in ("declined", "withdrawn", "not_reachable", "lacks_capacity", "deceased"),)
    ),
    (
        Why.FOUND_NOT_DISCLOSED,
        "told before the withdrawal",
        asked(Asking.WITHDRAWN, (RELEASE, Level.SAY_ALIVE_ONLY)),
        [Lack.TOLD],
    ),
    (
        Why.FOUND_NOT_DISCLOSED,
        "granted and told",
        asked(Asking.GRANTED, (RELEASE, Level.SAY_ALIVE_ONLY)),
        [Lack.ASKING, Lack.TOLD],
    ),
    (Why.ENQUIRER_UNREACHABLE, "tried often enough", Facts(exhausted=True), []),
    (Why.ENQUIRER_UNREACHABLE, "not tried", Facts(), [Lack.ATTEMPTS]),
]


class TestRules:
    @pytest.mark.parametrize(
        ("reason", "why", "facts", "missing"), RULES, ids=[f"{reason}: {why}" for reason, why, *_ in RULES]
    )
    def test_of_a_reason(self, reason: Why, why: str, facts: Facts, missing: list[Lack]) -> None:
        assert lacks(reason, facts) == missing, why

    def test_each_holds_once_and_fails_once(self) -> None:
        for reason in Why:
            assert {bool(missing) for known, _, _, missing in RULES if known is reason} == {True, False}

    @pytest.mark.parametrize(
        ("reason", "facts", "telling"),
        [
            (Why.RECONNECTED_CONTACT, with_telling(told(Level.SHARE_CONTACT), RELEASE), TELLING),
            (Why.RECONNECTED_MESSAGE, with_telling(told(Level.PASS_MESSAGE), RELEASE), TELLING),
            (Why.RECONNECTED_MESSAGE, with_telling(DELIVERED, MESSAGE), TELLING),
            (Why.ALIVE_NO_CONTACT, with_telling(told(Level.SAY_ALIVE_ONLY), RELEASE), TELLING),
            (Why.FATE_DECEASED, with_telling(fate(Finding.DECEASED), FATE), TELLING),
            (Why.FOUND_NOT_DISCLOSED, with_telling(asked(Asking.DECLINED)), None),
            (Why.ENQUIRER_UNREACHABLE, with_telling(Facts(exhausted=True)), None),
        ],
    )
    def test_a_closure_names_the_telling_that_it_rests_on(
        self, reason: Why, facts: Facts, telling: UUID | None
    ) -> None:
        assert telling_of(reason, facts) == telling
