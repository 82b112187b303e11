"""The text that people may send: every name, no deceit."""

import unicodedata
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import BaseModel, ValidationError

from tests.kit.names import NAMES
from tracing.kit.text import Line, Prose, Word, flaw


class Text(BaseModel):
    line: Line | None = None
    prose: Prose | None = None
    word: Word | None = None


def refused(**fields: Any) -> str:
    """Return the code that a text is refused with; fail when it is taken."""
    with pytest.raises(ValidationError) as caught:
        Text(**fields)
    return str(caught.value.errors()[0]["type"])


class TestName:
    @pytest.mark.parametrize(("script", "name", "why"), NAMES, ids=[f"{row[0]}: {row[2]}" for row in NAMES])
    def test_is_taken_as_it_is_written(self, script: str, name: str, why: str) -> None:
        assert Text(line=name).line == unicodedata.normalize("NFC", name)

    def test_is_tried_in_twenty_scripts_and_more(self) -> None:
        assert len({row[0] for row in NAMES}) > 25

    def test_loses_blanks_around_it_only(self) -> None:
        assert Text(line=" \u00a0Amina  Yusuf\u3000").line == "Amina  Yusuf"


class TestDeceit:
    @pytest.mark.parametrize(
        ("text", "code"),
        [
            ("a\0b", "nul-character"),
            ("a\nb", "control-character"),
            ("a\tb", "control-character"),
            ("a\x7fb", "control-character"),
            ("a\x85b", "control-character"),
            ("a\u2028b", "control-character"),
            ("a\u2029b", "control-character"),
            ("a\ud800b", "string_unicode"),
            *(
                (f"a{mark}b", "bidi-control")
                for mark in "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f\u061c"
            ),
            *(
                (f"a{mark}b", "zero-width")
                for mark in "\u200b\u200c\u200d\u2060\u2063\u00ad\ufeff\u180e\u3164\uffa0\u115f\u034f"
            ),
            ("علی\u200c", "zero-width"),
            ("\u200cعلی", "zero-width"),
            ("علی\u200c رضا", "zero-width"),
            ("علی\u200cA", "zero-width"),
            ("علی\u200c\u200cرضا", "zero-width"),
            ("a\ue000", "zero-width"),
            ("a\uffff", "zero-width"),
            ("a\U0002ffff", "zero-width"),
            ("a\U000e0041", "zero-width"),
            ("a\U0010fffd", "zero-width"),
            ("a\u0378", "zero-width"),
        ],
    )
    def test_is_refused(self, text: str, code: str) -> None:
        assert refused(line=text) == code

    @pytest.mark.parametrize("text", ["", " ", "\u3000", "\u00a0 "])
    def test_emptiness_is_refused(self, text: str) -> None:
        assert refused(line=text) in {"empty", "string_too_short"}

    @pytest.mark.parametrize("text", [7, True, 1.5, b"Amina", ["Amina"], {"a": 1}])
    def test_another_kind_is_refused(self, text: object) -> None:
        assert refused(line=text) == "string_type"

    @pytest.mark.parametrize(("field", "most"), [("line", 300), ("word", 60), ("prose", 10_000)])
    def test_length_has_a_limit(self, field: str, most: int) -> None:
        assert Text(**{field: "a" * most})
        assert refused(**{field: "a" * (most + 1)}) == "string_too_long"

    def test_says_where_it_stands_but_not_what(self) -> None:
        with pytest.raises(ValidationError) as caught:
            Text(line="Amina\u202eYusuf")
        message = caught.value.errors()[0]["msg"]
        assert "character 6" in message
        assert "Amina" not in message


class TestProse:
    def test_may_have_lines_and_tabs(self) -> None:
        assert Text(prose="one\ntwo\r\n\tthree").prose == "one\ntwo\r\n\tthree"

    @pytest.mark.parametrize("text", ["a\0", "a\x1b[0m", "a\u202eb", "a\u200bb", "a\x0bb"])
    def test_may_not_deceive(self, text: str) -> None:
        assert refused(prose=text)


# Any code point, lone surrogates too; letters, marks and joiners of scripts that use them more often.
CHARS = st.one_of(
    st.characters(),
    st.characters(categories=["Cs", "Cf", "Cc", "Co", "Mn", "Mc"]),
    st.sampled_from("\u200c\u200d\u094d\u0d4dअकമനیرضاàé\u0301\u0323 "),
)


class TestAnyText:
    @pytest.mark.slow
    @given(st.text(CHARS, max_size=60))
    @settings(max_examples=5000, deadline=None)
    def test_is_taken_or_refused_and_stays_what_it_became(self, text: str) -> None:
        try:
            taken = Text(line=text).line
        except ValidationError:
            return
        assert taken is not None
        assert taken == unicodedata.normalize("NFC", taken)
        assert taken == taken.strip()
        assert not {"Cc", "Cs", "Co"} & {unicodedata.category(char) for char in taken}
        taken.encode()
        assert Text(line=taken).line == taken

    @given(st.text(st.characters(categories=["Lu", "Ll", "Lo", "Mn"]), min_size=1, max_size=40))
    @settings(max_examples=500, deadline=None)
    def test_of_letters_and_marks_is_no_deceit(self, text: str) -> None:
        hidden = "\u034f\u115f\u1160\u17b4\u17b5\u3164\uffa0"
        assert flaw(text) is None or set(text) & set(hidden)
