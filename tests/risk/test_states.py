"""The table of a risk screen: every flag with every answer, and what they come to together."""

import pytest

from tracing.risk.schemas import Answers, FlagAnswer
from tracing.risk.states import TABLE, Answer, Flag, Verdict, verdict_of

ALL_NO = dict.fromkeys(Flag, Answer.NO)
# Written out once more: what the answer to one flag comes to while every other is no.
WANTED = {
    (flag, answer): (
        Verdict.CLEAR
        if answer is Answer.NO
        else Verdict.STOP
        if (flag, answer) == ("enquirer_on_never_disclose_list", "yes")
        else Verdict.SECOND_APPROVER
    )
    for flag in Flag
    for answer in Answer
}


class TestTable:
    @pytest.mark.parametrize(("flag", "answer"), WANTED, ids=[f"{flag}-{answer}" for flag, answer in WANTED])
    def test_one_answer_is_enough(self, flag: Flag, answer: Answer) -> None:
        assert verdict_of(ALL_NO | {flag: answer}) is WANTED[flag, answer]

    def test_the_gravest_counts(self) -> None:
        unknown = dict.fromkeys(Flag, Answer.UNKNOWN)
        assert verdict_of(unknown) is Verdict.SECOND_APPROVER
        assert verdict_of(unknown | {Flag.NEVER_DISCLOSE: Answer.YES}) is Verdict.STOP

    def test_says_nothing_twice(self) -> None:
        assert len({(row.flag, row.answer) for row in TABLE}) == len(TABLE)

    def test_no_answer_of_no_makes_anything_graver(self) -> None:
        assert not [row for row in TABLE if row.answer is Answer.NO]


class TestAnswers:
    def test_are_one_per_flag(self) -> None:
        assert list(Answers.model_fields) == list(Flag)

    def test_left_out_are_unknown(self) -> None:
        assert set(Answers().given.values()) == {Answer.UNKNOWN}
        given = Answers(trafficking=FlagAnswer(answer=Answer.NO)).given
        assert {flag for flag, answer in given.items() if answer is Answer.NO} == {Flag.TRAFFICKING}
