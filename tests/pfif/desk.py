"""What an import of PFIF is tried with: files sent by an intake worker, records as a caseworker finds them."""

from typing import Any
from uuid import UUID

from fastapi.testclient import TestClient

from tests.pfif.files import pfif
from tests.support import Json, People, made
from tracing.gate import register
from tracing.gate.admit import admitted
from tracing.gate.opening import Gate
from tracing.gate.permissions import Permission
from tracing.gate.tables import Record

NAME = "Amina Yusuf Warsame"
LATER = "2026-05-01T00:00:00Z"


class Lists:
    """Imports files as an intake worker, and looks at what came of it as a caseworker."""

    def __init__(self, client: TestClient, people: People, gate: Gate) -> None:
        self.client, self.people, self.gate = client, people, gate

    def send(self, content: bytes, media: str = "application/xml", **params: Any) -> Any:
        """Return the answer to a file, unchecked."""
        headers = self.people.auth("intake") | {"Content-Type": media}
        return self.client.post("/v1/imports/pfif", content=content, headers=headers, params=params)

    def take(self, *records: str, **params: Any) -> Json:
        """Return the report of a file that is taken."""
        return made(self.send(pfif(*records), **params), 200)

    def sightings(self) -> list[Json]:
        items: list[Json] = made(self.client.get("/v1/sightings", headers=self.people.auth()), 200)["items"]
        return items

    def searches(self) -> list[Json]:
        items = made(self.client.get("/v1/tracing-requests", headers=self.people.auth()), 200)["items"]
        return [sought for request in items for sought in request["sought"]]

    def copy(self, record_id: str, status: int = 200) -> Json:
        return made(self.client.get(f"/v1/records/{record_id}/pfif-copy", headers=self.people.auth()), status)

    def records(self) -> list[Record]:
        ids = [UUID(seen["id"]) for seen in (*self.sightings(), *self.searches())]
        with admitted(self.gate, self.people.token("caseworker"), Permission.SIGHTINGS_READ) as access:
            access.note("sightings.list")
            return list(register.records(access, ids).values())
