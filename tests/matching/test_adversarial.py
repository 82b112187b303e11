"""Whatever people write, nothing raises, nothing is asymmetric, and no pair takes long."""

import statistics
import time
import unicodedata
from itertools import pairwise
from random import Random

import numpy as np
import pytest

from tests.matching.people import person
from tracing.matching import Engine, Person, read
from tracing.matching.roster import Roster

ENGINE = Engine()

NAMES = (
    "", " ", "a", "É", "ا", "张", "1234567890", "0", "٣٤٥", "😀😀", "👨‍👩‍👧", "A1i H4ss4n",
    "Mohammed محمد Мухаммад 张", "Ааron Cоok", "ibn al bin de la van der abu", "Dr. Sheikh Mr. Haj", "bin bin bin",
    "unknown unknown", "N. N.", "-", "---", "'", "al-", "-zadeh", "Abd", "abd al", "O'", "\u200f\u202eمحمد\u202c",
    "\u200dAli\u200c", "A\u0301\u0301\u0301\u0301li", "\u0301", "\ufeffAli", "Ali\x00Hassan", "Ali\tHassan\nOmar",
    "ﷺ", "ﻣﺤﻤﺪ", "Ａｌｉ", "𝕬𝖑𝖎", "ß", "İi", "ıI", "Ǆ", "ﬁﬀ", "a" * 5_000, "a " * 500, "Ali " * 500,
    " ".join(f"name{n}" for n in range(500)), "محمد " * 500, "张" * 500, "한" * 500, "‘’“”", "\ud7a3", "\U0010ffff",
    "()[]{}<>|&;", "%s%n", "null", "<script>", "../../etc", "=1+1",
)  # fmt: skip
DATES = (
    "1990-05-12/1980-01-01", "2024/1990", "0000", "0001-01-01", "1990-13-45", "1990-02-31", "-1",
    "../..", "/", "1990/", "XXXX", "19XX/198X", "1990?~%", "٢٠٠١", "yesterday", "99999", "1990-1-1", "", "1/2/3",
)  # fmt: skip


def of_every_block() -> list[str]:
    """Words of letters from all over Unicode: four of each 256 code points that hold letters."""
    made = []
    for first in range(0, 0x30000, 256):
        letters = [chr(n) for n in range(first, first + 256) if unicodedata.category(chr(n))[0] in "LM"]
        if letters:
            made.append("".join(letters[:: max(1, len(letters) // 4)][:4]))
    return made


def adversarial(count: int) -> list[str]:
    """Hard names, and mixtures of parts of them."""
    draw = Random(5)
    stock = [*NAMES, *of_every_block()]
    parts = [part for name in stock for part in name.split()[:3]]
    mixed = [" ".join(draw.choice(parts) for _ in range(draw.randint(1, 12))) for _ in range(count)]
    return [*stock, *mixed][:count]


class TestNames:
    @pytest.mark.parametrize("name", NAMES, ids=lambda name: ascii(name)[:30])
    def test_any_is_read_compared_keyed_and_told(self, name: str) -> None:
        odd = read(person("a", name, father=(name,), birth_place=name, last_place=name))
        ENGINE.keys(odd)
        for other in (odd, read(person("b")), read(person("c", "محمد أحمد حسن")), read(person("d", "Nguyen Thi Lan"))):
            there, back = ENGINE.compare(odd, other), ENGINE.compare(other, odd)
            assert there.weight == pytest.approx(back.weight, abs=1e-3)
            assert np.isfinite(there.weight)

    def test_letters_of_every_block_are_compared(self) -> None:
        readings = [read(person(str(number), name)) for number, name in enumerate(of_every_block())]
        assert len(readings) > 100
        places = np.arange(len(readings) - 1)
        roster = Roster(readings)
        there, back = ENGINE.score_pairs(roster, places, places + 1), ENGINE.score_pairs(roster, places + 1, places)
        assert np.isfinite(there.weight).all()
        assert np.array_equal(there.levels, back.levels)

    def test_marks_of_direction_and_presentation_forms_change_no_name(self) -> None:
        plain = read(person("a", "محمد"))
        for dressed in ("\u200f\u202eمحمد\u202c", "ﻣﺤﻤﺪ", "مُحَمَّد", "محـمد"):
            found = ENGINE.compare(plain, read(person("b", dressed)))
            assert found.evidence[0].level in ("exact", "equivalent", "similar"), ascii(dressed)


class TestDates:
    @pytest.mark.slow
    @pytest.mark.parametrize("date", DATES, ids=ascii)
    def test_any_is_compared_with_any(self, date: str) -> None:
        odd = [read(Person("a", person().names, birth=date, birth_calendar=c)) for c in (None, "hijri", "ethiopian")]
        others = [read(Person("b", person().names, birth=other)) for other in (*DATES, "1990-05-12", "198X")]
        for one in odd:
            for other in others:
                assert ENGINE.score(one, other) == ENGINE.score(other, one)

    def test_the_same_figures_impossible_in_one_calendar_are_symmetric(self) -> None:
        one, two = (
            read(Person("a", person().names, birth="9999-12-31", birth_calendar=calendar))
            for calendar in (None, "hijri")
        )
        assert ENGINE.score(one, two) == ENGINE.score(two, one)

    def test_impossible_ages_are_compared(self) -> None:
        ages = [("-5", "2024"), ("999", "2024"), ("30-10", "2024"), ("30", "1990-02-31"), ("x", "y"), ("30", "")]
        people = [read(Person(str(n), person().names, age=a, age_date=on)) for n, (a, on) in enumerate(ages)]
        for one, other in pairwise(people):
            ENGINE.compare(one, other)


@pytest.mark.slow
class TestTime:
    def test_a_thousand_hard_names_take_50_ms_a_pair_at_most(self) -> None:
        """Generous: read, compared alone and told; the median of three, of processor time."""
        names = adversarial(1_000)
        slow = []
        for one, other in pairwise(names):
            took = []
            for _ in range(3):
                start = time.process_time()
                ENGINE.compare(read(person("a", one)), read(person("b", other)))
                took.append(time.process_time() - start)
            if statistics.median(took) > 0.05:
                slow.append((ascii(one)[:40], ascii(other)[:40], statistics.median(took)))
        assert slow == []
