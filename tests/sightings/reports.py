"""Fictional reports for tests of sightings."""

from typing import Any
from uuid import UUID

from fastapi.testclient import TestClient
from httpx import Response

from tests.support import Json, People, granted, made, person, post
from tracing.gate import consents, register
from tracing.gate.admit import admitted
from tracing.gate.consents import ConsentFact
from tracing.gate.opening import Gate
from tracing.gate.permissions import Permission
from tracing.gate.purposes import Decision, LawfulBasis, Purpose
from tracing.gate.tables import Record
from tracing.sightings import service

PATH = "/v1/sightings"
NO_PLACE: dict[str, Any] = {"sighting_place": None}

WOMAN = {"sex": "female", "birth": "1990", "father": ["Yusuf Warsame"], "last_place": "Kismayo"}


def report(**fields: Any) -> Json:
    """Return a report that no rule objects to: she was met in Kampala, and that was told in Nairobi."""
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


def opened(client: TestClient, people: People, label: str = "caseworker", **fields: Any) -> Json:
    return made(post(client, "/sightings", report(**fields), people.auth(label)))


def etag(client: TestClient, people: People, sighting_id: str, label: str = "caseworker") -> str:
    return str(client.get(f"{PATH}/{sighting_id}", headers=people.auth(label)).headers["ETag"])


def step(client: TestClient, people: People, sighting_id: str, body: Json, label: str = "caseworker") -> Response:
    headers = people.auth(label) | {"If-Match": etag(client, people, sighting_id, label)}
    answer: Response = client.post(f"{PATH}/{sighting_id}/triage", json=body, headers=headers)
    return answer


def change(client: TestClient, people: People, sighting_id: str, body: Json, label: str = "caseworker") -> Response:
    headers = people.auth(label) | {"If-Match": etag(client, people, sighting_id, label)}
    answer: Response = client.patch(f"{PATH}/{sighting_id}", json=body, headers=headers)
    return answer


def record(gate: Gate, people: People, sighting_id: str) -> Record:
    with admitted(gate, people.token("caseworker"), Permission.SIGHTINGS_READ) as access:
        view = service.show_sighting(access, UUID(sighting_id))
        return register.records(access, [view.id])[view.id]


def withdraw(gate: Gate, people: People, sighting_id: str, purpose: Purpose = Purpose.REGISTER) -> None:
    with admitted(gate, people.token("caseworker"), Permission.CONSENTS_WRITE) as access:
        fact = ConsentFact(purpose, Decision.WITHDRAWN, LawfulBasis.CONSENT)
        consents.decide(access, UUID(sighting_id), [fact])
        access.note("consents.withdraw", UUID(sighting_id))


def same(left: Json, right: Json) -> bool:
    drop = {"request_id"}
    return {k: v for k, v in left.items() if k not in drop} == {k: v for k, v in right.items() if k not in drop}
