"""The rules of risk screens and of broken glass: no HTTP, no SQL."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from tracing.gate import foureyes, glass, idempotency, register
from tracing.gate.access import Access
from tracing.gate.kinds import Sensitivity
from tracing.gate.permissions import Permission
from tracing.kit.errors import NotFound
from tracing.requests import service as requests
from tracing.requests.schemas import DANGEROUS
from tracing.review import service as review
from tracing.review import suggest
from tracing.risk import store
from tracing.risk.errors import NothingToOverride, NotScreened
from tracing.risk.schemas import GlassDraft, GlassView, Hit, HitView, ScreenDetails, ScreenDraft, ScreenView
from tracing.risk.states import Answer, Flag, ListOf, Verdict, verdict_of
from tracing.risk.traits import likely_named, names_of_kin, own_names
from tracing.sightings import service as sightings
from tracing.tasks import service as tasks
from tracing.tasks.states import TaskKind

if TYPE_CHECKING:
    from tracing.gate.tables import BrokenGlass
    from tracing.risk.tables import RiskScreen

OVERRIDE = "a supervisor who did not screen the pair last looks at the hits and screens it with `override: true`"
MILDER = (
    "a screen of the pair says something graver: a supervisor who did not make it screens the pair anew; tell one what "
    "you have learned since"
)
ANOTHER_TEAM = (Verdict.SECOND_APPROVER, Verdict.STOP)
STOPPED = "the screen says stop: a supervisor looks at its hits first, or its answers have to change"


def verdict(access: Access, found_id: UUID, sought_id: UUID) -> Verdict | None:
    """Return what the latest screen of a found person and a search allows; None when nobody made one.

    The never-disclose lists are looked at anew: who was put on one since then stops everything at once.
    """
    screen = store.latest(access, found_id, sought_id)
    if screen is None:
        return None
    known = store.details_of(access, [screen])[0]
    overridden = set(known.hits) if known.overridden else set()
    unseen = set(_hits(access, found_id, sought_id)) - overridden
    return Verdict.STOP if unseen else Verdict(screen.verdict)


def require_screened(access: Access, found_id: UUID, sought_id: UUID) -> Verdict:
    """Return the verdict when it allows to reach out.

    Raises:
        NotScreened: nobody has screened the pair, or the screen says stop.
    """
    found = verdict(access, found_id, sought_id)
    if found is None or found is Verdict.STOP:
        raise NotScreened("nobody has screened the pair: screen it first" if found is None else STOPPED)
    return found


def require_screened_at(access: Access, found_id: UUID, sought_id: UUID, at: datetime) -> None:
    """Refuse what is said to have been done with a found person at a moment when no screen allowed it.

    Raises:
        NotScreened: nobody had screened the pair then, or the latest screen of then says stop.
    """
    screen = store.latest(access, found_id, sought_id, at=at)
    if screen is None or screen.verdict is Verdict.STOP:
        raise NotScreened("no screen of the pair allowed this at that moment")


def away_from(access: Access, found_id: UUID, sought_id: UUID, *, screened: Verdict | None = None) -> str:
    """Return the enquirer's teams, parted by spaces, of which the approver must not be; "" when any other worker may.

    They are the team that registered the case and those of all to whom it was ever assigned.
    Another team is asked for where either side is protected or of high risk, where contact was lost through
    trafficking or violence in the family, or where the screen asks for it.

    Args:
        access: of whoever asks.
        found_id: the found person.
        sought_id: of the search.
        screened: the verdict, when it was asked for a moment ago in the same transaction.

    Raises:
        NotFound: a record is absent, another society's, or hidden.
    """
    request_id = requests.request_of(access, sought_id)
    sides = [found_id, sought_id, request_id]
    records = register.records(access, sides)
    if len(records) < len(sides):
        raise NotFound("no such record")
    needed = (
        any(record.sensitivity is not Sensitivity.NORMAL for record in records.values())
        or not requests.separation_causes(access, sides).isdisjoint(DANGEROUS)
        or (screened or verdict(access, found_id, sought_id)) is not Verdict.CLEAR
    )
    return " ".join(sorted(requests.teams_of(access, request_id))) if needed else ""


def is_risky(access: Access, record_ids: Sequence[UUID], sought_id: UUID, found: Iterable[UUID]) -> bool:
    """Return whether another team has to approve what is told about a search, by whomever it concerns.

    It has where one of them is protected or of high risk, where contact was lost through trafficking or violence in the
    family, or where the screen of somebody who is found asks for it.

    Args:
        access: of whoever asks.
        record_ids: whomever it concerns; records that the access does not see say nothing.
        sought_id: of the search.
        found: who may be the sought person.
    """
    records = register.records(access, record_ids)
    return (
        any(record.sensitivity is not Sensitivity.NORMAL for record in records.values())
        or not requests.separation_causes(access, record_ids).isdisjoint(DANGEROUS)
        or any(verdict(access, one, sought_id) in ANOTHER_TEAM for one in found)
    )


def answer(access: Access, found_id: UUID, sought_id: UUID, flag: Flag) -> Answer:
    """Return what the latest screen answers to `flag`; `unknown` when nobody made one."""
    screen = store.latest(access, found_id, sought_id)
    return Answer.UNKNOWN if screen is None else store.details_of(access, [screen])[0].answers.given[flag]


def screen(access: Access, suggestion_id: UUID, draft: ScreenDraft, key: str | None = None) -> ScreenView:
    """Screen the pair of a confirmed suggestion. A retry with the same Idempotency-Key returns the first screen.

    Raises:
        NotFound: the suggestion is absent, another society's, or out of force.
        NotConfirmed: it does not stand confirmed, or nobody is found by it.
        SupervisorNeeded: `override`, and a milder verdict than the one that stands, are a supervisor's.
        SameWorker: it is another worker's screen that is overridden or outdone by a milder one.
        NothingToOverride: the latest screen did not find these hits.
        Withheld: what would be overridden is withheld from the supervisor.
    """
    print_of = f"risks.screen|{suggestion_id}|{draft.model_dump_json()}"
    made = idempotency.made_before(access, key, print_of)
    if made is not None:
        return _show(access, made)
    found_id, sought_id = review.found_pair(access, suggestion_id)
    register.hold(access, found_id, sought_id)  # or two workers screen without knowing of each other
    hits = _hits(access, found_id, sought_id)
    before = store.latest(access, found_id, sought_id)
    if draft.override:
        _require_override(access, before, hits)
        glass.require_open(access, [found_id, sought_id])
    found = Verdict.STOP if hits and not draft.override else verdict_of(draft.answers.given)
    if before is not None and Verdict(before.verdict).is_graver_than(found):
        foureyes.require_lowering(access, before.worker_id, MILDER)
    row = store.add(
        access,
        found_id,
        sought_id,
        verdict=found,
        after=before,
        key_id=register.records(access, [found_id])[found_id].key_id,
        details=ScreenDetails(answers=draft.answers, hits=hits, overridden=draft.override),
    )
    idempotency.remember(access, key, print_of, row.id)
    access.note("risks.screen", found_id)
    return _views(access, [row])[0]


def screens(access: Access, suggestion_id: UUID) -> list[ScreenView]:
    """Return every screen of a suggestion's pair, oldest first; the last one counts.

    Raises:
        NotFound: the suggestion is absent, another society's, or out of force.
    """
    found_id, sought_id = review.pair_of(access, suggestion_id)
    views = _views(access, store.of_pair(access, found_id, sought_id))
    access.note("risks.read", found_id, count=len(views))
    return views


def break_glass(access: Access, record_id: UUID, draft: GlassDraft, key: str | None = None) -> GlassView:
    """Open what is withheld about a record to the caller for a while, and tell a supervisor by a task.

    Raises:
        NotFound: the record is absent, another society's, or hidden.
    """
    print_of = f"glass.break|{record_id}|{draft.model_dump_json()}"
    made = idempotency.made_before(access, key, print_of)
    if made is not None:
        access.note("glass.read", record_id)
        return _glass_views(access, [glass.find(access, made)])[0]
    row = glass.break_glass(access, record_id, draft.reason, draft.note)
    idempotency.remember(access, key, print_of, row.id)
    access.note("glass.break", record_id)
    tasks.raise_task(access, TaskKind.GLASS_BROKEN, record_id, occasion=row.id.hex, due_at=access.now, about_id=row.id)
    return _glass_views(access, [row])[0]


def page_of_glass(access: Access, *, limit: int, after: tuple[datetime, UUID] | None) -> list[GlassView]:
    """Return at most `limit` times that the glass was broken, oldest first, that follow `after`."""
    rows = glass.page(access, limit=limit, after=after)
    access.note_page("glass.list", [row.id for row in rows])
    return _glass_views(access, rows)


def _require_override(access: Access, before: "RiskScreen | None", hits: Sequence[Hit]) -> None:
    access.require(Permission.SENSITIVITY_LOWER)
    if before is None or not hits or not set(hits) <= set(store.details_of(access, [before])[0].hits):
        raise NothingToOverride("the latest screen of the pair did not find these hits; screen it first")
    foureyes.require_lowering(access, before.worker_id, OVERRIDE)


def _hits(access: Access, found_id: UUID, sought_id: UUID) -> list[Hit]:
    """Return the entries of both never-disclose lists that likely name the enquirer or one of their relatives.

    The enquirer's own list is held against the found person's relatives as well: who lives with them would
    learn of the search through them.
    """
    request_id = requests.request_of(access, sought_id)
    listed = {
        ListOf.ENQUIRER: requests.never_disclose_to(access, [request_id]),
        ListOf.FOUND: [
            *requests.never_disclose_to(access, [found_id]),
            *sightings.never_disclose_to(access, [found_id]),
        ],
    }
    if not any(listed.values()):
        return []
    engine = suggest.plain_engine(access.settings)
    enquirer, found = (suggest.persons(access, [side])[side] for side in (request_id, found_id))
    asking = [*own_names(enquirer), *names_of_kin(enquirer)]
    around = {ListOf.ENQUIRER: [*asking, *names_of_kin(found)], ListOf.FOUND: asking}
    return [Hit(of=of, entry=entry) for of in ListOf for entry in likely_named(engine, listed[of], around[of])]


def _show(access: Access, screen_id: UUID) -> ScreenView:
    row = store.find(access, screen_id)
    if row is None:
        raise NotFound("no such screen")
    access.note("risks.read", row.found_id)
    return _views(access, [row])[0]


def _views(access: Access, rows: Sequence["RiskScreen"]) -> list[ScreenView]:
    hushed = glass.unspoken(access, [(row.found_id, row.sought_id) for row in rows])
    return [
        ScreenView(
            answers=details.answers.without_words() if withheld else details.answers,
            hits=[HitView(of=hit.of, entry=None if withheld else hit.entry) for hit in details.hits],
            overridden=details.overridden,
            words_withheld=withheld,
            id=row.id,
            found_id=row.found_id,
            sought_id=row.sought_id,
            verdict=row.verdict,
            made_by=row.made_by,
            made_at=row.made_at,
        )
        for row, details, withheld in zip(rows, store.details_of(access, rows), hushed, strict=True)
    ]


def _glass_views(access: Access, rows: Sequence["BrokenGlass"]) -> list[GlassView]:
    may_read = Permission.RISKS_READ in access.caller.permissions
    return [
        GlassView(
            id=row.id,
            record_id=row.record_id,
            reason=row.reason,
            note=note if may_read else None,
            broken_at=row.broken_at,
            until=row.until,
            broken_by=row.broken_by,
        )
        for row, note in zip(rows, glass.notes(access, rows), strict=True)
    ]
