"""Nobody is told of what their own account could not read at that moment."""

import re
from pathlib import Path

import pytest

from tests.receivers import answering
from tests.review.desk import Desk
from tests.sightings.reports import registration
from tests.stories.family import ASKED, NEWS, Family
from tests.support import made, post, request_draft, sought_draft
from tests.webhooks.hooks import Hooks
from tracing.gate import people as register_of_people
from tracing.gate.admit import admitted
from tracing.gate.permissions import GRANTS, Permission, Role
from tracing.webhooks.states import EVENT_OF, TABLE, EventType

SOURCE = Path(__file__).parents[2] / "src" / "tracing"
PROTECTED = {"sensitivity": "protected"}


def asked(family: Family) -> None:
    """Take a family as far as the found person is asked."""
    family.matched(request_draft(), registration()).screened().verified().asked()


class TestTable:
    def test_has_every_event_but_the_test(self) -> None:
        assert set(TABLE) == set(EventType) - {EventType.TEST}

    def test_has_only_acts_that_some_service_notes(self) -> None:
        """`sightings.suspend` is noted as `sightings.{event}`: the resource and the verb's list must both be there."""
        text = "".join(path.read_text(encoding="utf-8") for path in SOURCE.rglob("*.py") if path.name != "states.py")
        for act in EVENT_OF:
            resource, verb = act.split(".")
            assert f'"{act}"' in text or re.search(rf'f"{resource}\.\{{[\w.]+\}}"', text), (resource, verb)

    def test_gives_each_act_one_name(self) -> None:
        acts = [act for told in TABLE.values() for act in told.acts]
        assert len(acts) == len(set(acts)) == len(EVENT_OF)

    def test_tells_a_refusal_by_the_same_name_as_any_other_step(self) -> None:
        assert {EVENT_OF[f"disclosures.{event}"] for event in ("grant", "decline", "inform", "withdraw")} == {
            EventType.DISCLOSURE_CHANGED
        }

    def test_tells_nothing_to_roles_that_only_enquire_or_count(self) -> None:
        for role in (Role.ENQUIRER, Role.PARTNER, Role.STATISTICS, Role.INTAKE, Role.CASEWORKER, Role.AUDITOR):
            assert Permission.WEBHOOKS_READ not in GRANTS[role]


class TestOwner:
    def test_subscribes_to_what_their_role_reads_alone(self, hooks: Hooks) -> None:
        body = {"url": hooks.receiver.origin, "events": ["night.finished", "request.opened", "task.raised"]}
        answer = post(hooks.desk.client, "/webhooks", body, hooks.desk.auth("administrator"))
        assert answer.status_code == 422
        assert {flaw["pointer"] for flaw in answer.json()["errors"]} == {"/events/0", "/events/1"}
        hooks.add("night.finished", label="administrator")

    @pytest.mark.slow
    def test_subscribes_to_what_their_token_reads_alone(self, hooks: Hooks) -> None:
        scope = (Permission.WEBHOOKS_READ, Permission.WEBHOOKS_WRITE, Permission.RUNS_READ)
        auth = hooks.desk.scoped("supervisor", scope)
        for event, status in (("request.opened", 422), ("night.finished", 201)):
            made(post(hooks.desk.client, "/webhooks", {"url": hooks.receiver.origin, "events": [event]}, auth), status)

    def test_whose_account_is_disabled_is_told_nothing_more(self, hooks: Hooks) -> None:
        hooks.desk.hire_elsewhere("away", role=Role.SUPERVISOR)
        webhook = hooks.add("request.opened", label="away")
        hooks.desk.open()
        with admitted(hooks.desk.gate, hooks.desk.people.token("operator"), Permission.ACCOUNTS_WRITE) as access:
            register_of_people.disable_account(access, register_of_people.find_account(access, "away"))
        hooks.send(2)
        assert hooks.receiver.received == []
        assert hooks.show(webhook)["disabled_for"] == "owner_gone"
        tasks = made(hooks.desk.get("/tasks", "supervisor", kind="webhook_stopped"), 200)["items"]
        assert [(task["record_id"], task["about_id"]) for task in tasks] == [(None, webhook)]

    def test_of_another_society_is_told_nothing(self, hooks: Hooks) -> None:
        body = {"url": hooks.receiver.origin, "events": ["request.opened"]}
        made(post(hooks.desk.client, "/webhooks", body, hooks.desk.auth("supervisor", "UG")))
        hooks.desk.open()
        hooks.send(2)
        assert hooks.receiver.received == []


