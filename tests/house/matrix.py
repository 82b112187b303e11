"""Who may do what to whose: every role by every route by whose the record is, and what must come back.

Nothing that a cell sends lasts: a test that walks the matrix turns commits into rollbacks. Bodies are valid and
If-Match is wrong, so that what answers is the check of the caller and of the record, not of the body.
"""

import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from httpx import Response
from pydantic import SecretStr
from sqlmodel import Session

from tests.badinput import drafts
from tests.house.doors import ID, OPEN, SIGNED, Door
from tests.support import Json
from tracing.gate.permissions import GRANTS, Permission, Role
from tracing.kit.settings import Settings

STALE = {"If-Match": '"none"'}
NEWS = {"text": "I am well and think of you all.", "language": "en"}
APPROVED = {"approve": True}
KEY = {
    "use": "signing",
    "public": "3b6a27bcceb6a42d62a3a8d02a6f0d73653215771de243a63ac048a18b59da29",
    "fingerprint": "0" * 32,
    "not_after": "2036-01-01T00:00:00Z",
}
BODIES: dict[str, Json] = {
    "POST /v1/tracing-requests": drafts.REQUEST | {"start": False},  # a caseworker starts it
    "PATCH /v1/tracing-requests/{request_id}": {"preferred_channel": "phone"},
    "POST /v1/tracing-requests/{request_id}/assignee": {"account_id": drafts.NOBODY},
    "PATCH /v1/sought-persons/{sought_id}": {"priority": "high"},
    "POST /v1/sought-persons/{sought_id}/events": {"event": "suspend"},
    "POST /v1/sightings": drafts.SIGHTING,
    "PATCH /v1/sightings/{sighting_id}": {"list_ref": "list-9"},
    "POST /v1/sightings/{sighting_id}/triage": {"event": "take_up"},
    "POST /v1/imports": {},
    "POST /v1/imports/pfif": {},
    "POST /v1/suggestions/{suggestion_id}/decisions": {"verdict": "cannot_tell", "reason": "insufficient_data"},
    "POST /v1/match": drafts.MATCH,
    "POST /v1/match-runs": {},
    "POST /v1/jobs/{run_id}/stop": {},
    "POST /v1/suggestions/{suggestion_id}/risk-screens": drafts.SCREEN,
    "POST /v1/records/{record_id}/broken-glass": drafts.GLASS,
    "POST /v1/suggestions/{suggestion_id}/verifications": {},
    "POST /v1/verifications/{verification_id}/interviews": drafts.INTERVIEW,
    "POST /v1/verifications/{verification_id}/result": drafts.RESULT,
    "POST /v1/verifications/{verification_id}/approval": APPROVED,
    "POST /v1/verifications/{verification_id}/disclosure-cases": {},
    "POST /v1/disclosure-cases/{case_id}/events": {"event": "inform", "named_as": "nobody"},
    "POST /v1/disclosure-cases/{case_id}/outreach": {},
    "POST /v1/disclosure-cases/{case_id}/outreach/approval": APPROVED,
    "POST /v1/disclosure-cases/{case_id}/own-request": drafts.REQUEST,
    "POST /v1/disclosure-cases/{case_id}/releases": {"level": "say_alive_only"},
    "POST /v1/releases/{release_id}/approval": APPROVED,
    "POST /v1/releases/{release_id}/telling": {},
    "POST /v1/sought-persons/{sought_id}/fate-reports": {
        "finding": "probably_deceased",
        "source": "event_list",
        "account": "last seen at the harbour",
        "evidence": [{"kind": "event_list", "ref": "list-9"}],
        "language": "en",
    },
    "POST /v1/fate-reports/{report_id}/events": {"event": "refute"},
    "POST /v1/sought-persons/{sought_id}/tellings": {
        "channel": "visit",
        "told_at": "2026-01-01T00:00:00Z",
        "language": "so",
        "support_offered": True,
    },
    "POST /v1/sought-persons/{sought_id}/conclusion": {"reason": "found_not_disclosed"},
    "POST /v1/tracing-requests/{request_id}/case-codes": {},
    "POST /v1/case-codes/{case_code_id}/revoke": {},
    "POST /v1/records/{record_id}/contact-attempts": {
        "channel": "visit",
        "purpose": "case_update",
        "result": "no_answer",
    },
    "POST /v1/sought-persons/{sought_id}/messages": NEWS | {"direction": "to_enquirer"},
    "PATCH /v1/messages/{message_id}": NEWS,
    "POST /v1/messages/{message_id}/events": {"event": "read"},
    "POST /v1/exchange/{society}/inbox": {},
    "POST /v1/exchange/{society}/pre-checks": {},
    "POST /v1/exchange/{society}/token": {},
    "POST /v1/sought-persons/{sought_id}/exchange": {"partner": "TZ", "kind": "share_for_information"},
    "POST /v1/exchange/cases/{exchange_case_id}/approval": APPROVED,
    "POST /v1/exchange/cases/{exchange_case_id}/events": {"event": "revoke", "revocation": "sent_in_error"},
    "POST /v1/exchange/cases/{exchange_case_id}/messages": {"kind": "ask_question", "text": "Which school?"},
    "POST /v1/exchange/outbox/{exchange_message_id}/again": {},
    "POST /v1/partners": {"code": "RW", "team": "nairobi", "origin": "https://rw.example"},
    "PUT /v1/partners/{partner_id}/terms": {"origin": "https://tz.example"},
    "POST /v1/partners/{partner_id}/revocation": {},
    "POST /v1/partners/{partner_id}/keys": KEY,
    "POST /v1/partners/{partner_id}/keys/{key_id}/revocation": {},
    "POST /v1/tasks/{task_id}/settle": {"state": "done"},
    "POST /v1/records/{record_id}/consents": drafts.DECISIONS,
    "POST /v1/records/{record_id}/consents/withdrawal": {"purposes": ["statistics"]},
    "POST /v1/data-subject/records/{record_id}/consents": drafts.DECISIONS,
    "POST /v1/data-subject/requests": {"record_id": drafts.NOBODY, "kind": "access"},
    "POST /v1/data-subject/requests/{request_id}/events": {"event": "withdraw"},
    "POST /v1/data-subject/tasks/{task_id}/settle": {"state": "done"},
    "POST /v1/data-subject/records/{record_id}/retention": {
        "until": "2036-01-01T00:00:00Z",
        "reason": "search_goes_on",
    },
    "POST /v1/accounts": {"label": "night-desk", "role": "intake", "team": "nairobi"},
    "POST /v1/accounts/{account_id}/disable": {},
    "POST /v1/tokens/{token_id}/revoke": {},
    "POST /v1/webhooks": {"url": "https://hooks.example.org/tracing", "events": ["night.finished"]},
    "PATCH /v1/webhooks/{webhook_id}": {"events": ["night.finished"]},
    "POST /v1/webhooks/{webhook_id}/disable": {},
    "POST /v1/webhooks/{webhook_id}/enable": {},
    "POST /v1/webhooks/{webhook_id}/secrets": {},
    "POST /v1/webhooks/{webhook_id}/secrets/retirement": {},
    "POST /v1/webhooks/{webhook_id}/test": {},
    "POST /v1/webhooks/{webhook_id}/replay": {"since": "2026-01-01T00:00:00Z"},
}
"""A body of good faith for every route that changes something; a route without one fails the build."""
QUERIES = {"GET /v1/records/{record_id}/contact-plan": {"purpose": "case_update"}}
TWICE = frozenset(
    {
        "POST /v1/fate-reports/{report_id}/events",
        "POST /v1/sought-persons/{sought_id}/events",
        "POST /v1/sightings/{sighting_id}/triage",
        "GET /v1/trail",
    }
)
"""Routes whose permission is asked for at the door and once more by what stands behind it."""


