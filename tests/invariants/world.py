"""A small case base on SQLite for the invariants: who works there, who seeks whom, and how it is put back.

Durability is not the subject here and is tested elsewhere, so nothing is synchronised to the disk.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from unittest.mock import patch
from uuid import UUID

from sqlalchemy import event

from tests.sightings.reports import registration
from tests.support import Json, granted, request_draft, sought_draft
from tracing.gate import people as register_of_people
from tracing.gate.admit import admitted
from tracing.gate.founding import found
from tracing.gate.opening import Gate, open_gate
from tracing.gate.permissions import Permission, Role
from tracing.gate.schema import upgrade
from tracing.kit import clock
from tracing.kit.settings import Settings
from tracing.matching import Engine
from tracing.night import Night
from tracing.requests import service as requests
from tracing.requests.schemas import RequestDraft
from tracing.risk import traits
from tracing.sightings import service as sightings
from tracing.sightings.schemas import SightingDraft

BEGIN = datetime(2027, 3, 1, 8, tzinfo=UTC)
TICK = timedelta(seconds=1)
HORIZON = BEGIN + timedelta(days=300)
"""The clock stops being moved here; tokens last 366 days."""
WORKERS: tuple[tuple[str, str, str, Role], ...] = (
    # label, the human behind it, team, role
    ("ada", "ada", "nairobi", Role.SUPERVISOR),
    ("ada-again", "ada", "kisumu", Role.SUPERVISOR),
    ("bea", "bea", "nairobi", Role.SUPERVISOR),
    ("cor", "cor", "kisumu", Role.SUPERVISOR),
    ("dee", "dee", "nairobi", Role.CASEWORKER),
)
ABROAD = "abroad"  # a supervisor of another society
HUMAN = {label: human for label, human, _, _ in WORKERS} | {ABROAD: ABROAD}
TEAMS: dict[str, frozenset[str]] = {
    human: frozenset(team for _, other, team, _ in WORKERS if other == human) for human in {row[1] for row in WORKERS}
}
"""The teams of which a human holds an account."""
HER_NAME, HIS_NAME = "Amina Yusuf Warsame", "Omar Yusuf Warsame"
MATCHED_FOR, REGISTERED_FOR = timedelta(days=25), timedelta(days=55)


@dataclass
class Cast:
    """Ids of the records, by who it is, and tokens by label."""

    ids: dict[str, UUID] = field(default_factory=dict)
    tokens: dict[str, str] = field(default_factory=dict)


class World:
    """One gate and one clock; `restore` puts a case base back that `keep` has kept."""

    def __init__(self, folder: Path) -> None:
        self.settings = Settings(data_dir=folder, night_workers=1)
        upgrade(self.settings)
        self.gate: Gate = open_gate(self.settings)
        for engine in (self.gate.engine, self.gate.keys._engine):
            event.listen(engine, "connect", _unsynchronised)
        event.listen(self.gate.engine, "commit", self._count)
        self.now, self.commits = BEGIN, 0
        self.cast = Cast()

    def _count(self, _connection: Any) -> None:
        self.commits += 1

    @contextmanager
    def clock(self) -> Iterator[None]:
        """Let the product ask this world what time it is, and the engine only once about the same names."""
        with patch.object(clock, "now", lambda: self.now), patch.object(traits, "_alike", _alike):
            yield

    def keep(self) -> list[sqlite3.Connection]:
        """Return copies in memory of the case base and the key store as they stand."""
        return [_copied(sqlite3.connect(path), sqlite3.connect(":memory:")) for path in self._paths]

    def restore(self, kept: list[sqlite3.Connection], now: datetime) -> None:
        """Put back what was kept, with the clock of then; statements stay compiled, which saves most of the time."""
        for path, source in zip(self._paths, kept, strict=True):
            _copied(source, sqlite3.connect(path)).close()
        self.settings.ledger_path.unlink(missing_ok=True)
        self.now, self.commits = now, 0

    @property
    def _paths(self) -> tuple[Path, Path]:
        return self.settings.data_dir / "tracing.db", self.settings.data_dir / "keys.db"

    def night(self) -> None:
        """Run one society's whole night."""
        Night(self.gate, self.cast.tokens["operator"]).run()


