"""Somebody whom a partner seeks is found: from the search that came to what the partner is told."""

from typing import Any

from tests.exchange.pair import Pair
from tests.exchange.test_way import ask
from tests.scenes import scene
from tests.sightings.reports import registration
from tests.stories.family import ASKED, Family
from tests.support import Json

PHONE = "+256 700 555 0199"
SHELTER = "shelter behind the old market"


def matched(pair: Pair, *, fields: Json | None = None, **person: Any) -> Family:
    """Let KE's search be taken up by UG, whose own record of her is confirmed to be the sought person.

    Nothing may have happened before. The ids: `ours` of the case at KE and `wanted` of its sought person; `theirs` of
    the case at UG.
    """

    def play() -> tuple[dict[str, str], list[Any], list[int]]:
        return _match(pair, fields or {}, person).ids, pair.loop.sent, pair.loop.answers

    played = scene(pair.desk.gate, f"a match between societies {fields} {person}", play)
    ids, pair.loop.sent, pair.loop.answers = played
    family = Family(pair.desk, society="UG", ids=ids)
    decided(family, "confirm_same_person", "same_names_and_kin")
    return family


def _match(pair: Pair, fields: Json, person: dict[str, Any]) -> Family:
    _, wanted, ours = ask(pair, **fields)
    pair.settle()
    theirs = pair.cases("UG", side="received")[-1]
    pair.act("UG", theirs["id"], "events", {"event": "accept"})
    pair.settle()
    family = Family(pair.desk, society="UG")
    family.ids |= {"ours": ours, "wanted": wanted, "theirs": theirs["id"]}
    family.ids |= {"request": theirs["request_id"], "sought": theirs["sought_id"]}
    family.ids["found"] = family.post("/sightings", registration(**person))["id"]
    pair.desk.night_of("UG")
    items = family.get(f"/sought-persons/{family.sought}/suggestions")["items"]
    family.ids["suggestion"] = next(item["id"] for item in items if item["right_id"] == family.found)
    return family


def decided(family: Family, verdict: str, reason: str) -> None:
    at = f"/suggestions/{family.suggestion}"
    family.step(at, f"{at}/decisions", {"verdict": verdict, "reason": reason}, status=201)


def told(pair: Pair, family: Family, **fields: Any) -> Family:
    """Let her allow everything, and the partner be told just that; nothing is delivered yet."""
    family.screened().verified().asked()
    given = {"words_to_pass": "I am well.", "contact_to_share": PHONE, "location_to_share": SHELTER}
    family.granted("share_location", **given, **fields)
    at = f"/disclosure-cases/{family.case}"
    family.ids["release"] = family.step(at, f"{at}/releases", {"level": "share_location"}, status=201)["id"]
    at = f"/releases/{family.release}"
    family.step(at, f"{at}/approval", {"approve": True}, label="caseworker-2")
    body = {"kind": "provide_answer", "finding": "told", "release_id": family.release}
    pair.act("UG", family.theirs, "messages", body)
    return family


def left(pair: Pair, *words: str) -> bool:
    """Return whether one of some words left on any way."""
    return any(word.encode() in body for _, body, _ in pair.loop.sent for word in words)


def take_back(pair: Pair) -> None:
    pair.take_back("UG")
    pair.settle()


def withdrawn(_: Pair, family: Family) -> None:
    family.answered("withdraw")


def revised_downward(_: Pair, family: Family) -> None:
    family.answered("revise")
    family.answered("grant", level="say_alive_only", **ASKED)


def undone(_: Pair, family: Family) -> None:
    decided(family, "undo", "decided_wrongly")
