"""What the repository may hold: a lock with hashes only, no host of a registry, no path of a machine."""

import configparser
import os
import re
import subprocess
import tomllib
from collections.abc import Iterable
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]
LINES_AT_MOST = 400

# Needles are put together from pieces, so that this file does not match itself.
HOSTS = tuple(
    ".".join(pieces)
    for pieces in (
        ("pypi", "org"),
        ("python" + "hosted", "org"),
        ("registry", "npm" + "js", "org"),
        ("crates", "io"),
        ("repo1", "maven", "org"),
        ("proxy", "golang", "org"),
        ("conda", "anaconda", "org"),
    )
)
FILE_URL = "file" + "://"
MACHINE_PATH = re.compile(r"(?<![\w.$}~-])/(?:root|work|home|Users|mnt|private/var)/[\w.]")


def own_sources() -> tuple[str, ...]:
    """Return the hosts and folders that this machine installs packages from, as its settings name them."""
    named = [value for name, value in os.environ.items() if name.startswith(("PIP_", "UV_"))]
    for path in (Path("/etc/pip.conf"), Path.home() / ".pip/pip.conf", Path.home() / ".config/pip/pip.conf"):
        if path.is_file():
            settings = configparser.ConfigParser(interpolation=None)
            settings.read(path)
            named += [value for section in settings.sections() for _, value in settings.items(section)]
    addresses = [urlsplit(word) for value in named for word in value.split() if ":" + "//" in word]
    found = {address.hostname or address.path.rstrip("/") for address in addresses}
    # A bare word such as `localhost` stands in many honest files.
    return tuple(sorted(source for source in found if "." in source or source.count("/") > 1))


def faults(text: str) -> list[str]:
    """Return what a tracked file must not say, in the order of the checks."""
    found = [host for host in (*HOSTS, *own_sources()) if host in text]
    found += [FILE_URL] if FILE_URL in text else []
    found += MACHINE_PATH.findall(text)
    if len(ROOT.parts) > 2 and f"{ROOT}/" in text:
        found.append(str(ROOT))
    return found


def tracked() -> list[Path]:
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    return [ROOT / name for name in listed.split("\0") if name and (ROOT / name).is_file()]


def unhashed(lock: str) -> list[str]:
    """Return the requirements of a lock that are not `name==version` with at least one SHA-256."""
    joined = lock.replace("\\\n", " ")
    lines = [line for line in joined.splitlines() if line.strip() and not line.lstrip().startswith("#")]
    good = re.compile(r"^[\w.\-\[\],]+==[\w.+!]+ *(;[^#]*?)?( +--hash=sha256:[0-9a-f]{64})+ *$")
    return [line.split("--hash")[0].strip() for line in lines if not good.match(line)]


LOCKS = {
    "requirements.lock": ("project", "dev"),
    "requirements-bench.lock": ("bench",),
}
"""Each lock and the parts of pyproject.toml that it pins."""


def asked_for(parts: Iterable[str]) -> list[str]:
    """Return the requirements of parts of pyproject.toml: `project` with its extras, or a dependency group."""
    with (ROOT / "pyproject.toml").open("rb") as file:
        written = tomllib.load(file)
    asked: list[str] = []
    for part in parts:
        if part == "project":
            asked += written["project"]["dependencies"]
            asked += [item for extra in written["project"]["optional-dependencies"].values() for item in extra]
        else:
            asked += written["dependency-groups"][part]
    return asked


def read(lock: str) -> str:
    return (ROOT / lock).read_text(encoding="utf-8")


class TestLock:
    @pytest.mark.parametrize("lock", LOCKS)
    def test_names_no_address(self, lock: str) -> None:
        assert ":" + "//" not in read(lock)

    @pytest.mark.parametrize("lock", LOCKS)
    def test_has_a_hash_for_each_requirement(self, lock: str) -> None:
        assert len(read(lock).splitlines()) > 100
        assert unhashed(read(lock)) == []

    @pytest.mark.parametrize("lock", LOCKS)
    @pytest.mark.parametrize(
        "line",
        [
            "typer==0.29.2",
            "typer>=0.29 --hash=sha256:" + "a" * 64,
            "typer==0.29.2 --hash=md5:" + "a" * 32,
            "-e .",
        ],
    )
    def test_a_planted_requirement_without_one_is_found(self, line: str, lock: str) -> None:
        assert unhashed(f"{read(lock)}\n{line}\n") == [line.split("--hash")[0].strip()]

    @pytest.mark.parametrize(("lock", "parts"), LOCKS.items())
    def test_pins_what_the_project_asks_for(self, lock: str, parts: tuple[str, ...]) -> None:
        pins = dict(re.findall(r"^([\w.\-]+)==([\w.+!]+)", read(lock), re.MULTILINE))
        for item in map(Requirement, asked_for(parts)):
            assert pins[canonicalize_name(item.name)] in item.specifier, item

    def test_every_group_is_pinned_by_one_lock(self) -> None:
        with (ROOT / "pyproject.toml").open("rb") as file:
            groups = set(tomllib.load(file)["dependency-groups"])
        assert groups == {part for parts in LOCKS.values() for part in parts} - {"project"}

    def test_the_peers_never_enter_the_product(self) -> None:
        peers = {"splink", "nomenklatura", "recordlinkage", "scikit-learn", "pandas"}
        pinned = set(re.findall(r"^([\w.\-]+)==", read("requirements.lock"), re.MULTILINE))
        assert peers & pinned == set()


class TestTrackedFiles:
    def test_name_no_registry_no_machine_and_no_file_address(self) -> None:
        files = tracked()
        assert len(files) > 20
        found = {
            str(path.relative_to(ROOT)): said
            for path in files
            if (said := faults(path.read_bytes().decode("utf-8", errors="replace")))
        }
        assert found == {}

    @pytest.mark.parametrize(
        "text",
        [
            f"index-url = https://{HOSTS[0]}/simple",
            f"at {FILE_URL}/x/y.whl",
            "see /" + "work/notes.md",
            "cd /" + "root/tracing",
            "in '/" + "home/anna/tracing'",
            "in /" + "Users/anna/tracing",
        ],
    )
    def test_a_planted_one_is_found(self, text: str) -> None:
        assert faults(text)

    @pytest.mark.parametrize("text", ["/v1/home-visits", "~/tracing", "$HOME/desk/x", "/data/tracing.db", "a/desk/b"])
    def test_ordinary_paths_are_not(self, text: str) -> None:
        assert faults(text) == []


class TestSources:
    def test_no_file_is_longer_than_a_reader_can_hold(self) -> None:
        files = sorted((ROOT / "src").rglob("*.py"))
        assert files
        lengths = {str(path.relative_to(ROOT)): len(path.read_text(encoding="utf-8").splitlines()) for path in files}
        assert {name: lines for name, lines in lengths.items() if lines > LINES_AT_MOST} == {}
