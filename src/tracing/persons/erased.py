"""How a feed would name somebody again: canonical forms, of which the suppression keeps keyed hashes.

The fold is plain Unicode and nothing of the engine's, which learns: a form must be the same years later.
"""

import unicodedata
from collections.abc import Iterable, Sequence
from datetime import datetime

from tracing.gate import suppression
from tracing.gate.access import Access
from tracing.gate.purposes import Decision, GivenBy, LawfulBasis, Purpose
from tracing.gate.rehearsal import is_rehearsed
from tracing.kit.errors import Flaw, MissingConsent
from tracing.matching.dates.edtf import parse
from tracing.persons.consent import ConsentDraft
from tracing.persons.schemas import ContactPoint, PersonDraft

LEAST_WORDS = 2
DAY_LENGTH = 10  # of YYYY-MM-DD
LEAST_DIGITS = 7  # of a telephone number
NATIONAL_DIGITS = 9  # without the prefixes, which one writer puts before a number and another leaves out

Candidate = tuple[Sequence[str], Iterable[ConsentDraft], str]
"""The forms of a person to be registered, their consents, and the pointer to these."""


def forms_of(person: PersonDraft) -> tuple[str, ...]:
    """Return the canonical forms of a person, sorted: a name's words in any order, the birth, a father's name.

    A form that many people share is not made, since to suppress it would keep strangers from being looked for: a
    name has two words or more, and with it goes a birth and either the father's name or a birth known to the
    day (1 January, which stands for an unknown day, is none).
    """
    if person.birth is None:
        return ()
    first, last = parse(person.birth, person.birth_calendar).span()
    fathers = [folded for folded in map(_folded, person.father) if folded]
    if first == last and len(person.birth) == DAY_LENGTH and not person.birth.endswith("-01-01"):
        fathers.append("")
    names = {_folded(name.full) for name in person.names}
    telling = [name for name in names if _tells(name)]
    return tuple(sorted({f"{name}|{first}/{last}|{father}" for name in telling for father in fathers}))


def forms_of_enquirer(
    person: PersonDraft, contacts: Sequence[ContactPoint], sought: Sequence[PersonDraft]
) -> tuple[str, ...]:
    """Return the canonical forms of whoever asks for others, sorted; a list names no birth of theirs.

    Beside those of any person: a name together with a way to reach them, and a name of two words or more together
    with that of somebody whom they seek. A telephone alone is a whole family's, a name in one country many people's.
    """
    names = {folded for name in person.names if (folded := _folded(name.full))}
    ways = {reached for point in contacts if (reached := _reached(point.value))}
    others = {_folded(name.full) for one in sought for name in one.names}
    seeking = {f"{name}|seeks|{other}" for name in names for other in others if _tells(name) and _tells(other)}
    return tuple(sorted({*forms_of(person), *seeking, *(f"{name}|contact|{way}" for name in names for way in ways)}))


def _tells(name: str) -> bool:
    return len(name.split()) >= LEAST_WORDS


def _reached(value: str) -> str:
    """Return a contact as one who writes it otherwise would: a number's last digits, or the words."""
    digits = "".join(str(unicodedata.decimal(c)) for c in value if c.isdecimal())
    if "@" in value:
        return value.strip().casefold()
    if len(digits) >= LEAST_DIGITS and not any(c.isalpha() for c in value):
        return digits[-NATIONAL_DIGITS:]
    return _folded(value)


def _folded(name: str) -> str:
    """Return the words of a name in small letters without marks or signs, in alphabetical order."""
    plain = unicodedata.normalize("NFKD", name).casefold()
    kept = "".join(c if c.isalnum() else "" if unicodedata.category(c).startswith("M") else " " for c in plain)
    return " ".join(sorted(kept.split()))


def known(access: Access, people: Sequence[Sequence[str]]) -> set[int]:
    """Return the places of those of `people`, each given by their forms, whom the society may have erased."""
    return set(suppression.latest(access, dict(enumerate(people))))


def refuse_erased(access: Access, people: Sequence[Candidate]) -> None:
    """Refuse to register anew somebody who was erased, unless they consented to it themselves since.

    The answer is that of any registration without a basis, so that nobody learns who was erased. A rehearsal refuses
    nobody: it registers nobody either, and one that told whom it would refuse could be asked about any list of names.

    Raises:
        MissingConsent: no consent of the subject to being registered was given after the erasure.
    """
    if is_rehearsed(access):
        return
    since = suppression.latest(access, {place: forms for place, (forms, _, _) in enumerate(people)})
    flaws = [
        Flaw(people[place][2], "missing-consent", "nothing grants `register`")
        for place, at in since.items()
        if not any(_is_anew(consent, at) for consent in people[place][1])
    ]
    if flaws:
        raise MissingConsent("a person can be registered only on a consent or another lawful basis", flaws)


def _is_anew(consent: ConsentDraft, at: datetime) -> bool:
    return (
        consent.purpose is Purpose.REGISTER
        and consent.decision is Decision.GRANTED
        and consent.lawful_basis is LawfulBasis.CONSENT
        and consent.given_by is GivenBy.SUBJECT
        and (consent.decided_at is None or consent.decided_at >= at)
    )
