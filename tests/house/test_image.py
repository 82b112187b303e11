"""The container image: hardened as promised, and its steps lead to a working command without a container."""

import json
import os
import re
import shlex
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple
from urllib.request import urlopen

import pytest
import yaml

ROOT = Path(__file__).parents[2]
BUILD_LIMIT_S = 900


class Step(NamedTuple):
    """One instruction of a Dockerfile, e.g. ``RUN``, and what follows it on one line."""

    stage: int
    word: str
    rest: str


def steps(dockerfile: str) -> list[Step]:
    """Return the instructions in order; the stage counts from 1, 0 is in front of the first."""
    lines = [line for line in dockerfile.splitlines() if line.strip() and not line.lstrip().startswith("#")]
    stage = 0
    found = []
    for line in re.sub(r"\\\n\s*", "", "\n".join(lines)).splitlines():
        word, _, rest = line.partition(" ")
        stage += word == "FROM"
        found.append(Step(stage, word, rest.strip()))
    return found


DOCKERFILE = steps((ROOT / "Dockerfile").read_text(encoding="utf-8"))
LAST = max(step.stage for step in DOCKERFILE)
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text(encoding="utf-8"))


def said(word: str, stage: int = LAST) -> list[str]:
    return [step.rest for step in DOCKERFILE if step.word == word and step.stage == stage]


class TestDockerfile:
    def test_does_not_run_as_root(self) -> None:
        (user,) = said("USER")
        assert all(part.isdecimal() and int(part) >= 10_000 for part in user.split(":"))

    def test_asks_livez_for_its_health_without_further_programs(self) -> None:
        (check,) = said("HEALTHCHECK")
        command = json.loads(check[check.index("CMD") + len("CMD") :])
        assert command[:2] == ["python", "-c"]
        assert "/livez" in command[2]

    def test_starts_the_service_without_a_shell(self) -> None:
        assert [json.loads(command) for command in said("CMD")] == [["tracing", "serve"]]

    def test_keeps_its_data_in_one_volume(self) -> None:
        assert said("VOLUME") == ["/data"]
        assert any("TRACING_DATA_DIR=/data" in words for words in said("ENV"))

    def test_fetches_only_what_the_lock_has_a_hash_for(self) -> None:
        fetching = [step.rest for step in DOCKERFILE if step.word == "RUN" and " pip " in f"{step.rest} "]
        assert fetching
        for command in fetching:
            assert {"--require-hashes", "--no-index", "--no-deps"} & set(shlex.split(command)), command

    def test_installs_no_compiler(self) -> None:
        assert not [step for step in DOCKERFILE if re.search(r"\b(apt|apt-get|apk|gcc|build-essential)\b", step.rest)]


class TestCompose:
    @pytest.mark.parametrize("name", COMPOSE["services"])
    def test_each_service_is_hardened(self, name: str) -> None:
        service = COMPOSE["services"][name]
        assert service["read_only"] is True
        assert service["cap_drop"] == ["ALL"]
        assert "no-new-privileges:true" in service["security_opt"]
        assert service["healthcheck"]["test"][0] == "CMD"
        assert not service.get("privileged", False)

    def test_publishes_on_this_machine_only(self) -> None:
        ports = [port for service in COMPOSE["services"].values() for port in service.get("ports", ())]
        assert ports
        assert all(port.startswith("127.0.0.1:") for port in ports)

    def test_takes_passwords_from_files(self) -> None:
        assert COMPOSE["secrets"]
        assert all(set(secret) == {"file"} for secret in COMPOSE["secrets"].values())
        for service in COMPOSE["services"].values():
            for name in service.get("environment", {}):
                assert not re.search(r"(PASSWORD|SECRET|KEY|URL)$", name), name

    def test_the_service_logs_in_as_an_ordinary_role(self) -> None:
        assert "nosuperuser nobypassrls" in COMPOSE["configs"]["role"]["content"]
        assert "//tracing:" in " ".join(COMPOSE["services"]["tracing"]["command"])


class Image(NamedTuple):
    """What the steps leave behind: the folder that stands for `/`, and the image's environment."""

    root: Path
    environment: dict[str, str]

    def run(self, *command: str) -> "subprocess.CompletedProcess[str]":
        program = shutil.which(command[0], path=self.environment["PATH"])
        assert program is not None, command[0]
        return subprocess.run(
            [program, *command[1:]],
            cwd=self.root / "data",
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
        )


def moved(text: str, root: Path) -> str:
    """Put the image's folders below `root`."""
    return re.sub(r"(?<![\w./])/(build|wheels|opt|data)\b", lambda found: f"{root}{found[0]}", text)


