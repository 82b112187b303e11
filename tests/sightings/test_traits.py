"""What the engine sees of a sighting, and which reports wait for a worker."""

from dataclasses import asdict
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.sightings.reports import registration, report
from tests.support import person
from tracing.gate.kinds import Kind
from tracing.matching import compare
from tracing.sightings.schemas import SightingDetails, SightingDraft
from tracing.sightings.states import Flag
from tracing.sightings.tables import Sighting
from tracing.sightings.traits import flags_of, seen_person

ONE = UUID(int=1)
HEARD: dict[str, Any] = {"basis": "told_by_other", "consents": []}


def details(**fields: Any) -> SightingDetails:
    draft = report(**fields)
    del draft["consents"]
    return SightingDetails.model_validate(draft)


def flags(draft: dict[str, Any]) -> list[str]:
    read = SightingDraft.model_validate(draft)
    return [str(flag) for flag in flags_of(Kind(read.kind), read)]


def named(*names: str, **fields: Any) -> dict[str, Any]:
    return {"names": [{"full": name} for name in names]} | fields


class TestWhatTheEngineSees:
    def test_it_sees_where_and_when_the_person_was_seen(self) -> None:
        seen = seen_person(ONE, details())
        assert (seen.id, seen.seen_place, seen.seen_date) == (str(ONE), "Kampala", "2021-05")
        assert (seen.names[0].full, seen.last_place) == ("Amina Yusuf Warsame", "Kismayo")

    @given(
        place=st.none() | st.sampled_from(["Nairobi", "Kampala", "نيروبي", "Найробі", "+254 700 555 0102"]),
        basis=st.sampled_from(["met_in_person", "told_by_other", "social_media", "list_or_document"]),
        contact=st.sampled_from(["+254 700 555 0102", "Nairobi, Moi Avenue 1"]),
        capacity=st.sampled_from(["staff", "relative", "stranger"]),
        where=st.none() | st.sampled_from(["Kampala", "?", "+256 700 555 0101", "Kismayo"]),
    )
    def test_whatever_the_reporter_says_of_themselves_it_is_the_same_person(
        self, place: str | None, basis: str, contact: str, capacity: str, where: str | None
    ) -> None:
        reporter = {"place": place, "capacity": capacity, "contacts": [{"kind": "phone", "value": contact}]}
        told = details(sighting_place=where, basis=basis, reporter=reporter)
        silent = details(sighting_place=where, basis=basis, reporter={})
        assert seen_person(ONE, told) == seen_person(ONE, silent)

    def test_the_reporters_place_stands_nowhere_in_it(self) -> None:
        told = details(reporter={"place": "Zinjibar", "contacts": [{"kind": "address", "value": "Zinjibar 7"}]})
        assert "Zinjibar" not in repr(asdict(seen_person(ONE, told)))

    @pytest.mark.parametrize("place", ["+256 700 555 0101", "unknown", "?", "somebody@example.org"])
    def test_a_place_that_is_none_is_silence(self, place: str) -> None:
        other = seen_person(UUID(int=2), details())
        assert seen_person(ONE, details(sighting_place=place)).seen_place is None
        silent = compare(seen_person(ONE, details(sighting_place=None)), other)
        assert compare(seen_person(ONE, details(sighting_place=place)), other).weight == silent.weight

    def test_what_only_workers_need_is_not_shown(self) -> None:
        plain = seen_person(ONE, details())
        full = details(
            narrative="She asked for her brother.",
            list_ref="K-7",
            evidence=[{"kind": "list", "ref": "K-7"}],
            subject_knows="no",
            condition="ill",
        )
        assert seen_person(ONE, full) == plain


