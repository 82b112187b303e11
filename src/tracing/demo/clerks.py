"""Clerks: each office writes the same person down in its own way, with its own mistakes.

`Clerk.see` turns a true member into a neutral person (the JSON shape of the match commands): names by part,
in native script or Latin letters, the birth date as far as told, parents and kin, places, identifiers.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from random import Random
from typing import Any

from tracing.demo.births import birth_as_told
from tracing.demo.cultures import Culture, Part
from tracing.demo.families import Member
from tracing.demo.noise import heard, typo
from tracing.demo.stock import Entry, Place

Neutral = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Clerk:
    """An office's habits; every figure is a probability.

    `native`: writes the culture's own script; `both`: adds the other script; `document`: copies the document
    spelling; `keep`: each middle part of a name is written; `fewest`: how many are always kept; `slip`: a
    typing error, `mishear`: a hearing error, per word; `swap`: given and family name exchanged; `capitals`:
    the form is in capitals; `nick`: the everyday name is noted; `parents`, `kin`: each one is asked for;
    `dates`: habits for the birth date (see `births`); `places`: places are noted.
    """

    key: str
    native: float
    both: float
    document: float
    keep: float
    fewest: int
    slip: float
    mishear: float
    swap: float
    capitals: float
    nick: float
    parents: float
    kin: float
    dates: str
    places: float

    def see(self, rng: Random, member: Member, ref: str, on: date, seen: Place | None = None) -> Neutral:
        """The record that this clerk writes on a day; `seen` is the place where the person was met."""
        native = rng.random() < self.native * member.culture.native_use
        names = [self._name(rng, member, native)]
        if rng.random() < self.both:
            names.append(self._name(rng, member, not native, "transliteration"))
        if member.nickname is not None and rng.random() < self.nick:
            names.append(self._nickname(rng, member.nickname, member.culture, native))
        record: Neutral = {"id": ref, "names": _distinct(names)}
        record["sex"] = member.sex if rng.random() < 0.95 else "unknown"
        record |= birth_as_told(rng, member, self.dates, on)
        record |= self._parents(rng, member, native)
        relatives = self._relatives(rng, member, native)
        if relatives:
            record["relatives"] = relatives
        record |= self._places(rng, member, native, on, seen)
        if member.culture.nationality and rng.random() < 0.5:
            record["nationalities"] = [member.culture.nationality]
        if member.phone is not None and rng.random() < 0.2:
            record["identifiers"] = [{"type": "phone", "value": member.phone}]
        return record

    def full_name(self, rng: Random, member: Member, native: bool) -> str:
        """A member's name as one text, with this clerk's omissions and errors."""
        parts = self._keep(rng, member.culture.structure(member))
        if member.culture.script != "Latn" and not native and parts[0].role == "father":
            parts = _initial(rng, parts)
        words = [self._spell(rng, part.entry, native) for part in parts]
        first_family = parts[0].role == "family"
        if len(words) > 1 and rng.random() < (0.5 if first_family and not native else self.swap):
            words = words[1:] + words[:1] if first_family else words[-1:] + words[:-1]
        text = (member.culture.joiner if native else " ").join(words)
        return text.upper() if not native and rng.random() < self.capitals else text

    def _name(self, rng: Random, member: Member, native: bool, kind: str = "current") -> Neutral:
        culture = member.culture
        script = culture.script if native else "Latn"
        if not native and script == culture.script:
            kind = "current"
        name: Neutral = {"full": self.full_name(rng, member, native), "type": kind, "script": script}
        if native:
            name["lang"] = culture.lang
        return name

    def _nickname(self, rng: Random, nickname: Entry, culture: Culture, native: bool) -> Neutral:
        text = self._spell(rng, nickname, native)
        return {"full": text, "type": "nickname", "script": culture.script if native else "Latn"}

    def _keep(self, rng: Random, parts: list[Part]) -> list[Part]:
        """Drop some parts, never the given name, never below `fewest` parts."""
        spare = [part for part in parts if part.role != "given"]
        rng.shuffle(spare)
        dropped: list[Part] = []
        for part in spare:
            chance = self.keep if part.role != "honorific" else 0.5
            if len(parts) - len(dropped) > self.fewest and rng.random() >= chance:
                dropped.append(part)
        return [part for part in parts if not any(part is other for other in dropped)]

    def _spell(self, rng: Random, entry: Entry, native: bool) -> str:
        if native:
            text = entry.native
        elif rng.random() < self.document:
            text = entry.latin[0]
        else:
            text = rng.choice(entry.latin)
        if not native and rng.random() < self.mishear:
            text = heard(rng, text)
        return typo(rng, text) if rng.random() < self.slip else text

    def _parents(self, rng: Random, member: Member, native: bool) -> Neutral:
        found: Neutral = {}
        if rng.random() < self.parents:
            if member.father is not None:
                found["father"] = [self.full_name(rng, member.father, native)]
            elif member.chain:
                found["father"] = [self._spell(rng, member.chain[0], native)]
        if member.mother is not None and rng.random() < self.parents * 0.8:
            mother = member.mother
            found["mother"] = [self.full_name(rng, mother, native)]
            if mother.maiden is not None and mother.maiden != mother.family and rng.random() < 0.4:
                found["mother"].append(self._spell(rng, mother.maiden, native))
        return found

    def _relatives(self, rng: Random, member: Member, native: bool) -> list[Neutral]:
        kin = [("spouse", member.spouse)] if member.spouse is not None else []
        pairs: list[tuple[str, Member]] = [(word, other) for word, other in kin if other is not None]
        pairs += [("sibling", other) for other in member.siblings]
        pairs += [("child", other) for other in member.children]
        found = []
        for relation, other in pairs:
            if rng.random() < self.kin:
                short = other.given if rng.random() < 0.5 else None
                name = self._spell(rng, short, native) if short else self.full_name(rng, other, native)
                found.append({"relation": relation, "name": name})
        return found

    def _places(self, rng: Random, member: Member, native: bool, on: date, seen: Place | None) -> Neutral:
        found: Neutral = {}
        if rng.random() < self.places:
            found["birth_place"] = self.place_name(rng, member.birth_place, native)
        if rng.random() < self.places:
            found["last_place"] = self.place_name(rng, member.home, native)
        if seen is not None:
            found["seen_place"] = self.place_name(rng, seen, False)
            found["seen_date"] = on.isoformat()
        return found

    def place_name(self, rng: Random, place: Place, native: bool) -> str:
        """A place in native script or in one of its Latin spellings, sometimes with its country code."""
        text = place.native if native else rng.choice(place.latin)
        return f"{text}, {place.country}" if rng.random() < 0.2 else text


def _initial(rng: Random, parts: list[Part]) -> list[Part]:
    """A leading father's name is mostly cut to its initial in Latin script."""
    if rng.random() < 0.3:
        return parts
    entry = parts[0].entry
    letter = entry.latin[0][0]
    return [Part("father", Entry(entry.native, (f"{letter}.", letter))), *parts[1:]]


