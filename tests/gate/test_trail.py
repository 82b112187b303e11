"""The chain of the trail: every tampering is found, nothing else is, on both databases."""

import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from threading import Event, Thread
from typing import Any

import pytest
from sqlalchemy import Connection, create_engine, delete, func, insert, select, update
from sqlalchemy.pool import StaticPool

from tests.support import People
from tracing.gate import audit, trail
from tracing.gate.admit import admitted
from tracing.gate.opening import Gate
from tracing.gate.permissions import Permission
from tracing.gate.tables import TrailEntry, TrailHead
from tracing.gate.trail import Act, Actor, Tampered
from tracing.gate.vault import Vault
from tracing.kit import clock
from tracing.kit.db import PASS
from tracing.kit.ids import new_id

ENTRY: Any = TrailEntry.__table__  # type: ignore[attr-defined]  # SQLModel
HEAD: Any = TrailHead.__table__  # type: ignore[attr-defined]  # the same
NOW = clock.now()
VAULT = Vault(bytes(range(32)))
ROWS = 24
FEW, MANY = 560, 10_000

Row = dict[str, Any]
Tampering = Callable[[random.Random, list[Row], Row], None]


def chain(connection: Connection, society: str = "KE", rows: int = ROWS) -> None:
    """Write a chain of `rows` acts of several callers, in transactions of one to three acts."""
    actors = [Actor(society, new_id(), new_id(), f"request-{n}") for n in range(3)]
    trail.begin(connection, VAULT, actors[0], Act("societies.found", new_id()), NOW)
    done = 1
    while done < rows:
        acts = [Act("requests.read", new_id()), Act("requests.list", digest="ab" * 32, count=20)]
        acts = acts[: min(1 + done % 2, rows - done)]
        trail.append(connection, VAULT, actors[done % 3], acts, NOW + timedelta(seconds=done))
        done += len(acts)


@pytest.fixture(scope="module")
def written() -> tuple[list[Row], Row]:
    """A whole chain as it stands in the database, and its head."""
    with memory() as connection:
        chain(connection)
        return rows_of(connection), dict(connection.execute(select(HEAD)).mappings().one())


@contextmanager
def memory() -> Iterator[Connection]:
    engine = create_engine("sqlite://", poolclass=StaticPool)
    with engine.connect() as connection:
        TrailEntry.metadata.create_all(connection, tables=[ENTRY, HEAD])
        yield connection
    engine.dispose()


def rows_of(connection: Connection) -> list[Row]:
    return [dict(row) for row in connection.execute(select(ENTRY).order_by(ENTRY.c.seq)).mappings()]


# Each is what somebody who can write the database, but holds no key, may do.
def edit(chance: random.Random, rows: list[Row], head: Row) -> None:
    row = chance.choice(rows)
    field = chance.choice([name for name in row if name not in ("society", "seq")])
    row[field] = other_value(chance, row[field], field)


def edit_an_act(chance: random.Random, rows: list[Row], head: Row) -> None:
    chance.choice(rows)["act"] = "nothing.happened"


def edit_and_copy_a_link(chance: random.Random, rows: list[Row], head: Row) -> None:
    edit(chance, rows, head)
    one, two = chance.sample(rows, 2)
    one["link"] = two["link"]


def drop(chance: random.Random, rows: list[Row], head: Row) -> None:
    rows.pop(chance.randrange(len(rows)))


def drop_and_close_the_gap(chance: random.Random, rows: list[Row], head: Row) -> None:
    place = chance.randrange(len(rows) - 1)
    rows.pop(place)
    for row in rows[place:]:
        row["seq"] -= 1
    head["seq"] -= 1


def swap(chance: random.Random, rows: list[Row], head: Row) -> None:
    one, two = chance.sample(rows, 2)
    one["seq"], two["seq"] = two["seq"], one["seq"]


def swap_what_they_say(chance: random.Random, rows: list[Row], head: Row) -> None:
    one, two = chance.sample(rows, 2)
    for field in set(one) - {"seq", "link"}:
        one[field], two[field] = two[field], one[field]


def put_in(chance: random.Random, rows: list[Row], head: Row) -> None:
    place = chance.randrange(len(rows) + 1)
    copy = dict(chance.choice(rows)) | {"seq": place + 1, "subject_id": new_id()}
    for row in rows[place:]:
        row["seq"] += 1
    rows.insert(place, copy)
    head["seq"] += 1


def put_in_front(chance: random.Random, rows: list[Row], head: Row) -> None:
    rows.insert(0, dict(chance.choice(rows)) | {"seq": chance.randrange(-5, 1)})


def cut_off(chance: random.Random, rows: list[Row], head: Row) -> None:
    del rows[chance.randrange(len(rows)) :]


