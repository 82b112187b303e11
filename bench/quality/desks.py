"""Desks: offices whose clerks write down the same person differently, for the fictional case base.

The demo's clerks copy spellings from tables that the engine's makers know. These desks add what tables do not
hold: listeners of other languages, letters of a third script, initials, pet names in place of names, the
father's name or the husband's for a surname. Every share is invented and set so that the peers get about the
figures that they get on case bases of real offices' kind (see `casebase`).
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from random import Random
from typing import Any

from bench.quality import ear, told
from tracing.demo.cultures import Part
from tracing.demo.families import Member
from tracing.demo.noise import typo
from tracing.demo.stock import Entry, Place

Record = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Desk:
    """Habits of one office; all figures are probabilities.

    `native`: writes the person's own script; `both`: notes the other spelling as a second name; `third`:
    writes foreign names in its own alphabet (`letters`); `ear`: spells a word by ear as a listener of one of
    `languages`; `document`: otherwise copies the document's spelling; `keep`: each part of a name but the
    given is written; `alone`: the given name stands alone; `slip`: typing error per word.
    """

    languages: tuple[str, ...]
    dates: Mapping[str, float]
    native: float
    both: float = 0.08
    third: float = 0.0
    letters: str = "Cyrl"
    ear: float = 0.25
    document: float = 0.5
    keep: float = 0.8
    alone: float = 0.01
    slip: float = 0.03
    swap: float = 0.06
    initial: float = 0.02
    pet: float = 0.04
    father: float = 0.03
    husband: float = 0.05
    capitals: float = 0.1
    parents: float = 0.65
    kin: float = 0.2
    places: float = 0.7

    def see(self, rng: Random, member: Member, ref: str, on: date, seen: Place | None = None) -> Record:
        """The record of a member: a neutral person with `_culture` and `_script` (of its first name)."""
        hand = self._hand(rng, member)
        native = hand.script == member.culture.script
        first = hand.name(rng, member)
        names: list[Record] = [{"full": first, "type": "current", "script": hand.script}]
        if rng.random() < self.both:
            other = replace(hand, script="Latn" if native or hand.is_third else member.culture.script)
            names.append({"full": other.name(rng, member), "type": "transliteration", "script": other.script})
        if member.nickname is not None and rng.random() < self.pet:
            names.append({"full": hand.spell(rng, member.nickname), "type": "nickname", "script": hand.script})
        record: Record = {"id": ref, "names": _told_names(rng, names)}
        if rng.random() < 0.93:
            record["sex"] = member.sex if rng.random() < 0.995 else "unknown"
        record |= told.birth(rng, member, self.dates, on)
        record |= self._family(rng, hand, member)
        record |= self._whereabouts(rng, hand, member, on, seen)
        if member.culture.nationality and rng.random() < 0.35:
            record["nationalities"] = [member.culture.nationality]
        if member.phone is not None and rng.random() < 0.12:
            record["identifiers"] = [{"type": "phone", "value": member.phone}]
        return record | {"_culture": member.culture.key, "_script": hand.script}

    def _hand(self, rng: Random, member: Member) -> "Hand":
        script = "Latn"
        if rng.random() < self.native * member.culture.native_use:
            script = member.culture.script
        elif member.culture.script != self.letters and rng.random() < self.third:
            script = self.letters
        is_heard = rng.random() < 0.75
        return Hand(self, script, script not in ("Latn", member.culture.script), rng.choice(self.languages), is_heard)

    def _family(self, rng: Random, hand: "Hand", member: Member) -> Record:
        found: Record = {}
        if rng.random() < self.parents and (member.father or member.chain):
            whole = member.father is not None and rng.random() < 0.7
            found["father"] = [
                hand.name(rng, member.father)
                if whole and member.father
                else hand.spell(rng, member.chain[0])
                if member.chain
                else hand.name(rng, member.father or member)
            ]
        if member.mother is not None and rng.random() < self.parents * 0.85:
            found["mother"] = [hand.name(rng, member.mother)]
        relatives = [("spouse", member.spouse)] if member.spouse else []
        relatives += [("sibling", other) for other in member.siblings] + [("child", other) for other in member.children]
        told_of = [
            {"relation": word, "name": hand.spell(rng, other.given) if rng.random() < 0.6 else hand.name(rng, other)}
            for word, other in relatives
            if other is not None and rng.random() < self.kin
        ]
        return found | ({"relatives": told_of} if told_of else {})

    def _whereabouts(self, rng: Random, hand: "Hand", member: Member, on: date, seen: Place | None) -> Record:
        found: Record = {}
        if rng.random() < self.places:
            found["birth_place"] = hand.place(rng, member.birth_place, member)
        if rng.random() < self.places * 0.6:
            found["last_place"] = hand.place(rng, member.home, member)
        if seen is not None and rng.random() < 0.6:
            found |= {"seen_place": rng.choice(seen.latin), "seen_date": on.isoformat()}
        return found


@dataclass(frozen=True, slots=True)
class Hand:
    """A desk at work on one form: the script it writes and the language it hears in."""

    desk: Desk
    script: str
    is_third: bool
    language: str
    is_heard: bool

    def name(self, rng: Random, member: Member) -> str:
        """A member's full name with this desk's omissions and mistakes."""
        desk, culture = self.desk, member.culture
        parts = self._surname(rng, member, self._kept(rng, culture.structure(member)))
        words = [self._word(rng, part, at, len(parts)) for at, part in enumerate(parts)]
        if len(words) > 1:
            family_first = parts[0].role == "family"
            if rng.random() < (0.4 if family_first and self.script == "Latn" else desk.swap):
                words = words[1:] + words[:1] if family_first else words[-1:] + words[:-1]
            elif len(words) > 2 and rng.random() < desk.swap / 2:
                at = rng.randrange(len(words) - 1)
                words[at], words[at + 1] = words[at + 1], words[at]
        text = (culture.joiner if self.script == culture.script else " ").join(words)
        return text.upper() if self.script == "Latn" and rng.random() < desk.capitals else text

    def spell(self, rng: Random, entry: Entry, script: str = "") -> str:
        """One name part in this desk's letters."""
        desk, script = self.desk, script or self.script
        if script != "Latn" and not self.is_third:
            text = entry.native
        else:
            text = entry.latin[0] if rng.random() < desk.document else rng.choice(entry.latin)
            if self.is_heard and rng.random() < desk.ear:
                text = " ".join(ear.by_ear(rng, word, self.language) for word in text.split(" "))
            if self.is_third:
                text = ear.in_letters(text, desk.letters)
        return typo(rng, text) if rng.random() < desk.slip else text

    def place(self, rng: Random, place: Place, member: Member) -> str:
        """A place in native letters or one of its Latin spellings."""
        text = place.native if self.script == member.culture.script and not self.is_third else rng.choice(place.latin)
        return f"{text}, {place.country}" if rng.random() < 0.2 else text

    def _kept(self, rng: Random, parts: list[Part]) -> list[Part]:
        """Parts that reach the form: the given name always, mostly one more at least."""
        given = [part for part in parts if part.role == "given"]
        if rng.random() < self.desk.alone:
            return given[:1]
        kept = [part for part in parts if part is given[0] or rng.random() < self.desk.keep]
        if len(kept) == 1 and len(parts) > 1:
            spare = rng.choice([part for part in parts if part is not given[0]])
            kept = [part for part in parts if part is given[0] or part is spare]
        return kept

    def _surname(self, rng: Random, member: Member, parts: list[Part]) -> list[Part]:
        """The last name taken for another one: the father's name, the husband's or the maiden name."""
        at = next((at for at, part in enumerate(parts) if part.role == "family"), None)
        if at is None:
            return parts
        role, draw, husband = "family", rng.random(), member.spouse
        if draw < self.desk.father and member.chain:
            parts = [*parts[:at], Part(role, member.chain[0]), *parts[at + 1 :]]
        elif member.sex == "female" and draw < self.desk.father + self.desk.husband:
            other = husband.family if husband and husband.family is not member.family else member.maiden
            if other is not None:
                parts = [*parts[:at], Part(role, other), *parts[at + 1 :]]
        return parts

    def _word(self, rng: Random, part: Part, at: int, of: int) -> str:
        desk = self.desk
        if part.role == "given" and part.entry.short is not None and rng.random() < desk.pet:
            return self.spell(rng, part.entry.short)
        text = self.spell(rng, part.entry)
        cut = of > 1 and self.script == "Latn" and part.role != "honorific"
        if cut and (part.role != "given" or at > 0) and rng.random() < desk.initial:
            return f"{text[0]}." if rng.random() < 0.6 else text[0]
        return text


