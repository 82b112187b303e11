"""Each message has its effects once: ten times over, in any order, what stands at the end is the same."""

from collections import Counter
from datetime import timedelta
from random import Random
from typing import Any
from uuid import UUID

import pytest
from sqlmodel import SQLModel

from tests.exchange.envelopes import as_json, fields, signed
from tests.exchange.pair import ORIGIN, Pair
from tests.exchange.test_way import ask
from tests.review.desk import raw
from tests.support import made
from tracing.exchange import store
from tracing.exchange.states import Kind
from tracing.gate.admit import admitted
from tracing.gate.partnering import own_keys
from tracing.gate.permissions import Permission
from tracing.gate.purposes import Purpose
from tracing.kit import clock
from tracing.kit.ids import new_id

INBOX = f"{ORIGIN}/v1/exchange/KE/inbox"
TIMES = 10
Bodies = dict[str, bytes]


class Sender:
    """UG, which sends to KE whatever it likes, in whatever order."""

    def __init__(self, pair: Pair) -> None:
        self.pair = pair
        token = pair.desk.people.token("operator", "UG")
        with admitted(pair.desk.gate, token, Permission.EXCHANGE_DELIVER) as access:
            self.key_id, self.key = own_keys.signing(access)
            access.note("test")
        self.ours: dict[UUID, str] = {}

    def write(self) -> tuple[Bodies, dict[UUID, str], str]:
        """Return one message of each kind and more, in the order in which they were written; ids by name; our case."""
        _, _, case = ask(self.pair)
        self.pair.deliver("KE")
        opened = UUID(self.pair.case("KE", case)["opened_by"])
        written: list[tuple[str, dict[str, Any]]] = []
        names: dict[UUID, str] = {opened: "ours"}

        def add(name: str, kind: Kind, about: UUID | None = None, **changes: Any) -> UUID:
            at = clock.now() - timedelta(minutes=30) + timedelta(seconds=len(written))
            made = fields(kind, about, sender="UG", recipient="KE", sent_at=at, **changes)
            written.append((name, made))
            names[made["id"]] = name
            return UUID(str(made["id"]))

        search = add("search", Kind.REQUEST_SEARCH)
        gone = add("gone", Kind.REQUEST_SEARCH)
        known = add("known", Kind.SHARE_FOR_INFORMATION)
        add("case", Kind.TRANSFER_CASE)
        add("question", Kind.ASK_QUESTION, search)
        add("words", Kind.SEND_MESSAGE, known)
        add("late words", Kind.SEND_MESSAGE, gone)
        add("arrived", Kind.RECEIPT, opened)
        add("accepted", Kind.RECEIPT, opened, payload={"status": "accepted"})
        possible = {"finding": "possible_match", "text": None, "handle": UUID(int=7)}
        add("possible", Kind.PROVIDE_ANSWER, opened, payload=possible)
        add("facts", Kind.PROVIDE_ANSWER, opened)
        add("taken back", Kind.REVOKE, gone)
        return {name: as_json(made) for name, made in written}, names, case

    def deliver(self, body: bytes) -> int:
        sent = signed(INBOX, body, self.key, self.key_id)
        return int(
            self.pair.desk.client.post("/v1/exchange/KE/inbox", content=sent.body, headers=sent.headers).status_code
        )

    def deliver_all(self, bodies: Bodies, rng: Random, times: int) -> Counter[int]:
        """Deliver each message so many times in any order; what is not taken yet comes again, as with the courier."""
        statuses: Counter[int] = Counter()
        left = [name for name in bodies for _ in range(times)]
        rng.shuffle(left)
        while left:
            again = []
            for name in left:
                statuses[status := self.deliver(bodies[name])] += 1
                if status == 409:
                    again.append(name)
            assert len(again) < len(left), "what is about something that came is taken"
            left = again
        return statuses

    def standing(self, names: dict[UUID, str], ours: str) -> dict[str, Any]:
        """Return all that stands of one set of messages, apart from ids, times and versions."""
        tables = SQLModel.metadata.tables
        message, case, record, task = (tables[name] for name in ("exchange_message", "exchange_case", "record", "task"))
        with raw(self.pair.desk.gate) as connection:
            came = (message.c.society == "KE", message.c.message_id.in_(names), message.c.side == "received")
            rows = connection.execute(message.select().where(*came)).all()
            begun = (case.c.society == "KE", case.c.opened_by.in_(names))
            cases = connection.execute(case.select().where(*begun)).all()
            sought = [row.sought_id for row in cases]
            records = connection.execute(record.select().where(record.c.id.in_(sought))).all()
            tasks = connection.execute(task.select().where(task.c.about_id.in_([row.id for row in cases]))).all()
        visible = {row.id for row in records if row.purposes & Purpose.REGISTER.bit}
        shown = {row.id: row for row in cases if row.sought_id in visible}
        texts = made(self.pair.desk.get(f"/exchange/cases/{ours}"), 200)["messages"]
        return {
            "came": Counter(names[row.message_id] for row in rows),
            "cases": {names[row.opened_by]: (row.state, row.reason, row.handle) for row in shown.values()},
            "words": Counter(names[r.message_id] for r in rows if r.words_id and r.case_id in shown),
            "tasks": Counter((t.kind, names[shown[t.about_id].opened_by]) for t in tasks if t.about_id in shown),
            "told": Counter(line["text"] for line in texts if line["text"]),
        }


