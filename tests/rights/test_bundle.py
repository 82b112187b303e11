"""The access bundle: everything that is the person's, nothing that is somebody else's, key by key."""

import json
from typing import Any
from uuid import UUID

import pytest

from tests.disclosure.desk import hire
from tests.rights.desk import Officer
from tests.sightings.reports import registration, report
from tests.support import Json, made, post, request_draft
from tracing.kit.ids import new_id
from tracing.rights.schemas import LeftOut

THIRD = "Zqxthird"
"""Stands in everything that is somebody else's; no bundle may hold it."""
PLACE = "Zqxplace"
"""Stands in every place where the person may be; no bundle of a protected person may hold it."""

NAME: Json = {"full": "Amina Yusuf Warsame", "type": "current", "script": "Latn", "lang": "so"}
HERSELF: Json = {
    "names": [NAME | {"source": "relative"}],
    "sex": "female",
    "birth": "1990-05",
    "birth_place": "Kismayo",
    "origin_place": "Kismayo",
    "last_place": PLACE,
    "last_place_date": "2020",
    "father": ["Yusuf Warsame"],
    "mother": ["Halima Nur"],
    "relatives": [{"relation": "sibling", "name": THIRD}],
    "nationalities": ["SO"],
    "languages": ["so"],
    "identifiers": [{"type": "passport", "value": "P1"}],
    "occupation": "weaver",
}
KIN: Json = HERSELF | {"relatives": [{"relation": "sibling", "name": "Omar Yusuf Warsame"}]}
CONTACTS: list[Json] = [
    {"kind": "phone", "value": "+252 61 555 0101", "safe": "yes", "code_word": THIRD},
    {"kind": "address", "value": PLACE},
    {"kind": "phone", "value": f"{THIRD} 1", "belongs_to": "relative"},
    {"kind": "phone", "value": f"{THIRD} 2", "belongs_to": "shelter"},
    {"kind": "phone", "value": f"{THIRD} 3", "belongs_to": "worker"},
    {"kind": "via_third_party", "value": f"{THIRD} 4"},
]


def request() -> Json:
    """Return a request in which the enquirer speaks of herself, and of somebody else."""
    draft = request_draft()
    draft["enquirer"] |= {"person": KIN, "contacts": CONTACTS}
    draft["sought"][0]["person"]["names"] = [{"full": THIRD}]
    separation = {"place": PLACE, "circumstances": "at night", "travel_companions": [THIRD], "route": [PLACE]}
    return draft | {"separation": separation, "never_disclose_to": ["Bashir"], "already_tried": "the camp"}


def sought() -> Json:
    """Return a request by somebody else, who seeks her."""
    draft = request_draft()
    draft["enquirer"] |= {"person": {"names": [{"full": THIRD}], "father": ["Yusuf Warsame"]}}
    draft["sought"][0] |= {"person": HERSELF, "separation": {"circumstances": THIRD}}
    return draft | {"never_disclose_to": [THIRD], "already_tried": THIRD}


def sighting(**fields: Any) -> Json:
    reporter = {"place": THIRD, "contacts": [{"kind": "phone", "value": THIRD}]}
    others = {"narrative": THIRD, "list_ref": THIRD, "never_disclose_to": [THIRD]}
    return report(person=HERSELF, reporter=reporter, sighting_place=PLACE, **others, **fields)


def own(**fields: Any) -> Json:
    """Return her own registration: she is her own reporter."""
    reporter = {"place": THIRD, "contacts": CONTACTS}
    return registration(
        person=KIN, narrative=THIRD, sighting_place=PLACE, reporter=reporter, never_disclose_to=["Bashir"], **fields
    )


def record_of(desk: Officer, kind: str, **fields: Any) -> str:
    """Register her as a record of `kind` and return its id."""
    if kind in ("request", "sought"):
        draft = {"request": request, "sought": sought}[kind]() | fields
        view = made(post(desk.client, "/tracing-requests", draft, desk.auth()))
        return str(view["id"] if kind == "request" else view["sought"][0]["id"])
    draft = {"sighting": sighting, "self_registration": own}[kind](**fields)
    return str(made(post(desk.client, "/sightings", draft, desk.auth()))["id"])


def bundle_of(desk: Officer, record_id: str) -> Json:
    return made(desk.bundle(desk.identified(record_id, "access")), 200)


