"""Fates, tellings and ends; consents and rights; what the enquirer sees; the night and the clock."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from tests.invariants import laws
from tests.invariants.actor import Act, Done
from tests.invariants.model import Decided, Fate, Right, must
from tests.invariants.nights import night_kept_to_its_own
from tests.invariants.telling import Telling
from tests.invariants.world import HORIZON
from tracing.consent import service as consents
from tracing.consent.schemas import DecisionsDraft, WithdrawalDraft
from tracing.contact import service as contact
from tracing.contact.schemas import AttemptDraft
from tracing.enquirer import service as enquirer
from tracing.enquirer.states import Language
from tracing.fate import service as fates
from tracing.fate.schemas import FateDraft
from tracing.fate.states import Event as FateEvent
from tracing.gate.access import Access
from tracing.gate.admit import admitted
from tracing.gate.permissions import Permission
from tracing.gate.purposes import Use
from tracing.outcome import service as outcome
from tracing.outcome.schemas import TellingDraft
from tracing.requests import service as requests
from tracing.requests.schemas import RequestChange, SoughtChange
from tracing.requests.states import REASON_BY_CODE, FindingReason
from tracing.requests.states import Event as SearchEvent
from tracing.rights import nights as forgetting
from tracing.rights import service as rights
from tracing.rights.schemas import StepDraft, SubjectRequestDraft
from tracing.sightings import service as sightings
from tracing.sightings.schemas import SightingChange
from tracing.tasks import service as tasks
from tracing.tasks.states import TaskState

PIECES: dict[str, dict[str, Any]] = {
    "document": {"kind": "civil_register", "ref": "register 4, no. 118"},
    "sighting": {"kind": "sighting", "ref": "report 9"},
}
SOURCES = {"document": "civil_register", "sighting": "eye_witnesses"}
IDENTIFIED = {"identity": {"method": "known_to_worker", "claimant": "subject"}}


class Ending(Telling):
    """Whatever else is done with a case."""

    def report_fate(self, sought: UUID, who: str, finding: str, evidence: str) -> Done | None:
        piece = PIECES[evidence] | ({"sighting_id": self._met()} if evidence == "sighting" else {})
        draft = FateDraft.model_validate(
            {
                "finding": finding,
                "source": SOURCES[evidence],
                "account": "She is said to have died.",
                "evidence": [piece],
                "language": "en",
            }
        )
        done = self.do(
            Act(
                "report_fate",
                who,
                Permission.FATES_WRITE,
                lambda access: fates.propose(access, sought, draft),
                frozenset({sought}),
            )
        )
        if done:
            self.judge.reported(sought, self.human(who), done.value.id, finding, evidence)
        return done

    def _met(self) -> UUID:
        return self.world.cast.ids["amina"]

    def step_fate(self, fate: Fate, who: str, event: str) -> Done | None:
        if event in ("confirm", "establish"):
            named = {pair.found for pair in self.judge.of_search(fate.sought)}
            self.open_to(who, self._case_of(fate.sought) | named)
        done = self.do(
            Act(
                "step_fate",
                who,
                Permission.FATES_WRITE,
                lambda access: fates.happen(access, fates.find(access, fate.id), FateEvent(event)),
                self._case_of(fate.sought),
                kind=f"{event} fate",
            )
        )
        if done:
            self.judge.stepped_fate(fate, self.human(who), event)
        return done

    def _case_of(self, sought: UUID) -> frozenset[UUID]:
        above = self.judge.persons[sought].above
        assert above is not None
        return frozenset({sought, above})

    def record_telling(self, sought: UUID, who: str, kind: str, about: UUID | None) -> Done | None:
        """Record that the enquirer was told of the thing that `kind` names, or, without `about`, that there is no news."""
        draft = TellingDraft.model_validate(
            {"channel": "visit", "told_at": self.world.now, "language": "so", "support_offered": True}
            | ({kind: about} if about else {})
        )
        done = self.do(
            Act(
                "record_telling",
                who,
                Permission.OUTCOMES_WRITE,
                lambda access: outcome.tell(access, sought, draft),
                frozenset({sought}),
            )
        )
        if done:
            self.judge.recorded_telling(sought, about, support=True)
        return done

    def conclude(self, sought: UUID, who: str, reason: str) -> Done | None:
        kind = f"conclude {reason}"
        done = self.do(
            Act(
                "conclude",
                who,
                Permission.OUTCOMES_WRITE,
                lambda access: outcome.conclude(access, sought, FindingReason(reason)),
                self._case_of(sought),
                kind=kind,
            )
        )
        if done:
            self.judge.concluded(sought, reason, self._asking_of(sought))
        return done

    def _asking_of(self, sought: UUID) -> str | None:
        rows = [row for row in self.watch.rows("disclosure_case") if row["sought_id"] == sought.hex]
        latest = max(rows, key=lambda row: str(row["created_at"]), default=None)
        return None if latest is None else str(latest["state"])

    def step_search(self, sought: UUID, who: str, event: str, reason: str | None = None) -> Done | None:
        def call(access: Access) -> Any:
            requests.require_for(access, SearchEvent(event))
            why = REASON_BY_CODE[reason] if reason else None
            return requests.happen(access, requests.find_sought(access, sought), SearchEvent(event), why)

        events = frozenset({event}) & laws.BY_HAND
        about = self._case_of(sought)
        act = Act("step_search", who, Permission.REQUESTS_WRITE, call, about, events=events, kind=f"{event} search")
        done = self.do(act)
        if done:
            self.judge.stepped_search(sought, event)
        return done

    def withdraw(self, record: UUID, who: str, purpose: str) -> Done | None:
        draft = WithdrawalDraft.model_validate({"purposes": [purpose]})
        done = self.do(
            Act(
                "withdraw",
                who,
                Permission.CONSENTS_WRITE,
                lambda access: consents.withdraw(access, record, draft),
                self._family(record) | {pair.sought for pair in self.judge.pairs if pair.found == record},
                kind=f"withdraw {purpose}",
            )
        )
        if done:
            self.judge.consented(record, purpose, Decided(False))
            self.judge.ended_with_consent(record, purpose, done.seen)
        return done

    def _family(self, record: UUID) -> frozenset[UUID]:
        """Return a record with those that stand and fall with it: the request above, and the searches of a request."""
        above = self.judge.persons[record].above
        return self.judge.family(record) | ({above} if above else frozenset())

    def renew(self, record: UUID, who: str, purpose: str, days: int | None, *, hidden: bool) -> Done | None:
        """Record a new yes, by the ordinary door or by the one that sees the hidden."""
        until = None if days is None else self.world.now + timedelta(days=days)
        draft = DecisionsDraft.model_validate({"decisions": [{"purpose": purpose, "valid_until": until}]})
        permission, use = (
            (Permission.DATA_SUBJECT_ACT, Use.DATA_SUBJECT) if hidden else (Permission.CONSENTS_WRITE, Use.REGISTER)
        )
        done = self.do(
            Act(
                "renew",
                who,
                permission,
                lambda access: consents.decide(access, record, draft),
                self._family(record),
                use=use,
                kind=f"renew {purpose}",
            )
        )
        if done:
            self.judge.consented(record, purpose, Decided(True, until), hidden=hidden)
        return done

    def set_sensitivity(self, record: UUID, who: str, sensitivity: str) -> Done | None:
        def call(access: Access) -> Any:
            if self.judge.persons[record].above:
                change = SoughtChange.model_validate({"sensitivity": sensitivity})
                return requests.change_sought(access, requests.find_sought(access, record), change)
            told = SightingChange.model_validate({"sensitivity": sensitivity})
            return sightings.change_sighting(access, sightings.find_sighting(access, record), told)

        about = self._whole(record)
        permission = Permission.REQUESTS_WRITE if self.judge.persons[record].above else Permission.SIGHTINGS_WRITE
        done = self.do(Act("set_sensitivity", who, permission, call, about, kind=f"make {sensitivity}"))
        if done:
            self.judge.set_sensitivity(record, sensitivity)
        return done

    def _whole(self, record: UUID) -> frozenset[UUID]:
        """Return all records of the case that a record belongs to: what is said of one is kin to the others."""
        above = self.judge.persons[record].above
        return self.judge.family(above or record)

    def name_never(self, request: UUID, who: str, names: list[str]) -> Done | None:
        """Let an enquirer name who must never learn of their search, or nobody."""
        change = RequestChange.model_validate({"never_disclose_to": names})
        done = self.do(
            Act(
                "name_never",
                who,
                Permission.REQUESTS_WRITE,
                lambda access: requests.change_request(access, requests.find_request(access, request), change),
                self._whole(request),
            )
        )
        if done:
            must(3, self.judge.registered(request), "a hidden record was used")
            self.judge.persons[request].never = frozenset(names)
        return done

    def attempt(self, record: UUID, who: str, channel: str, days_ago: int) -> Done | None:
        made_at = self.world.now - timedelta(days=days_ago)
        draft = AttemptDraft.model_validate(
            {"channel": channel, "purpose": "case_update", "result": "no_answer", "made_at": made_at}
        )
        done = self.do(
            Act(
                "attempt",
                who,
                Permission.CONTACTS_WRITE,
                lambda access: contact.attempt(access, record, draft),
                frozenset({record}),
            )
        )
        if done:
            must(3, self.judge.registered(record), "a hidden record was used")
            self.judge.persons[record].attempts.append((made_at, channel))
        return done

    def settle_task(self, task: UUID, about: UUID, who: str, state: str) -> Done | None:
        return self.do(
            Act(
                "settle_task",
                who,
                Permission.TASKS_WRITE,
                lambda access: tasks.settle(access, tasks.find_task(access, task), TaskState(state)),
                frozenset({about}),
            )
        )

    def open_right(self, record: UUID, who: str, kind: str) -> Done | None:
        draft = SubjectRequestDraft.model_validate({"record_id": record, "kind": kind})
        use, about = Use.DATA_SUBJECT, frozenset({record})
        done = self.do(
            Act(
                "open_right",
                who,
                Permission.DATA_SUBJECT_ACT,
                lambda access: rights.open_request(access, draft),
                about,
                use=use,
                kind=f"ask for {kind}",
            )
        )
        if done:
            must(3, not self.judge.persons[record].erased, "a right was used over somebody who was erased")
            self.judge.rights.append(Right(done.value.id, record, kind))
        return done

    def step_right(self, right: Right, who: str, event: str) -> Done | None:
        fields: dict[str, Any] = IDENTIFIED if event == "identify" else {}
        if event == "refuse":
            fields = {"reason": "manifestly_unfounded"}
        if event == "carry_out" and right.kind == "objection":
            fields = {"purposes": ["disclose_contact"]}
        draft = StepDraft.model_validate({"event": event} | fields)
        pairs = [pair.ids for pair in self.judge.pairs if right.record in pair.ids]
        done = self.do(
            Act(
                "step_right",
                who,
                Permission.DATA_SUBJECT_ACT,
                lambda access: rights.happen(access, rights.find(access, right.id), draft),
                self._whole(right.record).union(*pairs),
                use=Use.DATA_SUBJECT,
                kind=f"{event} {right.kind}",
            )
        )
        if done:
            self.judge.stepped_right(right, self.human(who), event)
            if done.value[1]:
                self._finish(who, done.value[1])
        return done

    def _finish(self, who: str, lines: Any) -> None:
        """Do what follows the commit of an erasure, as its route does: keys go, then what finds the records."""

        def turn() -> Any:
            token = self.world.cast.tokens[who]
            return admitted(self.world.gate, token, Permission.DATA_SUBJECT_ACT, use=Use.DATA_SUBJECT)

        forgetting.finish(self.world.gate.keys, turn, lines, "rights.erased")
        seen = self.watch.look()
        must(5, seen.done["rights.erased", None] == 1, "somebody was erased without a row on the trail")
        erased = frozenset(line.subject_id for line in lines)
        night_kept_to_its_own(seen, self.judge, self.watch, erased)

    def issue_code(self, request: UUID, who: str) -> Done | None:
        done = self.do(
            Act(
                "issue_code",
                who,
                Permission.CASE_CODES_ISSUE,
                lambda access: enquirer.issue(access, request),
                self._whole(request),
            )
        )
        if done:
            must(3, self.judge.registered(request), "a hidden record was used")
            self.judge.codes[request] = (done.value.code, done.value.secret)
            self.world.cast.tokens["asker"] = done.value.secret
        return done

    def look_up(self, request: UUID) -> Done | None:
        """Let the enquirer read the status of their request."""
        if request not in self.judge.codes:
            return None
        code, secret = self.judge.codes[request]
        self.world.cast.tokens["asker"] = secret
        done = self.do(
            Act(
                "look",
                "asker",
                Permission.CASE_STATUS_READ,
                lambda access: enquirer.show(access, code, Language.ENGLISH),
                frozenset({request}),
            )
        )
        if done:
            statuses = [str(line.status) for line in done.value.sought]
            self.judge.looked_up(request, done.value.as_of, statuses)
        return done

    def night(self) -> None:
        """Let a whole night run."""
        self._tick()
        self.world.night()
        night_kept_to_its_own(self.watch.look(), self.judge, self.watch)
        self.done["night"] += 1

    def wait(self, span: timedelta) -> None:
        """Let time go by; what runs out meanwhile is counted."""
        self.steps += 1
        self.done["wait"] += 1
        ends = self.judge.ends()
        self.world.now = max(self.world.now, min(self.world.now + span, HORIZON))
        self.judge.now = self.world.now
        self.done["run out"] += sum(end <= self.world.now for end in ends)
