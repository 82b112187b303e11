"""Two real services, one on SQLite and one on PostgreSQL: the whole way, and killed on it."""

import os
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path
from random import Random

import pytest
from sqlmodel import SQLModel, select

from tests.enquirer.desk import Enquirer, issued
from tests.exchange.servers import Town, towns
from tests.exchange.test_way import BASIS
from tests.review.desk import raw
from tests.sightings.reports import registration
from tests.stories.family import Family
from tests.support import Json, made, post, sought_draft

pytestmark = pytest.mark.slow
T = SQLModel.metadata.tables
DELIVERIES = 50
PATIENCE_S = 600


def ask(town: Town, name: str = "Amina Yusuf Warsame") -> str:
    """Open a request that may be shared, send it, and return the case."""
    return share(town, town.desk.open(sought_draft(name, basis=BASIS)))


def share(town: Town, opened: Json) -> str:
    sought = opened["sought"][0]["id"]
    body = {"partner": "UG"}
    return str(made(post(town.desk.client, f"/sought-persons/{sought}/exchange", body, town.desk.auth()))["id"])


def settle(*found: Town) -> None:
    while sum(town.courier().delivered for town in found):
        pass


@pytest.mark.parametrize("over", [("sqlite", "postgresql")])
def test_a_request_goes_out_is_answered_told_and_taken_back(tmp_path: Path, over: tuple[str, str]) -> None:
    with towns(tmp_path, dict(zip(("KE", "UG"), over, strict=True))) as found:
        ke, ug = found["KE"], found["UG"]
        ke.start()
        ug.start()
        opened = ke.desk.open(sought_draft(basis=BASIS))
        code = issued(ke.desk, opened["id"])
        enquirer = Enquirer(ke.desk, opened["id"], [opened["sought"][0]["id"]], code["code"], code["secret"])
        ours = share(ke, opened)
        settle(ke, ug)
        (theirs,) = made(ug.desk.get("/exchange/cases", "caseworker", "UG"), 200)["items"]
        ug.act(theirs["id"], "events", {"event": "accept"})
        settle(ug)
        assert ke.case(ours)["state"] == "accepted"

        family = Family(ug.desk, society="UG")
        family.ids |= {"request": theirs["request_id"], "sought": theirs["sought_id"]}
        family.ids["found"] = family.post("/sightings", registration())["id"]
        ug.desk.night_of("UG")
        items = family.get(f"/sought-persons/{family.sought}/suggestions")["items"]
        family.ids["suggestion"] = next(i["id"] for i in items if i["right_id"] == family.found)
        at = f"/suggestions/{family.suggestion}"
        family.step(
            at, f"{at}/decisions", {"verdict": "confirm_same_person", "reason": "same_names_and_kin"}, status=201
        )
        ug.act(theirs["id"], "messages", {"kind": "provide_answer", "finding": "possible_match"})
        settle(ug)
        assert ke.case(ours)["handle"] == ug.case(theirs["id"])["handle"]
        assert enquirer.status == "search_under_way"

        family.screened().verified().asked().granted("pass_message", words_to_pass="I am well.")
        at = f"/disclosure-cases/{family.case}"
        release = family.step(at, f"{at}/releases", {"level": "pass_message"}, status=201)["id"]
        at = f"/releases/{release}"
        family.step(at, f"{at}/approval", {"approve": True}, label="caseworker-2")
        ug.act(theirs["id"], "messages", {"kind": "provide_answer", "finding": "told", "release_id": release})
        settle(ug)
        heard = ke.case(ours)
        assert (heard["state"], heard["messages"][-1]["told"]["words_to_pass"]) == ("answered", "I am well.")
        assert enquirer.status == "we_would_like_to_speak_to_you"

        ke.act(ours, "events", {"event": "revoke", "revocation": "search_ended"})
        settle(ke, ug)
        assert ug.desk.get(f"/sought-persons/{theirs['sought_id']}", "caseworker", "UG").status_code == 404
        assert ke.case(ours)["acknowledged_at"] is not None
        assert [town.whole() for town in (ke, ug)] == [True, True]


def courier(town: Town) -> "subprocess.Popen[bytes]":
    token = town.desk.people.token("operator", town.code)
    here = str(Path(__file__).parents[2])
    environment = {**town.environment(), "TRACING_TOKEN": token, "PYTHONPATH": os.pathsep.join([f"{here}/src", here])}
    command = [sys.executable, "-m", "tests.exchange.servers", town.code]
    return subprocess.Popen(command, env=environment, cwd=here, stderr=subprocess.DEVNULL)


def rows(town: Town, side: str) -> list[tuple[str, str, str]]:
    with raw(town.gate, town.code) as connection:
        t = T["exchange_message"].c
        query = select(t.message_id, t.kind, t.progress).where(t.society == town.code, t.side == side)
        return [(str(i), str(kind), str(progress)) for i, kind, progress in connection.execute(query)]


@pytest.mark.parametrize(("over", "most"), [("sqlite", 16), ("postgresql", 24)])
def test_killed_at_any_moment_nothing_is_lost_and_nothing_doubled(tmp_path: Path, over: str, most: int) -> None:
    rng, kills = Random(5), Counter[str]()
    with towns(tmp_path, {"KE": "sqlite", "UG": over}) as found:
        ke, ug = found["KE"], found["UG"]
        ke.start()
        asked = {ask(ke, f"Amina Warsame {'abcdefghij'[n % 10]}{'klmno'[n // 10]}") for n in range(DELIVERIES)}
        ke.stop()
        until = time.monotonic() + PATIENCE_S
        while any(progress == "waiting" for _, _, progress in rows(ke, "sent")):
            assert time.monotonic() < until
            if ug.child is None or ug.child.poll() is not None:
                ug.start()
            carrying = courier(ke)
            before = len(rows(ug, "received"))
            wanted = before + rng.randint(3, most)
            while len(rows(ug, "received")) < min(wanted, DELIVERIES) and carrying.poll() is None:
                time.sleep(0.01)
            time.sleep(rng.uniform(0, 0.05))
            for name, child in (("courier", carrying), ("receiver", ug.child)):
                if wanted < DELIVERIES and child is not None and child.poll() is None:
                    child.send_signal(signal.SIGKILL)
                    child.wait()
                    kills[name] += 1
            if ug.child is not None and ug.child.poll() is not None:
                ug.start()
            if wanted >= DELIVERIES:
                carrying.wait(60)
            carrying.kill()
            carrying.wait()
        assert min(kills["courier"], kills["receiver"]) >= 1, kills
        sent, came = rows(ke, "sent"), rows(ug, "received")
        assert len(asked) == len(sent) == DELIVERIES
        assert {progress for _, _, progress in sent} == {"delivered"}
        assert Counter(i for i, _, _ in came) == Counter(i for i, _, _ in sent)
        with raw(ug.gate, "UG") as connection:
            case = T["exchange_case"].c
            cases = connection.execute(select(case.opened_by).where(case.society == "UG")).scalars().all()
            record = T["record"].c
            copies = connection.execute(select(record.kind).where(record.origin == "exchange:KE")).scalars().all()
        assert Counter(map(str, cases)) == Counter(i for i, _, _ in sent)
        assert len(copies) == 2 * DELIVERIES
        assert Counter(kind for _, kind, _ in rows(ug, "sent")) == {"receipt": DELIVERIES}
        assert [town.whole() for town in (ke, ug)] == [True, True]
