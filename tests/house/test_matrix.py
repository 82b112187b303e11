"""Every role by every route by whose the record is: nobody gets further than the table of grants says."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from fastapi.testclient import TestClient
from sqlmodel import SQLModel

from tests.conftest import DATABASES, stage
from tests.house import keys, matrix
from tests.house.doors import SIGNED, Door, doors
from tests.house.matrix import (
    BODIES,
    HOLDER,
    NOBODY,
    ROLES,
    Cell,
    Whose,
    World,
    came,
    cells,
    nothing_lasts,
    wanted,
    without_bodies,
)
from tests.postgres import server
from tests.review.desk import Desk, raw
from tests.sightings.reports import registration
from tests.stories.family import NEWS, Family
from tests.support import People, granted, request_draft, sought_draft
from tracing.app import create_app
from tracing.exchange import copies, outbox
from tracing.exchange.states import Kind, RevocationReason, Side
from tracing.gate import admit, guard, register
from tracing.gate.access import Access
from tracing.gate.admit import admitted
from tracing.gate.dues import Due
from tracing.gate.opening import Gate, open_gate
from tracing.gate.partnering import partners
from tracing.gate.partnering.partner_tables import Channel, KeyUse
from tracing.gate.partnering.partners import PublicKey, Terms, fingerprint
from tracing.gate.permissions import GRANTS, Permission, Role
from tracing.kit import clock
from tracing.kit.ids import new_id
from tracing.pfif import store
from tracing.pfif.schemas import Note, Person
from tracing.precheck import store as precheck_store
from tracing.tasks import service
from tracing.tasks.states import TaskKind

UNKNOWN = "unknown-field"


def complete(family: Family) -> Family:
    """Take a family as far as there is something at every route."""
    shared = sought_draft(basis=granted("register", "match_within_society", "share_with_society"))
    family.matched(request_draft(shared), registration()).screened().verified().asked()
    family.granted("receive_message", words_to_pass=NEWS)
    at = f"/disclosure-cases/{family.case}"
    family.ids["release"] = family.step(at, f"{at}/releases", {"level": "pass_message"}, status=201)["id"]
    sought = f"/sought-persons/{family.sought}"
    news = {"direction": "to_found", "text": NEWS, "language": "en"}
    family.ids["message"] = family.post(f"{sought}/messages", news)["id"]
    fates = "POST /v1/sought-persons/{sought_id}/fate-reports"
    family.ids["fate"] = family.post(f"{sought}/fate-reports", matrix.BODIES[fates])["id"]
    family.post(f"/records/{family.found}/broken-glass", {"reason": "danger_to_life", "note": "not at the shelter"})
    tasks = family.get("/tasks", limit=200)["items"]
    family.ids["task"] = next(task["id"] for task in tasks if task["record_id"] == family.found)
    family.code()
    family.ids["partner"], family.ids["partner_key"] = partner(family)
    sent = {"partner": "TZ", "kind": "request_search"}
    family.ids["exchange_case"] = family.post(f"{sought}/exchange", sent)["id"]
    family.ids["exchange_message"] = given_up(family)
    pre_checked(family)
    rights = {"record_id": family.found, "kind": "access"}
    family.ids["subject"] = family.post("/data-subject/requests", rights, label="supervisor")["id"]
    family.ids["subject_task"] = reminded(family)
    hook = {"url": "https://hooks.example.org/tracing", "events": ["request.opened"]}
    family.ids["webhook"] = family.post("/webhooks", hook, label="supervisor")["webhook"]["id"]
    family.post(f"/webhooks/{family.webhook}/test", {}, label="supervisor", status=202)
    copied(family)
    return family


def partner(family: Family) -> tuple[str, str]:
    """Return the society's partner TZ and a key of theirs; it is made for the first family."""
    operator = family.desk.people.token("operator", family.society)
    with admitted(family.desk.gate, operator, Permission.PARTNERS_WRITE) as access:
        for known in partners.all_of(access):
            access.note("tests.partner")
            return str(known.id), partners.keys(access, known.id)[0].id
        terms = Terms(
            "https://tz.example", (Channel.ONLINE,), ("request_search", "ask_question", "provide_answer"), 500, 200
        )
        public = Ed25519PrivateKey.generate().public_key().public_bytes_raw().hex()
        ends = access.now + timedelta(days=9)
        key = PublicKey(KeyUse.SIGNING, public, fingerprint(KeyUse.SIGNING, public), ends)
        made = partners.add(access, "TZ", "nairobi", terms, [key])
        return str(made.id), fingerprint(KeyUse.SIGNING, public)


