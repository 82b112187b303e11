from __future__ import annotations

from collections import Counter
from itertools import islice
from random import Random

import pytest

from tracing.demo.clerks import FIELD, PASSER, PHONE, SELF, Clerk
from tracing.demo.families import LAST_DAY, Family, Member, houses
from tracing.demo.kinship import relationship
from tracing.demo.registry import CULTURES, TURNS
from tracing.demo.stock import Entry


@pytest.fixture(scope="module")
def some() -> list[Family]:
    return list(islice(houses(Random(11)), 340))


@pytest.fixture(scope="module")
def members(some: list[Family]) -> list[Member]:
    return [member for house in some for member in house.members]


def of_culture(members: list[Member], key: str) -> list[Member]:
    return [member for member in members if member.culture.key == key]


class TestFamilies:
    def test_every_culture_takes_its_turn(self, some: list[Family]) -> None:
        turns = Counter(house.culture.key for house in some)
        assert set(turns) == {culture.key for culture in CULTURES}
        assert min(turns.values()) >= 10
        assert len(TURNS) > len(CULTURES)

    def test_nobody_is_born_after_the_separation_or_after_the_last_day(self, some: list[Family]) -> None:
        for house in some:
            assert house.separated < LAST_DAY
            assert all(member.birth < house.separated for member in house.members), house.family_id

    def test_parents_are_old_enough(self, members: list[Member]) -> None:
        for member in members:
            for parent in (member.father, member.mother):
                if parent is not None:
                    assert 15 < (member.birth - parent.birth).days / 365.25 < 60

    def test_children_bear_their_fathers_given_name_in_the_chain(self, members: list[Member]) -> None:
        known = [(member, member.father) for member in members if member.father is not None]
        assert len(known) > 500
        for member, father in known:
            assert member.chain[0] is father.given
            assert member.chain[1:] == father.chain[: len(member.chain) - 1]

    def test_siblings_share_parents_and_no_given_name(self, members: list[Member]) -> None:
        for member in members:
            for other in member.siblings:
                assert member in other.siblings
                if member.father is not None and other.mother is member.mother:
                    assert other.father is member.father
                if other.sex == member.sex:
                    assert other.given is not member.given

    def test_inherited_family_names_are_inherited(self, members: list[Member]) -> None:
        for member in members:
            if member.culture.family_of_children == "father" and member.father is not None:
                assert member.family is member.father.family or member.spouse is not None
            if member.culture.family_of_children == "none":
                assert member.family is None

    def test_no_two_persons_share_a_telephone_or_an_id(self, members: list[Member]) -> None:
        phones = [member.phone for member in members if member.phone is not None]
        assert len(phones) > 200
        assert len(set(phones)) == len(phones)
        assert len({member.person_id for member in members}) == len(members)

    def test_no_two_families_are_alike_in_everything(self, some: list[Family]) -> None:
        keys = {
            tuple((member.given.native, member.birth, member.birth_place) for member in house.members) for house in some
        }
        assert len(keys) == len(some)

    def test_unrelated_houses_repeat_a_fathers_whole_name(self, some: list[Family]) -> None:
        heads: Counter[tuple[str, str, str, Entry | None]] = Counter()
        for house in some:
            head = house.members[0]
            heads[house.culture.key, head.given.native, head.chain[0].native, head.family] += 1
        assert sum(times > 1 for times in heads.values()) >= 15


