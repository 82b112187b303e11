"""What must hold before a found person is asked, and before an enquirer is told."""

from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from tracing.contact import service as contact
from tracing.disclosure import store, traits
from tracing.disclosure.errors import GuardianNeeded, NoSuchTransition
from tracing.disclosure.schemas import AskingEventDraft
from tracing.disclosure.states import Event, Guard, State
from tracing.gate import foureyes
from tracing.gate.access import Access
from tracing.gate.disclosing import Act
from tracing.gate.disclosures import Clear
from tracing.gate.purposes import GivenBy, Obtained
from tracing.kit.errors import Conflict, Flaw, Invalid, NotFound
from tracing.matching import Person
from tracing.persons.ages import is_child
from tracing.requests import service as requests
from tracing.requests.states import MATCHED
from tracing.requests.states import State as SearchState
from tracing.review import suggest
from tracing.risk import service as risk
from tracing.verification import service as verification
from tracing.verification.errors import NotVerified

if TYPE_CHECKING:
    from tracing.disclosure.tables import DisclosureCase

BESIDE = frozenset({GivenBy.PARENT, GivenBy.GUARDIAN, GivenBy.COURT})
"""Who answers for somebody who cannot alone."""


def hold(access: Access, row: "DisclosureCase", guard: Guard, draft: AskingEventDraft) -> None:
    """Check a guard.

    Raises:
        NoSuchTransition: somebody grown would be answered for who was not found incapable.
        NotVerified, NotScreened, NotApproved: the found person may not be reached now.
        NotExhausted: they were not tried often enough.
        GuardianNeeded: they may be a child.
        Invalid: somebody answered who may not, or may be the enquirer; nobody was asked; or the date lies in the past.
    """
    match guard:
        case Guard.SCREENED:
            away_from = require_clear(access, row)
            if away_from:
                foureyes.require(access, row.id, Act.OUTREACH, outreach(row), away_from=away_from)
        case Guard.ASKED:
            _require_asked(draft)
            if draft.event is Event.GRANT:
                _require_own_answer(access, row, draft)
        case Guard.GUARDIAN:
            if draft.given_by not in BESIDE:
                raise _flaw("given_by", "not-a-guardian", "a parent, a guardian or a court answers here")
            if draft.event is Event.GRANT and not draft.apart_from_enquirer:
                raise _flaw("apart_from_enquirer", "not-apart", "nobody who asks answers for the person: make sure")
            _require_asked(draft)
        case Guard.NOT_GROWN:
            if is_child(_aged(access, row), access.now.date()) is False:
                raise NoSuchTransition("the person is grown: nobody else answers, but where they are found incapable")
        case Guard.UNTIL:
            if draft.until is None or draft.until <= access.now:
                raise _flaw("until", "in-the-past", "it must lie in the future")
        case Guard.ATTEMPTS:
            contact.require_exhausted(access, row.found_id)
        case Guard.NONE:
            pass


def clearance(access: Access, found_id: UUID, sought_id: UUID) -> Clear:
    """Return the word that nothing stands against telling the enquirer of a search of a found person.

    What holds when a text is proposed may have fallen when it is to leave: every step asks anew, with the records
    held. A match that was undone, a verification that fell, a screen that says stop, an entry on a never-disclose
    list, a search that rests or has ended, for safety or otherwise, all end it, and no answer of the found person
    outweighs them.

    Raises:
        NoSuchTransition: the latest asking about the search is not theirs, or not granted; or the search rests or
            has ended.
        NotVerified, NotScreened: as `require_clear`.
    """
    row = store.case_of_search(access, sought_id)
    if row is None or row.found_id != found_id or row.state is not State.GRANTED:
        raise NoSuchTransition("nothing is told unless the latest asking about the search stands granted")
    search = requests.state_of(access, sought_id)
    if search not in MATCHED:
        raise NoSuchTransition(f"the search is `{search}`")  # and no confirmed match of it is in force
    return Clear(found_id, sought_id, row.verification_id, require_clear(access, row))


def is_clear(access: Access, found_id: UUID, sought_id: UUID) -> bool:
    """Return whether there is a clearance for a pair."""
    try:
        clearance(access, found_id, sought_id)
    except (Conflict, NotFound):
        return False
    return True


def require_clear(access: Access, row: "DisclosureCase") -> str:
    """Return the teams from which a second approver must not be, parted by spaces, "" when none is asked for.

    Raises:
        NotVerified: the asking does not rest on a verification of the pair that stands passed.
        NotScreened: nobody has screened the pair, or the screen says stop: also where one side has named the other
            meanwhile as somebody who must never learn of this.
    """
    require_verified(access, row.found_id, row.sought_id, row.verification_id)
    screened = risk.require_screened(access, row.found_id, row.sought_id)
    return risk.away_from(access, row.found_id, row.sought_id, screened=screened)


def require_verified(access: Access, found_id: UUID, sought_id: UUID, verification_id: UUID) -> None:
    """Refuse unless just this verification of the pair stands passed.

    Raises:
        NotVerified: it does not.
    """
    if verification.require_passed(access, found_id, sought_id) != verification_id:
        raise NotVerified("another verification of the pair stands passed")


def require_search(access: Access, sought_id: UUID, state: SearchState) -> None:
    """Refuse unless the search stands in `state`.

    Raises:
        NoSuchTransition: it does not.
    """
    found = requests.state_of(access, sought_id)
    if found is not state:
        raise NoSuchTransition(f"the search is `{found}`, not `{state}`")


def outreach(row: "DisclosureCase") -> bytes:
    """Return the canonical form of reaching out: whom, about which search, on which verification."""
    return f"{row.found_id}|{row.sought_id}|{row.verification_id}".encode()


def _require_asked(draft: AskingEventDraft) -> None:
    if draft.given_by is GivenBy.NOT_ASKED:
        raise _flaw("given_by", "not-asked", "silence is never consent")
    if draft.obtained is Obtained.NOT_ASKED:
        raise _flaw("obtained", "not-asked", "silence is never consent")


def _require_own_answer(access: Access, row: "DisclosureCase", draft: AskingEventDraft) -> None:
    if traits.may_be_child(_aged(access, row), access.now.date()):
        raise GuardianNeeded("the person may be a child: ask a parent, a guardian or a court")
    if draft.given_by is not GivenBy.SUBJECT:
        raise _flaw("given_by", "not-their-own", "only the person themself agrees; others are asked as guardians")


def ends_at(access: Access, row: "DisclosureCase", draft: AskingEventDraft) -> datetime | None:
    """Return when a yes ends: one that was given for a child, at the latest when the child can answer alone."""
    grown = traits.grown_at(_aged(access, row), access.now) if draft.given_by in BESIDE else None
    return min(filter(None, (draft.valid_until, grown)), default=None)


def _aged(access: Access, row: "DisclosureCase") -> Person:
    known = suggest.persons(access, [row.found_id, row.sought_id])
    return traits.aged(known[row.found_id], known[row.sought_id])


def _flaw(field: str, code: str, detail: str) -> Invalid:
    return Invalid(detail, [Flaw(f"/{field}", code, detail)])