class Whose(StrEnum):
    """Whose the record is, for a caller of the society KE."""

    OWN = "own"  # of the caller's team
    OWN_SOCIETY = "own_society"  # of another team of the caller's society
    OTHER_SOCIETY = "other_society"
    WITHDRAWN = "withdrawn"
    ERASED = "erased"
    ABSENT = "absent"


SEEN = frozenset({Whose.OWN, Whose.OWN_SOCIETY})
RIGHTS = "/v1/data-subject/"
"""Routes of the person's own rights see what is withdrawn, until it is erased."""
STATUS = "/v1/case-status/"
"""An enquirer sees the status of the case whose code they hold, and nothing else."""
TASKS = "/v1/tasks/"
"""A task is its team's; whoever hands out cases sees every team's."""
NOBODY = "nobody"
HOLDER = "holder"
"""Who holds the case code of the own case."""
ROLES = (*map(str, Role), HOLDER, NOBODY)


@dataclass(frozen=True)
class Cell:
    """One caller at one route with one record."""

    role: str
    door: Door
    whose: Whose

    def __str__(self) -> str:
        return f"{self.role} {self.door.method} {self.door.path} {self.whose}"


def cells(doors: Sequence[Door], roles: Sequence[str]) -> Iterator[Cell]:
    """Yield every cell; a route without a record in its path has one for each role."""
    for door in doors:
        if door.path in OPEN or door.method == "HEAD":
            continue
        for role in roles:
            for whose in Whose if "{" in door.path else (Whose.OWN,):
                yield Cell(role, door, whose)


