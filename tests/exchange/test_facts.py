"""Free words rest on the found person's answer, as what she lets the enquirer learn does; they go when it goes."""

from collections.abc import Callable

import pytest

from tests.exchange.found import decided, left, matched, revised_downward, undone, withdrawn
from tests.exchange.pair import Pair
from tests.exchange.test_reached import revocations
from tests.exchange.test_taken_back import erased, hidden
from tests.exchange.test_words import FACTS, QUESTION, line
from tests.stories.family import Family
from tests.support import Json
from tracing.exchange import approving

Ends = Callable[[Pair, Family], object]


def asked(pair: Pair) -> Family:
    """Let her be found, and agree to something."""
    family = matched(pair)
    family.screened().verified().asked().granted("pass_message", words_to_pass="I am well.")
    return family


def said(pair: Pair, family: Family, body: Json = FACTS) -> Json:
    pair.say("UG", family.theirs, body)
    pair.settle()
    heard = line(pair, family.ours, "KE")
    assert heard["text"] == body["text"]
    return heard


def there(pair: Pair, family: Family) -> str | None:
    """Return the words as KE has them, once both couriers have run."""
    pair.take_back("UG")
    pair.settle()
    (words,) = [m for m in pair.case("KE", family.ours)["messages"] if m["kind"] in ("ask_question", "provide_answer")]
    text: str | None = words["text"]
    return text


class TestWordsThatLeft:
    @pytest.mark.parametrize(
        "ends", [withdrawn, *(pytest.param(e, marks=pytest.mark.slow) for e in (revised_downward, hidden, erased))]
    )
    def test_are_taken_back_with_the_answer(self, pair: Pair, ends: Ends) -> None:
        family = asked(pair)
        said(pair, family)
        ends(pair, family)
        assert there(pair, family) is None
        assert line(pair, family.theirs)["status"] == "revoked", "they said that it is gone"
        assert revocations(pair, "UG") == ["delivered"]
        pair.take_back("UG")
        assert pair.deliver("UG").tried == 0, "once is enough"

    @pytest.mark.slow
    def test_are_taken_back_with_the_match(self, pair: Pair) -> None:
        family = matched(pair)
        said(pair, family)
        undone(pair, family)
        assert there(pair, family) is None

    @pytest.mark.slow
    def test_of_a_question_are_taken_back_as_well(self, pair: Pair) -> None:
        family = asked(pair)
        said(pair, family, QUESTION)
        withdrawn(pair, family)
        assert there(pair, family) is None

    def test_stay_where_they_rest_on_nobody(self, pair: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
        """The planted fault: nobody writes down on whom words rest."""
        monkeypatch.setattr(approving, "rest_on", lambda *_: "")
        family = asked(pair)
        said(pair, family)
        withdrawn(pair, family)
        assert there(pair, family) == FACTS["text"]

    def test_stay_while_the_answer_holds(self, pair: Pair) -> None:
        family = asked(pair)
        said(pair, family)
        assert there(pair, family) == FACTS["text"]

    @pytest.mark.slow
    def test_stay_when_she_answers_for_the_first_time(self, pair: Pair) -> None:
        """Neither a yes nor a no may be told by what becomes of words that were said before it."""
        family = matched(pair)
        said(pair, family)
        family.screened().verified().asked()
        assert there(pair, family) == FACTS["text"]
        family.answered("decline")
        assert there(pair, family) == FACTS["text"]

    @pytest.mark.slow
    def test_said_before_somebody_is_found_are_not_touched_by_the_finding(self, pair: Pair) -> None:
        family = matched(pair)
        undone(pair, family)
        said(pair, family)
        decided(family, "confirm_same_person", "same_names_and_kin")
        assert there(pair, family) == FACTS["text"]


class TestWordsThatWait:
    def test_do_not_leave_once_the_answer_has_changed(self, pair: Pair) -> None:
        family = asked(pair)
        pair.loop.sent.clear()
        pair.say("UG", family.theirs, FACTS)
        withdrawn(pair, family)
        pair.settle()
        assert not left(pair, FACTS["text"])
        assert line(pair, family.theirs)["progress"] == "stopped"

    def test_leave_where_only_the_approval_is_asked(self, pair: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
        """The planted fault: an approval that outlives the answer."""
        monkeypatch.setattr(approving, "rest_on", lambda *_: "")
        family = asked(pair)
        pair.say("UG", family.theirs, FACTS)
        withdrawn(pair, family)
        pair.settle()
        assert left(pair, FACTS["text"])
