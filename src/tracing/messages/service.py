"""The rules of Red Cross Messages: no HTTP, no SQL.

Every step that brings a text nearer to the other side asks anew whether the found person's answer in force allows
it and nothing stands against it (`disclosure.opening.clearance`); what is sent and handed over is exactly what
another worker has read.
"""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from tracing.disclosure import opening
from tracing.disclosure import service as asking
from tracing.gate import disclosures, foureyes, glass, idempotency, register
from tracing.gate.access import Access
from tracing.gate.disclosing import Act, Standing
from tracing.gate.disclosures import Clear, NotAllowedByThem
from tracing.gate.dues import Bookmark, Due
from tracing.gate.kinds import Sensitivity
from tracing.kit.errors import Flaw, Invalid, NotFound, impossible
from tracing.messages import states, store, traits
from tracing.messages.errors import NoSuchStep
from tracing.messages.schemas import MessageChange, MessageDetails, MessageDraft, MessageView
from tracing.messages.states import Direction, Event, Guard, Reason, State
from tracing.persons.whereabouts import as_shown
from tracing.requests import service as requests
from tracing.requests import statuses
from tracing.review import suggest
from tracing.risk.traits import names_of_kin, own_names
from tracing.tasks import service as tasks
from tracing.verification import service as verification
from tracing.verification.errors import NotVerified

if TYPE_CHECKING:
    from tracing.messages.tables import Message

SETTLED = frozenset({State.DELIVERED, State.UNDELIVERABLE, State.REFUSED, State.STOPPED})


def write(access: Access, sought_id: UUID, draft: MessageDraft, key: str | None = None) -> MessageView:
    """Enter a message between a found person and the enquirer of a search, and propose that it be carried.

    It is for the found person who was asked last about the search, or from them. A retry with the same
    Idempotency-Key returns the first one.

    Raises:
        NotFound: the search or the found person is absent, another society's, or hidden.
        NotAllowedByThem: no found person's answer in force allows this direction.
        NoSuchTransition, NotVerified, NotScreened: the pair is not clear.
        Invalid: a protected person's text seems to hold what must not leave.
    """
    print_of = f"messages.write|{sought_id}|{draft.model_dump_json()}"
    made = idempotency.made_before(access, key, print_of)
    if made is not None:
        return show_message(access, made)
    requests.find_sought(access, sought_id)
    found_id = _found(access, sought_id, draft)
    clear = _require_allowed(access, found_id, sought_id, draft.direction)
    details = MessageDetails(text=draft.text, language=draft.language)
    _require_plain(access, found_id, sought_id, details)
    key_id = register.records(access, [found_id])[found_id].key_id
    row = store.add(access, found_id, sought_id, draft.direction, details, key_id=key_id)
    _propose(access, clear, row, details)
    idempotency.remember(access, key, print_of, row.id)
    access.note("messages.write", found_id)
    return _views(access, [row])[0]


def _found(access: Access, sought_id: UUID, draft: MessageDraft) -> UUID:
    """Return the found person who is named, or who was asked last about the search."""
    if draft.found_id is not None and draft.found_id not in register.records(access, [draft.found_id]):
        raise NotFound("no such record")
    found_id = draft.found_id or asking.found_of(access, sought_id)
    if found_id is None:
        raise NotAllowedByThem("no found person's answer in force allows this direction")
    return found_id


def rewrite(access: Access, row: "Message", change: MessageChange) -> MessageView:
    """Replace a message's text; whoever does is its writer from now on, and another worker reads it again.

    The caller has checked the version.

    Raises:
        NoSuchStep: it has left already, or is settled.
        NotAllowedByThem, Invalid: as for `write`.
    """
    step = _step(row, Event.REWRITE)
    details = MessageDetails(text=change.text, language=change.language)
    clear = _require_allowed(access, row.found_id, row.sought_id, row.direction)
    _require_plain(access, row.found_id, row.sought_id, details)
    _turn_down(access, row)
    row.entered_by, row.worker_id = access.caller.account_id, access.caller.worker_id
    row.state, row.reason = step.target, None
    store.save(access, row, details)
    _propose(access, clear, row, details)
    access.note(f"messages.{Event.REWRITE}", row.found_id)
    return _views(access, [row])[0]


