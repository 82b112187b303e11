"""Who reads the words of a protected person before and after they are sent; on both databases."""

from uuid import UUID

import pytest
from httpx import Response

from tests.messages.desk import NEWS, Pair, hired, pair
from tests.review.desk import Desk
from tests.support import made, post
from tracing.gate import glass, register
from tracing.gate.admit import admitted
from tracing.gate.permissions import Permission


class TestAProtectedPersonsWords:
    """Hers are withheld from strangers, and from the enquirer's until they are sent; nobody reads them unread."""

    def written(self, desk: Desk) -> tuple[Pair, str]:
        two = pair(desk, sensitivity="protected")
        hired(desk, "kisumu-1", "kisumu")
        hired(desk, "mombasa-1", "mombasa")
        return two, str(two.written(direction="to_enquirer")["id"])

    def read(self, desk: Desk, message_id: str, label: str) -> Response:
        tag = {"If-Match": desk.get(f"/messages/{message_id}", label).headers["etag"]}
        return post(desk.client, f"/messages/{message_id}/events", {"event": "read"}, desk.auth(label), **tag)

    def open_to(self, desk: Desk, two: Pair, label: str) -> None:
        why = {"reason": "approval", "note": "I am asked to read a message."}
        made(post(desk.client, f"/records/{two.found_id}/broken-glass", why, desk.auth(label)))

    def test_are_read_by_whoever_can_read_them(self, desk: Desk) -> None:
        two, message_id = self.written(desk)
        shown = desk.get(f"/messages/{message_id}", "kisumu-1")
        assert (shown.json()["text"], shown.json()["words_withheld"], NEWS in shown.text) == (None, True, False)
        assert NEWS not in desk.get(f"/sought-persons/{two.sought_id}/messages", "kisumu-1").text
        refused = self.read(desk, message_id, "kisumu-1")
        assert (refused.status_code, refused.json()["code"]) == (403, "withheld")
        self.open_to(desk, two, "kisumu-1")
        opened = desk.get(f"/messages/{message_id}", "kisumu-1")
        assert (opened.json()["text"], opened.headers["etag"] == shown.headers["etag"]) == (NEWS, False)
        made(self.read(desk, message_id, "kisumu-1"), 200)
        assert desk.get(f"/messages/{message_id}", "mombasa-1").json()["text"] is None

    def test_are_read_unread_where_the_law_forgets_it(self, desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
        """The planted fault."""
        message_id = self.written(desk)[1]
        monkeypatch.setattr(glass, "require_open", lambda *_: None)
        made(self.read(desk, message_id, "kisumu-1"), 200)

    def test_are_handed_over_by_the_enquirers_once_they_are_sent(self, desk: Desk) -> None:
        two, message_id = self.written(desk)
        self.move(desk, two, "kisumu")
        assert desk.get(f"/messages/{message_id}", "caseworker-2").json()["text"] is None
        self.open_to(desk, two, "mombasa-1")
        made(self.read(desk, message_id, "mombasa-1"), 200)
        made(two.step(message_id, "send", "caseworker"), 200)
        hired(desk, "eldoret-1", "eldoret")
        for label, told in (("caseworker-2", NEWS), ("kisumu-1", NEWS), ("eldoret-1", None)):
            assert desk.get(f"/messages/{message_id}", label).json()["text"] == told, label

    def move(self, desk: Desk, two: Pair, team: str) -> None:
        """Let the found person's record be of another team than the enquirer's."""
        with admitted(desk.gate, desk.people.token("supervisor"), Permission.REQUESTS_WRITE) as access:
            (record,) = register.records(access, [UUID(two.found_id)]).values()
            record.team = team
            access.session.add(record)
            access.note("test.move")
