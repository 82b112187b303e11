"""FastAPI's side of the gate. Routes import their access types from here."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Annotated
from urllib.parse import parse_qsl

from fastapi import Depends, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from tracing.gate.access import Access
from tracing.gate.admit import (
    admitted,
    admitted_by_assertion,
    admitted_by_signature,
    readmitted,
    require_held,
)
from tracing.gate.opening import Gate
from tracing.gate.partnering.proofs import Asserted, Signed
from tracing.gate.permissions import Permission
from tracing.gate.purposes import Use
from tracing.kit.assertions import GRANT, TYPE, named_key
from tracing.kit.errors import Unidentified
from tracing.web.flood import hold_up
from tracing.web.problems import request_id_of

MOST_FIELDS = 20
HERE = frozenset({"127.0.0.1", "::1"})
Bearer = Annotated[
    HTTPAuthorizationCredentials | None,
    Depends(
        HTTPBearer(
            auto_error=False, description="A token that `tracing tokens issue` printed, or the secret of a case code."
        )
    ),
]


def gate_of(request: Request) -> Gate:
    """Return the gate that the application was opened with."""
    gate = request.app.state.gate
    assert isinstance(gate, Gate)
    return gate


def door(
    permission: Permission, use: Use = Use.REGISTER, *, also: Permission | None = None
) -> Callable[..., Iterator[Access]]:
    """Return a dependency that admits callers holding `permission`, for `use`.

    A route that changes a record answers with it, so `also` asks for the right to read it: a token scoped to
    writing (a reception centre's device) files new reports and reads none back.
    """

    def admit(request: Request, bearer: Bearer) -> Iterator[Access]:
        token = bearer.credentials if bearer else None
        with admitted(gate_of(request), token, permission, use=use, request_id=request_id_of(request)) as access:
            if also is not None:
                access.require(also)
            yield access

    admit.permission = permission  # type: ignore[attr-defined]  # read by the every-route test
    return admit


def metered(request: Request, bearer: Bearer) -> None:
    """Let in whoever may read the counters: an operator, and where the setting says so this machine itself.

    In a small society the counters tell what happened to whom: two steps of one asking are two counts.
    """
    gate = gate_of(request)
    here = request.client is not None and request.client.host in HERE
    if not (here and gate.settings.metrics_on_loopback):
        require_held(gate, bearer.credentials if bearer else None, Permission.METRICS_READ)


async def as_sent(request: Request) -> Signed:
    """Return a request as its sender signed it: for the address by which we are known, whatever a proxy made of it.

    The path is taken as it was written, and of several lines of one header every one counts.

    Raises:
        Unidentified: we are known by no address, so nothing can be signed for us.
    """
    origin = gate_of(request).settings.exchange_origin
    if not origin:
        raise Unidentified("no valid signature came with the call")
    path = request.scope.get("raw_path", request.url.path.encode()).decode("latin-1")
    query = f"?{request.url.query}" if request.url.query else ""
    headers: dict[str, str] = {}
    for name, value in request.headers.items():
        headers[name] = f"{headers[name]}, {value}" if name in headers else value
    return Signed(request.method, f"{origin.rstrip('/')}{path}{query}", headers, await request.body())


async def as_asserted(request: Request) -> Asserted:
    """Return the assertion of a token request (RFC 6749 §4.4, RFC 7523 §2.2), addressed to us as partners call us.

    Raises:
        Unidentified: it is no such request, or we are known by no address.
        TooMany: the key that it names has just sent too much; it waited for this answer.
    """
    origin = gate_of(request).settings.exchange_origin
    try:
        pairs = parse_qsl((await request.body()).decode("ascii"), strict_parsing=True, max_num_fields=MOST_FIELDS)
    except ValueError:
        pairs = []
    given = dict(pairs)
    asked = given.get("grant_type") == GRANT and given.get("client_assertion_type") == TYPE
    if not origin or not asked or len(given) < len(pairs) or "client_assertion" not in given:
        raise Unidentified("no valid assertion came with the call")
    await hold_up(gate_of(request), named_key(given["client_assertion"]))
    return Asserted(given["client_assertion"], f"{origin.rstrip('/')}{request.url.path}", given.get("client_id"))


@dataclass(frozen=True, slots=True)
class Applicant:
    """The partner that asks for an access token, and the key that it will sign with."""

    access: Access
    key_id: str


def asserted_door(permission: Permission) -> Callable[..., Iterator[Applicant]]:
    """Return a dependency that admits the partner society whose key made the assertion, to the society it names."""

    def admit(
        request: Request, society: str, asserted: Annotated[Asserted, Depends(as_asserted)]
    ) -> Iterator[Applicant]:
        gate, request_id = gate_of(request), request_id_of(request)
        with admitted_by_assertion(gate, society, asserted, permission, request_id=request_id) as (access, key_id):
            yield Applicant(access, key_id)

    admit.permission = permission  # type: ignore[attr-defined]  # read by the every-route test
    return admit


def signed_door(permission: Permission) -> Callable[..., Iterator[Access]]:
    """Return a dependency that admits the partner society whose key signed the request, to the society it names."""

    def admit(request: Request, society: str, signed: Annotated[Signed, Depends(as_sent)]) -> Iterator[Access]:
        with admitted_by_signature(
            gate_of(request), society, signed, permission, request_id=request_id_of(request)
        ) as access:
            yield access

    admit.permission = permission  # type: ignore[attr-defined]  # read by the every-route test
    return admit


def ticking(permission: Permission) -> Callable[..., Callable[[], AbstractContextManager[Access]]]:
    """Return a dependency that hands a long answer the means to be admitted anew at each tick.

    It admits nobody by itself: the route takes an access type as well, which answers the first refusal.
    """

    def ticks(request: Request, bearer: Bearer) -> Callable[[], AbstractContextManager[Access]]:
        token = bearer.credentials if bearer else None
        return lambda: admitted(gate_of(request), token, permission, request_id=request_id_of(request))

    return ticks


def batching(permission: Permission, act: str) -> Callable[..., Callable[[], AbstractContextManager[Access]]]:
    """Return a dependency for work in many transactions: it hands on the means to be admitted to each of them.

    It admits the caller once by itself and puts `act` on the trail, so that a refusal comes first of all answers.
    """

    def batches(request: Request, bearer: Bearer) -> Callable[[], AbstractContextManager[Access]]:
        token = bearer.credentials if bearer else None

        def turn() -> AbstractContextManager[Access]:
            return admitted(gate_of(request), token, permission, request_id=request_id_of(request))

        with turn() as access:
            access.note(act, count=0)
        return turn

    batches.permission = permission  # type: ignore[attr-defined]  # read by the every-route test
    return batches


def signed_batching(permission: Permission, act: str) -> Callable[..., Callable[[Use], AbstractContextManager[Access]]]:
    """Return a dependency for a partner's work in many transactions: as `batching`, by signature as `signed_door`."""

    def batches(
        request: Request, society: str, signed: Annotated[Signed, Depends(as_sent)]
    ) -> Callable[[Use], AbstractContextManager[Access]]:
        gate, request_id = gate_of(request), request_id_of(request)
        with admitted_by_signature(gate, society, signed, permission, request_id=request_id) as access:
            access.note(act, count=0)
            caller = access.caller
        return lambda use: readmitted(gate, caller, permission, use=use, request_id=request_id)

    batches.permission = permission  # type: ignore[attr-defined]  # read by the every-route test
    return batches


@dataclass(frozen=True, slots=True)
class Unit:
    """One act and what has to follow its commit.

    Attributes:
        access: the act's own; over when `afterwards` begins.
        turn: admits the caller anew, for each transaction that follows.
        afterwards: what is done after the commit and before the answer, in order; not at all without a commit.
    """

    access: Access
    turn: Callable[[], AbstractContextManager[Access]]
    afterwards: list[Callable[[], None]] = field(default_factory=list)


def unit(permission: Permission, use: Use) -> Callable[..., Iterator[Unit]]:
    """Return a dependency that admits like `door`, and after the commit does what the act left to be done then."""

    def admit(request: Request, bearer: Bearer) -> Iterator[Unit]:
        token = bearer.credentials if bearer else None

        def turn() -> AbstractContextManager[Access]:
            return admitted(gate_of(request), token, permission, use=use, request_id=request_id_of(request))

        with turn() as access:
            made = Unit(access, turn)
            yield made
        for act in made.afterwards:
            act()

    admit.permission = permission  # type: ignore[attr-defined]  # read by the every-route test
    return admit


# scope="function": commit before the response leaves, so a failed commit is never a 201.
AccountReader = Annotated[Access, Depends(door(Permission.ACCOUNTS_READ), scope="function")]
AccountWriter = Annotated[Access, Depends(door(Permission.ACCOUNTS_WRITE), scope="function")]
CaseCodeIssuer = Annotated[Access, Depends(door(Permission.CASE_CODES_ISSUE), scope="function")]
CaseStatusReader = Annotated[Access, Depends(door(Permission.CASE_STATUS_READ), scope="function")]
ConsentReader = Annotated[Access, Depends(door(Permission.CONSENTS_READ), scope="function")]
ConsentWriter = Annotated[Access, Depends(door(Permission.CONSENTS_WRITE), scope="function")]
ContactReader = Annotated[Access, Depends(door(Permission.CONTACTS_READ), scope="function")]
ContactWriter = Annotated[
    Access, Depends(door(Permission.CONTACTS_WRITE, also=Permission.CONTACTS_READ), scope="function")
]
DataSubjectOfficer = Annotated[Access, Depends(door(Permission.DATA_SUBJECT_ACT, Use.DATA_SUBJECT), scope="function")]
DataSubjectUnit = Annotated[Unit, Depends(unit(Permission.DATA_SUBJECT_ACT, Use.DATA_SUBJECT), scope="function")]
DisclosureApprover = Annotated[
    Access, Depends(door(Permission.DISCLOSURES_APPROVE, also=Permission.DISCLOSURES_READ), scope="function")
]
DisclosureReader = Annotated[Access, Depends(door(Permission.DISCLOSURES_READ), scope="function")]
DisclosureWriter = Annotated[
    Access, Depends(door(Permission.DISCLOSURES_WRITE, also=Permission.DISCLOSURES_READ), scope="function")
]
EngineReader = Annotated[Access, Depends(door(Permission.ENGINE_READ), scope="function")]
ExchangeReader = Annotated[Access, Depends(door(Permission.EXCHANGE_READ), scope="function")]
ExchangeWriter = Annotated[
    Access, Depends(door(Permission.EXCHANGE_WRITE, also=Permission.EXCHANGE_READ), scope="function")
]
FateConfirmer = Annotated[Access, Depends(door(Permission.FATES_CONFIRM, also=Permission.FATES_READ), scope="function")]
FateReader = Annotated[Access, Depends(door(Permission.FATES_READ), scope="function")]
FateWriter = Annotated[Access, Depends(door(Permission.FATES_WRITE, also=Permission.FATES_READ), scope="function")]
GlassBreaker = Annotated[Access, Depends(door(Permission.BREAK_GLASS), scope="function")]
Importer = Annotated[Access, Depends(door(Permission.IMPORTS_WRITE), scope="function")]
MatchReader = Annotated[Access, Depends(door(Permission.MATCH_QUERY, Use.MATCH), scope="function")]
MessageReader = Annotated[Access, Depends(door(Permission.MESSAGES_READ), scope="function")]
MessageReleaser = Annotated[
    Access, Depends(door(Permission.MESSAGES_RELEASE, also=Permission.MESSAGES_READ), scope="function")
]
MessageWriter = Annotated[
    Access, Depends(door(Permission.MESSAGES_WRITE, also=Permission.MESSAGES_READ), scope="function")
]
NightRunner = Annotated[Access, Depends(door(Permission.NIGHT_RUN), scope="function")]
OutcomeReader = Annotated[Access, Depends(door(Permission.OUTCOMES_READ), scope="function")]
OutcomeWriter = Annotated[
    Access, Depends(door(Permission.OUTCOMES_WRITE, also=Permission.OUTCOMES_READ), scope="function")
]
PartnerReader = Annotated[Access, Depends(door(Permission.PARTNERS_READ), scope="function")]
PartnerWriter = Annotated[
    Access, Depends(door(Permission.PARTNERS_WRITE, also=Permission.PARTNERS_READ), scope="function")
]
PfifExporter = Annotated[Access, Depends(door(Permission.PFIF_EXPORT), scope="function")]
RequestAssigner = Annotated[
    Access, Depends(door(Permission.REQUESTS_ASSIGN, also=Permission.REQUESTS_READ), scope="function")
]
RequestChanger = Annotated[
    Access, Depends(door(Permission.REQUESTS_WRITE, also=Permission.REQUESTS_READ), scope="function")
]
RequestReader = Annotated[Access, Depends(door(Permission.REQUESTS_READ), scope="function")]
RequestWriter = Annotated[Access, Depends(door(Permission.REQUESTS_WRITE), scope="function")]
RiskReader = Annotated[Access, Depends(door(Permission.RISKS_READ), scope="function")]
RiskWriter = Annotated[Access, Depends(door(Permission.RISKS_WRITE, also=Permission.RISKS_READ), scope="function")]
RunReader = Annotated[Access, Depends(door(Permission.RUNS_READ), scope="function")]
PartnerApplicant = Annotated[Applicant, Depends(asserted_door(Permission.EXCHANGE_RECEIVE), scope="function")]
SignedPartner = Annotated[Access, Depends(signed_door(Permission.EXCHANGE_RECEIVE), scope="function")]
SightingReader = Annotated[Access, Depends(door(Permission.SIGHTINGS_READ), scope="function")]
SightingChanger = Annotated[
    Access, Depends(door(Permission.SIGHTINGS_WRITE, also=Permission.SIGHTINGS_READ), scope="function")
]
SightingWriter = Annotated[Access, Depends(door(Permission.SIGHTINGS_WRITE), scope="function")]
SightingTriager = Annotated[Access, Depends(door(Permission.SIGHTINGS_TRIAGE), scope="function")]
SuggestionDecider = Annotated[Access, Depends(door(Permission.SUGGESTIONS_DECIDE, Use.MATCH), scope="function")]
SuggestionReader = Annotated[Access, Depends(door(Permission.SUGGESTIONS_READ, Use.MATCH), scope="function")]
TaskReader = Annotated[Access, Depends(door(Permission.TASKS_READ), scope="function")]
TaskWriter = Annotated[Access, Depends(door(Permission.TASKS_WRITE, also=Permission.TASKS_READ), scope="function")]
TrailReader = Annotated[Access, Depends(door(Permission.TRAIL_READ), scope="function")]
VerificationReader = Annotated[Access, Depends(door(Permission.VERIFICATIONS_READ), scope="function")]
VerificationWriter = Annotated[
    Access, Depends(door(Permission.VERIFICATIONS_WRITE, also=Permission.VERIFICATIONS_READ), scope="function")
]
WebhookReader = Annotated[Access, Depends(door(Permission.WEBHOOKS_READ), scope="function")]
WebhookWriter = Annotated[
    Access, Depends(door(Permission.WEBHOOKS_WRITE, also=Permission.WEBHOOKS_READ), scope="function")
]

RunTicks = Annotated[Callable[[], AbstractContextManager[Access]], Depends(ticking(Permission.RUNS_READ))]
ImportBatches = Annotated[
    Callable[[], AbstractContextManager[Access]], Depends(batching(Permission.IMPORTS_WRITE, "imports.begin"))
]
SignedBatches = Annotated[
    Callable[[Use], AbstractContextManager[Access]],
    Depends(signed_batching(Permission.EXCHANGE_RECEIVE, "pre_check.call")),
]