class TestRecord:
    def test_that_is_withdrawn_before_it_is_sent_is_not_told_of(self, hooks: Hooks) -> None:
        hooks.add("request.opened", "sighting.opened", "search.changed")
        request_id, sighting_id = hooks.desk.open()["id"], hooks.desk.report()
        for record in (request_id, sighting_id):
            hooks.desk.withdraw(record, "register")
        hooks.send(2)
        assert hooks.receiver.received == []

    def test_that_is_withdrawn_between_two_attempts_is_withheld(self, hooks: Hooks) -> None:
        webhook = hooks.add("sighting.opened")
        hooks.receiver.script = [answering(500)]
        sighting_id = hooks.desk.report()
        later = hooks.desk.report()
        hooks.send()
        hooks.desk.withdraw(sighting_id, "register")
        hooks.send(2)
        assert [body["data"]["record_id"] for body in hooks.told()] == [sighting_id, later]
        assert [row["state"] for row in hooks.deliveries(webhook)] == ["withheld", "delivered"]
        answer = hooks.act(webhook, "replay", delivery_id=hooks.deliveries(webhook)[0]["id"])
        assert answer.status_code == 404

    @pytest.mark.slow
    def test_that_is_withdrawn_is_not_replayed(self, hooks: Hooks) -> None:
        webhook = hooks.add("sighting.opened")
        sighting_id = hooks.desk.report()
        hooks.send()
        hooks.desk.withdraw(sighting_id, "register")
        made(hooks.act(webhook, "replay", since="2020-01-01T00:00:00Z"), 200)
        assert hooks.send(2) == 0
        assert len(hooks.receiver.received) == 1

    @pytest.mark.slow
    def test_that_is_protected_is_told_of_to_its_team_alone(self, hooks: Hooks) -> None:
        hooks.desk.hire_elsewhere("away", role=Role.SUPERVISOR)
        hooks.add("search.changed", label="away", path="/away")
        hooks.add("search.changed", path="/own")
        for draft in (sought_draft(**PROTECTED), sought_draft("Hodan Ali Nur")):
            sought = hooks.desk.open(draft)["sought"][0]["id"]
            hooks.desk.happen(f"/sought-persons/{sought}", "suspend")
        hooks.send(2)
        paths = [got.path for got in hooks.receiver.received]
        assert paths.count("/own") == 2 * paths.count("/away") > 0

    @pytest.mark.slow
    def test_of_a_suggestion_must_be_seen_on_both_sides(self, hooks: Hooks) -> None:
        desk = hooks.desk
        desk.seek()
        sighting = desk.register()
        desk.night()
        hooks.add("suggestion.decided")
        desk.decided(desk.only()["id"], "cannot_tell", reason="insufficient_data")
        desk.withdraw(sighting)
        hooks.send(2)
        assert hooks.receiver.received == []


@pytest.mark.slow
class TestFamily:
    """The way from search to telling, told to everybody who may have webhooks: ids and closed words, nothing else."""

    @pytest.fixture
    def family(self, hooks: Hooks) -> Family:
        return Family(Desk(hooks.desk.client, hooks.desk.people, hooks.desk.gate))

    def test_is_told_without_a_name_or_what_was_answered(self, hooks: Hooks, family: Family) -> None:
        hooks.add(*(event.value for event in TABLE))
        asked(family)
        family.granted("receive_message", words_to_pass=NEWS)
        hooks.send(5)
        assert {"request.opened", "suggestion.decided", "disclosure.changed"} <= set(hooks.types())
        for body in hooks.told():
            assert set(body) == {"type", "timestamp", "data"}
            assert len(body["data"]) == 1
            assert re.fullmatch(r"[0-9a-f-]{36}", next(iter(body["data"].values())))

    @pytest.mark.parametrize("event", ["grant", "decline"])
    def test_whose_answer_is_told_tells_not_which(self, hooks: Hooks, family: Family, event: str) -> None:
        hooks.add("disclosure.changed")
        asked(family)
        hooks.send(3)
        before = len(hooks.told())
        if event == "grant":
            family.granted("receive_message", words_to_pass=NEWS)
        else:
            family.answered("decline", **ASKED)
        hooks.send(3)
        assert hooks.types()[before:] == ["disclosure.changed"]
        assert {len(got.body) for got in hooks.receiver.received} == {len(hooks.receiver.received[0].body)}
