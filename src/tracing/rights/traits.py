"""What of a record is told to the person whom it is about: an allow-list, field by field.

Two voices: what the person said of themselves is told whole, what somebody else said of them without what would
name that somebody. Where somebody is (a last place, where they were seen, a shelter's telephone) is left out for
protected persons, since whoever holds the bundle may not be alone; and for everybody where another asks in their place.
"""

import json
from collections.abc import Iterable, Sequence

from tracing.gate.kinds import Kind, Sensitivity
from tracing.persons.schemas import ContactPoint, PersonDraft
from tracing.persons.whereabouts import REACHING
from tracing.requests.schemas import SealedRequest, SealedSought, Separation
from tracing.rights.schemas import (
    BundleView,
    ContactPart,
    DetailsPart,
    IdentifierPart,
    KinPart,
    LeftOut,
    NamePart,
    PersonPart,
    SeparationPart,
)
from tracing.sightings.schemas import SightingDetails

BLANKED = "…"
"""What stands in place of a message's words when they are over."""

_L = LeftOut
_ALWAYS = (_L.OTHER_PEOPLE, _L.OTHER_PEOPLES_CONTACTS, _L.SHELTERS, _L.WORKERS_NOTES, _L.INTERVIEWS, _L.SUGGESTIONS)
LEFT_OUT: dict[Kind, tuple[LeftOut, ...]] = {
    Kind.REQUEST: (*_ALWAYS, _L.SEARCHES),
    Kind.SOUGHT: (*_ALWAYS, _L.WORDS_OF_OTHERS),
    Kind.SIGHTING: (*_ALWAYS, _L.WORDS_OF_OTHERS),
    Kind.SELF_REGISTRATION: _ALWAYS,
}
_RIGHTS = ("consents", "data-subject", "rights", "retention", "contacts")
_FOUND = ("disclosures", "releases", "messages")
ACTS: dict[Kind, tuple[str, ...]] = {
    Kind.REQUEST: ("requests", *_RIGHTS),
    Kind.SOUGHT: ("sought", "requests", "fates", *_RIGHTS),
    Kind.SIGHTING: ("sightings", *_FOUND, *_RIGHTS),
    Kind.SELF_REGISTRATION: ("sightings", *_FOUND, *_RIGHTS),
}
"""Whose acts on the trail are told. An enquirer is not told of acts that would say how a search goes."""

OF_SEARCHES = ("answers", "messages", "contact_attempts", "shared", "fate_reports")
"""Parts of a bundle that tell how a search for the person goes; and what tells no such thing on the trail."""
OF_NO_SEARCH = ("consents", "data-subject", "rights", "retention")


def left_out(kind: Kind, sensitivity: Sensitivity, *, own: bool) -> list[LeftOut]:
    """Return what a bundle leaves out, by the kind of record, its sensitivity, and whose request it is alone."""
    places = () if own and sensitivity is Sensitivity.NORMAL else (LeftOut.PROTECTED_PLACES,)
    others = () if own else (LeftOut.WHEREABOUTS, LeftOut.SEARCHES)
    return [code for code in LeftOut if code in (*LEFT_OUT[kind], *places, *others)]


def for_another(whole: BundleView) -> BundleView:
    """Return a bundle as somebody may have it who speaks for the person: they may be who seeks them.

    A parent who seeks a child would learn that the child was found, said no, or fears them.
    """
    known = whole.details.person
    person = known.model_copy(update={"identifiers": [one for one in known.identifiers if one.type not in REACHING]})
    hidden = {"person": person, "contacts": [], "never_disclose_to": [], "sighting_time": None}
    nothing: dict[str, list[object]] = {part: [] for part in OF_SEARCHES}
    kept_of = {
        "details": whole.details.model_copy(update=hidden),
        "consents": [one for one in whole.consents if one.recipient is None],
        "acts": [act for act in whole.acts if act.act.partition(".")[0] in OF_NO_SEARCH],
    }
    return whole.model_copy(update=nothing | kept_of)


def told_acts(kind: Kind, acts: Iterable[str]) -> list[bool]:
    """Return of each act whether the person is told of it."""
    return [act.partition(".")[0] in ACTS[kind] for act in acts]


