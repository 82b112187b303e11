"""What a data subject's officer does, on top of the review's desk."""

import json
from typing import Any
from uuid import UUID

from httpx import Response
from sqlmodel import SQLModel

from tests.review.desk import Desk, raw
from tests.support import Json, made, post
from tests.trails import entries
from tracing.gate.ledger import Line
from tracing.gate.vault import Place, seal, unseal
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

    def sealed(self, table: str, whose: str, plain: bytes, **values: Any) -> UUID:
        """Write a row of another room whose details are sealed with a record's key, and return its id."""
        row_id, key_id = new_id(), self.row("record", whose)["key_id"]
        details = seal(self.gate.keys.cipher(key_id), plain, Place(table, "details", "KE", row_id))
        with raw(self.gate) as connection:
            row = {"society": "KE", "id": row_id, "key_id": key_id, "details": details} | values
            connection.execute(T[table].insert().values(row))
        return row_id

    def opened(self, table: str, row_id: str | UUID) -> bytes:
        """Return the details of a row, opened."""
        row = self.row(table, str(row_id))
        return unseal(self.gate.keys.cipher(row["key_id"]), row["details"], Place(table, "details", "KE", row["id"]))

    def told(self, sought: str, found: str) -> UUID:
        """Let the enquirer of a search have been told how to reach a found person; return the release."""
        pair = {"sought_id": UUID(sought), "found_id": UUID(found)}
        times = {"created_at": self.now, "updated_at": self.now, "version": 1}
        suggestion = next(UUID(s["id"]) for s in self.queue() if (s["left_id"], s["right_id"]) == (sought, found))
        who = {"opened_by": new_id(), "worker_id": new_id()}
        verified = self.sealed(
            "verification", found, b"{}", suggestion_id=suggestion, state="passed", **pair, **times, **who
        )
        case = self.sealed("disclosure_case", found, b"{}", verification_id=verified, state="granted", **pair, **times)
        return self.sealed(
            "disclosure_release",
            found,
            b"{}",
            case_id=case,
            level="share_contact",
            state="told",
            told_at=self.now,
            **pair,
            **times,
        )

    def telling(self, sought: str, plain: bytes, **values: Any) -> UUID:
        """Let an enquirer have been told something."""
        known = {"channel": "visit", "told_at": self.now, "language": "so", "support_offered": True}
        who = {"recorded_at": self.now, "recorded_by": new_id(), "worker_id": new_id()}
        return self.sealed("telling", sought, plain, sought_id=UUID(sought), **known, **who, **values)

    def fate(self, sought: str, finding: str, *sightings: str) -> UUID:
        """Let a fate have been reported; the sightings are its evidence, beside a list."""
        said = {"kind": "event_list", "ref": "list 4", "statement": "Seen at the well.", "place": "the well"}
        seen = [{"kind": "sighting", "ref": "the well", "sighting_id": one} for one in sightings]
        details = {"account": "She lives by the well.", "evidence": [said, *seen], "language": "en"}
        return self.sealed(
            "fate_report",
            sought,
            json.dumps(details).encode(),
            sought_id=UUID(sought),
            finding=finding,
            source="event_list",
            state="established",
            reported_by=new_id(),
            worker_id=new_id(),
            version=1,
            created_at=self.now,
            updated_at=self.now,
        )

    def message(self, sought: str, found: str, direction: str, words: str, state: str = "delivered") -> UUID:
        """Let a message have been carried."""
        times = {"created_at": self.now, "updated_at": self.now, "settled_at": self.now, "version": 1}
        return self.sealed(
            "family_message",
            found,
            json.dumps({"text": words, "language": "so"}).encode(),
            sought_id=UUID(sought),
            found_id=UUID(found),
            direction=direction,
            state=state,
            entered_by=new_id(),
            worker_id=new_id(),
            **times,
        )

    def answered(self, found: str, sought: str, level: str = "share_contact") -> UUID:
        """Let a found person have allowed something."""
        return self.plant(
            "disclosure_answer",
            found_id=UUID(found),
            sought_id=UUID(sought),
            answer="granted",
            level=level,
            given_by="subject",
            obtained="verbal",
            decided_at=self.now,
            recorded_at=self.now,
            recorded_by=new_id(),
            worker_id=new_id(),
        )

    def lines(self) -> list[Line]:
        """Return the erasure ledger."""
        return self.gate.keys.lines()

    @property
    def now(self) -> Any:
        return clock.now()
