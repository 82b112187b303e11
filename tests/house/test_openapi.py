"""The committed contract of the API is the one that the service answers by."""

from pathlib import Path

from tracing.cli.openapi import FILE, document

ROOT = Path(__file__).parents[2]


class TestOpenapi:
    def test_the_committed_file_has_not_drifted(self) -> None:
        assert (ROOT / FILE).read_text(encoding="utf-8") == document(), "run `make openapi`"
