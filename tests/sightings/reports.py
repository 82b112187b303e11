"""Fictional reports for tests of sightings."""

from typing import Any

from tests.support import Json, granted, person

WOMAN = {"sex": "female", "birth": "1990", "father": ["Yusuf Warsame"], "last_place": "Kismayo"}


def report(**fields: Any) -> Json:
    """Return a report that no triage rule objects to: somebody met the woman in Kampala and told it in Nairobi."""
    return {
        "person": person("Amina Yusuf Warsame", **WOMAN),
        "basis": "met_in_person",
        "sighting_place": "Kampala",
        "sighting_time": "2021-05",
        "reporter": {
            "place": "Nairobi",
            "capacity": "fellow_traveller",
            "contacts": [{"kind": "phone", "value": "+254 700 555 0102", "safe": "yes"}],
            "consent_scope": ["be_called_back"],
        },
        "subject_knows": "yes",
        "condition": "well",
        "consents": granted(),
    } | fields


def registration(**fields: Any) -> Json:
    """Return a woman who registers herself and says nothing of where she is."""
    return {
        "kind": "self_registration",
        "person": person("Amina Yusuf Warsame", **WOMAN),
        "basis": "self",
        "message_code": "i_am_safe_and_well",
        "visible_to": "named_relatives",
        "consents": granted(),
    } | fields
