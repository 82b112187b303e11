"""The documentation lists every setting, and its links lead somewhere."""

import re
from pathlib import Path

import pytest

from tests.house import family_page, states_page
from tests.house.settings_page import PAGE, page, value, variable
from tracing.kit.settings import Settings
from tracing.requests.states import FindingReason, State

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


class TestFromMatchToFamily:
    written = family_page.PAGE.read_text(encoding="utf-8")

    def test_the_page_is_what_make_docs_writes(self) -> None:
        assert self.written == family_page.page(self.written), "run `make docs`"

    def test_every_step_of_the_way_is_drawn(self) -> None:
        drawn = set(re.findall(r"^    (\w+) --> (\w+): (\w+)$", family_page.diagram(), re.MULTILINE))
        assert {event for _, _, event in drawn} == set(family_page.WAY)
        assert {("search", "lead_found"), ("outcome_ready", "closed"), ("reopened", "search")} <= {d[:2] for d in drawn}

    def test_every_state_has_a_line_of_what_the_enquirer_sees(self) -> None:
        assert set(re.findall(r"^\| `(\w+)`", family_page.statuses(), re.MULTILINE)) == set(State)

    def test_every_reason_stands_on_it(self) -> None:
        assert set(re.findall(r"^   \| `(\w+)` \|", self.written, re.MULTILINE)) == set(FindingReason)

    @pytest.mark.parametrize(
        ("old", "new"),
        [("--> lead_found: confirm_lead", "--> closed: confirm_lead"), ("| `closed` | `closed` |", "| `closed` | - |")],
    )
    def test_a_stale_one_is_found(self, old: str, new: str) -> None:
        stale = self.written.replace(old, new)
        assert stale != self.written
        assert family_page.page(stale) == self.written


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
