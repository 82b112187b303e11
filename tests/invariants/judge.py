"""Judges every act that succeeded, by what the model knows; what was refused needs no judgement.

The numbers are those of the invariants in `test_invariants`.
"""

from datetime import timedelta
from typing import Any
from uuid import UUID

from tests.invariants.model import (
    DIRECTIONS,
    LEVELS,
    RANK,
    Answer,
    Decided,
    Eyes,
    Fate,
    Message,
    Model,
    Pair,
    Release,
    Right,
    Telling,
    Verification,
    content,
    must,
)
from tests.invariants.watch import Seen
from tests.invariants.world import TEAMS

CALL = "+254 700 555 0199"
"""A way to reach somebody, as a careless text might hold it."""
NO_GRANT = frozenset({"declined", "withdrawn", "not_reachable", "lacks_capacity", "deceased"})


class Judge(Model):
    """A method per act, called when it was done, with what it was about and what the database shows."""

    def _usable(self, pair: Pair, *, matched: bool = False) -> None:
        holds = self.matched if matched else self.registered
        must(3, all(map(self.registered, pair.ids)), "a record was used that is withdrawn, over or erased")
        must(
            3,
            holds(pair.found) and holds(pair.sought),
            "a pair was used of which a side does not take part in matching",
        )

    def _approve(self, eyes: Eyes, human: str, shown: Any) -> None:
        must(2, human != eyes.proposer, f"{human} approved what {human} had proposed")
        must(1, eyes.away not in TEAMS.get(human, ()), "somebody of the team approved that must not")
        must(1, shown == eyes.content, "something else was approved than was proposed")
        eyes.approver = human

    def _approved(self, eyes: Eyes | None, shown: Any, away: str) -> None:
        """Require another human's approval of exactly this, as things stand now."""
        if eyes is None or eyes.approver is None:
            must(1, False, "nobody had approved it")
            return
        must(2, eyes.approver != eyes.proposer, "the proposer had approved it")
        must(1, eyes.content == shown, "something else had been approved")
        must(1, away not in TEAMS.get(eyes.approver, ()), "it was approved within the team that must not")

    # From a suggestion to a verified pair.

    def decided(self, pair: Pair, human: str, state: str) -> None:
        self._usable(pair, matched=True)
        if state == "confirmed_same_person" and pair.state != state:
            if self._read_twice(pair):
                must(2, pair.first_reader not in (None, human), "one human confirmed a protected pair alone")
            pair.epoch += 1
        pair.first_reader = human if state == "provisionally_confirmed" else None
        pair.state = state

    def _read_twice(self, pair: Pair) -> bool:
        return any(self.persons[one].sensitivity != "normal" for one in (pair.found, pair.sought))

    def screened(self, pair: Pair, verdict: str) -> None:
        self._usable(pair, matched=True)
        must(1, pair.state == "confirmed_same_person", "a pair was screened that is not confirmed")
        pair.screen = verdict

    def opened_verification(self, pair: Pair, verification: UUID) -> None:
        self._usable(pair, matched=True)
        must(1, pair.state == "confirmed_same_person", "a verification was opened that rests on nothing")
        pair.verification = Verification(verification, pair.epoch)

    def heard(self, pair: Pair, side: str, counts: bool) -> None:
        held = self._standing(pair)
        if side == "found":
            must(1, not self.stopped(pair), "somebody was talked to whom a screen lets nobody reach")
        if counts:
            held.heard.add(side)

    def _standing(self, pair: Pair) -> Verification:
        self._usable(pair, matched=True)
        held = pair.verification
        assert held is not None
        must(1, pair.state == "confirmed_same_person", "a verification went on, and the match had been undone")
        must(1, held.epoch == pair.epoch, "a verification went on that rests on an earlier confirmation")
        return held

    def gave_result(self, pair: Pair, human: str, state: str) -> None:
        held = self._standing(pair)
        if state in ("passed", "proposed"):
            must(1, not self.stopped(pair), "a pair was verified that the screen stops")
            must(1, held.heard == {"enquirer", "found"}, "a pair was verified of which a side was not heard apart")
        if state == "passed":
            must(1, not self.away(pair), "a risky pair was verified by one human")
        held.eyes = Eyes(human, held.id, self.away(pair)) if state == "proposed" else None
        held.passed = state == "passed"
        if state == "refuted":
            pair.state = "rejected"

    def settled_verification(self, pair: Pair, human: str, approve: bool) -> None:
        held = pair.verification
        assert held is not None
        if not approve:
            must(3, self.registered(pair.found) and self.registered(pair.sought), "a hidden record was used")
            held.eyes = None
            return
        self._standing(pair)
        must(1, not self.stopped(pair), "a pair was verified that the screen stops")
        assert held.eyes is not None
        self._approve(held.eyes, human, held.id)
        held.passed = True

    # The found person is asked.

    def _clear(self, pair: Pair) -> None:
        self._usable(pair)
        must(1, pair.verified, "the pair does not stand verified")
        must(1, not self.stopped(pair), "the screen, or a never-disclose list, lets nobody be reached")

    def opened_case(self, pair: Pair, case: UUID) -> None:
        self._usable(pair)
        must(1, pair.verified, "an asking was opened on a pair that does not stand verified")
        pair.case = case

    def proposed_outreach(self, pair: Pair, human: str) -> None:
        self._clear(pair)
        assert pair.verification is not None
        pair.outreach = Eyes(human, pair.verification.id, self.away(pair))

    def settled_outreach(self, pair: Pair, human: str, approve: bool) -> None:
        self._usable(pair)
        assert pair.outreach is not None
        assert pair.verification is not None
        if approve:
            self._approve(pair.outreach, human, pair.verification.id)
        else:
            pair.outreach = None

    def asked(self, pair: Pair, event: str, answer: Answer | None, seen: Seen) -> None:
        self._usable(pair)
        if event in ("reach_out", "inform"):
            self._clear(pair)
            assert pair.verification is not None
            if away := self.away(pair):
                self._approved(pair.outreach, pair.verification.id, away)
        rows = seen.of("disclosure_answer")
        must(4, len(rows) <= 1, "more than one answer was recorded")
        granted = [row.row["level"] for row in rows if row.row["answer"] == "granted"]
        must(4, granted == ([LEVELS[answer.rank]] if answer else []), "a yes was recorded that was not given")
        if event in ("grant", "decline", "withdraw", "revise", "learn_of_death"):
            pair.answers.append(answer or Answer())

    def changed_answer(self, pair: Pair, left: list[dict[str, Any]]) -> None:
        """`left` are the releases of the asking that still stand to be told."""
        must(3, not left, "an answer was taken back, and what rests on it may still be told")

    # The enquirer is told.

    def _tellable(self, pair: Pair, level: str, row: dict[str, Any]) -> None:
        self._clear(pair)
        must(1, RANK[level] > 0, "nothing was told")
        must(3, self.covers(pair, RANK[level]), f"no answer in force allows `{level}`")
        must(1, row["state"] == "outcome_ready", f"something was told while the search was `{row['state']}`")

    def proposed_release(self, pair: Pair, human: str, release: UUID, level: str, search: dict[str, Any]) -> None:
        self._tellable(pair, level, search)
        answer = pair.answers[-1]
        told = content(level, answer.given)
        eyes = Eyes(human, (pair.found, pair.sought, told), self.away(pair))
        self.releases.append(Release(release, pair, level, told, answer, eyes))

    def settled_release(self, release: Release, human: str, approve: bool) -> None:
        self._usable(release.pair)
        if approve:
            self._approve(release.eyes, human, (release.pair.found, release.pair.sought, release.content))

    def told(self, release: Release, shown: dict[str, Any], seen: Seen, search: dict[str, Any]) -> None:
        pair = release.pair
        self._tellable(pair, release.level, search)
        must(1, not release.told, "an enquirer was told the same twice")
        must(3, release.answer is pair.answers[-1], "what was told rests on an answer that another one has outdone")
        self._approved(release.eyes, (pair.found, pair.sought, shown), self.away(pair))
        must(1, shown == content(release.level, pair.answers[-1].given), "the person did not give what was told")
        for act in ("disclosures.release", "releases.tell"):
            must(5, seen.done[act, pair.found] == 1, f"an enquirer was told without `{act}` on the trail")
        release.told = True

    # Messages.

    def _carried(self, pair: Pair, direction: str, text: str) -> None:
        self._usable(pair)
        must(3, self.covers(pair, DIRECTIONS[direction]), f"no answer in force allows a message {direction}")
        must(1, not (self.protected(pair) and CALL in text), "a text went on that tells where to reach somebody")

    def _eyes(self, pair: Pair, human: str, direction: str, text: str) -> Eyes:
        away = self.away(pair) if direction == "to_enquirer" else ""
        return Eyes(human, (pair.found, pair.sought, direction, text), away)

    def wrote(self, pair: Pair, human: str, message: UUID, direction: str, text: str) -> None:
        self._carried(pair, direction, text)
        self.messages.append(Message(message, pair, direction, text, self._eyes(pair, human, direction, text)))

    def rewrote(self, message: Message, human: str, text: str) -> None:
        self._carried(message.pair, message.direction, text)
        message.text, message.eyes = text, self._eyes(message.pair, human, message.direction, text)

    def stepped_message(self, message: Message, human: str, event: str, seen: Seen) -> None:
        pair, direction = message.pair, message.direction
        if event not in ("read", "send", "deliver"):
            self._usable(pair)
            return
        self._carried(pair, direction, message.text)
        shown = (pair.found, pair.sought, direction, message.text)
        if event == "read":
            self._approve(message.eyes, human, shown)
            return
        self._approved(message.eyes, shown, self.away(pair) if direction == "to_enquirer" else "")
        must(5, seen.done["disclosures.release", pair.found] == 1, "a message left without its row on the trail")
        must(1, not message.delivered, "a message was handed over twice")
        message.delivered = event == "deliver"

    # Fate, tellings, ends.

    def reported(self, sought: UUID, human: str, fate: UUID, finding: str, evidence: str) -> None:
        must(3, self.registered(sought), "a hidden record was used")
        self.fates.append(Fate(fate, sought, finding, evidence, Eyes(human, fate, "")))

    def stepped_fate(self, fate: Fate, human: str, event: str) -> None:
        must(3, self.registered(fate.sought), "a hidden record was used")
        if event == "confirm":
            self._approve(fate.eyes, human, fate.id)
        if event == "establish":
            self._approved(fate.eyes, fate.id, "")
            must(2, human != fate.eyes.proposer, "whoever reported a fate established it")
            enough = fate.evidence != "sighting" if fate.finding == "deceased" else True
            must(1, enough, "a death was established by a sighting alone")
        fate.state = {"confirm": "under_review", "establish": "established", "refute": "refuted"}[event]

    def recorded_telling(self, sought: UUID, about: UUID | None, support: bool) -> None:
        must(3, self.registered(sought), "a hidden record was used")
        told = {r.id for r in self.releases if r.told and r.pair.sought == sought}
        known = told | {f.id for f in self.fates if f.sought == sought and f.state == "established"}
        known |= {m.id for m in self.messages if m.delivered and m.pair.sought == sought}
        must(1, about is None or about in known, "a telling was recorded of what was never told")
        self.tellings.append(Telling(sought, about, support))

    def concluded(self, sought: UUID, reason: str, asking: str | None) -> None:
        must(3, self.registered(sought), "a hidden record was used")
        must(4, self._rests(sought, reason, asking), f"a search was concluded as `{reason}`, which rests on nothing")

    def _rests(self, sought: UUID, reason: str, asking: str | None) -> bool:
        told = {r.id: RANK[r.level] for r in self.releases if r.told and r.pair.sought == sought}
        recorded = {t.about: t.support for t in self.tellings if t.sought == sought}
        fates = [f for f in self.fates if f.sought == sought and f.state == "established"]
        request = self.persons[sought].above
        assert request is not None
        delivered = {m.id for m in self.messages if m.delivered and m.pair.sought == sought}
        match reason:
            case "reconnected_contact_exchanged":
                return any(rank >= RANK["share_contact"] and one in recorded for one, rank in told.items())
            case "reunified":
                return RANK["agree_to_meeting"] in told.values() and bool(told.keys() & recorded.keys())
            case "reconnected_message_only":
                words = delivered | {one for one, rank in told.items() if rank >= RANK["pass_message"]}
                return bool(words & recorded.keys())
            case "alive_informed_no_contact":
                return any(rank == RANK["say_alive_only"] and one in recorded for one, rank in told.items())
            case "fate_clarified_deceased":
                return any(f.finding == "deceased" and f.id in recorded for f in fates)
            case "fate_partially_clarified":
                return any(f.finding != "deceased" and f.id in recorded for f in fates)
            case "found_not_disclosed":
                return asking in NO_GRANT and not told
            case "enquirer_unreachable":
                return self._exhausted(request)
        return False

    def _exhausted(self, record: UUID) -> bool:
        made = sorted(self.persons[record].attempts)
        apart = len(made) >= 5 and made[-1][0] - made[0][0] >= timedelta(days=14)
        return apart and len({channel for _, channel in made}) >= 2

    def stepped_search(self, sought: UUID, event: str) -> None:
        must(3, self.registered(sought), "a hidden record was used")
        if event == "resume":
            must(3, self.matched(sought), "a search was resumed that nothing allows to match")

    # Consents and rights.

    def consented(self, record: UUID, purpose: str, decided: Decided, *, hidden: bool = False) -> None:
        person = self.persons[record]
        must(3, not person.erased, "somebody who was erased came back")
        must(3, hidden or self.registered(record), "a hidden record was used by the ordinary door")
        if purpose in person.consents:
            person.consents[purpose] = decided

    def ended_with_consent(self, record: UUID, purpose: str, seen: Seen) -> None:
        """What a found person let relatives learn ends with the consent to disclosing that it rests on."""
        held = [pair for pair in self.pairs if pair.found == record and self.covers(pair, 1)]
        held = held if purpose.startswith("disclose_") else []
        rows = [(row.row["found_id"], row.row["answer"]) for row in seen.of("disclosure_answer")]
        must(3, rows == [(record.hex, "withdrawn")] * len(held), "an answer outlived the consent that it rests on")
        for pair in held:
            pair.answers.append(Answer())

    def set_sensitivity(self, record: UUID, sensitivity: str) -> None:
        must(3, self.registered(record), "a hidden record was used")
        self.persons[record].sensitivity = sensitivity

    def stepped_right(self, right: Right, human: str, event: str) -> None:
        must(3, not self.persons[right.record].erased, "a right was used over somebody who was erased")
        family = self.family(right.record)
        if event == "propose":
            right.eyes = Eyes(human, family, "")
        elif event == "carry_out" and right.kind == "erasure":
            assert right.eyes is not None
            self._approve(right.eyes, human, family)
            for one in family:
                self.persons[one].erased = True
        elif event == "carry_out" and right.kind == "restriction":
            self.persons[right.record].consents["match_within_society"] = Decided(False)
        if event == "carry_out" and right.kind in ("restriction", "objection"):
            for pair in self.pairs:
                if pair.found == right.record and pair.answers:
                    pair.answers.append(Answer())

    # What is shown.

    def viewed(self, pair: Pair, human: str, shared: Any, releases: list[tuple[str, Any]]) -> None:
        """Judge what a worker sees of an asking: `releases` are (state, content)."""
        self._usable(pair)
        withheld = self.away(pair) != "" and self.away(pair) in TEAMS.get(human, ())
        if shared is not None:
            must(3, self.covers(pair, 1), "what the person gave is shown, and no answer of theirs is in force")
            must(1, not withheld, "what the person gave is shown to the enquirer's team")
        for state, shown in releases:
            if shown is not None:
                must(3, self.covers(pair, RANK[shown["level"]]), "a release is shown that no answer in force allows")
                must(1, not withheld or state == "told", "a release that was not told is shown to the enquirer's team")

    def viewed_message(self, message: Message, text: str | None) -> None:
        self._usable(message.pair)
        if text is not None:
            must(3, self.covers(message.pair, DIRECTIONS[message.direction]), "a text is shown that nothing allows")

    def looked_up(self, request: UUID, as_of: Any, statuses: list[str]) -> None:
        """Judge what the enquirer sees; nothing but the projection of the states, at the dates of the cadence."""
        must(3, self.registered(request), "the status of a request is shown that is withdrawn, over or erased")
        must(6, as_of == self.as_of(request).date(), "the enquirer sees a date that is none of the cadence")
        expected = self.public(request)
        must(6, statuses == expected, f"the enquirer sees {statuses}, and may see {expected}")
