"""What the night asks of keeping contact. It opens nobody's details, but of a record a contact point of which is over."""

from datetime import timedelta

from tracing.contact import service
from tracing.gate import register, schedules
from tracing.gate.access import Access
from tracing.gate.dues import Due
from tracing.gate.kinds import Kind
from tracing.persons.contacts import first_end
from tracing.requests import nights as requests

NOTICE = timedelta(days=14)
"""How long before a contact point ends its worker is reminded."""


def to_reconfirm(access: Access, after: Due | None) -> list[Due]:
    """Return the next page of enquirers who are to be asked whether they can still be reached."""
    return schedules.due(access, after)


def ending(access: Access, after: Due | None) -> list[Due]:
    """Return the next page of records a contact point of which ends within `NOTICE`, or has ended."""
    return schedules.ending(access, access.now + NOTICE, after)


def worth_asking(access: Access, page: list[Due]) -> list[Due]:
    """Return those of a page that are no requests, or requests that seek somebody still."""
    records = register.records(access, [due.record_id for due in page])
    asked = [record.id for record in records.values() if record.kind is Kind.REQUEST]
    over = set(asked) - requests.looked_for(access, asked)
    return [due for due in page if due.record_id not in over]


def worth_renewing(access: Access, page: list[Due]) -> list[Due]:
    """Return those of a page of ends that are worth a reminder, and note of each record that is over what ends next."""
    kept = worth_asking(access, page)
    known = {due.record_id for due in kept}
    for due in page:
        if due.at <= access.now:
            end = first_end(service.contact_points(access, due.record_id), access.now)
            schedules.set_end(access, due.record_id, end)
            if end is not None and end <= access.now + NOTICE and due.record_id in known:
                kept.append(Due(end, due.id, due.record_id))
    return kept
