"""A blind pre-check from beginning to end, on either side: does a partner know of some of our sought persons?

No transaction is open while sets are compared or the network is waited for. The asker learns for each of its own
persons how many tokens the partner holds, and keeps what is at least `LEAST`; the answerer learns the size of the
asker's padded set. Nothing is sent by itself afterwards: a caseworker may ask for a search, under its own consent.
"""

import base64
import secrets
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from threading import Lock
from uuid import UUID

from pydantic import ValidationError

from tracing.exchange.calling import Line, Tokens, call
from tracing.gate.access import Access
from tracing.gate.kinds import Kind
from tracing.gate.purposes import Use
from tracing.kit import psi
from tracing.kit.errors import Busy, Flaw, Invalid, TracingError
from tracing.kit.ids import new_id
from tracing.kit.outbound import Outbound, OutboundError
from tracing.kit.settings import Settings
from tracing.precheck import service
from tracing.precheck.errors import NotAnswered
from tracing.precheck.schemas import PreCheckAnswer, PreCheckDraft
from tracing.precheck.service import ANSWERED_FROM, ASKED_ABOUT
from tracing.precheck.traits import SCHEME, Token

Turn = Callable[[Use], AbstractContextManager[Access]]
"""Admits anew, for each transaction."""
LEAST = 2
"""Shared tokens from which on a person is a hit."""
MOST_BYTES = 64 * 1024 * 1024
"""Of an answer: a set of one million elements."""

_one_at_a_time = Lock()


@dataclass(frozen=True, slots=True)
class Report:
    """What came of a pre-check of ours: nothing in it is about a person."""

    session: UUID
    partner: str
    persons: int
    left_out: int
    elements: int
    hits: int


@dataclass(frozen=True, slots=True)
class Chosen:
    """The persons who are asked about: their tokens, and how many had no room."""

    tokens: Mapping[UUID, tuple[Token, ...]]
    left_out: int


def outbound_for(settings: Settings) -> Outbound:
    """Return a client that waits for a partner's computing and reads a whole answer."""
    changed = settings.model_copy(update={"outbound_timeout_s": settings.pre_check_timeout_s})
    return Outbound(changed, most=MOST_BYTES)


def ask(turn: Turn, outbound: Outbound, code: str, settings: Settings) -> Report:
    """Ask a partner, keep the hits, and return what came of it.

    Raises:
        NotInstalled: the extra `psi` is not installed.
        NotFound, NotAgreed, ConsentChanged: see `service`.
        NotAnswered: no answer came, or none to this question.
    """
    psi.library()
    with turn(Use.REGISTER) as access:
        partner = service.target(access, code)
    chosen = choose(dict(everybody(turn, code, ASKED_ABOUT)), settings.pre_check_elements)
    session, ids = new_id(), list(chosen.tokens)
    blinded = psi.blind(session, (token.text for held in chosen.tokens.values() for token in held))
    with turn(Use.REGISTER) as access:
        line = service.begin(access, code, session, blinded, ids)
        draft = _draft(access.society, code, session, blinded)
    body = draft.model_dump_json().encode()
    url = f"{partner.origin}/v1/exchange/{partner.code}/pre-checks"
    try:
        answered = _read(draft, _send(outbound, line, url, body))
        found = psi.shared(blinded, answered)
    except (NotAnswered, psi.Garbled) as error:
        with turn(Use.REGISTER) as access:
            service.fail(access, session, getattr(error, "detail", "garbled"))
        raise error if isinstance(error, NotAnswered) else NotAnswered("the answer cannot be read") from None
    with turn(Use.REGISTER) as access:
        kept = service.finish(access, code, session, answered.size, ids, counted(chosen.tokens, found))
    return Report(session, code, len(ids), chosen.left_out, len(blinded.elements), kept)


def opens(turn: Turn, session: UUID, settings: Settings) -> bool:
    """Return whether the persons as they are now make the set that a pre-check of ours committed to.

    False shows no lie: somebody may have been changed, withdrawn or left out since.

    Raises:
        NotFound: we asked none of this id.
        NotInstalled: the extra `psi` is not installed.
    """
    with turn(Use.REGISTER) as access:
        code, commitment, opening = service.opening(access, session)
    chosen = choose(dict(everybody(turn, code, ASKED_ABOUT)), settings.pre_check_elements)
    texts = (token.text for held in chosen.tokens.values() for token in held)
    return psi.blind(session, texts, opening).commitment == commitment