def cut_off_and_set_the_head_back(chance: random.Random, rows: list[Row], head: Row) -> None:
    del rows[chance.randrange(1, len(rows)) :]
    head.update(seq=rows[-1]["seq"], link=rows[-1]["link"])


def drop_all(chance: random.Random, rows: list[Row], head: Row) -> None:
    rows.clear()
    head.update(seq=0, link=trail.GENESIS)


def alter_the_head(chance: random.Random, rows: list[Row], head: Row) -> None:
    field = chance.choice(("seq", "link", "seal"))
    head[field] = other_value(chance, head[field], field)


def drop_the_head(chance: random.Random, rows: list[Row], head: Row) -> None:
    head.clear()
    if chance.random() < 0.5:
        rows.clear()


TAMPERINGS_OF: tuple[Tampering, ...] = (
    edit,
    edit_an_act,
    edit_and_copy_a_link,
    drop,
    drop_and_close_the_gap,
    swap,
    swap_what_they_say,
    put_in,
    put_in_front,
    cut_off,
    cut_off_and_set_the_head_back,
    drop_all,
    alter_the_head,
    drop_the_head,
)


def other_value(chance: random.Random, value: Any, field: str) -> Any:
    if field in ("link", "seal", "digest"):
        return f"{chance.getrandbits(256):064x}"
    if isinstance(value, int):
        return value + chance.choice((-1, 1, 1000))
    if isinstance(value, str):
        return value + "x" if chance.random() < 0.5 else "refused"
    if hasattr(value, "year"):
        return value + timedelta(microseconds=chance.choice((-1, 1, 10**9)))
    return new_id()


def rewritten(connection: Connection, rows: list[Row], head: Row) -> trail.Verdict:
    """Put `rows` and `head` in the place of what stands there, and verify."""
    connection.execute(delete(ENTRY))
    connection.execute(delete(HEAD))
    if rows:
        connection.execute(insert(ENTRY), rows)
    if head:
        connection.execute(insert(HEAD), [head])
    return trail.verify(connection, VAULT, "KE")


