"""Reading names: folding, romanising, tokens, compounds, kinds, order as meant."""

from __future__ import annotations

import pickle
import time
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.matching.names.pairs import outcome
from tracing.matching.names import read_name, reading, token, token_keys
from tracing.matching.names.compounds import parts_of
from tracing.matching.names.fold import fold
from tracing.matching.names.pieces import pieces_of
from tracing.matching.names.reading import NameReading, read_whole
from tracing.matching.names.romanise import romanise
from tracing.matching.names.script import script_of
from tracing.matching.names.sounds import skeletons
from tracing.matching.names.systems import system_of
from tracing.matching.names.tokens import BEARING


def names_of(full: str) -> list[str]:
    return [name.text for name in read_name(full).names]


def kinds_of(full: str) -> list[tuple[str, str]]:
    return [(read.text, read.kind) for read in read_name(full).tokens]


WORDS = (
    "Ali", "HASSAN", "Mohammed", "Abd", "Al", "al", "Rahman", "bin", "Abu", "Haji", "Amir", "Sheikh", "Ullah", "A",
    "AB", "KL", "Ng", "Nguyen", "Thi", "Van", "Park", "Youngsoo", "Wei", "Petrova", "Ivanovna", "Gebre", "Medhin", "Jr",
    "Unknown", "محمد", "عبد", "الرحمن", "Сергій", "Петрович", "金", "김영수", "ተስፋዬ", "Ó", "৭", "x", "ကက", "Özgür", "İ",
)  # fmt: skip


class TestPlainNames:
    @given(
        st.lists(st.one_of(st.sampled_from(WORDS), st.text(max_size=4)), min_size=1, max_size=5),
        st.sampled_from((" ", "  ", "\t", "\u00a0")),
        st.sampled_from((None, "vi", "ar", "es", "zz")),
    )
    def test_read_as_they_would_in_pieces(self, words: list[str], between: str, lang: str | None) -> None:
        """The short way tells no name otherwise than the long one."""
        full = between.join(words)
        short = reading._plain(full, None, lang)
        if short is not None:
            pieces = pieces_of(full)
            long = reading._in_pieces(full, None, pieces, system_of(pieces, lang))
            assert short == long
            assert (short.names, short.sex, short.joins, short.initials) == (
                long.names, long.sex, long.joins, long.initials
            )  # fmt: skip

    @pytest.mark.parametrize(
        "full",
        [
            "Ali Hassan Mohammed",
            "محمد حسن",
            "Сергій Іванович Шевченко",
            "Lailly Khatun",
            "Oleksandr Oleksiyovych Boiko",
        ],
    )
    def test_go_the_short_way(self, full: str) -> None:
        assert reading._plain(full, None, None) is not None

    @pytest.mark.parametrize(
        "full",
        ["Abd al Rahman", "Haji Ali", "Ali bin Hassan", "J. Smith", "Park Youngsoo", "Anna-Maria Berg", "", "金大中"],
    )
    def test_are_not_those_in_which_a_word_depends_on_another(self, full: str) -> None:
        assert reading._plain(full, None, None) is None


class TestFolding:
    @pytest.mark.parametrize(
        ("one", "other", "why"),
        [
            ("إبراهيم", "ابراهیم", "hamza carriers, Persian yeh"),
            ("كريم", "کریم", "Persian kaf and yeh"),
            ("مُحَمَّد", "محمد", "vowel marks"),
            ("فاطمة", "فاطمه", "ta marbuta"),
            ("דָּוִד", "דוד", "niqqud"),
            ("Ёлкин", "Елкин", "yo written as ye"),
            ("Сергій", "Сергий", "Ukrainian i"),
            ("Γεώργιος", "ΓΕΩΡΓΙΟΣ", "accents, case, final sigma"),
            ("ኃይለ", "ሃይለ", "homophone letters"),
            ("はなこ", "ハナコ", "hiragana and katakana"),
            ("張", "张", "traditional and simplified"),
            ("ＡＬＩ", "ali", "full width letters"),
            ("Yılmaz", "YILMAZ", "dotless i"),
            ("Weiß", "Weiss", "sharp s"),
            ("ئارام", "آرام", "the letter before a Kurdish vowel"),
            ("ئەحمەد", "احمد", "the same before one that Arabic leaves out"),
        ],
    )
    def test_one_spelling_for_letter_forms(self, one: str, other: str, why: str) -> None:
        assert fold(one, script_of(one)) == fold(other, script_of(other)) != "", why

    @pytest.mark.parametrize(
        ("one", "other"),
        [("محمد", "محمود"), ("حامد", "حميد"), ("张", "章"), ("Петров", "Петрова"), ("김", "금")],
    )
    def test_keeps_different_names_apart(self, one: str, other: str) -> None:
        assert fold(one, script_of(one)) != fold(other, script_of(other))