def given_up(family: Family) -> str:
    """Let the partner not be told that something is taken back."""
    operator = family.desk.people.token("operator", family.society)
    with admitted(family.desk.gate, operator, Permission.EXCHANGE_DELIVER) as access:
        reason = RevocationReason.SAFETY
        row = outbox.queue(access, partners.find(access, "TZ"), Kind.REVOKE, about=new_id(), reason=reason)
        copies.give_up(access, row, "tests")
        return str(row.id)


def copied(family: Family) -> None:
    """Let the found person's record have an original of PFIF."""
    worker, found = family.desk.people.token("caseworker", family.society), UUID(family.found)
    note = Note(1, {"status": "believed_alive", "linked_person_record_id": "lists.example.org/p2"})
    original = Person(1, {"person_record_id": "lists.example.org/p1"}, b"", (note,))
    with admitted(family.desk.gate, worker, Permission.SIGHTINGS_WRITE) as access:
        store.add(
            access, found, register.records(access, [found])[found].key_id, original, "lists.example.org", access.now
        )
        access.note("tests.copy")


def pre_checked(family: Family) -> None:
    """Let a blind pre-check with the partner have found the sought person."""
    operator = family.desk.people.token("operator", family.society)
    with admitted(family.desk.gate, operator, Permission.EXCHANGE_DELIVER) as access:
        session, sought = new_id(), UUID(family.sought)
        check = precheck_store.add_pre_check(
            access,
            partners.find(access, "TZ"),
            side=Side.SENT,
            session=session,
            scheme="tests",
            elements=1000,
            commitment="0" * 64,
            request_digest="",
        )
        precheck_store.replace_hits(access, check, [sought], {sought: 2})
        access.note("tests.pre_check")


def reminded(family: Family) -> str:
    """Let the clock of the data subject's request have been reminded of; return the task."""
    supervisor = family.desk.people.token("supervisor", family.society)
    with admitted(family.desk.gate, supervisor, Permission.TASKS_WRITE) as access:
        due = Due(access.now, UUID(family.subject), UUID(family.found))
        service.remind(access, TaskKind.SUBJECT_REQUEST_DUE, [due])
        access.note("tests.remind")
    page = family.desk.get("/data-subject/tasks", "supervisor", family.society).json()["items"]
    return next(str(task["id"]) for task in page if task["record_id"] == family.found)


def of_path(family: Family) -> dict[str, str]:
    """Return the ids by the names that paths give them."""
    desk, society = family.desk, family.society
    operator = desk.get("/accounts", "administrator", society, limit=200).json()["items"][0]["id"]
    token = desk.get(f"/accounts/{operator}/tokens", "administrator", society).json()["items"][0]["id"]
    run = desk.get("/match-runs", "supervisor", society).json()[0]["id"]
    return {
        "request_id": family.request,
        "sought_id": family.sought,
        "sighting_id": family.found,
        "record_id": family.found,
        "suggestion_id": family.suggestion,
        "verification_id": family.verification,
        "case_id": family.case,
        "release_id": family.release,
        "message_id": family.message,
        "report_id": family.fate,
        "task_id": family.task,
        "case_code_id": family.case_code,
        "code": family.ids["code"],
        "subject_request_id": family.subject,
        "subject_task_id": family.ids["subject_task"],
        "account_id": operator,
        "token_id": token,
        "run_id": run,
        "exchange_case_id": family.ids["exchange_case"],
        "exchange_message_id": family.ids["exchange_message"],
        "partner_id": family.partner,
        "key_id": family.partner_key,
        "webhook_id": family.webhook,
    }