def everybody(turn: Turn, code: str, kinds: Sequence[Kind]) -> Iterator[tuple[UUID, tuple[Token, ...]]]:
    """Yield who takes part with a partner, with tokens; page by page, each in transactions of its own."""
    after, more = None, True
    while more:
        with turn(Use.REGISTER) as access:
            ids, after = service.page(access, code, kinds, after)
        with turn(Use.MATCH) as access:
            found = service.tokens(access, ids)
        yield from found.items()
        more = after is not None


def choose(found: Mapping[UUID, tuple[Token, ...]], most: int) -> Chosen:
    """Return as many persons as `most` elements have room for, drawn at random; who has no two facts is not asked."""
    able = [record_id for record_id, held in found.items() if len({token.fact for token in held}) >= LEAST]
    secrets.SystemRandom().shuffle(able)
    texts: set[str] = set()
    chosen: dict[UUID, tuple[Token, ...]] = {}
    for record_id in able:
        fresh = {token.text for token in found[record_id]} - texts
        if psi.padded(len(texts) + len(fresh)) <= most:
            texts |= fresh
            chosen[record_id] = found[record_id]
    return Chosen(chosen, len(able) - len(chosen))


def counted(tokens: Mapping[UUID, tuple[Token, ...]], found: set[str]) -> dict[UUID, int]:
    """Return how many facts of each person the partner holds, for those of at least `LEAST`."""
    counts = {
        record_id: len({token.fact for token in held if token.text in found}) for record_id, held in tokens.items()
    }
    return {record_id: count for record_id, count in counts.items() if count >= LEAST}


def _draft(society: str, code: str, session: UUID, blinded: psi.Blinded) -> PreCheckDraft:
    return PreCheckDraft(
        id=session,
        sender=society,
        recipient=code,
        scheme=SCHEME,
        elements=len(blinded.elements),
        commitment=blinded.commitment,
        request=base64.b64encode(blinded.request).decode(),
    )


def _send(outbound: Outbound, line: Line, url: str, body: bytes) -> bytes:
    try:
        answer = call(outbound, Tokens(), line, url, body)
    except OutboundError as error:
        raise NotAnswered(error.code) from None
    if answer.status != 200:
        raise NotAnswered(f"http-{answer.status}")
    if answer.cut:
        raise NotAnswered("too-long")
    return answer.body


def _read(draft: PreCheckDraft, body: bytes) -> psi.Answered:
    try:
        answer = PreCheckAnswer.model_validate_json(body)
    except ValidationError:
        raise NotAnswered("no-answer") from None
    if answer.id != draft.id or answer.scheme != draft.scheme:
        raise NotAnswered("another-answer")
    return psi.Answered(_decoded(answer.setup), _decoded(answer.response), answer.elements)


def answer(turn: Turn, draft: PreCheckDraft) -> PreCheckAnswer:
    """Answer a partner's pre-check from whoever takes part with it; the trail says so before the answer leaves.

    Raises:
        Busy: another one is being answered.
        NotInstalled: the extra `psi` is not installed.
        Invalid: the set is none, or too large.
        NotAgreed, OtherEngine, QuotaReached, ConsentChanged, …: see `service`.
    """
    psi.library()
    if not _one_at_a_time.acquire(blocking=False):
        raise Busy("another pre-check is being answered")
    try:
        return _answer(turn, draft)
    finally:
        _one_at_a_time.release()


def _answer(turn: Turn, draft: PreCheckDraft) -> PreCheckAnswer:
    try:
        raw = _decoded(draft.request)
    except psi.Garbled:
        raise _garbled() from None
    with turn(Use.REGISTER) as access:
        partner = service.reserve(access, draft, raw)
    try:
        request = psi.read_request(raw, draft.elements)
        own = dict(everybody(turn, partner.code, ANSWERED_FROM))
        made = psi.answer(request, (token.text for held in own.values() for token in held))
        with turn(Use.REGISTER) as access:
            service.answered(access, draft.id, made.size, list(own))
    except psi.Garbled:
        _fail(turn, draft.id, "garbled")
        raise _garbled() from None
    except TracingError as error:
        _fail(turn, draft.id, error.code)
        raise
    return PreCheckAnswer(
        id=draft.id,
        scheme=SCHEME,
        elements=made.size,
        setup=base64.b64encode(made.setup).decode(),
        response=base64.b64encode(made.response).decode(),
    )


def _fail(turn: Turn, session: UUID, trouble: str) -> None:
    with turn(Use.REGISTER) as access:
        service.fail(access, session, trouble)


def _garbled() -> Invalid:
    return Invalid("the request cannot be read", [Flaw("/request", "garbled", "not a set of so many blinded elements")])


def _decoded(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except ValueError:
        raise psi.Garbled from None