class TestRomanising:
    @pytest.mark.parametrize(
        ("native", "latin"),
        [
            ("Шевченко", "shevchenko"), ("Щур", "shchur"), ("Παπαδόπουλος", "papadopoulos"), ("كريم",
            "karim"),
            ("חיים", "cheim"), ("ተስፋዬ", "tesfaye"), ("გიორგი", "giorgi"), ("ナカムラ", "nakamura"),
            ("김", "kim"),
            ("ကျော်", "kyaw"), ("吕", "lyu"), ("ئەحمەد", "ahmad"),
        ],
    )  # fmt: skip
    def test_has_the_usual_reading(self, native: str, latin: str) -> None:
        assert latin in romanise(native, script_of(native))

    def test_spells_umlauts_out_as_a_second_reading(self) -> None:
        assert romanise("Müller", "Latn") == ("muller", "mueller")


class TestSounds:
    @pytest.mark.parametrize(
        ("one", "other"),
        [
            ("mohammed", "muhamad"), ("khaled", "halid"), ("ghulam", "gholam"), ("schwartz", "szwarc"),
            ("chaim", "haim"), ("hnatiuk", "gnatyuk"), ("gamal", "jamal"), ("xasan", "hassan"),
            ("othman", "osman"), ("abempa", "abeba"), ("mohamment", "mohamed"), ("tsatzi", "chachi"),
            ("ntzamal", "jamal"),
        ],
    )  # fmt: skip
    def test_share_a_key_across_spellings(self, one: str, other: str) -> None:
        assert set(skeletons(one)) & set(skeletons(other))

    @pytest.mark.parametrize(("one", "other"), [("ali", "leo"), ("janina", "jan"), ("karim", "hakim")])
    def test_keep_other_names_apart(self, one: str, other: str) -> None:
        assert skeletons(one)[0] != skeletons(other)[0]


class TestCompounds:
    @pytest.mark.parametrize(
        ("text", "parts"),
        [
            ("Abdurrahman", ("abdul", "rahman")), ("Abdul Rahman", ("abdul", "rahman")),
            ("Abdirahman", ("abdul", "rahman")), ("Abdelkader", ("abdul", "kader")),
            ("عبدالرحمن", ("abdul", "رحمن")), ("Nour Eddine", ("nour", "uddin")), ("Saifuddin", ("saif",
            "uddin")),
            ("Najeeb Ullah", ("najeeb", "ullah")), ("Gebremedhin", ("gebre", "medhin")),
            ("Gebre Medhin", ("gebre", "medhin")), ("Umm Hassan", ("umm", "hassan")), ("Abdullah", ()),
            ("Karim", ()), ("Martin", ()), ("Abdi", ()), ("Breeden", ()),
            ("Gebremedin", ("gebre", "medin")),
        ],
    )  # fmt: skip
    def test_have_one_canonical_spelling(self, text: str, parts: tuple[str, ...]) -> None:
        assert parts_of(text) == parts

    @pytest.mark.parametrize(
        ("full", "names"),
        [
            ("Abdul Rahman al-Khatib", ["Abdul Rahman", "Khatib"]),
            ("Nour al-Din Saleh", ["Nour Din", "Saleh"]),
            ("Tesfaye Haile Mariam", ["Tesfaye", "Haile Mariam"]),
            ("Abu Bakr Salim", ["Abu Bakr", "Salim"]),
            ("عبد الرحمن الخطيب", ["عبد الرحمن", "الخطيب"]),
        ],
    )
    def test_are_one_token_of_a_name(self, full: str, names: list[str]) -> None:
        assert names_of(full) == names


