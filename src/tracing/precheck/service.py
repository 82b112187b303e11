"""The steps of a blind pre-check, each within one transaction; `jobs` computes and calls the network between them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from tracing.exchange import calling
from tracing.exchange.errors import NotAgreed, NotForUs, QuotaReached
from tracing.exchange.states import Side
from tracing.gate import network
from tracing.gate.access import Access
from tracing.gate.dues import PAGE, Due
from tracing.gate.kinds import Kind
from tracing.gate.partnering import partners
from tracing.gate.partnering.partner_tables import Channel
from tracing.kit import psi
from tracing.kit.errors import Conflict, Flaw, Invalid, NotFound
from tracing.precheck import store
from tracing.precheck.errors import ConsentChanged, OtherEngine
from tracing.precheck.schemas import PreCheckDraft, PreCheckHitsView, PreCheckHitView
from tracing.precheck.states import PRE_CHECK, Standing
from tracing.precheck.traits import SCHEME, Token, tokens_of
from tracing.requests import service as requests
from tracing.review import suggest
from tracing.tasks import service as tasks
from tracing.tasks.states import TaskKind

if TYPE_CHECKING:
    from tracing.gate.partnering.partner_tables import Partner
    from tracing.precheck.tables import PreCheck

DAY, MONTH = timedelta(days=1), timedelta(days=30)
ASKED_ABOUT = (Kind.SOUGHT,)
ANSWERED_FROM = tuple(Kind)
"""Whoever is registered may be whom another society seeks: those who seek, too."""


@dataclass(frozen=True, slots=True)
class Target:
    """The partner that is asked, or that asks."""

    code: str
    origin: str = ""


def target(access: Access, code: str) -> Target:
    """Return a partner that may be asked.

    Raises:
        NotFound: there is none, or the partnership has ended.
        NotAgreed: pre-checks are switched off here, not agreed on, or the partner is not online.
    """
    partner = partners.find_open(access, code)
    _require_on(access, partner)
    if Channel.ONLINE not in partner.channels.split() or not partner.origin:
        raise NotAgreed("a pre-check needs a partner online")
    access.note("pre_check.prepare", partner.id)
    return Target(partner.code, partner.origin)


def asking(access: Access) -> Target:
    """Return the partner as whom the access acts.

    Raises:
        NotFound: the partnership has ended.
        NotAgreed: pre-checks are switched off here, or not agreed on.
    """
    partner = partners.of_account(access, access.caller.account_id)
    if partner.revoked_at is not None:
        raise NotFound("the partnership has ended")
    _require_on(access, partner)
    return Target(partner.code)


def _require_on(access: Access, partner: "Partner") -> None:
    if not access.settings.pre_check:
        raise NotAgreed("blind pre-checks are switched off here")
    if PRE_CHECK not in partner.kinds.split():
        raise NotAgreed("blind pre-checks are not agreed on with this partner")


def page(access: Access, code: str, kinds: Sequence[Kind], after: UUID | None) -> tuple[list[UUID], UUID | None]:
    """Return the next ids of those who take part with a partner, and after whom to go on; see `network.page`."""
    ids, following = network.page(access, code, kinds, after=after)
    access.note_page("pre_check.page", ids)
    return ids, following


def tokens(access: Access, ids: Sequence[UUID]) -> dict[UUID, tuple[Token, ...]]:
    """Return the match tokens of `ids`; the access is for matching."""
    found = {record_id: tokens_of(person) for record_id, person in suggest.persons(access, ids).items()}
    access.note_page("pre_check.read", found)
    return found


def begin(access: Access, code: str, session: UUID, blinded: psi.Blinded, ids: Sequence[UUID]) -> calling.Line:
    """Write down that we ask, before anything leaves, and return how the partner is called.

    Raises:
        ConsentChanged: one of `ids` does not take part any more.
        NotFound, NotAgreed: as for `target`.
        Conflict: we have no key to sign with.
    """
    target(access, code)
    _require_same(access, code, ids)
    partner = partners.find(access, code)
    line = calling.line_to(access, partner)
    store.add_pre_check(
        access,
        partner,
        side=Side.SENT,
        session=session,
        scheme=SCHEME,
        elements=len(blinded.elements),
        commitment=blinded.commitment,
        request_digest=psi.digest(blinded.request),
        opening=blinded.opening,
    )
    access.note("pre_check.ask", session, count=len(blinded.elements))
    return line


def _require_same(access: Access, code: str, ids: Sequence[UUID]) -> None:
    if len(network.still(access, code, ids)) != len(ids):
        raise ConsentChanged("somebody does not take part any more")


def finish(
    access: Access, code: str, session: UUID, held: int, asked: Sequence[UUID], shared: Mapping[UUID, int]
) -> int:
    """Keep the hits of those who still take part, and return how many they are."""
    row = _begun(access, session)
    known = network.still(access, code, list(shared))
    kept = {sought_id: count for sought_id, count in shared.items() if sought_id in known}
    store.replace_hits(access, row, asked, kept)
    _tell_hits(access, row.partner_id, asked, kept)
    row.standing, row.done_at, row.held, row.hits = Standing.DONE, access.now, held, len(kept)
    store.save_pre_check(access, row)
    access.note("pre_check.heard", session)
    access.note_page("pre_check.hits", kept)
    return len(kept)


def _tell_hits(access: Access, partner_id: UUID, asked: Sequence[UUID], hits: Mapping[UUID, int]) -> None:
    """Raise a task for each person who is a hit and was none; settle those of whoever is none any more.

    They are for who is answerable for the person: whoever runs a pre-check sees neither tasks nor hits.
    """
    told = tasks.waiting_for(access, TaskKind.PRE_CHECK_HIT, partner_id)
    tasks.end(access, TaskKind.PRE_CHECK_HIT, partner_id, told.intersection(asked) - hits.keys())
    dues = [Due(access.now, partner_id, sought_id) for sought_id in hits if sought_id not in told]
    for start in range(0, len(dues), PAGE):
        tasks.remind(access, TaskKind.PRE_CHECK_HIT, dues[start : start + PAGE])


def fail(access: Access, session: UUID, trouble: str) -> None:
    """Write down that a pre-check came to nothing."""
    row = _begun(access, session)
    row.standing, row.done_at, row.trouble = Standing.FAILED, access.now, trouble[:40]
    store.save_pre_check(access, row)
    access.note("pre_check.fail", session)


def _begun(access: Access, session: UUID) -> "PreCheck":
    row = store.find_pre_check(access, session)
    if row is None or row.standing is not Standing.BEGUN:
        raise Conflict("no such pre-check has begun")
    return row


def opening(access: Access, session: UUID) -> tuple[str, str, bytes]:
    """Return partner, commitment and opening of a pre-check of ours, for a dispute.

    Raises:
        NotFound: we asked none of this id.
    """
    row = store.find_pre_check(access, session)
    if row is None or row.side is not Side.SENT:
        raise NotFound("no such pre-check of ours")
    access.note("pre_check.open", session)
    return partners.find(access, row.partner_id).code, row.commitment, store.opening_of(access, row)


def reserve(access: Access, draft: PreCheckDraft, request: bytes) -> Target:
    """Write down that a partner asks, as far as was agreed; what it counts for counts from now on.

    Raises:
        NotForUs: it is of another society than the one whose key signed, or for another one.
        NotFound, NotAgreed: as for `asking`.
        OtherEngine: the partner makes tokens in another way.
        Conflict: the session came before.
        Invalid: it is larger than one session may be.
        QuotaReached: as many sessions or elements came as one partner may ask.
    """
    known = asking(access)
    if draft.sender != known.code or draft.recipient != access.society:
        raise NotForUs("the pre-check is of or for somebody else")
    if draft.scheme != SCHEME:
        raise OtherEngine(f"tokens are made by `{SCHEME}` here")
    if draft.elements > access.settings.pre_check_elements:
        most = f"at most {access.settings.pre_check_elements}"
        raise Invalid("the set is too large", [Flaw("/elements", "too-many", most)])
    if store.find_pre_check(access, draft.id) is not None:
        raise Conflict("the pre-check came before")
    partner = partners.of_account(access, access.caller.account_id)
    sessions, _ = store.asked_since(access, partner.id, access.now - DAY)
    _, elements = store.asked_since(access, partner.id, access.now - MONTH)
    if sessions >= access.settings.pre_check_sessions_a_day:
        raise QuotaReached("as many pre-checks came in a day as one partner may begin")
    if elements + draft.elements > access.settings.pre_check_elements_30_days:
        raise QuotaReached("as many elements came in 30 days as one partner may ask about")
    store.add_pre_check(
        access,
        partner,
        side=Side.RECEIVED,
        session=draft.id,
        scheme=draft.scheme,
        elements=draft.elements,
        commitment=draft.commitment,
        request_digest=psi.digest(request),
    )
    access.note("pre_check.asked", draft.id, count=draft.elements)
    return known


def answered(access: Access, session: UUID, held: int, ids: Sequence[UUID]) -> None:
    """Write down that a partner is answered; the answer leaves when this has been committed.

    Raises:
        ConsentChanged: one of `ids` does not take part any more.
        NotFound, NotAgreed: the partnership has ended meanwhile, or the agreement has.
    """
    known = asking(access)
    _require_same(access, known.code, ids)
    row = _begun(access, session)
    row.standing, row.done_at, row.held = Standing.DONE, access.now, held
    store.save_pre_check(access, row)
    access.note("pre_check.answer", session, count=held)


def hits(access: Access, sought_id: UUID) -> PreCheckHitsView:
    """Return what pre-checks found for a sought person.

    Raises:
        NotFound: the sought person is absent, another society's, or hidden.
    """
    requests.find_sought(access, sought_id)
    codes = {partner.id: partner.code for partner in partners.all_of(access)}
    rows = store.hits_of(access, sought_id)
    access.note("pre_check.show", sought_id, count=len(rows))
    return PreCheckHitsView(
        items=[
            PreCheckHitView(handle=row.id, partner=codes[row.partner_id], shared_tokens=row.shared, at=row.at)
            for row in rows
        ]
    )
