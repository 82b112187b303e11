from __future__ import annotations

import os
import re
import subprocess
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator

import pytest

from tracing.demo.births import _could_be_gregorian
from tracing.demo.casebase import CaseBase, build, persons, two_lists
from tracing.demo.families import LAST_DAY
from tracing.demo.registry import CULTURES
from tracing.demo.specs import BASES, CAUSES, PERSON_KEYS, PURPOSES, RELATIONSHIPS, Neutral

Sample = tuple[list[Neutral], dict[str, str]]

DATE = r"\d{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12]\d|3[01]))?)?"
EDTF = re.compile(rf"({DATE}[?~%]?|\d{{3}}X|\d{{2}}XX|{DATE}/({DATE}|\.\.)|\.\./{DATE})")
AGE = re.compile(r"\d{1,3}(-\d{1,3})?")
NAME_KEYS = {"full", "type", "script", "lang"}
NAME_TYPES = {"current", "nickname", "transliteration"}
WELL_KNOWN = {
    "abdullah abdullah", "ali abdullah saleh", "hassan nasrallah", "taras shevchenko", "andriy shevchenko",
    "leonid kravchuk", "luis suarez", "luis diaz", "gabriel garcia", "simon bolivar", "moussa traore",
    "sekou toure", "alpha conde", "ousmane dembele", "yaya toure", "modibo keita", "moussa sissoko",
    "giorgi kvaratskhelia", "tigran petrosyan", "kim youngsoo", "piotr zielinski", "maria zakharova",
    "abebe bikila", "haile selassie", "mohammad mustafa", "amadou toure",
}  # fmt: skip


@pytest.fixture(scope="module")
def base() -> CaseBase:
    return build()


@pytest.fixture(scope="module")
def sample() -> Sample:
    return persons(3, 3000)


def all_persons(base: CaseBase) -> Iterator[Neutral]:
    for request in base.requests:
        yield request.enquirer["person"]
        yield from (item["person"] for item in request.sought)
    yield from (sighting.person for sighting in base.sightings)


def every_text(person: Neutral) -> Iterator[str]:
    yield from (name["full"] for name in person["names"])
    yield from (*person.get("father", []), *person.get("mother", []))
    yield from (relative["name"] for relative in person.get("relatives", []))


def check_neutral(person: Neutral) -> None:
    assert set(person) <= set(PERSON_KEYS), person
    assert person["id"]
    assert person["names"]
    for name in person["names"]:
        assert {"full", "type", "script"} <= set(name) <= NAME_KEYS
        assert name["type"] in NAME_TYPES
    assert all(text == text.strip() and "  " not in text and text for text in every_text(person)), person
    assert person["sex"] in {"female", "male", "unknown"}
    for key in ("birth", "last_place_date", "seen_date", "age_date"):
        assert key not in person or EDTF.fullmatch(person[key]), (key, person[key])
    assert "birth_calendar" not in person or "birth" in person
    assert person.get("birth_calendar", "hijri") in {"hijri", "solar_hijri", "ethiopian"}
    assert ("age" in person) == ("age_date" in person)
    assert "age" not in person or AGE.fullmatch(person["age"])
    for relative in person.get("relatives", []):
        assert relative["relation"] in {
            "father",
            "mother",
            "spouse",
            "child",
            "sibling",
            "grandparent",
            "other",
        }


class TestDeterminism:
    def test_one_seed_gives_one_case_base(self, base: CaseBase) -> None:
        assert build(7, 300) == base

    def test_another_seed_gives_another_one(self, base: CaseBase) -> None:
        assert build(8, 300).truth != base.truth

    def test_a_process_with_another_hash_seed_makes_the_same(self, base: CaseBase) -> None:
        code = "from tracing.demo.casebase import build; print(sorted(build().truth.items())[:400])"
        run = subprocess.run(
            [sys.executable, "-c", code],
            env={**os.environ, "PYTHONHASHSEED": "4711"},
            capture_output=True,
            text=True,
            check=True,
        )
        assert run.stdout.strip() == str(sorted(base.truth.items())[:400])

    def test_persons_and_lists_are_the_same_every_time(self) -> None:
        assert persons(5, 200) == persons(5, 200)
        assert two_lists(5, 100) == two_lists(5, 100)


