"""What shows when: nothing of the moment at which something was found, declined, concluded or erased."""

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

import pytest

from tests.enquirer.desk import (
    DECLINED,
    LEAD,
    NOT_DISCLOSED,
    PENDING,
    TO_TELL,
    TOLD_BY_PARTNER,
    Enquirer,
    Steps,
    bring,
    enquirer,
    speak,
)
from tests.review.desk import Desk
from tests.support import post
from tracing.gate import register
from tracing.gate.admit import admitted
from tracing.gate.permissions import Permission
from tracing.requests import states
from tracing.requests.errors import NoSuchTransition
from tracing.requests.states import Event, FindingReason, Outcome

Day = Callable[[float], None]
ONE_DATABASE = pytest.mark.parametrize("settings", ["sqlite"], indirect=True)
SPEAK, NEED, UNDER_WAY = "we_would_like_to_speak_to_you", "need_information_from_you", "search_under_way"

UNDONE: Steps = [(Event.UNDO_LEAD, None)]


def by_hand(asking: Enquirer, event: str, **fields: str) -> None:
    asking.desk.happen(f"/sought-persons/{asking.sought_ids[0]}", event, **fields)


@ONE_DATABASE
class TestDates:
    def test_are_those_of_the_cadence_whatever_happens(self, desk: Desk, day: Day) -> None:
        asking = enquirer(desk)
        seen = []
        for passed in (0, 3, 29.4, 29.6, 31, 59, 60):
            day(passed)
            by_hand(asking, "ask_partner")
            by_hand(asking, "answered")
            page = asking.page()
            seen.append((page["as_of"], page["next_date"]))
        assert [seen.count(s) for s in dict.fromkeys(seen)] == [3, 3, 1]
        assert seen[3][0] == seen[0][1]

    def test_come_from_the_settings(self, desk: Desk, day: Day) -> None:
        asking = enquirer(desk)
        bring(desk, asking.sought_ids[0], NOT_DISCLOSED)
        object.__setattr__(desk.gate, "settings", desk.gate.settings.model_copy(update={"status_cadence_days": 7}))
        day(6)
        assert asking.status == UNDER_WAY
        day(7)
        assert asking.status == "closed"


class TestClosing:
    @pytest.mark.parametrize("found", [True, False], ids=["found, not disclosed", "not found"])
    def test_shows_on_the_next_date_whatever_the_reason(self, desk: Desk, day: Day, found: bool) -> None:
        asking = enquirer(desk)
        day(11)
        if found:
            bring(desk, asking.sought_ids[0], NOT_DISCLOSED)
        else:
            by_hand(asking, "close", reason="not_found_avenues_exhausted")
        shown = {}
        for passed in (11, 20, 29.4, 29.5, 30, 45):
            day(passed)
            shown[passed] = asking.status
        assert shown == {11: UNDER_WAY, 20: UNDER_WAY, 29.4: UNDER_WAY, 29.5: "closed", 30: "closed", 45: "closed"}

    def test_is_the_same_page_whether_somebody_was_found_or_not(self, desk: Desk, day: Day) -> None:
        found, vain = enquirer(desk), enquirer(desk)
        day(11)
        bring(desk, found.sought_ids[0], NOT_DISCLOSED)
        day(17)
        by_hand(vain, "close", reason="not_found_avenues_exhausted")
        for passed in (17, 29.4, 29.6, 70):
            day(passed)
            assert found.page() == vain.page()

    def test_that_was_undone_before_the_date_never_showed(self, desk: Desk, day: Day) -> None:
        asking = enquirer(desk)
        day(5)
        bring(desk, asking.sought_ids[0], NOT_DISCLOSED)
        day(6)
        by_hand(asking, "reopen")
        for passed in (6, 29.6, 60):
            day(passed)
            assert asking.status == UNDER_WAY

    def test_reopened_shows_on_the_next_date(self, desk: Desk, day: Day) -> None:
        asking = enquirer(desk, NOT_DISCLOSED)
        day(31)
        by_hand(asking, "reopen")
        assert asking.status == "closed"
        day(60)
        assert asking.status == UNDER_WAY