def happen(access: Access, row: "Message", event: Event, reason: Reason | None) -> MessageView:
    """Let `event` happen to a message; the caller has checked the version.

    Raises:
        NoSuchStep: not in the table for this state, or it happens by rewriting.
        Invalid: a reason is needed, or is not one of this step, or a protected person's text must not leave.
        SameWorker, SameTeam: the reader may not be this person.
        Withheld: the text is withheld from the reader, who breaks the glass first.
        NotAllowedByThem: the found person's answer in force does not allow this direction.
        NoSuchTransition, NotVerified, NotScreened: the pair is not clear.
        NotApproved: nobody else has read exactly this text.
    """
    step = _step(row, event)
    if event is Event.REWRITE:
        raise NoSuchStep("a message is rewritten by changing its text")
    _fit(step, reason)
    if step.guard is Guard.ANOTHER_WORKER:
        details = store.details_of(access, [row])[0]
        clear = _require_allowed(access, row.found_id, row.sought_id, row.direction)
        _require_plain(access, row.found_id, row.sought_id, details)
        content = _approved(clear, row, details)
        foureyes.settle(access, row.id, Act.MESSAGE, approve=True, content=content, read=(_writer(row),))
        tasks.end_waiting(access, row.id)
        if row.direction is Direction.TO_ENQUIRER:
            statuses.speak(access, row.sought_id)
    elif step.guard is Guard.ALLOWED_NOW:
        _release(access, row)
    elif step.target in (State.RETURNED, State.STOPPED):
        _turn_down(access, row)
    _go(access, row, step, reason)
    return _views(access, [row])[0]


def _step(row: "Message", event: Event) -> states.Row:
    step = states.find(State(row.state), event)
    if step is None:
        raise NoSuchStep(impossible(event, row.state, states.possible(row.state)))
    return step


def _fit(step: states.Row, reason: Reason | None) -> None:
    fitting = states.REASONS.get(step.event)
    if step.guard is Guard.REASON and reason is None:
        raise Invalid("this step needs a reason", [Flaw("/reason", "missing", "it is needed")])
    if reason is not None and (fitting is None or not isinstance(reason, fitting)):
        raise Invalid("the reason is of another step", [Flaw("/reason", "reason-of-another-step", "not of this step")])


def _go(access: Access, row: "Message", step: states.Row, reason: Reason | None) -> None:
    """Take a step whose guard holds."""
    row.state, row.reason = step.target, reason
    row.sent_at = access.now if step.target is State.SENT else row.sent_at
    row.settled_at = access.now if step.target in SETTLED else None
    store.save(access, row)
    access.note(f"messages.{step.event}", row.found_id)


def _propose(access: Access, clear: Clear, row: "Message", details: MessageDetails) -> None:
    content, away_from = _approved(clear, row, details), clear.away_from if _is_apart(row) else ""
    foureyes.propose(access, Act.MESSAGE, row.found_id, row.id, content, away_from=away_from)


def _turn_down(access: Access, row: "Message") -> None:
    """Let nobody approve a text any more that is returned, rewritten or stopped."""
    if foureyes.standing(access, row.id, Act.MESSAGE) is Standing.PROPOSED:
        foureyes.settle(access, row.id, Act.MESSAGE, approve=False)
        tasks.end_waiting(access, row.id)


def _release(access: Access, row: "Message") -> None:
    details = store.details_of(access, [row])[0]
    _require_plain(access, row.found_id, row.sought_id, details)
    disclosures.release(
        access,
        _require_allowed(access, row.found_id, row.sought_id, row.direction),
        states.NEEDED[row.direction],
        act=Act.MESSAGE,
        about_id=row.id,
        content=_content(row, details),
        apart=_is_apart(row),
    )


