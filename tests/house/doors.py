"""Every route of an application, and what guards it, for the tests that walk them all."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from fastapi import FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.routing import iter_route_contexts

from tracing.gate.permissions import Permission

OPEN = frozenset({"/livez", "/readyz", "/metrics", "/openapi.json"})
SIGNED = frozenset({f"/v1/exchange/{{society}}/{path}" for path in ("inbox", "pre-checks", "token")})
"""Routes that no token opens: partner societies sign each call, or an assertion of who they are."""
ID = "00000000-0000-4000-8000-000000000000"


@dataclass(frozen=True)
class Door:
    """One method of one route, with the permissions that its dependencies ask for."""

    method: str
    path: str
    asks: tuple[Permission, ...]

    def url(self, **ids: str) -> str:
        """Return the path with every id filled in; unnamed ones are nobody's."""
        return re.sub(r"\{(\w+)\}", lambda found: ids.get(found[1], ID), self.path)


def doors(app: FastAPI) -> list[Door]:
    """Return every route of `app`. Its routes are a tree, so a loop over `app.routes` sees next to none."""
    found = []
    for context in iter_route_contexts(app.routes):
        asks = tuple(_permissions(context.original_route))
        found += [Door(method, str(context.path), asks) for method in sorted(context.methods or ())]
    return found


def unguarded(doors: Iterable[Door]) -> list[str]:
    """Return the paths that no door stands before and that are not on the list of open ones."""
    return sorted({door.path for door in doors if not door.asks and door.path not in OPEN})


def _permissions(route: Any) -> Iterator[Permission]:
    if (dependant := getattr(route, "dependant", None)) is not None:
        yield from _asked(dependant)


def _asked(dependant: Dependant) -> Iterator[Permission]:
    for inner in dependant.dependencies:
        permission = getattr(inner.call, "permission", None)
        if isinstance(permission, Permission):
            yield permission
        yield from _asked(inner)
