"""Fictional persons for the engine's tests, and a Hypothesis strategy that makes more of them."""

from dataclasses import fields, replace

from hypothesis import strategies as st

from tracing.matching import Identifier, Name, Person, Relative

FULL_NAMES = (
    "Mohammed Ahmed Hassan",
    "محمد أحمد حسن",
    "Fatima Zahra Khatib",
    "Oleksandr Petrenko",
    "Олександр Петренко",
    "Nguyen Thi Lan",
    "Maria del Carmen Lopez Ruiz",
    "Tesfaye Gebremariam",
    "ተስፋዬ ገብረማርያም",
    "Amina",
    "A. Hassan",
    "王小明",
)
GIVEN = ("Hassan", "Ahmed", "Amina", "Yusuf Ali", "Petro", "حسن")
BIRTHS = (
    "1990", "1990-05", "1990-05-12", "1990-12-05", "1990-01-01", "1991-05-12", "198X", "19XX", "1984-XX",
    "1985/1992", "../1990", "1990~", "1410-05-12", "1990-02-31", "about 1990", "1934",
)  # fmt: skip
PLACES = ("Aleppo, Syria", "Aleppo", "حلب", "Kharkiv", "Kharkov", "12 High Street, Oldtown, 2145")


def person(identity: str = "a", *names: str, **told: object) -> Person:
    """A person with the given names, or one named Mohammed Ahmed Hassan."""
    return Person(identity, tuple(map(Name, names or FULL_NAMES[:1])), **told)  # type: ignore[arg-type] # test values


def persons(identity: str = "a") -> st.SearchStrategy[Person]:
    """Persons of any completeness, from a small stock of values so that agreement is common."""
    some_names = st.lists(st.sampled_from(GIVEN), max_size=2, unique=True).map(tuple)
    place = st.none() | st.sampled_from(PLACES)
    relative = st.builds(
        Relative,
        st.sampled_from(("spouse", "child", "sibling", "other", "father")),
        st.sampled_from(FULL_NAMES),
    )
    number = st.builds(
        Identifier,
        st.sampled_from(("phone", "passport")),
        st.sampled_from(("0791234567", "+41791234567", "P1234567")),
    )
    return st.builds(
        Person,
        id=st.just(identity),
        names=st.lists(st.sampled_from(FULL_NAMES).map(Name), min_size=1, max_size=2, unique=True).map(tuple),
        sex=st.sampled_from((None, "female", "male", "other", "unknown")),
        birth=st.none() | st.sampled_from(BIRTHS),
        birth_calendar=st.sampled_from((None, "gregorian", "hijri", "solar_hijri", "ethiopian")),
        age=st.sampled_from((None, "34", "30-35")),
        age_date=st.sampled_from((None, "2024", "2024-06-01")),
        father=some_names,
        mother=some_names,
        relatives=st.lists(relative, max_size=3, unique=True).map(tuple),
        birth_place=place,
        last_place=place,
        seen_place=place,
        nationalities=st.sampled_from(((), ("SY",), ("UA",), ("SY", "UA"))),
        identifiers=st.lists(number, max_size=2, unique=True).map(tuple),
    )


OPTIONAL = tuple(field.name for field in fields(Person) if field.name not in ("id", "names"))


def without(one: Person, field: str) -> Person:
    """The same person, silent about one field."""
    empty = () if isinstance(getattr(one, field), tuple) else None
    return replace(one, **{field: empty})  # type: ignore[arg-type] # the field's own empty value