def _is_apart(row: "Message") -> bool:
    """Return whether the reader may have to be of another team: only what the enquirer gets can give somebody away."""
    return row.direction is Direction.TO_ENQUIRER


def _approved(clear: Clear, row: "Message", details: MessageDetails) -> bytes:
    return disclosures.exactly(clear, states.NEEDED[row.direction], _content(row, details))


def _content(row: "Message", details: MessageDetails) -> bytes:
    """Return the canonical form of all that is told: exactly this is read, sent and handed over."""
    told = {"direction": row.direction, "language": details.language, "text": details.text}
    return json.dumps(told, sort_keys=True).encode()


def _is_answered(access: Access, found_id: UUID, sought_id: UUID, direction: Direction) -> bool:
    return disclosures.level(access, found_id, sought_id).covers(states.NEEDED[direction])


def _is_allowed(access: Access, row: "Message") -> bool:
    answered = _is_answered(access, row.found_id, row.sought_id, Direction(row.direction))
    return answered and opening.is_clear(access, row.found_id, row.sought_id)


def _require_allowed(access: Access, found_id: UUID, sought_id: UUID, direction: Direction) -> Clear:
    """Return the clearance of a pair whose found person allows `direction` now; both are held from here on."""
    register.hold(access, found_id, sought_id)
    if not _is_answered(access, found_id, sought_id, direction):
        raise NotAllowedByThem("the person's answer in force does not allow this direction")
    return opening.clearance(access, found_id, sought_id)


def _require_plain(access: Access, found_id: UUID, sought_id: UUID, details: MessageDetails) -> None:
    """Refuse a text that seems to hold what must not leave, where a side is protected; elsewhere the reader decides."""
    flags = traits.flags_of(details.text, _names_about(access, found_id, sought_id))
    sides = [found_id, sought_id, requests.request_of(access, sought_id)]
    records = register.records(access, sides).values()
    if flags and any(record.sensitivity is not Sensitivity.NORMAL for record in records):
        flaws = [Flaw("/text", f"holds-{flag}", f"it seems to hold: {flag}") for flag in flags]
        raise Invalid("a side is protected, and the text seems to hold what must not leave", flaws)


def carried(access: Access, message_id: UUID, sought_id: UUID) -> str:
    """Return the words of a message to the enquirer of a search, for the partner society that carries it on now.

    Raises:
        NotFound: absent, another society's, hidden, or no message to this enquirer.
        NoSuchStep: it was not sent, or is settled.
        NotAllowedByThem, NotApproved, Invalid: it may not be carried at this moment.
    """
    row = find_message(access, message_id)
    if (row.sought_id, row.direction) != (sought_id, Direction.TO_ENQUIRER):
        raise NotFound("no such message")
    if row.state is not State.SENT:
        raise NoSuchStep(f"the message is `{row.state}`")
    _release(access, row)
    return store.details_of(access, [row])[0].text


def still_stands(access: Access, message_id: UUID) -> bool:
    """Return whether a message that was carried on may still be known; the access may see hidden records."""
    row = store.find(access, message_id)
    if row is None or not register.keeps(access, row.found_id) or not _is_allowed(access, row):
        return False
    try:
        verification.require_passed(access, row.found_id, row.sought_id)
    except NotVerified:
        return False
    return True


def stop(access: Access, found_id: UUID, sought_id: UUID) -> int:
    """Stop the messages of a pair that are under way and whose direction is not allowed any more; return how many."""
    return _stop(access, store.under_way(access, found_id, sought_id))


def under_way(access: Access, bookmark: Bookmark) -> list[Due]:
    """Return the next page of messages under way, for the night."""
    return store.all_under_way(access, bookmark)


def stop_among(access: Access, page: Sequence[Due]) -> int:
    """Stop those of a page of messages under way that are not allowed any more; return how many."""
    return _stop(access, store.among(access, [due.id for due in page]))


def _stop(access: Access, rows: Sequence["Message"]) -> int:
    fallen = [row for row in rows if not _is_allowed(access, row)]
    for row in fallen:
        _turn_down(access, row)
        _go(access, row, _step(row, Event.STOP), None)
    return len(fallen)


