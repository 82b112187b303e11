"""The data tables of the names part, and the plug for further readings."""

from __future__ import annotations

from collections import Counter

import pytest

from tracing.matching.names import romanise as romanising
from tracing.matching.names.lists import han_simplified, readings, rows, words
from tracing.matching.names.romanise import MOST_READINGS, add_source, romanise
from tracing.matching.names.variants import classes_of, member_key, variant_class


class TestVariantClasses:
    def test_have_one_line_each(self) -> None:
        names = Counter(name for name, *_ in rows("variant_classes.tsv"))
        assert [name for name, lines in names.items() if lines > 1] == []
        assert len(names) >= 400

    def test_have_four_columns_a_known_sex_and_two_letters_at_least(self) -> None:
        for name, sex, cultures, spellings in rows("variant_classes.tsv"):
            assert sex in ("m", "f", "fm", "-"), name
            assert cultures, name
            assert all(member_key(spelling) for spelling in spellings.split("|")), name

    @pytest.mark.parametrize(
        ("one", "other"),
        [
            ("mohammed", "mahmoud"), ("hassan", "hussein"), ("khalid", "khalil"), ("hamid", "hamed"),
            ("rahman", "rahim"), ("abdulrahman", "abdulrahim"), ("samir", "samira"),
            ("valentyn", "valentyna"),
            ("hernandez", "fernandez"), ("zhang", "zheng"), ("chen", "cheng"),
            ("alexander", "alexandra"),
            ("sulayman", "salman"), ("goldberg", "goldstein"),
        ],
    )  # fmt: skip
    def test_keep_siblings_and_neighbours_apart(self, one: str, other: str) -> None:
        assert classes_of(one)
        assert set(classes_of(one)).isdisjoint(classes_of(other))

    @pytest.mark.parametrize(
        ("one", "other"),
        [("mehmet", "محمد"), ("joseph", "يوسف"), ("sasha", "александр"), ("kac", "katz"), ("ndiaye", "njie")],
    )
    def test_join_spellings_across_languages(self, one: str, other: str) -> None:
        assert set(classes_of(member_key(one))) & set(classes_of(member_key(other)))

    def test_tell_the_sex_where_the_table_does(self) -> None:
        assert variant_class(classes_of("samira")[0]).sex == "female"
        assert variant_class(classes_of("nur")[0]).sex is None


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


class TestFurtherReadings:
    def test_stand_after_the_hand_made_one(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(romanising, "_SOURCES", [])
        plain = romanise("محمود", "Arab")
        add_source(lambda _text, script: ["mahmoud", "mahmud"] if script == "Arab" else [])
        assert romanise("محمود", "Arab") == (*plain, "mahmoud", "mahmud")
        assert romanise("Олена", "Cyrl") == tuple(dict.fromkeys(romanise("Олена", "Cyrl")))

    def test_are_kept_to_a_few(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(romanising, "_SOURCES", [lambda _text, _script: [chr(97 + n) * 3 for n in range(20)]])
        assert len(romanise("سعاد", "Arab")) == MOST_READINGS
