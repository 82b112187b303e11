"""The published protocol is what the service speaks: schema, examples, the page for those who write another system."""

import json
import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tests.cli.calls import done, refused
from tests.exchange.pair import Pair
from tests.exchange.test_way import ask
from tracing.bundles.envelope import Manifest
from tracing.cli.conformance import document
from tracing.conformance.jobs import Signer, probes
from tracing.exchange import inbox
from tracing.exchange.envelope import Envelope
from tracing.exchange.states import OPENING, Finding, Kind, RefusalReason, RevocationReason
from tracing.gate.admit import _working  # the partner comes in without a signature here
from tracing.gate.partnering import partners
from tracing.gate.partnering.proofs import _caller
from tracing.gate.partnering.trust import Known
from tracing.gate.permissions import Permission
from tracing.gate.purposes import Use
from tracing.kit import clock

ROOT = Path(__file__).parents[2]
SCHEMA_FILE = ROOT / "openapi" / "exchange.json"
SAMPLES = {path.stem: path for path in sorted((ROOT / "docs" / "samples" / "exchange").glob("*.json"))}
PAGE = (ROOT / "docs" / "reference" / "exchange.md").read_text(encoding="utf-8")


def sample(kind: str) -> dict[str, Any]:
    made: dict[str, Any] = json.loads(SAMPLES[kind].read_text(encoding="utf-8"))
    return made


class TestSchema:
    def test_is_the_one_that_is_published(self) -> None:
        assert SCHEMA_FILE.read_text(encoding="utf-8") == document(), "run `make openapi`"

    @pytest.mark.slow
    def test_an_old_one_is_found(self, tmp_path: Path) -> None:
        path = tmp_path / "exchange.json"
        assert "run `make openapi`" in refused("exchange", "schema", "--check", "-o", str(path))
        done("exchange", "schema", "-o", str(path))
        done("exchange", "schema", "--check", "-o", str(path))
        path.write_text(path.read_text() + "\n")
        assert "run `make openapi`" in refused("exchange", "schema", "--check", "-o", str(path))

    @pytest.mark.parametrize("kind", Kind)
    def test_holds_the_example_of_every_kind(self, kind: Kind) -> None:
        schema = json.loads(document())
        message = sample(kind)
        assert message["payload"]["kind"] == kind
        assert jsonschema_rs.is_valid(schema, message)
        for broken in ({"motto": "hurry"}, {"sender": "ke"}, {"hop_limit": 1}, {"version": "2"}):
            assert not jsonschema_rs.is_valid(schema, message | broken)


class TestExamples:
    def test_every_kind_is_taken_once(self, pair: Pair) -> None:
        _, _, ours = ask(pair)
        pair.settle()
        asked = pair.case("KE", ours)["opened_by"]
        for kind in sorted(Kind, key=lambda kind: (kind not in OPENING, kind is Kind.REVOKE)):
            message = sample(kind) | {"sent_at": clock.now().isoformat(), "expires_at": _later()}
            text = json.dumps(message)
            if message["recipient"] == "KE":  # about the search that KE really sent
                text = text.replace(sample("request_search")["id"], asked)
            envelope = Envelope.model_validate_json(text)
            assert [_take(pair, envelope).known for _ in range(3)] == [False, True, True], kind

    def test_name_fictional_people_alone(self) -> None:
        told = " ".join(path.read_text(encoding="utf-8") for path in SAMPLES.values())
        assert set(re.findall(r'"full": "([^"]+)"', told)) == {"Amina Yusuf Warsame", "Abdi Yusuf Warsame"}
        assert set(re.findall(r"\+[\d ]+", told)) == {"+252 61 555 0101"}


def _later() -> str:
    return (clock.now() + timedelta(days=30)).isoformat()


def _take(pair: Pair, envelope: Envelope) -> Any:
    society = envelope.recipient
    with pair.turn(society)(Use.REGISTER) as access:
        access.note("tests.look")
        partner = partners.find(access, envelope.sender)
        known = Known(partner.account_id, access.caller.worker_id, "nairobi", "", "UG")
    caller = _caller(known, society)
    with _working(pair.desk.gate, caller, Permission.EXCHANGE_RECEIVE, Use.REGISTER, "", clock.now()) as access:
        return inbox.take(access, envelope)


class TestPage:
    def test_names_every_kind_with_its_example(self) -> None:
        assert set(SAMPLES) == set(Kind)
        assert set(re.findall(r"samples/exchange/(\w+)\.json", PAGE)) == set(Kind)

    def test_names_every_code(self) -> None:
        for code in (*Finding, *RefusalReason, *RevocationReason):
            assert f"`{code}`" in PAGE, code

    def test_names_every_field(self) -> None:
        for field in (*Envelope.model_fields, *Manifest.model_fields):
            assert f"`{field}`" in PAGE, field

    def test_names_every_probe_with_its_answers(self) -> None:
        now = clock.now()
        signer = Signer(
            "KE", "UG", "https://ug.example/v1/exchange/UG/inbox", "ab" * 16, Ed25519PrivateKey.generate(), now
        )
        named = re.findall(r"^\| ([a-z][^|]+) \| ((?:\d{3}(?:, | or )?)+) \|$", PAGE, re.MULTILINE)
        told = {name: frozenset(map(int, re.findall(r"\d{3}", statuses))) for name, statuses in named}
        assert told == {probe.name: probe.expected for probe in probes(signer)}