@pytest.mark.parametrize("settings", ["sqlite", "postgresql"], indirect=True)
class TestOnce:
    @pytest.mark.parametrize(
        ("seeds", "times"), [(1, 2), pytest.param(2, TIMES, marks=pytest.mark.slow)], ids=["few", "many"]
    )
    def test_whatever_the_order_and_however_often(self, pair: Pair, seeds: int, times: int) -> None:
        sender = Sender(pair)
        bodies, names, ours = sender.write()
        assert [sender.deliver(body) for body in bodies.values()] == [202] * len(bodies)
        undisturbed = sender.standing(names, ours)
        assert undisturbed["cases"]["ours"][0] == "answered"
        assert set(undisturbed["cases"]) == {"ours", "search", "known", "case"}
        for seed in range(seeds):
            bodies, names, ours = sender.write()
            statuses = sender.deliver_all(bodies, Random(seed), times)
            assert statuses[202] == len(bodies)
            assert statuses[200] == len(bodies) * (times - 1)
            assert sender.standing(names, ours) == undisturbed

    @pytest.mark.slow
    def test_is_not_so_where_nobody_looks_what_came(self, pair: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
        add = store.add_message
        monkeypatch.setattr(store, "came_before", lambda *_: None)
        sender = Sender(pair)
        bodies, names, ours = sender.write()
        assert [sender.deliver(body) for body in bodies.values()] == [202] * len(bodies)
        undisturbed = sender.standing(names, ours)
        assert sender.deliver(bodies["question"]) == 409, "the table itself refuses the second row"

        def twice(*args: Any, **fields: Any) -> Any:
            return add(*args, **fields | {"message_id": new_id()})

        monkeypatch.setattr(store, "add_message", twice)
        assert sender.deliver(bodies["question"]) == 202
        assert sender.standing(names, ours) != undisturbed


@pytest.mark.parametrize("settings", ["sqlite"], indirect=True)
class TestTakenBackBeforeItCame:
    def test_is_never_registered(self, pair: Pair) -> None:
        sender = Sender(pair)
        bodies = sender.write()[0]
        with raw(pair.desk.gate) as connection:
            before = len(connection.execute(SQLModel.metadata.tables["record"].select()).all())
        assert [sender.deliver(bodies[name]) for name in ("taken back", "gone", "late words")] == [202] * 3
        with raw(pair.desk.gate) as connection:
            assert len(connection.execute(SQLModel.metadata.tables["record"].select()).all()) == before
            words = SQLModel.metadata.tables["exchange_words"].select()
            assert connection.execute(words).all() == []
        pair.deliver("KE")
        receipts = [line["kind"] for line in pair.desk.get("/exchange/outbox").json()["items"]][1:]
        assert receipts == ["receipt", "receipt"]
