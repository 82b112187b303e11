"""What workers see of askings and releases, and what is withheld from the enquirer's own team."""

from typing import TYPE_CHECKING

from tracing.disclosure import states, store
from tracing.disclosure.schemas import DisclosureCaseView, ReleaseView, Told
from tracing.disclosure.states import ReleaseState
from tracing.gate import disclosures, foureyes, glass, people
from tracing.gate.access import Access
from tracing.gate.disclosing import Act, Level
from tracing.risk import service as risk

if TYPE_CHECKING:
    from tracing.disclosure.tables import DisclosureCase, DisclosureRelease


def of_case(access: Access, row: "DisclosureCase") -> DisclosureCaseView:
    """Return an asking with its releases; what the person gave only while their answer holds, and not withheld."""
    details = store.details_of_case(access, row)
    allowed = disclosures.level(access, row.found_id, row.sought_id)
    team = risk.away_from(access, row.found_id, row.sought_id)
    withheld = allowed is Level.NOTHING or _is_of(access, row, team) or _is_strange(access, row, team)
    return DisclosureCaseView(
        id=row.id,
        verification_id=row.verification_id,
        found_id=row.found_id,
        sought_id=row.sought_id,
        state=row.state,
        level=allowed,
        defer_until=row.defer_until,
        named_as=details.named_as,
        shared=None if withheld else details.shared,
        other_team_needed=team != "",
        outreach=foureyes.standing(access, row.id, Act.OUTREACH),
        releases=[_of_release(access, release, row, team) for release in store.releases_of(access, row.id)],
        version=row.version,
        created_at=row.created_at,
        updated_at=row.updated_at,
    )


def of_release(access: Access, release: "DisclosureRelease", case: "DisclosureCase") -> ReleaseView:
    """Return a release; its content only when it was told, or may be and is not withheld from the caller."""
    return _of_release(access, release, case, risk.away_from(access, case.found_id, case.sought_id))


def _of_release(access: Access, release: "DisclosureRelease", case: "DisclosureCase", team: str) -> ReleaseView:
    allowed = disclosures.level(access, release.found_id, release.sought_id).covers(Level(release.level))
    asking = _is_of(access, case, team)
    if release.state is ReleaseState.TOLD:
        readable = asking or not _is_strange(access, case, team)
    else:
        readable = release.state in states.UNTOLD and allowed and not asking
        readable = readable and (release.state is ReleaseState.PROPOSED or not _is_strange(access, case, team))
    return shown(release, store.content_for_workers(access, release) if readable else None)


def _is_strange(access: Access, row: "DisclosureCase", team: str) -> bool:
    """Return whether words about a protected side are withheld from the caller; an approver reads them all the same."""
    return team != "" and glass.unspoken(access, [(row.found_id, row.sought_id)])[0]


def _is_of(access: Access, row: "DisclosureCase", team: str) -> bool:
    """Return whether the caller is of the team from which another must approve, by whichever account."""
    return team != "" and people.is_of_team(access, access.caller.worker_id, team, row.created_at)


def shown(release: "DisclosureRelease", content: Told | None) -> ReleaseView:
    """Return a release with `content`."""
    return ReleaseView(
        id=release.id,
        case_id=release.case_id,
        level=release.level,
        state=release.state,
        content=content,
        told_at=release.told_at,
        version=release.version,
        created_at=release.created_at,
        updated_at=release.updated_at,
    )
