"""Pairs that are verified and screened, planted as rows: the rooms below are tested on their own."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlmodel import select

from tests.sightings.reports import registration
from tests.support import Json, People, request_draft
from tracing.gate import people as register_of_people
from tracing.gate import register
from tracing.gate.access import Access
from tracing.gate.admit import admitted
from tracing.gate.kinds import Kind
from tracing.gate.opening import Gate
from tracing.gate.permissions import Permission, Role
from tracing.gate.sealing import seal_again
from tracing.kit.ids import new_id
from tracing.requests import service as requests
from tracing.requests.schemas import RequestDraft
from tracing.requests.states import State as SearchState
from tracing.review.states import State as PairState
from tracing.review.tables import Suggestion
from tracing.risk.states import Verdict
from tracing.risk.tables import RiskScreen
from tracing.sightings import service as sightings
from tracing.sightings.schemas import SightingDraft
from tracing.verification.states import State as VerificationState
from tracing.verification.tables import Verification


@dataclass(frozen=True)
class Pair:
    """Ids of a found person and a search, and of the verification between them."""

    request_id: UUID
    sought_id: UUID
    found_id: UUID
    verification_id: UUID


def hire(gate: Gate, people: People, label: str, *, team: str = "kisumu", known: str | None = None) -> None:
    """Give somebody new an account in a team, or the human behind the account `known` a further one."""
    with admitted(gate, people.token("operator"), Permission.ACCOUNTS_WRITE) as access:
        worker = register_of_people.find_account(access, known).worker_id if known else None
        account = register_of_people.add_account(access, label=label, role=Role.SUPERVISOR, team=team, worker_id=worker)
        people.tokens["KE", label] = register_of_people.issue_token(access, account)[1]


def dismiss(gate: Gate, people: People, label: str) -> None:
    """Shut an account."""
    with admitted(gate, people.token("operator"), Permission.ACCOUNTS_WRITE) as access:
        register_of_people.disable_account(access, register_of_people.find_account(access, label))


def seek(gate: Gate, people: People, **fields: Any) -> tuple[UUID, UUID]:
    """Open a request and return its id and that of the sought person."""
    with admitted(gate, people.token("caseworker"), Permission.REQUESTS_WRITE) as access:
        view = requests.open_request(access, RequestDraft.model_validate(request_draft(**fields)))
        return view.id, view.sought[0].id


def register_herself(gate: Gate, people: People, **fields: Any) -> UUID:
    """Let a woman register herself and return her record's id."""
    draft: Json = registration(**fields)
    with admitted(gate, people.token("caseworker"), Permission.SIGHTINGS_WRITE) as access:
        return sightings.open_sighting(access, SightingDraft.model_validate(draft)).id


def found(gate: Gate, people: People, *, verdict: Verdict = Verdict.CLEAR, **fields: Any) -> Pair:
    """Let somebody be sought, found, verified and screened; `fields` are those of her registration."""
    request_id, sought_id = seek(gate, people)
    found_id = register_herself(gate, people, **fields)
    return Pair(request_id, sought_id, found_id, verified(gate, people, found_id, sought_id, verdict))


def verified(
    gate: Gate, people: People, found_id: UUID, sought_id: UUID, verdict: Verdict | None = Verdict.CLEAR
) -> UUID:
    """Plant a verification that passed, and a screen unless `verdict` is None; return the verification's id."""
    with admitted(gate, people.token("caseworker"), Permission.REQUESTS_WRITE) as access:
        access.note("test.plant")
        verification_id = verify(access, found_id, sought_id)
        if verdict is not None:
            screen(access, found_id, sought_id, verdict)
        place(access, sought_id, SearchState.LOCATED_PENDING_CONSENT)
        return verification_id


def verify(access: Access, found_id: UUID, sought_id: UUID) -> UUID:
    """Plant a suggestion and a verification of it that passed."""
    key_id = register.records(access, [found_id])[found_id].key_id
    suggestion_id = _suggestion(access, found_id, sought_id)
    verification_id = new_id()
    access.session.add(
        Verification(
            society=access.society,
            id=verification_id,
            key_id=key_id,
            details=seal_again(access, Verification, verification_id, key_id, b"{}"),
            suggestion_id=suggestion_id,
            sought_id=sought_id,
            found_id=found_id,
            state=VerificationState.PASSED,
            opened_by=access.caller.account_id,
            worker_id=access.caller.worker_id,
            created_at=access.now,
            updated_at=access.now,
        )
    )
    access.session.flush()
    return verification_id


def _suggestion(access: Access, found_id: UUID, sought_id: UUID) -> UUID:
    query = select(Suggestion).where(Suggestion.left_id == sought_id, Suggestion.right_id == found_id)
    known = access.session.exec(query).first()
    if known is not None:
        return known.id
    row = Suggestion(
        society=access.society,
        id=new_id(),
        left_id=sought_id,
        right_id=found_id,
        right_kind=Kind.SELF_REGISTRATION,
        state=PairState.CONFIRMED_SAME_PERSON,
        weight=20.0,
        probability=0.99,
        prior=0.5,
        band="strong",
        levels="",
        bits="",
        engine_version="planted",
        left_as="",
        right_as="",
        created_at=access.now,
        updated_at=access.now,
    )
    access.session.add(row)
    access.session.flush()
    return row.id


def screen(access: Access, found_id: UUID, sought_id: UUID, verdict: Verdict) -> None:
    """Plant the latest screen of a pair."""
    key_id, screen_id = register.records(access, [found_id])[found_id].key_id, new_id()
    access.session.add(
        RiskScreen(
            society=access.society,
            id=screen_id,
            key_id=key_id,
            details=seal_again(access, RiskScreen, screen_id, key_id, b"{}"),
            found_id=found_id,
            sought_id=sought_id,
            verdict=verdict,
            made_at=access.now,
            made_by=access.caller.account_id,
            worker_id=access.caller.worker_id,
        )
    )
    access.session.flush()


def place(access: Access, sought_id: UUID, state: SearchState, reason: str | None = None) -> None:
    """Let a search lie in `state`."""
    row = requests.find_sought(access, sought_id)
    row.state, row.reason = state, reason
    access.session.add(row)
    access.session.flush()
