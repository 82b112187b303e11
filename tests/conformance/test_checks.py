"""`exchange check`: a partner that keeps the protocol passes, one that leaves out any check does not."""

import json
from pathlib import Path
from typing import Any, cast

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from tests.conformance.stub import StubPartner
from tests.exchange.pair import Pair
from tracing.conformance.jobs import Finding, check
from tracing.gate.admit import admitted
from tracing.gate.partnering import own_keys, partners
from tracing.gate.partnering.partner_tables import KeyUse
from tracing.gate.permissions import Permission
from tracing.kit.errors import Conflict, NotFound
from tracing.kit.outbound import Outbound

SCHEMA = json.loads((Path(__file__).parents[2] / "openapi" / "exchange.json").read_text(encoding="utf-8"))
FOUND = {
    "signature": {
        "the same request again is refused",
        "an unsigned one is refused",
        "an old one is refused",
        "one of the future is refused",
        "a changed body is refused",
        "one signed for another address is refused",
        "one signed for another method is refused",
        "one signed with another key is refused",
        "an unknown key is refused",
    },
    "age": {"an old one is refused", "one of the future is refused"},
    "nonce": {"the same request again is refused"},
    "digest": {"a changed body is refused"},
    "recipient": {"one for another society is refused"},
    "sender": {"one of another society is refused"},
    "expiry": {"one that is over is refused"},
    "schema": {"an unknown field is refused"},
    "memory": {"the same message, signed anew, is known"},
}
"""Check that is left out → probes that find it."""


def run(pair: Pair, network: Any) -> tuple[bool, list[Finding]]:
    found: list[Finding] = []
    whole = check(pair.turn("KE"), cast(Outbound, network), "UG", found.append)
    return whole, found


def stub(pair: Pair, *without: str) -> StubPartner:
    with admitted(pair.desk.gate, pair.desk.people.token("operator"), Permission.PARTNERS_READ) as access:
        access.note("tests.look")
        known = own_keys.in_use(access, KeyUse.SIGNING)
    keys = {row.id: Ed25519PublicKey.from_public_bytes(bytes.fromhex(row.public)) for row in known}
    return StubPartner("UG", "KE", keys, SCHEMA, frozenset(without))


class TestCheck:
    def test_this_service_passes_and_so_does_one_of_another_make(self, pair: Pair) -> None:
        for network in (pair.loop, stub(pair)):
            whole, found = run(pair, network)
            assert [one.name for one in found if not one.passed] == []
            assert whole
            assert len(found) == 15
        assert pair.cases("UG") == []

    def test_a_check_that_a_partner_leaves_out_is_found(self, pair: Pair) -> None:
        for left_out, probes in FOUND.items():
            whole, found = run(pair, stub(pair, left_out))
            assert not whole
            assert {one.name for one in found if not one.passed} == probes, left_out

    def test_every_probe_that_must_be_refused_is_taken_by_some_wrong_partner(self) -> None:
        assert len(set().union(*FOUND.values())) == 15 - 1  # all but the first
        assert "a receipt is taken" not in set().union(*FOUND.values())

    @pytest.mark.slow
    def test_what_is_sent_is_about_nobody(self, pair: Pair) -> None:
        network = stub(pair)
        run(pair, network)
        told = {key for body in network.bodies for key in json.loads(body)["payload"]}
        assert told == {"kind", "of", "status"}

    @pytest.mark.slow
    def test_a_partner_that_is_away_or_none(self, pair: Pair) -> None:
        pair.loop.down = True
        whole, found = run(pair, pair.loop)
        assert not whole
        assert {one.status for one in found} == {503}
        with pytest.raises(NotFound):
            check(pair.turn("KE"), cast(Outbound, pair.loop), "CH", lambda _: None)
        with admitted(pair.desk.gate, pair.desk.people.token("operator"), Permission.PARTNERS_WRITE) as access:
            partners.find(access, "UG").origin = ""
            access.note("tests.change")
        with pytest.raises(Conflict):
            run(pair, pair.loop)