def keys(node: Any, at: str = "") -> set[str]:
    """Return the place of every key in a document; those in lists as one."""
    if isinstance(node, dict):
        return set().union(*({f"{at}/{key}"} | keys(value, f"{at}/{key}") for key, value in node.items()))
    return set().union(*(keys(value, at) for value in node)) if isinstance(node, list) else set()


PERSON_KEYS = (
    "age age_date birth birth_calendar birth_place distinguishing_marks father identifiers identifiers/issuer "
    "identifiers/type identifiers/value languages last_place last_place_date mother names names/full names/lang "
    "names/script names/type nationalities occupation origin_place physical_description relatives school_or_teacher sex"
)
ALL_KEYS = (
    "acts acts/act acts/at answers answers/answer answers/decided_at answers/given_by answers/level answers/obtained "
    "answers/valid_until consents consents/decided_at consents/decision consents/given_by "
    "consents/information_notice_version consents/lawful_basis consents/obtained consents/purpose consents/recipient "
    "consents/valid_until contact_attempts contact_attempts/at contact_attempts/channel contact_attempts/result "
    "details details/already_tried details/condition details/contacts details/information_notice_version "
    "details/interpreter_language details/message_code details/never_disclose_to details/person "
    "details/preferred_channel details/separation details/sighting_place details/sighting_time details/visible_to "
    "fate_reports in_force kept_until left_out made_at messages messages/at messages/words messages/wrote origin "
    "record_id record_kind registered_at request_id shared shared/at shared/level shared/recipient shared/what"
)
GOLDEN = sorted([*ALL_KEYS.split(), *(f"details/person/{key}" for key in PERSON_KEYS.split())])
"""Every key of a found person's bundle with everything in it. What is added here leaves the society: think twice."""
OF_RELATIVES = ["details/person/relatives/name", "details/person/relatives/relation"]
OF_CONTACTS = [f"details/contacts/{key}" for key in ("hours", "kind", "language", "use_for", "value")]
OF_SEPARATION = [
    f"details/separation/{key}"
    for key in ("cause", "circumstances", "date", "last_contact_date", "last_contact_mode", "place", "route")
]


class TestKeys:
    def test_of_a_found_persons_bundle_are_the_golden_list(self, desk: Officer) -> None:
        _, found = full(desk, "sighting")
        assert sorted(key[1:] for key in keys(bundle_of(desk, found))) == GOLDEN

    def test_of_what_they_said_themselves_are_their_relatives_and_contacts(self, desk: Officer) -> None:
        _, found = full(desk, "self_registration")
        known = sorted([*GOLDEN, *OF_RELATIVES, *OF_CONTACTS])
        assert sorted(key[1:] for key in keys(bundle_of(desk, found))) == known

    def test_of_an_enquirers_bundle_are_their_contacts_and_how_contact_was_lost(self, desk: Officer) -> None:
        found = {key[1:] for key in keys(bundle_of(desk, record_of(desk, "request")))}
        known = {*GOLDEN, *OF_RELATIVES, *OF_CONTACTS, *OF_SEPARATION}
        assert found - known == set()
        assert {*OF_CONTACTS, *OF_SEPARATION} <= found

    def test_of_a_sought_persons_bundle_are_what_was_reported_of_their_fate(self, desk: Officer) -> None:
        record_id = record_of(desk, "sought")
        fate(desk, record_id)
        found = {key[1:] for key in keys(bundle_of(desk, record_id))}
        assert found - set(GOLDEN) == {f"fate_reports/{key}" for key in ("at", "finding", "source", "state")}


def fate(desk: Officer, record_id: str) -> None:
    desk.sealed(
        "fate_report",
        record_id,
        json.dumps({"account": THIRD}).encode(),
        sought_id=UUID(record_id),
        finding="deceased",
        source="eye_witnesses",
        state="refuted",
        reported_by=new_id(),
        worker_id=new_id(),
        version=1,
        created_at=desk.now,
        updated_at=desk.now,
    )


def full(desk: Officer, kind: str) -> tuple[str, str]:
    """Return a search and a found person with everything that the rooms keep of her."""
    search = record_of(desk, "sought")
    found = record_of(desk, kind)
    desk.night()
    desk.answered(found, search)
    desk.told(search, found)
    desk.message(search, found, "to_enquirer", "I am well.")
    desk.message(search, found, "to_found", "We miss you.")
    desk.message(search, found, "to_found", f"{THIRD}: not delivered", state="read")
    share = {"purpose": "share_with_society", "recipient": "UG"}
    made(post(desk.client, f"/records/{found}/consents", {"decisions": [share]}, desk.auth()))
    attempt(desk, found)
    return search, found


