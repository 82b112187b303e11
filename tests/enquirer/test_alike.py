"""Declined, pending and still searching: nobody can tell them apart, by whatever a call gives away."""

import random
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from itertools import combinations

import pytest
from httpx import Response
from sqlalchemy import event

from tests.enquirer.desk import ALIKE, Enquirer, enquirer
from tests.review.desk import Desk, raw
from tests.trails import entries
from tracing.enquirer import service
from tracing.enquirer.schemas import CaseStatusView
from tracing.enquirer.states import Language
from tracing.gate.access import Access
from tracing.gate.opening import Gate

MOST_AUC = 0.55
DELAY_S = 0.001
ITS_OWN = {"x-request-id", "date"}

Seconds = Mapping[str, list[float]]


@pytest.fixture
def alike(desk: Desk) -> dict[str, Enquirer]:
    """One enquirer per class, each of whom has looked once."""
    found = {name: enquirer(desk, way) for name, way in ALIKE.items()}
    for asking in found.values():
        asking.page()
    return found


def face(answer: Response) -> tuple[int, bytes, tuple[tuple[str, str], ...]]:
    """Return all of an answer that somebody could look at, in its order, but what is of each call alone."""
    headers = tuple((name, value) for name, value in answer.headers.items() if name not in ITS_OWN)
    return answer.status_code, answer.content, headers


def auc(left: list[float], right: list[float]) -> float:
    """Return how well a threshold tells two samples apart: 0.5 not at all, 1.0 always, whichever is larger."""
    ranked = sorted([(value, 0) for value in left] + [(value, 1) for value in right])
    ranks = 0.0
    start = 0
    while start < len(ranked):
        end = start
        while end < len(ranked) and ranked[end][0] == ranked[start][0]:
            end += 1
        ranks += (start + end + 1) / 2 * sum(side for _, side in ranked[start:end])
        start = end
    found = (ranks - len(right) * (len(right) + 1) / 2) / (len(left) * len(right))
    return max(found, 1 - found)


@contextmanager
def heard(gate: Gate) -> Iterator[list[str]]:
    """Collect every statement that reaches a database, in order."""
    said: list[str] = []

    def hear(_c: object, _k: object, statement: str, *_: object) -> None:
        said.append(statement)

    engines = (gate.engine, gate.keys._engine)
    for engine in engines:
        event.listen(engine, "before_cursor_execute", hear)
    yield said
    for engine in engines:
        event.remove(engine, "before_cursor_execute", hear)


def timed(alike: dict[str, Enquirer], calls: int) -> tuple[Seconds, Seconds, set[object]]:
    """Return the seconds of `calls` calls per class, in random order: of work, and by the clock on the wall.

    And every face that was seen. The wall is what a caller sees; the work is what a busy machine does not hide.
    """
    order = [name for name in alike for _ in range(calls)]
    random.Random(4).shuffle(order)
    work: dict[str, list[float]] = {name: [] for name in alike}
    wall: dict[str, list[float]] = {name: [] for name in alike}
    faces: set[object] = set()
    for name in order:
        begun, busy = time.perf_counter(), time.process_time()
        answer = alike[name].look()
        work[name].append(time.process_time() - busy)
        wall[name].append(time.perf_counter() - begun)
        faces.add(face(answer))
    return work, wall, faces


def delayed(monkeypatch: pytest.MonkeyPatch, slow: Enquirer) -> None:
    """Plant what must be found: the page of one class takes a millisecond more of work."""
    plain = service.show

    def show(access: Access, text: str, language: Language) -> CaseStatusView:
        if text == slow.code:
            end = time.thread_time() + DELAY_S
            while time.thread_time() < end:
                pass
        return plain(access, text, language)

    monkeypatch.setattr(service, "show", show)


class TestClasses:
    def test_stand_where_they_are_said_to(self, desk: Desk, alike: dict[str, Enquirer]) -> None:
        states = {name: desk.state_of(asking.sought_ids[0]) for name, asking in alike.items()}
        assert states == {
            "searching": "searching",
            "pending": "located_pending_consent",
            "declined": "outcome_ready",
        }

    def test_answer_alike_to_the_last_byte_and_header(self, alike: dict[str, Enquirer]) -> None:
        faces = {face(asking.look()) for _ in range(30) for asking in alike.values()}
        assert len(faces) == 1

    def test_ask_the_databases_the_same(self, desk: Desk, alike: dict[str, Enquirer]) -> None:
        said = {}
        for name, asking in alike.items():
            with heard(desk.gate) as statements:
                asking.page()
            said[name] = statements
        assert said["searching"] == said["pending"] == said["declined"]
        assert len(said["searching"]) > 4
        assert not [statement for statement in said["searching"] if "sought_person" in statement]

    def test_leave_the_same_on_the_trail(self, desk: Desk, alike: dict[str, Enquirer]) -> None:
        left = []
        for asking in alike.values():
            asking.page()
            entry = entries(desk.gate, desk.people)[-1]
            left.append((entry.act, entry.outcome, entry.count, entry.digest))
        assert set(left) == {("case-status.read", "done", 1, "")}

    def test_have_the_same_entries_behind_them(self, desk: Desk, alike: dict[str, Enquirer]) -> None:
        with raw(desk.gate) as connection:
            query = "select request_id, status, version, at_once from status_entry"
            rows = connection.exec_driver_sql(query).all()
        assert len(rows) == len(alike)
        assert {tuple(row[1:]) for row in rows} == {("search_under_way", 1, True)}

    def test_are_told_apart_when_there_is_something_to_tell(self, desk: Desk, alike: dict[str, Enquirer]) -> None:
        """The comparison itself: a status that is another one is another face."""
        desk.happen(f"/sought-persons/{alike['searching'].sought_ids[0]}", "ask_enquirer")
        assert len({face(asking.look()) for asking in alike.values()}) == 2


@pytest.mark.slow
class TestThousandCalls:
    CALLS = 1_000

    def test_look_alike_and_take_alike_where_a_millisecond_would_be_told(
        self, desk: Desk, alike: dict[str, Enquirer], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        late = enquirer(desk, ALIKE["declined"])
        late.page()
        delayed(monkeypatch, late)
        work, wall, faces = timed(alike | {"late": late}, self.CALLS)
        assert len(faces) == 1
        for seconds in (work, wall):
            found = {(a, b): auc(seconds[a], seconds[b]) for a, b in combinations(alike, 2)}
            assert max(found.values()) <= MOST_AUC, found
        for name in alike:
            assert auc(work[name], work["late"]) > MOST_AUC


class TestClassifier:
    @pytest.mark.parametrize(
        ("left", "right", "wanted"),
        [
            ([1, 2, 3], [4, 5, 6], 1.0),
            ([4, 5, 6], [1, 2, 3], 1.0),
            ([1, 1, 1], [1, 1, 1], 0.5),
            ([1, 2], [1, 2], 0.5),
            ([1, 3], [2, 4], 0.75),
        ],
    )
    def test_tells_what_it_should(self, left: list[float], right: list[float], wanted: float) -> None:
        assert auc(left, right) == wanted
