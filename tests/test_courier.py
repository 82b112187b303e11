"""The courier of the service: it delivers by itself, as the operator, and never hinders a server that stops."""

import json
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path
from threading import Event
from typing import Any, cast

import pytest
from fastapi.testclient import TestClient

from tests.cli.calls import done
from tests.cli.test_serve import serving
from tests.exchange.conftest import pair as pair  # a fixture
from tests.exchange.pair import Loop, Pair
from tests.exchange.test_way import ask
from tests.rights.desk import Officer
from tests.trails import entries
from tracing import app, courier
from tracing.courier import Courier
from tracing.gate import leases
from tracing.gate.admit import admitted, entered_by_operator
from tracing.gate.partnering import partners
from tracing.gate.partnering.partner_tables import KeyUse
from tracing.gate.partnering.partners import fingerprint
from tracing.gate.permissions import Permission
from tracing.gate.purposes import Use
from tracing.kit.errors import Refused
from tracing.kit.outbound import Answer, Outbound
from tracing.kit.settings import Settings


def made(pair: Pair, network: Any = None) -> Courier:
    return Courier(pair.desk.gate, 60, cast(Outbound, network or pair.loop))


WAYS: dict[str, Callable[[Pair, str, str], object]] = {
    "sharing": lambda pair, _, sought: pair.desk.withdraw(sought, "share_with_society"),
    "everything": lambda pair, _, sought: pair.desk.withdraw(sought, "register"),
    "the request": lambda pair, request, _: pair.desk.withdraw(request, "register"),
    "by the officer": lambda pair, _, sought: officer(pair).stepped(
        officer(pair).identified(sought, "restriction"), "carry_out"
    ),
    "erased": lambda pair, _, sought: officer(pair).erase(sought),
}
"""How somebody whose case is with a partner may take back that it is."""


def officer(pair: Pair) -> Officer:
    return Officer(pair.desk.client, pair.desk.people, pair.desk.gate)


class Hung(Loop):
    """A partner that does not answer."""

    def __init__(self) -> None:
        self.called, self.over = Event(), Event()

    def post(self, *_: object, **__: object) -> Answer:
        self.called.set()
        self.over.wait(20)
        return Answer(503, {}, b"", False)