def attempt(desk: Officer, record_id: str) -> None:
    desk.sealed(
        "contact_attempt",
        record_id,
        json.dumps({"note": THIRD}).encode(),
        record_id=UUID(record_id),
        channel="phone",
        purpose="outreach",
        result="reached",
        made_at=desk.now,
        recorded_at=desk.now,
        recorded_by=new_id(),
        worker_id=new_id(),
    )


class TestEverything:
    def test_that_is_the_persons_is_in_it(self, desk: Officer) -> None:
        _, found = full(desk, "self_registration")
        told = bundle_of(desk, found)
        assert told["details"]["person"]["names"] == [NAME]
        assert told["details"]["person"]["relatives"] == KIN["relatives"]
        assert told["details"]["sighting_place"] == PLACE
        assert [(m["wrote"], m["words"]) for m in told["messages"]] == [(True, "I am well."), (False, "We miss you.")]
        assert [(a["answer"], a["level"]) for a in told["answers"]] == [("granted", "share_contact")]
        assert [(a["channel"], a["result"]) for a in told["contact_attempts"]] == [("phone", "reached")]
        assert [(s["what"], s["level"], s["recipient"]) for s in told["shared"]] == [
            ("told_to_a_relative", "share_contact", None),
            ("share_with_society", None, "UG"),
        ]
        assert {c["purpose"] for c in told["consents"]} == {"register", "match_within_society", "share_with_society"}
        assert {"sightings.open", "rights.identify"} <= {act["act"] for act in told["acts"]}

    def test_that_an_enquirer_wrote_or_received_is_in_theirs(self, desk: Officer) -> None:
        view = desk.open()
        search, found = view["sought"][0]["id"], desk.register()
        desk.message(search, found, "to_found", "Are you well?", state="refused")
        desk.message(search, found, "to_enquirer", "I am well.")
        desk.message(search, found, "to_enquirer", "Never sent.", state="stopped")
        told = bundle_of(desk, view["id"])
        assert [(m["wrote"], m["words"]) for m in told["messages"]] == [(True, "Are you well?"), (False, "I am well.")]

    def test_of_a_restricted_or_hidden_record_is_in_it(self, desk: Officer) -> None:
        record_id = record_of(desk, "self_registration")
        desk.withdraw(record_id, "register")
        assert "register" not in bundle_of(desk, record_id)["in_force"]


