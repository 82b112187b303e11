"""Load the fictional case base through the same services that callers use."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar
from uuid import UUID

from tracing.demo.casebase import CaseBase, RequestSpec, SightingSpec
from tracing.gate import people
from tracing.gate.admit import admitted
from tracing.gate.opening import Gate
from tracing.gate.permissions import Permission, Role
from tracing.kit import clock
from tracing.persons.ages import is_child
from tracing.persons.neutral import person_draft
from tracing.requests import opening
from tracing.requests import service as requests
from tracing.requests.schemas import RequestDraft
from tracing.sightings import service as sightings
from tracing.sightings.schemas import SightingDraft

AT_ONCE = 50
TEAM = "demo"
STAFF = (
    ("caseworker", Role.CASEWORKER),
    ("second-reader", Role.SUPERVISOR),
    ("intake", Role.INTAKE),
    ("auditor", Role.AUDITOR),
)

Row = TypeVar("Row")
Told = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class Loaded:
    """Ids by the case base's own references, for checking suggestions against the truth."""

    ids: dict[str, UUID]


def hire(gate: Gate, operator: str) -> dict[str, str]:
    """Make the demo's accounts and return their tokens by label."""
    tokens = {}
    with admitted(gate, operator, Permission.ACCOUNTS_WRITE) as access:
        for label, role in STAFF:
            account = people.add_account(access, label=label, role=role, team=TEAM, worker_id=None)
            tokens[label] = people.issue_token(access, account, days=30)[1]
    return tokens


def load(gate: Gate, token: str, base: CaseBase, told: Told) -> Loaded:
    """Register every request and sighting of `base` as the caseworker who holds `token`."""
    ids: dict[str, UUID] = {}
    done, total = 0, len(base.requests) + len(base.sightings)
    for part in _parts(base.requests):
        with admitted(gate, token, Permission.REQUESTS_WRITE) as access:
            made = opening.open_requests(access, [(request_draft(spec), spec.home_ref) for spec in part])
            for spec, view in zip(part, requests.show_requests(access, made), strict=True):
                ids[spec.home_ref] = view.id
                ids |= {asked["home_ref"]: known.id for asked, known in zip(spec.sought, view.sought, strict=True)}
        done += len(part)
        told("registering", done, total)
    for seen in _parts(base.sightings):
        with admitted(gate, token, Permission.SIGHTINGS_WRITE) as access:
            kept = sightings.open_sightings(access, [(sighting_draft(spec), spec.home_ref) for spec in seen])
            access.note_page("sightings.open", kept)
            ids |= {spec.home_ref: kept_id for spec, kept_id in zip(seen, kept, strict=True)}
        done += len(seen)
        told("registering", done, total)
    return Loaded(ids)


def _parts(rows: Sequence[Row]) -> Iterator[Sequence[Row]]:
    for start in range(0, len(rows), AT_ONCE):
        yield rows[start : start + AT_ONCE]


def request_draft(spec: RequestSpec) -> RequestDraft:
    """Return the draft of one request of the case base, to be started at once.

    The fictional relatives who seek a child are those who had the child in their care.
    """
    day = clock.now().date()
    sought = [person_draft(asked["person"]) for asked in spec.sought]
    basis = [
        {
            "purpose": purpose,
            "lawful_basis": "public_interest",
            "given_by": "not_asked",
            "obtained": "not_asked",
        }
        for purpose in ("register", "match_within_society")
    ]
    return RequestDraft.model_validate(
        {
            "enquirer": {
                "person": person_draft(spec.enquirer["person"]),
                "capacity": "caregiver" if any(is_child(person, day) for person in sought) else "self",
                "contacts": list(spec.enquirer["contact"]),
                "no_safe_contact": not any(c["safe"] == "yes" for c in spec.enquirer["contact"]),
                "consents": _granted(("register", "match_within_society")),
            },
            "information_notice_version": "demo-1",
            "start": True,
            "sought": [
                {
                    "person": person,
                    "relationship": asked["relationship"],
                    "basis": basis,
                    "sensitivity": asked["sensitivity"],
                    "separation": {key: value for key, value in asked["separation"].items() if value},
                }
                for asked, person in zip(spec.sought, sought, strict=True)
            ],
        }
    )


def sighting_draft(spec: SightingSpec) -> SightingDraft:
    """Return the draft of one sighting or self-registration of the case base."""
    return SightingDraft.model_validate(
        {
            "kind": spec.kind,
            "person": person_draft(spec.person),
            "basis": spec.basis,
            "sighting_place": spec.sighting_place or None,
            "sighting_time": spec.sighting_time or None,
            "reporter": {"place": spec.reporter_place or None},
            "sensitivity": spec.sensitivity,
            "consents": _granted(spec.consents),
        }
    )


def _granted(purposes: Sequence[str]) -> list[dict[str, Any]]:
    return [{"purpose": purpose, "obtained": "written"} for purpose in purposes]
