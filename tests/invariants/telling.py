"""The found person is asked, the enquirer is told, and messages are carried."""

from datetime import timedelta
from itertools import count
from typing import Any

from tests.invariants.actor import Act, Done
from tests.invariants.finding import Finding
from tests.invariants.judge import CALL
from tests.invariants.model import LEAST, RANK, Answer, Message, Pair, Release
from tracing.disclosure import service as disclosure
from tracing.disclosure import telling as releases
from tracing.disclosure.schemas import AskingEventDraft, Told
from tracing.gate.disclosing import Level
from tracing.gate.permissions import Permission
from tracing.gate.sealing import open_details, seal_again
from tracing.messages import service as messages
from tracing.messages.schemas import MessageChange, MessageDraft
from tracing.messages.states import Event, FailReason, ReturnReason

REASONS = {"return": ReturnReason.NO_FAMILY_NEWS, "fail": FailReason.NOT_REACHED}
UNTOLD = ("proposed", "approved")


class Telling(Finding):
    """Asks, proposes, approves, tells, carries."""

    _numbers = count(1)

    def open_case(self, pair: Pair, who: str) -> Done | None:
        if pair.verification is None:
            return None
        opened = pair.verification.id
        done = self.do(
            Act(
                "open_case",
                who,
                Permission.DISCLOSURES_WRITE,
                lambda access: disclosure.open_case(access, opened),
                pair.ids,
            )
        )
        if done:
            self.judge.opened_case(pair, done.value.id)
        return done

    def propose_outreach(self, pair: Pair, who: str) -> Done | None:
        case = pair.case
        if case is None:
            return None
        done = self.do(
            Act(
                "propose_outreach",
                who,
                Permission.DISCLOSURES_WRITE,
                lambda access: disclosure.propose_outreach(access, disclosure.find_case(access, case)),
                pair.ids,
            )
        )
        if done:
            self.judge.proposed_outreach(pair, self.human(who))
        return done

    def settle_outreach(self, pair: Pair, who: str, approve: bool) -> Done | None:
        case = pair.case
        if case is None:
            return None
        done = self.do(
            Act(
                "settle_outreach",
                who,
                Permission.DISCLOSURES_APPROVE,
                lambda access: disclosure.settle_outreach(access, disclosure.find_case(access, case), approve=approve),
                pair.ids,
                kind=f"{'approve' if approve else 'turn down'} outreach",
            )
        )
        if done:
            self.judge.settled_outreach(pair, self.human(who), approve)
        return done

    def grant(self, pair: Pair, who: str, level: str, days: int | None) -> Done | None:
        """Let the found person agree to `level`, for some days or until they withdraw, in words of their own."""
        number = next(self._numbers)
        words = {
            "words_to_pass": f"I am well, and think of you {number} times.",
            "contact_to_share": f"+254 700 555 {number:04}",
            "location_to_share": f"House {number}, Kisumu",
            "meeting": f"On day {number}, with the society.",
        }
        given = {thing: words[thing] if RANK[level] >= least else None for thing, least in LEAST.items()}
        until = None if days is None else self.world.now + timedelta(days=days)
        fields = given | {"level": level, "valid_until": until, "given_by": "subject", "obtained": "verbal"}
        return self._asking(pair, who, "grant", fields, Answer(RANK[level], until, given))

    def ask(self, pair: Pair, who: str, event: str) -> Done | None:
        """Let something else happen with the found person."""
        later = {"until": self.world.now + timedelta(days=20)}
        fields = {"inform": {"named_as": "relationship_only"}, "defer": later}.get(event, {})
        if event == "decline":
            fields = {"given_by": "subject", "obtained": "verbal"}
        return self._asking(pair, who, event, fields, None)  # type: ignore[arg-type]  # drawn by the machine from the same lists

    def _asking(self, pair: Pair, who: str, event: str, fields: dict[str, Any], answer: Answer | None) -> Done | None:
        case = pair.case
        if case is None:
            return None
        draft = AskingEventDraft.model_validate({"event": event} | {k: v for k, v in fields.items() if v is not None})
        done = self.do(
            Act(
                "asking",
                who,
                Permission.DISCLOSURES_WRITE,
                lambda access: disclosure.happen(access, disclosure.find_case(access, case), draft),
                pair.ids,
                kind=event,
            )
        )
        if done:
            self.judge.asked(pair, event, answer, done.seen)
            if event in ("withdraw", "revise", "learn_of_death"):
                standing = [row for row in self.watch.rows("disclosure_release") if row["case_id"] == case.hex]
                self.judge.changed_answer(pair, [row for row in standing if row["state"] in UNTOLD])
            self._view(pair, who, done.value)
        return done

    def _view(self, pair: Pair, who: str, view: Any) -> None:
        releases = [(str(r.state), r.content and r.content.model_dump(mode="json")) for r in view.releases]
        self.judge.viewed(pair, self.human(who), view.shared, releases)

    def look_at_case(self, pair: Pair, who: str) -> Done | None:
        case = pair.case
        if case is None:
            return None
        done = self.do(
            Act(
                "read",
                who,
                Permission.DISCLOSURES_READ,
                lambda access: disclosure.show_case(access, case),
                pair.ids,
                kind="read asking",
            )
        )
        if done:
            self._view(pair, who, done.value)
        return done

    def propose_release(self, pair: Pair, who: str, level: str) -> Done | None:
        case = pair.case
        if case is None:
            return None
        done = self.do(
            Act(
                "propose_release",
                who,
                Permission.DISCLOSURES_WRITE,
                lambda access: releases.propose_release(access, disclosure.find_case(access, case), Level(level)),
                pair.ids,
            )
        )
        if done:
            self.judge.proposed_release(pair, self.human(who), done.value.id, level, self.search(pair))
        return done

    def settle_release(self, release: Release, who: str, approve: bool) -> Done | None:
        if approve:
            self.open_to(who, release.pair.ids)
        done = self.do(
            Act(
                "settle_release",
                who,
                Permission.DISCLOSURES_APPROVE,
                lambda access: releases.settle_release(
                    access, releases.find_release(access, release.id), approve=approve
                ),
                release.pair.ids,
                kind=f"{'approve' if approve else 'turn down'} release",
            )
        )
        if done:
            self.judge.settled_release(release, self.human(who), approve)
        return done

    def tell(self, release: Release, who: str) -> Done | None:
        kind = "tell away" if self.judge.away(release.pair) else "tell"
        done = self.do(
            Act(
                "tell",
                who,
                Permission.DISCLOSURES_WRITE,
                lambda access: releases.tell(access, releases.find_release(access, release.id)),
                release.pair.ids,
                kind=kind,
            )
        )
        if done:
            shown = done.value.content.model_dump(mode="json")
            self.judge.told(release, shown, done.seen, self.search(release.pair))
        return done

    def alter_release(self, release: Release, who: str) -> Done | None:
        """Let some other part of the service seal other words into a release behind everybody's back."""
        altered = release.content | {"contact_to_share": f"+254 711 555 {next(self._numbers):04}"}

        def call(access: Any) -> None:
            row = releases.find_release(access, release.id)
            told = Told.model_validate(altered)
            row.details = seal_again(access, type(row), row.id, row.key_id, told.model_dump_json().encode())
            row.version += 1
            access.session.add(row)
            access.note("test.alter", release.pair.found)

        done = self.do(Act("alter", who, Permission.DISCLOSURES_WRITE, call, release.pair.ids))
        if done:
            release.content = altered
        return done

    def write(self, pair: Pair, who: str, direction: str, *, careless: bool) -> Done | None:
        text = self._news(careless)
        draft = MessageDraft.model_validate(
            {"text": text, "language": "so", "direction": direction, "found_id": pair.found}
        )
        done = self.do(
            Act(
                "write",
                who,
                Permission.MESSAGES_WRITE,
                lambda access: messages.write(access, pair.sought, draft),
                pair.ids,
                kind=f"write {direction}",
            )
        )
        if done:
            self.judge.wrote(pair, self.human(who), done.value.id, direction, text)
        return done

    def _news(self, careless: bool) -> str:
        return f"We are well, and greet you {next(self._numbers)} times." + (f" Call me: {CALL}" if careless else "")

    def rewrite(self, message: Message, who: str, *, careless: bool) -> Done | None:
        text = self._news(careless)
        change = MessageChange.model_validate({"text": text, "language": "so"})
        done = self.do(
            Act(
                "rewrite",
                who,
                Permission.MESSAGES_WRITE,
                lambda access: messages.rewrite(access, messages.find_message(access, message.id), change),
                message.pair.ids,
            )
        )
        if done:
            self.judge.rewrote(message, self.human(who), text)
        return done

    def step_message(self, message: Message, who: str, event: str) -> Done | None:
        if event == "read":
            self.open_to(who, message.pair.ids)
        done = self.do(
            Act(
                "step_message",
                who,
                Permission.MESSAGES_RELEASE,
                lambda access: messages.happen(
                    access,
                    messages.find_message(access, message.id),
                    Event(event),
                    REASONS.get(event),  # type: ignore[arg-type]  # drawn by the machine from the same lists
                ),
                message.pair.ids,
                kind=f"{event} message",
            )
        )
        if done:
            self.judge.stepped_message(message, self.human(who), event, done.seen)
            self.judge.viewed_message(message, done.value.text)
        return done

    def look_at_message(self, message: Message, who: str) -> Done | None:
        done = self.do(
            Act(
                "read",
                who,
                Permission.MESSAGES_READ,
                lambda access: messages.show_message(access, message.id),
                message.pair.ids,
                kind="read message",
            )
        )
        if done:
            self.judge.viewed_message(message, done.value.text)
        return done

    def alter_message(self, message: Message, who: str) -> Done | None:
        """Let some other part of the service change a text behind everybody's back."""
        altered = self._news(careless=False)

        def call(access: Any) -> None:
            row = messages.find_message(access, message.id)
            plain = open_details(access, [row])[0].replace(message.text.encode(), altered.encode())
            row.details = seal_again(access, type(row), row.id, row.key_id, plain)
            row.version += 1
            access.session.add(row)
            access.note("test.alter", message.pair.found)

        done = self.do(Act("alter", who, Permission.MESSAGES_WRITE, call, message.pair.ids))
        if done:
            message.text = altered
        return done
