"""From a true family to the records of several offices: requests, sightings, self-registrations."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random

from tracing.demo.clerks import (
    LISTED,
    PASSER,
    PHONE,
    REGISTRATION_CLERKS,
    REQUEST_CLERKS,
    SELF,
    SIGHTING_CLERKS,
    Clerk,
)
from tracing.demo.families import LAST_DAY, Family, Member, town
from tracing.demo.kinship import relationship
from tracing.demo.specs import Contact, Neutral, RequestSpec, Separation, SightingSpec, Sought
from tracing.demo.stories import circumstances

_BASES = {
    PHONE.key: ("spoke_by_phone", "told_by_other"),
    LISTED.key: ("list_or_document", "institution_record"),
    PASSER.key: ("saw_at_distance", "told_by_other", "social_media", "met_in_person"),
}
_WISHES = (
    ("match_in_network", 0.5),
    ("disclose_alive", 0.45),
    ("disclose_message", 0.35),
    ("disclose_contact", 0.15),
    ("disclose_location", 0.05),
    ("follow_up", 0.5),
    ("statistics", 0.4),
)


@dataclass(slots=True)
class Draft:
    """Records before they get their references: each one with its true person or persons."""

    requests: list[tuple[RequestSpec, Member, list[Member]]] = field(default_factory=list)
    sightings: list[tuple[SightingSpec, Member]] = field(default_factory=list)


class CaseWriter:
    """Lets a family's fate play out: who asks, who is sought, who is seen, and by which office."""

    def __init__(self, rng: Random, draft: Draft) -> None:
        self._rng, self._draft = rng, draft

    def write(self, house: Family) -> None:
        """All records of one family; about every seventh is seen somewhere but nobody asks for it."""
        rng = self._rng
        askers = [member for member in house.members if 16 <= member.age_on(self._filed(house)) < 90]
        if not askers or rng.random() < 0.14:
            self._seen(house, rng.sample(house.members, min(len(house.members), rng.randrange(1, 4))), 1.0, False)
            return
        asker = rng.choice(askers)
        others = [member for member in house.members if member is not asker]
        survivor = house.cause == "trafficking_or_exploitation"
        wanted = 1 if survivor else rng.choices((1, 2, 3, 4, 5, 6, 8), (14, 22, 22, 18, 12, 8, 4))[0]
        missing = rng.sample(others, min(wanted, len(others)))
        self._request(house, asker, missing, rng.choice(REQUEST_CLERKS), survivor)
        self._seen(house, missing, 0.55, survivor)
        self._also_asking(house, asker, missing)

    def _also_asking(self, house: Family, asker: Member, missing: list[Member]) -> None:
        """A sought person who asks for the asker in turn; the same people sought at a second office."""
        rng = self._rng
        adults = [member for member in missing if 18 <= member.age_on(self._filed(house)) < 90]
        if adults and rng.random() < 0.12:
            other = rng.choice(adults)
            self._request(house, other, [asker], rng.choice((SELF, *REQUEST_CLERKS)), False)
        if rng.random() < 0.07:
            kin = [
                member
                for member in house.members
                if member not in missing and 16 <= member.age_on(self._filed(house)) < 90
            ]
            again = rng.choice(kin) if kin else asker
            wanted = [member for member in missing if member is not again]
            self._request(house, again, wanted[: rng.randrange(1, 4)], rng.choice(REQUEST_CLERKS), False)

    def _filed(self, house: Family) -> date:
        return house.separated + timedelta(days=min(365, (LAST_DAY - house.separated).days))

    def _after(self, house: Family) -> date:
        """A day after the separation, mostly within a few years, never after the last day."""
        start = max(house.separated, date(max(1, house.culture.seen_from), 5, 1))
        span = (LAST_DAY - start).days
        return start + timedelta(days=min(span, 15 + int(self._rng.expovariate(1 / 900))))

    def _request(self, house: Family, asker: Member, missing: list[Member], clerk: Clerk, survivor: bool) -> None:
        day = self._after(house)
        sought = [self._sought(house, asker, member, clerk, day, survivor) for member in missing]
        enquirer = SELF if self._rng.random() < 0.5 else clerk
        person = enquirer.see(self._rng, asker, "", day)
        spec = RequestSpec("", {"person": person, "contact": self._contacts(asker)}, sought)
        self._draft.requests.append((spec, asker, missing))

    def _sought(self, house: Family, asker: Member, member: Member, clerk: Clerk, day: date, survivor: bool) -> Sought:
        rng = self._rng
        person = clerk.see(rng, member, "", day)
        if "last_place" in person and rng.random() < 0.6:
            person["last_place_date"] = f"{house.separated.year:04d}"
        self._names_asker(person, asker, member, clerk)
        return {
            "home_ref": "",
            "person": person,
            "relationship": relationship(asker, member),
            "sensitivity": "protected" if survivor or house.cause == "caafag" else "normal",
            "separation": self._separation(house, clerk),
        }

    def _names_asker(self, person: Neutral, asker: Member, member: Member, clerk: Clerk) -> None:
        """The enquirer is kin of the sought person: mostly noted, as the relative they are."""
        words = ((member.spouse, "spouse"), (member.father, "father"), (member.mother, "mother"))
        word = next((word for kin, word in words if kin is asker), "other")
        word = "sibling" if asker in member.siblings else "child" if asker in member.children else word
        if self._rng.random() < 0.5:
            name = clerk.full_name(self._rng, asker, self._rng.random() < clerk.native)
            found = person.setdefault("relatives", [])
            if not any(item["relation"] == word and item["name"] == name for item in found):
                found.append({"relation": word, "name": name})

    def _separation(self, house: Family, clerk: Clerk) -> Separation:
        rng, day = self._rng, house.separated
        forms = (day.isoformat(), f"{day.year:04d}-{day.month:02d}", f"{day.year:04d}", f"{day.year:04d}~")
        place = clerk.place_name(rng, house.place, False)
        return {
            "date": rng.choices(forms, (35, 40, 20, 5))[0],
            "place": place,
            "cause": house.cause if rng.random() < 0.9 else "unknown",
            "circumstances": circumstances(rng, house.cause, place),
        }

    def _contacts(self, asker: Member) -> list[Contact]:
        rng = self._rng
        found: list[Contact] = []
        if asker.phone is not None:
            found.append({"kind": "phone", "value": asker.phone, "safe": rng.choice(("yes", "yes", "unknown", "no"))})
        if rng.random() < 0.4:
            box = f"reader{rng.randrange(100000):05d}@example.org"
            found.append({"kind": "email", "value": box, "safe": rng.choice(("yes", "unknown"))})
        if not found:
            value = rng.choice(("drop-in desk, Tuesdays", "through the women's group", "through the night shelter"))
            found.append({"kind": "via_third_party", "value": value, "safe": "yes"})
        return found

    def _seen(self, house: Family, members: list[Member], share: float, survivor: bool) -> None:
        rng = self._rng
        for member in members:
            if rng.random() >= share:
                continue
            for _ in range(1 if rng.random() < 0.85 else 2):
                own = rng.random() < (0.5 if member.age_on(self._filed(house)) >= 12 else 0.15)
                self._sighting(house, member, own, survivor)

    def _sighting(self, house: Family, member: Member, own: bool, survivor: bool) -> None:
        rng, culture = self._rng, member.culture
        clerk = rng.choice(REGISTRATION_CLERKS if own else SIGHTING_CLERKS)
        day = self._after(house)
        place = town(rng, culture.routes if rng.random() < 0.75 else culture.countries)
        person = clerk.see(rng, member, "", day, place)
        basis = "self" if own else rng.choice(_BASES.get(clerk.key, ("met_in_person", "institution_record")))
        elsewhere = town(rng, culture.routes)
        reporter = place if own or rng.random() < 0.5 else elsewhere
        spec = SightingSpec(
            home_ref="",
            kind="self_registration" if own else "sighting",
            person=person,
            basis=basis,
            sighting_place=clerk.place_name(rng, place, False),
            sighting_time=rng.choice((day.isoformat(), day.isoformat(), f"{day.year:04d}-{day.month:02d}")),
            reporter_place=clerk.place_name(rng, reporter, False) if rng.random() < 0.8 else "",
            consents=self._consents(own, survivor),
            sensitivity="protected" if survivor else "normal",
        )
        self._draft.sightings.append((spec, member))

    def _consents(self, own: bool, survivor: bool) -> list[str]:
        """Purposes granted: nearly all let themselves be matched; the rest is each one's own wish."""
        granted = ["register"]
        if self._rng.random() < 0.95:
            granted.append("match_within_society")
            if own and not survivor:
                granted += [purpose for purpose, share in _WISHES if self._rng.random() < share]
        return granted
