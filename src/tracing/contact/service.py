"""The rules of keeping contact: no HTTP, no SQL."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from tracing.contact import store, traits
from tracing.contact.errors import NotExhausted, NotToBeUsed
from tracing.contact.schemas import AttemptDraft, AttemptView, BarredView, PlanView, UsableView
from tracing.contact.states import CHANNELS, Bar, Purpose, Result
from tracing.gate import glass, idempotency, register, schedules
from tracing.gate.access import Access
from tracing.gate.dues import Bookmark, Due
from tracing.gate.kinds import Kind
from tracing.kit.errors import Flaw, Invalid, NotFound
from tracing.persons.contacts import first_end
from tracing.persons.schemas import ContactPoint
from tracing.requests import nights as searches
from tracing.requests import service as requests
from tracing.requests import views as request_views
from tracing.requests.schemas import RequestChange
from tracing.sightings import service as sightings
from tracing.sightings import views as sighting_views
from tracing.sightings.schemas import ReporterScope, SightingChange

if TYPE_CHECKING:
    from tracing.contact.tables import ContactAttempt
    from tracing.gate.tables import Record


NOTICE = timedelta(days=14)
"""How long before a contact point ends its worker is reminded."""


@dataclass(frozen=True, slots=True)
class Reachable:
    """The contact points of a record, and whose they are.

    Attributes:
        reported: they are of somebody who reported another person.
        may_be_called: of such a reporter: they agreed to be called back.
    """

    points: Sequence[ContactPoint]
    no_safe_contact: bool = False
    reported: bool = False
    may_be_called: bool = True

    def bars(self, place: int, purpose: Purpose, now: datetime) -> list[Bar]:
        """Return why the point at `place` must not be used at `now` for `purpose`; empty when it may."""
        whose = traits.bars_of_reporter(purpose, may_be_called=self.may_be_called) if self.reported else []
        return [*traits.bars_of(self.points[place], purpose, now), *whose]


def plan(access: Access, record_id: UUID, purpose: Purpose) -> PlanView:
    """Return which contact points of a record may be used now for `purpose` and how, and which may not and why.

    Raises:
        NotFound: absent, another society's, hidden, or a record without contact points of its own.
        Withheld: they are none of the caller's to know.
    """
    record = _record(access, record_id)
    _require_seen(access, record)
    reach = _reachable(access, record)
    bars = [reach.bars(place, purpose, access.now) for place in range(len(reach.points))]
    schedule = schedules.find(access, record_id)
    access.note("contacts.plan", record_id)
    return PlanView(
        record_id=record_id,
        purpose=purpose,
        usable=[_usable(place, reach.points[place]) for place, why in enumerate(bars) if not why],
        not_usable=[
            BarredView(contact=place, kind=reach.points[place].kind, why=why) for place, why in enumerate(bars) if why
        ],
        no_safe_contact=reach.no_safe_contact,
        reconfirmed_at=schedule.reconfirmed_at if schedule else None,
        due_at=schedule.due_at if schedule else None,
    )


def _usable(place: int, point: ContactPoint) -> UsableView:
    return UsableView(
        contact=place,
        kind=point.kind,
        value=point.value,
        belongs_to=point.belongs_to,
        channels=sorted(CHANNELS[point.kind]),
        may_identify_as=point.may_identify_as,
        may_leave_voicemail=traits.may_leave_voicemail(point),
        hours=point.hours,
        code_word=point.code_word,
        shared_device=point.shared_device,
        language=point.language,
    )


def attempt(access: Access, record_id: UUID, draft: AttemptDraft, key: str | None = None) -> AttemptView:
    """Record a try to reach the person of a record and return it. A retry with the same key returns the first one.

    `unsafe` marks the contact point unsafe at once; `reached` puts off the next asking.

    Raises:
        NotFound: absent, another society's, hidden, or a record without contact points of its own.
        Invalid: the try lies in the future, there is no such contact point, or it is of another channel.
        NotToBeUsed: the contact point may not be used now for this purpose.
        Withheld: it is none of the caller's to know.
    """
    print_of = _print_of(record_id, draft)
    made = idempotency.made_before(access, key, print_of)
    if made is not None:
        return _shown_again(access, made)
    made_at = draft.made_at or access.now
    if made_at > access.now:
        flaw = Flaw("/made_at", "in-the-future", "nobody was tried yet at a moment that is to come")
        raise Invalid("the try lies in the future", [flaw])
    record = _record(access, record_id)
    if draft.contact is not None:
        _require_seen(access, record)
    _require_usable(access, _reachable(access, record), draft)
    row = store.add(access, record_id, record.key_id, draft, made_at)
    idempotency.remember(access, key, print_of, row.id)
    access.note("contacts.attempt", record_id)
    if draft.result is Result.REACHED:
        schedules.reached(access, record_id, made_at)
    if draft.result is Result.UNSAFE and draft.contact is not None:
        _mark_unsafe(access, record, draft.contact)
    return _views(access, [row])[0]


def was_made(access: Access, record_id: UUID, draft: AttemptDraft, key: str | None) -> bool:
    """Return whether this very try was recorded before, so that the record may have changed since through it."""
    return idempotency.made_before(access, key, _print_of(record_id, draft)) is not None


def _print_of(record_id: UUID, draft: AttemptDraft) -> str:
    return f"contacts.attempt|{record_id}|{draft.model_dump_json()}"


def edition_of(access: Access, record_id: UUID) -> str:
    """Return the version of a record, and of the places of its contact points, as the caller sees it.

    Raises:
        NotFound: absent, another society's, hidden, or a record without contact points of its own.
    """
    if _record(access, record_id).kind is Kind.REQUEST:
        return request_views.request_edition_of(access, requests.find_request(access, record_id))
    return sighting_views.edition_of(access, sightings.find_sighting(access, record_id))


def _shown_again(access: Access, attempt_id: UUID) -> AttemptView:
    row = store.find(access, attempt_id)
    if row is None:
        raise NotFound("no such record")
    access.note("contacts.read", row.record_id)
    return _views(access, [row])[0]


def _require_usable(access: Access, reach: Reachable, draft: AttemptDraft) -> None:
    if draft.contact is None:
        return
    if draft.contact >= len(reach.points):
        flaw = Flaw("/contact", "no-such-contact", "the record has no contact point at this place")
        raise Invalid("there is no such contact point", [flaw])
    if draft.channel not in CHANNELS[reach.points[draft.contact].kind]:
        flaw = Flaw("/channel", "channel-of-another-kind", "a contact point of this kind is not used over this channel")
        raise Invalid("the channel does not fit the contact point", [flaw])
    why = reach.bars(draft.contact, draft.purpose, access.now)
    if why:
        raise NotToBeUsed(f"this contact point may not be used now for `{draft.purpose}`: {', '.join(why)}")


def _mark_unsafe(access: Access, record: "Record", place: int) -> None:
    """Mark a contact point unsafe through the feature whose record it is, so that versions and seals follow."""
    if record.kind is Kind.REQUEST:
        asks = requests.enquirer(access, record.id)
        asks = asks.model_copy(update={"contacts": _without(asks.contacts, place)})
        requests.change_request(access, requests.find_request(access, record.id), RequestChange(enquirer=asks))
    else:
        told = sightings.reporter(access, record.id)
        told = told.model_copy(update={"contacts": _without(told.contacts, place)})
        sightings.change_sighting(access, sightings.find_sighting(access, record.id), SightingChange(reporter=told))


def _without(points: Sequence[ContactPoint], place: int) -> list[ContactPoint]:
    return [point.model_copy(update={"safe": "no"}) if at == place else point for at, point in enumerate(points)]


def contact_points(access: Access, record_id: UUID) -> Sequence[ContactPoint]:
    """Return the contact points of a record, in the order in which a plan numbers them; the caller notes the act.

    Raises:
        NotFound: absent, another society's, hidden, or a record without contact points of its own.
    """
    return _reachable(access, _record(access, record_id)).points


def page_of_attempts(
    access: Access, record_id: UUID, *, limit: int, after: tuple[datetime, UUID] | None
) -> list[AttemptView]:
    """Return at most `limit` tries to reach the person of a record that follow `after`, oldest first.

    What was noted of a protected person's is left out where their contact points are none of the caller's to know.

    Raises:
        NotFound: absent, another society's, hidden, or a record without contact points of its own.
    """
    _record(access, record_id)
    views = _views(access, store.page(access, record_id, limit=limit, after=after))
    access.note("contacts.list", record_id, count=len(views))
    return views


def require_exhausted(access: Access, record_id: UUID) -> None:
    """Refuse to call somebody unreachable before they were tried often enough since they were last reached.

    Enough is `attempts_least` tries over `attempts_channels` channels, the first and the last of them
    `attempts_days` days apart.

    Raises:
        NotExhausted: one of the three falls short.
    """
    made = store.attempts(access, record_id)
    reached = [place for place, attempt in enumerate(made) if attempt.result is Result.REACHED]
    made = made[reached[-1] + 1 :] if reached else made
    settings = access.settings
    enough = (
        len(made) >= settings.attempts_least
        and len({attempt.channel for attempt in made}) >= settings.attempts_channels
        and (made[-1].made_at - made[0].made_at).days >= settings.attempts_days
    )
    if not enough:
        raise NotExhausted(
            f"unreachable means {settings.attempts_least} tries over {settings.attempts_channels} channels and "
            f"{settings.attempts_days} days since the person was last reached; so far there are {len(made)} over "
            f"{len({attempt.channel for attempt in made})} channels"
        )


def to_reconfirm(access: Access, bookmark: Bookmark) -> list[Due]:
    """Return the next page of enquirers who are to be asked whether they can still be reached."""
    return schedules.due(access, bookmark)


def ending(access: Access, bookmark: Bookmark) -> list[Due]:
    """Return the next page of records a contact point of which ends within `NOTICE`, or has ended.

    Those that somebody was reminded of are read again: when the end has passed, the next one takes its place.
    """
    return schedules.ending(access, access.now + NOTICE, Bookmark(bookmark.after))


def worth_asking(access: Access, page: list[Due]) -> list[Due]:
    """Return those of a page that are no requests, or requests that seek somebody still."""
    records = register.records(access, [due.record_id for due in page])
    asked = [record.id for record in records.values() if record.kind is Kind.REQUEST]
    over = set(asked) - searches.looked_for(access, asked)
    return [due for due in page if due.record_id not in over]


def worth_renewing(access: Access, page: list[Due]) -> list[Due]:
    """Return those of a page of ends that are worth a reminder, and note of each record that is over what ends next."""
    kept = worth_asking(access, page)
    known = {due.record_id for due in kept}
    for due in page:
        if due.at <= access.now:
            end = first_end(contact_points(access, due.record_id), access.now)
            schedules.set_end(access, due.record_id, end)
            if end is not None and end <= access.now + NOTICE and due.record_id in known:
                kept.append(Due(end, due.id, due.record_id))
    return kept


def _record(access: Access, record_id: UUID) -> "Record":
    """Return the register's row of a record that holds contact points; a sought person's holds none."""
    record = register.records(access, [record_id]).get(record_id)
    if record is None or record.kind is Kind.SOUGHT:
        raise NotFound("no such record")
    return record


def _require_seen(access: Access, record: "Record") -> None:
    if glass.shut_to_strangers(access, [record]):
        raise glass.Withheld("the contact points of a protected person are withheld from you")


def _reachable(access: Access, record: "Record") -> Reachable:
    if record.kind is Kind.REQUEST:
        asks = requests.enquirer(access, record.id)
        return Reachable(asks.contacts, no_safe_contact=asks.no_safe_contact)
    told = sightings.reporter(access, record.id)
    return Reachable(
        told.contacts,
        reported=record.kind is Kind.SIGHTING,
        may_be_called=ReporterScope.BE_CALLED_BACK in told.consent_scope,
    )


def _views(access: Access, rows: Sequence["ContactAttempt"]) -> list[AttemptView]:
    hushed = glass.unspoken(access, [[row.record_id] for row in rows])
    return [
        AttemptView(
            contact=details.contact,
            note=None if withheld else details.note,
            words_withheld=withheld,
            id=row.id,
            record_id=row.record_id,
            channel=row.channel,
            purpose=row.purpose,
            result=row.result,
            made_at=row.made_at,
            recorded_at=row.recorded_at,
            recorded_by=row.recorded_by,
        )
        for row, details, withheld in zip(rows, store.details_of(access, rows), hushed, strict=True)
    ]