class TestStructures:
    def write(self, members: list[Member], key: str, native: bool = True) -> list[tuple[Member, str]]:
        clerk = SELF
        rng = Random(3)
        return [(member, clerk.full_name(rng, member, native)) for member in of_culture(members, key)]

    def test_slavic_women_bear_feminine_patronymics_and_surnames(self, members: list[Member]) -> None:
        for member in of_culture(members, "russian"):
            words = [part.entry.native for part in member.culture.structure(member)]
            ending = ("а", "я") if member.sex == "female" else ("в", "н", "ч")
            assert words[-1].endswith(ending), words
            assert words[1].endswith(("вна", "чна") if member.sex == "female" else "ич"), words

    def test_polish_and_greek_women_bear_their_own_forms(self, members: list[Member]) -> None:
        def surnames(key: str) -> set[str]:
            women = [member for member in of_culture(members, key) if member.sex == "female"]
            parts = [part for member in women for part in member.culture.structure(member)]
            return {part.entry.native for part in parts if part.role == "family"}

        assert not any(name.endswith("ski") for name in surnames("polish_wartime"))
        assert any(name.endswith("ska") for name in surnames("polish_wartime"))
        assert not any(name.endswith(("ος", "ης", "άς")) for name in surnames("greek"))

    @pytest.mark.parametrize(
        ("key", "roles"),
        [
            ("syrian", ["given", "father", "family"]),
            ("iraqi", ["given", "father", "grandfather", "family"]),
            ("sudanese", ["given", "father", "grandfather", "great_grandfather"]),
            ("somali", ["given", "father", "grandfather"]),
            ("ethiopian", ["given", "father", "grandfather"]),
            ("ukrainian", ["given", "patronymic", "family"]),
            ("chinese", ["family", "given"]),
            ("korean", ["family", "given"]),
            ("tamil", ["father", "given"]),
            ("afghan", ["given", "family"]),
            ("congolese", ["family", "mother_family", "given"]),
        ],
    )
    def test_each_culture_builds_its_own_kind_of_name(self, members: list[Member], key: str, roles: list[str]) -> None:
        built = {tuple(part.role for part in one.culture.structure(one)) for one in of_culture(members, key)}
        assert tuple(roles) in built

    def test_east_asian_names_are_written_without_a_space(self, members: list[Member]) -> None:
        for key in ("chinese", "korean"):
            assert all(" " not in text for _, text in self.write(members, key))

    def test_a_tamil_fathers_name_shrinks_to_an_initial_in_latin(self, members: list[Member]) -> None:
        texts = [text for _, text in self.write(members, "tamil", native=False)]
        assert sum(len(text.split()[0].rstrip(".")) == 1 for text in texts) > len(texts) / 4


class TestKinship:
    def test_the_inner_circle_has_exact_words(self, members: list[Member]) -> None:
        for member in members:
            if member.father is not None and member.mother is not None:
                assert relationship(member, member.father) == "father"
                assert relationship(member, member.mother) == "mother"
                assert relationship(member.father, member.mother) == "wife"
                assert relationship(member.mother, member) == ("daughter" if member.sex == "female" else "son")
                assert relationship(member.mother, member.father) == "husband"
            for other in member.siblings:
                assert relationship(member, other) == ("sister" if other.sex == "female" else "brother")

    def test_the_wider_kin_is_found_too(self, some: list[Family]) -> None:
        words = Counter(
            relationship(one, other)
            for house in some
            for one in house.members
            for other in house.members
            if one is not other
        )
        assert {"uncle", "aunt", "cousin", "grandchild", "grandfather", "niece_nephew", "in_law"} <= set(words)


class TestClerks:
    def test_offices_differ_in_how_much_of_a_name_they_keep(self, members: list[Member]) -> None:
        rng = Random(5)
        sudanese = of_culture(members, "sudanese")

        def mean(clerk: Clerk) -> float:
            return sum(len(clerk.full_name(rng, one, False).split()) for one in sudanese) / len(sudanese)

        assert mean(PASSER) < mean(PHONE) < mean(FIELD)

    def test_a_field_office_writes_the_own_script_and_a_telephone_never_does(self, members: list[Member]) -> None:
        rng = Random(6)
        scripts: dict[str, Counter[str]] = {FIELD.key: Counter(), PHONE.key: Counter()}
        for member in of_culture(members, "ukrainian"):
            for clerk in (FIELD, PHONE):
                record = clerk.see(rng, member, "X1", LAST_DAY)
                scripts[clerk.key][record["names"][0]["script"]] += 1
        assert scripts["field"]["Cyrl"] > scripts["field"]["Latn"]
        assert set(scripts["phone"]) == {"Latn"}

    def test_the_place_of_a_meeting_stands_only_where_somebody_was_met(self, members: list[Member]) -> None:
        member = members[0]
        record = FIELD.see(Random(1), member, "X1", LAST_DAY)
        assert "seen_place" not in record
        record = FIELD.see(Random(1), member, "X1", LAST_DAY, member.home)
        assert record["seen_date"] == LAST_DAY.isoformat()
