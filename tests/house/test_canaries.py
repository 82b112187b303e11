"""No plain name but in answers: a real server is fed a hundred planted names, then everything is searched."""

import json
import logging
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import time
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
import pytest
from fastapi.testclient import TestClient
from sqlalchemy import create_engine, text

from tests.badinput.drafts import REQUEST, SIGHTING, leaves, put
from tests.badinput.world import tables
from tests.house.canaries import CANARIES, STEMS, dumped, files, fill, found_in, leaks
from tests.house.test_matrix import complete
from tests.postgres import server
from tests.review.desk import Desk
from tests.stories.family import Family
from tests.support import Json, People
from tracing.gate.opening import Gate
from tracing.kit.settings import Settings

START_S = 30
# Fields that take any words; the rest are codes, dates and numbers.
WORDED = {
    "full",
    "value",
    "name",
    "birth_place",
    "origin_place",
    "last_place",
    "father",
    "mother",
    "issuer",
    "occupation",
    "school_or_teacher",
    "physical_description",
    "distinguishing_marks",
    "hours",
    "code_word",
    "place",
    "circumstances",
    "last_contact_mode",
    "travel_companions",
    "route",
    "event_ref",
    "already_tried",
    "never_disclose_to",
    "sighting_place",
    "narrative",
    "list_ref",
    "ref",
    "note",
}


def planted(draft: Json, start: int = 0) -> Json:
    """Return a copy of `draft` with another planted name in every field that takes words."""
    for at, value in leaves(draft):
        names = [part for part in at if isinstance(part, str)]
        if isinstance(value, str) and names[-1] in WORDED:
            draft = put(draft, at, "@")
    made: Json = fill(draft, count(start))
    return made


@pytest.fixture
def desk(client: TestClient, people: People, gate: Gate) -> Desk:
    return Desk(client, people, gate)


