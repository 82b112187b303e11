"""Backup and restore, on both databases: what comes back, who does not, and what is refused."""

import gzip
import json
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from uuid import UUID

import pytest
from fastapi.testclient import TestClient
from pydantic import SecretStr
from sqlmodel import SQLModel, select

from tests.cli.calls import call, done, refused
from tests.conftest import DATABASES, stage
from tests.enquirer.desk import Enquirer, enquirer
from tests.postgres import server
from tests.review.desk import Desk, raw, tables
from tests.rights.desk import Officer
from tests.support import People, made, post, sought_draft
from tracing.app import create_app
from tracing.gate import archive, disclosures, drill, founding, ledger, restoring
from tracing.gate import backup as gate_backup
from tracing.gate import people as register_of_people
from tracing.gate.admit import admitted, entered_by_operator
from tracing.gate.answers import AnswerFact
from tracing.gate.archive import Manifest
from tracing.gate.disclosing import Answer, Level
from tracing.gate.ledger import What
from tracing.gate.opening import Gate, open_gate
from tracing.gate.permissions import Permission
from tracing.gate.purposes import GivenBy, Obtained, Use
from tracing.gate.schema import is_current, revision, upgrade
from tracing.gate.sealing import open_details
from tracing.gate.vault import Unreadable
from tracing.kit.db import GuardedSession
from tracing.kit.errors import Conflict, Unsafe
from tracing.kit.settings import Settings
from tracing.requests.tables import TracingRequest

T = SQLModel.metadata.tables


def quiet(*_: object) -> None:
    """Hear of progress and say nothing."""


@dataclass
class Base:
    """A case base with a backup from before one erasure: of a sought person, kin and all."""

    settings: Settings
    people: People
    folder: Path
    before: dict[str, list[str]]
    erased: str
    request: str
    kept: str
    ended: "Ended"


@dataclass
class Ended:
    """What ended after the backup, and beside each kind what did not.

    Attributes:
        whole: a request that was withdrawn from the register; its sought person is hidden with it.
        unmatched: a registration that takes part in matching no more.
        named: a record that may be shared with UG no more, but still with RW.
        anew: a record whose consent was withdrawn and given anew before the backup.
        pairs: two found persons with the search about which both said yes; the first one took it back.
        lower: a third one with that search, who allowed less before the backup.
    """

    whole: str
    below: str
    unmatched: str
    named: str
    anew: str
    pairs: tuple[tuple[str, str], ...]
    lower: tuple[str, str]
    revoked: dict[str, str]
    disabled: str
    codes: tuple[Enquirer, Enquirer]
    hooks: tuple[str, str]


@pytest.fixture(scope="module", params=DATABASES)
def base(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Base]:
    """Made once per database; tests restore it elsewhere and leave it alone."""
    folder = tmp_path_factory.mktemp("base")
    known = stage(request.param, True)
    shutil.copytree(known.folder, folder / "var")
    url = None if request.param == "sqlite" else server().fresh(template="hired True")
    settings = Settings(data_dir=folder / "var", database_url=url and SecretStr(url))
    gate = open_gate(settings)
    assert known.people is not None
    with TestClient(create_app(settings, gate)) as client:
        desk = Officer(client, known.people, gate)
        view = desk.open(sought_draft("Amina Yusuf Warsame"), sought_draft("Hodan Yusuf Warsame", birth="1994"))
        erased, kept = view["sought"][0]["id"], desk.register()
        desk.report()
        desk.night()
        ended = alive(desk)
        before = tables(gate, without=frozenset())
        with pytest.MonkeyPatch.context() as patch:
            of(settings, patch)
            done("backup", str(folder / "backup"))
        desk.erase(erased)
        end(desk, ended)
    gate.close()
    yield Base(settings, known.people, folder / "backup", before, erased, view["id"], kept, ended)
    if url is not None:
        server().drop(url)


def alive(desk: Desk) -> Ended:
    """Register what is to end after the backup, and what is to stay."""
    view = desk.open(sought_draft("Omar Abdi Farah"))
    sought, found = desk.seek("Zahra Ali Nur"), [desk.register() for _ in range(3)]
    for one in found:
        answer(desk, one, sought, Level.SHARE_CONTACT)
    answer(desk, found[2], sought, Level.PASS_MESSAGE)
    named, anew = desk.report(), desk.report()
    for society in ("UG", "RW"):
        share(desk, named, society, "granted")
    desk.withdraw(anew)
    desk.grant(anew)
    desk.hire_elsewhere("leaver", "nairobi")
    revoked = desk.scoped("intake", [Permission.SIGHTINGS_READ])
    pairs = ((found[0], sought), (found[1], sought))
    codes = (enquirer(desk), enquirer(desk))
    return Ended(
        view["id"], view["sought"][0]["id"], desk.register(), named, anew, pairs, (found[2], sought), revoked,
        "leaver", codes, (hook(desk), hook(desk)),
    )  # fmt: skip


