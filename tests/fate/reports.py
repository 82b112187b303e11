"""Fictional fate reports, and what workers do with them."""

from typing import Any
from uuid import uuid4

from tests.review.desk import Desk
from tests.support import Json, made, post

SIGHTING = str(uuid4())


def paper(kind: str = "hospital_or_morgue", **fields: Any) -> Json:
    return {"kind": kind, "ref": "register 4, no. 118"} | fields


def witness(ref: str, apart: bool = True, **fields: Any) -> Json:
    return {"kind": "eye_witness", "ref": ref, "heard_apart": apart} | fields


def seen(ref: str = "report") -> Json:
    return {"kind": "sighting", "ref": ref, "sighting_id": SIGHTING}


def draft(**fields: Any) -> Json:
    return {
        "finding": "deceased",
        "source": "hospital_or_morgue",
        "account": "She died in the district hospital.",
        "evidence": [paper(date="2022-03-11", place="Kismayo", statement="as the register says")],
        "language": "en",
    } | fields


def propose(desk: Desk, sought_id: str, label: str = "caseworker", **fields: Any) -> Json:
    return made(post(desk.client, f"/sought-persons/{sought_id}/fate-reports", draft(**fields), desk.auth(label)))


def step(desk: Desk, report_id: str, event: str, label: str = "supervisor", **headers: str) -> Any:
    """Return the answer to an event on a report as it is now, unchecked."""
    tag = desk.get(f"/fate-reports/{report_id}").headers.get("etag", '"none"')
    path = f"/fate-reports/{report_id}/events"
    return post(desk.client, path, {"event": event}, desk.auth(label), **{"If-Match": tag} | headers)


def established(desk: Desk, sought_id: str, **fields: Any) -> Json:
    """Return a report that one worker made, and a supervisor confirmed and established."""
    view = propose(desk, sought_id, **fields)
    for event in ("confirm", "establish"):
        view = made(step(desk, view["id"], event), 200)
    return view