def _told_names(rng: Random, names: list[Record]) -> list[Any]:
    """Names without repeats; some offices note no script or only the text."""
    distinct = list({name["full"]: name for name in reversed(names)}.values())[::-1]
    if rng.random() < 0.5:
        return [name["full"] for name in distinct]
    return distinct


LEFT = (
    Desk(("english", "french"), told.ASKED, alone=0.001, native=0.3, document=0.7, keep=0.97, ear=0.1, both=0.12),
    Desk(("english", "german", "swedish"), told.ASKED, alone=0.001, native=0.05, keep=0.95, ear=0.2),
    Desk(("arabic", "turkish", "english"), told.ASKED, alone=0.001, native=0.35, keep=0.97, ear=0.12),
    Desk(("french", "spanish"), told.ASKED, alone=0.001, native=0.05, keep=0.95, ear=0.22),
)
"""Tracing offices, which hear of a missing person from the family."""

RIGHT = (
    Desk(("italian", "greek"), told.HEARD, native=0.05, keep=0.9, ear=0.3, swap=0.1, parents=0.5, capitals=0.3),
    Desk(("german", "polish"), told.HEARD, native=0.05, keep=0.95, ear=0.25, parents=0.6),
    Desk(("english", "bengali", "malay"), told.HEARD, native=0.15, keep=0.92, parents=0.6, ear=0.15),
    Desk(("turkish", "arabic"), told.ASKED, native=0.4, keep=0.97, both=0.15, ear=0.12),
    Desk(("greek",), told.HEARD, native=0.05, third=0.1, letters="Grek", keep=0.95, ear=0.15, parents=0.5),
    Desk(("russian",), told.HEARD, native=0.1, third=0.15, letters="Cyrl", keep=0.95, ear=0.15, parents=0.5),
    Desk(("spanish", "french"), told.HEARD, native=0.05, alone=0.03, keep=0.85, ear=0.25, swap=0.12, parents=0.4),
)
"""Registration desks, list keepers and self-registrations on the way and abroad."""
