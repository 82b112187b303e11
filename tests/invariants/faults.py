"""Faults that are planted into the product, one at a time, each of which the machine must find."""

from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import UUID

import pytest
from sqlmodel import select

from tracing import night
from tracing.disclosure import opening, telling
from tracing.disclosure import service as disclosure
from tracing.disclosure import store as askings
from tracing.disclosure.states import ReleaseState
from tracing.enquirer import service as enquirer
from tracing.fate import service as fates
from tracing.gate import answers, disclosures, foureyes, guard, people
from tracing.gate.access import Access
from tracing.gate.disclosing import Answer, Level
from tracing.gate.purposes import Purpose
from tracing.messages import service as messages
from tracing.messages.states import Event as MessageEvent
from tracing.messages.states import State as MessageState
from tracing.messages.tables import Message
from tracing.outcome import states as outcomes
from tracing.requests import service as requests
from tracing.requests import states as searches
from tracing.requests.tables import SoughtPerson
from tracing.review import service as review
from tracing.review.states import State as SuggestionState
from tracing.review.tables import Suggestion
from tracing.risk import service as risk
from tracing.risk.states import Verdict
from tracing.verification import service as verification

Plant = Callable[[pytest.MonkeyPatch], None]


def release_without_answer(patch: pytest.MonkeyPatch) -> None:
    """Neither what the found person answered is asked for, nor where their asking and the search stand."""

    def clearance(access: Access, found_id: UUID, sought_id: UUID) -> disclosures.Clear:
        row = askings.case_of_search(access, sought_id)
        assert row is not None
        return disclosures.Clear(found_id, sought_id, row.verification_id, opening.require_clear(access, row))

    patch.setattr(disclosures, "level", lambda *_: Level.AGREE_TO_MEETING)
    patch.setattr(opening, "clearance", clearance)
    patch.setattr(opening, "require_search", lambda *_: None)


def answer_expiry_ignored(patch: pytest.MonkeyPatch) -> None:
    def in_force(known: Any, _now: datetime) -> Any:
        latest = max(known, key=answers._rank, default=None)
        return latest if latest is not None and latest.answer is Answer.GRANTED else None

    patch.setattr(answers, "in_force", in_force)


def earlier_answer_counts(patch: pytest.MonkeyPatch) -> None:
    """A yes outlasts the no that follows it."""
    known = answers.in_force
    patch.setattr(answers, "in_force", lambda rows, now: known([r for r in rows if r.answer is Answer.GRANTED], now))


def level_ignored(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Level, "covers", lambda self, _needed: self is not Level.NOTHING)