class TestNothing:
    KINDS = ("request", "sought", "sighting", "self_registration")

    @pytest.mark.parametrize("kind", KINDS)
    def test_of_anybody_else_is_in_it(self, desk: Officer, kind: str) -> None:
        record_id = record_of(desk, kind)
        attempt(desk, record_id)
        if kind == "sought":
            fate(desk, record_id)
        answer = desk.bundle(desk.identified(record_id, "access"))
        assert "Warsame" in answer.text
        assert THIRD not in answer.text

    @pytest.mark.parametrize("kind", KINDS)
    @pytest.mark.parametrize("sensitivity", ["protected", "high_risk"])
    def test_of_where_a_protected_person_is_is_in_it(self, desk: Officer, kind: str, sensitivity: str) -> None:
        record_id = record_of(desk, kind, sensitivity=sensitivity)
        told = desk.bundle(desk.identified(record_id, "access"))
        assert PLACE not in told.text
        assert "protected_places" in told.json()["left_out"]
        assert PLACE in desk.bundle(desk.identified(record_of(desk, kind), "access")).text

    @pytest.mark.parametrize("kind", KINDS)
    @pytest.mark.parametrize("claimant", ["parent", "guardian", "representative", "court"])
    def test_of_where_a_person_is_is_in_anothers(self, desk: Officer, kind: str, claimant: str) -> None:
        record_id = record_of(desk, kind)
        attempt(desk, record_id)
        told = desk.bundle(desk.identified(record_id, "access", claimant=claimant))
        assert [one for one in (PLACE, "+252 61 555 0101", "Bashir") if one in told.text] == []
        assert {"whereabouts", "searches"} <= set(told.json()["left_out"])

    def test_of_a_search_for_a_child_is_in_the_bundle_of_the_parent_who_seeks(self, desk: Officer) -> None:
        """Found and asked, or not found: the parent reads the same; she herself is told."""
        search, found = full(desk, "self_registration")
        other = record_of(desk, "sought")
        fate(desk, search)
        told = [made(desk.bundle(desk.identified(one, "access", claimant="parent")), 200) for one in (search, other)]
        for one in told:
            one["acts"] = [act["act"] for act in one["acts"]]
            for known in ("request_id", "record_id", "made_at", "registered_at", "kept_until", "details", "consents"):
                del one[known]
        assert told[0] == told[1]
        theirs = made(desk.bundle(desk.identified(found, "access", claimant="parent")), 200)
        parts = ("answers", "messages", "contact_attempts", "shared", "fate_reports")
        assert [part for part in parts if theirs[part]] == []
        assert [part for part in parts if bundle_of(desk, found)[part]] != []

    @pytest.mark.parametrize("kind", KINDS)
    def test_of_a_protected_person_is_shown_to_an_officer_who_may_not_see_it(self, desk: Officer, kind: str) -> None:
        record_id = record_of(desk, kind, sensitivity="protected")
        hire(desk.gate, desk.people, "stranger")
        asked = desk.identified(record_id, "access")
        refused = desk.bundle(asked, "stranger")
        assert (refused.status_code, refused.json()["code"]) == (403, "withheld")
        above = [desk.get(f"/sought-persons/{record_id}").json()["request_id"]] if kind == "sought" else []
        for one in (record_id, *above):
            why = {"reason": "approval", "note": "She asks for what we hold."}
            made(post(desk.client, f"/records/{one}/broken-glass", why, desk.auth("stranger")))
        made(desk.bundle(asked, "stranger"), 200)

    def test_of_a_worker_is_in_it(self, desk: Officer) -> None:
        search, found = full(desk, "self_registration")
        text = desk.bundle(desk.identified(found, "access")).text
        with_accounts = desk.get("/accounts", "administrator").json()["items"]
        assert len(with_accounts) > 5
        assert [a for a in with_accounts if a["id"] in text or a["worker_id"] in text] == []
        assert search not in text

    def test_of_how_a_search_goes_is_in_an_enquirers(self, desk: Officer) -> None:
        """A declined search, a found one and a running one are told alike."""
        told = []
        for _ in range(2):
            view = made(post(desk.client, "/tracing-requests", request(), desk.auth()))
            told.append(view)
        search = told[1]["sought"][0]["id"]
        desk.happen(f"/sought-persons/{search}", "close", reason="not_found_avenues_exhausted")
        bundles = [bundle_of(desk, view["id"]) for view in told]
        for found in bundles:
            for known in ("request_id", "record_id", "made_at", "registered_at", "kept_until", "acts"):
                found[known] = [act["act"] for act in found[known]] if known == "acts" else None
            found["consents"] = sorted(c["purpose"] + c["decision"] for c in found["consents"])
        assert bundles[0] == bundles[1]

    def test_is_left_out_by_what_is_there(self, desk: Officer) -> None:
        """The list of what is left out is the same for a record that has none of it."""
        bare = str(made(post(desk.client, "/sightings", report(), desk.auth()))["id"])
        assert bundle_of(desk, bare)["left_out"] == bundle_of(desk, record_of(desk, "sighting"))["left_out"]
        assert set(bundle_of(desk, bare)["left_out"]) < set(LeftOut)


class TestWho:
    def test_asks_must_be_identified_and_ask_for_access(self, desk: Officer) -> None:
        record_id = desk.register()
        assert desk.bundle(desk.ask(record_id, "access")).status_code == 409
        for kind in ("rectification", "restriction", "objection", "erasure"):
            assert desk.bundle(desk.identified(record_id, kind)).status_code == 409
        request_id = desk.identified(record_id, "access")
        assert desk.bundle(request_id, "caseworker").status_code == 403
        assert desk.get(f"/data-subject/requests/{request_id}/bundle", "supervisor", "UG").status_code == 404
        desk.stepped(request_id, "carry_out")
        assert desk.bundle(request_id).status_code == 200
        assert desk.acts_on(record_id)[-1] == "rights.bundle"
        refused = desk.identified(record_id, "access")
        desk.stepped(refused, "refuse", reason="not_the_subject")
        assert desk.bundle(refused).status_code == 409
