"""A case base with a backup from before one erasure, and what ended after it."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest

from tests.cli.calls import done
from tests.enquirer.desk import Enquirer, enquirer
from tests.review.desk import Desk
from tests.support import People, made, post, sought_draft
from tracing.gate import disclosures
from tracing.gate import people as register_of_people
from tracing.gate.admit import admitted
from tracing.gate.answers import AnswerFact
from tracing.gate.backups.archive import Manifest
from tracing.gate.disclosing import Answer, Level
from tracing.gate.opening import Gate
from tracing.gate.permissions import Permission
from tracing.gate.purposes import GivenBy, Obtained
from tracing.kit import clock
from tracing.kit.settings import Settings


def quiet(*_: object) -> None:
    """Hear of progress and say nothing."""


@dataclass
class Base:
    """A case base with a backup from before one erasure: of a sought person, kin and all."""

    settings: Settings
    people: People
    folder: Path
    before: dict[str, list[str]]
    erased: str
    request: str
    kept: str
    ended: "Ended"


@dataclass
class Ended:
    """What ended after the backup, and beside each kind what did not.

    Attributes:
        whole: a request that was withdrawn from the register; its sought person is hidden with it.
        unmatched: a registration that takes part in matching no more.
        named: a record that may be shared with UG no more, but still with RW.
        anew: a record whose consent was withdrawn and given anew before the backup.
        sooner: a request whose enquirer gave the same consents anew for a shorter time, then a registration of whom
            one may be matched for a shorter time, and a record that UG may have for a shorter time.
        longer: a registration whose consents were given anew for a longer time.
        until: when those that were shortened end.
        pairs: two found persons with the search about which both said yes; the first one took it back.
        lower: a third one with that search, who allowed less before the backup.
    """

    whole: str
    below: str
    unmatched: str
    named: str
    anew: str
    sooner: tuple[str, str, str]
    longer: str
    until: datetime
    pairs: tuple[tuple[str, str], ...]
    lower: tuple[str, str]
    revoked: dict[str, str]
    disabled: str
    codes: tuple[Enquirer, Enquirer]
    hooks: tuple[str, str]


def alive(desk: Desk) -> Ended:
    """Register what is to end after the backup, and what is to stay."""
    view = desk.open(sought_draft("Omar Abdi Farah"))
    sought, found = desk.seek("Zahra Ali Nur"), [desk.register() for _ in range(3)]
    for one in found:
        answer(desk, one, sought, Level.SHARE_CONTACT)
    answer(desk, found[2], sought, Level.PASS_MESSAGE)
    named, anew = desk.report(), desk.report()
    for society in ("UG", "RW"):
        share(desk, named, society, "granted")
    desk.withdraw(anew)
    desk.grant(anew)
    desk.hire_elsewhere("leaver", "nairobi")
    revoked = desk.scoped("intake", [Permission.SIGHTINGS_READ])
    pairs = ((found[0], sought), (found[1], sought))
    asked, unmatched, shared, longer = (
        desk.open(sought_draft("Ifrah Abdi Farah"))["id"],
        *(desk.register() for _ in range(3)),
    )
    share(desk, shared, "UG", "granted")
    renew(desk, longer, clock.now() + timedelta(days=3), "register", "match_within_society")
    codes = (enquirer(desk), enquirer(desk))
    return Ended(
        view["id"], view["sought"][0]["id"], desk.register(), named, anew,
        (asked, unmatched, shared), longer, clock.now() + timedelta(days=9), pairs, (found[2], sought), revoked,
        "leaver", codes, (hook(desk), hook(desk)),
    )  # fmt: skip


def hook(desk: Desk) -> str:
    """Register an endpoint."""
    body = {"url": "https://hooks.example.org/tracing", "events": ["request.opened"]}
    return str(made(post(desk.client, "/webhooks", body, desk.auth("supervisor")))["webhook"]["id"])


def answer(desk: Desk, found: str, sought: str, level: Level) -> None:
    """Let a found person allow `level`; nothing takes back what they allowed."""
    said = Answer.WITHDRAWN if level is Level.NOTHING else Answer.GRANTED
    with admitted(desk.gate, desk.people.token("caseworker"), Permission.DISCLOSURES_WRITE) as access:
        disclosures.answer(access, UUID(found), UUID(sought), AnswerFact(said, level, GivenBy.SUBJECT, Obtained.VERBAL))
        access.note("tests.answer", UUID(found))


def share(desk: Desk, record_id: str, society: str, decision: str) -> None:
    made(
        post(
            desk.client,
            f"/records/{record_id}/consents",
            {"decisions": [{"purpose": "share_with_society", "recipient": society, "decision": decision}]},
            desk.auth(),
        )
    )


def renew(desk: Desk, record_id: str, until: datetime, *purposes: str, **fields: str) -> None:
    """Let consents be given anew, until a day."""
    decisions = [{"purpose": purpose, "valid_until": until.isoformat()} | fields for purpose in purposes]
    made(post(desk.client, f"/records/{record_id}/consents", {"decisions": decisions}, desk.auth()))


def shorten(desk: Desk, ended: Ended) -> None:
    asked, unmatched, shared = ended.sooner
    renew(desk, asked, ended.until, "register", "match_within_society")
    renew(desk, unmatched, ended.until, "match_within_society")
    renew(desk, shared, ended.until, "share_with_society", recipient="UG")
    renew(desk, ended.longer, ended.until, "register", "match_within_society")


def end(desk: Desk, ended: Ended) -> None:
    shorten(desk, ended)
    desk.withdraw(ended.whole, "register")
    desk.withdraw(ended.unmatched)
    share(desk, ended.named, "UG", "withdrawn")
    answer(desk, *ended.pairs[0], Level.NOTHING)
    token = UUID(hex=ended.revoked["Authorization"].split("_")[1])
    with admitted(desk.gate, desk.people.token("operator"), Permission.ACCOUNTS_WRITE) as access:
        register_of_people.revoke_token(access, token)
        register_of_people.disable_account(access, register_of_people.find_account(access, ended.disabled))
    path = f"/tracing-requests/{ended.codes[0].request_id}/case-codes"
    (code,) = made(desk.get(path), 200)["items"]
    made(post(desk.client, f"/case-codes/{code['id']}/revoke", None, desk.auth()), 200)
    at = f"/webhooks/{ended.hooks[0]}"
    tag = {"If-Match": desk.get(at, "supervisor").headers["etag"]}
    made(post(desk.client, f"{at}/disable", None, desk.auth("supervisor"), **tag), 200)


def level(gate: Gate, people: People, pair: tuple[str, str]) -> Level:
    with admitted(gate, people.token("caseworker"), Permission.DISCLOSURES_READ) as access:
        access.note("tests.look")
        return disclosures.level(access, *map(UUID, pair))


def of(settings: Settings, patch: pytest.MonkeyPatch) -> None:
    """Let the commands find a case base by the environment."""
    for name, value in settings.environment().items():
        patch.setenv(name, value)
    if settings.database_url is None:
        patch.delenv("TRACING_DATABASE_URL", raising=False)


def restored(base: Base, *words: str) -> str:
    return done("restore", str(base.folder), "--ledger", str(base.settings.ledger_path), *words)


def without_restore(found: dict[str, list[str]]) -> dict[str, list[str]]:
    return {name: rows for name, rows in found.items() if name not in {"trail_entry", "trail_head"}}


def again(folder: Path, manifest: Manifest, gate: Gate) -> None:
    """Write another manifest of the case base, as whoever holds the master key could."""
    (folder / "cases" / "manifest.json").unlink()
    manifest.write(folder / "cases", gate.vault)
