"""HTTP face of the registry of partners. Our own keys are made on the command line, where their backups are."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Path, Response

from tracing.partners import service
from tracing.partners.schemas import CardView, KeyDraft, PartnerDraft, PartnersView, PartnerView, TermsDraft
from tracing.web.conditional import IfMatch, require_match, tagged
from tracing.web.door import PartnerReader, PartnerWriter
from tracing.web.idempotency import IdempotencyKey
from tracing.web.problems import documented

router = APIRouter(tags=["partners"])
KeyId = Annotated[str, Path(max_length=64, description="Fingerprint of the key.")]


@router.get("/partners", responses=documented())
def list_partners(access: PartnerReader) -> PartnersView:
    """List every partner society with its keys, by code; revoked ones included."""
    return PartnersView(items=service.everyone(access))


@router.get("/partners/own-card", responses=documented())
def show_own_card(access: PartnerReader) -> CardView:
    """Show what another society needs to enter us. Fingerprints are read out, never sent along."""
    return service.card(access)


@router.post("/partners", status_code=201, responses=documented(409, 413, 415))
def add_partner(
    access: PartnerWriter, draft: PartnerDraft, response: Response, idempotency_key: IdempotencyKey = None
) -> PartnerView:
    """Enter a partner society with its keys; their fingerprints are those that were compared by voice."""
    return tagged(response, service.add(access, draft, idempotency_key))


@router.get("/partners/{partner_id}", responses=documented(404))
def show_partner(access: PartnerReader, partner_id: UUID, response: Response) -> PartnerView:
    """Show a partner society."""
    return tagged(response, service.show(access, partner_id))


@router.put("/partners/{partner_id}/terms", responses=documented(404, 409, 412, 413, 415, 428))
def change_terms(
    access: PartnerWriter, partner_id: UUID, draft: TermsDraft, response: Response, if_match: IfMatch = None
) -> PartnerView:
    """Replace what was agreed: origin, channels, kinds of messages and quotas."""
    row = service.find(access, partner_id)
    require_match(if_match, row.id, row.version)
    return tagged(response, service.change(access, row, draft))


@router.post("/partners/{partner_id}/revocation", responses=documented(404, 409, 412, 428))
def revoke_partner(
    access: PartnerWriter, partner_id: UUID, response: Response, if_match: IfMatch = None
) -> PartnerView:
    """End a partnership for good: no key of theirs opens anything any more, and nothing is sent to them."""
    row = service.find(access, partner_id)
    require_match(if_match, row.id, row.version)
    return tagged(response, service.revoke(access, row))


@router.post("/partners/{partner_id}/keys", status_code=201, responses=documented(404, 409, 412, 413, 415, 428))
def add_partner_key(
    access: PartnerWriter, partner_id: UUID, draft: KeyDraft, response: Response, if_match: IfMatch = None
) -> PartnerView:
    """Trust a further key of a partner, beside the others: that is how keys are rotated."""
    row = service.find(access, partner_id)
    require_match(if_match, row.id, row.version)
    return tagged(response, service.add_key(access, row, draft))


@router.post("/partners/{partner_id}/keys/{key_id}/revocation", responses=documented(404, 409, 412, 428))
def revoke_partner_key(
    access: PartnerWriter, partner_id: UUID, key_id: KeyId, response: Response, if_match: IfMatch = None
) -> PartnerView:
    """End the trust in one key at once."""
    row = service.find(access, partner_id)
    require_match(if_match, row.id, row.version)
    return tagged(response, service.revoke_key(access, row, key_id))