def wanted(cell: Cell) -> str:
    """Return what must come back: `unidentified`, `refused`, `absent` or `let in`."""
    if cell.role == NOBODY or cell.door.path in SIGNED:
        return "unidentified"
    held = GRANTS[Role.ENQUIRER if cell.role == HOLDER else Role(cell.role)]
    if any(asked not in held for asked in cell.door.asks):
        return "refused"
    return "let in" if "{" not in cell.door.path or cell.whose in _seen(cell, held) else "absent"


def _seen(cell: Cell, held: frozenset[Permission]) -> frozenset[Whose]:
    """Return whose records this caller sees at this route."""
    if cell.door.path.startswith(STATUS):
        return frozenset({Whose.OWN} if cell.role == HOLDER else ())
    if cell.door.path.startswith(TASKS) and Permission.REQUESTS_ASSIGN not in held:
        return frozenset({Whose.OWN})
    if cell.door.path.startswith(RIGHTS):
        return SEEN | {Whose.WITHDRAWN}
    return SEEN


def came(answer: Response) -> str:
    """Return what came back, in the words of `wanted`."""
    if answer.status_code >= 500:
        return f"broke with {answer.status_code}"
    return {401: "unidentified", 403: "refused", 404: "absent"}.get(answer.status_code, "let in")


@dataclass(frozen=True)
class World:
    """A case base with a family for each ownership, and the callers."""

    client: TestClient
    ids: Mapping[Whose, Mapping[str, str]]
    auth: Mapping[str, Mapping[str, str]]
    scoped: Callable[[str, Iterable[Permission]], Mapping[str, str]]
    """Returns what somebody of a role calls with whose token has these permissions only."""

    def send(self, cell: Cell, **besides: Any) -> Response:
        """Send what a caller of good faith would send, but for the If-Match and the fields `besides`."""
        route, ids = f"{cell.door.method} {cell.door.path}", dict(self.ids[cell.whose])
        body = BODIES.get(route)
        more: dict[str, Any] = {} if body is None else {"json": body | besides}
        if body is not None and "record_id" in body:
            more = {"json": body | besides | {"record_id": ids["record_id"]}}
        more["params"] = QUERIES.get(route)
        if cell.door.path.startswith(RIGHTS):
            ids["request_id"] = ids.get("subject_request_id", ID)
            ids["task_id"] = ids.get("subject_task_id", ID)
        headers = {**STALE, **self.auth[cell.role]}
        answer: Response = self.client.request(cell.door.method, cell.door.url(**ids), headers=headers, **more)
        return answer

    def deviations(self, cells: Iterable[Cell]) -> list[str]:
        """Return each cell in which something else came back than must, with what did."""
        found = []
        with nothing_lasts():
            for cell in cells:
                answer = self.send(cell)
                if came(answer) != wanted(cell):
                    found.append(f"{cell}: {wanted(cell)}, came {answer.status_code} {answer.text[:120]}")
        return found


def without_bodies(doors: Sequence[Door]) -> list[str]:
    """Return the routes that change something and have no body to be sent: they are missing from the matrix."""
    changing = [f"{door.method} {door.path}" for door in doors if door.method in ("POST", "PATCH", "PUT")]
    return sorted(set(changing) - set(BODIES))


@contextmanager
def nothing_lasts() -> Iterator[None]:
    """Turn every commit of a session into a rollback."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Session, "commit", Session.rollback)
        yield


@contextmanager
def opened(
    database: str, folder: Path, stage: Callable[[str, bool], Any], server: Callable[[], Any]
) -> Iterator[tuple[Settings, object]]:
    """Yield settings of a case base of one's own with its people."""
    known = stage(database, True)
    shutil.copytree(known.folder, folder)
    if database == "sqlite":
        yield Settings(data_dir=folder), known.people
        return
    url = server().fresh(template="hired True")
    yield Settings(data_dir=folder, database_url=SecretStr(url)), known.people
    server().drop(url)