def release_outlives_the_answer(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(disclosure, "_stop", lambda *_: None)


def same_worker_allowed(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(foureyes, "_may_approve", lambda *_: None)


def self_approval_by_second_account(patch: pytest.MonkeyPatch) -> None:
    def may_approve(access: Access, row: Any) -> None:
        if row.proposed_by == access.caller.account_id:
            raise foureyes.SameWorker("the approver must be another account")
        if foureyes._is_within(access, row, access.caller.worker_id, row.away_from):
            raise foureyes.SameTeam("the approver must be of another team")

    patch.setattr(foureyes, "_may_approve", may_approve)


def other_team_ignored(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(risk, "away_from", lambda *_, **__: "")


def team_of_the_account_only(patch: pytest.MonkeyPatch) -> None:
    """Somebody of the team approves by an account of another one."""
    patch.setattr(people, "is_of_team", lambda access, _worker, teams, _since: access.caller.team in teams.split())


def other_content_approved(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(foureyes, "_digest", lambda *_: "0" * 64)


def one_reader_for_the_protected(patch: pytest.MonkeyPatch) -> None:
    known = review._may_hold
    patch.setattr(review, "_may_hold", lambda guard_, _protected: known(guard_, False))


def withdrawn_record_visible(patch: pytest.MonkeyPatch) -> None:
    _see(patch, lambda record, _use, now: record.expires_at > now)


def expired_record_visible(patch: pytest.MonkeyPatch) -> None:
    bit = Purpose.REGISTER.bit
    _see(patch, lambda record, _use, _now: record.purposes.op("&")(bit) == bit)


def _see(patch: pytest.MonkeyPatch, in_force: Any) -> None:
    """Let the guard let through what `in_force` says; its filters are made anew, here and when the fault is over."""
    patch.setattr(guard, "in_force", in_force)
    patch.setattr(guard, "filters", guard.filters.__wrapped__)


def screen_ignored(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(risk, "require_screened", lambda *_: Verdict.CLEAR)


def never_disclose_ignored(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(risk, "_hits", lambda *_: [])


def undone_match_tells(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(verification, "_stands", lambda *_: True)
    patch.setattr(opening, "require_search", lambda *_: None)


def told_unapproved(patch: pytest.MonkeyPatch) -> None:
    tell = telling.tell

    def at_once(access: Access, release: Any) -> Any:
        if release.state is ReleaseState.PROPOSED:
            release.state = ReleaseState.APPROVED
        return tell(access, release)

    patch.setattr(telling, "tell", at_once)
    patch.setattr(foureyes, "require", lambda *_, **__: None)


def told_before_the_trail(patch: pytest.MonkeyPatch) -> None:
    """What is told is committed before its row of the trail is written."""
    tell = telling.tell

    def early(access: Access, release: Any) -> Any:
        view = tell(access, release)
        access.session.flush()
        access.session.commit()
        return view

    patch.setattr(telling, "tell", early)


def told_twice(patch: pytest.MonkeyPatch) -> None:
    tell = telling.tell

    def again(access: Access, release: Any) -> Any:
        if release.state is ReleaseState.TOLD:
            release.state = ReleaseState.APPROVED
        return tell(access, release)

    patch.setattr(telling, "tell", again)


def message_sent_without_recheck(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(messages, "_release", lambda *_: None)


def message_to_anybody(patch: pytest.MonkeyPatch) -> None:
    """A text that tells where to reach a protected person goes on."""
    patch.setattr(messages, "_require_plain", lambda *_: None)


def sighting_proves_a_death(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(fates, "enough", lambda *_: True)


def concluded_without_telling(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(outcomes, "lacks", lambda *_: [])


def trail_row_missing(patch: pytest.MonkeyPatch) -> None:
    _note(
        patch,
        lambda note, access, act, subject, count: (
            None if act == "releases.tell" else note(access, act, subject, count=count)
        ),
    )


def trail_row_twice(patch: pytest.MonkeyPatch) -> None:
    def twice(note: Any, access: Access, act: str, subject: Any, count: int) -> None:
        for _ in range(2 if act == "disclosures.grant" else 1):
            note(access, act, subject, count=count)

    _note(patch, twice)


def trail_row_of_nobody(patch: pytest.MonkeyPatch) -> None:
    def nameless(note: Any, access: Access, act: str, subject: Any, count: int) -> None:
        note(access, act, None if act == "suggestions.undo" else subject, count=count)

    _note(patch, nameless)


def _note(patch: pytest.MonkeyPatch, noting: Any) -> None:
    note = Access.note
    patch.setattr(
        Access, "note", lambda self, act, subject_id=None, *, count=1: noting(note, self, act, subject_id, count)
    )


def _by_night(patch: pytest.MonkeyPatch, act: Callable[[Access], None]) -> None:
    stop = night._stop_messages

    def stop_and_more(access: Access, after: Any) -> Any:
        act(access)
        return stop(access, after)

    patch.setattr(night, "_stop_messages", stop_and_more)


def night_confirms(patch: pytest.MonkeyPatch) -> None:
    def confirm(access: Access) -> None:
        for row in access.session.exec(select(Suggestion)).all():
            row.state = SuggestionState.CONFIRMED_SAME_PERSON
            row.version += 1
            access.session.add(row)

    _by_night(patch, confirm)


def night_closes(patch: pytest.MonkeyPatch) -> None:
    def close(access: Access) -> None:
        for row in access.session.exec(select(SoughtPerson)).all():
            if row.state is searches.State.OUTCOME_READY:
                row.state, row.version = searches.State.CLOSED, row.version + 1
                access.session.add(row)
                access.note("sought.close", row.id)

    _by_night(patch, close)


def night_sends(patch: pytest.MonkeyPatch) -> None:
    def send(access: Access) -> None:
        for row in access.session.exec(select(Message)).all():
            if row.state is MessageState.READ:
                messages.happen(access, row, MessageEvent.SEND, None)

    _by_night(patch, send)


def night_stops_what_is_allowed(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(messages, "_is_allowed", lambda *_: False)


def grant_concludes(patch: pytest.MonkeyPatch) -> None:
    """A yes closes the search by itself, with its rows on the trail."""
    end = disclosure._end_asking

    def end_and_close(access: Access, row: Any) -> None:
        end(access, row)
        if requests.state_of(access, row.sought_id) is searches.State.OUTCOME_READY:
            requests.bring(access, row.sought_id, searches.Event.CONCLUDE)

    patch.setattr(disclosure, "_end_asking", end_and_close)


def enquirer_sees_a_no(patch: pytest.MonkeyPatch) -> None:
    """A declined search shows otherwise than one that goes on."""
    shown = {searches.State.OUTCOME_READY: searches.PublicStatus.SPEAK_TO_YOU}
    patch.setattr(searches, "PUBLIC", searches.PUBLIC | shown)
    patch.setattr(searches, "is_shown", lambda _: True)


def enquirer_sees_at_once(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(searches, "shows_at_once", lambda *_: True)


def enquirer_sees_todays_date(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(enquirer, "cadence", lambda _begun, now, _days: now)


def refusal_leaves_a_change(patch: pytest.MonkeyPatch) -> None:
    """What is not allowed by the person is written down all the same, in a transaction of its own."""
    tell = telling.tell

    def told(access: Access, release: Any) -> Any:
        try:
            return tell(access, release)
        except disclosures.NotAllowedByThem:
            release.version += 1
            access.session.add(release)
            access.note("releases.try")
            access.session.commit()
            raise

    patch.setattr(telling, "tell", told)
