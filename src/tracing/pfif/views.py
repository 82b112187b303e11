"""What a worker sees of a copy; what the public may see of a sought person: an allow-list, each field narrowed.

Nothing in it changes when somebody is found: dates are those of a fixed cadence, and a search is published as sought
until it is closed.
"""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from tracing.enquirer.states import cadence
from tracing.gate.access import Access
from tracing.gate.publishing import Publishable
from tracing.matching.dates.age import AgeRange
from tracing.matching.dates.edtf import parse
from tracing.matching.places import read_place
from tracing.persons.ages import is_child
from tracing.persons.schemas import NameType, PersonDraft, Sex
from tracing.pfif.dates import UNDATED
from tracing.pfif.notes import contact_of, dated, status_of
from tracing.pfif.parsers.writer import Published, stamp
from tracing.pfif.schemas import Claim, CopyView, Note, Person, Status
from tracing.pfif.traits import RECORD_ID
from tracing.requests import service as requests
from tracing.requests import states
from tracing.requests import views as searches
from tracing.requests.schemas import SoughtView
from tracing.requests.states import PublicStatus

YEAR = 365.2425  # days
BAND = 5  # years; an exact age with a date is nearly a date of birth
WIDEST = 30  # years; a wider band says nothing
NAMES = frozenset({NameType.CURRENT, NameType.BIRTH, NameType.MARRIED, NameType.MAIDEN, NameType.DOCUMENT})
"""Types of names that are published; a nickname or an alias may be what somebody hides under."""
SHOWN = frozenset({PublicStatus.UNDER_WAY, PublicStatus.NEED_INFORMATION, PublicStatus.SPEAK_TO_YOU})
"""What an enquirer sees of a search that is published; found or not, it looks the same."""


def published(access: Access, page: Sequence[Publishable], domain: str) -> dict[str, Published]:
    """Return what is published of a page of persons, by their record's id as text.

    No child is published, and nobody whose enquirer named somebody who must never learn of the search.
    """
    until = {one.record_id: one.until for one in page}
    made = {}
    for view in searches.sought_among(access, list(until)):
        shut = requests.never_disclose_to(access, [view.request_id])
        if shut or is_child(view.person, access.now.date()):
            continue
        if states.PUBLIC[view.state] in SHOWN and (one := _published(access, view, until[view.id], domain)):
            made[str(view.id)] = one
    return made


def _published(access: Access, view: SoughtView, until: datetime, domain: str) -> Published | None:
    names = [name.full for name in view.person.names if name.type in NAMES]
    if not names or until <= access.now:
        return None
    source_at = cadence(view.created_at, access.now, access.settings.status_cadence_days)
    record_id, author = f"{domain}/{view.id}", f"caseworker, {access.society}"
    town, country = home(view.person)
    person = {
        "person_record_id": record_id,
        "entry_date": stamp(access.now),
        "expiry_date": stamp(until),
        "author_name": author,
        "source_name": access.society,
        "source_date": stamp(source_at),
        "full_name": names[0],
        "alternate_names": "\n".join(names[1:]),
        "sex": "" if view.person.sex is Sex.UNKNOWN else view.person.sex.value,
        "age": age_band(view.person, source_at),
        "home_city": town,
        "home_country": country,
    }
    note = {
        "note_record_id": f"{record_id}.sought",
        "person_record_id": record_id,
        "entry_date": stamp(access.now),
        "author_name": author,
        "source_date": stamp(source_at),
        "status": "information_sought",
        "text": "Sought by relatives. Tell the nearest Red Cross or Red Crescent society.",
    }
    return Published(person, [note])


def copy_view(record_id: UUID, origin: str, source_at: datetime, person: Person) -> CopyView:
    """Return a copy as a worker sees it; how to reach anybody stays sealed with the original."""
    fields = person.fields
    links = [note.fields.get("linked_person_record_id", "") for note in person.notes]
    return CopyView(
        record_id=record_id,
        origin=origin,
        person_record_id=fields["person_record_id"],
        source_date=None if source_at == UNDATED else source_at,
        profile_urls=fields.get("profile_urls", "").split(),
        claims=[_claim(note) for note in person.notes],
        claims_death=any(status_of(note) is Status.BELIEVED_DEAD for note in person.notes),
        linked=list(dict.fromkeys(link for link in links if RECORD_ID.fullmatch(link))),
        **{name: fields.get(name, "") for name in ("source_name", "source_url", "author_name", "photo_url")},
    )


def _claim(note: Note) -> Claim:
    said = ("note_record_id", "author_name", "last_known_location", "text", "photo_url")
    return Claim(
        status=status_of(note),
        source_date=dated(note),
        author_made_contact=contact_of(note),
        **{name: note.fields.get(name, "") for name in said},
    )


def age_band(person: PersonDraft, at: datetime) -> str:
    """Return the years that a person may have at a moment, in whole bands of five; "" when they are not known."""
    day = at.date().toordinal()
    if person.birth is not None:
        first, last = parse(person.birth, person.birth_calendar).span()
    elif (age := AgeRange.parse(person.age or "")) is not None and person.age_date is not None:
        true_from, true_to = parse(person.age_date).span()
        first, last = (None, None) if true_from is None or true_to is None else age.birth_span(true_from, true_to)
    else:
        return ""
    if first is None or last is None or first > day:
        return ""
    youngest, oldest = max(0, int((day - last) / YEAR)), int((day - first) / YEAR)
    least, most = youngest // BAND * BAND, oldest // BAND * BAND + BAND - 1
    return f"{least}-{most}" if most - least <= WIDEST else ""


def home(person: PersonDraft) -> tuple[str, str]:
    """Return town and country of a last residence as the gazetteer has them, "" each for what it does not know.

    The words of the residence themselves are never published: a street may stand among them.
    """
    place = read_place(person.last_place) if person.last_place else None
    sites = [] if place is None else [site for site in place.sites if not all(p.is_country for p in site.places)]
    if len(sites) != 1:
        return "", ""
    towns = [entry for entry in sites[0].places if not entry.is_country]
    countries = {entry.country for entry in towns}
    return towns[0].name, countries.pop() if len(countries) == 1 else ""
