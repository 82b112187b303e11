"""What a found person's answers amount to at one moment: the latest, and of one moment the least."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracing.gate import answers
from tracing.gate.disclosing import Answer, Level
from tracing.gate.purposes import GivenBy, Obtained
from tracing.gate.tables import DisclosureAnswer
from tracing.kit.ids import new_id

START = datetime.fromisoformat("2026-11-23T08:00:00+00:00")
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
    held = answers.in_force(rows, now)
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
