"""The import contracts hold on the tree, and each of them turns red on a planted violation."""

import os
import re
import shutil
import subprocess
import sys
import tomllib
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
# (contract, why, {file below src/tracing: line to add})
PLANTS: tuple[tuple[str, str, dict[str, str]], ...] = (
    ("storeys", "the ground reaches for the law", {"kit/clock.py": "import tracing.gate.access"}),
    (
        "storeys",
        "two counters in one row know each other",
        {"consent/service.py": "import tracing.accounts.service"},
    ),
    ("storeys", "the engine asks the kit for something", {"matching/model.py": "import tracing.kit.clock"}),
    ("storeys", "the demo's families lean on the engine", {"demo/planted.py": "import tracing.matching"}),
    (
        "storeys",
        "what the features share knows a feature",
        {"persons/schemas.py": "import tracing.requests.schemas"},
    ),
    ("storeys", "a folder that no storey names", {"helpers/__init__.py": ""}),
    ("storeys", "the exchange knows of its bundles", {"exchange/service.py": "import tracing.bundles.store"}),
    ("rooms", "a store climbs to its service", {"requests/store.py": "import tracing.requests.service"}),
    ("rooms", "the states read the rows", {"sightings/states.py": "import tracing.sightings.store"}),
    ("rooms", "a room that no feature has", {"requests/utils.py": ""}),
    ("engine", "the engine meets the web framework", {"matching/model.py": "import fastapi"}),
    ("engine", "the engine validates with pydantic", {"matching/person.py": "import pydantic"}),
    ("engine", "the demo's families know the database", {"demo/planted.py": "import sqlalchemy"}),
    ("http", "a service raises HTTP errors", {"requests/service.py": "import fastapi"}),
    ("http", "the gate knows responses", {"gate/guard.py": "import starlette.responses"}),
    ("sql", "a service builds statements", {"requests/service.py": "import sqlmodel"}),
    ("sql", "a route builds statements", {"review/routes.py": "import sqlalchemy"}),
    ("sql", "the web counts rows", {"web/limits.py": "import sqlalchemy.orm"}),
    ("service", "a route goes to the store", {"requests/routes.py": "import tracing.requests.store"}),
    ("session", "a feature opens its own session", {"requests/store.py": "import tracing.kit.db"}),
    ("session", "the command line opens an engine", {"cli/planted.py": "import tracing.kit.db"}),
    ("doors", "a service lets itself in", {"review/service.py": "import tracing.gate.admit"}),
    ("doors", "a night lets itself in", {"review/nights.py": "import tracing.gate.admit"}),
    ("tables", "a service writes rows itself", {"requests/service.py": "import tracing.requests.tables"}),
    ("tables", "the web reads rows", {"web/door.py": "import tracing.gate.tables"}),
    (
        "cycles",
        "two modules of the engine need each other",
        {
            "matching/person.py": "import tracing.matching.model",
            "matching/model.py": "import tracing.matching.person",
        },
    ),
)


def settings() -> dict[str, Any]:
    with (ROOT / "pyproject.toml").open("rb") as file:
        linter: dict[str, Any] = tomllib.load(file)["tool"]["importlinter"]
    return linter


def names_of(contract: dict[str, Any]) -> set[str]:
    """Return the modules that a contract names without a wildcard."""
    keys = (
        "containers",
        "source_modules",
        "forbidden_modules",
        "protected_modules",
        "allowed_importers",
        "ancestors",
    )
    return {name for key in keys for name in contract.get(key, ()) if name.startswith("tracing") and "*" not in name}


