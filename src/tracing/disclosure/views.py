"""What workers see of askings and releases.

What a found person gave tells where they are. No list shows it. It is withheld from the enquirer's own team where
another must approve; and, as all that tells where a protected person is, from whoever is neither answerable for the
found person's record nor of its team, until they break the glass: but for the one who took down the answer. Nobody
approves a release that is withheld from them.
"""

from typing import TYPE_CHECKING
from uuid import UUID

from tracing.disclosure import states, store
from tracing.disclosure.schemas import DisclosureCaseView, ReleaseView, Shared, Told
from tracing.disclosure.states import ReleaseState
from tracing.gate import disclosures, foureyes, glass, people
from tracing.gate.access import Access
from tracing.gate.disclosing import Act, Level
from tracing.risk import service as risk
from tracing.verification import service as verification
from tracing.verification.errors import NotVerified

if TYPE_CHECKING:
    from tracing.disclosure.tables import DisclosureCase, DisclosureRelease


def of_case(access: Access, row: "DisclosureCase") -> DisclosureCaseView:
    """Return an asking with its releases; of what the person gave only what the caller may see at this moment."""
    held = disclosures.standing(access, row.found_id, row.sought_id)
    teams = risk.away_from(access, row.found_id, row.sought_id)
    may_see = held is not None and not _is_of(access, row, teams) and not shut_of(access, row)
    releases = [_of_release(access, release, row, teams) for release in store.releases_of(access, row.id)]
    return _case(access, row, teams, releases, store.details_of_case(access, row).shared if may_see else None)


def of_case_in_list(access: Access, row: "DisclosureCase") -> DisclosureCaseView:
    """Return an asking with its releases as a list shows them: nothing of what the person gave."""
    teams = risk.away_from(access, row.found_id, row.sought_id)
    return _case(access, row, teams, [shown(release, None) for release in store.releases_of(access, row.id)], None)


def of_release(access: Access, release: "DisclosureRelease", case: "DisclosureCase") -> ReleaseView:
    """Return a release; its content only when the caller may see it at this moment."""
    return _of_release(access, release, case, risk.away_from(access, case.found_id, case.sought_id))


def _case(
    access: Access, row: "DisclosureCase", teams: str, releases: list[ReleaseView], shared: Shared | None
) -> DisclosureCaseView:
    return DisclosureCaseView(
        id=row.id,
        verification_id=row.verification_id,
        found_id=row.found_id,
        sought_id=row.sought_id,
        state=row.state,
        level=disclosures.level(access, row.found_id, row.sought_id),
        defer_until=row.defer_until,
        named_as=store.details_of_case(access, row).named_as,
        shared=shared,
        other_team_needed=teams != "",
        outreach=foureyes.standing(access, row.id, Act.OUTREACH),
        releases=releases,
        version=row.version,
        created_at=row.created_at,
        updated_at=row.updated_at,
    )


def _of_release(access: Access, release: "DisclosureRelease", case: "DisclosureCase", teams: str) -> ReleaseView:
    """Return a release; its content only while it rests on the answer in force, also where it was told already.

    Untold to none of the enquirer's team.
    """
    untold = release.state in states.UNTOLD and not _is_of(access, case, teams)
    may_see = untold or release.state is ReleaseState.TOLD
    may_see = may_see and rests(access, release) and not shut_of(access, case)
    return shown(release, store.content_for_workers(access, release) if may_see else None)


def content(access: Access, release: "DisclosureRelease") -> bytes:
    """Return the canonical form of what is told, on which answer: an approval ends with the answer it was given on."""
    held = disclosures.standing(access, release.found_id, release.sought_id)
    return f"{held.id if held else ''}|".encode() + store.canonical(access, release)


def rests(access: Access, release: "DisclosureRelease") -> bool:
    """Return whether a release rests on the very answer that holds now, and on the verification that stands passed.

    The same level that was granted anew is another answer: what was told on the earlier one stays taken back.
    """
    try:
        verified = verification.require_passed(access, release.found_id, release.sought_id)
    except NotVerified:
        return False
    pair, said = (release.found_id, release.sought_id, verified), content(access, release)
    form = disclosures.form(*pair, Level(release.level), said)
    return foureyes.is_proposed(access, release.id, Act.DISCLOSURE, form)


def _is_of(access: Access, row: "DisclosureCase", teams: str) -> bool:
    """Return whether the caller is of a team from which another must approve, by whichever account."""
    return teams != "" and people.is_of_team(access, access.caller.worker_id, teams, row.created_at)


def shut_of(access: Access, row: "DisclosureCase") -> list[UUID]:
    """Return the records of an asking whose glass withholds from the caller what the found person gave.

    None of them where the caller took it down.
    """
    held = disclosures.standing(access, row.found_id, row.sought_id)
    took_down = held is not None and held.worker_id == access.caller.worker_id
    return [] if took_down or not glass.unspoken(access, [[row.found_id]])[0] else [row.found_id]


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
