"""The erasure ledger: what was ended for good, kept where no restored backup can undo it.

That is which record keys were destroyed, which consents, answers, tokens, accounts and case codes ended, and what
partner societies took back of what they had told.

It stands twice: as a table of the key store, written in the very transaction that destroys the keys, and as a
file that is on the disk before. Lines hold ids, moments and keyed hashes, never a name, and each carries a
keyed hash of itself. A restore replays them: whoever was erased after the backup stays erased, and what was ended
stays ended.
"""

import fcntl
import hmac
import json
import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Any
from uuid import UUID

from tracing.gate.vault import Vault
from tracing.kit.errors import TracingError

USE = "erasure ledger"
EPOCH, MICROSECOND = datetime(1970, 1, 1, tzinfo=UTC), timedelta(microseconds=1)
ALTERED = "a line of the erasure ledger was altered, or written under another master key"


class LedgerAltered(TracingError):
    """A line of the ledger is not one that this service wrote under this master key."""

    code = "ledger-altered"
    title = "The erasure ledger was altered"


class What(StrEnum):
    """What ended, when it is not a record."""

    CONSENT = "consent"
    SHORTENED = "shortened_consent"  # given anew for a shorter time: it ended at its new end already
    ANSWER = "answer"  # of a found person, about one search
    TOKEN = "token"  # noqa: S105  # no password: the kind of thing
    ACCOUNT = "account"
    CASE_CODE = "case_code"
    WEBHOOK = "webhook"
    PARTNER = "partner"
    PARTNER_KEY = "partner_key"
    OWN_KEY = "own_key"
    PARTNER_WORDS = "partner_words"  # what a partner society told, and took back


@dataclass(frozen=True, slots=True)
class Line:
    """One line: a record was erased, something else ended, or, with neither key nor kind, a backup was made.

    Attributes:
        subject_id: the record, what ended, or the backup; of a consent, an answer or a key, whose it was.
        at: when the line was written; of a consent or an answer, when it was decided.
        key_id: the record key that was destroyed.
        society: whose record; "" for a backup.
        hashes: keyed hashes: by which a feed that brings the person again is known; of a consent's recipient.
        what: the kind of what ended; None for a record or a backup.
        about: of a consent its purpose, of a shortened one also its new end (`shortened`), of an answer the search,
            of a key its fingerprint; "" otherwise.
    """

    subject_id: UUID
    at: datetime
    key_id: UUID | None = None
    society: str = ""
    hashes: tuple[str, ...] = ()
    what: What | None = None
    about: str = ""

    def mac(self, vault: Vault) -> str:
        """Return the keyed hash that proves the line."""
        return vault.hash(USE, _canonical(self._plain()))

    def write(self, vault: Vault) -> str:
        """Return the line as text."""
        return _canonical(self._plain() | {"mac": self.mac(vault)})

    def _plain(self) -> dict[str, Any]:
        ended = {"what": self.what, "about": self.about} if self.what is not None else {}
        return ended | {
            "subject_id": str(self.subject_id),
            "at": self.at.astimezone(UTC).isoformat(timespec="microseconds"),
            "key_id": str(self.key_id) if self.key_id else None,
            "society": self.society,
            "hashes": list(self.hashes),
        }


def shortened(purpose: str, until: datetime) -> str:
    """Return what stands in `Line.about` of a consent that was given anew for a shorter time."""
    return f"{purpose} {(until - EPOCH) // MICROSECOND}"


def shortened_to(line: Line) -> tuple[str, datetime]:
    """Return purpose and new end of a consent that was given anew for a shorter time."""
    purpose, end = line.about.split()
    return purpose, EPOCH + int(end) * MICROSECOND


def read_line(vault: Vault, text: str) -> Line:
    """Return the line that `text` is.

    Raises:
        LedgerAltered: it cannot be read, or its keyed hash does not hold.
    """
    try:
        known = json.loads(text)
        line = Line(
            subject_id=UUID(known["subject_id"]),
            at=datetime.fromisoformat(known["at"]),
            key_id=UUID(known["key_id"]) if known["key_id"] else None,
            society=str(known["society"]),
            hashes=tuple(map(str, known["hashes"])),
            what=What(known["what"]) if "what" in known else None,
            about=str(known.get("about", "")),
        )
    except (ValueError, KeyError, TypeError, AttributeError):
        raise LedgerAltered("a line of the erasure ledger cannot be read") from None
    if not hmac.compare_digest(line.write(vault).encode(), text.encode()):  # a date can be spelt in two ways
        raise LedgerAltered(ALTERED)
    return line


def proved(vault: Vault, line: Line, mac: str) -> Line:
    """Return `line` when `mac` is its keyed hash.

    Raises:
        LedgerAltered: it is not.
    """
    if not hmac.compare_digest(mac.encode(), line.mac(vault).encode()):
        raise LedgerAltered(ALTERED)
    return line


def _canonical(fields: dict[str, Any]) -> str:
    return json.dumps(fields, sort_keys=True, separators=(",", ":"), ensure_ascii=True)


def append(path: Path, vault: Vault, lines: Iterable[Line]) -> None:
    """Add `lines` to the ledger's file, mode 0600, and return when the disk has them.

    A line that a crash cut off stays alone on its line, so that the next one can be read.
    """
    text = "".join(f"{line.write(vault)}\n" for line in lines)
    if not text:
        return
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    fresh = not path.exists()
    with os.fdopen(os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o600), "r+b", buffering=0) as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        end = file.seek(0, os.SEEK_END)
        if end and os.pread(file.fileno(), 1, end - 1) != b"\n":
            text = f"\n{text}"
        file.write(text.encode())
        os.fsync(file.fileno())
    if fresh:
        _sync_folder(path.parent)


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def read(path: Path, vault: Vault) -> list[Line]:
    """Return the lines of a ledger's file; one that a crash cut off, which is no whole JSON, is passed over.

    Raises:
        LedgerAltered: a whole line does not hold.
    """
    return [read_line(vault, text) for text in path.read_text("utf-8").splitlines() if _is_whole(text)]


def _is_whole(text: str) -> bool:
    return text.startswith("{") and text.endswith("}")


def erased(lines: Sequence[Line]) -> list[Line]:
    """Return those of `lines` that erase a record, the first one per key."""
    first: dict[UUID, Line] = {}
    for line in lines:
        if line.key_id is not None:
            first.setdefault(line.key_id, line)
    return list(first.values())


def ended(lines: Iterable[Line]) -> list[Line]:
    """Return those of `lines` that end something else than a record, each once, in their order."""
    return list(dict.fromkeys(line for line in lines if line.what is not None))