# (why a worker must look, what differs from a clean report, flags)
CASES: tuple[tuple[str, dict[str, Any], list[str]], ...] = (
    ("nothing is wrong", {}, []),
    ("no place was given", {"sighting_place": None}, ["no_place"]),
    ("the place is a question mark", {"sighting_place": "???"}, ["no_place"]),
    ("the place is said to be unknown", {"sighting_place": "Unknown"}, ["no_place"]),
    ("the same in Arabic", {"sighting_place": "مجهول"}, ["no_place"]),
    ("the same in Russian", {"sighting_place": "неизвестно"}, ["no_place"]),
    ("not available", {"sighting_place": "n/a"}, ["no_place"]),
    ("a telephone number", {"sighting_place": "+256 (700) 555-0101"}, ["place_is_contact"]),
    ("a number without a prefix", {"sighting_place": "0700 555 0101"}, ["place_is_contact"]),
    ("a number in Arabic digits", {"sighting_place": "٠٧٠٠٥٥٥٠١٠١"}, ["place_is_contact"]),
    ("a number in Bengali digits", {"sighting_place": "০১৭০০৫৫৫০১০১"}, ["place_is_contact"]),
    ("a number with a label", {"sighting_place": "Tel. no: +256 700 555 0101"}, ["place_is_contact"]),
    ("a messenger's number", {"sighting_place": "WhatsApp +256700555010"}, ["place_is_contact"]),
    ("an address for mail", {"sighting_place": "someone@example.org"}, ["place_is_contact"]),
    ("a link", {"sighting_place": "https://example.org/p/7"}, ["place_is_contact"]),
    ("a handle", {"sighting_place": "@somebody_77"}, ["place_is_contact"]),
    ("a postcode is a place", {"sighting_place": "10115"}, []),
    ("coordinates are a place", {"sighting_place": "0.3476, 32.5825"}, []),
    ("southern coordinates too", {"sighting_place": "-1.2921 / 36.8219"}, []),
    ("a house number belongs to a place", {"sighting_place": "Block 7, Dadaab 70100"}, []),
    ("the person's own name", {"sighting_place": "Amina Yusuf Warsame"}, ["place_is_name"]),
    ("her name in another order and case", {"sighting_place": "WARSAME, Amina"}, ["place_is_name"]),
    ("one word of her name", {"sighting_place": "Amina"}, ["place_is_name"]),
    ("the father's name", {"sighting_place": "Yusuf Warsame"}, ["place_is_name"]),
    ("a name in Arabic",
     {"person": named("أمينة يوسف ورسمه"), "sighting_place": "أمينة يوسف"}, ["place_is_name"]),
    ("a name in Amharic", {"person": named("አበበ በቀለ"), "sighting_place": "አበበ በቀለ"}, ["place_is_name"]),
    ("a name that only holds a name", {"sighting_place": "Amina Hotel, Kampala"}, []),
    ("heard, and the reporter's own place", HEARD | {"sighting_place": "Nairobi"}, ["place_is_reporters"]),
    ("the same place with its country", HEARD | {"sighting_place": "nairobi, KE"}, ["place_is_reporters"]),
    ("seen on social media from home",
     {"basis": "social_media", "sighting_place": "Nairobi"}, ["place_is_reporters"]),
    ("spoken to by phone", {"basis": "spoke_by_phone", "sighting_place": "Nairobi"}, ["place_is_reporters"]),
    ("read in a list at home",
     {"basis": "list_or_document", "sighting_place": "Nairobi"}, ["place_is_reporters"]),
    ("met where the reporter is", {"sighting_place": "Nairobi"}, []),
    ("seen where the reporter is", {"basis": "saw_at_distance", "sighting_place": "Nairobi"}, []),
    ("a hospital on its own patient", {"basis": "institution_record", "sighting_place": "Nairobi"}, []),
    ("the reporter says no place", HEARD | {"reporter": {}}, []),
    ("hearsay repeats the last residence",
     HEARD | {"sighting_place": "Kismayo"}, ["place_is_last_residence"]),
    ("met at the last residence", {"sighting_place": "Kismayo"}, []),
    ("nothing but initials", {"person": named("A. Y. W.")}, ["only_initials"]),
    ("initials without dots", {"person": named("A Y")}, ["only_initials"]),
    ("Cyrillic initials", {"person": named("А. Ю.")}, ["only_initials"]),
    ("Arabic initials", {"person": named("م. ع.")}, ["only_initials"]),
    ("Devanagari initials with a vowel sign", {"person": named("के. पी.")}, ["only_initials"]),
    ("initials twice", {"person": named("A. W.", "А. В.")}, ["only_initials"]),
    ("initials beside a name", {"person": named("A. W.", "Amina Warsame")}, []),
    ("an initial before a name", {"person": named("A. Warsame")}, []),
    ("names of one syllable are names", {"person": named("U Nu")}, []),
    ("names of one letter are names", {"person": named("李 明")}, []),
    ("the name is unknown", {"person": named("unknown")}, ["no_name"]),
    ("the name is a number", {"person": named("0700 555 0101")}, ["no_name"]),
    ("the name is a question mark", {"person": named("??")}, ["no_name"]),
    ("seen before birth", {"sighting_time": "1985"}, ["seen_before_birth"]),
    ("seen before birth, Hijri",
     {"person": named("Amina", birth="1420", birth_calendar="hijri"), "sighting_time": "1990"},
     ["seen_before_birth"]),
    ("an estimated birth is not held against anyone",
     {"person": named("Amina", birth="1990~"), "sighting_time": "1989"}, []),
    ("an open end is not held against anyone", {"sighting_time": "1985/.."}, []),
    ("several at once",
     HEARD | {"sighting_place": "+256 700 555 0101", "person": named("A. W.")},
     ["place_is_contact", "only_initials"]),
)  # fmt: skip


class TestTriage:
    @pytest.mark.parametrize(("differs", "found"), [c[1:] for c in CASES], ids=[c[0] for c in CASES])
    def test_finds_what_a_worker_must_look_at(self, differs: dict[str, Any], found: list[str]) -> None:
        assert flags(report(**differs)) == found

    def test_every_rule_has_a_case(self) -> None:
        assert {flag for _, _, found in CASES for flag in found} == set(Flag)

    def test_who_registers_themselves_may_keep_their_place(self) -> None:
        assert flags(registration()) == []

    def test_but_a_place_that_they_give_is_looked_at(self) -> None:
        assert flags(registration(sighting_place="+256 700 555 0101")) == ["place_is_contact"]

    @given(
        name=st.text(min_size=1, max_size=40).filter(lambda text: bool(text.strip())),
        place=st.none() | st.text(min_size=1, max_size=40),
    )
    def test_no_text_is_too_odd_for_the_rules(self, name: str, place: str | None) -> None:
        try:
            draft = SightingDraft.model_validate(report(person=person(name), sighting_place=place))
        except ValueError:
            return
        assert set(flags_of(Kind.SIGHTING, draft)) <= set(Flag)
        seen_person(ONE, draft)

    def test_all_flags_fit_into_their_column(self) -> None:
        column = Sighting.__table__.c.flags  # type: ignore[attr-defined]  # SQLModel does not declare __table__
        assert len(" ".join(Flag)) <= column.type.length
