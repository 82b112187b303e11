"""From a suggestion to a verified pair."""

from typing import Any
from uuid import UUID

from tests.invariants.actor import Act, Actor, Done
from tests.invariants.model import Pair, must
from tests.stories.family import NO, fact
from tracing.gate.permissions import Permission
from tracing.gate.purposes import Use
from tracing.review import service as review
from tracing.review.schemas import DecisionDraft
from tracing.risk import service as risk
from tracing.risk.schemas import GlassDraft, ScreenDraft
from tracing.verification import service as verification
from tracing.verification.schemas import InterviewDraft, ResultDraft

ANSWERS: dict[str, dict[str, Any]] = {
    "clear": NO,
    "second_approver": NO | {"trafficking": {"answer": "yes"}},
    "stop": NO | {"enquirer_on_never_disclose_list": {"answer": "yes"}},
}
REASONS = {
    "confirm_same_person": "same_names_and_kin",
    "not_same_person": "different_parents",
    "undo": "decided_wrongly",
}
UNPROMPTED = [fact("childhood_home", "A well stood behind the house."), fact("school_or_teacher", "The school there.")]
PROMPTED = [one | {"supplied_by_interviewer": True} for one in UNPROMPTED]


class Finding(Actor):
    """Decides suggestions, screens pairs, verifies them."""

    def break_glass(self, record: UUID, who: str) -> Done | None:
        draft = GlassDraft.model_validate({"reason": "danger_to_life", "note": "She is not at the shelter."})
        done = self.do(
            Act(
                "break_glass",
                who,
                Permission.BREAK_GLASS,
                lambda access: risk.break_glass(access, record, draft),
                frozenset({record}),
            )
        )
        if done:
            must(3, self.judge.registered(record), "a hidden record was used")
        return done

    def open_to(self, who: str, records: frozenset[UUID]) -> None:
        """Break the glass of what is withheld about protected persons: nobody approves unread."""
        for record in sorted(records):
            if self.judge.persons[record].sensitivity != "normal":
                self.break_glass(record, who)

    def decide(self, pair: Pair, who: str, verdict: str) -> Done | None:
        draft = DecisionDraft.model_validate({"verdict": verdict, "reason": REASONS.get(verdict, "insufficient_data")})
        done = self.do(
            Act(
                "decide",
                who,
                Permission.SUGGESTIONS_DECIDE,
                lambda access: review.decide(access, review.find(access, pair.suggestion), draft),
                self.beside(pair),
                use=Use.MATCH,
                kind=f"decide {verdict}",
            )
        )
        if done:
            self.judge.decided(pair, self.human(who), self.watch.find("suggestion", pair.suggestion)["state"])
        return done

    def screen(self, pair: Pair, who: str, verdict: str) -> Done | None:
        draft = ScreenDraft.model_validate({"answers": ANSWERS[verdict]})
        done = self.do(
            Act(
                "screen",
                who,
                Permission.RISKS_WRITE,
                lambda access: risk.screen(access, pair.suggestion, draft),
                pair.ids,
            )
        )
        if done:
            self.judge.screened(pair, verdict)
        return done

    def open_verification(self, pair: Pair, who: str) -> Done | None:
        done = self.do(
            Act(
                "open_verification",
                who,
                Permission.VERIFICATIONS_WRITE,
                lambda access: verification.open_verification(access, pair.suggestion),
                self.beside(pair),
            )
        )
        if done:
            self.judge.opened_verification(pair, done.value.id)
        return done

    def interview(self, pair: Pair, who: str, side: str, *, prompted: bool = False) -> Done | None:
        if pair.verification is None:
            return None
        opened = pair.verification.id
        draft = InterviewDraft.model_validate(
            {
                "side": side,
                "apart": True,
                "held_at": self.world.now,
                "language": "so",
                "facts": PROMPTED if prompted else UNPROMPTED,
            }
        )
        done = self.do(
            Act(
                "interview",
                who,
                Permission.VERIFICATIONS_WRITE,
                lambda access: verification.hold_interview(access, opened, draft),
                pair.ids,
            )
        )
        if done:
            self.judge.heard(pair, side, not prompted)
        return done

    def give_result(self, pair: Pair, who: str, finding: str) -> Done | None:
        if pair.verification is None:
            return None
        opened = pair.verification.id
        draft = ResultDraft.model_validate({"identity": finding, "relationship": finding})
        done = self.do(
            Act(
                "give_result",
                who,
                Permission.VERIFICATIONS_WRITE,
                lambda access: verification.give_result(access, verification.find(access, opened), draft),
                self.beside(pair),
                kind=f"give result {finding}",
            )
        )
        if done:
            self.judge.gave_result(pair, self.human(who), self.watch.find("verification", opened)["state"])
        return done

    def settle_verification(self, pair: Pair, who: str, approve: bool) -> Done | None:
        if pair.verification is None:
            return None
        opened = pair.verification.id
        if approve:
            self.open_to(who, pair.ids)
        done = self.do(
            Act(
                "settle_verification",
                who,
                Permission.VERIFICATIONS_WRITE,
                lambda access: verification.settle(access, verification.find(access, opened), approve=approve),
                self.beside(pair),
                kind=f"{'approve' if approve else 'turn down'} verification",
            )
        )
        if done:
            self.judge.settled_verification(pair, self.human(who), approve)
        return done