def of_request(details: SealedRequest, *, places: bool) -> DetailsPart:
    """Return what an enquirer's own request holds of them; nothing of those whom they seek."""
    return _details(
        _person(details.enquirer.person, own=True, places=places),
        contacts=_contacts(details.enquirer.contacts, places=places),
        separation=_separation(details.separation, places=places),
        information_notice_version=details.information_notice_version,
        already_tried=details.already_tried,
        never_disclose_to=details.never_disclose_to,
        interpreter_language=details.interpreter_language,
        preferred_channel=details.preferred_channel,
    )


def of_sought(details: SealedSought, *, places: bool) -> DetailsPart:
    """Return what a sought person's record holds of them; nothing of who seeks them."""
    return _details(_person(details.person, own=False, places=places))


def of_sighting(details: SightingDetails, *, own: bool, places: bool) -> DetailsPart:
    """Return what a sighting or registration holds of the person; nothing of who reported them.

    Who registers themselves is their own reporter.
    """
    return _details(
        _person(details.person, own=own, places=places),
        contacts=_contacts(details.reporter.contacts, places=places) if own else [],
        never_disclose_to=details.never_disclose_to if own else [],
        sighting_place=details.sighting_place if places else None,
        sighting_time=details.sighting_time,
        condition=details.condition,
        message_code=details.message_code,
        visible_to=details.visible_to if own else None,
    )


def _details(person: PersonPart, **known: object) -> DetailsPart:
    nothing = dict.fromkeys(DetailsPart.model_fields) | {"contacts": [], "never_disclose_to": []}
    return DetailsPart.model_validate(nothing | known | {"person": person})


def _person(person: PersonDraft, *, own: bool, places: bool) -> PersonPart:
    return PersonPart(
        names=[NamePart(full=n.full, type=n.type, script=n.script, lang=n.lang) for n in person.names],
        sex=person.sex,
        birth=person.birth,
        birth_calendar=person.birth_calendar,
        age=person.age,
        age_date=person.age_date,
        birth_place=person.birth_place,
        origin_place=person.origin_place,
        last_place=person.last_place if places else None,
        last_place_date=person.last_place_date if places else None,
        father=person.father,
        mother=person.mother,
        relatives=[KinPart(relation=r.relation, name=r.name) for r in person.relatives] if own else [],
        nationalities=person.nationalities,
        languages=person.languages,
        identifiers=[IdentifierPart(type=i.type, value=i.value, issuer=i.issuer) for i in person.identifiers],
        occupation=person.occupation,
        school_or_teacher=person.school_or_teacher,
        physical_description=person.physical_description,
        distinguishing_marks=person.distinguishing_marks,
    )


def _contacts(points: Sequence[ContactPoint], *, places: bool) -> list[ContactPart]:
    """Return the contact points that are the person's own: no relative's, shelter's, worker's or go-between's."""
    own = (p for p in points if p.belongs_to == "subject" and p.kind != "via_third_party")
    return [
        ContactPart(kind=p.kind, value=p.value, hours=p.hours, language=p.language, use_for=list(p.use_for))
        for p in own
        if places or p.kind != "address"
    ]


def _separation(known: Separation, *, places: bool) -> SeparationPart:
    return SeparationPart(
        date=known.date,
        place=known.place if places else None,
        cause=known.cause,
        circumstances=known.circumstances,
        last_contact_date=known.last_contact_date,
        last_contact_mode=known.last_contact_mode,
        route=known.route if places else [],
    )


def words_of_message(plain: bytes) -> str:
    """Return the words of a message, and nothing else of its details."""
    return str(json.loads(plain)["text"])


def blanked_message(plain: bytes) -> bytes:
    """Return a message's details without its words."""
    return json.dumps(json.loads(plain) | {"text": BLANKED}).encode()


def names_in(plain: bytes) -> set[str]:
    """Return the ids of the sightings that the details of a fate report bring as evidence."""
    return {piece["sighting_id"] for piece in json.loads(plain)["evidence"] if piece.get("sighting_id")}


def blanked_fate(plain: bytes) -> bytes:
    """Return a fate report's details without words; of its evidence remains of which kind there was some."""
    details = json.loads(plain)
    kept = ("kind", "heard_apart", "sighting_id")
    evidence = [
        {name: piece[name] for name in kept if name in piece} | {"ref": BLANKED} for piece in details["evidence"]
    ]
    return json.dumps(details | {"account": BLANKED, "evidence": evidence}).encode()