def lint(folder: Path) -> tuple[int, str]:
    done = subprocess.run(
        [
            sys.executable,
            "-c",
            "from importlinter.cli import lint_imports_command; lint_imports_command()",
            "--no-cache",
        ],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(folder / "src"), "NO_COLOR": "1", "COLUMNS": "200"},
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A copy of the tree in which each module that a contract names exists."""
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    package = tmp_path / "src" / "tracing"
    shutil.copytree(ROOT / "src" / "tracing", package, ignore=shutil.ignore_patterns("__pycache__", "data"))
    for name in set().union(*(names_of(contract) for contract in settings()["contracts"])):
        path = tmp_path / "src" / Path(*name.split("."))
        if not path.with_suffix(".py").exists() and not (path / "__init__.py").exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            (path / "__init__.py" if path.is_dir() else path.with_suffix(".py")).touch()
    return tmp_path


def plant(folder: Path, files: dict[str, str]) -> None:
    for name, line in files.items():
        path = folder / "src" / "tracing" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        before = path.read_text(encoding="utf-8") if path.exists() else ""
        path.write_text(f"{before}\n{line}\n", encoding="utf-8")
        # What the line imports must exist, or it would count as foreign and be red for another reason.
        for wanted in re.findall(r"import (tracing[\w.]+)", line):
            target = folder / "src" / Path(*wanted.split("."))
            if not target.is_dir() and not target.with_suffix(".py").exists():
                target.with_suffix(".py").touch()


class TestContracts:
    def test_hold_on_the_tree(self, copy: Path) -> None:
        code, said = lint(copy)
        assert code == 0, said

    @pytest.mark.slow
    @pytest.mark.parametrize(("contract", "reason", "files"), PLANTS, ids=[f"{c}: {why}" for c, why, _ in PLANTS])
    def test_turn_red_on_a_planted_violation(
        self, copy: Path, contract: str, reason: str, files: dict[str, str]
    ) -> None:
        plant(copy, files)
        code, said = lint(copy)
        name = next(item["name"] for item in settings()["contracts"] if item["id"] == contract)
        assert code != 0, reason
        assert re.search(rf"^{re.escape(name)} BROKEN", said, re.MULTILINE), said
        # Red for the planted reason: the report on this contract names the module that holds the plant.
        _, _, report = said.partition(f"\n{name}\n---")
        for planted in files:
            module = "tracing." + planted.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
            short = module.rpartition(".")[2]  # cycles are reported relative to their package
            pattern = rf"(?:(?<![\w.]){re.escape(module)}|(?<=\s)\.{short})(?![\w.])"
            assert re.search(pattern, report), said

    def test_each_has_a_planted_violation(self) -> None:
        assert {contract["id"] for contract in settings()["contracts"]} == {contract for contract, _, _ in PLANTS}

    def test_the_rooms_are_looked_at_in_every_feature(self) -> None:
        rooms = next(item for item in settings()["contracts"] if item["id"] == "rooms")
        package = ROOT / "src" / "tracing"
        outside = {"cli", "console", "persons", "web", "gate", "kit", "matching", "demo"}
        found = {
            f"tracing.{folder.name}"
            for folder in package.iterdir()
            if (folder / "__init__.py").exists() and folder.name not in outside
        }
        assert found == set(rooms["containers"])

    @pytest.mark.parametrize(("contract", "free"), [("http", {"routes"}), ("sql", {"store", "copy_store", "tables"})])
    def test_no_room_is_left_out_of_what_may_not_speak(self, contract: str, free: set[str]) -> None:
        contracts = {item["id"]: item for item in settings()["contracts"]}
        rooms = {
            f"{feature}.{path.stem}"
            for feature in contracts["rooms"]["containers"]
            for path in (ROOT / "src" / Path(*feature.split("."))).iterdir()
            if path.stem not in free | {"__init__", "__pycache__"}
        }
        held = contracts[contract]["source_modules"]
        assert {room for room in rooms if not any(fnmatch(room, one) for one in held)} == set()

    def test_every_module_they_name_exists(self) -> None:
        named = set().union(*(names_of(contract) for contract in settings()["contracts"]))
        paths = {name: ROOT / "src" / Path(*name.split(".")) for name in named}
        absent = {
            name
            for name, path in paths.items()
            if not path.with_suffix(".py").exists() and not (path / "__init__.py").exists()
        }
        assert absent == set()


class TestPage:
    written = (ROOT / "docs" / "discussion" / "house.md").read_text(encoding="utf-8")

    @staticmethod
    def layers(contract: str) -> set[str]:
        found = next(item for item in settings()["contracts"] if item["id"] == contract)["layers"]
        return set(re.findall(r"\((\w+)\)", " ".join(found)))

    def named(self, heading: str) -> set[str]:
        """Return what stands in code letters in the table under `heading`."""
        table = self.written.partition(f"| {heading} |")[2].partition("\n\n")[0]
        return set(re.findall(r"`(\w+)`", table))

    def test_names_every_storey(self) -> None:
        packages = {folder.parent.name for folder in (ROOT / "src" / "tracing").glob("*/__init__.py")}
        modules = {path.stem for path in (ROOT / "src" / "tracing").glob("[a-z]*.py")}
        assert self.named("Storey | Packages") == self.layers("storeys") & (packages | modules)

    def test_names_every_room(self) -> None:
        assert self.named("Room | What is in it") == self.layers("rooms")
