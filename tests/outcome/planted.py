"""What other rooms would have put on record about one found person and one search, as rows."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from tests.review.desk import Desk
from tracing.contact.states import Channel, Purpose, Result
from tracing.contact.tables import ContactAttempt
from tracing.disclosure.states import ReleaseState
from tracing.disclosure.states import State as Asking
from tracing.disclosure.tables import DisclosureCase, DisclosureRelease
from tracing.fate.states import Finding, Source
from tracing.fate.states import State as FateState
from tracing.fate.tables import FateReport
from tracing.gate import register
from tracing.gate.access import Access
from tracing.gate.admit import admitted
from tracing.gate.disclosing import Level
from tracing.gate.permissions import Permission
from tracing.kit.ids import new_id
from tracing.messages.states import Direction
from tracing.messages.states import State as MessageState
from tracing.messages.tables import Message
from tracing.requests import service as requests
from tracing.requests.states import State
from tracing.verification.states import State as VerificationState
from tracing.verification.tables import Verification


@dataclass(frozen=True)
class Pair:
    """A search and the person who was found, matched by a night and confirmed."""

    sought_id: UUID
    found_id: UUID
    suggestion_id: UUID
    request_id: UUID


def confirmed(desk: Desk) -> Pair:
    """Return a pair that a night suggested and a caseworker confirmed."""
    view = desk.open()
    found_id = desk.register()
    desk.night()
    suggestion = desk.only()
    desk.decided(suggestion["id"], "confirm_same_person", reason="same_names_and_kin")
    return Pair(UUID(view["sought"][0]["id"]), UUID(found_id), UUID(suggestion["id"]), UUID(view["id"]))


@contextmanager
def acting(desk: Desk, label: str = "supervisor") -> Iterator[Access]:
    """Lend the access of somebody who plants."""
    with admitted(desk.gate, desk.people.token(label), Permission.OUTCOMES_WRITE) as access:
        access.note("test.plant")
        yield access


def _add(access: Access, kind: Any, pair: Pair, **fields: Any) -> UUID:
    """Plant a row of `kind` as the worker of `access` would have made it; its details are never opened."""
    known = {
        "society": access.society,
        "id": new_id(),
        "key_id": register.records(access, [pair.found_id])[pair.found_id].key_id,
        "details": b"sealed",
        "sought_id": pair.sought_id,
        "found_id": pair.found_id,
        "worker_id": access.caller.worker_id,
        "created_at": access.now,
        "updated_at": access.now,
        "recorded_at": access.now,
        "recorded_by": access.caller.account_id,
    } | fields
    row = kind(**{name: value for name, value in known.items() if name in kind.model_fields})
    access.session.add(row)
    access.session.flush()
    found: UUID = row.id
    return found


def asking(access: Access, pair: Pair, state: Asking) -> UUID:
    """Plant the asking of the found person, verified before."""
    by = access.caller.account_id
    passed = VerificationState.PASSED
    about = {"suggestion_id": pair.suggestion_id, "opened_by": by}
    verification_id = _add(access, Verification, pair, state=passed, **about)
    return _add(access, DisclosureCase, pair, verification_id=verification_id, state=state)


def release(
    access: Access, pair: Pair, level: Level, state: ReleaseState = ReleaseState.TOLD, case_id: UUID | None = None
) -> UUID:
    """Plant a release, told unless `state` says otherwise."""
    case_id = case_id or asking(access, pair, Asking.GRANTED)
    return _add(access, DisclosureRelease, pair, case_id=case_id, level=level, state=state, told_at=access.now)


def message(access: Access, pair: Pair, state: MessageState) -> UUID:
    by = access.caller.account_id
    return _add(access, Message, pair, direction=Direction.TO_ENQUIRER, state=state, entered_by=by)


def fate(access: Access, pair: Pair, finding: Finding, state: FateState = FateState.ESTABLISHED) -> UUID:
    by = access.caller.account_id
    return _add(access, FateReport, pair, finding=finding, source=Source.CIVIL_REGISTER, state=state, reported_by=by)


def attempts(access: Access, pair: Pair, record_id: UUID, *, tries: int) -> None:
    """Plant tries in vain to reach somebody, over two channels and fifteen days."""
    for n in range(tries):
        _add(
            access,
            ContactAttempt,
            pair,
            record_id=record_id,
            channel=(Channel.PHONE, Channel.EMAIL)[n % 2],
            purpose=Purpose.CASE_UPDATE,
            result=Result.NO_ANSWER,
            made_at=access.now - timedelta(days=15 * (tries - 1 - n) / max(tries - 1, 1)),
        )


def put(access: Access, pair: Pair, state: State) -> None:
    """Put the search into a state."""
    row = requests.find_sought(access, pair.sought_id)
    row.state = state
    access.session.add(row)
    access.session.flush()
