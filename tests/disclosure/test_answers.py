"""The fields of each event of an asking, and what becomes of an answer."""

from datetime import timedelta

import pytest
from sqlmodel import select

from tests.disclosure.desk import UNTIL, Desk
from tracing.disclosure import service, store, telling
from tracing.disclosure.states import NamedAs, ReleaseState, State
from tracing.gate import answers
from tracing.gate.disclosing import Level
from tracing.kit.errors import Invalid
from tracing.tasks.states import TaskKind
from tracing.tasks.tables import Task

ALL = {
    "words_to_pass": "I am well.",
    "contact_to_share": "+254 700 555 0199",
    "location_to_share": "Mombasa",
    "meeting": "at the office",
}
FITS = (  # level, how many of the four may come, which must
    ("say_alive_only", 0, ()),
    ("pass_message", 1, ()),
    ("receive_message", 1, ()),
    ("share_contact", 2, ("contact_to_share",)),
    ("share_location", 3, ("contact_to_share", "location_to_share")),
    ("agree_to_meeting", 4, ("contact_to_share", "location_to_share")),
)


class TestFields:
    @pytest.mark.parametrize(("level", "count", "needed"), FITS)
    def test_that_are_given_fit_the_level(self, desk: Desk, level: str, count: int, needed: tuple[str, ...]) -> None:
        with desk.trial(State.INFORMED) as access:
            for number, field in enumerate(ALL):
                sent = {f: ALL[f] for f in {*needed, field}}
                if number < count:
                    continue
                with pytest.raises(Invalid) as refusal:
                    desk.happen(access, "grant", level=level, **sent)
                assert [(f.pointer, f.code) for f in refusal.value.flaws] == [(f"/{field}", "beyond-the-level")]
            for field in needed:
                sent = {f: ALL[f] for f in needed if f != field}
                with pytest.raises(Invalid) as refusal:
                    desk.happen(access, "grant", level=level, **sent)
                assert [(f.pointer, f.code) for f in refusal.value.flaws] == [(f"/{field}", "missing")]
            given = dict(list(ALL.items())[:count])
            view = desk.happen(access, "grant", level=level, **given)
            assert view.shared is not None
            assert view.shared.model_dump(exclude_none=True) == given
            assert view.level == level

    @pytest.mark.parametrize(
        ("source", "event", "field"),
        [
            (State.REACHING, "inform", "named_as"),
            (State.INFORMED, "defer", "until"),
            (State.INFORMED, "grant", "level"),
            (State.INFORMED, "grant", "given_by"),
            (State.INFORMED, "grant", "obtained"),
        ],
    )
    def test_that_an_event_needs_are_missed(self, desk: Desk, source: State, event: str, field: str) -> None:
        with desk.trial(source) as access:
            with pytest.raises(Invalid) as refusal:
                desk.happen(access, event, **{field: None})
            assert [(f.pointer, f.code) for f in refusal.value.flaws] == [(f"/{field}", "missing")]

    @pytest.mark.parametrize(
        ("source", "event", "fields"),
        [
            (State.REACHING, "inform", {"level": "share_contact"}),
            (State.NOT_STARTED, "reach_out", {"given_by": "subject"}),
            (State.INFORMED, "grant", {"until": UNTIL}),
            (State.INFORMED, "decline", {"level": "say_alive_only"}),
            (State.INFORMED, "decline", {"words_to_pass": "no"}),
            (State.GRANTED, "withdraw", {"valid_until": UNTIL}),
            (State.GRANTED, "revise", {"contact_to_share": "+254 700 555 0199"}),
            (State.INFORMED, "grant", {"named_as": "nobody"}),
        ],
    )
    def test_of_another_event_are_refused(self, desk: Desk, source: State, event: str, fields: dict[str, str]) -> None:
        with desk.trial(source) as access:
            with pytest.raises(Invalid) as refusal:
                desk.happen(access, event, **fields)
            assert [(f.pointer, f.code) for f in refusal.value.flaws] == [(f"/{f}", "of-another-event") for f in fields]

    def test_of_the_answer_are_forgotten_with_it(self, desk: Desk) -> None:
        with desk.trial(State.INFORMED) as access:
            desk.happen(access, "grant", level="agree_to_meeting", **ALL)
            for event in ("withdraw", "revise"):
                view = desk.happen(access, event)
                assert view.shared is None
                row = service.find_case(access, desk.id)
                assert store.details_of_case(access, row).shared.model_dump(exclude_none=True) == {}

    def test_of_naming_stay(self, desk: Desk) -> None:
        with desk.trial(State.REACHING) as access:
            desk.happen(access, "inform", named_as="relationship_only")
            assert desk.happen(access, "grant").named_as is NamedAs.RELATIONSHIP_ONLY


class TestAnAnswer:
    @pytest.mark.parametrize(
        ("source", "event", "expected"),
        [
            (State.INFORMED, "grant", ["granted"]),
            (State.INFORMED, "decline", ["declined"]),
            (State.GRANTED, "withdraw", ["granted", "withdrawn"]),
            (State.GRANTED, "revise", ["granted", "withdrawn"]),
            (State.GRANTED, "learn_of_death", ["granted", "withdrawn"]),
            (State.DECLINED, "revise", ["declined", "withdrawn"]),
            (State.INFORMED, "defer", []),
            (State.INFORMED, "learn_of_death", []),
            (State.WITHDRAWN, "revise", []),
        ],
    )
    def test_is_kept_by_the_gate(self, desk: Desk, source: State, event: str, expected: list[str]) -> None:
        with desk.trial(source) as access:
            desk.happen(access, event)
            kept = answers.of_pair(access, desk.pair.found_id, desk.pair.sought_id)
            assert [str(row.answer) for row in kept] == expected

    def test_that_is_over_has_nothing_to_tell(self, desk: Desk) -> None:
        with desk.trial(State.INFORMED) as access, pytest.raises(Invalid):
            desk.happen(access, "grant", valid_until=(access.now - timedelta(days=1)).isoformat())

    @pytest.mark.parametrize("event", ["withdraw", "revise", "learn_of_death"])
    def test_that_changes_stops_what_was_not_told_and_says_so_once(self, desk: Desk, event: str) -> None:
        with desk.trial(State.INFORMED) as access:
            desk.happen(access, "grant", level="pass_message", words_to_pass="I am well.")
            row = service.find_case(access, desk.id)
            for level in (Level.SAY_ALIVE_ONLY, Level.PASS_MESSAGE):
                telling.propose_release(access, row, level)
            one, other = store.releases_of(access, desk.id)
            store.save_release(access, other, ReleaseState.TOLD)
            desk.happen(access, event)
            assert [(r.id, r.state) for r in store.releases_of(access, desk.id)] == [
                (one.id, ReleaseState.STOPPED),
                (other.id, ReleaseState.TOLD),
            ]
            assert [act.act for act in access.acts].count("releases.stop") == 1
            (task,) = access.session.exec(select(Task).where(Task.kind == TaskKind.ANSWER_CHANGED)).all()
            assert (task.record_id, task.about_id) == (desk.pair.sought_id, desk.id)

    def test_that_stands_is_stopped_by_nothing_else(self, desk: Desk) -> None:
        with desk.trial(State.WITHDRAWN) as access:
            desk.happen(access, "revise")
            assert access.session.exec(select(Task).where(Task.kind == TaskKind.ANSWER_CHANGED)).all() == []
