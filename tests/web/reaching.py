"""Calls of good faith to every operation: families that stand at each point of the way, and what is sent to them."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from httpx import Response

from tests.badinput import drafts
from tests.house.doors import SIGNED, Door
from tests.house.matrix import BODIES, KEY, QUERIES, RIGHTS, STATUS, nothing_lasts
from tests.house.test_matrix import complete, of_path
from tests.intake.lists import csv_of, sighting_row
from tests.pfif.files import person, pfif
from tests.review.desk import Desk
from tests.sightings.reports import registration
from tests.stories.family import Family
from tests.support import Json, granted, request_draft, sought_draft
from tracing.gate.partnering.partner_tables import KeyUse
from tracing.gate.partnering.partners import fingerprint
from tracing.gate.permissions import GRANTS, Role

LABELS = {
    "caseworker": Role.CASEWORKER,
    "supervisor": Role.SUPERVISOR,
    "away": Role.CASEWORKER,
    "caseworker-2": Role.CASEWORKER,
    "supervisor-2": Role.SUPERVISOR,
    "administrator": Role.ADMINISTRATOR,
    "auditor": Role.AUDITOR,
}
"""Who tries, in this order, if their role may: one of them is not the one who proposed."""
FILES: Mapping[str, tuple[str, bytes, Json]] = {
    "/v1/imports": ("text/csv", csv_of([sighting_row()]), {"kind": "sightings", "source": "centre-4"}),
    "/v1/imports/pfif": ("application/xml", pfif(person()), {"source": "lists.example.org"}),
}
KINDS = {"GET /v1/imports/template": {"kind": "sightings"}}
MORE: Mapping[str, tuple[Json, ...]] = {
    "POST /v1/sightings/{sighting_id}/triage": ({"event": "withdraw"},),
    "POST /v1/tracing-requests/{request_id}/assignee": ({"account_id": ""},),
    "POST /v1/sought-persons/{sought_id}/exchange": ({"partner": "TZ", "kind": "request_search"},),
    "POST /v1/partners/{partner_id}/keys": (KEY | {"fingerprint": fingerprint(KeyUse.SIGNING, KEY["public"])},),
    "POST /v1/suggestions/{suggestion_id}/decisions": ({"verdict": "undo", "reason": "decided_wrongly"},),
    "POST /v1/verifications/{verification_id}/interviews": (drafts.INTERVIEW | {"side": "enquirer"},),
    "POST /v1/verifications/{verification_id}/result": ({"identity": "refuted", "relationship": "open"},),
    "POST /v1/disclosure-cases/{case_id}/events": ({"event": "defer", "until": "2036-01-01T00:00:00Z"},),
    "POST /v1/messages/{message_id}/events": ({"event": "stop"},),
    "POST /v1/data-subject/requests/{request_id}/events": ({"event": "extend", "reason": "complex"},),
    "POST /v1/exchange/cases/{exchange_case_id}/approval": ({"approve": False},),
    "POST /v1/sought-persons/{sought_id}/conclusion": ({"reason": "fate_partially_clarified"},),
}
"""What is sent where the body of the matrix does not fit the state of any family."""


def risky(desk: Desk) -> Family:
    """Return a family with a protected found person, of which the result is proposed."""
    family = Family(desk).matched(request_draft(), registration(sensitivity="protected")).screened()
    family.ids["verification"] = family.post(f"/suggestions/{family.suggestion}/verifications", {})["id"]
    family.interviewed()
    at = f"/verifications/{family.verification}"
    family.step(at, f"{at}/result", {"identity": "established", "relationship": "established"})
    why = {"reason": "approval", "note": "I am asked to approve it."}
    family.post(f"/records/{family.ids['found']}/broken-glass", why, label="away")
    return family


def approved(desk: Desk) -> Family:
    """Return one whose result is approved, and who is to be asked."""
    family = risky(desk)
    at = f"/verifications/{family.verification}"
    family.approved(at, f"{at}/approval", "away")
    family.ids["case"] = family.post(f"{at}/disclosure-cases", {})["id"]
    return family


def outreach(desk: Desk) -> Family:
    """Return one of which reaching out is proposed."""
    family = approved(desk)
    at = f"/disclosure-cases/{family.case}"
    family.step(at, f"{at}/outreach", {})
    return family


def begun(desk: Desk) -> Family:
    """Return one whose verification is open."""
    family = Family(desk).matched(request_draft(), registration()).screened()
    family.ids["verification"] = family.post(f"/suggestions/{family.suggestion}/verifications", {})["id"]
    return family


def verified(desk: Desk) -> Family:
    """Return one whose verification passed, and whose sought person may be shared."""
    shared = sought_draft(basis=granted("register", "match_within_society", "share_with_society"))
    return Family(desk).matched(request_draft(shared), registration()).screened().verified()


def reaching(desk: Desk) -> Family:
    family = verified(desk)
    family.ids["case"] = family.post(f"/verifications/{family.verification}/disclosure-cases", {})["id"]
    return family.answered("reach_out")


def told(desk: Desk) -> Family:
    """Return one of which a release is approved."""
    family = verified(desk).asked().granted("say_alive_only")
    at = f"/disclosure-cases/{family.case}"
    family.ids["release"] = family.step(at, f"{at}/releases", {"level": "say_alive_only"}, status=201)["id"]
    at = f"/releases/{family.release}"
    family.step(at, f"{at}/approval", {"approve": True}, label="caseworker-2")
    return family


def declined(desk: Desk) -> Family:
    """Return one that was told no, a stopped webhook, and somebody who asks what is held about them."""
    family = verified(desk).asked().answered("decline")
    family.ids["webhook"] = _webhook(family, "disable")
    right = {"record_id": family.found, "kind": "access"}
    family.ids["right"] = family.post("/data-subject/requests", right, label="supervisor")["id"]
    at = f"/data-subject/requests/{family.ids['right']}"
    shown = {"method": "called_back", "claimant": "subject"}
    family.step(at, f"{at}/events", {"event": "identify", "identity": shown}, label="supervisor")
    return family


def to_share(desk: Desk) -> Family:
    """Return one whose case may go to a partner once it is approved, and a webhook with two secrets."""
    basis = granted("register", "match_within_society", "share_with_society")
    draft = request_draft(sought_draft(basis=basis, sensitivity="protected"))
    family = Family(desk).matched(draft, registration())
    sent = {"partner": "TZ", "kind": "request_search"}
    family.ids["exchange_case"] = family.post(f"/sought-persons/{family.sought}/exchange", sent)["id"]
    family.ids["webhook"] = _webhook(family, "secrets")
    return family


def _webhook(family: Family, step: str) -> str:
    hook = {"url": "https://hooks.example.org/tracing", "events": ["request.opened"]}
    made = family.post("/webhooks", hook, label="supervisor")["webhook"]["id"]
    at = f"/webhooks/{made}"
    answer = family.try_step(at, f"{at}/{step}", {}, label="supervisor")
    assert answer.is_success, answer.text
    return str(made)


STAGES: Sequence[Callable[[Desk], Family]] = (
    lambda desk: complete(Family(desk)),
    lambda desk: Family(desk).matched(request_draft(), registration()),
    risky,
    approved,
    outreach,
    reaching,
    told,
    begun,
    verified,
    declined,
    to_share,
)
PLACES = {"request_id": "request", "sought_id": "sought", "sighting_id": "found", "record_id": "found"} | {
    "suggestion_id": "suggestion",
    "verification_id": "verification",
    "case_id": "case",
    "release_id": "release",
    "exchange_case_id": "exchange_case",
    "exchange_message_id": "exchange_message",
    "webhook_id": "webhook",
    "subject_request_id": "right",
}
"""Ids by the names that paths give them, where a family has come so far."""


@dataclass(frozen=True)
class Reaching:
    """A case base with a family at each stage.

    Attributes:
        ids: of each family, by the names that paths give them.
        secrets: of the case codes, by code.
        worker: the account of a caseworker.
    """

    desk: Desk
    ids: Sequence[Mapping[str, str]]
    secrets: Mapping[str, str]
    worker: str

    def tries(self, door: Door) -> Iterator[Response]:
        """Yield the answers to calls of good faith, by everybody who may, about every family; none of them lasts."""
        route = f"{door.method} {door.path}"
        for known in self.ids:
            ids = dict(known)
            if door.path.startswith(RIGHTS):
                ids |= {"request_id": ids.get("subject_request_id", ""), "task_id": ids.get("subject_task_id", "")}
            if any(f"{{{name}}}" in door.path and not ids.get(name) for name in names_in(door.path)):
                continue
            for body in (*MORE.get(route, ()), BODIES.get(route)):
                for label in self._who_may(door):
                    yield self._send(door, ids, label, body)

    def _who_may(self, door: Door) -> list[str]:
        if door.path.startswith(STATUS):
            return ["caseworker"]  # the enquirer's secret is sent instead
        return [label for label, role in LABELS.items() if GRANTS[role].issuperset(door.asks)]

    def _send(self, door: Door, ids: Mapping[str, str], label: str, body: Json | None) -> Response:
        route, url = f"{door.method} {door.path}", door.url(**ids)
        headers = self.desk.auth(label)
        if "{code}" in door.path:
            headers = {"Authorization": f"Bearer {self.secrets[ids['code']]}"}
        if door.method != "GET":
            headers = headers | {"If-Match": self._tag(door, url, label)}
        sent: dict[str, Any] = {} if body is None else {"json": body}
        if body is not None and "record_id" in body:
            sent = {"json": body | {"record_id": ids["record_id"]}}
        if body is not None and "account_id" in body:
            sent = {"json": body | {"account_id": self.worker}}
        if door.path in FILES:
            media, content, query = FILES[door.path]
            sent, headers = {"content": content, "params": query}, headers | {"Content-Type": media}
        sent.setdefault("params", {**QUERIES, **KINDS}.get(route))
        with nothing_lasts():
            answer: Response = self.desk.client.request(door.method, url, headers=headers, **sent)
        return answer

    def _tag(self, door: Door, url: str, label: str) -> str:
        """Return the ETag of what a call is about: of the thing at its path, or of the nearest one above it."""
        at = url.replace("/conclusion", "/outcome")
        while at != "/v1":
            answer = self.desk.client.get(at, headers=self.desk.auth(label))
            if answer.is_success and "ETag" in answer.headers:
                return str(answer.headers["ETag"])
            at = at.rpartition("/")[0]
        return '"none"'


def names_in(path: str) -> list[str]:
    """Return the names of the ids in a route's path."""
    return [part[1:-1] for part in path.split("/") if part.startswith("{")]


def peopled(desk: Desk) -> Reaching:
    """Bring a family to each stage."""
    desk.hire_elsewhere("away")
    families = [stage(desk) for stage in STAGES]
    ids = [{path: family.ids[name] for path, name in PLACES.items() if name in family.ids} for family in families]
    ids[0] = of_path(families[0])
    accounts = desk.get("/accounts", "administrator", limit=200).json()["items"]
    worker = next(str(account["id"]) for account in accounts if account["label"] == "caseworker-2")
    return Reaching(desk, ids, {families[0].ids["code"]: families[0].secret}, worker)


def reachable(doors: Sequence[Door]) -> list[Door]:
    """Return the operations that somebody with a token can reach; partners sign theirs."""
    return [
        door for door in doors if door.path.startswith("/v1/") and door.path not in SIGNED and door.method != "HEAD"
    ]
