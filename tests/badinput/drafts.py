"""Drafts in which every field is filled, and ways through them."""

import json
from collections.abc import Iterator
from typing import Any

from tests.support import Json

Path = tuple[str | int, ...]

NOBODY = "00000000-0000-4000-8000-000000000000"
PERSON: Json = {
    "names": [
        {
            "full": "Amina Yusuf Warsame",
            "type": "current",
            "script": "Latn",
            "lang": "so",
            "naming_system": "somali_chain",
            "parts": [{"value": "Amina", "role": "given"}, {"value": "Yusuf", "role": "father"}],
            "source": "relative",
            "certainty": "certain",
        }
    ],
    "sex": "female",
    "birth": "1990-05",
    "birth_calendar": "gregorian",
    "age": "30-32",
    "age_date": "2021",
    "birth_place": "Kismayo",
    "origin_place": "Kismayo",
    "last_place": "Afmadow",
    "last_place_date": "2020",
    "father": ["Yusuf Warsame"],
    "mother": ["Halima Nur"],
    "relatives": [{"relation": "sibling", "name": "Omar Yusuf Warsame"}],
    "nationalities": ["SO"],
    "languages": ["so"],
    "identifiers": [{"type": "phone", "value": "+252 61 555 0101", "issuer": "Hormuud"}],
    "occupation": "weaver",
    "school_or_teacher": "the school at the well",
    "physical_description": "tall\nwith a limp",
    "distinguishing_marks": "a scar on the left hand",
}
CONTACT: Json = {
    "kind": "phone",
    "value": "+252 61 555 0101",
    "belongs_to": "subject",
    "safe": "yes",
    "may_leave_voicemail": False,
    "may_identify_as": "nobody",
    "hours": "after dusk",
    "code_word": "acacia",
    "shared_device": True,
    "language": "so",
    "verified_at": "2024-01",
    "expires_at": "2030",
    "use_for": ["case_update"],
}
CONSENT: Json = {
    "purpose": "register",
    "decision": "granted",
    "lawful_basis": "public_interest",
    "given_by": "not_asked",
    "obtained": "verbal",
    "information_notice_version": "2026-1",
    "valid_until": "2036-01-01T00:00:00Z",
    "decided_at": "2026-01-01T00:00:00Z",
}
SEPARATION: Json = {
    "date": "2020",
    "place": "Afmadow",
    "cause": "conflict",
    "circumstances": "at night",
    "last_contact_date": "2020-02",
    "last_contact_mode": "a call",
    "travel_companions": ["Omar Yusuf Warsame"],
    "route": ["Dobley", "Dadaab"],
    "event_ref": "flood-7",
}
REQUEST: Json = {
    "enquirer": {
        "person": PERSON,
        "capacity": "self",
        "contacts": [CONTACT],
        "no_safe_contact": False,
        "consents": [CONSENT, CONSENT | {"purpose": "match_within_society"}],
    },
    "separation": SEPARATION,
    "information_notice_version": "2026-1",
    "source_date": "2021",
    "already_tried": "asked\nat the camp",
    "never_disclose_to": ["Bashir Xasan"],
    "interpreter_language": "so",
    "preferred_channel": "phone",
    "child": {"own_wish": "yes", "trained_worker": True},
    "case_type": "tracing_request",
    "intake_channel": "office",
    "sensitivity": "normal",
    "start": True,
    "sought": [
        {
            "person": PERSON,
            "relationship": "sister",
            "basis": [CONSENT, CONSENT | {"purpose": "match_within_society"}],
            "sensitivity": "normal",
            "priority": "high",
            "separation": SEPARATION,
        }
    ],
}
SIGHTING: Json = {
    "kind": "sighting",
    "person": PERSON,
    "basis": "met_in_person",
    "sighting_place": "Kampala",
    "sighting_time": "2022-03",
    "reporter": {
        "place": "Nairobi",
        "capacity": "fellow_traveller",
        "contacts": [CONTACT],
        "consent_scope": ["be_called_back"],
    },
    "subject_knows": "yes",
    "condition": "well",
    "narrative": "she sold\ncloth",
    "list_ref": "list-9",
    "evidence": [{"kind": "photo", "ref": "shelf-3", "note": "at the market"}],
    "never_disclose_to": ["Bashir Xasan"],
    "sensitivity": "normal",
    "consents": [CONSENT, CONSENT | {"purpose": "match_within_society"}],
}
MATCH: Json = {
    "queries": {
        "q1": {
            "person": PERSON,
            "seen_place": "Kampala",
            "seen_date": "2022",
            "kinds": ["sought"],
            "limit": 5,
            "min_probability": 0.1,
            "exclude": [NOBODY],
        }
    }
}
DECISIONS: Json = {"decisions": [CONSENT]}
SCREEN: Json = {
    "answers": {
        flag: {"answer": "no", "note": "asked twice"}
        for flag in (
            "trafficking",
            "family_violence",
            "protected_location",
            "exploitation_by_relatives",
            "forced_marriage_or_honour",
            "minor_involved",
            "enquirer_on_never_disclose_list",
            "community_pressure",
            "state_actor",
        )
    },
    "override": False,
}
GLASS: Json = {"reason": "danger_to_life", "note": "not at the shelter"}
INTERVIEW: Json = {
    "side": "found",
    "apart": True,
    "held_at": "2026-01-01T00:00:00Z",
    "language": "so",
    "interpreter": "int-7",
    "facts": [
        {
            "topic": "childhood_home",
            "statement": "a blue gate\nand a well",
            "supplied_by_interviewer": False,
            "agrees": "yes",
        }
    ],
}
RESULT: Json = {
    "identity": "established",
    "relationship": "open",
    "note": "she hesitated",
    "minors": {"own_wish": "yes", "guardian": "caregiver", "trained_worker": True},
}
ASKING: Json = {
    "event": "grant",
    "named_as": "full_name",
    "until": "2036-01-01T00:00:00Z",
    "level": "agree_to_meeting",
    "given_by": "subject",
    "obtained": "verbal",
    "valid_until": "2036-01-01T00:00:00Z",
    "words_to_pass": "I am well.\nGreet mother.",
    "contact_to_share": "+252 61 555 0101",
    "location_to_share": "Kampala",
    "meeting": "at the society's office\nwith the caseworker",
}
FATE: Json = {
    "finding": "deceased",
    "source": "hospital_or_morgue",
    "account": "she died\nin the hospital",
    "evidence": [
        {
            "kind": "hospital_or_morgue",
            "ref": "register 4",
            "date": "2022-03",
            "place": "Kismayo",
            "statement": "as it\nsays",
            "heard_apart": False,
            "sighting_id": NOBODY,
        }
    ],
    "language": "en",
}
TELLING: Json = {
    "release_id": NOBODY,
    "channel": "visit",
    "told_at": "2026-01-01T00:00:00Z",
    "language": "so",
    "support_offered": True,
    "note": "he asked\nto be called",
}
SUBJECT_REQUEST: Json = {
    "record_id": NOBODY,
    "kind": "access",
    "received_at": "2026-01-01T00:00:00Z",
    "words": "what do you\nhold about me",
}
STEP: Json = {
    "event": "carry_out",
    "identity": {"method": "called_back", "claimant": "guardian"},
    "reason": "complex",
    "purposes": ["statistics"],
    "request_change": {"already_tried": "asked\nat the camp", "never_disclose_to": ["Bashir Xasan"]},
    "sought_change": {"priority": "high"},
    "sighting_change": {"narrative": "she sold\ncloth"},
}
PROLONGED: Json = {"until": "2036-01-01T00:00:00Z", "reason": "search_goes_on"}
DRAFTS = {
    "/tracing-requests": REQUEST,
    "/sightings": SIGHTING,
    "/match": MATCH,
    f"/suggestions/{NOBODY}/risk-screens": SCREEN,
    f"/records/{NOBODY}/broken-glass": GLASS,
    f"/verifications/{NOBODY}/interviews": INTERVIEW,
    f"/verifications/{NOBODY}/result": RESULT,
    f"/verifications/{NOBODY}/approval": {"approve": True},
    f"/disclosure-cases/{NOBODY}/events": ASKING,
    f"/disclosure-cases/{NOBODY}/releases": {"level": "say_alive_only"},
    f"/disclosure-cases/{NOBODY}/outreach/approval": {"approve": True},
    f"/releases/{NOBODY}/approval": {"approve": True},
    f"/sought-persons/{NOBODY}/fate-reports": FATE,
    f"/sought-persons/{NOBODY}/tellings": TELLING,
    "/data-subject/requests": SUBJECT_REQUEST,
    f"/data-subject/requests/{NOBODY}/events": STEP,
    f"/data-subject/records/{NOBODY}/retention": PROLONGED,
}
"""By path; a body is judged before anybody is looked up."""


def leaves(node: Any, at: Path = ()) -> Iterator[tuple[Path, Any]]:
    """Yield the place and the value of everything in `node` that is neither an object nor a list."""
    inside = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    if not isinstance(node, dict | list):
        yield at, node
    for key, value in inside:
        yield from leaves(value, (*at, key))


def objects(node: Any, at: Path = ()) -> Iterator[Path]:
    """Yield the place of every object in `node`."""
    if isinstance(node, dict):
        yield at
    inside = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for key, value in inside:
        yield from objects(value, (*at, key))


def put(draft: Json, at: Path, value: Any) -> Json:
    """Return a copy of `draft` with `value` at a place."""
    made: Json = json.loads(json.dumps(draft))  # a copy in which nothing stands at two places
    node: Any = made
    for key in at[:-1]:
        node = node[key]
    node[at[-1]] = value
    return made


def pointer(at: Path) -> str:
    return "".join(f"/{part}" for part in at)