def _copied(source: sqlite3.Connection, target: sqlite3.Connection) -> sqlite3.Connection:
    target.execute("PRAGMA synchronous=OFF")
    source.backup(target)
    return target


def _unsynchronised(dbapi: Any, _: object) -> None:
    dbapi.execute("PRAGMA synchronous=OFF")


_told: dict[tuple[Engine, tuple[str, ...], tuple[str, ...]], list[str]] = {}
_true_alike = traits._alike


def _alike(engine: Engine, entries: list[str], names: list[str]) -> list[str]:
    known = engine, tuple(entries), tuple(names)
    if known not in _told:
        _told[known] = _true_alike(engine, entries, names)
    return _told[known]


def people_the(world: World) -> None:
    """Found two societies, hire everybody, register who seeks and who is found, and let a night match them."""
    gate, cast = world.gate, world.cast
    cast.tokens["operator"] = operator = found(gate, "KE")
    _hire(world, operator, WORKERS)
    _hire(world, found(gate, "UG"), ((ABROAD, ABROAD, "kampala", Role.SUPERVISOR),))
    _hire(world, operator, (("auditor", "auditor", "audit", Role.AUDITOR),))
    brother = request_draft(
        sought_draft(HER_NAME), sought_draft(HIS_NAME, sex="male", birth="1985", relationship="brother")
    )
    mother = request_draft(
        sought_draft(HER_NAME, relationship="daughter", basis=_until(world, granted(lawful_basis="public_interest"))),
        enquirer={
            "person": {"names": [{"full": "Halima Nur"}], "sex": "female", "birth": "1962"},
            "contacts": [{"kind": "phone", "value": "+254 700 555 0144", "safe": "yes"}],
            "consents": _until(world, granted()),
        },
    )
    for name, label, draft in (("brother", "ada", brother), ("mother", "cor", mother)):
        with admitted(gate, cast.tokens[label], Permission.REQUESTS_WRITE) as access:
            view = requests.open_request(access, RequestDraft.model_validate(draft))
        cast.ids |= {name: view.id} | {f"{name}-{place}": sought.id for place, sought in enumerate(view.sought)}
        world.now += TICK
    him = {"names": [{"full": HIS_NAME}], "sex": "male", "birth": "1985", "father": ["Yusuf Warsame"]}
    for name, draft in (
        ("amina", registration()),
        ("omar", registration(person=him, sensitivity="high_risk")),
        ("other-amina", registration(consents=_until(world, granted()))),
    ):
        with admitted(gate, cast.tokens["ada"], Permission.SIGHTINGS_WRITE) as access:
            cast.ids[name] = sightings.open_sighting(access, SightingDraft.model_validate(draft)).id
        world.now += TICK
    world.night()
    world.now += TICK


def _until(world: World, consents: list[Json]) -> list[Json]:
    """Return consents to register and to match that end."""
    ends = {"register": world.now + REGISTERED_FOR, "match_within_society": world.now + MATCHED_FOR}
    return [consent | {"valid_until": ends[consent["purpose"]].isoformat()} for consent in consents]


def _hire(world: World, operator: str, workers: tuple[tuple[str, str, str, Role], ...]) -> None:
    humans: dict[str, UUID] = {}
    with admitted(world.gate, operator, Permission.ACCOUNTS_WRITE) as access:
        for label, human, team, role in workers:
            account = register_of_people.add_account(
                access, label=label, role=role, team=team, worker_id=humans.get(human)
            )
            humans[human] = account.worker_id
            world.cast.tokens[label] = register_of_people.issue_token(access, account, days=366)[1]
