"""Whom an entry of a never-disclose list names, as a name and in words; held against one family."""

import pytest

from tracing.matching import Engine
from tracing.risk.traits import likely_named

AROUND = ("Abdi Yusuf Warsame", "Bashir Xasan Cali", "Halima Nur Guled")
"""The enquirer, an uncle, and the mother."""

# What is written on the list, and why it names one of them.
NAMED: tuple[tuple[str, str], ...] = (
    ("Abdi Yusuf Warsame", "the name itself"),
    ("Cabdi Yuusuf Warsame", "in Somali letters"),
    ("عبدي يوسف ورسمه", "in Arabic letters"),
    ("Warsame", "a family's name alone"),
    ("Bashir", "a given name alone"),
    ("B. X. Cali", "initials and a name"),
    ("Mr Guled", "a title and a name"),
    ("my uncle Bashir", "kin before the name"),
    ("My Uncle Bashir", "all in capitals"),
    ("my uncle bashir", "no capitals"),
    ("Bashir, her stepfather", "kin after the name"),
    ("her step-father Bashiir", "another spelling, a hyphen"),
    ("Bashir's family", "a possessive"),
    ("nobody of the Warsame family", "a family"),
    ("the Warsames' house, or anyone named Guled", "one of two families"),
    ("everybody named Warsame or Farah", "one of two names"),
    ("all the Hassan clan", "a chain name of the uncle's"),
    ("Yusuf's brother", "a brother of the enquirer's father"),
    ("my ex-husband Abdi, who sold me", "with what he did"),
    ("a man called Bashir from Garissa", "with a place"),
    ("her teacher Mr Hassan", "a title within words"),
    ("do not tell Halimo", "an imperative"),
    ("min morbror Bashir", "a language that no table has: only a name has a capital"),
    ("mon oncle Bachir", "French"),
    ("le beau-père, Bachir", "French, kin before"),
    ("personne de la famille Warsame", "French, a family"),
    ("mi tío Bashir", "Spanish"),
    ("o padrasto dela, Bashir", "Portuguese"),
    ("mein Onkel Baschir", "German"),
    ("lo zio Bashir", "Italian"),
    ("adeerkay Bashiir", "Somali"),
    ("reer Warsame", "Somali, a family"),
    ("mjomba wangu Bashir", "Swahili"),
    ("خالي بشير", "Arabic"),
    ("بشير زوج امها", "Arabic, kin after"),
    ("لا احد من عائلة ورسمه", "Arabic, a family"),
    ("عمویم بشیر", "Persian"),
    ("дядя Башир", "Russian"),
    ("никто из семьи Варсаме", "Russian, a family"),
    ("дядько Башир", "Ukrainian"),
    ("amcam Beşir", "Turkish"),
    ("Warsame ailesinden kimse", "Turkish, a family"),
    ("ማንም ከ ዋርሳሜ ቤተሰብ", "Amharic, a family"),
)
# What is written on the list, and why it names none of them.
OTHERS: tuple[tuple[str, str], ...] = (
    ("Nguyen Van Tam", "a stranger"),
    ("Sahra Aden Farah", "a stranger with a chain name"),
    ("Hassan Mohamed Ali", "another person who shares two common names in another order"),
    ("Ahmed al-Hassani", "an article makes no sentence"),
    ("her husband Ahmed", "a stranger who is kin"),
    ("my father Omar", "a stranger who is kin"),
    ("the brothers Farah", "another family"),
    ("nobody of the Abubakar family", "another family"),
    ("a man called Samuel", "a stranger in words"),
    ("anyone from Hargeisa", "a place"),
    ("my uncle", "nobody is named: the worker answers for that"),
    ("her ex-husband", "nobody is named"),
    ("the embassy", "an office"),
    ("the embassy of Sudan", "an office and a country"),
    ("the police in Nairobi", "an office and a place"),
    ("UNHCR", "an organisation"),
    ("عمي عمر", "Arabic, a stranger"),
    ("السفارة", "Arabic, an office"),
    ("дядя Пётр", "Russian, a stranger"),
    ("mon oncle Pierre", "French, a stranger"),
)


@pytest.fixture(scope="module")
def engine() -> Engine:
    return Engine()


class TestEntries:
    @pytest.mark.parametrize(("entry", "why"), NAMED, ids=[why for _, why in NAMED])
    def test_that_name_one_of_the_family_are_hits(self, engine: Engine, entry: str, why: str) -> None:
        assert likely_named(engine, [entry], AROUND) == [entry], why

    @pytest.mark.parametrize(("entry", "why"), OTHERS, ids=[why for _, why in OTHERS])
    def test_that_name_somebody_else_are_none(self, engine: Engine, entry: str, why: str) -> None:
        assert likely_named(engine, [entry], AROUND) == [], why

    @pytest.mark.parametrize("entry", ["Li", "nobody of the Li family", "my aunt Abla", "Law, his boss"])
    def test_of_names_that_are_other_words_as_well_are_hits(self, engine: Engine, entry: str) -> None:
        """`li` and `abla` stand in the tables as words of other languages."""
        assert likely_named(engine, [entry], ["Li Wei", "Abla Mensah", "Law Chi Ming"]) == [entry]

    def test_stand_in_their_order_and_once(self, engine: Engine) -> None:
        listed = ["the police", "my uncle Bashir", "Warsame", "Nguyen Van Tam", "Warsame"]
        assert likely_named(engine, listed, AROUND) == ["my uncle Bashir", "Warsame"]
        assert likely_named(engine, [], AROUND) == likely_named(engine, listed, []) == []