def withdrawn(family: Family) -> Family:
    for record in (family.found, family.request):
        family.desk.withdraw(record, "register")
    return family


def erased(family: Family) -> Family:
    """Withdraw everything, and let the night after the undo window forget it."""
    withdrawn(family)
    record = SQLModel.metadata.tables["record"]
    ids = [family.ids[name] for name in ("found", "request", "sought")]
    with raw(family.desk.gate) as connection:
        long_ago = clock.now() - timedelta(days=family.desk.gate.settings.forget_after_days, minutes=1)
        mine = [i for i in connection.execute(record.select()).all() if str(i.id) in ids]
        for row in mine:
            connection.execute(record.update().where(record.c.id == row.id).values(hidden_at=long_ago))
    assert family.desk.night().forgotten == len(ids)
    return family


def peopled(desk: Desk) -> World:
    """Return a world with a family for each ownership."""
    desk.hire_elsewhere("caseworker-away")
    families = {
        Whose.ERASED: erased(complete(Family(desk))),
        Whose.OWN: complete(Family(desk)),
        Whose.OWN_SOCIETY: complete(Family(desk, worker="caseworker-away")),
        Whose.OTHER_SOCIETY: complete(Family(desk, society="UG")),
        Whose.WITHDRAWN: complete(Family(desk)),
    }
    ids: dict[Whose, dict[str, str]] = {whose: of_path(family) for whose, family in families.items()}
    withdrawn(families[Whose.WITHDRAWN])
    ids[Whose.ABSENT] = {"code": "0000-0000-0000-0000"}
    for whose in (Whose.WITHDRAWN, Whose.ERASED):  # an account, a run, a message to a partner: nobody's record
        for name in ("account_id", "token_id", "run_id", "partner_id", "webhook_id", "exchange_message_id"):
            del ids[whose][name]
    auth = {str(role): desk.auth(str(role)) for role in Role}
    auth[HOLDER] = {"Authorization": f"Bearer {families[Whose.OWN].secret}"}
    auth[NOBODY] = {}
    return World(desk.client, ids, auth, lambda role, scope: desk.scoped(role, scope))


