"""A desk at which pairs are confirmed and screened; a trial is a transaction that is undone."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from fastapi.testclient import TestClient
from httpx import Response

from tests.conftest import beside, peopled
from tests.review import desk as review_desk
from tests.support import Json, post
from tracing.gate import people as register_of_people
from tracing.gate.access import Access
from tracing.gate.admit import admitted, identify
from tracing.gate.permissions import Permission, Role
from tracing.kit import clock
from tracing.kit.errors import TracingError
from tracing.review import nights
from tracing.risk.schemas import ScreenDraft
from tracing.risk.states import Flag


class Undone(TracingError):
    """Ends a trial, so that the next one finds everything as it was."""


def answers(word: str = "no", **others: str) -> Json:
    """Return a screen that answers `word` to every flag but those named."""
    return {"answers": {flag.value: {"answer": others.get(flag.value, word)} for flag in Flag}}


def screen_draft(word: str = "no", *, override: bool = False, **others: str) -> ScreenDraft:
    return ScreenDraft.model_validate(answers(word, **others) | {"override": override})


@dataclass(frozen=True)
class Pair:
    """A search, the record of the found person, and the suggestion that confirms them."""

    suggestion_id: UUID
    request_id: UUID
    sought_id: UUID
    found_id: UUID


@dataclass(frozen=True)
class Desk(review_desk.Desk):
    """The review's desk, with workers of another team."""

    def hire_into(self, team: str, label: str, role: Role = Role.CASEWORKER) -> None:
        """Hire a human into a team."""
        with admitted(self.gate, self.people.token("operator"), Permission.ACCOUNTS_WRITE) as access:
            account = register_of_people.add_account(access, label=label, role=role, team=team, worker_id=None)
            self.people.tokens["KE", label] = register_of_people.issue_token(access, account)[1]

    def suggestion(self, seen: Json | None = None, **fields: Any) -> Pair:
        """Register a search and a registration of the same woman, and let the night suggest them.

        `seen` goes into the registration, the rest into the request.
        """
        request = self.open(**fields)
        sought_id, found_id = request["sought"][0]["id"], self.register(**(seen or {}))
        self.night()
        queue = {(s["left_id"], s["right_id"]): s["id"] for s in self.queue(limit=200)}
        return Pair(UUID(queue[sought_id, found_id]), UUID(request["id"]), UUID(sought_id), UUID(found_id))

    def pair(self, seen: Json | None = None, **fields: Any) -> Pair:
        """Return a suggestion that is confirmed, by two workers where it takes two."""
        pair = self.suggestion(seen, **fields)
        for label in ("caseworker", "caseworker-2"):
            if self.decided(str(pair.suggestion_id), "confirm_same_person", label=label)["state"][0] == "c":
                break
        return pair

    def screen(self, pair: Pair, label: str = "caseworker", **body: Any) -> Response:
        """Screen a pair; the answer is unchecked."""
        draft = answers() | body
        return post(self.client, f"/suggestions/{pair.suggestion_id}/risk-screens", draft, self.auth(label))

    @contextmanager
    def trial(self, label: str = "caseworker") -> Iterator[Access]:
        """Yield the access of somebody; whatever they do is undone."""
        with suppress(Undone), admitted(self.gate, self.people.token(label), Permission.RISKS_WRITE) as access:
            yield access
            raise Undone("undone")

    def beside(self, access: Access, label: str) -> Access:
        """Return the access of somebody else in the same transaction."""
        return replace(access, caller=identify(self.gate, self.people.token(label), clock.now()))


@contextmanager
def opened(folder: Path) -> Iterator[Desk]:
    """Open a case base of one's own on SQLite, with a second team."""
    with (
        pytest.MonkeyPatch.context() as patch,
        peopled(folder) as (gate, people),
        TestClient(beside(gate), raise_server_exceptions=False) as client,
    ):
        patch.setattr(nights, "SHARDS", 2)
        desk = Desk(client, people, gate)
        desk.hire_into("kisumu", "kisumu-caseworker")
        desk.hire_into("kisumu", "kisumu-supervisor", Role.SUPERVISOR)
        desk.hire_again("caseworker-at-night", known="caseworker")
        desk.hire_again("supervisor-at-night", known="supervisor", role=Role.SUPERVISOR)
        yield desk
