"""`tracing import pfif` and `tracing export pfif`: the page's commands, exit codes, what is printed where."""

import re
from pathlib import Path

import pytest

from tests.cli.calls import call, done, listed, refused
from tests.pfif.files import person, pfif
from tests.support import People, granted, request_draft, sought_draft
from tracing.gate.admit import admitted
from tracing.gate.opening import Gate
from tracing.gate.permissions import Permission
from tracing.kit.settings import Settings
from tracing.pfif.parsers import read, survey
from tracing.pfif.parsers.staged import Staged
from tracing.requests import service as requests
from tracing.requests.schemas import RequestDraft

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "how-to" / "pfif.md").read_text(encoding="utf-8")
COMMANDS = [line.split() for block in re.findall(r"```sh\n(.*?)```", PAGE, re.DOTALL) for line in block.splitlines()]


@pytest.fixture(autouse=True)
def found(settings: Settings, people: People, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the commands find the case base by themselves, from the folder that the page speaks of."""
    monkeypatch.setenv("TRACING_DATA_DIR", str(settings.data_dir))
    if settings.database_url is not None:
        monkeypatch.setenv("TRACING_DATABASE_URL", settings.database_url.get_secret_value())
    monkeypatch.chdir(ROOT)


class TestPage:
    def test_its_commands_do_what_it_says(
        self, people: People, gate: Gate, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        basis = [*granted(lawful_basis="public_interest"), *granted("publish_name")]
        with admitted(gate, people.token("caseworker"), Permission.REQUESTS_WRITE) as access:
            draft = RequestDraft.model_validate(request_draft(sought_draft(basis=basis)))
            requests.open_request(access, draft)
        *imports, (domain, *export) = COMMANDS
        printed = [done(*command[1:], token=people.token("supervisor")) for command in imports]
        assert printed == [
            "2 records: 2 would be imported, 0 would be updated, 0 would be removed, 0 already there, 0 refused.\n",
            "2 records: 2 imported, 0 updated, 0 removed, 0 already there, 0 refused.\n",
            "2 records: 2 imported, 0 updated, 0 removed, 0 already there, 0 refused.\n",
        ]
        monkeypatch.setenv(*domain.split("=", 1))
        output = tmp_path / export[-1]
        assert done(*export[1:-1], str(output), token=people.token("supervisor")) == ""
        staged = Staged(output.read_bytes())
        (one,) = read(staged, survey(staged))
        assert one.fields["full_name"] == "Amina Yusuf Warsame"
        assert done(*export[1:-2], token=people.token("supervisor")).encode() != b""


class TestImport:
    def test_some_refused_end_in_1_and_are_listed_without_their_value(self, people: People, tmp_path: Path) -> None:
        file = tmp_path / "people.xml"
        file.write_bytes(pfif(person(1), person(2, date_of_birth="Zubaydah")))
        result = call("import", "pfif", str(file), token=people.token("intake"))
        assert result.exit_code == 1
        assert result.stdout.startswith("2 records: 1 imported")
        assert f"{file}: line 11: date_of_birth: " in result.stderr
        assert "Zubaydah" not in result.output

    def test_a_damaged_file_ends_in_2(self, people: People, tmp_path: Path) -> None:
        file = tmp_path / "people.xml"
        file.write_bytes(pfif(person(1))[:-5])
        assert "damaged at line" in refused("import", "pfif", str(file), token=people.token("intake"), code=2)

    def test_json_is_the_report(self, people: People, tmp_path: Path) -> None:
        file = tmp_path / "people.xml"
        file.write_bytes(pfif(person(1)))
        (report,) = listed("import", "pfif", str(file), token=people.token("intake"))
        assert (report["imported"], report["dry_run"], report["errors"]) == (1, False, [])


class TestExport:
    def test_takes_a_token_that_may_and_a_domain(self, people: People, monkeypatch: pytest.MonkeyPatch) -> None:
        assert "TRACING_PFIF_DOMAIN" in refused("export", "pfif", token=people.token("supervisor"))
        monkeypatch.setenv("TRACING_PFIF_DOMAIN", "tracing.example.org")
        assert "pfif:export" in refused("export", "pfif", token=people.token("caseworker"))