@contextmanager
def served(settings: Settings, log: Path) -> Iterator[httpx.Client]:
    """Run the real server as a process of its own over a case base; everything it says goes to `log`."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    source = os.pathsep.join(path for path in sys.path if path)  # the tree that is tested, wherever it stands
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": source, **settings.environment()}
    environment |= {"TRACING_PORT": str(port), "TRACING_SOCIETY": "KE", "TRACING_LOG_LEVEL": "debug"}
    command = (sys.executable, "-m", "tracing", "serve")
    with (
        log.open("ab") as sink,
        subprocess.Popen(command, env=environment, stdout=sink, stderr=sink) as server,
        httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=60) as client,
    ):
        try:
            _await(client, server)
            yield client
        finally:
            server.send_signal(signal.SIGTERM)
            server.wait(START_S)


def _await(client: httpx.Client, server: "subprocess.Popen[bytes]") -> None:
    for _ in range(START_S * 20):
        assert server.poll() is None, "the server ended"
        try:
            if client.get("/readyz").status_code == 200:
                return
        except httpx.TransportError:
            time.sleep(0.05)
    raise AssertionError("the server did not start")


class Worker:
    """Does a day's work with planted names in it and keeps every refusal's body."""

    def __init__(self, client: httpx.Client, people: People) -> None:
        self.client = client
        self.people = people
        self.refusals: list[tuple[str, bytes]] = []

    def send(self, method: str, path: str, label: str = "supervisor", **more: Any) -> httpx.Response:
        headers = self.people.auth(label) | more.pop("headers", {})
        answer = self.client.request(method, path, headers=headers, **more)
        assert answer.status_code < 500, answer.text
        if answer.status_code >= 400:
            told = f"{answer.headers}".encode() + answer.content
            self.refusals.append((f"{answer.status_code} {method} {path.split('/')[2][:20]}", told))
        return answer

    def made(self, method: str, path: str, **more: Any) -> Json:
        answer = self.send(method, path, **more)
        assert answer.status_code < 300, answer.text
        body: Json = answer.json() if answer.content else {}
        return body

    def work(self) -> None:
        """Register, report, change, query, match by night, decide, import."""
        requests = [self.made("POST", "/v1/tracing-requests", json=planted(REQUEST, n)) for n in (0, 37, 71)]
        sightings = [self.made("POST", "/v1/sightings", json=planted(SIGHTING, n)) for n in (0, 37)]
        path = f"/v1/sought-persons/{requests[0]['sought'][0]['id']}"
        tag = {"If-Match": self.send("GET", path).headers["ETag"]}
        person = planted({"person": REQUEST["sought"][0]["person"]}, 13)
        self.made("PATCH", path, json=person, headers=tag)
        self.made("POST", "/v1/match", json={"queries": {"q1": person | {"seen_place": CANARIES[40]}}})
        run = self.made("POST", "/v1/match-runs")
        self._await(run["id"])
        for pair in self.made("GET", "/v1/suggestions?limit=200")["items"][:3]:
            self.made("GET", f"/v1/suggestions/{pair['id']}")
            verdict = {
                "verdict": "needs_information",
                "reason": "insufficient_data",
                "note": " ".join(CANARIES),
            }
            tag = {"If-Match": self.send("GET", f"/v1/suggestions/{pair['id']}").headers["ETag"]}
            self.made("POST", f"/v1/suggestions/{pair['id']}/decisions", json=verdict, headers=tag)
        rows = [self._row(number, name) for number, name in enumerate(CANARIES)]
        self.send("POST", "/v1/imports?kind=sightings", content=_lines(rows), headers=NDJSON)
        self.made("POST", f"/v1/records/{sightings[1]['id']}/consents/withdrawal", json={"purposes": ["register"]})

    def err(self) -> None:
        """Put planted names wherever a call can carry one and is refused for it."""
        for number, name in enumerate(CANARIES[::3]):
            url = quote(name)
            ascii_only = {"If-Match": url, "Idempotency-Key": url[:128], "X-Request-Id": url[:60]}
            self.send("GET", f"/v1/sightings/{url}?state={url}")
            self.send("GET", f"/v1/{url}")
            self.send("GET", f"/v1/tracing-requests?cursor={url}&limit={url}")
            self.send("POST", "/v1/sightings", json={name: name, "person": {"names": [{"full": f"{name}\0"}]}})
            self.send("POST", "/v1/match", json={"queries": {name: {name: name}}}, headers=ascii_only)
            self.send("POST", "/v1/sightings", content=f'{{"{name}": "{name}'.encode(), headers=JSON)
            self.send("POST", "/v1/sightings", content=name.encode("utf-16"), headers=JSON)
            if number % 4 == 0:
                rows = [{"home_ref": name, name: name}, {"home_ref": name, "name": f"{name}\u202e"}]
                self.send("POST", f"/v1/imports?kind=requests&source={url}", content=_lines(rows), headers=NDJSON)
                self.send(
                    "POST",
                    "/v1/imports?kind=requests",
                    content=f"{name},{name}\n{name}".encode(),
                    headers=CSV,
                )
            if name.isascii():
                self.client.request(name, f"/{name}", headers={"Authorization": f"Bearer {name}", name: name})
                self.client.get("/livez", headers={"X-Request-Id": name, "User-Agent": name, "Referer": name})

    def _row(self, number: int, name: str) -> Json:
        return {
            "home_ref": f"row-{number} {name}",
            "name": name,
            "birth": "1990",
            "last_place": name,
            "basis": "met_in_person",
            "place": CANARIES[-number],
            "seen_date": "2022",
        }

    def _await(self, run_id: str) -> None:
        for _ in range(START_S * 4):
            if self.made("GET", f"/v1/jobs/{run_id}")["state"] == "done":
                return
            time.sleep(0.25)
        raise AssertionError("the night did not end")


JSON = {"Content-Type": "application/json"}
NDJSON = {"Content-Type": "application/x-ndjson"}
CSV = {"Content-Type": "text/csv"}


def _lines(rows: list[Json]) -> bytes:
    return "\n".join(json.dumps(row, ensure_ascii=False) for row in rows).encode()


class TestPlainNames:
    @pytest.mark.slow
    def test_stand_nowhere_after_a_day_of_work_and_errors(
        self, settings: Settings, people: People, tmp_path: Path
    ) -> None:
        log = tmp_path / "server.log"
        with served(settings, log) as client:
            worker = Worker(client, people)
            worker.work()
            worker.err()
            shown = client.get("/v1/tracing-requests", headers=people.auth()).content
            assert found_in(shown) == set(STEMS), "the names did not arrive"
            metrics = client.get("/metrics", headers=people.auth("operator")).content
            assert b"tracing_requests_total" in metrics
            while_it_runs = [*files(settings.data_dir), *dumped(tables(settings))]
            assert leaks(while_it_runs) == []
        assert b"accident" not in log.read_bytes()
        assert log.read_bytes().count(b"answered") > 250
        assert len(worker.refusals) > 200
        assert leaks(worker.refusals) == []
        assert leaks([("metrics", metrics), ("log", log.read_bytes())]) == []
        assert leaks([*files(settings.data_dir), *dumped(tables(settings))]) == []


SAID = {"statement", "text", "account", "note", "words_to_pass"}
"""Words that are written down on the way from a match to the family."""


class Planting(Family):
    """A family whose every word that is written down on the way holds planted names."""

    def post(self, path: str, body: Any, **more: Any) -> Json:
        return super().post(path, self._planted(body), **more)

    def try_step(self, at: str, path: str, body: Any, label: str = "") -> httpx.Response:
        return super().try_step(at, path, self._planted(body), label)

    def _planted(self, body: Json) -> Json:
        for at, value in leaves(body):
            if isinstance(value, str) and at[-1] in SAID:
                body = put(body, at, " ".join([value, *CANARIES[::9]]))
        return body


class TestAFamily:
    @pytest.mark.slow
    def test_leaves_no_plain_name_on_its_way(self, desk: Desk, caplog: pytest.LogCaptureFixture) -> None:
        caplog.set_level(logging.DEBUG)
        family = complete(Planting(desk))
        tries = f"/records/{family.found}/contact-attempts"
        family.post(tries, {"channel": "visit", "purpose": "case_update", "result": "no_answer", "note": "was away"})
        met = {f"{path}": family.get(path) for path in (f"/messages/{family.message}", f"/fate-reports/{family.fate}")}
        met |= {tries: family.get(tries), "glass": family.get("/broken-glass", "supervisor")}
        met["talks"] = family.get(f"/verifications/{family.verification}")
        met["release"] = family.get(f"/releases/{family.release}", "supervisor")
        for name, answer in met.items():
            assert found_in(json.dumps(answer, ensure_ascii=False).encode()), f"no name arrived in {name}"
        settings = desk.gate.settings
        assert leaks([*files(settings.data_dir), *dumped(tables(settings))]) == []
        assert leaks([("log", "\n".join(str(vars(record)) for record in caplog.records).encode())]) == []


class TestSearch:
    """The search itself: each plant must be found, or a clean result says nothing."""

    @pytest.mark.parametrize("script", STEMS)
    @pytest.mark.parametrize(
        "written",
        [
            lambda name: name.encode(),
            lambda name: name.encode("utf-16"),
            lambda name: unicodedata.normalize("NFD", name).encode(),
            lambda name: name.casefold().encode(),
            lambda name: name.upper().encode("utf-16-be"),
            lambda name: quote(name).encode(),
            lambda name: json.dumps(name).encode(),
            lambda name: repr(name.encode()).encode(),
        ],
        ids=["utf-8", "utf-16", "decomposed", "small", "capitals", "url", "json", "repr"],
    )
    def test_finds_a_name_however_it_is_written(self, script: str, written: Any) -> None:
        stem, endings = STEMS[script]
        assert leaks([("a log", b"GET /v1/x " + written(stem + endings[3]) + b" 404")]) == [f"a log: {script}"]

    def test_finds_a_name_in_the_journal_of_a_database(self, tmp_path: Path) -> None:
        connection = sqlite3.connect(tmp_path / "tracing.db")
        connection.execute("pragma journal_mode = wal")
        connection.execute("create table sighting (id text, reason text)")
        connection.execute("insert into sighting values ('1', ?)", (CANARIES[55],))
        connection.commit()
        assert leaks(files(tmp_path)) == ["tracing.db-wal: Devanagari"]
        connection.close()

    def test_finds_a_name_in_one_column_of_one_table(self, settings: Settings, people: People) -> None:
        """The plant stands in a column that may be read: a post's label."""
        assert leaks(dumped(tables(settings))) == []
        plant(settings, CANARIES[7])
        assert leaks(dumped(tables(settings))) == ["account: Latin"]

    def test_has_a_hundred_names(self) -> None:
        assert len(set(CANARIES)) == 100
        assert found_in("Amina Yusuf Warsame, Наталья, محمد".encode()) == set()


def plant(settings: Settings, name: str) -> None:
    """Write a plain name into the label of every account, past the service."""

    url = settings.main_url if settings.embedded else server().admin_url(settings.main_url)
    engine = create_engine(url)
    with engine.begin() as connection:
        connection.execute(text("update account set team = :name where label = 'auditor'"), {"name": name})
    engine.dispose()
