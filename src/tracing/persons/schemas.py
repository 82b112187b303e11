"""The person as callers send and see them (domain.md §5.2, §5.3, §5.5). All of it is stored sealed."""

from enum import StrEnum
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StrictBool, ValidationInfo, field_validator
from pydantic_core import PydanticCustomError

from tracing.kit.text import Line, Prose, Word
from tracing.matching.dates.age import AgeRange
from tracing.matching.dates.edtf import DateError, parse

ORIGIN = "Where a copy of somebody else's record came from, such as `pfif:example.org`; empty for the society's own."

VERSION = (
    "Counts every change; 0 for who may not know of findings (without `suggestions:read`), since it counts these too."
)
UPDATED_AT = "When it last changed; for who may not know of findings, when it was registered."


class Shape(BaseModel):
    """Base of everything that is sent: strict, closed, and silent about its input in errors."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=False, hide_input_in_errors=True)


class Receipt(Shape):
    """What a caller without the permission to read learns of what they filed, now and when they send it again."""

    id: UUID


def left_out() -> Any:
    """Return what a field of a change holds when it was not sent; null itself is refused for such a field."""
    return None


def edtf(text: str) -> str:
    """Return `text` if it is an EDTF date of the Gregorian calendar; a pydantic error otherwise."""
    return _date(text, "gregorian")


def _date(text: str, calendar: str) -> str:
    try:
        parse(text, calendar)
    except DateError as error:
        raise PydanticCustomError("impossible-date", "{what}", {"what": str(error)}) from None
    return text


def _age(text: str) -> str:
    if AgeRange.parse(text) is None:
        raise PydanticCustomError("impossible-age", "an age is N or N-M whole years")
    return text


EdtfText = Annotated[
    Word,
    AfterValidator(edtf),
    Field(description="EDTF: `1990`, `1990-05`, `1984?`, `198X`, `1988/1992`.", examples=["1990-05"]),
]


class Sex(StrEnum):
    FEMALE = "female"
    MALE = "male"
    OTHER = "other"
    UNKNOWN = "unknown"


class Calendar(StrEnum):
    GREGORIAN = "gregorian"
    HIJRI = "hijri"
    SOLAR_HIJRI = "solar_hijri"
    ETHIOPIAN = "ethiopian"


class NameType(StrEnum):
    CURRENT = "current"
    BIRTH = "birth"
    MARRIED = "married"
    MAIDEN = "maiden"
    NICKNAME = "nickname"
    ALIAS = "alias"
    RELIGIOUS = "religious"
    DOCUMENT = "document"
    TRANSLITERATION = "transliteration"
    MISSPELLING_SEEN = "misspelling_seen"


class NamingSystem(StrEnum):
    WESTERN = "western"
    ARABIC_CHAIN = "arabic_chain"
    ETHIOPIAN_ERITREAN = "ethiopian_eritrean"
    SOMALI_CHAIN = "somali_chain"
    EAST_SLAVIC = "east_slavic"
    SPANISH_DOUBLE = "spanish_double"
    VIETNAMESE = "vietnamese"
    CHINESE = "chinese"
    KOREAN = "korean"
    SOUTH_ASIAN = "south_asian"
    SINGLE_NAME = "single_name"
    UNKNOWN = "unknown"


class PartRole(StrEnum):
    GIVEN = "given"
    FATHER = "father"
    GRANDFATHER = "grandfather"
    GREAT_GRANDFATHER = "great_grandfather"
    FAMILY = "family"
    CLAN = "clan"
    PATRONYMIC = "patronymic"
    MOTHER_FAMILY = "mother_family"
    PARTICLE = "particle"
    HONORIFIC = "honorific"
    UNKNOWN = "unknown"


class Relation(StrEnum):
    """What a relative is to the person."""

    FATHER = "father"
    MOTHER = "mother"
    SPOUSE = "spouse"
    CHILD = "child"
    SIBLING = "sibling"
    GRANDPARENT = "grandparent"
    OTHER = "other"


class NamePart(Shape):
    value: Line
    role: PartRole


class NameDraft(Shape):
    """A name as it was spoken or written; never overwritten by a transliteration."""

    full: Line = Field(examples=["Amina Yusuf Warsame"])
    type: NameType = NameType.CURRENT
    script: Annotated[str, Field(pattern=r"^[A-Z][a-z]{3}$", description="ISO 15924", examples=["Latn"])] | None = None
    lang: (
        Annotated[str, Field(pattern=r"^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$", max_length=35, description="BCP 47")] | None
    ) = None
    naming_system: NamingSystem = NamingSystem.UNKNOWN
    parts: list[NamePart] = Field(default=[], max_length=12)
    source: Literal["self", "relative", "document", "third_party", "system"] | None = None
    certainty: Literal["certain", "probable", "heard"] | None = None


class RelativeDraft(Shape):
    relation: Relation
    name: Line


class IdentifierDraft(Shape):
    type: Literal["passport", "national_id", "unhcr", "icrc", "case_no", "phone", "social_handle", "other"]
    value: Line
    issuer: Word | None = None


CountryCode = Annotated[str, Field(pattern=r"^[A-Z]{2}$", description="ISO 3166-1 alpha-2", examples=["SO"])]


class PersonDraft(Shape):
    """One human as one source describes them. Only one name is needed; silence is never held against anyone."""

    names: list[NameDraft] = Field(min_length=1, max_length=20)
    sex: Sex = Sex.UNKNOWN
    birth_calendar: Calendar = Calendar.GREGORIAN
    birth: Word | None = Field(
        None, description="EDTF in `birth_calendar`. 1 January counts as the year only.", examples=["1990-05"]
    )
    age_date: EdtfText | None = None
    age: Annotated[Word, AfterValidator(_age)] | None = Field(None, description="`N` or `N-M` years at `age_date`.")
    birth_place: Line | None = None
    origin_place: Line | None = None
    last_place: Line | None = Field(None, description="Last known residence.")
    last_place_date: EdtfText | None = None
    father: list[Line] = Field(default=[], max_length=10, description="The father's names.")
    mother: list[Line] = Field(default=[], max_length=10, description="The mother's names, maiden name included.")
    relatives: list[RelativeDraft] = Field(default=[], max_length=40)
    nationalities: list[CountryCode] = Field(default=[], max_length=10)
    languages: list[Annotated[str, Field(pattern=r"^[a-z]{2,3}$", description="ISO 639")]] = Field(
        default=[], max_length=10
    )
    identifiers: list[IdentifierDraft] = Field(default=[], max_length=20)
    occupation: Line | None = None
    school_or_teacher: Line | None = None
    physical_description: Prose | None = None
    distinguishing_marks: Prose | None = None

    @field_validator("birth")
    @classmethod
    def _birth_is_a_date(cls, birth: str | None, info: ValidationInfo) -> str | None:
        return None if birth is None else _date(birth, info.data.get("birth_calendar", Calendar.GREGORIAN))

    @field_validator("age")
    @classmethod
    def _age_has_a_date(cls, age: str | None, info: ValidationInfo) -> str | None:
        if age is not None and info.data.get("age_date", "") is None:
            raise PydanticCustomError("age-without-date", "an age needs `age_date`, the date when it was true")
        return age


class ContactPoint(Shape):
    """A way to reach somebody, with the rules that keep them safe (domain.md §5.5). Unknown counts as unsafe."""

    kind: Literal["phone", "email", "address", "social", "via_third_party"]
    value: Line
    belongs_to: Literal["subject", "relative", "shelter", "worker"] = "subject"
    safe: Literal["yes", "no", "unknown"] = "unknown"
    may_leave_voicemail: StrictBool = False
    may_identify_as: Literal["red_cross", "neutral_name", "nobody"] = "nobody"
    hours: Line | None = None
    code_word: Line | None = None
    shared_device: StrictBool | None = None
    language: Annotated[str, Field(pattern=r"^[a-z]{2,3}$")] | None = None
    verified_at: EdtfText | None = None
    expires_at: EdtfText | None = None
    use_for: list[Literal["case_update", "message_delivery", "emergency"]] = Field(default=[], max_length=3)
