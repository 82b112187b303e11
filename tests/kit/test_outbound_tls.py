"""Certificates: the name is checked whatever address was connected to, and the service shows its own."""

import datetime as dt
import ssl
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.kit.test_outbound import Wire, wire
from tests.receivers import Receiver, receiving
from tracing.kit import outbound
from tracing.kit.errors import Unsafe
from tracing.kit.outbound import Failure, Outbound, OutboundFailed
from tracing.kit.settings import Settings

__all__ = ["wire"]
NAME = "hooks.example.org"


class Authority:
    """Issues certificates into a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "test authority")])
        self.pem = folder / "ca.pem"
        self.pem.write_bytes(self._signed(self.name, self.key, ca=True).public_bytes(serialization.Encoding.PEM))

    def issue(self, name: str) -> Path:
        """Return the file of a certificate for `name`, its key in it."""
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        path = self.folder / f"{name}.pem"
        form = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        signed = self._signed(subject, key, name=name).public_bytes(serialization.Encoding.PEM)
        path.write_bytes(signed + key.private_bytes(*form))
        return path

    def _signed(
        self, subject: x509.Name, key: ec.EllipticCurvePrivateKey, *, name: str = "", ca: bool = False
    ) -> x509.Certificate:
        now = dt.datetime.now(dt.UTC)
        made = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(self.name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - dt.timedelta(days=1))
            .not_valid_after(now + dt.timedelta(days=1))
            .add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
        )
        if name:
            made = made.add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        return made.sign(self.key, hashes.SHA256())


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path)


@pytest.fixture
def https(authority: Authority) -> Iterator[Receiver]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(authority.issue(NAME))
    with receiving(context) as receiver:
        yield receiver


@pytest.fixture
def here(wire: Wire, monkeypatch: pytest.MonkeyPatch) -> Wire:
    """Let every name lead to this machine, and connect."""
    monkeypatch.setattr(outbound, "may_connect", lambda target, addresses: True)
    wire.leads_to = lambda host: ["127.0.0.1"]
    wire.real = True
    return wire


def test_the_name_is_checked_and_sent_though_the_address_is_pinned(
    here: Wire, https: Receiver, authority: Authority
) -> None:
    client = Outbound(Settings(outbound_ca=authority.pem))
    origin = f"https://{NAME}:{https.port}"
    assert client.post(f"{origin}/a", b"{}", {}, origin=origin).status == 204
    assert https.received[0].headers["host"] == f"{NAME}:{https.port}"
    assert (here.asked, here.tried) == ([NAME], ["127.0.0.1"])


def test_another_name_s_certificate_is_refused(here: Wire, https: Receiver, authority: Authority) -> None:
    origin = f"https://other.example.org:{https.port}"
    with pytest.raises(OutboundFailed) as caught:
        Outbound(Settings(outbound_ca=authority.pem)).post(origin, b"{}", {}, origin=origin)
    assert caught.value.reason is Failure.TLS
    assert https.received == []


def test_an_unknown_authority_s_certificate_is_refused(here: Wire, https: Receiver) -> None:
    origin = f"https://{NAME}:{https.port}"
    with pytest.raises(OutboundFailed) as caught:
        Outbound(Settings()).post(origin, b"{}", {}, origin=origin)
    assert caught.value.reason is Failure.TLS
    assert https.received == []


def test_the_service_shows_its_own_certificate_where_one_is_asked_for(here: Wire, authority: Authority) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(authority.issue(NAME))
    context.load_verify_locations(authority.pem)
    context.verify_mode = ssl.CERT_REQUIRED
    own = authority.issue("society.example.org")
    with receiving(context) as receiver:
        origin = f"https://{NAME}:{receiver.port}"
        with_one = Outbound(Settings(outbound_ca=authority.pem, outbound_cert=own))
        assert with_one.post(origin, b"{}", {}, origin=origin).status == 204
        with pytest.raises(OutboundFailed):
            Outbound(Settings(outbound_ca=authority.pem)).post(origin, b"{}", {}, origin=origin)
        assert len(receiver.received) == 1


@pytest.mark.parametrize("name", ["outbound_ca", "outbound_cert"])
def test_a_certificate_that_cannot_be_read_stops_the_start(tmp_path: Path, name: str) -> None:
    (tmp_path / "none.pem").write_text("nothing")
    for path in (tmp_path / "absent.pem", tmp_path / "none.pem"):
        with pytest.raises(Unsafe):
            Outbound(Settings.model_validate({name: path}))