def hook(desk: Desk) -> str:
    """Register an endpoint."""
    body = {"url": "https://hooks.example.org/tracing", "events": ["request.opened"]}
    return str(made(post(desk.client, "/webhooks", body, desk.auth("supervisor")))["webhook"]["id"])


def answer(desk: Desk, found: str, sought: str, level: Level) -> None:
    """Let a found person allow `level`; nothing takes back what they allowed."""
    said = Answer.WITHDRAWN if level is Level.NOTHING else Answer.GRANTED
    with admitted(desk.gate, desk.people.token("caseworker"), Permission.DISCLOSURES_WRITE) as access:
        disclosures.answer(access, UUID(found), UUID(sought), AnswerFact(said, level, GivenBy.SUBJECT, Obtained.VERBAL))
        access.note("tests.answer", UUID(found))


def share(desk: Desk, record_id: str, society: str, decision: str) -> None:
    made(
        post(
            desk.client,
            f"/records/{record_id}/consents",
            {"decisions": [{"purpose": "share_with_society", "recipient": society, "decision": decision}]},
            desk.auth(),
        )
    )


def end(desk: Desk, ended: Ended) -> None:
    desk.withdraw(ended.whole, "register")
    desk.withdraw(ended.unmatched)
    share(desk, ended.named, "UG", "withdrawn")
    answer(desk, *ended.pairs[0], Level.NOTHING)
    token = UUID(hex=ended.revoked["Authorization"].split("_")[1])
    with admitted(desk.gate, desk.people.token("operator"), Permission.ACCOUNTS_WRITE) as access:
        register_of_people.revoke_token(access, token)
        register_of_people.disable_account(access, register_of_people.find_account(access, ended.disabled))
    path = f"/tracing-requests/{ended.codes[0].request_id}/case-codes"
    (code,) = made(desk.get(path), 200)["items"]
    made(post(desk.client, f"/case-codes/{code['id']}/revoke", None, desk.auth()), 200)
    at = f"/webhooks/{ended.hooks[0]}"
    tag = {"If-Match": desk.get(at, "supervisor").headers["etag"]}
    made(post(desk.client, f"{at}/disable", None, desk.auth("supervisor"), **tag), 200)


def level(gate: Gate, people: People, pair: tuple[str, str]) -> Level:
    with admitted(gate, people.token("caseworker"), Permission.DISCLOSURES_READ) as access:
        access.note("tests.look")
        return disclosures.level(access, *map(UUID, pair))


def of(settings: Settings, patch: pytest.MonkeyPatch) -> None:
    """Let the commands find a case base by the environment."""
    for name, value in settings.environment().items():
        patch.setenv(name, value)
    if settings.database_url is None:
        patch.delenv("TRACING_DATABASE_URL", raising=False)


@pytest.fixture
def fresh(base: Base, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Settings]:
    """A new machine: the master key, an empty database, nothing else."""
    folder = tmp_path / "fresh"
    folder.mkdir(mode=0o700)
    shutil.copy(base.settings.master_key_path, folder)
    url = None if base.settings.embedded else server().fresh()
    settings = Settings(data_dir=folder, database_url=url and SecretStr(url))
    of(settings, monkeypatch)
    yield settings
    if url is not None:
        server().drop(url)


def restored(base: Base, *words: str) -> str:
    return done("restore", str(base.folder), "--ledger", str(base.settings.ledger_path), *words)


def without_restore(found: dict[str, list[str]]) -> dict[str, list[str]]:
    return {name: rows for name, rows in found.items() if name not in {"trail_entry", "trail_head"}}


