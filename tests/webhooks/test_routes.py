"""Endpoints over HTTP: whose they are, what may be changed, what is shown."""

from typing import Any

import pytest
from httpx import Response

from tests.kit.tricks import FORMS
from tests.support import Json, made, post
from tests.trails import acts
from tests.webhooks.hooks import Hooks
from tracing.kit.settings import Settings


def create(hooks: Hooks, url: str, label: str = "supervisor", **headers: str) -> Response:
    body = {"url": url, "events": ["request.opened"]}
    return post(hooks.desk.client, "/webhooks", body, hooks.desk.auth(label), **headers)


def listed(hooks: Hooks, label: str = "administrator", **params: Any) -> Json:
    return made(hooks.desk.get("/webhooks", label, **params), 200)


class TestRegistering:
    def test_of_an_address_that_is_not_called_is_refused_and_not_repeated(self, hooks: Hooks) -> None:
        for url in ("https://user:planted@example.org/hook", "http://example.org/hook", *FORMS[3::12]):
            if len(url) < 9 or "\n" in url:
                continue
            answer = create(hooks, url)
            assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/url"), url
            assert "planted" not in answer.text

    def test_again_with_the_same_key_is_the_same_endpoint_without_its_secret(self, hooks: Hooks) -> None:
        first, second = (
            made(create(hooks, hooks.receiver.origin, **{"Idempotency-Key": "a-key-of-mine"})) for _ in range(2)
        )
        assert first["webhook"]["id"] == second["webhook"]["id"]
        assert (first["secret"][:6], second["secret"]) == ("whsec_", None)
        assert len(listed(hooks)["items"]) == 1

    def test_for_other_events_than_those_of_the_list_is_refused(self, hooks: Hooks) -> None:
        for events in ([], ["webhook.test"], ["person.found"], ["request.opened"] * 20):
            body = {"url": hooks.receiver.origin, "events": events}
            assert post(hooks.desk.client, "/webhooks", body, hooks.desk.auth("supervisor")).status_code == 422

    def test_is_for_supervisors_and_administrators(self, hooks: Hooks) -> None:
        for label in ("intake", "caseworker", "auditor", "partner", "enquirer", "statistics"):
            assert create(hooks, hooks.receiver.origin, label).status_code == 403


class TestEndpoint:
    def test_shows_its_address_to_its_owner_alone(self, hooks: Hooks) -> None:
        webhook = hooks.add("request.opened", path="/planted")
        assert hooks.show(webhook)["url"].endswith("/planted")
        for label in ("administrator", "supervisor-2"):
            shown = hooks.show(webhook, label)
            assert (shown["url"], shown["origin"]) == (None, hooks.receiver.origin)
        assert hooks.secrets[webhook] not in str(hooks.show(webhook))

    def test_is_led_elsewhere_by_its_owner_alone_and_stopped_by_anybody(self, hooks: Hooks) -> None:
        webhook = hooks.add("request.opened")
        for act in ("secrets", "secrets/retirement", "test", "replay", "enable"):
            more = {"since": "2020-01-01T00:00:00Z"} if act == "replay" else {}
            answer = hooks.act(webhook, act, "administrator", **more)
            assert (answer.status_code, answer.json()["code"]) == (409, "not-the-owner"), act
        assert self._change(hooks, webhook, ["task.raised"], "supervisor-2").json()["code"] == "not-the-owner"
        assert made(hooks.act(webhook, "disable", "administrator"), 200)["disabled_for"] == "by_hand"
        assert hooks.act(webhook, "test").json()["code"] == "webhook-disabled"
        hooks.desk.open()
        hooks.send(2)
        assert hooks.receiver.received == []

    def test_is_told_of_other_events_once_changed(self, hooks: Hooks) -> None:
        webhook = hooks.add("request.opened")
        assert made(self._change(hooks, webhook, ["sighting.opened"]), 200)["events"] == ["sighting.opened"]
        hooks.desk.open()
        hooks.desk.report()
        hooks.send()
        assert hooks.types() == ["sighting.opened"]

    def test_is_changed_by_whoever_has_seen_it_as_it_is(self, hooks: Hooks) -> None:
        webhook = hooks.add("request.opened")
        path, auth = f"/webhooks/{webhook}/secrets", hooks.desk.auth("supervisor")
        assert post(hooks.desk.client, path, None, auth).status_code == 428
        tag = {"If-Match": hooks.desk.get(f"/webhooks/{webhook}", "supervisor").headers["etag"]}
        made(post(hooks.desk.client, path, None, auth, **tag))
        assert post(hooks.desk.client, path, None, auth, **tag).status_code == 412

    def test_has_one_secret_or_two(self, hooks: Hooks) -> None:
        webhook = hooks.add("request.opened")
        assert hooks.act(webhook, "secrets/retirement").status_code == 409
        made(hooks.act(webhook, "secrets"))
        assert hooks.act(webhook, "secrets").json()["code"] == "webhook-secrets"
        kept = hooks.show(webhook)["secrets"][1]
        assert made(hooks.act(webhook, "secrets/retirement"), 200)["secrets"] == [kept]

    def test_of_another_society_is_not_there(self, hooks: Hooks) -> None:
        webhook = hooks.add("request.opened")
        for path in (f"/webhooks/{webhook}", f"/webhooks/{webhook}/deliveries"):
            assert hooks.desk.get(path, "supervisor", "UG").status_code == 404

    def test_stands_on_the_trail_with_each_act(self, hooks: Hooks) -> None:
        webhook = hooks.add("request.opened")
        made(hooks.act(webhook, "test"), 202)
        made(hooks.act(webhook, "disable"), 200)
        found = [act for act, _ in acts(hooks.desk.gate, hooks.desk.people)]
        assert {"webhooks.add", "webhooks.test", "webhooks.disable_by_hand"} <= set(found)

    def _change(self, hooks: Hooks, webhook: str, events: list[str], label: str = "supervisor") -> Response:
        tag = {"If-Match": hooks.desk.get(f"/webhooks/{webhook}", label).headers["etag"]}
        answer: Response = hooks.desk.client.patch(
            f"/v1/webhooks/{webhook}", json={"events": events}, headers=hooks.desk.auth(label) | tag
        )
        return answer


@pytest.mark.slow
class TestLists:
    def test_of_endpoints_and_deliveries_come_page_by_page(self, hooks: Hooks) -> None:
        ids = [hooks.add("request.opened", path=f"/{n}") for n in range(3)]
        first = listed(hooks, limit=2)
        rest = listed(hooks, limit=2, cursor=first["next_cursor"])
        assert [item["id"] for item in first["items"] + rest["items"]] == ids
        for _ in range(3):
            hooks.desk.open()
        hooks.send()
        path = f"/webhooks/{ids[0]}/deliveries"
        page = made(hooks.desk.get(path, "supervisor", limit=2), 200)
        after = made(hooks.desk.get(path, "supervisor", limit=2, cursor=page["next_cursor"]), 200)
        found = [item["id"] for item in page["items"] + after["items"]]
        assert found == [row["id"] for row in hooks.deliveries(ids[0])][::-1]
        assert hooks.deliveries(ids[0], state="pending") == []


def test_the_service_calls_this_machine_only_where_it_is_told_to() -> None:
    assert Settings().outbound_loopback is False
