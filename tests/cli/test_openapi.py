"""`openapi`: the same bytes every time, whatever the environment says, and nothing left behind."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.calls import done, refused
from tracing.cli import openapi


class TestOpenapi:
    @pytest.mark.slow
    def test_is_written_and_checked(self, tmp_path: Path) -> None:
        path = tmp_path / "new" / "api.json"
        assert "make openapi" in refused("openapi", "--check", "--output", str(path))
        done("openapi", "--output", str(path))
        done("openapi", "--check", "--output", str(path))
        path.write_text(path.read_text().replace("/v1/accounts", "/v1/people"))
        assert "make openapi" in refused("openapi", "--check", "--output", str(path))

    @pytest.mark.slow
    def test_is_the_same_in_another_process_with_another_hash_seed(self, tmp_path: Path) -> None:
        path = tmp_path / "api.json"
        command = [sys.executable, "-m", "tracing", "openapi", "--output", str(path)]
        subprocess.run(command, check=True, env={**os.environ, "PYTHONHASHSEED": "7"})
        assert path.read_text(encoding="utf-8") == openapi.document()

    @pytest.mark.slow
    def test_asks_for_no_settings_and_leaves_nothing(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        before = openapi.document()
        monkeypatch.chdir(tmp_path)
        monkeypatch.setenv("TRACING_DATABASE_URL", "postgresql+psycopg://x@127.0.0.1:1/x")
        monkeypatch.setenv("TRACING_WORKERS", "9")
        assert openapi.document() == before
        assert list(tmp_path.iterdir()) == []
