"""What a data subject's officer does, on top of the review's desk."""

from typing import Any
from uuid import UUID

from httpx import Response
from sqlmodel import SQLModel

from tests.review.desk import Desk, raw
from tests.support import Json, made, post
from tests.trails import entries
from tracing.gate.ledger import Line
from tracing.kit import clock
from tracing.kit.ids import new_id

T = SQLModel.metadata.tables
IDENTITY = {"method": "identity_document", "claimant": "subject"}


class Officer(Desk):
    """A supervisor who answers data subjects; the second one is another human."""

    def ask(self, record_id: str, kind: str, **fields: Any) -> str:
        """Record a request and return its id."""
        body = {"record_id": record_id, "kind": kind} | fields
        return str(made(post(self.client, "/data-subject/requests", body, self.auth("supervisor")))["id"])

    def request(self, request_id: str) -> Json:
        return made(self.get(f"/data-subject/requests/{request_id}", "supervisor"), 200)

    def step(self, request_id: str, event: str, label: str = "supervisor", **fields: Any) -> Response:
        """Let something happen to a request as it is now; the answer is unchecked."""
        path = f"/data-subject/requests/{request_id}"
        tag = {"If-Match": self.get(path, "supervisor").headers.get("etag", '"none"')}
        return post(self.client, f"{path}/events", {"event": event} | fields, self.auth(label), **tag)

    def stepped(self, request_id: str, event: str, **fields: Any) -> Json:
        return made(self.step(request_id, event, **fields), 200)

    def identified(self, record_id: str, kind: str, **identity: str) -> str:
        """Record a request and identify whoever asks."""
        request_id = self.ask(record_id, kind)
        self.stepped(request_id, "identify", identity=IDENTITY | identity)
        return request_id

    def erase(self, record_id: str) -> Json:
        """Erase a record the whole way, by two humans."""
        request_id = self.identified(record_id, "erasure")
        self.stepped(request_id, "propose")
        return self.stepped(request_id, "carry_out", label="supervisor-2")

    def bundle(self, request_id: str, label: str = "supervisor") -> Response:
        return self.get(f"/data-subject/requests/{request_id}/bundle", label)

    def acts_on(self, record_id: str) -> list[str]:
        """Return what stands on the trail about a record, in order."""
        return [entry.act for entry in entries(self.gate, self.people) if str(entry.subject_id) == record_id]

    def row(self, table: str, row_id: str) -> dict[str, Any]:
        """Return a row as it stands, past every lock."""
        with raw(self.gate) as connection:
            found = connection.execute(T[table].select().where(T[table].c.id == UUID(row_id))).one()
        return dict(found._mapping)

    def plant(self, table: str, **values: Any) -> UUID:
        """Write a row of another room, past every lock, and return its id."""
        row_id = new_id()
        with raw(self.gate) as connection:
            connection.execute(T[table].insert().values({"society": "KE", "id": row_id} | values))
        return row_id

    def lines(self) -> list[Line]:
        """Return the erasure ledger."""
        return self.gate.keys.lines()

    @property
    def now(self) -> Any:
        return clock.now()
