"""The capability every store function asks for as its first argument."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from tracing.gate.keystore import KeyStore
from tracing.gate.ledger import Line, What
from tracing.gate.permissions import Permission, Role
from tracing.gate.purposes import Use
from tracing.gate.trail import Act
from tracing.gate.vault import Vault
from tracing.kit.db import GuardedSession
from tracing.kit.errors import Refused
from tracing.kit.settings import Settings


@dataclass(frozen=True, slots=True)
class Caller:
    """Who is asking: an account, the human behind it, and what their token allows."""

    account_id: UUID
    worker_id: UUID
    society: str
    team: str
    role: Role
    permissions: frozenset[Permission]

    @property
    def learns_of_findings(self) -> bool:
        """Whether they may know that somebody was found: who reviews no suggestions may not."""
        return Permission.SUGGESTIONS_READ in self.permissions


@dataclass(frozen=True, slots=True)
class Access:
    """Proof that the gate let this caller in, and the session it lets them use.

    Made only by `tracing.gate.admit`. Holding one means: the caller is known, holds `permission`,
    and every row read through `session` belongs to their society with consent in force for `use`.
    Leaving it without a `note` fails: no row in the trail, no answer.
    """

    caller: Caller
    permission: Permission
    use: Use
    now: datetime
    session: GuardedSession
    vault: Vault
    keys: KeyStore
    settings: Settings
    request_id: str = ""
    acts: list[Act] = field(default_factory=list)
    endings: list[Line] = field(default_factory=list)

    @property
    def society(self) -> str:
        """Code of the caller's society."""
        return self.caller.society

    def note(self, act: str, subject_id: UUID | None = None, *, count: int = 1) -> None:
        """Put one act on one record (or on `count` unnamed ones) on the trail."""
        self.acts.append(Act(act, subject_id, count=count))

    def note_page(self, act: str, ids: Iterable[UUID]) -> None:
        """Put one act on a list of records on the trail: a keyed hash of the ids, and how many."""
        known = sorted(str(i) for i in ids)
        self.acts.append(Act(act, digest=self.vault.hash("trail page", "|".join(known)), count=len(known)))

    def end(
        self, what: What, subject_id: UUID, *, at: datetime | None = None, about: str = "", hashes: tuple[str, ...] = ()
    ) -> None:
        """Put something that ends into the ledger when the access commits, so that no restored backup brings it back.

        Args:
            what: the kind.
            subject_id: what ends; of a consent or an answer, whose it was.
            at: when it was decided; None means now.
            about: see `Line`.
            hashes: the same.
        """
        self.endings.append(Line(subject_id, at or self.now, None, self.society, hashes, what, about))

    def require(self, permission: Permission) -> None:
        """Refuse unless the caller holds `permission` as well.

        Raises:
            Refused: they do not.
        """
        if permission not in self.caller.permissions:
            raise Refused(f"this needs the permission {permission}")