def show_message(access: Access, message_id: UUID) -> MessageView:
    """Return a message.

    Raises:
        NotFound: absent, another society's, or hidden with one of its two sides.
    """
    row = find_message(access, message_id)
    access.note("messages.show", row.found_id)
    return _views(access, [row])[0]


def find_message(access: Access, message_id: UUID) -> "Message":
    """Return the row of a message, for checking its version.

    Raises:
        NotFound: absent, another society's, or hidden with one of its two sides.
    """
    row = store.find(access, message_id)
    if row is None:
        raise NotFound("no such message")
    return row


def page_of_messages(
    access: Access, sought_id: UUID, *, limit: int, after: tuple[datetime, UUID] | None
) -> list[MessageView]:
    """Return at most `limit` messages about a search that follow `after`, oldest first.

    Raises:
        NotFound: the search is absent, another society's, or hidden.
    """
    requests.find_sought(access, sought_id)
    views = _views(access, store.page(access, sought_id, limit=limit, after=after))
    access.note("messages.list", sought_id, count=len(views))
    return views


def delivered(access: Access, sought_id: UUID) -> list[UUID]:
    """Return the messages about a search that reached whom they were for."""
    return [row.id for row in store.delivered(access, sought_id)]


def edition_of(access: Access, row: "Message") -> str:
    """Return the version of a message as the caller sees it."""
    return as_shown(row.version, _is_withheld(access, row))


def _writer(row: "Message") -> UUID:
    """Return the record of the side whose words a message is."""
    return row.found_id if row.direction is Direction.TO_ENQUIRER else row.sought_id


def _is_withheld(access: Access, row: "Message") -> bool:
    """Return whether the words of a protected person are withheld: from all but who entered them, and their own.

    Once they are sent, whoever is answerable for the other side hands them over, and is of it.
    """
    if row.worker_id == access.caller.worker_id or not glass.unspoken(access, [[_writer(row)]])[0]:
        return False
    request_id = requests.request_of(access, row.sought_id)
    reached = request_id if row.direction is Direction.TO_ENQUIRER else row.found_id
    return row.sent_at is None or not glass.is_own(access, reached)


def _views(access: Access, rows: Sequence["Message"]) -> list[MessageView]:
    answered = [row for row in rows if _is_answered(access, row.found_id, row.sought_id, Direction(row.direction))]
    withheld = {row.id for row in answered if _is_withheld(access, row)}
    shown = [row for row in answered if row.id not in withheld]
    details = dict(zip([row.id for row in shown], store.details_of(access, shown), strict=True))
    pairs = {(row.found_id, row.sought_id) for row in shown}
    names = {pair: _names_about(access, *pair) for pair in pairs}
    return [
        _view(row, details.get(row.id), names.get((row.found_id, row.sought_id), []), withheld=row.id in withheld)
        for row in rows
    ]


def _names_about(access: Access, found_id: UUID, sought_id: UUID) -> list[str]:
    """Return the names of the enquirer, the sought and the found person and of their kin, as far as they are seen."""
    persons = suggest.persons(access, [requests.request_of(access, sought_id), sought_id, found_id]).values()
    return [name for person in persons for name in (*own_names(person), *names_of_kin(person))]


def _view(row: "Message", details: MessageDetails | None, names: Sequence[str], *, withheld: bool) -> MessageView:
    reasons: dict[str, Reason] = {reason.value: reason for kind in states.REASONS.values() for reason in kind}
    return MessageView(
        id=row.id,
        sought_id=row.sought_id,
        found_id=row.found_id,
        direction=row.direction,
        state=row.state,
        reason=reasons[row.reason] if row.reason else None,
        language=details.language if details else None,
        text=details.text if details else None,
        words_withheld=withheld,
        flags=traits.flags_of(details.text, names) if details else [],
        entered_by=row.entered_by,
        sent_at=row.sent_at,
        settled_at=row.settled_at,
        version=row.version,
        created_at=row.created_at,
        updated_at=row.updated_at,
    )
