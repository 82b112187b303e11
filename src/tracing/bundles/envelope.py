"""The format of a bundle: messages in a file, signed by the sender and encrypted for the recipient.

Inside are lines. The first is the manifest in canonical JSON, the second its Ed25519 signature in hexadecimal
digits, each further one a message. The manifest names sender and recipient and the SHA-256 of every message, so
that the signature covers all of it. All lines are encrypted with age, which by itself would say nothing of who sent.

Nothing here knows a database: who signed, and for whom, is compared by the caller.
"""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Literal

import pyrage
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from pydantic import Field, ValidationError, model_validator
from pydantic_core import PydanticCustomError

from tracing.bundles.errors import BundleRefused, NoBundle
from tracing.exchange.envelope import SocietyCode
from tracing.kit.errors import Malformed
from tracing.kit.signatures import sign_content
from tracing.kit.strict import strict_json
from tracing.persons.consent import Moment
from tracing.persons.schemas import Shape

PURPOSE = "bundle"
MOST_BYTES = 16 * 1024 * 1024
"""Bytes of all messages of a bundle: what a weak machine holds in memory several times over."""
MOST_RECORD = 1024 * 1024
"""Bytes of one message: what one that comes online may have at most."""
MOST_RECORDS = 2_000
MOST_RANGES = 2_000
MOST_MANIFEST = 1024 * 1024
LARGEST = MOST_BYTES + MOST_MANIFEST + 64 * 1024
"""Bytes of a whole file; age adds a header, and 16 bytes to each 64 KiB."""
SIGNATURE_DIGITS = 128

Number = Annotated[int, Field(ge=1, le=2**53, strict=True)]
Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class Listed(Shape):
    """One message of a bundle: its number among all to the recipient, and the SHA-256 of its line."""

    number: Number
    sha256: Sha256


class RefusedNumber(Shape):
    """A message of the recipient's that was refused for good, and why, as a code."""

    number: Number
    code: Annotated[str, Field(pattern=r"^[a-z0-9-]{1,40}$")]


class Manifest(Shape):
    """What is signed of a bundle."""

    version: Literal["1"] = "1"
    sender: SocietyCode
    recipient: SocietyCode
    key: Annotated[str, Field(pattern=r"^[0-9a-f]{32}$", description="Fingerprint of the key that signs.")]
    number: Number = Field(description="Counts the bundles from this sender to this recipient, from 1 on.")
    begins: Number = Field(description="First bundle of the same export. Those before it need not come any more.")
    count: Annotated[int, Field(ge=0, le=MOST_RECORDS, strict=True)]
    first: Number | None = Field(None, description="Number of the first message; left out where there is none.")
    last: Number | None = None
    records: list[Listed] = Field(default=[], max_length=MOST_RECORDS)
    came: list[tuple[Number, Number]] = Field(
        default=[], max_length=MOST_RANGES, description="Messages of the recipient's that came: first and last number."
    )
    refused: list[RefusedNumber] = Field(default=[], max_length=MOST_RECORDS)
    made_at: Moment
    expires_at: Moment

    @model_validator(mode="after")
    def _agrees_with_itself(self) -> "Manifest":
        numbers = [record.number for record in self.records]
        if self.count != len(numbers) or numbers != sorted(set(numbers)):
            raise PydanticCustomError("of-another-list", "the numbers do not count up")
        if (self.first, self.last) != ((numbers[0], numbers[-1]) if numbers else (None, None)):
            raise PydanticCustomError("of-another-list", "first and last are those of the list")
        if self.begins > self.number or self.expires_at <= self.made_at:
            raise PydanticCustomError("of-another-list", "it ends before it begins")
        return self


@dataclass(frozen=True, slots=True)
class Record:
    """A message as it stands in a bundle."""

    number: int
    line: bytes


@dataclass(frozen=True, slots=True)
class Bundle:
    """A bundle that was opened, before anything of it is believed.

    Attributes:
        signed: the manifest as it was signed.
    """

    manifest: Manifest
    signed: bytes
    signature: bytes
    rest: bytes

    @property
    def digest(self) -> str:
        """SHA-256 of what was signed."""
        return hashlib.sha256(self.signed).hexdigest()

    def records(self) -> list[Record]:
        """Return the messages; all of them are those that the manifest lists.

        Raises:
            BundleRefused: one is missing, altered, added, moved, or too long.
        """
        lines = self.rest.split(b"\n", self.manifest.count)
        if len(lines) != self.manifest.count + 1 or lines[-1]:
            raise BundleRefused("the bundle holds more or fewer messages than it lists")
        found = []
        for listed, line in zip(self.manifest.records, lines[:-1], strict=True):
            if len(line) > MOST_RECORD or hashlib.sha256(line).hexdigest() != listed.sha256:
                raise BundleRefused(f"message {listed.number} is not the one that the bundle lists")
            found.append(Record(listed.number, line))
        return found


def canonical(value: object) -> bytes:
    """Return a JSON value in the one form in which it is signed: ASCII, keys in order, no space."""
    return json.dumps(value, sort_keys=True, separators=(",", ":")).encode("ascii")


def signed_form(manifest: Manifest) -> bytes:
    """Return a manifest as we sign it."""
    return canonical(manifest.model_dump(mode="json", exclude_none=True))


def digest(manifest: Manifest) -> str:
    """Return the SHA-256 of a manifest as we sign it."""
    return hashlib.sha256(signed_form(manifest)).hexdigest()


def listed(records: Sequence[Record]) -> list[Listed]:
    """Return how messages are listed in a manifest."""
    return [Listed(number=one.number, sha256=hashlib.sha256(one.line).hexdigest()) for one in records]


def seal(manifest: Manifest, records: Sequence[Record], key: Ed25519PrivateKey, recipients: Sequence[str]) -> bytes:
    """Return a bundle as it leaves: signed, then encrypted for each of the age `recipients`."""
    signed = signed_form(manifest)
    signature = sign_content(key, PURPOSE, signed).hex().encode()
    plain = b"".join(line + b"\n" for line in (signed, signature, *(one.line for one in records)))
    sealed: bytes = pyrage.encrypt(plain, [pyrage.x25519.Recipient.from_str(one) for one in recipients])
    return sealed


def unseal(content: bytes, identities: "Sequence[pyrage.x25519.Identity]") -> Bundle:
    """Return a bundle as it came, opened with one of our keys; its signature is for the caller to verify.

    Raises:
        NoBundle: too large, not for these keys, altered on its way, or not of this format.
    """
    if len(content) > LARGEST:
        raise NoBundle(f"a bundle has at most {LARGEST} bytes")
    try:
        plain: bytes = pyrage.decrypt(content, list(identities))
    except pyrage.DecryptError:
        raise NoBundle("none of our keys opens it: it is for somebody else, altered, cut off, or no bundle") from None
    end = plain.find(b"\n", 0, MOST_MANIFEST + 1)
    signed, rest = plain[:end], plain[end + 1 :]
    digits, after = rest[:SIGNATURE_DIGITS], rest[SIGNATURE_DIGITS:]
    try:
        value = strict_json(signed)
        manifest = Manifest.model_validate(value)
        signature = bytes.fromhex(digits.decode("ascii"))
    except (Malformed, ValidationError, ValueError):
        raise NoBundle("what it begins with is no list of messages") from None
    if end < 0 or after[:1] != b"\n" or canonical(value) != signed:
        raise NoBundle("what it begins with is no list of messages")
    return Bundle(manifest, signed, signature, after[1:])
