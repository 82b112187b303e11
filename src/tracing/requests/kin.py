"""Whose kin an enquirer and those whom they seek are to each other: kept with each, for the engine alone."""

from collections.abc import Sequence
from typing import TYPE_CHECKING
from uuid import UUID

from tracing.gate import register
from tracing.gate.access import Access
from tracing.persons.traits import fingerprint, keys_of
from tracing.requests import store, traits
from tracing.requests.schemas import SealedRequest

if TYPE_CHECKING:
    from tracing.requests.tables import TracingRequest


def follow(access: Access, row: "TracingRequest") -> None:
    """Bring kin, keys and fingerprints of a request and its sought persons up to date: each is the other's kin."""
    details = store.details_of_requests(access, [row])[0]
    under = store.sought_of(access, [row.id])
    known = store.details_of_sought(access, under)
    kin = traits.kin_of_enquirer(known)
    asked_for = details.asked_for | {s.position: seen.relationship for s, seen in zip(under, known, strict=True)}
    if (kin, asked_for) != (details.kin, details.asked_for):
        details = details.model_copy(update={"kin": kin, "asked_for": asked_for})
        store.save_request(access, row, details)
    persons = [traits.enquirer_person(row.id, details)]
    for sought, seen in zip(under, known, strict=True):
        kin = traits.kin_of_sought(seen, details.enquirer.person)
        if kin != seen.kin:
            seen = seen.model_copy(update={"kin": kin})
            store.save_sought(access, sought, seen)
        persons.append(traits.sought_person(sought.id, seen))
    for person in persons:
        register.update(access, UUID(person.id), keys=keys_of(person), fingerprint=fingerprint(person))


def details_in_force(access: Access, rows: Sequence["TracingRequest"]) -> list[SealedRequest]:
    """Return the details of `rows`; a sought person who is hidden is nobody's relative for the engine."""
    details = store.details_of_requests(access, rows)
    changed = register.with_hidden_below(access, [row.id for row in rows])
    for place, row in enumerate(rows):
        if row.id in changed:
            seen = store.details_of_sought(access, store.sought_of(access, [row.id]))
            details[place] = details[place].model_copy(update={"kin": traits.kin_of_enquirer(seen)})
    return details
