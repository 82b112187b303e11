"""A request goes out, is matched, answered, disclosed and taken back; both trails hold."""

import pytest

from tests.enquirer.desk import Enquirer, issued
from tests.exchange.pair import SHARE, Pair
from tests.sightings.reports import registration
from tests.stories.family import Family
from tests.support import granted, made, post, request_draft, sought_draft
from tracing.gate import audit
from tracing.gate.admit import admitted
from tracing.gate.permissions import Permission
from tracing.kit import clock

BASIS = [*granted(lawful_basis="public_interest"), SHARE | {"lawful_basis": "public_interest", "given_by": "not_asked"}]


def ask(pair: Pair, **fields: object) -> tuple[str, str, str]:
    """Open a request in KE that may be shared with UG, send it, and return request, sought person and case."""
    opened = pair.desk.open(sought_draft(basis=BASIS), **fields)
    sought = str(opened["sought"][0]["id"])
    case = pair.send(sought)
    assert case["state"] == "draft"
    return str(opened["id"]), sought, str(case["id"])


def test_from_the_search_to_the_answer_and_back(pair: Pair) -> None:
    request, sought, ours = ask(pair)
    code = issued(pair.desk, request)
    enquirer = Enquirer(pair.desk, request, [sought], code["code"], code["secret"])
    assert pair.desk.get(f"/sought-persons/{sought}").json()["state"] == "awaiting_partner"
    pair.settle()
    assert pair.case("KE", ours)["state"] == "received"
    (theirs,) = pair.cases("UG", side="received")
    assert (theirs["partner"], theirs["state"]) == ("KE", "received")

    pair.act("UG", theirs["id"], "events", {"event": "accept"})
    pair.settle()
    assert pair.case("KE", ours)["state"] == "accepted"

    family = Family(pair.desk, society="UG")
    family.ids |= {"request": theirs["request_id"], "sought": theirs["sought_id"]}
    family.ids["found"] = family.post("/sightings", registration())["id"]
    pair.desk.night_of("UG")
    items = family.get(f"/sought-persons/{family.sought}/suggestions")["items"]
    (item,) = [i for i in items if i["right_id"] == family.found]
    assert "exchange:KE" in item["origins"]
    family.ids["suggestion"] = item["id"]
    refused = pair.act(
        "UG", theirs["id"], "messages", {"kind": "provide_answer", "finding": "possible_match"}, status=409
    )
    assert refused["code"] == "conflict"
    at = f"/suggestions/{item['id']}"
    verdict = {"verdict": "confirm_same_person", "reason": "same_names_and_kin"}
    family.step(at, f"{at}/decisions", verdict, status=201)
    pair.act("UG", theirs["id"], "messages", {"kind": "provide_answer", "finding": "possible_match"})
    pair.settle()
    heard = pair.case("KE", ours)
    assert heard["state"] == "in_progress"
    assert heard["handle"] == pair.case("UG", theirs["id"])["handle"]
    assert heard["messages"][-1]["finding"] == "possible_match"
    assert enquirer.status == "search_under_way"  # of a possible match nobody learns anything

    family.screened().verified().asked().granted("pass_message", words_to_pass="I am well.")
    case_at = f"/disclosure-cases/{family.case}"
    family.ids["release"] = family.step(case_at, f"{case_at}/releases", {"level": "pass_message"}, status=201)["id"]
    told = {"kind": "provide_answer", "finding": "told", "release_id": family.release}
    assert pair.act("UG", theirs["id"], "messages", told, status=409)["code"] == "conflict"
    release_at = f"/releases/{family.release}"
    family.step(release_at, f"{release_at}/approval", {"approve": True}, label="caseworker-2")
    pair.act("UG", theirs["id"], "messages", told)
    pair.settle()
    heard = pair.case("KE", ours)
    assert heard["state"] == "answered"
    assert heard["messages"][-1]["told"]["words_to_pass"] == "I am well."
    assert family.get(release_at)["state"] == "told"
    at = f"/sought-persons/{sought}"
    assert pair.desk.get(at).json()["state"] == "outcome_ready"
    assert enquirer.status == "we_would_like_to_speak_to_you"
    (thing,) = made(pair.desk.get(f"{at}/outcome"), 200)["may_be_told"]
    assert (thing["kind"], thing["level"]) == ("partner_answer", "pass_message")
    telling = {"answer_id": thing["id"], "channel": "visit", "told_at": clock.now().isoformat(), "language": "so"}
    made(post(pair.desk.client, f"{at}/tellings", telling | {"support_offered": True}, pair.desk.auth()))
    tag = {"If-Match": pair.desk.get(f"{at}/outcome").headers["etag"]}
    concluded = post(
        pair.desk.client, f"{at}/conclusion", {"reason": "reconnected_message_only"}, pair.desk.auth(), **tag
    )
    assert made(concluded, 200)["state"] == "closed"

    pair.act("KE", ours, "events", {"event": "revoke", "revocation": "search_ended"})
    pair.settle()
    assert pair.desk.get(f"/exchange/cases/{theirs['id']}", "caseworker", "UG").status_code == 404
    assert pair.desk.get(f"/sought-persons/{theirs['sought_id']}", "caseworker", "UG").status_code == 404
    assert pair.case("KE", ours)["acknowledged_at"] is not None
    for society in ("KE", "UG"):
        token = pair.desk.people.token("auditor", society)
        with admitted(pair.desk.gate, token, Permission.TRAIL_VERIFY) as access:
            assert audit.verify(access, pair.desk.gate).reason == "whole"


def test_what_was_withdrawn_is_taken_back_by_itself(pair: Pair) -> None:
    _, sought, _ = ask(pair)
    pair.settle()
    (theirs,) = pair.cases("UG")
    pair.desk.withdraw(sought, "share_with_society")
    pair.take_back()
    pair.settle()
    assert pair.desk.get(f"/sought-persons/{theirs['sought_id']}", "caseworker", "UG").status_code == 404


@pytest.mark.parametrize("purposes", [("share_with_society",), ("register",)])
def test_what_is_withdrawn_before_it_leaves_never_leaves(pair: Pair, purposes: tuple[str, ...]) -> None:
    _, sought, _ = ask(pair)
    pair.desk.withdraw(sought, *purposes)
    pair.settle()
    assert pair.loop.sent == []
    assert pair.cases("UG") == []


def test_without_consent_nothing_is_sent(pair: Pair) -> None:
    sought = pair.desk.seek()
    answer = post(pair.desk.client, f"/sought-persons/{sought}/exchange", {"partner": "UG"}, pair.desk.auth())
    assert (answer.status_code, answer.json()["code"]) == (422, "missing-consent")


def test_an_enquirer_is_named_only_where_they_agreed(pair: Pair) -> None:
    ask(pair)
    pair.settle()
    (theirs,) = pair.cases("UG")
    shown = pair.desk.get(f"/tracing-requests/{theirs['request_id']}", "caseworker", "UG").json()
    assert shown["enquirer"]["person"]["names"][0]["full"] == "—"
    draft = request_draft()
    enquirer = draft["enquirer"] | {"consents": [*granted(), SHARE]}
    ask(pair, enquirer=enquirer)
    pair.settle()
    shown = pair.desk.get(f"/tracing-requests/{pair.cases('UG')[1]['request_id']}", "caseworker", "UG").json()
    assert shown["enquirer"]["person"]["names"][0]["full"] == "Abdi Yusuf Warsame"
    assert shown["enquirer"]["contacts"] == []