def copy(rest: str, root: Path, here: Path) -> None:
    """Carry out `COPY`, as far as .dockerignore lets the file through."""
    *sources, target = [word for word in rest.split() if not word.startswith("--")]
    if "--from=" in rest:
        return  # both stages stand below the same root
    let_in = {
        line[1:].rstrip("/") for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")
    }
    for source in sources:
        assert source in let_in, f"{source} is kept out by .dockerignore"
        if (ROOT / source).is_dir():
            shutil.copytree(ROOT / source, here / target, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(ROOT / source, here / target)


def environment_of(root: Path, before: dict[str, str]) -> dict[str, str]:
    found = dict(before)
    for words in said("ENV"):
        for name, value in (item.split("=", 1) for item in shlex.split(words)):
            found[name] = moved(value.replace("$PATH", found["PATH"]), root)
    return found


@pytest.fixture(scope="module")
def image(tmp_path_factory: pytest.TempPathFactory) -> Image:
    root = tmp_path_factory.mktemp("image")
    # The plain environment that stands for the base image: a Python with pip and nothing else.
    subprocess.run([sys.executable, "-m", "venv", root / "base"], check=True)
    path = f"{root / 'base' / 'bin'}:/usr/bin:/bin"
    fetching = {
        name: value for name, value in os.environ.items() if name.startswith(("PIP_", "SSL_", "HTTP", "NO_PROXY"))
    }
    # A compiler that fails makes a step that needs one fail.
    building = {
        **fetching,
        "PATH": path,
        "HOME": os.environ.get("HOME", str(root)),
        "CC": "false",
        "CXX": "false",
    }
    here = root
    for step in DOCKERFILE:
        match step.word:
            case "WORKDIR":
                here = Path(moved(step.rest, root))
                here.mkdir(parents=True, exist_ok=True)
            case "COPY":
                copy(step.rest, root, here)
            case "RUN":
                # Folders get the account that runs the tests.
                command = re.sub(r"--(owner|group) \d+ ", "", moved(step.rest, root))
                done = subprocess.run(
                    ["/bin/sh", "-c", command],
                    cwd=here,
                    env=building,
                    capture_output=True,
                    text=True,
                    check=False,
                    timeout=BUILD_LIMIT_S,
                )
                assert done.returncode == 0, f"{step.rest}\n{done.stdout}{done.stderr}"
            case "ARG" | "FROM" | "ENV" | "USER" | "VOLUME" | "EXPOSE" | "HEALTHCHECK" | "CMD":
                pass
            case _:
                raise AssertionError(f"this test does not know {step.word}")
    # The final stage has nothing of the first but what is copied from it.
    for folder in ("build", "wheels"):
        shutil.rmtree(root / folder)
    return Image(root, environment_of(root, {"PATH": "/usr/bin:/bin"}))


ONE_IMAGE = pytest.mark.xdist_group("image")
"""It takes a minute to make, and one test process makes it for all."""


@pytest.mark.slow
@ONE_IMAGE
class TestSteps:
    def test_lead_to_a_working_command(self, image: Image) -> None:
        done = image.run("tracing", "--help")
        assert done.returncode == 0, done.stderr
        assert "serve" in done.stdout

    def test_install_a_wheel_and_not_the_checkout(self, image: Image) -> None:
        done = image.run("python", "-c", "import tracing; print(tracing.__file__)")
        assert Path(done.stdout.strip()).is_relative_to(image.root / "opt" / "tracing"), done.stderr

    def test_leave_the_development_tools_out(self, image: Image) -> None:
        for name in ("pytest", "mypy", "hatchling", "pip", "hypothesis"):
            assert image.run("python", "-c", f"import {name}").returncode != 0, name

    def test_bring_the_driver_of_postgresql(self, image: Image) -> None:
        assert image.run("python", "-c", "import psycopg; psycopg.pq.version()").returncode == 0

    def test_bring_every_file_of_the_package(self, image: Image) -> None:
        (installed,) = (image.root / "opt" / "tracing").glob("lib/python*/site-packages/tracing")

        def files(folder: Path) -> set[str]:
            return {
                str(path.relative_to(folder))
                for path in folder.rglob("*")
                if path.is_file() and "__pycache__" not in path.parts
            }

        assert files(ROOT / "src" / "tracing") <= files(installed)
        assert files(ROOT / "migrations")
        assert files(ROOT / "migrations") == files(installed / "_migrations")


def installed_files(image: Image) -> set[str]:
    return {f"{path} {path.lstat().st_mtime_ns}" for path in (image.root / "opt").rglob("*")}


@pytest.fixture
def program_files(image: Image) -> set[str]:
    """The files of the installation as they are before the service starts."""
    return installed_files(image)


@pytest.fixture
def service(image: Image) -> Iterator[int]:
    """The port of a service started by the image's own command."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
    (command,) = [json.loads(item) for item in said("CMD")]
    settings = {"TRACING_HOST": "127.0.0.1", "TRACING_PORT": str(port)}
    program = shutil.which(command[0], path=image.environment["PATH"])
    assert program is not None
    with (image.root / "service.log").open("wb") as log:
        process = subprocess.Popen(
            [program, *command[1:]],
            cwd=image.root / "data",
            env={**image.environment, **settings},
            stdout=log,
            stderr=log,
        )
    try:
        for _ in range(300):
            assert process.poll() is None, (image.root / "service.log").read_text()
            try:
                with urlopen(f"http://127.0.0.1:{port}/livez", timeout=3):
                    break
            except (urllib.error.URLError, OSError):
                time.sleep(0.1)
        yield port
    finally:
        process.terminate()
        process.wait(30)


@pytest.mark.slow
@ONE_IMAGE
class TestService:
    def test_finds_itself_healthy(self, image: Image, service: int) -> None:
        (check,) = said("HEALTHCHECK")
        command = json.loads(check[check.index("CMD") + len("CMD") :])
        done = image.run(*[word.replace("8000", str(service)) for word in command])
        assert done.returncode == 0, done.stderr

    def test_finds_itself_ill_when_nobody_answers(self, image: Image) -> None:
        (check,) = said("HEALTHCHECK")
        command = json.loads(check[check.index("CMD") + len("CMD") :])
        assert image.run(*[word.replace("8000", "1") for word in command]).returncode != 0

    def test_writes_nowhere_but_to_its_volume(self, image: Image, program_files: set[str], service: int) -> None:
        assert service
        assert installed_files(image) == program_files
        assert any((image.root / "data").iterdir())