class TestRestore:
    def test_brings_every_row_back(self, base: Base, fresh: Settings) -> None:
        """Digests and rows are those of before, when nothing was erased since."""
        gate = open_gate(fresh)
        made = restoring.check(base.folder, gate.vault, quiet)
        restoring.load(gate, made, None, quiet)
        assert drill.unequal(gate, made) == []
        found = without_restore(tables(gate, without=frozenset()))
        assert found == without_restore(base.before)
        assert sum(map(len, found.values())) > 100
        gate.close()

    def test_leaves_the_erased_erased(self, base: Base, fresh: Settings) -> None:
        assert "1 erased again" in restored(base)
        gate = open_gate(fresh)
        with raw(gate) as connection:
            record = connection.execute(T["record"].select().where(T["record"].c.id == UUID(base.erased))).one()
            keys = connection.execute(select(T["match_key"].c.record_id)).scalars().all()
            suppressed = connection.execute(select(T["suppression"].c.hash)).scalars().all()
        assert record.forgotten_at is not None
        with pytest.raises(Unreadable):
            gate.keys.cipher(record.key_id)
        assert UUID(base.erased) not in keys
        assert len(suppressed) >= 1
        assert drill.back_again(gate) == 0
        with entered_by_operator(gate, "KE", Use.FORGET) as access:
            access.note("tests.look")
            (request,) = access.session.exec(
                select(TracingRequest).where(TracingRequest.id == UUID(base.request))
            ).all()
            assert b"Amina" not in open_details(access, [request])[0]
        with TestClient(create_app(fresh, gate)) as client:
            desk = Officer(client, base.people, gate)
            assert desk.get(f"/sought-persons/{base.erased}").status_code == 404
            sought = desk.get(f"/tracing-requests/{base.request}").json()["sought"]
            assert [s["person"]["names"][0]["full"] for s in sought] == ["Hodan Yusuf Warsame"]
            assert desk.get(f"/sightings/{base.kept}").status_code == 200
        gate.close()

    def test_stands_on_a_trail_that_is_whole(self, base: Base, fresh: Settings) -> None:
        restored(base)
        gate = open_gate(fresh)
        assert drill.broken_trails(gate) == []
        for society in founding.societies(gate):
            with raw(gate, society) as connection:
                rows = connection.execute(select(T["trail_entry"].c.act).where(T["trail_entry"].c.society == society))
                assert "backups.restore" in rows.scalars().all()
        gate.close()

    def test_cut_off_before_its_end_is_finished_by_the_next_night(
        self, base: Base, fresh: Settings, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        gate = open_gate(fresh)
        made = restoring.check(base.folder, gate.vault, quiet)
        lines = ledger.erased(ledger.read(base.settings.ledger_path, gate.vault))
        restoring.load(gate, made, lines, quiet)
        with TestClient(create_app(fresh, gate)) as client:
            desk = Officer(client, base.people, gate)
            assert desk.get(f"/sought-persons/{base.erased}").status_code == 404
            assert desk.night().forgotten == 1
        with raw(gate) as connection:
            assert len(connection.execute(select(T["suppression"].c.hash)).all()) == len(lines[0].hashes)
        assert drill.back_again(gate) == 0
        gate.close()

    def test_over_a_key_store_that_stands_needs_no_keys_and_no_copy_of_the_ledger(
        self, base: Base, fresh: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        if not base.settings.embedded:
            pytest.skip("the key store is a file of its own on the embedded database")
        shutil.copytree(base.folder, tmp_path / "old", ignore=shutil.ignore_patterns("keys"))
        shutil.copy(base.settings.data_dir / "keys.db", fresh.data_dir)
        assert "1 erased again" in done("restore", str(tmp_path / "old"))
        gate = open_gate(fresh)
        assert drill.sample(gate).lost == 0
        gate.close()


class TestEnded:
    """What was ended after the backup stays ended, and nothing else ends."""

    def check(self, base: Base, gate: Gate) -> None:
        ended = base.ended
        with TestClient(create_app(gate.settings, gate)) as client:
            desk = Officer(client, base.people, gate)
            assert desk.get(f"/tracing-requests/{ended.whole}").status_code == 404
            assert desk.get(f"/sought-persons/{ended.below}").status_code == 404
            for record_id, left in ((ended.unmatched, ["register"]), (ended.anew, None), (base.kept, None)):
                held = made(desk.get(f"/records/{record_id}/consents"), 200)["in_force"]
                assert held == (left or ["register", "match_within_society"])
            decided = made(desk.get(f"/records/{ended.named}/consents"), 200)["decisions"]
            latest = {one["recipient"]: one["decision"] for one in decided if one["recipient"]}
            assert latest == {"UG": "withdrawn", "RW": "granted"}
            assert [level(gate, base.people, pair) for pair in (*ended.pairs, ended.lower)] == [
                Level.NOTHING,
                Level.SHARE_CONTACT,
                Level.PASS_MESSAGE,
            ]
            assert client.get("/v1/sightings", headers=ended.revoked).status_code == 401
            assert desk.get("/sightings", ended.disabled).status_code == 401
            assert desk.get("/sightings", "intake").status_code == 200
            looks = [replace(asking, desk=desk).look().status_code for asking in ended.codes]
            assert looks == [404, 200]
            shown = [made(desk.get(f"/webhooks/{one}", "supervisor"), 200) for one in ended.hooks]
            assert [hook["disabled_at"] is None for hook in shown] == [False, True]
            assert {hook["url"] for hook in shown} == {"https://hooks.example.org/tracing"}
            assert desk.night().forgotten == 0

    def test_stays_ended(self, base: Base, fresh: Settings) -> None:
        assert "1 erased again, 8 ended again" in restored(base)
        gate = open_gate(fresh)
        self.check(base, gate)
        assert drill.in_force_again(gate) == 0
        assert set(gate.keys.lines()) >= set(ledger.ended(ledger.read(base.settings.ledger_path, gate.vault)))
        gate.close()

    def test_also_when_the_restore_was_cut_off_after_its_rows(
        self, base: Base, fresh: Settings, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("tracing.cli.backup._replay", lambda *_: (_ for _ in ()).throw(Conflict("cut off")))
        assert "cut off" in refused("restore", str(base.folder), "--ledger", str(base.settings.ledger_path))
        gate = open_gate(fresh)
        assert drill.in_force_again(gate) == 0
        gate.close()

    def test_is_told_by_the_drill(self, base: Base, monkeypatch: pytest.MonkeyPatch) -> None:
        of(base.settings, monkeypatch)
        told = {line[:36].strip(): line[36:] for line in done("restore", str(base.folder), "--drill").splitlines()}
        assert told["ended since"] == "8 ended again, 0 stopped"
        assert told["ended things that would be in force"] == "0"
        monkeypatch.setattr("tracing.gate.restoring.ending.end_again", lambda *_: 0)
        result = call("restore", str(base.folder), "--drill")
        assert result.exit_code == 1
        assert [line for line in result.stdout.splitlines() if "would be in force" in line and line.endswith(" 8")]

    def test_is_named_by_ids_alone(self, base: Base) -> None:
        gate = open_gate(base.settings)
        text = base.settings.ledger_path.read_text()
        exchange = {What.PARTNER, What.PARTNER_KEY, What.OWN_KEY}  # tests/exchange/test_ended.py
        known = ledger.ended(ledger.read(base.settings.ledger_path, gate.vault))
        assert {line.what for line in known} == set(What) - exchange
        assert not [word for word in ("Omar", "Zahra", "leaver", '"UG"', base.ended.codes[0].code) if word in text]
        gate.close()

    def test_stands_in_the_ledger_before_the_commit_and_not_at_all_when_refused(
        self, gate: Gate, people: People, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        token = people.token("operator")

        def disable(*, fail: bool) -> None:
            with admitted(gate, token, Permission.ACCOUNTS_WRITE) as access:
                register_of_people.disable_account(access, register_of_people.find_account(access, "auditor"))
                if fail:
                    raise Conflict("no")

        with pytest.raises(Conflict):
            disable(fail=True)
        assert gate.keys.lines() == []
        known: list[int] = []
        true = GuardedSession.commit

        def commit(session: GuardedSession) -> None:
            known.append(len(gate.keys.lines()))
            true(session)

        monkeypatch.setattr(GuardedSession, "commit", commit)
        disable(fail=False)
        assert known == [1]


class TestDrill:
    def test_looks_at_everything_and_leaves_nothing(self, base: Base, monkeypatch: pytest.MonkeyPatch) -> None:
        of(base.settings, monkeypatch)
        gate = open_gate(base.settings)
        before = tables(gate)
        printed = done("restore", str(base.folder), "--drill").splitlines()
        told = {line[:36].strip(): line[36:] for line in printed}
        assert told["digests equal"] == "all"
        assert told["trail whole"] == "of every society"
        assert told["erased since"] == "1 forgotten again"
        assert told["erased persons that would come back"] == "0"
        assert told["sample of details"].endswith("0 lost")
        assert int(told["rows"].split()[0]) > 100
        assert tables(gate) == before
        gate.close()

    def test_fails_when_an_erased_person_would_come_back(self, base: Base, monkeypatch: pytest.MonkeyPatch) -> None:
        of(base.settings, monkeypatch)
        monkeypatch.setattr("tracing.cli.backup.rights.replay", lambda access, lines: [])
        result = call("restore", str(base.folder), "--drill")
        assert result.exit_code == 1
        assert [line for line in result.stdout.splitlines() if "would come back" in line and line.endswith(" 1")]


def flip(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-20])


def edit(path: Path) -> None:
    path.write_text(path.read_text().replace('"rows": 2', '"rows": 3', 1))


def other_keys(path: Path) -> None:
    manifest = json.loads(path.read_text())
    path.write_text(json.dumps(manifest | {"backup_id": "00000000-0000-4000-8000-000000000000"}))


FAULTS: tuple[tuple[str, str, Callable[[Path], object], str], ...] = (
    ("a flipped byte of a table", "cases/record.ndjson.gz", flip, "was cut off or altered"),
    ("a flipped byte of the keys", "keys/record_key.ndjson.gz", flip, "was cut off or altered"),
    ("a file that was cut off", "cases/consent.ndjson.gz", cut, "was cut off or altered"),
    ("a missing table", "cases/trail_entry.ndjson.gz", Path.unlink, "is missing"),
    ("a missing manifest", "cases/manifest.json", Path.unlink, "is missing"),
    ("an edited manifest", "cases/manifest.json", edit, "was altered, or made under another master key"),
    ("a manifest that was cut off", "cases/manifest.json", cut, "cannot be read"),
    ("the keys of another backup", "keys/manifest.json", other_keys, "was altered, or made under another"),
    ("another folder", "cases", shutil.rmtree, "is missing"),
)


class TestRefused:
    @pytest.mark.parametrize(("what", "name", "fault", "words"), FAULTS, ids=[row[0] for row in FAULTS])
    def test_is_a_backup_with(
        self,
        base: Base,
        fresh: Settings,
        tmp_path: Path,
        what: str,
        name: str,
        fault: Callable[[Path], object],
        words: str,
    ) -> None:
        folder = tmp_path / "copy"
        shutil.copytree(base.folder, folder)
        fault(folder / name)
        assert words in refused("restore", str(folder), "--ledger", str(base.settings.ledger_path))
        gate = open_gate(fresh)
        assert revision(gate) is None, "nothing was touched"
        gate.close()

    def test_is_one_of_which_a_row_is_none_and_nothing_is_kept(
        self, base: Base, fresh: Settings, tmp_path: Path
    ) -> None:
        """Whoever holds the master key can prove a bad file; it is still all or nothing."""
        folder, gate = tmp_path / "copy", open_gate(fresh)
        shutil.copytree(base.folder, folder)
        known = Manifest.read(folder / "cases", gate.vault)
        path = folder / "cases" / "match_run.ndjson.gz"
        with gzip.open(path, "ab") as file:
            file.write(b'["no row"]\n')
        part = next(p for p in known.parts if p.table == "match_run")
        bad = archive.Part(part.table, part.rows + 1, archive.sha256_of(path), part.digest)
        again(folder, replace(known, parts=tuple(bad if p is part else p for p in known.parts)), gate)
        assert "cannot be read" in refused("restore", str(folder), "--without-later-erasures")
        assert founding.societies(gate) == []
        gate.close()

    def test_is_another_master_key(self, base: Base, fresh: Settings) -> None:
        fresh.master_key_path.unlink()
        line = refused("restore", str(base.folder))
        assert "is missing: put the backup's master key there first" in line
        assert not fresh.master_key_path.exists()

    def test_is_a_case_base_in_which_somebody_lives(self, base: Base, monkeypatch: pytest.MonkeyPatch) -> None:
        of(base.settings, monkeypatch)
        assert "stands here already" in refused("restore", str(base.folder))

    def test_is_a_restore_without_a_later_ledger(self, base: Base, fresh: Settings, tmp_path: Path) -> None:
        assert "--without-later-erasures" in refused("restore", str(base.folder))
        older = tmp_path / "older.ndjson"
        older.write_text("")
        assert "--without-later-erasures" in refused("restore", str(base.folder), "--ledger", str(older))
        altered = tmp_path / "altered.ndjson"
        altered.write_text(base.settings.ledger_path.read_text().replace('"KE"', '"UG"'))
        assert "was altered" in refused("restore", str(base.folder), "--ledger", str(altered))
        assert "0 erased again" in done("restore", str(base.folder), "--without-later-erasures")

    def test_is_a_backup_into_a_folder_that_is_there(self, base: Base, monkeypatch: pytest.MonkeyPatch) -> None:
        of(base.settings, monkeypatch)
        assert "is there already" in refused("backup", str(base.folder))

    def test_is_a_backup_of_a_table_that_nobody_knows(self, gate: Gate, monkeypatch: pytest.MonkeyPatch) -> None:
        with gate_backup.reading(gate) as connection:
            assert len(gate_backup.known_tables(connection)) > 20
            monkeypatch.setattr(gate_backup, "BESIDE", frozenset({"erasure", "record_key"}))
            with pytest.raises(Unsafe, match="other tables than this version knows"):
                gate_backup.known_tables(connection)


class TestOlderSchema:
    def test_is_brought_to_this_versions(self, base: Base, fresh: Settings, tmp_path: Path) -> None:
        """The same rows as an archive of the first migration's tables and columns would hold them."""
        folder, gate = tmp_path / "copy", open_gate(fresh)
        shutil.copytree(base.folder, folder)
        known = Manifest.read(folder / "cases", gate.vault)
        old = first_schema(tmp_path / "first")
        parts = tuple(narrowed(folder / "cases", part, old[part.table]) for part in known.parts if part.table in old)
        assert len(parts) < len(known.parts)
        again(folder, replace(known, revision="2026_11_23_first", parts=parts), gate)
        restored(replace(base, folder=folder))
        assert is_current(gate)
        assert {part.table: part.rows for part in parts if part.table == "consent"} == {
            "consent": len(tables(gate)["consent"]) - 3  # withdrawn after the backup
        }
        gate.close()

    def test_that_is_newer_is_refused(self, base: Base, fresh: Settings, tmp_path: Path) -> None:
        folder, gate = tmp_path / "copy", open_gate(fresh)
        shutil.copytree(base.folder, folder)
        again(folder, replace(Manifest.read(folder / "cases", gate.vault), revision="2031_01_01_later"), gate)
        assert "of a newer version than this one" in refused("restore", str(folder))
        gate.close()


def first_schema(folder: Path) -> dict[str, set[str]]:
    """Return the tables of the first migration with their columns."""
    folder.mkdir()
    path = folder / "tracing.db"
    upgrade(Settings(data_dir=folder, database_url=SecretStr(f"sqlite:///{path}")), "2026_11_23_first")
    with closing(sqlite3.connect(path)) as connection:
        names = [name for (name,) in connection.execute("select name from sqlite_master where type = 'table'")]
        return {name: {row[1] for row in connection.execute(f"pragma table_info({name})")} for name in names}


def narrowed(folder: Path, part: archive.Part, kept: set[str]) -> archive.Part:
    """Write a part anew with some of its columns."""
    columns, rows = archive.read_part(folder, part)
    places = [place for place, (name, _) in enumerate(columns) if name in kept]
    found = [[row[place] for place in places] for row in rows]
    (folder / part.name).unlink()
    return archive.write_part(folder, part.table, tuple(columns[place] for place in places), found, "postgresql")


def again(folder: Path, manifest: Manifest, gate: Gate) -> None:
    """Write another manifest of the case base, as whoever holds the master key could."""
    (folder / "cases" / "manifest.json").unlink()
    manifest.write(folder / "cases", gate.vault)


class TestBackup:
    def test_that_fails_leaves_nothing_behind(
        self, base: Base, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        of(base.settings, monkeypatch)

        def fail(*_: object) -> None:
            raise OSError(28, "No space left on device")

        monkeypatch.setattr(gate_backup, "_write_keys", fail)
        assert "No space left" in refused("backup", str(tmp_path / "new" / "backup"))
        assert list((tmp_path / "new").iterdir()) == []

    def test_can_be_read_by_its_owner_alone(self, base: Base) -> None:
        paths = [base.folder, *base.folder.rglob("*")]
        assert len(paths) > 20
        assert {oct(path.stat().st_mode & 0o077) for path in paths} == {"0o0"}

    def test_stands_on_the_trail_of_every_society_first(self, base: Base) -> None:
        gate = open_gate(base.settings)
        made = restoring.check(base.folder, gate.vault, quiet)
        part = next(p for p in made.cases.parts if p.table == "trail_entry")
        columns, rows = archive.read_part(base.folder / "cases", part)
        names = [name for name, _ in columns]
        last: dict[str, str] = {}
        for row in rows:
            known = dict(zip(names, row, strict=True))
            last[known["society"]] = known["act"]
        assert last == {"KE": "backups.make", "UG": "backups.make"}
        gate.close()