class TestVerify:
    @pytest.mark.parametrize("tamperings", [FEW, pytest.param(MANY, marks=pytest.mark.slow)])
    def test_finds_every_tampering_and_nothing_else(self, written: tuple[list[Row], Row], tamperings: int) -> None:
        chance = random.Random(20261123)
        missed: list[str] = []
        false_alarms = 0
        with memory() as connection:
            for turn in range(tamperings):
                tamper = TAMPERINGS_OF[turn % len(TAMPERINGS_OF)]
                rows, head = [dict(row) for row in written[0]], dict(written[1])
                tamper(chance, rows, head)
                changed = rows != written[0] or head != written[1]
                verdict = rewritten(connection, rows, head)
                if changed and verdict.broken_at is None:
                    missed.append(f"{tamper.__name__} at turn {turn}")
                if not changed and verdict.broken_at is not None:
                    false_alarms += 1
                connection.rollback()
        assert missed == []
        assert false_alarms == 0

    @pytest.mark.parametrize("rows", [1, 2, 50])
    def test_a_chain_that_nobody_touched_is_whole(self, rows: int) -> None:
        with memory() as connection:
            chain(connection, rows=rows)
            chain(connection, "UG", rows=3)
            verdict = trail.verify(connection, VAULT, "KE")
        assert (verdict.broken_at, verdict.entries) == (None, rows)

    def test_goes_on_behind_a_page(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(trail, "PAGE", 7)
        with memory() as connection:
            chain(connection)
            assert trail.verify(connection, VAULT, "KE").entries == ROWS
            connection.execute(update(ENTRY).where(ENTRY.c.seq == 20).values(act="x"))
            assert trail.verify(connection, VAULT, "KE").broken_at == 20

    def test_another_key_cannot_have_written_it(self) -> None:
        with memory() as connection:
            chain(connection)
            assert trail.verify(connection, Vault(bytes(32)), "KE").broken_at == 1


class TestCheckpoint:
    def test_tells_a_database_that_was_put_back(self) -> None:
        with memory() as connection:
            chain(connection, rows=10)
            backup, head = rows_of(connection), dict(connection.execute(select(HEAD)).mappings().one())
            actor = Actor("KE", new_id(), new_id())
            trail.append(connection, VAULT, actor, [Act("requests.read", new_id())] * 5, NOW)
            whole = trail.verify(connection, VAULT, "KE")
            kept = (whole.entries, whole.link)
            assert trail.verify(connection, VAULT, "KE", kept).broken_at is None
            connection.execute(delete(ENTRY))
            connection.execute(insert(ENTRY), backup)
            connection.execute(update(HEAD).values(**head))
            assert trail.verify(connection, VAULT, "KE").broken_at is None  # nothing inside tells
            assert trail.verify(connection, VAULT, "KE", kept).reason == "the chain is shorter than the checkpoint"
            trail.append(connection, VAULT, actor, [Act("requests.open", new_id())] * 9, NOW)
            verdict = trail.verify(connection, VAULT, "KE", kept)
            assert (verdict.broken_at, verdict.reason) == (15, "the chain left the checkpoint")

    def test_an_earlier_one_holds_for_ever(self) -> None:
        with memory() as connection:
            chain(connection)
            kept = [(row["seq"], row["link"]) for row in rows_of(connection)]
            for checkpoint in kept:
                assert trail.verify(connection, VAULT, "KE", checkpoint).broken_at is None


class TestAppend:
    @pytest.mark.parametrize(
        ("values", "reason"),
        [
            ({"seq": 3}, "set back"),
            ({"link": "0" * 64}, "points elsewhere"),
            ({"seal": "0" * 64}, "sealed by nobody"),
        ],
    )
    def test_nothing_is_written_behind_an_altered_end(self, values: Row, reason: str) -> None:
        with memory() as connection:
            chain(connection)
            connection.execute(update(HEAD).values(**values))
            with pytest.raises(Tampered):
                trail.append(connection, VAULT, Actor("KE", new_id(), new_id()), [Act("requests.read")], NOW)
            assert len(rows_of(connection)) == ROWS, reason

    def test_no_chain_begins_anew_but_by_a_founding(self) -> None:
        with memory() as connection:
            chain(connection)
            connection.execute(delete(ENTRY))
            connection.execute(delete(HEAD))
            with pytest.raises(Tampered):
                trail.append(connection, VAULT, Actor("KE", new_id(), new_id()), [Act("requests.read")], NOW)


class TestInTheService:
    def test_an_altered_end_stops_every_answer(self, gate: Gate, people: People) -> None:
        self._set_head_back(gate)
        token = people.token("caseworker")
        with pytest.raises(Tampered), admitted(gate, token, Permission.REQUESTS_READ) as access:
            access.note("requests.list")
        other = people.token("caseworker", "UG")
        with admitted(gate, other, Permission.REQUESTS_READ) as access:
            access.note("requests.list")

    def _set_head_back(self, gate: Gate) -> None:
        with gate.engine.begin() as connection:
            if not gate.embedded:
                connection.execute(select(func.set_config("tracing.society", "KE", True)), execution_options=PASS)
            connection.execute(update(HEAD).where(HEAD.c.society == "KE").values(seq=2), execution_options=PASS)

    def test_a_trail_that_grows_while_it_is_verified_raises_no_alarm(self, gate: Gate, people: People) -> None:
        stop = Event()

        def write() -> None:
            while not stop.is_set():
                with admitted(gate, people.token("caseworker"), Permission.REQUESTS_READ) as access:
                    access.note("requests.list")

        writers = [Thread(target=write) for _ in range(2)]
        for writer in writers:
            writer.start()
        try:
            found = [self._verify(gate, people) for _ in range(6)]
        finally:
            stop.set()
            for writer in writers:
                writer.join()
        assert [verdict.reason for verdict in found] == ["whole"] * 6
        assert found[-1].entries > found[0].entries

    def _verify(self, gate: Gate, people: People) -> trail.Verdict:
        with admitted(gate, people.token("auditor"), Permission.TRAIL_VERIFY) as access:
            return audit.verify(access, gate)


class TestPlantedFaults:
    """Weaken one part of the chain and see a tampering pass: the test above can fail."""

    @pytest.mark.parametrize(
        ("part", "weak", "tamper"),
        [
            ("_seal", lambda *_: "0" * 64, cut_off_and_set_the_head_back),
            ("_link", lambda vault, before, row: vault.hash("trail", f"{before}|{row['seq']}"), edit_an_act),
            ("_link", lambda vault, before, row: vault.hash("trail", row["act"]), swap_what_they_say),
        ],
        ids=["a head without a key", "a link without the row", "a link without the past"],
    )
    def test_is_caught_by_the_tamperings(
        self, monkeypatch: pytest.MonkeyPatch, part: str, weak: Callable[..., str], tamper: Tampering
    ) -> None:
        monkeypatch.setattr(trail, part, weak)
        with memory() as connection:
            chain(connection)
            rows, head = rows_of(connection), dict(connection.execute(select(HEAD)).mappings().one())
            before = [dict(row) for row in rows]
            tamper(random.Random(1), rows, head)
            assert rows != before
            assert rewritten(connection, rows, head).broken_at is None
