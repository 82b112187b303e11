"""`partners`: which societies we exchange with, their keys and ours."""

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, TypeVar

import typer
from pydantic import BaseModel, ValidationError

from tracing.cli import cards, door, show
from tracing.cli.main import say
from tracing.cli.newfile import write_new
from tracing.gate.partnering import own_keys
from tracing.gate.partnering import partners as register_of_partners
from tracing.gate.partnering.partner_tables import Channel, KeyUse
from tracing.gate.partnering.partners import spoken
from tracing.gate.permissions import Permission
from tracing.kit.errors import Invalid
from tracing.partners import service
from tracing.partners.schemas import FIRST, KeyView, PartnerDraft, PartnerView, TermsDraft, TokenTermsDraft

app = typer.Typer(help="Partner societies: their keys, our keys, what was agreed.", no_args_is_help=True)
keys = typer.Typer(help="Our own keys for the exchange: make, list, retire.", no_args_is_help=True)
app.add_typer(keys, name="keys")

Draft = TypeVar("Draft", bound=BaseModel)
Code = Annotated[str, typer.Argument(metavar="PARTNER", help="Code of the partner society.")]
CardFile = Annotated[Path, typer.Argument(metavar="CARD", help="File that `tracing partners card` wrote there.")]
Fingerprints = Annotated[
    list[str] | None,
    typer.Option(
        "--fingerprint",
        show_default=False,
        help="As read out by the other society; once per key. Without it you are asked to type it.",
    ),
]


def register(parent: typer.Typer) -> None:
    """Add the group to the main command."""
    parent.add_typer(app, name="partners")


@app.command(name="list")
def list_partners(token: door.Token = None, as_json: door.Json = False) -> None:
    """List the partner societies with their keys and what was agreed."""
    with door.access_for(token, Permission.PARTNERS_READ) as access:
        rows = [_row(view) for view in service.everyone(access)]
    show.listing(rows, as_json=as_json)


@app.command()
def add(
    card: CardFile,
    team: Annotated[str, typer.Option(help="Whose cases theirs are.")],
    fingerprint: Fingerprints = None,
    origin: Annotated[
        str | None, typer.Option(help="Where they are called; the card's without it, empty for none.")
    ] = None,
    channel: Annotated[
        list[Channel] | None, typer.Option(help="How messages travel; repeat for both. Without it: online.")
    ] = None,
    kind: Annotated[
        list[str] | None,
        typer.Option(help=f"Kind of message agreed on; repeat for more. Without it: {', '.join(FIRST)}."),
    ] = None,
    messages_a_day: Annotated[int, typer.Option(help="How many of their messages are taken in 24 hours.")] = 500,
    open_searches: Annotated[int, typer.Option(help="How many of their searches may stand open here.")] = 200,
    token: door.Token = None,
    as_json: door.Json = False,
) -> None:
    """Enter a partner society from its card.

    Compare its fingerprints by voice before.
    """
    given = cards.read(card)
    chosen = {"channels": channel, "kinds": kind}
    draft = _checked(
        PartnerDraft,
        code=given.code,
        team=team,
        origin=given.origin if origin is None else origin,
        keys=cards.heard(given, given.keys, fingerprint or ()),
        messages_a_day=messages_a_day,
        open_searches=open_searches,
        **{name: value for name, value in chosen.items() if value},
    )
    with door.access_for(token, Permission.PARTNERS_WRITE) as access:
        made = service.add(access, draft)
    show.listing([_row(made)], as_json=as_json)


@app.command()
def change(
    code: Code,
    origin: Annotated[str | None, typer.Option(help="Where they are called; empty for none.")] = None,
    channel: Annotated[list[Channel] | None, typer.Option(help="How messages travel; repeat for both.")] = None,
    kind: Annotated[list[str] | None, typer.Option(help="Kind of message agreed on; repeat for more.")] = None,
    messages_a_day: Annotated[
        int | None, typer.Option(help="How many of their messages are taken in 24 hours.", show_default=False)
    ] = None,
    open_searches: Annotated[
        int | None, typer.Option(help="How many of their searches may stand open here.", show_default=False)
    ] = None,
    token: door.Token = None,
    as_json: door.Json = False,
) -> None:
    """Change what was agreed with a partner; what is not named stays. Kinds and channels replace those before."""
    given = {
        "origin": origin,
        "channels": channel or None,
        "kinds": kind or None,
        "messages_a_day": messages_a_day,
        "open_searches": open_searches,
    }
    named = {name: value for name, value in given.items() if value is not None}
    if not named:
        raise Invalid("nothing to change was named")
    with door.access_for(token, Permission.PARTNERS_WRITE) as access:
        row = _find(access, code)
        known = service.show(access, row.id).model_dump(include=set(TermsDraft.model_fields))
        view = service.change(access, row, _checked(TermsDraft, **known | named))
    show.listing([_row(view)], as_json=as_json)


@app.command()
def trust(
    code: Code,
    card: CardFile,
    fingerprint: Fingerprints = None,
    token: door.Token = None,
    as_json: door.Json = False,
) -> None:
    """Trust the keys on a partner's new card beside their old ones.

    Compare their fingerprints by voice before. The old ones stay until `tracing partners distrust` ends them.
    """
    given = cards.read(card)
    if given.code != code:
        raise Invalid(f"the card is not that of {code}")
    with door.opened() as gate:
        with door.entered(gate, token, Permission.PARTNERS_WRITE) as access:
            known = {key.public for key in service.show(access, _find(access, code).id).keys}
        fresh = [key for key in given.keys if key.public not in known]
        if not fresh:
            raise Invalid("every key on the card is known")
        drafts = cards.heard(given, fresh, fingerprint or ())  # nobody is waited for while a transaction is open
        with door.entered(gate, token, Permission.PARTNERS_WRITE) as access:
            row = _find(access, code)
            for draft in drafts:
                view = service.add_key(access, row, draft)
    show.listing([_row(view)], as_json=as_json)


