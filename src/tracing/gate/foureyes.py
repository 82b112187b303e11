"""Four eyes: one human proposes, another approves, and what happens is exactly what was approved.

The one place where "nobody approves their own proposal" is decided. A human is a worker id, whatever the
account: a second account of the same person is the same pair of eyes, and of the same teams.

Whoever proposes, settles or relies on an approval holds the register row of the person concerned, so that
these acts follow one another. Their order is the order of proposals, whatever the clocks of the processes say.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlmodel import col, select

from tracing.gate import dues, glass, people, register
from tracing.gate.access import Access
from tracing.gate.disclosing import Act, Standing
from tracing.gate.dues import Bookmark, Due
from tracing.gate.permissions import Permission
from tracing.gate.tables import Proposal
from tracing.kit.errors import Conflict, NotFound, Refused
from tracing.kit.ids import new_id

TICK = timedelta(microseconds=1)
"""The least time between two proposals about one thing: the latest is never a matter of chance."""


class SameWorker(Refused):
    """The approver is the human who proposed."""

    code = "same-worker"
    title = "Another person must approve this"


class SameTeam(Refused):
    """The approver is of a team that must not approve."""

    code = "same-team"
    title = "Somebody of another team must approve this"


class SupervisorNeeded(Refused):
    """A safeguard would be lowered by somebody who may not."""

    code = "supervisor-needed"
    title = "A supervisor must do this"


class NotApproved(Conflict):
    """The act was not approved as it stands now."""

    code = "not-approved"
    title = "Another person has not approved this yet"


class AlreadySettled(Conflict):
    """The proposal was approved or turned down before."""

    code = "already-settled"
    title = "This was decided before"


def propose(access: Access, act: Act, record_id: UUID, about_id: UUID, content: bytes, *, away_from: str = "") -> UUID:
    """Propose `act` on a record, and return the proposal's id. What was proposed about the row before is void.

    Args:
        access: of the proposer.
        act: what is to happen.
        record_id: the person whom it may harm.
        about_id: the feature's own row.
        content: canonical form of all that would happen; approved is exactly this.
        away_from: the teams from which the approver must not be, parted by spaces.

    Raises:
        NotFound: the person is absent, another society's, or hidden.
    """
    register.hold(access, record_id)
    before = _latest(access, about_id, act)
    row = Proposal(
        society=access.society,
        id=new_id(),
        act=act,
        record_id=record_id,
        about_id=about_id,
        digest=_digest(access, act, content),
        away_from=away_from,
        standing=Standing.PROPOSED,
        proposed_by=access.caller.account_id,
        proposer_worker=access.caller.worker_id,
        proposed_at=access.now if before is None else max(access.now, before.proposed_at + TICK),
    )
    access.session.add(row)
    access.session.flush()
    return row.id


def settle(
    access: Access,
    about_id: UUID,
    act: Act,
    *,
    approve: bool,
    content: bytes | None = None,
    read: Sequence[UUID] = (),
) -> None:
    """Approve or turn down the latest proposal of `act` about a feature's row.

    Whoever proposed may turn their own proposal down, never approve it. Nobody approves what is withheld from them.

    Args:
        access: of the approver.
        about_id: the feature's own row.
        act: what is to happen.
        approve: False turns it down.
        content: canonical form of what the approver was shown; None where the feature has made sure by the
            version of its row that this is what was proposed.
        read: the records about which `content` holds words that the approver must be able to read.

    Raises:
        NotFound: there is none, or the person is no longer in force.
        AlreadySettled: somebody settled it before.
        NotApproved: what was proposed is not `content`.
        SameWorker, SameTeam: the approver may not be this person.
        Withheld: the words are withheld from the approver, who breaks the glass first.
    """
    row = _held(access, about_id, act)
    if row is None:
        raise NotFound("no such proposal")
    if row.standing is not Standing.PROPOSED:
        raise AlreadySettled("this proposal was settled before")
    if approve:
        _may_approve(access, row)
        glass.require_open(access, read)
        if content is not None and row.digest != _digest(access, act, content):
            raise NotApproved("what was proposed is not what was shown")
    row.standing = Standing.APPROVED if approve else Standing.TURNED_DOWN
    row.settled_by, row.settler_worker = access.caller.account_id, access.caller.worker_id
    row.settled_at = access.now
    access.session.add(row)
    access.session.flush()


def require(access: Access, about_id: UUID, act: Act, content: bytes, *, away_from: str = "") -> None:
    """Refuse unless `act` stands approved by another human, with exactly this `content`.

    Args:
        access: of whoever does it.
        about_id: the feature's own row.
        act: what happens.
        content: canonical form of all that happens.
        away_from: the teams from which the approver must not be as things stand now, parted by spaces; the case may
            have become riskier since it was approved.

    Raises:
        NotFound: the person is no longer in force.
        NotApproved: not proposed, not settled, turned down, changed since, or approved within such a team.
    """
    if not _holds(access, _held(access, about_id, act), content, away_from):
        raise NotApproved("another person has not approved this as it stands")


def stands(access: Access, about_id: UUID, act: Act, content: bytes) -> bool:
    """Return whether `act` stands approved with exactly this `content`: to be shown, or to be taken back where not.

    Nobody is held: whoever does what was approved asks `require`.
    """
    return _holds(access, _latest(access, about_id, act), content, "")


def _holds(access: Access, row: Proposal | None, content: bytes, away_from: str) -> bool:
    return (
        row is not None
        and row.standing is Standing.APPROVED
        and row.settler_worker is not None
        and row.settler_worker != row.proposer_worker
        and row.digest == _digest(access, Act(row.act), content)
        and not _is_within(access, row, row.settler_worker, away_from)
    )


def require_lowering(access: Access, set_by: UUID, what_to_do: str) -> None:
    """Refuse to lower a safeguard unless a supervisor does who is another human than the one who set it.

    Args:
        access: of whoever would lower it.
        set_by: the human who set it as it stands.
        what_to_do: for whoever is refused; names nobody.

    Raises:
        SupervisorNeeded: the caller lacks `sensitivity:lower`.
        SameWorker: the caller set it.
    """
    if Permission.SENSITIVITY_LOWER not in access.caller.permissions:
        raise SupervisorNeeded(what_to_do)
    if set_by == access.caller.worker_id:
        raise SameWorker(what_to_do)


def standing(access: Access, about_id: UUID, act: Act) -> Standing | None:
    """Return where the latest proposal of `act` about a feature's row stands; None without one."""
    return standings(access, [about_id], act).get(about_id)


