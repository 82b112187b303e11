"""What a worker sees of sightings: all of it, or what is theirs to know of a protected person."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from tracing.gate import glass, register
from tracing.gate.access import Access
from tracing.kit.editions import UNTOLD
from tracing.persons.whereabouts import as_shown, veiled
from tracing.sightings import store
from tracing.sightings.schemas import SightingDetails, SightingView
from tracing.sightings.states import Flag, State, TriageReason

if TYPE_CHECKING:
    from tracing.sightings.tables import Sighting

WITHHELD = frozenset({"person", "sighting_place", "reporter", "narrative", "list_ref", "evidence", "never_disclose_to"})
"""Fields that hold what is withheld; who does not see all of one does not replace it."""


def sighting_views(access: Access, rows: Sequence["Sighting"]) -> list[SightingView]:
    """Return sightings, without what tells where a protected person is where that is none of the caller's."""
    records = register.records(access, [row.id for row in rows])
    shut = glass.shut_to_strangers(access, records.values())
    return [
        SightingView(
            **(_veiled(details) if row.id in shut else details).model_dump(exclude={"set_by"}),
            contacts_withheld=row.id in shut,
            places_withheld=row.id in shut,
            id=row.id,
            kind=row.kind,
            state=shown_state(access, row),
            flags=[Flag(word) for word in row.flags.split()],
            reason=TriageReason(row.reason) if row.reason else None,
            sensitivity=records[row.id].sensitivity,
            origin=records[row.id].origin,
            version=row.version if access.caller.learns_of_findings else UNTOLD,
            created_at=row.created_at,
            updated_at=row.updated_at if access.caller.learns_of_findings else row.created_at,
        )
        for row, details in zip(rows, store.details_of(access, rows), strict=True)
    ]


def shown_state(access: Access, row: "Sighting") -> State:
    """Return the state as this caller may know it: whoever reviews no suggestions never learns who was found."""
    linked = row.state is State.LINKED and not access.caller.learns_of_findings
    return State.ACTIVE if linked else State(row.state)


def asked_for(access: Access, within: Sequence[State]) -> list[State]:
    """Return the states of the rows that this caller sees in one of `within`."""
    if access.caller.learns_of_findings:
        return list(within)
    seen: list[State] = [state for state in within if state is not State.LINKED]
    return [*seen, State.LINKED] if State.ACTIVE in within else seen


def is_shut(access: Access, row: "Sighting") -> bool:
    """Return whether something of a sighting is withheld from the caller."""
    return bool(glass.shut_among(access, [row.id]))


def edition_of(access: Access, row: "Sighting") -> str:
    """Return the version of a sighting as the caller sees it."""
    if not access.caller.learns_of_findings:
        return sighting_views(access, [row])[0].edition
    return as_shown(row.version, is_shut(access, row))


def _veiled(details: SightingDetails) -> SightingDetails:
    """Return a sighting without places, without the words and the people that may tell them, or who is feared."""
    reporter = details.reporter.model_copy(update={"place": None, "contacts": []})
    hidden = {"person": veiled(details.person), "reporter": reporter, "evidence": [], "never_disclose_to": []}
    return details.model_copy(update=hidden | {"sighting_place": None, "narrative": None, "list_ref": None})