class TestCaseBase:
    def test_a_few_hundred_families_give_requests_with_several_sought_persons(self, base: CaseBase) -> None:
        sought = sum(len(request.sought) for request in base.requests)
        assert 250 <= len(base.requests) <= 400
        assert 2.2 <= sought / len(base.requests) <= 4
        assert len(base.sightings) >= 400

    def test_all_cultures_and_scripts_are_there(self, base: CaseBase) -> None:
        families = Counter(truth.split("-")[0] for truth in base.truth.values())
        assert len(families) >= 290
        scripts = Counter(name["script"] for person in all_persons(base) for name in person["names"])
        wanted = {culture.script for culture in CULTURES}
        assert len(wanted) >= 8
        assert set(scripts) == wanted
        assert len(CULTURES) >= 14

    def test_neutral_persons_have_only_the_keys_and_forms_agreed(self, base: CaseBase) -> None:
        for person in all_persons(base):
            check_neutral(person)

    def test_the_truth_names_every_record_once(self, base: CaseBase) -> None:
        refs = [request.home_ref for request in base.requests]
        refs += [item["home_ref"] for request in base.requests for item in request.sought]
        refs += [sighting.home_ref for sighting in base.sightings]
        assert len(set(refs)) == len(refs)
        assert set(base.truth) == set(refs)
        assert sorted(person["id"] for person in all_persons(base)) == sorted(refs)

    def test_records_of_one_person_never_contradict_each_other_in_sex(self, base: CaseBase) -> None:
        sexes = defaultdict(set)
        for person in all_persons(base):
            sexes[base.truth[person["id"]]].add(person["sex"])
        assert all(len(found - {"unknown"}) <= 1 for found in sexes.values())

    def test_nobody_seeks_themselves_or_one_person_twice_in_a_request(self, base: CaseBase) -> None:
        for request in base.requests:
            found = [base.truth[item["home_ref"]] for item in request.sought]
            assert len(set(found)) == len(found)
            assert base.truth[request.home_ref] not in found

    def test_enums_are_those_of_the_domain(self, base: CaseBase) -> None:
        for request in base.requests:
            assert request.enquirer["contact"]
            for contact in request.enquirer["contact"]:
                assert contact["kind"] in {"phone", "email", "via_third_party"}
                assert contact["safe"] in {"yes", "no", "unknown"}
            for item in request.sought:
                assert item["relationship"] in RELATIONSHIPS
                assert item["sensitivity"] in {"normal", "protected"}
                assert item["separation"]["cause"] in CAUSES
                assert EDTF.fullmatch(item["separation"]["date"])
        for sighting in base.sightings:
            assert sighting.basis in BASES
            assert sighting.kind in {"sighting", "self_registration"}
            assert (sighting.basis == "self") == (sighting.kind == "self_registration")
            assert sighting.consents[0] == "register"
            assert set(sighting.consents) <= set(PURPOSES)
            assert EDTF.fullmatch(sighting.sighting_time)
            assert sighting.sighting_time <= LAST_DAY.isoformat()
            assert sighting.sighting_place

    def test_some_records_may_not_be_matched(self, base: CaseBase) -> None:
        without = sum("match_within_society" not in sighting.consents for sighting in base.sightings)
        assert 0 < without < len(base.sightings) / 5

    def test_relationships_are_of_many_kinds_and_fit_the_sex(self, base: CaseBase) -> None:
        kinds: Counter[str] = Counter()
        for request in base.requests:
            for item in request.sought:
                kinds[item["relationship"]] += 1
                if item["relationship"] in {"mother", "daughter", "sister", "wife", "aunt", "grandmother"}:
                    assert item["person"]["sex"] != "male"
                if item["relationship"] in {"father", "son", "brother", "husband", "uncle", "grandfather"}:
                    assert item["person"]["sex"] != "female"
        assert len(kinds) >= 11

    def test_circumstances_name_nobody(self, base: CaseBase) -> None:
        for request in base.requests:
            for item in request.sought:
                story = item["separation"]["circumstances"]
                assert "{" not in story
                for name in item["person"]["names"]:
                    assert name["full"] not in story


class TestSituations:
    def test_some_relatives_seek_each_other(self, base: CaseBase) -> None:
        wanted: defaultdict[str, set[str]] = defaultdict(set)
        for request in base.requests:
            asker = base.truth[request.home_ref]
            wanted[asker] |= {base.truth[item["home_ref"]] for item in request.sought}
        mutual = [asker for asker, found in wanted.items() if any(asker in wanted.get(one, ()) for one in found)]
        assert len(mutual) >= 20

    def test_some_persons_are_sought_by_two_requests(self, base: CaseBase) -> None:
        sought = Counter(base.truth[item["home_ref"]] for request in base.requests for item in request.sought)
        assert sum(times > 1 for times in sought.values()) >= 8

    def test_many_sought_persons_were_seen_and_many_were_not(self, base: CaseBase) -> None:
        sought = {base.truth[item["home_ref"]] for request in base.requests for item in request.sought}
        seen = {base.truth[sighting.home_ref] for sighting in base.sightings}
        assert 0.4 < len(sought & seen) / len(sought) < 0.7
        assert len(seen - sought) >= 40

    def test_survivors_of_trafficking_are_protected_on_both_sides(self, base: CaseBase) -> None:
        survivors = set()
        for request in base.requests:
            for item in request.sought:
                if item["separation"]["cause"] == "trafficking_or_exploitation":
                    survivors.add(base.truth[item["home_ref"]])
        protected = [sighting for sighting in base.sightings if sighting.sensitivity == "protected"]
        assert 8 <= len(protected) < len(base.sightings) / 8
        assert {base.truth[sighting.home_ref] for sighting in protected} & survivors
        assert all("disclose_alive" not in sighting.consents for sighting in protected)

    def test_some_sought_persons_are_minors(self, base: CaseBase) -> None:
        young = 0
        for request in base.requests:
            for item in request.sought:
                birth = item["person"].get("birth", "")
                calendar = item["person"].get("birth_calendar")
                if calendar is None and re.match(r"20(0[8-9]|1\d|2\d)", birth):
                    young += 1
        assert young >= 30

    def test_namesakes_who_are_no_kin_are_frequent(self, sample: Sample) -> None:
        found, truth = sample
        houses = defaultdict(set)
        for person in found:
            for name in person["names"]:
                if len(name["full"].split()) > 1 or name["script"] in {"Hani", "Hang"}:
                    houses[name["full"].lower()].add(truth[person["id"]].split("-")[0])
        assert sum(len(families) > 1 for families in houses.values()) >= 30

    def test_no_two_true_persons_have_records_that_are_alike_in_everything(self, sample: Sample) -> None:
        found, truth = sample
        seen: dict[str, str] = {}
        for person in found:
            if "birth" in person and len(person) > 6:
                key = repr({name: value for name, value in person.items() if name != "id"})
                assert seen.setdefault(key, truth[person["id"]]) == truth[person["id"]]

    def test_nobody_bears_the_name_of_a_widely_known_person(self, base: CaseBase, sample: Sample) -> None:
        texts = (text for person in (*all_persons(base), *sample[0]) for text in every_text(person))
        assert WELL_KNOWN.isdisjoint(text.lower() for text in texts)


