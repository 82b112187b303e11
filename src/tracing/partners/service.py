"""The rules of keeping partners: no HTTP, no SQL. The gate keeps the register, since it lets them in."""

from dataclasses import replace
from typing import TYPE_CHECKING
from uuid import UUID

from tracing.gate import idempotency, people
from tracing.gate.access import Access
from tracing.gate.partnering import own_keys, partners
from tracing.gate.partnering.partner_tables import Channel, KeyUse
from tracing.gate.partnering.partners import NO_TOKEN, PublicKey, Terms, TokenTerms, spoken
from tracing.kit.addresses import read_url
from tracing.kit.errors import Flaw, Invalid
from tracing.partners.schemas import (
    CardView,
    KeyDraft,
    KeyView,
    PartnerDraft,
    PartnerView,
    TermsDraft,
    TokenTermsDraft,
)

if TYPE_CHECKING:
    from tracing.gate.partnering.partner_tables import OwnKey, Partner, PartnerKey


def add(access: Access, draft: PartnerDraft, key: str | None = None) -> PartnerView:
    """Enter a partner society. A retry with the same Idempotency-Key returns the first one.

    Raises:
        Conflict: the code is in use.
        Invalid: a fingerprint differs, a key is none, or the origin may not be called.
    """
    print_of = f"partners.add|{draft.model_dump_json()}"
    made = idempotency.made_before(access, key, print_of)
    if made is not None:
        return show(access, made)
    row = partners.add(access, draft.code, draft.team, _terms(access, draft), [_key(k) for k in draft.keys])
    idempotency.remember(access, key, print_of, row.id)
    return _view(access, row)


def show(access: Access, partner_id: UUID) -> PartnerView:
    """Return a partner.

    Raises:
        NotFound: there is none.
    """
    row = partners.find(access, partner_id)
    access.note("partners.read", row.id)
    return _view(access, row)


def everyone(access: Access) -> list[PartnerView]:
    """Return every partner, by code."""
    rows = partners.all_of(access)
    access.note_page("partners.list", [row.id for row in rows])
    return [_view(access, row) for row in rows]


def find(access: Access, partner_id: UUID) -> "Partner":
    """Return the row of a partner, for checking its version.

    Raises:
        NotFound: there is none.
    """
    return partners.find(access, partner_id)


def change(access: Access, row: "Partner", draft: TermsDraft) -> PartnerView:
    """Replace what was agreed; the caller has checked the version.

    Raises:
        Invalid: the origin may not be called.
    """
    partners.change(access, row, _terms(access, draft))
    return _view(access, row)


def revoke(access: Access, row: "Partner") -> PartnerView:
    """End a partnership for good; the caller has checked the version."""
    partners.revoke(access, row)
    return _view(access, row)


def add_key(access: Access, row: "Partner", draft: KeyDraft) -> PartnerView:
    """Trust a further key; the caller has checked the version.

    Raises:
        Conflict: it is known, or the partnership has ended.
        Invalid: the fingerprint differs, it is no such key, or it is over.
    """
    partners.add_key(access, row, _key(draft))
    return _view(access, row)


def revoke_key(access: Access, row: "Partner", key_id: str) -> PartnerView:
    """End the trust in one key at once.

    Raises:
        NotFound: the partner has no such key.
    """
    partners.revoke_key(access, row, key_id)
    return _view(access, row)


def card(access: Access) -> CardView:
    """Return what another society needs to enter us: our code, origin and public keys, those that sign first."""
    access.note("partners.card")
    keys = [own_key(key) for use in (KeyUse.SIGNING, KeyUse.BUNDLE) for key in own_keys.in_use(access, use)]
    return CardView(code=access.society, origin=access.settings.exchange_origin or "", keys=keys)


def make_key(access: Access, use: KeyUse, days: int = own_keys.KEY_DAYS) -> KeyView:
    """Make a key pair of our own that lasts for so many days, and return its public half."""
    return own_key(own_keys.make(access, use, days))


def retire_key(access: Access, key_id: str) -> KeyView:
    """Sign with one of our keys, or open bundles with it, no more.

    Raises:
        NotFound: there is no such key.
    """
    return own_key(own_keys.retire(access, key_id))


def own_key(row: "OwnKey") -> KeyView:
    """Return the public half of one of our keys."""
    return KeyView(
        id=row.id,
        spoken=spoken(row.id),
        use=row.use,
        public=row.public,
        not_after=row.not_after,
        added_at=row.made_at,
        revoked_at=row.retired_at,
    )


def _terms(access: Access, draft: TermsDraft) -> Terms:
    if draft.origin:
        target = read_url(draft.origin, loopback=access.settings.outbound_loopback)
        if isinstance(target, str):
            raise Invalid("the origin may not be called", [Flaw("/origin", "outbound-refused", target)])
    elif Channel.ONLINE in draft.channels:
        raise Invalid("a partner online has an origin", [Flaw("/origin", "missing", "it is needed online")])
    return Terms(
        draft.origin,
        tuple(draft.channels),
        tuple(draft.kinds),
        draft.messages_a_day,
        draft.open_searches,
        _token(access, draft.token),
    )


def _token(access: Access, draft: TokenTermsDraft | None) -> TokenTerms:
    if draft is None:
        return NO_TOKEN
    target = read_url(draft.endpoint, loopback=access.settings.outbound_loopback)
    if isinstance(target, str):
        raise Invalid("the token endpoint may not be called", [Flaw("/token/endpoint", "outbound-refused", target)])
    return TokenTerms(draft.endpoint, draft.client_id, draft.audience or "", draft.scope or "")


def _key(draft: KeyDraft) -> PublicKey:
    return PublicKey(draft.use, draft.public, draft.fingerprint, draft.not_after)


def _view(access: Access, row: "Partner") -> PartnerView:
    return PartnerView(
        id=row.id,
        code=row.code,
        team=people.find_account(access, str(row.account_id)).team,
        account_id=row.account_id,
        origin=row.origin,
        channels=row.channels.split(),
        kinds=row.kinds.split(),
        messages_a_day=row.messages_a_day,
        open_searches=row.open_searches,
        token=_token_view(row),
        keys=[_key_view(key) for key in partners.keys(access, row.id)],
        version=row.version,
        created_at=row.created_at,
        updated_at=row.updated_at,
        revoked_at=row.revoked_at,
    )


def _token_view(row: "Partner") -> TokenTermsDraft | None:
    known = partners.token_terms(row)
    if known is None:
        return None
    return TokenTermsDraft(
        endpoint=known.endpoint,
        client_id=known.client_id,
        audience=known.audience or None,
        scope=known.scope or None,
    )


def ask_token(access: Access, row: "Partner", draft: TokenTermsDraft | None) -> PartnerView:
    """Replace where a token for a partner is got, and leave everything else as it was agreed.

    Raises:
        Invalid: the endpoint may not be called.
    """
    partners.change(access, row, replace(partners.terms(row), token=_token(access, draft)))
    return _view(access, row)


def _key_view(row: "PartnerKey") -> KeyView:
    return KeyView(
        id=row.id,
        spoken=spoken(row.id),
        use=row.use,
        public=row.public,
        not_after=row.not_after,
        added_at=row.added_at,
        revoked_at=row.revoked_at,
    )
