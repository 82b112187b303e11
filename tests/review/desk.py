"""A caseworker's desk for tests of the review: cases over HTTP, nights in this process, rows as they stand."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from fastapi.testclient import TestClient
from httpx import Response
from sqlalchemy import Connection, func
from sqlmodel import Session, SQLModel, select

from tests.sightings.reports import registration, report
from tests.support import Json, People, made, post, request_draft, sought_draft
from tracing.gate import people as register_of_people
from tracing.gate.admit import admitted
from tracing.gate.opening import Gate
from tracing.gate.permissions import Permission, Role
from tracing.kit.db import PASS
from tracing.night import Night, Report, Told

TRAIL = frozenset({"trail_entry", "trail_head"})
Rows = dict[str, list[str]]


@contextmanager
def raw(gate: Gate, society: str = "KE") -> Iterator[Connection]:
    """Lend a connection that walks around the guard, for planting faults and for counting rows."""
    with Session(gate.engine) as session:
        connection = session.connection(execution_options=PASS)
        if gate.engine.dialect.name == "postgresql":
            connection.execute(select(func.set_config("tracing.society", society, True)))
        yield connection
        session.commit()


def tables(gate: Gate, *, without: frozenset[str] = TRAIL, societies: tuple[str, ...] = ("KE", "UG")) -> Rows:
    """Return every row of every table, in an order of its own; the trail grows with each look and is left out."""
    found: dict[str, set[str]] = {}
    for society in societies:
        with raw(gate, society) as connection:
            for table in SQLModel.metadata.sorted_tables:
                if table.name not in without:
                    rows = connection.execute(select(*table.columns)).all()
                    found.setdefault(table.name, set()).update(repr(tuple(row)) for row in rows)
    return {name: sorted(rows) for name, rows in found.items()}


def suggested(gate: Gate, society: str = "KE") -> list[tuple[object, ...]]:
    """Return what stands of every suggestion, apart from its id, its run and its times."""
    table = SQLModel.metadata.tables["suggestion"]
    kept = [c for c in table.columns if c.name not in {"id", "run_id", "created_at", "updated_at"}]
    with raw(gate, society) as connection:
        rows = connection.execute(select(*kept).where(table.c.society == society)).all()
    return sorted((tuple(row) for row in rows), key=repr)


def run_night(gate: Gate, token: str, *, workers: int = 1, told: Told = lambda *_: None, **changes: Any) -> Report:
    """Run a night over `gate` with its settings changed."""
    settings = gate.settings.model_copy(update={"night_workers": workers, **changes})
    return Night(replace(gate, settings=settings), token, told).run()


@dataclass(frozen=True)
class Desk:
    """Shorthand for what a caseworker does; answers are checked unless a method says otherwise."""

    client: TestClient
    people: People
    gate: Gate

    def auth(self, label: str = "caseworker", society: str = "KE") -> dict[str, str]:
        return self.people.auth(label, society)

    def get(self, path: str, label: str = "caseworker", society: str = "KE", **params: Any) -> Response:
        """Return an answer, unchecked."""
        answer: Response = self.client.get(f"/v1{path}", headers=self.auth(label, society), params=params)
        return answer

    def open(self, *sought: Json, **fields: Any) -> Json:
        """Register a request; without `sought` a brother seeks his sister."""
        return made(post(self.client, "/tracing-requests", request_draft(*sought, **fields), self.auth()))

    def seek(self, name: str = "Amina Yusuf Warsame", **fields: Any) -> str:
        """Register a request for one person and return the sought person's id."""
        return str(self.open(sought_draft(name, **fields))["sought"][0]["id"])

    def report(self, **fields: Any) -> str:
        return str(made(post(self.client, "/sightings", report(**fields), self.auth()))["id"])

    def register(self, **fields: Any) -> str:
        return str(made(post(self.client, "/sightings", registration(**fields), self.auth()))["id"])

    def change(self, path: str, label: str = "caseworker", **fields: Any) -> Json:
        """Change a record as it is now."""
        tag = self.get(path).headers["etag"]
        answer = self.client.patch(f"/v1{path}", json=fields, headers=self.auth(label) | {"If-Match": tag})
        return made(answer, 200)

    def happen(self, path: str, event: str, **fields: Any) -> Json:
        tag = {"If-Match": self.get(path).headers["etag"]}
        return made(post(self.client, f"{path}/events", {"event": event} | fields, self.auth(), **tag), 200)

    def withdraw(self, record_id: str, *purposes: str) -> None:
        body = {"purposes": list(purposes) or ["match_within_society"]}
        answer = post(self.client, f"/records/{record_id}/consents/withdrawal", body, self.auth())
        assert answer.status_code == 204, answer.text

    def grant(self, record_id: str, *purposes: str) -> None:
        decisions = [{"purpose": p} for p in purposes or ("match_within_society",)]
        made(post(self.client, f"/records/{record_id}/consents", {"decisions": decisions}, self.auth()))

    def night(self, **changes: Any) -> Report:
        return run_night(self.gate, self.people.token("supervisor"), **changes)

    def night_of(self, society: str) -> Report:
        return run_night(self.gate, self.people.token("supervisor", society))

    def queue(self, **params: Any) -> list[Json]:
        items: list[Json] = made(self.get("/suggestions", **params), 200)["items"]
        return items

    def only(self, **params: Any) -> Json:
        """Return the one suggestion of the queue."""
        items = self.queue(**params)
        assert len(items) == 1, [item["names"] for item in items]
        return items[0]

    def show(self, suggestion_id: str) -> Json:
        return made(self.get(f"/suggestions/{suggestion_id}"), 200)

    def decide(self, suggestion_id: str, verdict: str, reason: str = "other", label: str = "caseworker") -> Response:
        """Decide about a suggestion as it is now; the answer is unchecked."""
        seen = self.get(f"/suggestions/{suggestion_id}")
        headers = {"If-Match": seen.headers.get("etag", '"none"')}
        body = {"verdict": verdict, "reason": reason}
        return post(self.client, f"/suggestions/{suggestion_id}/decisions", body, self.auth(label), **headers)

    def decided(self, suggestion_id: str, verdict: str, **fields: Any) -> Json:
        return made(self.decide(suggestion_id, verdict, **fields))

    def state_of(self, sought_id: str) -> str:
        return str(made(self.get(f"/sought-persons/{sought_id}"), 200)["state"])

    def state_of_sighting(self, sighting_id: str) -> str:
        return str(made(self.get(f"/sightings/{sighting_id}"), 200)["state"])

    def pairs(self, **params: Any) -> set[tuple[str, str]]:
        return {(item["left_id"], item["right_id"]) for item in self.queue(limit=200, **params)}

    def hire_again(self, label: str, known: str, role: Role = Role.CASEWORKER) -> None:
        """Give the human behind the account `known` a second account, `label`."""
        with admitted(self.gate, self.people.token("operator"), Permission.ACCOUNTS_WRITE) as access:
            worker_id: UUID = register_of_people.find_account(access, known).worker_id
            account = register_of_people.add_account(access, label=label, role=role, team="kisumu", worker_id=worker_id)
            self.people.tokens["KE", label] = register_of_people.issue_token(access, account)[1]

    def hire_elsewhere(self, label: str, team: str = "kisumu", role: Role = Role.CASEWORKER) -> None:
        """Hire somebody new, of another team."""
        with admitted(self.gate, self.people.token("operator"), Permission.ACCOUNTS_WRITE) as access:
            account = register_of_people.add_account(access, label=label, role=role, team=team, worker_id=None)
            self.people.tokens["KE", label] = register_of_people.issue_token(access, account)[1]

    def scoped(self, label: str, scope: Iterable[Permission]) -> dict[str, str]:
        """Return what `label` calls with, by another token that has the permissions of `scope` only."""
        with admitted(self.gate, self.people.token("operator"), Permission.ACCOUNTS_WRITE) as access:
            account = register_of_people.find_account(access, label)
            return {
                "Authorization": f"Bearer {register_of_people.issue_token(access, account, scope=sorted(scope))[1]}"
            }


def suggested_pair(desk: Desk, **seen: Any) -> tuple[str, str, str]:
    """Bring about a sought sister, a sighting of her, and the suggestion that the night makes of them; their ids."""
    sought_id, sighting_id = desk.seek(), desk.report(**seen)
    desk.night()
    return sought_id, sighting_id, desk.only()["id"]