@pytest.fixture(
    scope="module", params=[pytest.param(d, marks=pytest.mark.xdist_group(f"matrix {d}")) for d in DATABASES]
)
def world(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """The service over a case base of this module's own."""
    with opened_world(request.param, tmp_path_factory.mktemp("matrix") / "var") as world:
        yield world


@contextmanager
def opened_world(database: str, folder: Path) -> Iterator[World]:
    """Open the service over a case base with a family for each ownership."""
    with matrix.opened(database, folder, stage, server) as (settings, people):
        gate = open_gate(settings)
        app = create_app(settings, gate)
        app.state.start_night = lambda settings, token: None  # no process of its own
        with TestClient(app, raise_server_exceptions=False) as client:
            assert isinstance(people, People)
            yield peopled(Desk(client, people, gate))
        gate.close()


def every(world: World) -> list[Cell]:
    return list(cells(doors(world.client.app), ROLES))  # type: ignore[arg-type]  # Starlette's client names no FastAPI


class TestRoutes:
    def test_all_stand_in_the_matrix(self, client: TestClient) -> None:
        assert without_bodies(doors(client.app)) == []  # type: ignore[arg-type]  # Starlette's client names no FastAPI

    def test_one_that_is_planted_is_missed(self, client: TestClient) -> None:
        planted = [*doors(client.app), Door("POST", "/v1/planted", (Permission.REQUESTS_READ,))]  # type: ignore[arg-type]  # as above
        assert without_bodies(planted) == ["POST /v1/planted"]


@pytest.mark.slow
class TestProperties:
    def test_of_each_answer_are_those_of_the_golden_list(self, world: World) -> None:
        assert keys.lines(world, every(world)) == keys.GOLDEN.read_text(encoding="utf-8").splitlines()

    def test_of_a_role_that_reads_one_thing_more_are_seen(self, world: World) -> None:
        reads = [c for c in every(world) if c.role == Role.INTAKE and c.door.path == "/v1/suggestions/{suggestion_id}"]
        assert keys.lines(world, reads) == []
        with pytest.MonkeyPatch.context() as patch:
            more = GRANTS[Role.INTAKE] | {Permission.SUGGESTIONS_READ}
            patch.setattr(admit, "GRANTS", {**GRANTS, Role.INTAKE: more})
            seen = keys.lines(world, reads)
        assert seen
        assert not set(seen) & set(keys.GOLDEN.read_text(encoding="utf-8").splitlines())

    def test_that_nobody_knows_are_refused_everywhere(self, world: World) -> None:
        let_in: list[str] = []
        with nothing_lasts():
            for cell in every(world):
                route = f"{cell.door.method} {cell.door.path}"
                if (
                    cell.whose is Whose.OWN and wanted(cell) == "let in" and BODIES.get(route)
                ):  # an empty one stands for none
                    answer = world.send(cell, planted=1)
                    if UNKNOWN not in answer.text:
                        let_in.append(f"{cell}: {answer.status_code}")
        assert let_in == []


@pytest.mark.slow
class TestTheMatrix:
    def test_has_no_cell_that_deviates(self, world: World) -> None:
        known = every(world)
        assert len(known) >= 3_000
        if found := world.deviations(known):
            pytest.fail("\n".join(found))


def lenient(permission: Permission, instead: Permission) -> Callable[..., AbstractContextManager[Access]]:
    """Return an admission that asks for another permission in the place of `permission`."""

    def asking(gate: Gate, token: str | None, needed: Permission, **more: Any) -> AbstractContextManager[Access]:
        return admit.admitted(gate, token, instead if needed is permission else needed, **more)

    return asking


@pytest.mark.slow
class TestPlantedFaults:
    """Take one check away, and a cell turns red."""

    def test_no_permission_goes_unasked(self, world: World) -> None:
        """Somebody whose token lacks one permission is refused wherever it is asked for, and let in when it is not."""
        known = [cell for cell in every(world) if cell.door.path not in SIGNED]
        asked = sorted({permission for cell in known for permission in cell.door.asks})
        unnoticed: list[str] = []
        for permission in asked:
            role = next(role for role in reversed(Role) if permission in GRANTS[role])
            rest = GRANTS[role] - {permission}
            if not rest:
                continue  # an enquirer's token has one permission
            scoped = replace(world, auth={**world.auth, role: world.scoped(role, rest)})
            theirs = [c for c in known if c.role == role and permission in c.door.asks and c.whose is Whose.OWN]
            with matrix.nothing_lasts():
                assert {came(scoped.send(cell)) for cell in theirs} == {"refused"}, permission
                with pytest.MonkeyPatch.context() as patch:
                    patch.setattr("tracing.web.door.admitted", lenient(permission, sorted(rest)[0]))
                    patch.setattr(admit, "USES", {})  # the use asks for it once more
                    unnoticed += [
                        f"{cell.door.method} {cell.door.path}"
                        for cell in theirs
                        if came(scoped.send(cell)) == "refused"
                    ]
        assert len(asked) > 30
        assert set(unnoticed) == matrix.TWICE

    @pytest.mark.parametrize("whose", [Whose.OTHER_SOCIETY, Whose.WITHDRAWN, Whose.ERASED])
    def test_records_are_seen_without_the_guard(self, world: World, whose: Whose) -> None:
        """Another society's on SQLite only: PostgreSQL's row-level security holds them back by itself."""
        asked = [c for c in every(world) if c.role == "supervisor" and c.whose is whose and c.door.method == "GET"]
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(guard, "criteria", lambda kind, use: kind.__table__.c.society == kind.__table__.c.society)
            guard.filters.cache_clear()
            red = world.deviations(asked)
        guard.filters.cache_clear()
        gate: Gate = world.client.app.state.gate  # type: ignore[attr-defined]  # Starlette's client names no state
        assert bool(red) is (gate.settings.embedded or whose is not Whose.OTHER_SOCIETY)
