"""The telling of releases: proposed at a level, approved by another worker, told once, and proved at that moment."""

from typing import TYPE_CHECKING
from uuid import UUID

from tracing.disclosure import opening, store, views
from tracing.disclosure.errors import NoSuchTransition
from tracing.disclosure.schemas import ReleaseView, Told, told_at
from tracing.disclosure.states import ReleaseState
from tracing.gate import disclosures, foureyes, register
from tracing.gate.access import Access
from tracing.gate.disclosing import Act, Level, Standing
from tracing.gate.disclosures import Clear, NotAllowedByThem, Release
from tracing.kit.errors import NotFound
from tracing.requests import statuses
from tracing.requests.states import State as SearchState
from tracing.tasks import service as tasks

if TYPE_CHECKING:
    from tracing.disclosure.tables import DisclosureCase, DisclosureRelease


def propose_release(access: Access, row: "DisclosureCase", level: Level) -> ReleaseView:
    """Propose to tell the enquirer exactly what `level` lets them learn of what the found person gave.

    Raises:
        NoSuchTransition: the person has not agreed, or the search has no outcome to tell.
        NotAllowedByThem: the answer in force does not cover `level`.
        NotVerified, NotScreened: nothing may be told at all.
    """
    clear = _require_tellable(access, row.found_id, row.sought_id)
    if level is Level.NOTHING or not disclosures.level(access, row.found_id, row.sought_id).covers(level):
        raise NotAllowedByThem("the person's answer in force does not allow this")
    content = told_at(level, store.details_of_case(access, row).shared)
    release = store.add_release(access, row, level, content)
    said = _approved(access, clear, release)
    foureyes.propose(access, Act.DISCLOSURE, row.found_id, release.id, said, away_from=clear.away_from)
    access.note("releases.propose", row.found_id)
    tasks.await_approval(access, row.found_id, release.id, release.version)
    return views.of_release(access, release, row)


def settle_release(access: Access, release: "DisclosureRelease", *, approve: bool) -> ReleaseView:
    """Approve or turn down a release.

    Raises:
        NoSuchTransition: it was settled or stopped before.
        SameWorker, SameTeam, Withheld, NotApproved: as the law of four eyes says.
        NotVerified, NotScreened: it would be approved, and may not be told at all.
    """
    if release.state is not ReleaseState.PROPOSED:
        raise NoSuchTransition(f"the release is `{release.state}`")
    said, case = None, _case_of(access, release)
    if approve:
        said = _approved(access, _require_tellable(access, release.found_id, release.sought_id), release)
    read = views.shut_of(access, case)
    foureyes.settle(access, release.id, Act.DISCLOSURE, approve=approve, content=said, read=read)
    tasks.end_waiting(access, release.id)
    store.save_release(access, release, ReleaseState.APPROVED if approve else ReleaseState.TURNED_DOWN)
    if approve:
        statuses.speak(access, release.sought_id)
    access.note(f"releases.{'approve' if approve else 'turn_down'}", release.found_id)
    return views.of_release(access, release, case)


def tell(access: Access, release: "DisclosureRelease") -> ReleaseView:
    """Tell an enquirer what was approved, once, and return it for reading out.

    Raises:
        NoSuchTransition: not approved, told or stopped before, or the search has no outcome to tell any more.
        NotAllowedByThem, NotApproved, NotVerified, NotScreened: it may not be told at this moment.
    """
    if release.state is not ReleaseState.APPROVED:
        raise NoSuchTransition(f"the release is `{release.state}`")
    content = store.content_of(access, _prove(access, release), release)
    release.told_at = access.now
    store.save_release(access, release, ReleaseState.TOLD)
    access.note("releases.tell", release.found_id)
    return views.shown(release, content)


def _prove(access: Access, release: "DisclosureRelease") -> Release:
    return disclosures.release(
        access,
        _require_tellable(access, release.found_id, release.sought_id),
        Level(release.level),
        act=Act.DISCLOSURE,
        about_id=release.id,
        content=views.content(access, release),
    )


def tell_partner(access: Access, release_id: UUID) -> Told:
    """Return what a partner society may be told now for its enquirer; the first time that is the telling itself.

    A message may have to be sent again: what was told once is proved anew, and is told only while the answer holds.

    Raises:
        NotFound: the release is absent, another society's, or one side is hidden.
        NoSuchTransition: it was neither approved nor told.
        NotAllowedByThem, NotApproved, NotVerified, NotScreened: it may not be told at this moment.
    """
    release = find_release(access, release_id)
    if release.state is ReleaseState.APPROVED:
        view = tell(access, release)
        assert view.content is not None
        return view.content
    if release.state is not ReleaseState.TOLD:
        raise NoSuchTransition(f"the release is `{release.state}`")
    return store.content_of(access, _prove(access, release), release)


def still_stands(access: Access, release_id: UUID) -> bool:
    """Return whether what was told by a release may still be known: the answer it rested on holds, of the same pair.

    The access may see hidden records. A found person who is hidden or erased allows nothing any more.
    """
    release = store.find_release(access, release_id)
    if release is None or not register.keeps(access, release.found_id):
        return False
    approved = foureyes.standing(access, release.id, Act.DISCLOSURE) is Standing.APPROVED
    return approved and views.rests(access, release)


def find_release(access: Access, release_id: UUID) -> "DisclosureRelease":
    """Return the row of a release, for checking its version.

    Raises:
        NotFound: absent, another society's, or one side is hidden.
    """
    row = store.find_release(access, release_id)
    if row is None:
        raise NotFound("no such release")
    return row


def show_release(access: Access, release_id: UUID) -> ReleaseView:
    """Return a release.

    Raises:
        NotFound: absent, another society's, or one side is hidden.
    """
    row = find_release(access, release_id)
    access.note("releases.read", row.found_id)
    return views.of_release(access, row, _case_of(access, row))


def _require_tellable(access: Access, found_id: UUID, sought_id: UUID) -> Clear:
    """Return the clearance of a pair, once nothing but the answer and four eyes is left to ask."""
    register.hold(access, found_id, sought_id)
    clear = opening.clearance(access, found_id, sought_id)
    opening.require_search(access, sought_id, SearchState.OUTCOME_READY)
    return clear


def _approved(access: Access, clear: Clear, release: "DisclosureRelease") -> bytes:
    return disclosures.exactly(clear, Level(release.level), views.content(access, release))


def _case_of(access: Access, release: "DisclosureRelease") -> "DisclosureCase":
    row = store.find_case(access, release.case_id)
    if row is None:
        raise NotFound("no such asking")
    return row


def is_latest(access: Access, row: "DisclosureCase") -> bool:
    """Return whether an asking is the latest about its search."""
    latest = store.case_of_search(access, row.sought_id)
    return latest is not None and latest.id == row.id
