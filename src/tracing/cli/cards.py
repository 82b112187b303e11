"""A partner's card: read from a file, and its keys compared with what the other society reads out.

Whoever carries the card could have put keys of their own on it, and fingerprints to match. So a fingerprint is
never taken from the card, and never shown before somebody has typed what they heard.
"""

import json
import sys
from collections.abc import Sequence
from pathlib import Path

from pydantic import ValidationError

from tracing.cli.main import say
from tracing.gate.partnering.partners import fingerprint, spoken
from tracing.kit.errors import Invalid, Malformed
from tracing.kit.strict import strict_json
from tracing.partners.schemas import Card, CardKey, CardView, KeyDraft

LARGEST = 65_536
GROUPS = 3
"""Groups of four that are typed from either end: 96 of the 128 bits, which nobody can hit with a key of their own."""


def read(path: Path) -> Card:
    """Return the card in a file.

    Raises:
        Malformed: it is none; the message quotes nothing of it.
    """
    with path.open("rb") as file:
        content = file.read(LARGEST + 1)
    if len(content) > LARGEST:
        raise Malformed(f"{path} is too large for a card")
    try:
        return Card.model_validate(strict_json(content))
    except (Malformed, ValidationError):
        raise Malformed(f"{path} is no card that `tracing partners card` wrote") from None


def text(view: CardView) -> str:
    """Return our own card as it is given to another society: without fingerprints."""
    keys = [CardKey(use=key.use, public=key.public, not_after=key.not_after) for key in view.keys]
    card = Card(code=view.code, origin=view.origin, keys=keys)
    return json.dumps(card.model_dump(mode="json"), indent=2) + "\n"


def heard(card: Card, keys: Sequence[CardKey], given: Sequence[str]) -> list[KeyDraft]:
    """Return keys of a card with their fingerprints as somebody heard them: `given`, or asked for one by one.

    Raises:
        Invalid: a key was not read out, or what was typed is not its fingerprint.
    """
    if not given:
        return [_drafted(key, _ask(card, key)) for key in keys]
    rest = ["".join(words.split()).lower() for words in given]
    drafts = []
    for key in keys:
        mine = fingerprint(key.use, key.public)
        if mine not in rest:
            raise Invalid(f"no given fingerprint is that of the {key.use} key on the card: do not trust it")
        rest.remove(mine)
        drafts.append(_drafted(key, mine))
    if rest:
        raise Invalid("a given fingerprint is that of no key on the card: do not trust it")
    return drafts


def _drafted(key: CardKey, digits: str) -> KeyDraft:
    return KeyDraft(use=key.use, public=key.public, fingerprint=digits, not_after=key.not_after)


def _ask(card: Card, key: CardKey) -> str:
    say(f"Call {card.code} by a number that you know, and let them read out the fingerprint of their {key.use} key.")
    groups = spoken(fingerprint(key.use, key.public)).split()
    for place, right in (("first", groups[:GROUPS]), ("last", groups[-GROUPS:])):
        say(f"Type its {place} {GROUPS} groups of four:")
        if "".join(sys.stdin.readline().split()).lower() != "".join(right):
            raise Invalid(f"this is not the fingerprint of the {key.use} key on the card: do not trust it")
    return "".join(groups)
