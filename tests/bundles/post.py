"""Two societies between whom bundles are carried, and what may be made of a bundle on its way."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pyrage

from tests.exchange.pair import Pair
from tracing.bundles import envelope, views
from tracing.bundles.envelope import PURPOSE, Bundle
from tracing.bundles.inbox import Taken, take_in
from tracing.bundles.outbox import Packed, pack
from tracing.gate.access import Access
from tracing.gate.admit import admitted_by_bundle
from tracing.gate.partnering import own_keys, partners
from tracing.gate.partnering.proofs import SignedBundle
from tracing.gate.permissions import Permission
from tracing.gate.purposes import Use
from tracing.kit.signatures import sign_content


@dataclass
class Post:
    """Two societies between whom bundles are carried."""

    pair: Pair

    def pack(self, society: str, **options: Any) -> list[Packed]:
        return list(pack(self.pair.turn(society), self.other(society), **options))

    def take(self, society: str, *packed: Packed) -> Taken:
        """Take bundles in the given order, and return what became of the last."""
        for one in packed:
            done = take_in(self.pair.turn(society), self.enter, one.content)
        return done

    @contextmanager
    def enter(self, society: str, opened: Bundle) -> Iterator[Access]:
        signed = SignedBundle(opened.manifest.key, PURPOSE, opened.signed, opened.signature)
        with admitted_by_bundle(self.pair.desk.gate, society, signed, Permission.EXCHANGE_RECEIVE) as access:
            yield access

    def gaps(self, society: str) -> list[tuple[int, int]]:
        with self.pair.turn(society)(Use.REGISTER) as access:
            return [(line.number, line.last) for line in views.bundle_lines(access) if line.became == "missing"]

    def sent(self, society: str) -> list[str]:
        """Return where each of our messages stands, in their order."""
        items = self.pair.desk.get("/exchange/outbox", "caseworker", society).json()["items"]
        return [item["progress"] for item in sorted(items, key=lambda item: item["number"])]

    def opened(self, society: str, packed: Packed) -> tuple[bytes, bytes, list[bytes]]:
        """Return manifest, signature and messages of a bundle for `society`."""
        with self.pair.turn(society)(Use.REGISTER) as access:
            access.note("tests.look")
            plain = pyrage.decrypt(packed.content, own_keys.identities(access))
        signed, signature, *lines = plain.split(b"\n")
        return signed, signature, lines[:-1]

    def sealed(self, society: str, lines: list[bytes]) -> Packed:
        """Return lines as anybody can encrypt them for `society`, whose bundle key is on its card."""
        with self.pair.turn(self.other(society))(Use.REGISTER) as access:
            access.note("tests.look")
            (public,) = partners.recipients(access, partners.find(access, society))
        plain = b"".join(line + b"\n" for line in lines)
        return Packed(0, 0, pyrage.encrypt(plain, [pyrage.x25519.Recipient.from_str(public)]))

    def signed(self, society: str, signer: str, manifest: dict[str, Any], lines: list[bytes]) -> Packed:
        """Return a bundle with a manifest that `signer` signs."""
        with self.pair.turn(signer)(Use.REGISTER) as access:
            access.note("tests.look")
            key_id, key = own_keys.signing(access)
        written = envelope.canonical({"key": key_id} | manifest)
        return self.sealed(society, [written, sign_content(key, PURPOSE, written).hex().encode(), *lines])

    def other(self, society: str) -> str:
        return "UG" if society == "KE" else "KE"