class TestKinds:
    @pytest.mark.parametrize(
        ("full", "names", "why"),
        [
            ("Haji Mohammad Omar", ["Mohammad", "Omar"], "title"),
            ("Ali bin Hassan", ["Ali", "Hassan"], "son of"),
            ("Juan de la Cruz", ["Juan", "Cruz"], "particles"),
            ("U Maung Maung Thein", ["Maung", "Maung", "Thein"], "Burmese honorific"),
            ("Amir", ["Amir"], "a title alone is the name"),
            ("Amir Hassan", ["Amir", "Hassan"], "a title before one name is a name"),
            ("unknown", [], "not known"),
            ("مجهول", [], "not known"),
            ("Ali (unknown)", ["Ali"], "one part not known"),
            ("", [], "empty"),
            ("😀 \u200e\u200f", [], "no letters"),
            ("Nguyễn Thị Lan", ["Nguyễn", "Lan"], "Thị tells the sex only"),
            ("Zhang Weiming", ["Zhang", "wei", "ming"], "syllables"),
            ("张伟明", ["张", "伟", "明"], "characters of a native name"),
            ("拉塞克", ["拉塞克"], "a foreign name in Han letters stays whole"),
        ],
    )
    def test_bear_the_name_or_not(self, full: str, names: list[str], why: str) -> None:
        assert names_of(full) == names, why

    @pytest.mark.parametrize(
        ("full", "names"),
        [
            ("ထွန်းလင်း", ["ထွန်း", "လင်း"]),
            ("ဒေါ်ခင်စန်း", ["ခင်", "စန်း"]),
            ("စန္ဒာ", ["စန္ဒာ"]),
            ("အောင် ကျော်မင်း", ["အောင်", "ကျော်မင်း"]),
        ],
    )
    def test_burmese_in_one_word_is_cut_into_syllables(self, full: str, names: list[str]) -> None:
        assert names_of(full) == names

    def test_a_comma_puts_the_family_name_first(self) -> None:
        assert names_of("AL-KHATIB, Dr. Abdul Rahman") == ["Abdul Rahman", "KHATIB"]

    def test_initials_and_patronymics_are_told(self) -> None:
        assert kinds_of("J. Ramírez")[0] == ("J", "initial")
        assert kinds_of("Іван Петрович Бондар")[1] == ("Петрович", "patronymic")

    @pytest.mark.parametrize(
        ("full", "sex"),
        [
            ("Fatima bint Ali bin Hassan", "female"), ("Ali bin Hassan", "male"), ("Nguyen Van Hoa", "male"),
            ("Iryna Petrivna Moroz", "female"), ("Sam Doe", None),
        ],
    )  # fmt: skip
    def test_particles_and_patronymics_tell_the_sex(self, full: str, sex: str | None) -> None:
        assert read_name(full).sex == sex

    @pytest.mark.parametrize(
        ("full", "system"),
        [
            ("Mohamed Ahmed Ali", "arabic_chain"), ("محمد أحمد", "arabic_chain"), ("Tesfaye Abebe",
            "ethiopian_chain"),
            ("Chen Jian", "east_asian"), ("Pham Minh Duc", "vietnamese"), ("Ivan Petrovych Bondar", "slavic"),
            ("Qwrt Zxcv", "unknown"),
        ],
    )  # fmt: skip
    def test_the_naming_system_is_guessed(self, full: str, system: str) -> None:
        assert read_name(full).system == system


def require_same_again(reading: NameReading) -> None:
    again = pickle.loads(pickle.dumps(reading))  # noqa: S301  # our own bytes
    assert again == reading
    assert (again.names, again.sex, again.joins) == (reading.names, reading.sex, reading.joins)


class TestTokens:
    def test_are_interned(self) -> None:
        assert token("Fictional") is token("Fictional")
        assert read_name("Fictional Person").names[0] is token("Fictional")

    def test_and_readings_survive_pickling_small(self) -> None:
        reading = read_name("Abdul Rahman al-Khatib")
        again = pickle.loads(pickle.dumps(reading))  # noqa: S301  # our own bytes
        assert again == reading
        assert again.names == reading.names
        assert len(pickle.dumps(reading)) < 400

    @pytest.mark.parametrize("lang", ["so", "tr", "am", "zh", "vi", "my", "es"])
    @pytest.mark.parametrize("full", ["Qwrt Zxcv", "Lan Thi Minh", "Minh An", "Ana del Mar"])
    def test_and_what_a_language_told_of_them(self, full: str, lang: str) -> None:
        require_same_again(read_name(full, lang=lang))
        assert read_name("Qwrt Zxcv", lang=lang).system != read_name("Qwrt Zxcv").system

    @pytest.mark.parametrize("full", ["馬丁", "王小明", "김민준"])
    def test_and_that_characters_are_read_as_one_foreign_word(self, full: str) -> None:
        name = read_name(full)
        whole = read_whole(name)
        assert whole is not None
        assert whole.system != name.system
        require_same_again(name)
        require_same_again(whole)

    def test_know_their_class_across_scripts(self) -> None:
        assert token("Mehmet").variant == token("محمد").variant == token("Магомед").variant >= 0
        assert token("Mahmoud").variant != token("Mohamed").variant


class TestBlockingTexts:
    def test_one_tuple_per_name_without_initials_class_first(self) -> None:
        keys = token_keys(read_name("J. Mohamed Qwxrt"))
        assert len(keys) == 2
        assert keys[0][0] == "=muhammad"

    @given(st.text(max_size=40))
    def test_are_never_empty(self, full: str) -> None:
        for texts in token_keys(read_name(full)):
            assert texts
            assert all(texts)


class TestAnyText:
    @given(st.text(max_size=60))
    def test_is_read_without_an_exception(self, full: str) -> None:
        reading = read_name(full)
        assert all(read.kind in BEARING for read in reading.names)

    @given(st.text(alphabet="אבגדהוזיעשמ", max_size=10), st.text(alphabet="ابتثجحعويهءئە", max_size=10))
    def test_in_unvoweled_scripts_too(self, hebrew: str, arabic: str) -> None:
        for one, other in pairwise((hebrew, arabic, hebrew)):
            outcome(one, other)

    @pytest.mark.parametrize("part", ["a", "Áb c, ", "محمد ", "张", "\u0301", "عبد ال", "-", "abd "])
    def test_of_5000_characters_takes_under_50_ms(self, part: str) -> None:
        full = (part * 5000)[:5000]
        read_name(part)
        start = time.perf_counter()
        read_name(full)
        assert time.perf_counter() - start < 0.05
