"""What carries a result, and who may approve it: each guard failing and holding."""

from datetime import timedelta

import pytest

from tests.risk.desk import Pair, screen_draft
from tests.support import Json
from tests.verification.desk import (
    ADULT,
    CHILD,
    CLEAR,
    RISKY,
    Desk,
    begin,
    born,
    decide,
    fact,
    hear,
    interview,
    just_held,
    later,
    propose,
    result,
)
from tracing.gate import foureyes, glass, register
from tracing.gate.kinds import GlassReason, Sensitivity
from tracing.kit.errors import Invalid
from tracing.requests import service as requests
from tracing.requests.schemas import RequestChange
from tracing.requests.states import State as SearchState
from tracing.review.errors import NotConfirmed
from tracing.review.states import Verdict
from tracing.risk import service as risk
from tracing.risk.errors import NotScreened
from tracing.risk.schemas import GlassDraft, ScreenDraft
from tracing.verification import service, store
from tracing.verification.errors import NotEstablished
from tracing.verification.schemas import InterviewDraft, VerificationDetails
from tracing.verification.states import State


@pytest.fixture(scope="module")
def pair(desk: Desk) -> Pair:
    return desk.pair()


class TestInterviews:
    ENQUIRER, FOUND = interview("enquirer"), interview("found")
    # Why, the interviews, and what is missing.
    CASES: tuple[tuple[str, tuple[Json, ...], set[str]], ...] = (
        ("both sides are heard", (ENQUIRER, FOUND), set()),
        ("nobody of the found side", (ENQUIRER,), {"found-not-heard-apart", "found-facts-missing"}),
        ("nobody of the enquirer's side", (FOUND,), {"enquirer-not-heard-apart", "enquirer-facts-missing"}),
        (
            "the enquirer sat beside her",
            (ENQUIRER, FOUND | {"apart": False}),
            {"found-not-heard-apart", "found-facts-missing"},
        ),
        ("one fact is a guess", (ENQUIRER, FOUND | {"facts": [fact()]}), {"found-facts-missing"}),
        ("one fact twice is one", (ENQUIRER, FOUND | {"facts": [fact(), fact()]}), {"found-facts-missing"}),
        (
            "the interviewer supplied one",
            (ENQUIRER, FOUND | {"facts": [fact(), fact("a well", supplied_by_interviewer=True)]}),
            {"found-facts-missing"},
        ),
        (
            "one does not agree",
            (ENQUIRER | {"facts": [fact(), fact("a well", agrees="no")]}, FOUND),
            {"enquirer-facts-missing"},
        ),
        (
            "one is not known to agree",
            (ENQUIRER | {"facts": [fact(), fact("a well", agrees="unknown")]}, FOUND),
            {"enquirer-facts-missing"},
        ),
        (
            "two talks with one fact each",
            (ENQUIRER, FOUND | {"facts": [fact()]}, FOUND | {"facts": [fact("a well")]}),
            set(),
        ),
        (
            "the second fact was told beside the other side",
            (ENQUIRER, FOUND | {"facts": [fact()]}, FOUND | {"facts": [fact("a well")], "apart": False}),
            {"found-facts-missing"},
        ),
    )

    @pytest.mark.parametrize(("why", "talks", "missing"), CASES, ids=[case[0] for case in CASES])
    @pytest.mark.parametrize("screen", [CLEAR, RISKY], ids=["clear", "risky"])
    def test_carry_a_result(
        self, desk: Desk, pair: Pair, screen: ScreenDraft, why: str, talks: tuple[Json, ...], missing: set[str]
    ) -> None:
        with desk.trial() as access:
            case = begin(access, pair, screen)
            hear(access, case.id, *talks)
            row = service.find(access, case.id)
            if not missing:
                assert service.give_result(access, row, result()).state in (State.PASSED, State.PROPOSED), why
                return
            with pytest.raises(NotEstablished) as caught:
                service.give_result(access, row, result())
            assert {flaw.code for flaw in caught.value.flaws} == missing

    @pytest.mark.parametrize("screen", [None, screen_draft(enquirer_on_never_disclose_list="yes")], ids=str)
    def test_with_the_found_person_reveal_the_search(self, desk: Desk, pair: Pair, screen: ScreenDraft | None) -> None:
        with desk.trial() as access:
            if screen is not None:
                risk.screen(access, pair.suggestion_id, screen)
            case = service.open_verification(access, pair.suggestion_id)
            hear(access, case.id, interview("enquirer"))
            with pytest.raises(NotScreened):
                hear(access, case.id, interview("found"))
            assert [view.side for view in service.show(access, case.id).interviews] == ["enquirer"]

    @pytest.mark.parametrize("before", ["nobody", "stop"])
    def test_with_the_found_person_are_none_before_a_screen_allowed_them(
        self, desk: Desk, pair: Pair, before: str
    ) -> None:
        with desk.trial() as access:
            if before == "stop":
                risk.screen(access, pair.suggestion_id, screen_draft(enquirer_on_never_disclose_list="yes"))
            screened = later(access, minutes=10).now
            if before == "stop":
                risk.screen(desk.beside(access, "supervisor"), pair.suggestion_id, screen_draft())
            case = begin(access, pair)
            later(access, minutes=10)
            too_soon = (screened - timedelta(seconds=1)).isoformat()
            with pytest.raises(NotScreened, match="at that moment"):
                hear(access, case.id, interview("found", held_at=too_soon))
            hear(access, case.id, interview("enquirer", held_at=too_soon), interview("found", held_at=screened))
            assert {view.side for view in service.show(access, case.id).interviews} == {"enquirer", "found"}

    def test_in_the_future_are_none(self, desk: Desk, pair: Pair) -> None:
        with desk.trial() as access:
            case = begin(access, pair)
            hear(access, case.id, interview("enquirer", held_at=access.now.isoformat()))
            soon = interview("enquirer", held_at=(access.now + timedelta(seconds=1)).isoformat())
            with pytest.raises(Invalid, match="future"):
                service.hold_interview(access, case.id, InterviewDraft.model_validate(soon))

    def test_stand_sealed_with_the_key_of_the_side_that_spoke(self, desk: Desk, pair: Pair) -> None:
        with desk.trial() as access:
            case = begin(access, pair)
            hear(access, case.id)
            keys = {id: row.key_id for id, row in register.records(access, [pair.request_id, pair.found_id]).items()}
            rows = {row.side: row for row in store.interviews(access, case.id)}
            assert {side: row.key_id for side, row in rows.items()} == {
                "enquirer": keys[pair.request_id],
                "found": keys[pair.found_id],
            }
            assert not [row for row in rows.values() if b"gate" in row.details]
            assert service.find(access, case.id).key_id == keys[pair.found_id]

    def test_are_noted_on_the_record_of_the_side_that_spoke(self, desk: Desk, pair: Pair) -> None:
        with desk.trial() as access:
            hear(access, begin(access, pair).id)
            told = [act.subject_id for act in access.acts if act.act == "interviews.hold"]
            assert told == [pair.request_id, pair.found_id]


