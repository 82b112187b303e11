"""What a text seems to hold: one row per usual case, and texts of family news that hold nothing."""

import pytest

from tracing.messages.states import Flag
from tracing.messages.traits import flags_of

F = Flag
HOLDS: tuple[tuple[str, set[Flag]], ...] = (
    ("Call me on +254 700 555 010", {F.PHONE}),
    ("٠٧٠٠٥٥٥٠١٠٢ هو رقمي", {F.PHONE}),
    ("my number is 0700-555-0102, any day", {F.PHONE}),
    ("write to amina.w@example.org", {F.EMAIL, F.LINK}),
    ("amina (at) example dot org", {F.EMAIL}),
    ("see https://example.net/amina", {F.LINK}),
    ("I am @amina_w there", {F.LINK}),
    ("find me on WhatsApp", {F.LINK}),
    ("أنا على واتساب", {F.LINK}),
    ("send 200 dollars", {F.MONEY}),
    ("please send $50", {F.MONEY}),
    ("lacagta ii soo dir", {F.MONEY}),
    ("пришли деньги", {F.MONEY}),
    ("I live in Acacia street, house number 4", {F.ADDRESS}),
    ("we are at 12 rue de la Paix", {F.ADDRESS}),
    ("أسكن في شارع النيل", {F.ADDRESS}),
    ("we are in the camp near the hospital", {F.PLACE}),
    ("أنا في المخيم، في مخيم داداب", {F.PLACE}),
    ("we reached Kismayo in May", {F.PLACE}),
    ("I am in Kenya now", {F.PLACE}),
    ("نحن في نيروبي", {F.PLACE}),
)
NEWS = (
    "I am well, and so are the children. We think of you all.",
    "I may come when I can: one man and one woman, so nice to us.",
    "Mother died on 12.05.2021. She spoke of you until the end.",
    "We married in 2019 and have 2 daughters, 3 and 1 years old.",
    "Amina was born 2020-03-04. She looks like our father.",
    "Tell grandmother that I finished school, and that I forgive Omar.",
    "أنا بخير والأطفال بخير ونفكر فيكم دائما",
    "Waan fiicanahay, carruurtuna waa fiican yihiin. Waan idiin xiisnay.",
    "У нас все хорошо, дети здоровы, мы очень скучаем.",
    "ደህና ነኝ ልጆቹም ደህና ናቸው",
    "Nous allons bien et nous pensons à vous tous les jours.",
    "Estamos bien, mamá. Te queremos mucho y te extrañamos.",
)
# Who is named like a place, and the names as they are registered.
NAMESAKES: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("Jordan is well and goes to school.", ("Jordan Warsame", "Warsame, JORDAN")),
    ("Kiss little Chad for me.", ("Chad Guled",)),
    ("Israel misses his mother.", ("Israel Tesfaye",)),
    ("We named her Paris, and she laughs all day", ("Paris Yusuf",)),
    ("We think of Sydney and of Georgia.", ("Sydney Georgia Okello",)),
)
# What is a place whoever is called so.
STILL_PLACES: tuple[tuple[str, str], ...] = (
    ("Jordan is with me in Amman.", "Jordan Warsame"),
    ("We are in San Francisco with Francisco.", "Francisco Gómez"),
    ("Chad and I reached Kenya", "Chad Guled"),
    ("Paris is in the camp.", "Paris Yusuf"),
    ("We live in Addis Ababa.", "Ababa Tesfaye"),
    ("Israel is well. I am in Jordan.", "Israel Tesfaye"),
)


class TestFlags:
    @pytest.mark.parametrize(("text", "flags"), HOLDS, ids=[text for text, _ in HOLDS])
    def test_are_put_up_for_the_usual(self, text: str, flags: set[Flag]) -> None:
        assert set(flags_of(text)) == flags

    @pytest.mark.parametrize("text", NEWS)
    def test_leave_family_news_alone(self, text: str) -> None:
        assert flags_of(text) == []

    @pytest.mark.parametrize(("text", "name"), [(text, name) for text, names in NAMESAKES for name in names])
    def test_take_the_names_of_both_families_for_no_places(self, text: str, name: str) -> None:
        assert flags_of(text) == [F.PLACE]
        assert flags_of(text, [name]) == flags_of(text, ["Amina Guled", name]) == []

    @pytest.mark.parametrize(("text", "name"), STILL_PLACES)
    def test_see_a_place_beside_a_name(self, text: str, name: str) -> None:
        assert flags_of(text, [name]) == [F.PLACE]

    def test_take_a_name_for_nothing_but_a_name(self) -> None:
        assert flags_of("Jordan, +254 700 555 010", ["Jordan"]) == [F.PHONE]

    def test_stand_in_one_order(self) -> None:
        text = "Acacia street in Kismayo, +254 700 555 010, a@b.org, www.b.org, 5 dollars"
        assert flags_of(text) == list(Flag)

    def test_find_a_place_far_into_a_text(self) -> None:
        assert flags_of("word " * 390 + "Kismayo") == [F.PLACE]
