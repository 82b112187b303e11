"""The public face of the demo's case base: pure functions of a seed, without any database.

`build` gives requests and sightings with their truth; `persons` and `two_lists` give neutral persons in any
number for load figures and for measuring the engine. All people are invented.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import islice
from random import Random
from typing import Any

from tracing.demo.cases import CaseWriter, Draft
from tracing.demo.clerks import REGISTRATION_CLERKS, REQUEST_CLERKS, SIGHTING_CLERKS
from tracing.demo.families import Member, houses
from tracing.demo.specs import CaseBase, RequestSpec, SightingSpec

__all__ = ["CaseBase", "RequestSpec", "SightingSpec", "build", "persons", "two_lists"]

_WITH_PARTNER = 1 / 3
_DESKS = REGISTRATION_CLERKS + SIGHTING_CLERKS


def build(seed: int = 7, families: int = 300) -> CaseBase:
    """A case base of so many families; the same seed gives the same case base.

    Raises ValueError when `families` is negative.
    """
    rng, draft = Random(seed), Draft()
    writer = CaseWriter(rng, draft)
    if families < 0:
        raise ValueError("families is negative")
    for house in islice(houses(rng), families):
        writer.write(house)
    rng.shuffle(draft.requests)
    rng.shuffle(draft.sightings)
    truth: dict[str, str] = {}
    requests = []
    for number, (request, asker, missing) in enumerate(draft.requests, start=1):
        requests.append(_numbered_request(request, f"R{number:05d}"))
        truth[f"R{number:05d}"] = asker.person_id
        truth |= {f"R{number:05d}-{place}": member.person_id for place, member in enumerate(missing, start=1)}
    sightings = []
    for number, (sighting, member) in enumerate(draft.sightings, start=1):
        ref = f"S{number:05d}"
        sightings.append(replace(sighting, home_ref=ref, person=sighting.person | {"id": ref}))
        truth[ref] = member.person_id
    return CaseBase(requests, sightings, truth)


def persons(seed: int, count: int) -> tuple[list[dict[str, Any]], dict[str, str]]:
    """`count` neutral persons in random order and the truth (record id -> true person id).

    About a third of the records have a partner: a second record of the same human being by another office.
    Siblings and namesakes are in as in life. Raises ValueError when `count` is negative.
    """
    rng = Random(seed)
    pairs = int(count * _WITH_PARTNER / 2)
    people = _people(rng, count - pairs)
    twice = set(rng.sample(range(len(people)), pairs))
    records = [(member, False) for member in people] + [(people[at], True) for at in sorted(twice)]
    rng.shuffle(records)
    found, truth = [], {}
    for number, (member, seen) in enumerate(records, start=1):
        ref = f"P{number:06d}"
        found.append(_record(rng, member, seen, ref))
        truth[ref] = member.person_id
    return found, truth


def two_lists(
    seed: int, size: int, shared: float = 1 / 3
) -> tuple[list[dict[str, Any]], list[dict[str, Any]], list[tuple[str, str]]]:
    """Two lists of `size` neutral persons, a share of whom stands in both, and the gold pairs of ids.

    Tracing offices wrote the left list, registration desks and list keepers the right one. Siblings and other
    kin are spread over both. Raises ValueError when `shared` is outside 0..1 or `size` is negative.
    """
    if not 0 <= shared <= 1:
        raise ValueError("shared is not between 0 and 1")
    rng = Random(seed)
    both = round(size * shared)
    people = _people(rng, 2 * size - both)
    rng.shuffle(people)
    left = [(member, f"L{number:06d}") for number, member in enumerate(people[:size], start=1)]
    others = people[:both] + people[size:]
    rng.shuffle(others)
    right = [(member, f"Q{number:06d}") for number, member in enumerate(others, start=1)]
    known = {member.person_id: ref for member, ref in left}
    gold = [(known[member.person_id], ref) for member, ref in right if member.person_id in known]
    return (
        [_record(rng, member, False, ref) for member, ref in left],
        [_record(rng, member, True, ref) for member, ref in right],
        sorted(gold),
    )


def _people(rng: Random, count: int) -> list[Member]:
    """Members of as many families as it takes."""
    if count < 0:
        raise ValueError("count is negative")
    stream = (member for house in houses(rng) for member in house.members)
    return list(islice(stream, count))


def _record(rng: Random, member: Member, seen: bool, ref: str) -> dict[str, Any]:
    """One record, by a desk where the person was seen or by an office where somebody asked for them."""
    clerk = rng.choice(_DESKS if seen else REQUEST_CLERKS)
    day = member.registered_on(rng)
    return clerk.see(rng, member, ref, day, member.met_in(rng) if seen else None)


def _numbered_request(request: RequestSpec, ref: str) -> RequestSpec:
    enquirer = request.enquirer
    person = enquirer["person"] | {"id": ref}
    sought = [
        item | {"home_ref": f"{ref}-{place}", "person": item["person"] | {"id": f"{ref}-{place}"}}
        for place, item in enumerate(request.sought, start=1)
    ]
    return RequestSpec(ref, {"person": person, "contact": enquirer["contact"]}, sought)
