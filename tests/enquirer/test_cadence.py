"""What shows when: nothing of the moment at which something was found, declined, concluded or erased."""

from collections.abc import Callable

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
)
from tests.review.desk import Desk, raw
from tracing.requests.errors import NoSuchTransition
from tracing.requests.states import Event, FindingReason

Day = Callable[[float], None]
ONE_DATABASE = pytest.mark.parametrize("settings", ["sqlite"], indirect=True)
SPEAK, NEED, UNDER_WAY = "we_would_like_to_speak_to_you", "need_information_from_you", "search_under_way"


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
        assert (asking.status, asking.page()["as_of"]) == (SPEAK, as_of)

    @pytest.mark.parametrize(
        ("shown", "before", "after"),
        [
            (NEED, [(Event.ASK_ENQUIRER, None)], LEAD),
            (SPEAK, TO_TELL, [(Event.ASK_AGAIN, None)]),
            (SPEAK, TO_TELL, [(Event.UNDO_LEAD, None)]),
            (SPEAK, TO_TELL, [(Event.CONCLUDE, FindingReason.RECONNECTED_MESSAGE)]),
        ],
        ids=["a lead was found", "the found person withdrew", "the match was undone", "concluded"],
    )
    @pytest.mark.parametrize("since", [10, 40])
    def test_ends_on_the_next_date(
        self, desk: Desk, day: Day, shown: str, before: Steps, after: Steps, since: float
    ) -> None:
        """Also when it was there on the last date already."""
        asking = enquirer(desk)
        day(10)
        if before[0][0] is Event.ASK_ENQUIRER:
            by_hand(asking, "ask_enquirer")
        else:
            bring(desk, asking.sought_ids[0], before)
        day(since)
        assert asking.status == shown
        bring(desk, asking.sought_ids[0], after)
        day(since + 1)
        assert asking.status == shown
        day(since + 20)
        assert asking.status == ("closed" if after[0][0] is Event.CONCLUDE else UNDER_WAY)


class TestToldByPartner:
    """What a partner society lets us tell shows as what we found ourselves: when, and how it ends."""

    @pytest.mark.parametrize("before", [[], LEAD, DECLINED], ids=["searching", "a lead here", "declined here"])
    def test_is_the_same_page_as_for_a_match_of_our_own(self, desk: Desk, day: Day, before: Steps) -> None:
        own, told, vain = enquirer(desk), enquirer(desk, before), enquirer(desk)
        assert own.page() == told.page() == vain.page()
        day(11)
        bring(desk, own.sought_ids[0], TO_TELL)
        bring(desk, told.sought_ids[0], TOLD_BY_PARTNER)
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
    """Nobody is looked for any more: it shows like a search that was ended in vain, on the next date."""

    @pytest.mark.parametrize("way", [[], DECLINED, TO_TELL], ids=["searching", "declined", "to tell"])
    def test_has_the_line_of_a_search_that_was_ended_in_vain(self, desk: Desk, day: Day, way: Steps) -> None:
        asking, vain = enquirer(desk, way, []), enquirer(desk, way, [])
        desk.withdraw(asking.sought_ids[0], "register", "match_within_society")
        day(desk.gate.settings.forget_after_days + 1)
        assert desk.night().forgotten == 1
        if way is not TO_TELL:
            by_hand(vain, "close", reason="not_found_avenues_exhausted")
        else:
            bring(desk, vain.sought_ids[0], [(Event.CONCLUDE, FindingReason.RECONNECTED_MESSAGE)])
        before = SPEAK if way is TO_TELL else UNDER_WAY
        for passed, status in ((31, before), (59.4, before), (59.6, "closed"), (300, "closed")):
            day(passed)
            assert asking.page() == vain.page()
            assert asking.statuses() == [status, UNDER_WAY]

    def test_shows_once_when_the_search_had_ended_before(self, desk: Desk, day: Day) -> None:
        asking = enquirer(desk, NOT_DISCLOSED)
        desk.withdraw(asking.sought_ids[0], "register", "match_within_society")
        day(desk.gate.settings.forget_after_days + 1)
        assert desk.night().forgotten == 1
        assert asking.status == "closed"
        with raw(desk.gate) as connection:
            shown = connection.exec_driver_sql("select status from status_entry order by version").scalars().all()
        assert shown == [UNDER_WAY, "closed"]

    def test_leaves_every_line_closed_when_nobody_is_sought_any_more(self, desk: Desk, day: Day) -> None:
        asking = enquirer(desk, [], DECLINED)
        for sought_id in asking.sought_ids:
            desk.withdraw(sought_id, "register", "match_within_society")
        day(desk.gate.settings.forget_after_days + 1)
        assert desk.night().forgotten == 2
        assert asking.statuses() == [UNDER_WAY, UNDER_WAY]
        day(60)
        assert asking.statuses() == ["closed", "closed"]
