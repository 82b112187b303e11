"""What leaves, signed and thin, in order and at least once."""

import base64
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import func, select
from sqlmodel import SQLModel
from standardwebhooks import WebhookVerificationError

from tests.receivers import answering
from tests.review.desk import raw
from tests.support import made
from tests.trails import entries
from tests.webhooks.hooks import Hooks, verified
from tracing.gate import feed
from tracing.kit import clock
from tracing.webhooks.states import Patience

NAME = "Planted Canaryname"
CASES = ("request.opened", "sighting.opened")


class TestDelivery:
    def test_is_signed_and_verified_by_the_receivers_library(self, hooks: Hooks) -> None:
        webhook = hooks.add(*CASES)
        request_id = hooks.desk.open()["id"]
        assert hooks.send() == 1
        (got,) = hooks.receiver.received
        body = verified(got, hooks.secrets[webhook])
        assert (body["type"], body["data"]) == ("request.opened", {"record_id": request_id})
        assert set(body) == {"type", "timestamp", "data"}
        assert got.headers["content-type"] == "application/json"
        (row,) = hooks.deliveries(webhook)
        assert (row["state"], row["attempts"], row["last_status"]) == ("delivered", 1, 204)
        assert row["webhook_id"] == got.headers["webhook-id"]

    def test_that_was_tampered_with_is_refused_by_the_receivers_library(self, hooks: Hooks) -> None:
        webhook = hooks.add(*CASES)
        hooks.desk.open()
        hooks.send()
        (got,) = hooks.receiver.received
        late = {"webhook-timestamp": str(int(got.headers["webhook-timestamp"]) - 600)}
        for spoilt in (
            replace(got, body=got.body.replace(b"request", b"sighting")),
            replace(got, headers=got.headers | {"webhook-id": "msg_other"}),
            replace(got, headers=got.headers | late),
            replace(got, headers=got.headers | {"webhook-signature": "v1," + base64.b64encode(bytes(32)).decode()}),
        ):
            with pytest.raises(WebhookVerificationError):
                verified(spoilt, hooks.secrets[webhook])

    def test_carries_a_signature_of_each_active_secret(self, hooks: Hooks) -> None:
        webhook = hooks.add(*CASES)
        second = made(hooks.act(webhook, "secrets"))["secret"]
        hooks.desk.open()
        hooks.send()
        for secret in (hooks.secrets[webhook], second):
            verified(hooks.receiver.received[0], secret)
        made(hooks.act(webhook, "secrets/retirement"), 200)
        hooks.desk.open()
        hooks.send()
        verified(hooks.receiver.received[1], second)
        with pytest.raises(WebhookVerificationError):
            verified(hooks.receiver.received[1], hooks.secrets[webhook])

    def test_comes_in_the_trails_order_and_once(self, hooks: Hooks) -> None:
        hooks.add(*CASES)
        made_ids = [str(hooks.desk.open()["id"]) if n % 2 else hooks.desk.report() for n in range(12)]
        assert hooks.send(3) == 12
        assert [body["data"]["record_id"] for body in hooks.told()] == made_ids
        assert len(set(hooks.ids())) == 12

    def test_goes_on_after_the_trail_grew_while_it_was_read(
        self, hooks: Hooks, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Another process wrote between the question for the trail's end and that for its acts."""
        hooks.add(*CASES)
        end = feed.head
        with monkeypatch.context() as patch:
            patch.setattr(feed, "head", lambda access: end(access) - 5)
            made_ids = [hooks.desk.open()["id"]]
            assert hooks.send() == 1
        made_ids.append(hooks.desk.open()["id"])
        assert hooks.send() == 1
        assert [body["data"]["record_id"] for body in hooks.told()] == made_ids

    def test_names_nobody(self, hooks: Hooks) -> None:
        hooks.add("request.opened", "sighting.opened", "search.changed", "task.raised", "night.finished")
        hooks.desk.seek(NAME)
        hooks.desk.report()
        hooks.desk.night()
        assert hooks.send() >= 3
        assert "night.finished" in hooks.types()
        for got in hooks.receiver.received:
            sent = got.body + repr(got.headers).encode()
            assert not [
                word for word in ("Planted", "Canaryname", "Amina", "Warsame", "Kampala") if word.encode() in sent
            ]
            assert len(got.body) < 200

    @pytest.mark.slow
    def test_of_a_decision_is_one_though_three_rows_stand_on_the_trail(self, hooks: Hooks) -> None:
        desk = hooks.desk
        desk.seek()
        desk.register()
        desk.night()
        hooks.add("suggestion.decided")
        suggestion = desk.only()["id"]
        desk.decided(suggestion, "cannot_tell", reason="insufficient_data")
        assert hooks.send() == 1
        assert hooks.told()[0]["data"] == {"suggestion_id": suggestion}

    def test_is_of_what_was_subscribed_to_and_of_what_came_after(self, hooks: Hooks) -> None:
        hooks.desk.open()
        hooks.add("request.opened")
        hooks.desk.report()
        hooks.desk.open()
        hooks.send()
        assert hooks.types() == ["request.opened"]

    @pytest.mark.slow
    def test_of_an_idle_service_leaves_no_row_on_the_trail(self, hooks: Hooks) -> None:
        hooks.add(*CASES)
        hooks.desk.open()
        dispatcher = hooks.dispatcher()
        while dispatcher.round():
            continue
        before = len(entries(hooks.desk.gate, hooks.desk.people))
        for _ in range(5):
            dispatcher.round()
        assert len(entries(hooks.desk.gate, hooks.desk.people)) == before + 1  # the reading itself


class TestReceiver:
    def test_that_fails_is_tried_again_before_anything_later(self, hooks: Hooks) -> None:
        webhook = hooks.add(*CASES)
        hooks.receiver.script = [answering(500), answering(302, Location="http://127.0.0.1:9/")]
        first, second = hooks.desk.open()["id"], hooks.desk.report()
        hooks.send(4)
        assert [body["data"]["record_id"] for body in hooks.told()] == [first, first, first, second]
        assert len(set(hooks.ids()[:3])) == 1
        assert [row["attempts"] for row in hooks.deliveries(webhook)] == [3, 1]

    def test_that_hangs_is_given_up_for_now(self, hooks: Hooks) -> None:
        webhook = hooks.add(*CASES)
        hooks.receiver.script = [hooks.receiver.hang]
        hooks.desk.open()
        assert hooks.send() == 0
        (row,) = hooks.deliveries(webhook)
        assert (row["state"], row["last_trouble"]) == ("pending", "timeout")
        assert hooks.send() == 1

    @pytest.mark.slow
    def test_that_fails_is_left_alone_for_longer_and_longer(
        self, hooks: Hooks, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        hooks.patience = Patience(tries=99)
        webhook = hooks.add(*CASES)
        hooks.receiver.always = answering(500)
        hooks.desk.open()
        now, real = clock.now(), clock.now
        waits = []
        for _ in range(4):
            hooks.send(3)
            waits.append((self._next(hooks, webhook) - now).total_seconds())
            now = self._next(hooks, webhook) + timedelta(seconds=1)
            monkeypatch.setattr(clock, "now", lambda now=now: now)
        monkeypatch.setattr(clock, "now", real)
        assert len(hooks.receiver.received) == 4
        for wait, wanted in zip(waits, (5, 15, 45, 135), strict=True):
            assert 0.74 * wanted <= wait <= 1.3 * wanted + 2

    def _next(self, hooks: Hooks, webhook: str) -> datetime:
        table = SQLModel.metadata.tables["webhook_progress"]
        with raw(hooks.desk.gate) as connection:
            at: datetime = connection.execute(
                select(table.c.next_at).where(table.c.webhook_id == UUID(webhook))
            ).scalar_one()
            return at

    def test_that_keeps_failing_is_disabled_and_a_task_is_raised(self, hooks: Hooks) -> None:
        webhook = hooks.add(*CASES)
        hooks.receiver.always = answering(500)
        ids = [hooks.desk.open()["id"] for _ in range(3)]
        hooks.send(10)
        shown = hooks.show(webhook)
        assert shown["disabled_for"] == "failing"
        assert [row["state"] for row in hooks.deliveries(webhook)] == ["given_up", "given_up", "pending"]
        tasks = made(hooks.desk.get("/tasks", kind="webhook_stopped"), 200)["items"]
        assert [(task["record_id"], task["about_id"]) for task in tasks] == [(None, webhook)]
        calls = len(hooks.receiver.received)
        hooks.desk.open()
        hooks.send(2)
        assert len(hooks.receiver.received) == calls == 6
        hooks.receiver.always = answering(204)
        made(hooks.act(webhook, "enable"), 200)
        assert made(hooks.desk.get("/tasks", kind="webhook_stopped"), 200)["items"] == []
        hooks.send(2)
        assert hooks.told()[calls]["data"] == {"record_id": ids[2]}
        assert len(hooks.receiver.received) == calls + 2

    def test_that_is_gone_is_disabled_at_once(self, hooks: Hooks) -> None:
        webhook = hooks.add(*CASES)
        hooks.receiver.always = answering(410)
        hooks.desk.open()
        hooks.send(2)
        assert hooks.show(webhook)["disabled_for"] == "gone"
        assert len(hooks.receiver.received) == 1

    def test_that_was_told_of_no_record_raises_a_task_as_well(self, hooks: Hooks) -> None:
        webhook = hooks.add("night.finished")
        hooks.receiver.always = answering(410)
        made(hooks.act(webhook, "test"), 202)
        hooks.send(2)
        assert hooks.show(webhook)["disabled_for"] == "gone"
        (task,) = made(hooks.desk.get("/tasks", kind="webhook_stopped"), 200)["items"]
        assert (task["record_id"], task["about_id"], task["team"]) == (None, webhook, "nairobi")

    def test_is_called_while_no_transaction_is_open(self, hooks: Hooks) -> None:
        """Two more writers come through while the receiver is being called."""
        hooks.add(*CASES)
        seen: list[str] = []

        def busy(handler: object) -> None:
            seen.append(hooks.desk.report())
            assert hooks.desk.gate.engine.pool.checkedout() == 0  # type: ignore[attr-defined]  # of a queue pool
            answering(204)(handler)  # type: ignore[arg-type]  # the receiver's

        hooks.receiver.script = [busy]
        hooks.desk.open()
        assert hooks.send() >= 1
        assert len(seen) == 1


class TestReplay:
    def test_sends_one_delivery_again_under_its_id(self, hooks: Hooks) -> None:
        webhook = hooks.add(*CASES)
        for _ in range(3):
            hooks.desk.open()
        hooks.send()
        one = hooks.deliveries(webhook)[1]
        made(hooks.act(webhook, "replay", delivery_id=one["id"]), 200)
        assert hooks.send() == 1
        assert hooks.ids()[3] == one["webhook_id"] == hooks.ids()[1]

    @pytest.mark.slow
    def test_sends_what_happened_since_a_moment(self, hooks: Hooks) -> None:
        webhook = hooks.add(*CASES)
        for _ in range(4):
            hooks.desk.open()
        hooks.send()
        since = hooks.deliveries(webhook)[2]["happened_at"]
        assert made(hooks.act(webhook, "replay", since=since), 200) == {"replayed": 2, "more": False}
        assert hooks.send() == 2
        assert hooks.ids()[4:] == hooks.ids()[2:4]

    def test_comes_before_what_waits_as_a_test_does(self, hooks: Hooks) -> None:
        webhook = hooks.add(*CASES)
        hooks.desk.open()
        made(hooks.act(webhook, "test"), 202)
        assert hooks.send() == 2
        assert hooks.types() == ["webhook.test", "request.opened"]
        assert hooks.told()[0]["data"] == {}


class TestStored:
    def test_neither_the_address_nor_a_secret_stands_in_the_clear(self, hooks: Hooks) -> None:
        webhook = hooks.add(*CASES, path="/planted-path")
        table = SQLModel.metadata.tables["webhook"]
        with raw(hooks.desk.gate) as connection:
            (row,) = connection.execute(select(table)).all()
        assert "planted-path" not in repr(row)
        assert hooks.secrets[webhook].removeprefix("whsec_") not in repr(row)

    def test_what_was_settled_long_ago_is_forgotten(self, hooks: Hooks) -> None:
        hooks.add(*CASES)
        hooks.desk.open()
        hooks.send()
        table = SQLModel.metadata.tables["webhook_delivery"]
        with raw(hooks.desk.gate) as connection:
            connection.execute(table.update().values(settled_at=clock.now() - timedelta(days=31)))
        hooks.desk.report()
        hooks.send()
        with raw(hooks.desk.gate) as connection:
            assert connection.execute(select(func.count()).select_from(table)).scalar_one() == 1
