"""The data tables of the names part."""

from __future__ import annotations

import pytest

from tracing.matching.names.lists import han_simplified, readings, rows, words
from tracing.matching.names.variants import member_key


class TestLists:
    @pytest.mark.parametrize("kind", ["title", "particle", "unknown", "kunya", "servant", "faith", "god", "article"])
    def test_of_words_are_folded(self, kind: str) -> None:
        listed = words(kind)
        assert listed
        assert all(member_key(word) == word for word in listed if word.isascii())

    def test_of_forenames_and_surnames_hold_names_and_positive_counts(self) -> None:
        for table in ("forenames.tsv", "surnames.tsv"):
            counted = rows(table)
            assert len(counted) > 1000
            assert all(row[0] and int(row[-1]) >= 1 for row in counted)

    def test_of_readings_are_plain_latin(self) -> None:
        for script in ("Hani", "Hang", "Mymr"):
            assert all(
                latin.isascii() and latin.isalpha() for spelled in readings(script).values() for latin in spelled
            )

    def test_of_letter_forms_lead_to_one_form_in_one_step(self) -> None:
        forms = han_simplified()
        assert all(ord(simple) not in forms for simple in forms.values())
