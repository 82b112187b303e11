"""The pair with blind pre-checks agreed on and switched on, and a partner who plays by no rules."""

import base64
import hashlib
from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID, uuid4

from httpx import Response
from sqlalchemy import Row
from sqlmodel import SQLModel

from tests.exchange.pair import KINDS, ORIGIN, Pair
from tests.review.desk import raw
from tests.support import Json, granted, made, sought_draft
from tracing.gate.access import Access
from tracing.gate.admit import admitted
from tracing.gate.partnering import own_keys, partners
from tracing.gate.partnering.partner_tables import Channel
from tracing.gate.partnering.partners import Terms
from tracing.gate.permissions import Permission
from tracing.kit import psi
from tracing.kit.signatures import sign
from tracing.precheck import jobs
from tracing.precheck.jobs import Report
from tracing.precheck.schemas import PreCheckDraft
from tracing.precheck.traits import SCHEME

AGREED = ("register", "match_within_society", "match_in_network")
URL = f"{ORIGIN}/v1/exchange/UG/pre-checks"


@dataclass
class Pilot:
    """KE asks, UG answers."""

    pair: Pair

    @property
    def settings(self) -> Any:
        return self.pair.desk.gate.settings

    def switch(self, **changes: Any) -> None:
        """Change settings of both societies; the service takes them at once."""
        gate = replace(self.pair.desk.gate, settings=self.settings.model_copy(update={"pre_check": True, **changes}))
        self.pair.desk = replace(self.pair.desk, gate=gate)
        self.pair.desk.client.app.state.gate = gate  # type: ignore[attr-defined]  # the service over the test's gate

    def agree(self, kinds: Sequence[str] = (*KINDS, "pre_check")) -> None:
        """Let both agree on kinds of messages."""
        for society, other in (("KE", "UG"), ("UG", "KE")):
            with self.entered(society) as access:
                terms = Terms(ORIGIN, tuple(Channel), tuple(kinds), 500, 200)
                partners.change(access, partners.find(access, other), terms)

    def entered(self, society: str) -> AbstractContextManager[Access]:
        return admitted(
            self.pair.desk.gate, self.pair.desk.people.token("operator", society), Permission.PARTNERS_WRITE
        )

    def ask(self) -> Report:
        turn = self.pair.turn("KE")
        return jobs.ask(turn, self.pair.loop, "UG", self.settings)  # type: ignore[arg-type]  # a loop, no network

    def seek(self, name: str, society: str = "KE", purposes: Sequence[str] = AGREED, **fields: Any) -> str:
        """Register a sought person of a society and return the id."""
        basis = granted(*purposes, lawful_basis="public_interest")
        desk = self.pair.desk
        body = drafted(sought_draft(name, basis=basis, **fields))
        answer = desk.client.post("/v1/tracing-requests", json=body, headers=desk.auth("caseworker", society))
        return str(made(answer)["sought"][0]["id"])

    def hits(self, sought: str, label: str = "caseworker") -> list[Json]:
        found: list[Json] = made(self.pair.desk.get(f"/sought-persons/{sought}/pre-checks", label), 200)["items"]
        return found

    def draft(self, blinded: psi.Blinded | None = None, session: UUID | None = None, **changes: Any) -> Json:
        """Return a pre-check as an honest partner would send it, with changes."""
        session = session or uuid4()
        blinded = blinded or STALE
        fields = {
            "id": session,
            "sender": "KE",
            "recipient": "UG",
            "scheme": SCHEME,
            "elements": len(blinded.elements),
            "commitment": blinded.commitment,
            "request": base64.b64encode(blinded.request).decode(),
        }
        return PreCheckDraft(**fields).model_dump(mode="json") | changes

    def send(self, body: bytes, headers: dict[str, str] | None = None) -> Response:
        """Send a body signed with KE's key, or with given headers."""
        if headers is None:
            with self.entered("KE") as access:
                key_id, key = own_keys.signing(access)
                access.note("tests.sign")
            headers = sign(key, key_id, "POST", URL, body)
        headers = {"content-type": "application/json", **headers}
        answer: Response = self.pair.desk.client.post(urlsplit(URL).path, content=body, headers=headers)
        return answer

    def rows(self, society: str, table: str = "pre_check") -> list[Row[Any]]:
        """Return the rows of a table as they stand."""
        known = SQLModel.metadata.tables[table]
        with raw(self.pair.desk.gate, society) as connection:
            return list(connection.execute(known.select().where(known.c.society == society)).all())

    def acts(self, society: str) -> list[str]:
        """Return what stands on a society's trail of pre-checks, in order."""
        rows = sorted(self.rows(society, "trail_entry"), key=lambda row: row.seq)
        return [row.act for row in rows if row.act.startswith("pre_check")]


def drafted(sought: Json) -> Json:
    """Return a request for one sought person by an enquirer who agreed to no network."""
    return {
        "enquirer": {
            "person": {"names": [{"full": "Abdi Yusuf Warsame"}], "sex": "male", "birth": "1988"},
            "contacts": [{"kind": "phone", "value": "+252 61 555 0101", "safe": "yes"}],
            "consents": granted(),
        },
        "information_notice_version": "2026-1",
        "start": True,
        "sought": [sought],
    }


STALE = psi.Blinded(b"", hashlib.sha256(b"").hexdigest(), b"", ("",) * 1000)
"""A set that is none: for what is refused before it is read."""


def tokens(pilot: Pilot, society: str, partner: str, kinds: Sequence[Any]) -> dict[UUID, Any]:
    """Return who would take part in a set, with tokens."""
    return dict(jobs.everybody(pilot.pair.turn(society), partner, kinds))
