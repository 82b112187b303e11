"""What a state looks like from outside, what shows when, and that every sentence is there."""

from datetime import UTC, datetime, timedelta

import pytest

from tracing.enquirer.states import EMERGENCY, SENTENCES, Language, cadence
from tracing.requests.states import (
    PUBLIC,
    TABLE,
    Event,
    PublicStatus,
    Row,
    State,
    is_shown,
    public,
    shows_at_once,
)

# domain.md §6.1, written out once more.
WANTED = {
    "pre_case": "received",
    "eligibility_review": "being_assessed",
    "not_accepted": "closed",
    "open": "search_under_way",
    "searching": "search_under_way",
    "awaiting_enquirer": "need_information_from_you",
    "awaiting_partner": "search_under_way",
    "awaiting_authority": "search_under_way",
    "lead_found": "search_under_way",
    "verifying": "search_under_way",
    "located_pending_consent": "search_under_way",
    "fate_review": "search_under_way",
    "suspended": "search_under_way",
    "reopened": "search_under_way",
    "transferred_out": "search_under_way",
    "outcome_ready": "search_under_way",
    "withdrawn": "closed",
    "closed": "closed",
}
# Changes that are seen when they happen; every other waits for the next date.
AT_ONCE = {
    (None, "search_under_way"),
    ("received", "search_under_way"),
    ("being_assessed", "search_under_way"),
    *((before, after) for before in (None, *PublicStatus) for after in ("received", "being_assessed")),
    *(
        (before, after)
        for before in (None, *PublicStatus)
        for after in ("need_information_from_you", "we_would_like_to_speak_to_you")
    ),
}


class TestProjection:
    @pytest.mark.parametrize("state", State)
    def test_of_each_state_is_the_one_that_is_wanted(self, state: State) -> None:
        assert PUBLIC[state] == WANTED[state]
        for before in (None, PublicStatus.UNDER_WAY, PublicStatus.CLOSED):
            assert public(before, Event.RESUME, state) == WANTED[state]

    @pytest.mark.parametrize("event", Event)
    @pytest.mark.parametrize("state", State)
    def test_of_a_wish_to_speak_stays_until_the_search_has_ended(self, state: State, event: Event) -> None:
        wanted = "closed" if WANTED[state] == "closed" else "we_would_like_to_speak_to_you"
        assert public(PublicStatus.SPEAK_TO_YOU, event, state) == wanted

    @pytest.mark.parametrize("event", Event)
    @pytest.mark.parametrize("state", [s for s in State if WANTED[s] == "search_under_way"])
    def test_of_a_question_stays_until_it_is_answered(self, state: State, event: Event) -> None:
        wanted = "search_under_way" if event is Event.ANSWERED else "need_information_from_you"
        assert public(PublicStatus.NEED_INFORMATION, event, state) == wanted

    @pytest.mark.parametrize("row", TABLE, ids=lambda row: f"{row.source}-{row.event}")
    def test_shows_no_step_that_rests_on_a_finding(self, row: Row) -> None:
        by_hand = {"submit", "accept", "decline", "appeal", "start", "ask_enquirer", "ask_partner", "ask_authority"}
        by_hand |= {"answered", "transfer", "reopen", "suspend", "resume", "withdraw", "close"}
        assert is_shown(row) is (row.event in by_hand | {"conclude"})

    @pytest.mark.parametrize("after", PublicStatus)
    @pytest.mark.parametrize("before", [None, *PublicStatus])
    def test_shows_at_once_only_what_tells_nothing(self, before: PublicStatus | None, after: PublicStatus) -> None:
        assert shows_at_once(before, after) is ((before, after) in AT_ONCE)


class TestSentences:
    @pytest.mark.parametrize("language", Language)
    def test_there_is_one_per_status_and_no_two_are_the_same(self, language: Language) -> None:
        said = [SENTENCES[status][language] for status in PublicStatus] + [EMERGENCY[language]]
        assert len(set(said)) == len(PublicStatus) + 1
        assert all(sentence.strip() == sentence for sentence in said)

    def test_they_are_translated(self) -> None:
        for said in (*SENTENCES.values(), EMERGENCY):
            assert len(set(said.values())) == len(Language)


class TestCadence:
    BEGUN = datetime(2026, 1, 10, 15, 30, tzinfo=UTC)

    @pytest.mark.parametrize(
        ("passed", "wanted"),
        [
            (timedelta(0), (2026, 1, 10)),
            (timedelta(days=29, hours=8), (2026, 1, 10)),
            (timedelta(days=29, hours=8, minutes=30), (2026, 2, 9)),  # midnight, not the hour of the request
            (timedelta(days=30), (2026, 2, 9)),
            (timedelta(days=95), (2026, 4, 10)),
        ],
    )
    def test_counts_whole_days_from_the_day_of_the_request(
        self, passed: timedelta, wanted: tuple[int, int, int]
    ) -> None:
        assert cadence(self.BEGUN, self.BEGUN + passed, 30) == datetime(*wanted, tzinfo=UTC)

    def test_of_one_day_is_today(self) -> None:
        assert cadence(self.BEGUN, self.BEGUN + timedelta(days=3), 1) == datetime(2026, 1, 13, tzinfo=UTC)
