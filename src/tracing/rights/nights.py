"""Forgetting, by the night and by an erasure alike, and the end of messages' words."""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from datetime import timedelta
from uuid import UUID

from tracing.enquirer import service as enquirer
from tracing.gate import erasing, register
from tracing.gate.access import Access
from tracing.gate.keystore import KeyStore
from tracing.gate.ledger import Line
from tracing.requests import service as requests
from tracing.rights import opening, store
from tracing.sightings import service as sightings

Turn = Callable[[], AbstractContextManager[Access]]
"""Admits the caller anew, to forget or for the person's own rights."""

MESSAGES_AT_ONCE = 400
AT_ONCE = 400


def doomed(access: Access) -> list[Line]:
    """Return whom the night forgets: hidden for longer than the undo window, or erased and not finished.

    Of the erased, the hashes are made anew as long as their details can be read: a crash may have come before the
    ledger had them; after that they are the ledger's. The trail's row is written here, before the first key is
    destroyed.
    """
    before = access.now - timedelta(days=access.settings.forget_after_days)
    ids = list(register.hidden_since(access, before))
    erased = erasing.condemned(access, ids)
    lines = erasing.lines(access, ids, opening.hashes_of(access, sorted(erased)))
    access.note_page("night.forget", ids)
    if not erased:
        return lines
    named = {line.subject_id: line for line in access.keys.lines() if line.key_id is not None}
    return [named.get(line.subject_id, line) for line in lines]


def finish(keys: KeyStore, turn: Turn, lines: Sequence[Line], act: str) -> None:
    """Destroy the keys of `lines`, then drop what finds the records and what others hold of them.

    The trail says already that they go. After a crash in between the same lines, or the next night, finish it.

    Args:
        keys: the key store.
        turn: admits the caller.
        lines: what was settled.
        act: what the trail says when it is done.
    """
    keys.destroy(lines)
    with turn() as access:
        forget(access, lines)
        access.note_page(act, [line.subject_id for line in lines])


def forget(access: Access, lines: Sequence[Line]) -> None:
    """Forget the records of `lines`, whose keys are destroyed; the caller notes the act."""
    ids = [line.subject_id for line in lines]
    cases = requests.cases_of(access, ids)
    others = [case for case in cases if case not in set(ids)]
    enquirer.end(access, ids)
    sightings.expire(access, ids)
    for start in range(0, len(ids), AT_ONCE):
        store.blank_tellings(access, ids[start : start + AT_ONCE])
        store.blank_fates(access, ids[start : start + AT_ONCE])
    erasing.forget(access, lines)
    requests.forget_kin(access, others)


def blank_messages(access: Access) -> int:
    """Take the words from some of the messages that ended longer ago than they are kept; return how many.

    To be called until it returns 0, and after whoever is over was forgotten: their messages go unread.
    """
    before = access.now - timedelta(days=access.settings.retention_message_days)
    rows = store.ended_messages(access, before, most=MESSAGES_AT_ONCE)
    store.blank_messages(access, rows)
    access.note_page("messages.blank", [row.id for row in rows])
    return len(rows)


def replay(access: Access, lines: Sequence[Line]) -> list[UUID]:
    """Forget again whoever a restored case base brought back; return whom. The caller notes the act."""
    standing = [line for line in lines if line.society == access.society]
    found = register.records(access, [line.subject_id for line in standing])
    again = [line for line in standing if line.subject_id in found]
    forget(access, again)
    return [line.subject_id for line in again]