def standings(access: Access, about_ids: Sequence[UUID], act: Act) -> dict[UUID, Standing]:
    """Return where the latest proposal of `act` about each of a feature's rows stands; nothing for rows without one."""
    return {about_id: Standing(row.standing) for about_id, row in _latest_of(access, about_ids, act).items()}


def is_proposed(access: Access, about_id: UUID, act: Act, content: bytes) -> bool:
    """Return whether the latest proposal of `act` about a feature's row, wherever it stands, was of just `content`."""
    row = _latest(access, about_id, act)
    return row is not None and row.digest == _digest(access, act, content)


def _may_approve(access: Access, row: Proposal) -> None:
    if row.proposer_worker == access.caller.worker_id:
        raise SameWorker("the approver must be another person than the proposer")
    if _is_within(access, row, access.caller.worker_id, row.away_from):
        raise SameTeam("the approver must be of another team")


def _is_within(access: Access, row: Proposal, worker_id: UUID, teams: str) -> bool:
    """Return whether a human was of one of `teams`, by whichever account, at any time since the proposal."""
    return teams != "" and people.is_of_team(access, worker_id, teams, row.proposed_at)


def _held(access: Access, about_id: UUID, act: Act) -> Proposal | None:
    """Return the latest proposal with its person's record held; it is read again once nobody else can change it."""
    known = _latest(access, about_id, act)
    if known is None:
        return None
    register.hold(access, known.record_id)
    return _latest(access, about_id, act)


def waiting(access: Access, before: datetime, bookmark: Bookmark) -> list[Due]:
    """Return the next page of proposals that nobody has settled since a moment, by the rows that they are about."""
    query = select(Proposal.proposed_at, Proposal.about_id, Proposal.record_id)
    query = query.where(Proposal.standing == Standing.PROPOSED, Proposal.proposed_at <= before)
    return dues.page(access, query, Proposal.proposed_at, Proposal.about_id, bookmark)


def still_asked(access: Access, page: Sequence[Due]) -> list[Due]:
    """Return those of a page of proposals that no later one of the same act has outdone."""
    query = select(Proposal).where(col(Proposal.about_id).in_([due.id for due in page]))
    latest = {
        (row.about_id, row.act): row.proposed_at
        for row in access.session.exec(query.order_by(col(Proposal.proposed_at))).all()
    }
    standing = {(about_id, proposed_at) for (about_id, _), proposed_at in latest.items()}
    return [due for due in page if (due.id, due.at) in standing]


def _latest(access: Access, about_id: UUID, act: Act) -> Proposal | None:
    return _latest_of(access, [about_id], act).get(about_id)


def _latest_of(access: Access, about_ids: Sequence[UUID], act: Act) -> dict[UUID, Proposal]:
    """Return the latest proposal of `act` about each of the rows, as it stands in the database."""
    if not about_ids:
        return {}
    query = select(Proposal).where(col(Proposal.about_id).in_(about_ids), Proposal.act == act)
    query = query.order_by(col(Proposal.proposed_at), col(Proposal.id).desc())
    rows = access.session.exec(query, execution_options={"populate_existing": True}).all()
    return {row.about_id: row for row in rows}


def _digest(access: Access, act: Act, content: bytes) -> str:
    return access.vault.mac(f"proposal {act}", content).hex()