@app.command()
def distrust(
    code: Code,
    key: Annotated[
        str, typer.Argument(metavar="KEY", help="Fingerprint of the key, as `tracing partners list` shows it.")
    ],
    token: door.Token = None,
    as_json: door.Json = False,
) -> None:
    """End the trust in one key of a partner at once."""
    with door.access_for(token, Permission.PARTNERS_WRITE) as access:
        view = service.revoke_key(access, _find(access, code), _digits(key))
    show.listing([_row(view)], as_json=as_json)


@app.command(name="token")
def ask_token(
    code: Code,
    endpoint: Annotated[
        str | None, typer.Argument(metavar="URL", show_default=False, help="Their token endpoint; without it: none.")
    ] = None,
    client_id: Annotated[str | None, typer.Option(help="As whom they know us; our code without it.")] = None,
    audience: Annotated[str | None, typer.Option(help="To whom our assertion is addressed; else the URL.")] = None,
    scope: Annotated[str | None, typer.Option(help="What is asked for there.")] = None,
    token: door.Token = None,
    as_json: door.Json = False,
) -> None:
    """Say where to get access tokens for a partner.

    Some gateways ask for one beside our signature (RFC 7523).
    """
    with door.access_for(token, Permission.PARTNERS_WRITE) as access:
        known = access.society if client_id is None else client_id
        given = {"endpoint": endpoint, "client_id": known, "audience": audience, "scope": scope}
        draft = _checked(TokenTermsDraft, **given) if endpoint is not None else None
        view = service.ask_token(access, _find(access, code), draft)
    show.listing([_row(view)], as_json=as_json)


@app.command()
def revoke(code: Code, token: door.Token = None, as_json: door.Json = False) -> None:
    """End a partnership for good.

    No key of theirs opens anything any more, and nothing is sent to them.
    """
    with door.access_for(token, Permission.PARTNERS_WRITE) as access:
        view = service.revoke(access, _find(access, code))
    show.listing([_row(view)], as_json=as_json)


@app.command(name="card")
def write_card(
    output: Annotated[Path | None, typer.Option("-o", "--output", show_default=False, help="The file.")] = None,
    token: door.Token = None,
) -> None:
    """Write our own card for another society. The fingerprints, on standard error, are for reading out."""
    with door.access_for(token, Permission.PARTNERS_READ) as access:
        view = service.card(access)
    if not view.keys:
        raise Invalid("there are no keys yet: `tracing partners keys make signing`, then `bundle`")
    if output is None:
        sys.stdout.write(cards.text(view))
    else:
        write_new(output, cards.text(view).encode())
    for key in view.keys:
        say(f"{key.use:<8} {key.spoken}")


@keys.command()
def make(
    use: Annotated[
        KeyUse, typer.Argument(metavar="USE", help="`signing` signs what we send, `bundle` opens bundles for us.")
    ],
    days: Annotated[int, typer.Option(min=1, max=1096, help="Life in days.")] = own_keys.KEY_DAYS,
    token: door.Token = None,
    as_json: door.Json = False,
) -> None:
    """Make a key pair. The one before stays, and signs, until it is retired, so that partners can change over."""
    with door.access_for(token, Permission.PARTNERS_WRITE) as access:
        made = service.make_key(access, use, days)
    show.listing([_key_row(made)], as_json=as_json)


@keys.command(name="list")
def list_keys(token: door.Token = None, as_json: door.Json = False) -> None:
    """List our keys that are in use, the newest of each use first.

    Never a private half.
    """
    with door.access_for(token, Permission.PARTNERS_READ) as access:
        rows = [_key_row(key) for key in service.card(access).keys]
    show.listing(rows, as_json=as_json)


@keys.command()
def retire(
    key: Annotated[str, typer.Argument(metavar="ID", help="Fingerprint of the key.")],
    token: door.Token = None,
    as_json: door.Json = False,
) -> None:
    """Sign with a key of ours, or open bundles with it, no more."""
    with door.access_for(token, Permission.PARTNERS_WRITE) as access:
        gone = service.retire_key(access, _digits(key))
    show.listing([_key_row(gone)], as_json=as_json)


def _find(access: Any, code: str) -> Any:
    return register_of_partners.find(access, code)


def _digits(words: str) -> str:
    return "".join(words.split()).lower()


def _checked(shape: type[Draft], **given: Any) -> Draft:
    try:
        return shape(**given)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False, include_context=False)[0]
        raise Invalid(f"{'.'.join(map(str, first['loc']))}: {first['msg']}") from None


def _row(view: PartnerView) -> Mapping[str, Any]:
    return {
        "code": view.code,
        "team": view.team,
        "origin": view.origin,
        "channels": " ".join(view.channels),
        "kinds": " ".join(view.kinds),
        "messages_a_day": view.messages_a_day,
        "open_searches": view.open_searches,
        "token": f"{view.token.endpoint} as {view.token.client_id}" if view.token is not None else "",
        "keys": "; ".join(_told(key) for key in view.keys),
        "revoked_at": view.revoked_at,
        "id": view.id,
    }


def _told(key: KeyView) -> str:
    ended = "distrusted" if key.revoked_at is not None else f"until {key.not_after:%Y-%m-%d}"
    return f"{key.use} {key.id} {ended}"


def _key_row(key: KeyView) -> Mapping[str, Any]:
    return {
        "use": key.use,
        "fingerprint": spoken(key.id),
        "not_after": key.not_after,
        "retired_at": key.revoked_at,
        "id": key.id,
    }
