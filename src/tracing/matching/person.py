"""Person: what the engine may see of one human being, in the neutral shape of the match files.

A person holds what was said, as it was said. Nothing is corrected here: an impossible date stays in
`birth` as text and `Person.from_neutral` adds a warning about it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from tracing.matching.dates.age import AgeRange
from tracing.matching.dates.calendars import CALENDARS
from tracing.matching.dates.edtf import DateError, parse

SEXES = frozenset({"female", "male", "other", "unknown"})
RELATIONS = frozenset({"father", "mother", "spouse", "child", "sibling", "grandparent", "other"})
TEXT_LIMIT = 100_000
"""Characters that one text may have; far above any real one, so that no line can exhaust memory."""


class PersonError(ValueError):
    """A person that cannot be used: `field` says where, `reason` what is wrong, without the value."""

    def __init__(self, field: str, reason: str) -> None:
        super().__init__(f"{field}: {reason}")
        self.field = field
        self.reason = reason


class PersonWarning(NamedTuple):
    """A value that was kept, but cannot be used as it is meant."""

    field: str
    reason: str


class Relative(NamedTuple):
    """One named relative; `relation` is what that relative is to the person (one of `RELATIONS`)."""

    relation: str
    name: str


class Identifier(NamedTuple):
    """A document number, telephone number or the like; compared only within one `type`."""

    type: str
    value: str


@dataclass(frozen=True, slots=True)
class Name:
    """One name as given; `type`, `script` (ISO 15924) and `lang` (BCP 47) only when somebody stated them."""

    full: str
    type: str | None = None
    script: str | None = None
    lang: str | None = None


@dataclass(frozen=True, slots=True)
class Person:
    """A person to compare. Only `id` and one name are needed; None and empty mean silence.

    Attributes:
        birth: EDTF text in `birth_calendar` (gregorian when None), or raw text that is no date.
        age: "34" or "30-35" whole years, true at `age_date` (EDTF, Gregorian) and unused without it.
        last_place_date, seen_date: EDTF, Gregorian.
        nationalities: ISO 3166-1 alpha-2, upper case.
    """

    id: str
    names: tuple[Name, ...]
    sex: str | None = None
    birth: str | None = None
    birth_calendar: str | None = None
    age: str | None = None
    age_date: str | None = None
    father: tuple[str, ...] = ()
    mother: tuple[str, ...] = ()
    relatives: tuple[Relative, ...] = ()
    birth_place: str | None = None
    last_place: str | None = None
    last_place_date: str | None = None
    seen_place: str | None = None
    seen_date: str | None = None
    nationalities: tuple[str, ...] = ()
    identifiers: tuple[Identifier, ...] = ()

    @classmethod
    def from_neutral(cls, record: Mapping[str, Any], warnings: list[PersonWarning] | None = None) -> "Person":
        """Read one neutral record.

        Args:
            record: the decoded JSON object.
            warnings: receives one entry per value that is kept but unusable (impossible date, unknown sex …).

        Raises:
            PersonError: unknown key, missing id or name, value of the wrong type, text that is not Unicode.
        """
        return _Reader(record, [] if warnings is None else warnings).person()


class _Reader:
    """Reads one record field by field, collecting warnings."""

    def __init__(self, record: Mapping[str, Any], warnings: list[PersonWarning]) -> None:
        self.record = record
        self.warnings = warnings

    def person(self) -> Person:
        if not isinstance(self.record, Mapping):
            raise PersonError("person", "must be an object")
        for key in self.record:
            if key not in _FIELDS:
                raise PersonError(_printable(key), "unknown key")
        identity = self.text("id")
        if identity is None:
            raise PersonError("id", "is missing")
        person = Person(
            id=identity,
            names=self.names(),
            sex=self.choice("sex", SEXES),
            birth=self.text("birth"),
            birth_calendar=self.choice("birth_calendar", CALENDARS),
            age=self.age(),
            age_date=self.text("age_date"),
            father=self.kin_names("father"),
            mother=self.kin_names("mother"),
            relatives=self.relatives(),
            birth_place=self.text("birth_place"),
            last_place=self.text("last_place"),
            last_place_date=self.text("last_place_date"),
            seen_place=self.text("seen_place"),
            seen_date=self.text("seen_date"),
            nationalities=self.nationalities(),
            identifiers=self.identifiers(),
        )
        self.check_dates(person)
        return person

    def warn(self, field: str, reason: str) -> None:
        self.warnings.append(PersonWarning(field, reason))

    def text(self, field: str) -> str | None:
        value = self.record.get(field)
        return None if value is None else clean(value, field) or None

    def list(self, field: str) -> list[Any]:
        value = self.record.get(field)
        if value is None:
            return []
        if not isinstance(value, list):
            raise PersonError(field, "must be a list")
        return value

    def names(self) -> tuple[Name, ...]:
        found = [name for name in (_name(item, "names") for item in self.list("names")) if name.full]
        if not found:
            raise PersonError("names", "at least one name is needed")
        return tuple(dict.fromkeys(found))

    def kin_names(self, field: str) -> tuple[str, ...]:
        found = (_name(item, field).full for item in self.list(field))
        return tuple(dict.fromkeys(full for full in found if full))

    def choice(self, field: str, allowed: frozenset[str]) -> str | None:
        value = self.text(field)
        if value is None:
            return None
        if value.lower() in allowed:
            return value.lower()
        self.warn(field, "is none of " + ", ".join(sorted(allowed)))
        return None

    def age(self) -> str | None:
        value = self.record.get("age")
        if isinstance(value, int) and not isinstance(value, bool):
            value = str(value)
        if value is None or not (text := clean(value, "age")):
            return None
        if AgeRange.parse(text) is None:
            self.warn("age", "is not N or N-M whole years")
        elif self.record.get("age_date") in (None, ""):
            self.warn("age", "is not used without age_date")
        return text

    def relatives(self) -> tuple[Relative, ...]:
        found: list[Relative] = []
        for item in self.list("relatives"):
            relation, name = _object(item, "relatives", ("relation", "name"))
            relation = relation.lower()
            if relation not in RELATIONS:
                self.warn("relatives", "relation is none of " + ", ".join(sorted(RELATIONS)))
                relation = "other"
            if name:
                found.append(Relative(relation, name))
        return tuple(dict.fromkeys(found))

    def nationalities(self) -> tuple[str, ...]:
        found: list[str] = []
        for item in self.list("nationalities"):
            code = clean(item, "nationalities").upper()
            if len(code) == 2 and code.isascii() and code.isalpha():
                found.append(code)
            elif code:
                self.warn("nationalities", "is no ISO 3166-1 alpha-2 code")
        return tuple(dict.fromkeys(found))

    def identifiers(self) -> tuple[Identifier, ...]:
        pairs = (_object(item, "identifiers", ("type", "value")) for item in self.list("identifiers"))
        return tuple(dict.fromkeys(Identifier(kind, value) for kind, value in pairs if value))

    def check_dates(self, person: Person) -> None:
        calendar = person.birth_calendar or "gregorian"
        given = (
            ("birth", person.birth, calendar),
            ("age_date", person.age_date, "gregorian"),
            ("last_place_date", person.last_place_date, "gregorian"),
            ("seen_date", person.seen_date, "gregorian"),
        )
        for field, value, name in given:
            if value is None:
                continue
            try:
                parse(value, name)
            except DateError as error:
                self.warn(field, f"{error}; kept as text")


_FIELDS = frozenset(Person.__slots__)


def clean(value: object, field: str) -> str:
    """Return a text without surrounding space; PersonError when it is no text, too long or not Unicode."""
    if not isinstance(value, str):
        raise PersonError(field, "must be text")
    if len(value) > TEXT_LIMIT:
        raise PersonError(field, f"is longer than {TEXT_LIMIT} characters")
    if not value.isascii():
        try:
            value.encode("utf-8")
        except UnicodeEncodeError:
            raise PersonError(field, "holds half a surrogate pair") from None
    if "\x00" in value:
        raise PersonError(field, "holds a NUL character")
    return value.strip()


def _name(item: object, field: str) -> Name:
    if isinstance(item, str):
        return Name(clean(item, field))
    if not isinstance(item, dict):
        raise PersonError(field, "must hold texts or objects")
    for key in item:
        if key not in ("full", "type", "script", "lang"):
            raise PersonError(f"{field}.{_printable(key)}", "unknown key")
    full, *rest = (None if item.get(k) is None else clean(item[k], f"{field}.{k}") for k in Name.__slots__)
    return Name(full or "", *(part or None for part in rest))


def _object(item: object, field: str, keys: tuple[str, str]) -> tuple[str, str]:
    """Return the two texts of a small object; a missing first one is "other"."""
    if not isinstance(item, dict):
        raise PersonError(field, "must hold objects")
    for key in item:
        if key not in keys:
            raise PersonError(f"{field}.{_printable(key)}", "unknown key")
    if item.get(keys[1]) is None:
        raise PersonError(f"{field}.{keys[1]}", "is missing")
    first = item.get(keys[0])
    return clean("other" if first is None else first, f"{field}.{keys[0]}"), clean(item[keys[1]], f"{field}.{keys[1]}")


def _printable(key: object) -> str:
    """A key as it may stand in a message: short, one line, ASCII."""
    return repr(str(key)[:40]).encode("ascii", "backslashreplace").decode()[1:-1]
