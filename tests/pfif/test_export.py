"""What leaves as PFIF is an allow-list of the few who agreed to it, and tells nothing of what was found."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from fastapi.testclient import TestClient
from hypothesis import given
from hypothesis import strategies as st

from tests.pfif.desk import Lists
from tests.pfif.files import note, person
from tests.support import Json, granted, made, post, request_draft, sought_draft
from tests.trails import acts
from tracing.gate import register
from tracing.gate.admit import admitted
from tracing.gate.kinds import Sensitivity
from tracing.gate.permissions import Permission
from tracing.kit import clock
from tracing.matching.dates.age import AgeRange
from tracing.persons.schemas import PersonDraft
from tracing.pfif import traits
from tracing.pfif.dates import moment
from tracing.pfif.parsers import read, survey
from tracing.pfif.parsers.fields import PERSON
from tracing.pfif.parsers.staged import Staged
from tracing.pfif.parsers.writer import Published, written
from tracing.pfif.schemas import Person
from tracing.pfif.views import age_band, home
from tracing.requests import service as requests
from tracing.requests.schemas import RequestDraft
from tracing.requests.states import Event, State

DOMAIN = "tracing.example.org"
ALLOWED = {
    "person_record_id",
    "entry_date",
    "expiry_date",
    "author_name",
    "source_name",
    "source_date",
    "full_name",
    "alternate_names",
    "sex",
    "age",
    "home_city",
    "home_country",
}
PUBLIC = [*granted(lawful_basis="public_interest"), *granted("publish_name")]


@pytest.fixture
def domain(lists: Lists) -> None:
    """Give the service its domain."""
    object.__setattr__(lists.gate, "settings", lists.gate.settings.model_copy(update={"pfif_domain": DOMAIN}))


def people(content: bytes) -> list[Person]:
    """Return what our own reader finds."""
    staged = Staged(content)
    found = survey(staged)
    assert found.ignored == 0
    return list(read(staged, found))


def exported(lists: Lists) -> list[Person]:
    answer = lists.client.get("/v1/exports/pfif", headers=lists.people.auth("supervisor"))
    assert answer.status_code == 200, answer.text
    return people(answer.content)


def said(found: Person) -> list[dict[str, str]]:
    """Return all that is said of somebody, without when it was written down."""
    parts = (found.fields, *(note.fields for note in found.notes))
    return [{name: text for name, text in part.items() if name != "entry_date"} for part in parts]


def opened(lists: Lists, *sought: Json, **fields: Any) -> Json:
    drafts = sought or (sought_draft(basis=PUBLIC, last_place="12 Harbour Street, Kismayo, SO"),)
    return made(post(lists.client, "/tracing-requests", request_draft(*drafts, **fields), lists.people.auth()))


@pytest.mark.usefixtures("domain")
class TestExport:
    def test_holds_the_allowed_fields_and_no_more(self, lists: Lists) -> None:
        given_names = {"names": [{"full": "Amina Yusuf Warsame"}, {"full": "Minah", "type": "nickname"}]}
        draft = sought_draft(
            basis=PUBLIC,
            birth="1990-05-17",
            last_place="12 Harbour Street, Kismayo, SO",
            distinguishing_marks="a scar",
            identifiers=[{"type": "phone", "value": "+252 61 555 0199"}],
        )
        draft["person"] |= given_names
        view = opened(lists, draft)
        (found,) = exported(lists)
        sought_id = view["sought"][0]["id"]
        assert found.fields.keys() <= ALLOWED
        assert (found.fields["person_record_id"], found.fields["author_name"]) == (
            f"{DOMAIN}/{sought_id}",
            "caseworker, KE",
        )
        assert (found.fields["full_name"], found.fields["sex"]) == ("Amina Yusuf Warsame", "female")
        assert (found.fields["home_city"], found.fields["home_country"]) == ("Kismayo", "SO")
        assert AgeRange.parse(found.fields["age"]) == AgeRange(35, 39)
        (told,) = found.notes
        assert told.fields["status"] == "information_sought"
        for word in ("Harbour", "scar", "0199", "1990", "Minah", "Abdi", "Yusuf Warsame\n", "Halima", "sister"):
            assert word.encode() not in found.raw
        assert ("pfif.export", "done") in acts(lists.gate, lists.people)

    @pytest.mark.parametrize(
        "basis",
        [
            granted(lawful_basis="public_interest"),
            granted("register", "match_within_society", "publish_name", lawful_basis="vital_interest"),
            [*granted(lawful_basis="public_interest"), granted("publish_name")[0] | {"given_by": "not_asked"}],
            [*granted(lawful_basis="public_interest"), granted("publish_name")[0] | {"decision": "refused"}],
            [*granted(lawful_basis="public_interest"), granted("publish_name")[0] | {"recipient": "UG"}],
            [*granted(lawful_basis="public_interest"), *granted("publish_photo")],
        ],
        ids=["none", "another basis", "nobody asked", "refused", "for one recipient", "photo only"],
    )
    def test_asks_for_a_consent_to_this(self, lists: Lists, basis: list[Json]) -> None:
        opened(lists, sought_draft(basis=basis))
        assert exported(lists) == []

    def test_ends_with_the_consent(self, lists: Lists, days_pass: Callable[[float], None]) -> None:
        until = (clock.now() + timedelta(days=2)).replace(microsecond=0)
        consent = granted("publish_name")[0] | {"valid_until": until.isoformat()}
        view = opened(lists, sought_draft(basis=[*granted(lawful_basis="public_interest"), consent]))
        (found,) = exported(lists)
        assert moment(found.fields["expiry_date"]) == until
        days_pass(3)
        assert exported(lists) == []
        days_pass(0)
        path = f"/records/{view['sought'][0]['id']}/consents/withdrawal"
        post(lists.client, path, {"purposes": ["publish_name"]}, lists.people.auth())
        assert exported(lists) == []

    @pytest.mark.parametrize("sensitivity", ["protected", "high_risk"])
    def test_leaves_out_whoever_is_protected(self, lists: Lists, sensitivity: str) -> None:
        opened(lists, sought_draft(basis=PUBLIC, sensitivity=sensitivity))
        opened(lists, sought_draft(basis=PUBLIC), sensitivity=sensitivity)
        view = opened(lists, sought_draft(basis=PUBLIC))
        with admitted(lists.gate, lists.people.token("caseworker"), Permission.REQUESTS_WRITE) as access:
            access.note("requests.change")
            register.set_sensitivity(access, UUID(view["id"]), Sensitivity(sensitivity))  # of the enquirer, later
        assert exported(lists) == []

    def test_leaves_out_children_and_those_whose_search_somebody_must_never_learn_of(self, lists: Lists) -> None:
        opened(lists, sought_draft(basis=PUBLIC, birth=f"{clock.now().year - 10}"))
        opened(lists, sought_draft(basis=PUBLIC), never_disclose_to=["Warsame Duale"])
        assert exported(lists) == []

    def test_leaves_out_copies(self, lists: Lists) -> None:
        lists.take(person(1, note(1, status="information_sought")), person(2))
        assert exported(lists) == []

    def test_is_the_same_before_and_after_somebody_is_found(self, lists: Lists) -> None:
        sought_id = UUID(opened(lists)["sought"][0]["id"])
        before = [said(found) for found in exported(lists)]
        with admitted(lists.gate, lists.people.token("caseworker"), Permission.SUGGESTIONS_DECIDE) as access:
            requests.follow_decision(access, sought_id, Event.CONFIRM_LEAD)
            assert requests.state_of(access, sought_id) is State.LEAD_FOUND
        assert [said(found) for found in exported(lists)] == before

    def test_leaves_out_what_is_closed_or_not_accepted(self, lists: Lists) -> None:
        opened(lists, sought_draft(basis=PUBLIC), start=False)
        assert exported(lists) == []

    def test_is_for_a_permission_of_its_own(self, lists: Lists) -> None:
        for label in ("intake", "caseworker", "administrator", "auditor"):
            answer = lists.client.get("/v1/exports/pfif", headers=lists.people.auth(label))
            assert answer.status_code == 403

    def test_without_a_domain_is_refused(self, lists: Lists, client: TestClient) -> None:
        object.__setattr__(lists.gate, "settings", lists.gate.settings.model_copy(update={"pfif_domain": ""}))
        answer = client.get("/v1/exports/pfif", headers=lists.people.auth("supervisor"))
        assert (answer.status_code, answer.json()["code"]) == (409, "no-domain")

    def test_comes_back_as_own_records(self, lists: Lists) -> None:
        opened(lists)
        content = lists.client.get("/v1/exports/pfif", headers=lists.people.auth("supervisor")).content
        answer = lists.send(content)
        assert [e["code"] for e in answer.json()["errors"]] == ["own-record"]

    def test_is_a_search_to_another_service(self, lists: Lists) -> None:
        opened(lists)
        (found,) = exported(lists)
        copy = traits.copy_of(found, clock.now(), "other.example.org")
        assert isinstance(copy, traits.Copy)
        assert isinstance(copy.draft, RequestDraft)
        sought = copy.draft.sought[0].person
        assert (sought.names[0].full, sought.sex, sought.last_place) == ("Amina Yusuf Warsame", "female", "Kismayo, SO")
        assert sought.age == found.fields["age"]


TEXT = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), min_size=1, max_size=40)


class TestRoundTrip:
    @given(st.dictionaries(st.sampled_from(PERSON), TEXT.map(str.strip).filter(bool), min_size=1))
    def test_any_text_is_read_as_it_was_written(self, fields: dict[str, str]) -> None:
        note = {"note_record_id": "a/n1", "text": "".join(fields.values())[:90].strip()}
        (found,) = people(written([Published(fields, [note])]))
        expected = fields | ({} if "full_name" in fields else {"full_name": found.fields.get("full_name", "")})
        assert {name: text for name, text in expected.items() if text} == dict(found.fields)
        assert dict(found.notes[0].fields) == note


class TestBand:
    @pytest.mark.parametrize(
        ("fields", "band"),
        [
            ({"birth": "1990-05-17"}, "35-39"),
            ({"birth": "1990"}, "35-39"),
            ({"birth": "1985/1991"}, "30-44"),
            ({"birth": "19XX"}, ""),
            ({"birth": "1990/.."}, ""),
            ({"birth": "2040"}, ""),
            ({"age": "30", "age_date": "2016"}, "35-44"),
            ({}, ""),
        ],
    )
    def test_is_whole_fives_or_silent(self, fields: dict[str, str], band: str) -> None:
        draft = PersonDraft.model_validate({"names": [{"full": "Amina"}], **fields})
        assert age_band(draft, datetime(2026, 3, 1, tzinfo=UTC)) == band


class TestHome:
    @pytest.mark.parametrize(
        ("place", "town"),
        [
            ("Kismayo", ("Kismayo", "SO")),
            ("12 Harbour Street, Kismayo, SO", ("Kismayo", "SO")),
            ("behind the mosque", ("", "")),
            ("Somalia", ("", "")),
            ("between Nairobi and Kampala", ("", "")),
            (None, ("", "")),
        ],
    )
    def test_is_a_town_of_the_gazetteer_or_nothing(self, place: str | None, town: tuple[str, str]) -> None:
        draft = PersonDraft.model_validate({"names": [{"full": "Amina"}], "last_place": place})
        assert home(draft) == town