class TestCourier:
    def test_serves_every_society_as_its_operator(self, pair: Pair) -> None:
        ask(pair)
        made(pair).round()  # KE before UG: the search, and at once the receipt
        assert pair.loop.answers == [202, 202]
        assert [case["state"] for case in pair.cases("KE")] == ["received"]
        (left,) = [e for e in entries(pair.desk.gate, pair.desk.people) if e.act == "exchange.leave_request_search"]
        with admitted(pair.desk.gate, pair.desk.people.token("operator"), Permission.ACCOUNTS_READ) as access:
            access.note("tests.look")
            assert left.account_id == access.caller.account_id

    @pytest.mark.slow
    def test_takes_back_what_was_withdrawn(self, pair: Pair) -> None:
        _, sought, _ = ask(pair)
        made(pair).round()
        (theirs,) = pair.cases("UG")
        pair.desk.withdraw(sought, "share_with_society")
        made(pair).round()
        assert pair.desk.get(f"/sought-persons/{theirs['sought_id']}", "caseworker", "UG").status_code == 404

    @pytest.mark.parametrize(
        "way", ["sharing", *(pytest.param(way, marks=pytest.mark.slow) for way in WAYS if way != "sharing")]
    )
    def test_takes_back_in_its_next_round_what_was_withdrawn(self, pair: Pair, way: str) -> None:
        theirs = self._withdrawn(pair, way)
        acts = [entry.act for entry in entries(pair.desk.gate, pair.desk.people)]
        assert acts.count("exchange.sweep") == 1, "not every case was looked at again"
        assert acts.count("exchange.withdrawn") == 1, "and in a round without a withdrawal none"
        assert pair.desk.get(f"/sought-persons/{theirs}", "caseworker", "UG").status_code == 404

    @pytest.mark.slow
    def test_that_does_not_look_for_withdrawals_leaves_them(self, pair: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(courier, "WITHDRAWALS", frozenset())
        theirs = self._withdrawn(pair, "sharing")
        assert pair.desk.get(f"/sought-persons/{theirs}", "caseworker", "UG").status_code == 200

    def _withdrawn(self, pair: Pair, way: str) -> str:
        """Let somebody withdraw between two rounds of one courier, and return their copy at the partner."""
        request, sought, _ = ask(pair)
        running = made(pair)
        running.round()
        running.round()
        (case,) = pair.cases("UG")
        WAYS[way](pair, request, sought)
        running.round()
        return str(case["sought_id"])

    @pytest.mark.slow
    def test_a_society_without_partners_is_left_alone(self, pair: Pair) -> None:
        with admitted(pair.desk.gate, pair.desk.people.token("operator", "UG"), Permission.PARTNERS_WRITE) as access:
            partners.revoke(access, partners.find(access, "KE"))
        before = len(entries(pair.desk.gate, pair.desk.people, "UG"))
        made(pair).round()
        assert len(entries(pair.desk.gate, pair.desk.people, "UG")) == before + 1  # the look itself

    def test_trouble_is_logged_by_code_and_the_next_round_comes(
        self, pair: Pair, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
    ) -> None:
        caplog.set_level("INFO", logger="tracing")
        ask(pair)
        with monkeypatch.context() as broken:
            broken.setattr(courier, "deliver", lambda *_, **__: 1 / 0)
            made(pair).round()
        assert caplog.records[-1].__dict__["tracing"] == {"event": "courier.failed", "error": "ZeroDivisionError"}
        pair.loop.down = True
        made(pair).round()
        assert "courier.not_delivered" in [record.getMessage() for record in caplog.records]
        assert "Amina" not in caplog.text

    def test_stops_within_a_second_while_a_partner_hangs(self, pair: Pair) -> None:
        ask(pair)
        network = Hung()
        running = made(pair, network)
        running.start()
        assert network.called.wait(10)
        began = time.monotonic()
        running.stop()
        assert time.monotonic() - began < 1
        network.over.set()
        running._thread.join(10)
        assert not running._thread.is_alive()

    @pytest.mark.slow
    def test_another_process_at_work_is_left_to_it(self, pair: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
        ask(pair)
        with monkeypatch.context() as beside:
            beside.setattr(leases, "alone", _taken)
            made(pair).round()
        assert pair.loop.sent == []

    def test_the_operator_comes_in_for_what_was_named_alone(self, pair: Pair) -> None:
        turn = courier.turns(pair.desk.gate, "KE")
        with turn(Use.REGISTER) as access:
            access.note("tests.look")
            assert access.permission is Permission.EXCHANGE_DELIVER
        with (
            pytest.raises(Refused),
            entered_by_operator(pair.desk.gate, "KE", Use.REGISTER, Permission.REQUESTS_READ),
        ):
            raise AssertionError


@contextmanager
def _taken(*_: object) -> Iterator[bool]:
    yield False


class TestApp:
    @pytest.mark.parametrize(
        ("changed", "runs"),
        [({}, True), ({"exchange_every_s": 0}, False), ({"exchange_origin": None}, False)],
    )
    def test_delivers_only_when_named_to_partners(self, changed: dict[str, Any], runs: bool) -> None:
        assert app._delivers(Settings(exchange_origin="https://ke.example").model_copy(update=changed)) is runs

    @pytest.mark.slow
    def test_starts_and_stops_it_with_the_server(self, pair: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
        heard: list[str] = []
        monkeypatch.setattr(Courier, "start", lambda _: heard.append("start"))
        monkeypatch.setattr(Courier, "stop", lambda _: heard.append("stop"))
        for asked in (False, True):
            gate = replace(pair.desk.gate)
            with TestClient(app.create_app(gate.settings, gate, with_courier=asked)):
                heard.append(str(asked))
        assert heard == ["False", "start", "True", "stop"]


@pytest.mark.slow
def test_a_real_server_runs_rounds_and_stops(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "var"
    monkeypatch.setenv("TRACING_DATA_DIR", str(folder))
    done("setup", "--society", "UG")
    done("partners", "keys", "make", "signing")
    done("partners", "card", "-o", str(tmp_path / "card"))
    done("setup", "--society", "KE")
    token = (folder / "operator.KE.token").read_text().strip()
    key = json.loads((tmp_path / "card").read_text())["keys"][0]
    flags = ("--fingerprint", fingerprint(KeyUse.SIGNING, key["public"]), "--channel", "offline")
    done("partners", "add", str(tmp_path / "card"), "--team", "nairobi", *flags, token=token)

    def rounds() -> int:
        with closing(sqlite3.connect(folder / "tracing.db")) as base:
            return int(base.execute("select count(*) from trail_entry where act = 'exchange.due'").fetchone()[0])

    for origin, least, most in (("https://ke.example", 2, 30), ("", 0, 0)):
        before = rounds()
        with serving(folder, exchange_origin=origin, exchange_every_s="1"):
            time.sleep(3)
        assert least <= rounds() - before <= most
