"""Shapes of the fictional case base: plain data, ready to be registered through any door of the service."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypedDict

Neutral = dict[str, Any]

CAUSES = (
    "conflict",
    "death",
    "family_abuse_violence_exploitation",
    "lack_of_access_to_services_support",
    "caafag",
    "sickness_of_family_member",
    "entrusted_into_the_care_of_an_individual",
    "arrest_and_detention",
    "abandonment",
    "repatriation",
    "population_movement",
    "migration",
    "poverty",
    "natural_disaster",
    "divorce_remarriage",
    "other",
    "trafficking_or_exploitation",
    "deportation_or_return",
    "shipwreck_or_border",
    "adoption_or_care_system",
    "covid_or_health",
    "unknown",
)
RELATIONSHIPS = (
    "mother",
    "father",
    "aunt",
    "uncle",
    "grandmother",
    "grandfather",
    "brother",
    "sister",
    "husband",
    "wife",
    "partner",
    "other_family",
    "other_nonfamily",
    "half_sibling",
    "cousin",
    "niece_nephew",
    "in_law",
    "fiance",
    "foster",
    "guardian",
    "ex_partner",
    "son",
    "daughter",
    "grandchild",
)
BASES = (
    "self",
    "met_in_person",
    "spoke_by_phone",
    "saw_at_distance",
    "told_by_other",
    "social_media",
    "list_or_document",
    "institution_record",
)
PURPOSES = (
    "register",
    "match_within_society",
    "match_in_network",
    "disclose_alive",
    "disclose_message",
    "disclose_contact",
    "disclose_location",
    "statistics",
    "follow_up",
)
PERSON_KEYS = (
    "id",
    "names",
    "sex",
    "birth",
    "birth_calendar",
    "age",
    "age_date",
    "father",
    "mother",
    "relatives",
    "birth_place",
    "last_place",
    "last_place_date",
    "seen_place",
    "seen_date",
    "nationalities",
    "identifiers",
)


class Contact(TypedDict):
    """A way to reach an enquirer: kind `phone, email, via_third_party`; safe `yes, no, unknown`."""

    kind: str
    value: str
    safe: str


class Enquirer(TypedDict):
    """Who asks: a neutral person and the ways to reach them."""

    person: Neutral
    contact: list[Contact]


class Separation(TypedDict):
    """When (EDTF), where and why (one of CAUSES) contact was lost, and the story in a sentence or two."""

    date: str
    place: str
    cause: str
    circumstances: str


class Sought(TypedDict):
    """One sought person; `relationship`, one of RELATIONSHIPS, is what they are to the enquirer."""

    home_ref: str
    person: Neutral
    relationship: str
    sensitivity: str
    separation: Separation


@dataclass(frozen=True, slots=True)
class RequestSpec:
    """A tracing request: one enquirer, one or more sought persons."""

    home_ref: str
    enquirer: Enquirer
    sought: list[Sought]


@dataclass(frozen=True, slots=True)
class SightingSpec:
    """A sighting or self-registration; `basis` is one of BASES, the time EDTF, the places free text."""

    home_ref: str
    kind: str
    person: Neutral
    basis: str
    sighting_place: str
    sighting_time: str
    reporter_place: str
    consents: list[str]
    sensitivity: str = "normal"


@dataclass(frozen=True, slots=True)
class CaseBase:
    """Requests and sightings with the truth: record reference -> true person.

    Keys of `truth` are the sought persons' and sightings' `home_ref`, and each request's own `home_ref` for
    its enquirer. Two keys with one value are records of the same human being.
    """

    requests: list[RequestSpec]
    sightings: list[SightingSpec]
    truth: dict[str, str]
