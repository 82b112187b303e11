"""The documentation lists every setting, and its links lead somewhere."""

import re
from pathlib import Path

import pytest

from tests.house import states_page
from tests.house.settings_page import PAGE, page, value, variable
from tracing.kit.settings import Settings

ROOT = Path(__file__).parents[2]
LINK = re.compile(r"\]\((?!\w+:|#)([^)#\s]+)(?:#[^)]*)?\)")


def broken(document: Path, text: str) -> list[str]:
    """Return the relative links of a document that lead nowhere."""
    return [link for link in LINK.findall(text) if not (document.parent / link).exists()]


class TestSettings:
    written = PAGE.read_text(encoding="utf-8")

    def test_every_field_stands_on_the_page(self) -> None:
        listed = re.findall(r"^\| `(TRACING_\w+)` \|", self.written, re.MULTILINE)
        assert listed == [variable(field) for field in Settings.model_fields]

    def test_every_field_says_what_it_means(self) -> None:
        assert [name for name, field in Settings.model_fields.items() if not field.description] == []

    def test_the_page_is_what_make_docs_writes(self) -> None:
        assert self.written == page(), "run `make docs`"

    @pytest.mark.parametrize(
        ("schema", "words"),
        [
            ({"type": "integer", "minimum": 1, "maximum": 64}, "whole number from 1 to 64"),
            ({"type": "number", "exclusiveMinimum": 0, "maximum": 60}, "number above 0 to 60"),
            ({"type": "integer", "minimum": 1024}, "whole number from 1024"),
            ({"type": "integer", "minimum": 67108864}, "whole number from 67108864"),
            (
                {"anyOf": [{"type": "string", "format": "password"}, {"type": "null"}], "default": None},
                "secret text",
            ),
            ({"type": "string", "format": "path"}, "path"),
            ({"enum": ["info", "error"], "type": "string"}, "`info`, `error`"),
            ({"type": "string", "pattern": "^(A|B)$"}, "text like `^(A\\|B)$`"),
            ({"type": "boolean"}, "`true`, `false`"),
        ],
    )
    def test_a_value_is_put_in_words(self, schema: dict[str, object], words: str) -> None:
        assert value(schema) == words


class TestStates:
    def test_the_page_is_what_make_docs_writes(self) -> None:
        assert states_page.PAGE.read_text(encoding="utf-8") == states_page.page(), "run `make docs`"


class TestLinks:
    def test_lead_somewhere(self) -> None:
        documents = [*(ROOT / "docs").rglob("*.md"), *ROOT.glob("*.md")]
        assert len(documents) > 5
        found = {
            str(path.relative_to(ROOT)): links
            for path in documents
            if (links := broken(path, path.read_text(encoding="utf-8")))
        }
        assert found == {}

    def test_a_planted_broken_one_is_found(self) -> None:
        text = "[here](index.md) [there](nowhere.md#part) [outside](https://example.org/x) [below](#part)"
        assert broken(ROOT / "docs" / "page.md", text) == ["nowhere.md"]

    def test_the_index_names_every_page(self) -> None:
        index = (ROOT / "docs" / "index.md").read_text(encoding="utf-8")
        pages = {str(path.relative_to(ROOT / "docs")) for path in (ROOT / "docs").rglob("*.md")} - {"index.md"}
        assert pages - set(LINK.findall(index)) == {"decisions/template.md"}