class TestFourEyes:
    @pytest.mark.parametrize(
        ("label", "error"),
        [
            ("caseworker", foureyes.SameWorker),
            ("caseworker-at-night", foureyes.SameWorker),
            ("caseworker-2", foureyes.SameTeam),
            ("supervisor", foureyes.SameTeam),
            ("kisumu-caseworker", None),
        ],
    )
    def test_are_of_two_humans_and_two_teams(
        self, desk: Desk, pair: Pair, label: str, error: type[Exception] | None
    ) -> None:
        with desk.trial() as access:
            row = propose(access, pair)
            other = desk.beside(access, label)
            if error is None:
                assert service.settle(other, row, approve=True).settled_by == other.caller.account_id
                return
            with pytest.raises(error):
                service.settle(other, row, approve=True)
            assert row.state is State.PROPOSED
            assert requests.state_of(access, pair.sought_id) is SearchState.VERIFYING

    def test_approve_exactly_what_was_proposed(self, desk: Desk, pair: Pair) -> None:
        with desk.trial() as access:
            row = propose(access, pair)
            details = store.details_of(access, [row])[0]
            assert details.result is not None
            other = details.result.model_copy(update={"note": "something else"})
            store.save(access, row, VerificationDetails(result=other))
            with pytest.raises(foureyes.NotApproved):
                service.settle(desk.beside(access, "kisumu-caseworker"), row, approve=True)

    def test_approve_no_interview_that_came_later(self, desk: Desk, pair: Pair) -> None:
        with desk.trial() as access:
            row = propose(access, pair)
            talk = InterviewDraft.model_validate(just_held(interview("found")))
            store.add_interview(access, row, talk, key_id=row.key_id)
            with pytest.raises(foureyes.NotApproved):
                service.settle(desk.beside(access, "kisumu-caseworker"), row, approve=True)

    @pytest.mark.parametrize(
        ("what", "error"),
        [("the match was undone", NotConfirmed), ("the screen says stop", NotScreened), ("a child", NotEstablished)],
    )
    def test_see_what_changed_meanwhile(self, desk: Desk, pair: Pair, what: str, error: type[Exception]) -> None:
        with desk.trial() as access:
            row = propose(access, pair)
            if what == "the match was undone":
                decide(access, pair, Verdict.UNDO)
            elif what == "a child":
                born(access, pair, ADULT, CHILD, CHILD)
            else:
                risk.screen(
                    later(access, hours=1), pair.suggestion_id, screen_draft(enquirer_on_never_disclose_list="yes")
                )
            with pytest.raises(error):
                service.settle(desk.beside(access, "kisumu-caseworker"), row, approve=True)

    @pytest.mark.parametrize("risk_of", ["protected", "fled from", "screen"])
    def test_are_asked_for_where_it_is_risky(self, desk: Desk, pair: Pair, risk_of: str) -> None:
        with desk.trial() as access:
            case = begin(access, pair, RISKY if risk_of == "screen" else CLEAR)
            hear(access, case.id)
            if risk_of == "protected":
                register.set_sensitivity(access, pair.sought_id, Sensitivity.HIGH_RISK)
            if risk_of == "fled from":
                change = RequestChange.model_validate({"separation": {"cause": "trafficking_or_exploitation"}})
                requests.change_request(access, requests.find_request(access, pair.request_id), change)
            case = service.give_result(access, service.find(access, case.id), result())
            assert case.state is State.PROPOSED
            with pytest.raises(foureyes.SameTeam):
                service.settle(desk.beside(access, "caseworker-2"), service.find(access, case.id), approve=True)

    def test_are_asked_for_of_whoever_can_read_what_was_said(self, desk: Desk, pair: Pair) -> None:
        with desk.trial() as access:
            case = begin(access, pair)
            hear(access, case.id)
            register.set_sensitivity(access, pair.sought_id, Sensitivity.HIGH_RISK)
            row = service.find(access, service.give_result(access, service.find(access, case.id), result()).id)
            other = desk.beside(access, "kisumu-caseworker")
            with pytest.raises(glass.Withheld, match=str(pair.sought_id)):
                service.settle(other, row, approve=True)

    def test_are_given_once_the_glass_is_broken(self, desk: Desk, pair: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
        for opened in ("by the worker", "by a planted fault"):
            with desk.trial() as access:
                case = begin(access, pair)
                hear(access, case.id)
                register.set_sensitivity(access, pair.sought_id, Sensitivity.HIGH_RISK)
                row = service.find(access, service.give_result(access, service.find(access, case.id), result()).id)
                other = desk.beside(access, "kisumu-caseworker")
                if opened == "by the worker":
                    draft = GlassDraft(reason=GlassReason.APPROVAL, note="I am asked to approve it.")
                    risk.break_glass(other, pair.sought_id, draft)
                else:
                    monkeypatch.setattr(glass, "require_open", lambda *_: None)
                assert service.settle(other, row, approve=True).state is State.PASSED

    def test_turned_down_it_is_heard_and_proposed_anew(self, desk: Desk, pair: Pair) -> None:
        with desk.trial() as access:
            row = propose(access, pair)
            other = desk.beside(access, "kisumu-caseworker")
            service.settle(other, row, approve=False)
            hear(access, row.id, interview("found", facts=[fact("a fig tree")]))
            later(access, hours=1)
            service.give_result(access, row, result())
            assert service.settle(later(other, hours=1), row, approve=True).state is State.PASSED