def _distinct(names: list[Neutral]) -> list[Neutral]:
    """Names without repeats of the same text."""
    return list({name["full"]: name for name in reversed(names)}.values())[::-1]


# key, native, both, document, keep, fewest, slip, mishear, swap, capitals, nick, parents, kin, dates, places
FIELD = Clerk("field", 0.85, 0.15, 0.60, 0.95, 3, 0.02, 0.00, 0.02, 0.00, 0.25, 0.80, 0.35, "local", 0.85)
BRANCH = Clerk("branch", 0.10, 0.25, 0.40, 0.70, 2, 0.03, 0.05, 0.05, 0.05, 0.15, 0.70, 0.30, "asked", 0.75)
PHONE = Clerk("phone", 0.00, 0.00, 0.10, 0.45, 2, 0.05, 0.25, 0.06, 0.00, 0.30, 0.40, 0.20, "vague", 0.60)
CENTRE = Clerk("centre", 0.05, 0.05, 0.20, 0.40, 2, 0.05, 0.15, 0.12, 0.15, 0.10, 0.30, 0.10, "rapid", 0.50)
LISTED = Clerk("list", 0.10, 0.00, 0.50, 0.55, 2, 0.04, 0.05, 0.25, 0.70, 0.00, 0.15, 0.02, "list", 0.35)
SELF = Clerk("self", 0.60, 0.35, 0.75, 0.90, 2, 0.02, 0.00, 0.02, 0.05, 0.30, 0.75, 0.40, "own", 0.85)
PASSER = Clerk("passer", 0.15, 0.00, 0.10, 0.25, 1, 0.04, 0.25, 0.05, 0.00, 0.45, 0.12, 0.08, "guess", 0.25)

REQUEST_CLERKS = (FIELD, BRANCH, BRANCH, PHONE)
REGISTRATION_CLERKS = (SELF, SELF, CENTRE, CENTRE, FIELD)
SIGHTING_CLERKS = (CENTRE, LISTED, LISTED, PASSER, PHONE, FIELD)