@ONE_DATABASE
class TestAsking:
    def test_shows_at_once(self, desk: Desk, day: Day) -> None:
        asking = enquirer(desk)
        day(4)
        by_hand(asking, "ask_enquirer")
        assert asking.status == NEED
        as_of = asking.page()["as_of"]
        by_hand(asking, "answered")
        bring(desk, asking.sought_ids[0], TO_TELL)
        speak(asking)
        assert (asking.status, asking.page()["as_of"]) == (SPEAK, as_of)

    @pytest.mark.parametrize("way", [LEAD, PENDING, DECLINED, TO_TELL, [*LEAD, (Event.UNDO_LEAD, None)]], ids=len)
    def test_stays_until_it_is_answered_whatever_happens_behind_it(self, desk: Desk, day: Day, way: Steps) -> None:
        vain, found = enquirer(desk), enquirer(desk)
        for asking in (vain, found):
            by_hand(asking, "ask_enquirer")
        day(3)
        bring(desk, found.sought_ids[0], way)
        for passed in (3, 29.4, 31, 61):
            day(passed)
            assert (vain.page(), vain.status) == (found.page(), NEED)
        state = desk.state_of(found.sought_ids[0])
        for asking in (vain, found):
            by_hand(asking, "answered")
        assert desk.state_of(found.sought_ids[0]) == state
        for passed, shown in ((62, NEED), (90, UNDER_WAY)):
            day(passed)
            assert (vain.page(), vain.status) == (found.page(), shown)

    def test_is_not_answered_when_nothing_was_asked(self, desk: Desk) -> None:
        asking = enquirer(desk, DECLINED)
        path = f"/sought-persons/{asking.sought_ids[0]}"
        tag = {"If-Match": desk.get(path).headers["etag"]}
        answer = post(desk.client, f"{path}/events", {"event": "answered"}, desk.auth(), **tag)
        assert answer.status_code == 409

    def test_vanishes_with_a_lead_where_what_is_brought_about_shows(
        self, desk: Desk, day: Day, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(states, "is_shown", lambda _: True)
        monkeypatch.setattr(states, "public", lambda _before, _event, state: states.PUBLIC[state])
        asking = enquirer(desk)
        by_hand(asking, "ask_enquirer")
        bring(desk, asking.sought_ids[0], LEAD)
        day(31)
        assert asking.status == UNDER_WAY


@ONE_DATABASE
class TestWishToSpeak:
    def test_does_not_show_by_a_grant_alone(self, desk: Desk, day: Day) -> None:
        granted, vain = enquirer(desk, TO_TELL), enquirer(desk)
        for passed in (0, 31):
            day(passed)
            assert granted.page() == vain.page()
        bring(desk, granted.sought_ids[0], [(Event.ASK_AGAIN, None), (Event.END_ASKING, Outcome.NOTHING_TO_TELL)])
        day(61)
        assert granted.page() == vain.page()

    @pytest.mark.parametrize(
        "after",
        [[(Event.ASK_AGAIN, None)], [(Event.ASK_AGAIN, None), (Event.END_ASKING, Outcome.NOTHING_TO_TELL)], UNDONE],
        ids=["she takes it back", "she says no", "the match is undone"],
    )
    def test_stays_when_what_was_approved_falls_away(self, desk: Desk, day: Day, after: Steps) -> None:
        asking = enquirer(desk, TO_TELL)
        speak(asking)
        bring(desk, asking.sought_ids[0], after)
        for passed in (1, 31, 61):
            day(passed)
            assert asking.status == SPEAK
        by_hand(asking, "close", reason="not_found_avenues_exhausted")
        day(62)
        assert asking.status == SPEAK
        day(91)
        assert asking.status == "closed"

    def test_of_a_search_that_has_ended_is_not_taken_up(self, desk: Desk, day: Day) -> None:
        asking = enquirer(desk, NOT_DISCLOSED)
        day(31)
        speak(asking)
        assert asking.status == "closed"

    def test_ends_on_the_next_date_when_it_is_concluded(self, desk: Desk, day: Day) -> None:
        asking = enquirer(desk, TO_TELL)
        speak(asking)
        speak(asking)
        bring(desk, asking.sought_ids[0], [(Event.CONCLUDE, FindingReason.RECONNECTED_MESSAGE)])
        assert asking.status == SPEAK
        day(31)
        assert asking.status == "closed"


class TestToldByPartner:
    """What a partner society lets us tell shows as what we found ourselves: when, and how it ends."""

    @pytest.mark.parametrize("before", [[], LEAD, DECLINED], ids=["searching", "a lead here", "declined here"])
    def test_is_the_same_page_as_for_a_match_of_our_own(self, desk: Desk, day: Day, before: Steps) -> None:
        own, told, vain = enquirer(desk), enquirer(desk, before), enquirer(desk)
        assert own.page() == told.page() == vain.page()
        day(11)
        bring(desk, own.sought_ids[0], TO_TELL)
        bring(desk, told.sought_ids[0], TOLD_BY_PARTNER)
        for asking in (own, told):
            speak(asking)
        assert told.status == SPEAK
        for passed in (11, 29.4, 29.6, 70):
            day(passed)
            assert told.page() == own.page()
            assert vain.status == UNDER_WAY
        for asking in (own, told):
            bring(desk, asking.sought_ids[0], [(Event.CONCLUDE, FindingReason.RECONNECTED_MESSAGE)])
        for passed, status in ((70.5, SPEAK), (89.6, "closed")):
            day(passed)
            assert told.page() == own.page()
            assert told.status == status

    def test_waits_while_a_match_of_our_own_is_looked_into(self, desk: Desk) -> None:
        asking = enquirer(desk, PENDING)
        with pytest.raises(NoSuchTransition):
            bring(desk, asking.sought_ids[0], TOLD_BY_PARTNER)
        assert asking.status == UNDER_WAY


@ONE_DATABASE
class TestBeginning:
    def test_shows_each_step_until_the_search_is_under_way(self, desk: Desk, day: Day) -> None:
        asking = enquirer(desk, start=False)
        seen = [asking.status]
        for event in ("submit", "accept", "start"):
            by_hand(asking, event)
            seen.append(asking.status)
        assert seen == ["received", "being_assessed", UNDER_WAY, UNDER_WAY]

    def test_that_is_not_accepted_is_closed_on_the_next_date_and_looked_at_again_at_once(
        self, desk: Desk, day: Day
    ) -> None:
        asking = enquirer(desk, start=False)
        by_hand(asking, "submit")
        by_hand(asking, "decline", reason="genealogy")
        assert asking.status == "being_assessed"
        day(30)
        assert asking.status == "closed"
        by_hand(asking, "appeal")
        assert asking.status == "being_assessed"


@ONE_DATABASE
class TestSoughtPersonWhoIsHidden:
    """Whoever was found and wants to be forgotten must not be given away by a line that vanishes."""

    @pytest.mark.parametrize("way", [[], DECLINED], ids=["searching", "declined"])
    def test_keeps_their_line(self, desk: Desk, day: Day, way: Steps) -> None:
        asking, other = enquirer(desk, way, []), enquirer(desk, [], [])
        assert desk.get(f"/sought-persons/{asking.sought_ids[0]}").status_code == 200
        desk.withdraw(asking.sought_ids[0], "register", "match_within_society")
        assert desk.get(f"/sought-persons/{asking.sought_ids[0]}").status_code == 404
        assert asking.page() == other.page()
        day(desk.gate.settings.forget_after_days + 1)
        assert desk.night().forgotten == 1
        assert asking.page() == other.page()


class TestSoughtPersonWhoIsForgotten:
    """Nobody closed that search: its line stays as it was, like that of one which goes on in vain."""

    @pytest.mark.parametrize("way", [[], DECLINED, TO_TELL], ids=["searching", "declined", "to tell"])
    def test_keeps_their_line_for_good(self, desk: Desk, day: Day, way: Steps) -> None:
        asking, vain = enquirer(desk, way, []), enquirer(desk, [], [])
        desk.withdraw(asking.sought_ids[0], "register", "match_within_society")
        day(desk.gate.settings.forget_after_days + 1)
        assert desk.night().forgotten == 1
        for passed in (31, 59.4, 59.6, 300):
            day(passed)
            assert asking.page() == vain.page()
            assert asking.statuses() == [UNDER_WAY, UNDER_WAY]

    @pytest.mark.parametrize("shown", [NEED, SPEAK, "closed"])
    def test_keeps_whatever_it_showed(self, desk: Desk, day: Day, shown: str) -> None:
        asking = enquirer(desk, NOT_DISCLOSED if shown == "closed" else [])
        if shown == NEED:
            by_hand(asking, "ask_enquirer")
        if shown == SPEAK:
            speak(asking)
        desk.withdraw(asking.sought_ids[0], "register", "match_within_society")
        day(desk.gate.settings.forget_after_days + 1)
        assert desk.night().forgotten == 1
        for passed in (31, 61, 300):
            day(passed)
            assert asking.status == shown

    def test_keeps_every_line_when_nobody_is_sought_any_more(self, desk: Desk, day: Day) -> None:
        asking = enquirer(desk, [], DECLINED)
        for sought_id in asking.sought_ids:
            desk.withdraw(sought_id, "register", "match_within_society")
        day(desk.gate.settings.forget_after_days + 1)
        assert desk.night().forgotten == 2
        for passed in (31, 61):
            day(passed)
            assert asking.statuses() == [UNDER_WAY, UNDER_WAY]


class TestEndOfKeeping:
    """It is published with a name, and stands in the enquirer's own bundle: nobody reads a hidden step off it."""

    @pytest.mark.parametrize(
        "way", [LEAD, DECLINED, TO_TELL, [*DECLINED, (Event.ASK_AGAIN, None)], [*LEAD, *UNDONE]], ids=len
    )
    def test_is_not_moved_by_what_is_found(self, desk: Desk, day: Day, way: Steps) -> None:
        asking = enquirer(desk)
        before = ends(asking)
        day(45.25)
        bring(desk, asking.sought_ids[0], way)
        assert ends(asking) == before

    def test_is_moved_by_a_step_by_hand_and_alike_by_every_closing(self, desk: Desk, day: Day) -> None:
        vain, found = enquirer(desk), enquirer(desk)
        before = ends(vain)
        day(45.25)
        by_hand(vain, "close", reason="not_found_avenues_exhausted")
        bring(desk, found.sought_ids[0], NOT_DISCLOSED)
        assert ends(vain) == ends(found)
        assert min(ends(vain)) > max(before)

    def test_is_moved_alike_by_an_answer(self, desk: Desk, day: Day) -> None:
        vain, found = enquirer(desk), enquirer(desk)
        for asking in (vain, found):
            by_hand(asking, "ask_enquirer")
        bring(desk, found.sought_ids[0], DECLINED)
        day(45.25)
        for asking in (vain, found):
            by_hand(asking, "answered")
        assert ends(vain) == ends(found)

    def test_would_tell_where_every_step_shows(self, desk: Desk, day: Day, monkeypatch: pytest.MonkeyPatch) -> None:
        asking = enquirer(desk)
        before = ends(asking)
        day(45.25)
        monkeypatch.setattr(states, "is_shown", lambda _: True)
        bring(desk, asking.sought_ids[0], DECLINED)
        assert ends(asking) != before


def ends(asking: Enquirer) -> list[datetime]:
    """Return until when a request and its first sought person are registered, matched and kept."""
    with admitted(asking.desk.gate, asking.desk.people.token("supervisor"), Permission.REQUESTS_READ) as access:
        access.note("requests.read")
        rows = register.records(access, [UUID(asking.request_id), UUID(asking.sought_ids[0])]).values()
        return sorted(end for row in rows for end in (row.expires_at, row.match_until, row.retain_until))