class TestPersons:
    def test_about_a_third_of_the_records_have_a_partner(self, sample: Sample) -> None:
        found, truth = sample
        assert len(found) == len(truth) == 3000
        times = Counter(truth.values())
        assert set(times.values()) == {1, 2}
        assert 0.30 < sum(1 for person in found if times[truth[person["id"]]] == 2) / 3000 < 0.36

    def test_they_are_neutral_persons(self, sample: Sample) -> None:
        for person in sample[0]:
            check_neutral(person)

    def test_births_come_in_every_usual_form(self, sample: Sample) -> None:
        forms = Counter(re.sub(r"\d", "9", person["birth"]) for person in sample[0] if "birth" in person)
        assert {"9999-99-99", "9999-99", "9999", "9999~", "9999?", "9999/9999", "999X"} <= set(forms)
        assert {person.get("birth_calendar") for person in sample[0]} == {
            None,
            "hijri",
            "solar_hijri",
            "ethiopian",
        }
        assert any("age" in person for person in sample[0])
        firsts = sum(person.get("birth", "").endswith("-01-01") for person in sample[0])
        assert 0.05 < firsts / len(sample[0]) < 0.35

    def test_partners_are_often_written_differently(self, sample: Sample) -> None:
        found, truth = sample
        records = defaultdict(list)
        for person in found:
            records[truth[person["id"]]].append(person)
        pairs = [pair for pair in records.values() if len(pair) == 2]
        same = sum(left["names"][0]["full"] == right["names"][0]["full"] for left, right in pairs)
        other_script = sum(left["names"][0]["script"] != right["names"][0]["script"] for left, right in pairs)
        assert same < len(pairs) / 3
        assert other_script > len(pairs) / 10

    def test_nobody_is_seen_before_the_year_of_birth(self, sample: Sample) -> None:
        plain = [person for person in sample[0] if "seen_date" in person and "birth_calendar" not in person]
        years = [person for person in plain if re.fullmatch(r"\d{4}", person.get("birth", ""))]
        assert len(years) > 50
        assert all(int(person["birth"]) <= int(person["seen_date"][:4]) for person in years)

    @pytest.mark.parametrize("count", [0, 1, 5])
    def test_any_count_is_met_exactly(self, count: int) -> None:
        found, truth = persons(1, count)
        assert len(found) == len(truth) == count

    def test_a_negative_count_is_refused(self) -> None:
        with pytest.raises(ValueError, match="negative"):
            persons(1, -1)
        with pytest.raises(ValueError, match="negative"):
            build(1, -1)


class TestTwoLists:
    def test_gold_pairs_join_the_two_lists_one_to_one(self) -> None:
        left, right, gold = two_lists(2, 900)
        assert len(left) == len(right) == 900
        assert len(gold) == 300
        assert {pair[0] for pair in gold} <= {person["id"] for person in left}
        assert {pair[1] for pair in gold} <= {person["id"] for person in right}
        assert len({pair[0] for pair in gold}) == len({pair[1] for pair in gold}) == 300

    @pytest.mark.parametrize(("shared", "pairs"), [(0, 0), (0.5, 25), (1, 50)])
    def test_the_share_can_be_chosen(self, shared: float, pairs: int) -> None:
        assert len(two_lists(4, 50, shared)[2]) == pairs

    def test_a_share_beyond_the_whole_is_refused(self) -> None:
        with pytest.raises(ValueError, match="between 0 and 1"):
            two_lists(1, 10, 1.5)


def test_a_day_that_only_another_calendar_has_is_never_written_without_it() -> None:
    assert not _could_be_gregorian(1338, 6, 31)
    assert _could_be_gregorian(1338, 6, 30)
