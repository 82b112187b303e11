"""A courier's round: partners are served side by side, each one's messages in their order."""

from collections.abc import Mapping
from threading import Event
from typing import Any

import pytest
from fastapi.testclient import TestClient

from tests.exchange.pair import KINDS, ORIGIN, SHARE, Loop, Pair
from tests.exchange.test_kinds import later
from tests.exchange.test_way import BASIS
from tests.support import sought_draft
from tracing.exchange import delivering, jobs
from tracing.exchange.jobs import Became, deliver
from tracing.gate.admit import admitted
from tracing.gate.partnering import partners
from tracing.gate.partnering.partner_tables import Channel
from tracing.gate.partnering.partners import Terms
from tracing.gate.permissions import Permission
from tracing.kit.errors import Busy
from tracing.kit.outbound import Answer

pytestmark = pytest.mark.parametrize("settings", ["sqlite"], indirect=True)
FIRST, SECOND = "SO", "UG"
"""In the order in which a round serves them."""


class Hanging(Loop):
    """Hangs at the first partner until the second one got what was for it, or patience is over."""

    def __init__(self, client: TestClient, patience_s: float) -> None:
        super().__init__(client)
        self.patience_s, self.got, self.beside = patience_s, Event(), False

    def post(self, url: str, body: bytes, headers: Mapping[str, str], *, origin: str) -> Answer:
        if f"/exchange/{FIRST}/" in url:
            self.beside = self.got.wait(self.patience_s)
            return Answer(503, {}, b"", False)
        answer = super().post(url, body, headers, origin=origin)
        self.got.set()
        return answer


@pytest.fixture
def three(pair: Pair) -> Pair:
    """The pair, and a third society that KE knows; for each of the two others a search waits."""
    with admitted(pair.desk.gate, pair.desk.people.token("operator"), Permission.PARTNERS_WRITE) as access:
        partners.add(access, FIRST, "nairobi", Terms(ORIGIN, tuple(Channel), KINDS, 500, 200), [])
    ask_of(pair, FIRST)
    ask_of(pair, SECOND)
    return pair


def ask_of(pair: Pair, *societies: str) -> None:
    allowed = [
        SHARE | {"recipient": one, "lawful_basis": "public_interest", "given_by": "not_asked"} for one in societies
    ]
    opened = pair.desk.open(sought_draft(basis=[*BASIS[:-1], *allowed]))
    for one in societies:
        pair.send(opened["sought"][0]["id"], partner=one)


class TestRound:
    @pytest.mark.parametrize(("lanes", "patience_s", "beside"), [(jobs.LANES, 20.0, True), (1, 0.3, False)])
    def test_lets_nobody_wait_for_a_partner_that_hangs(
        self, three: Pair, monkeypatch: pytest.MonkeyPatch, lanes: int, patience_s: float, beside: bool
    ) -> None:
        monkeypatch.setattr(jobs, "LANES", lanes)
        network = Hanging(three.desk.client, patience_s)
        done = three.deliver("KE", network)
        assert network.beside is beside
        assert (done.delivered, done.later) == (1, 1)

    def test_keeps_the_order_of_each_partner_and_tells_of_one_at_a_time(self, three: Pair) -> None:
        for _ in range(2):
            ask_of(three, FIRST, SECOND)
        heard: list[tuple[int, int, str, int]] = []

        def hear(place: int, total: int, became: Became) -> None:
            heard.append((place, total, became.message.partner, became.message.number))

        network: Any = Taking()
        assert deliver(three.turn("KE"), network, told=hear).delivered == 6
        assert [(place, total) for place, total, _, _ in heard] == [(place, 6) for place in range(1, 7)]
        for code in (FIRST, SECOND):
            assert [number for _, _, partner, number in heard if partner == code] == [1, 2, 3]
            assert [url.count(f"/{code}/") for url in network.urls].count(1) == 3

    def test_that_is_stopped_is_taken_up_again_where_it_was(self, three: Pair) -> None:
        ask_of(three, FIRST, SECOND)
        network: Any = Taking()
        stopped = deliver(three.turn("KE"), network, over=lambda: bool(network.urls))
        assert 1 <= stopped.tried < 4
        rest = deliver(three.turn("KE"), network)
        assert stopped.delivered + rest.delivered == 4
        assert len(network.urls) == 4

    def test_leaves_a_partner_that_takes_all_its_time_to_the_next(
        self, three: Pair, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        ask_of(three, FIRST)
        monkeypatch.setattr(jobs, "SHARE_S", -1.0)
        heard: list[str] = []
        network: Any = Taking()
        done = deliver(three.turn("KE"), network, told=lambda _, __, became: heard.append(became.trouble))
        assert done.delivered == 2, "one of each: nobody is left without"
        assert heard.count("partner-slow") == 1

    def test_fills_nobodys_place_with_what_waits_for_another(
        self, three: Pair, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(delivering, "PAGE", 1)
        ask_of(three, FIRST)
        network: Any = Taking()
        assert deliver(three.turn("KE"), network).delivered == 2
        assert [[f"/{code}/" in url for url in network.urls].count(True) for code in (FIRST, SECOND)] == [1, 1]

    def test_with_trouble_of_our_own_at_one_partner_serves_the_others(
        self, three: Pair, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        true = delivering.take_out

        def busy(access: Any, row_id: Any, **given: Any) -> Any:
            leaving = true(access, row_id, **given)
            if leaving is not None and leaving.code == FIRST:
                raise Busy("the database is at its limit or away")
            return leaving

        network: Any = Taking()
        with monkeypatch.context() as broken:
            broken.setattr(delivering, "take_out", busy)
            with pytest.raises(Busy):
                deliver(three.turn("KE"), network)
        assert [f"/{SECOND}/" in url for url in network.urls] == [True]
        later(monkeypatch)
        assert deliver(three.turn("KE"), network).delivered == 1


class Taking:
    """Every partner takes everything."""

    def __init__(self) -> None:
        self.urls: list[str] = []

    def post(self, url: str, *_: object, **__: object) -> Answer:
        self.urls.append(url)
        return Answer(202, {}, b"", False)
