"""A counter over HTTP: workers who ask, propose, approve and tell."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from fastapi.testclient import TestClient
from httpx import Response

from tests.disclosure.desk import Pair, found, hire, screen
from tests.scenes import scene
from tests.support import Json, People, made
from tracing.gate import consents
from tracing.gate.access import Access
from tracing.gate.admit import admitted
from tracing.gate.opening import Gate
from tracing.gate.permissions import Permission
from tracing.gate.purposes import Purpose
from tracing.risk.states import Verdict

PHONE, PLACE, WORDS = "+254 700 555 0199", "Mombasa", "I am well. Greet mother."
Tokens = dict[tuple[str, str], str]
SECRETS = (PHONE, PLACE, WORDS)
GRANT: Json = {
    "event": "grant",
    "level": "share_location",
    "given_by": "subject",
    "obtained": "verbal",
    "words_to_pass": WORDS,
    "contact_to_share": PHONE,
    "location_to_share": PLACE,
}


class Counter:
    """What workers do at the counter; answers are checked unless a method returns a response."""

    def __init__(self, client: TestClient, gate: Gate, people: People) -> None:
        self.client, self.gate, self.people = client, gate, people
        self.pair, self.case, tokens = scene(gate, "an asking", self._open)
        people.tokens.update(tokens)
        self.path = f"/disclosure-cases/{self.case['id']}"

    def _open(self) -> tuple[Pair, Json, Tokens]:
        pair = found(self.gate, self.people)
        hire(self.gate, self.people, "kisumu-1")
        case = made(self.send("POST", f"/verifications/{pair.verification_id}/disclosure-cases"))
        return pair, case, self.people.tokens

    def send(self, method: str, path: str, body: Any = None, label: str = "caseworker", **headers: str) -> Response:
        answer: Response = self.client.request(
            method, f"/v1{path}", json=body, headers=self.people.auth(label) | headers
        )
        return answer

    def get(self, path: str, label: str = "kisumu-1") -> Response:
        return self.send("GET", path, label=label)

    def post(self, path: str, body: Any = None, label: str = "caseworker", of: str | None = None) -> Response:
        """Post with the tag of the thing as the caller sees it now; `of` names it where it is not `path` itself."""
        tag = self.get(of or path.rpartition("/")[0], label).headers.get("etag", '"none"')
        return self.send("POST", path, body, label, **{"If-Match": tag})

    def happen(self, event: str, label: str = "caseworker", **fields: Any) -> Json:
        return made(self.post(f"{self.path}/events", {"event": event} | fields, label), 200)

    def grant(self, **fields: Any) -> Json:
        """Reach her, say who asks, and take down what she allows."""
        self.happen("reach_out")
        self.happen("inform", named_as="relationship_only")
        return self.happen(**GRANT | fields)

    def propose(self, level: str = "share_location", label: str = "caseworker") -> str:
        answer = self.post(f"{self.path}/releases", {"level": level}, label)
        return f"/releases/{made(answer)['id']}"

    def approve(self, release: str, label: str = "caseworker-2", *, approve: bool = True) -> Response:
        return self.post(f"{release}/approval", {"approve": approve}, label)

    def tell(self, release: str, label: str = "caseworker") -> Response:
        return self.post(f"{release}/telling", label=label)

    def ready(self, level: str = "share_location", **fields: Any) -> str:
        """Come as far as an approved release."""
        self.grant(**fields)
        release = self.propose(level)
        made(self.approve(release), 200)
        return release

    def state(self, release: str) -> str:
        return str(made(self.get(release), 200)["state"])

    def search(self) -> tuple[str, str | None]:
        view = made(self.send("GET", f"/sought-persons/{self.pair.sought_id}"), 200)
        return view["state"], view["reason"]

    def do(self, act: Callable[[Access], object]) -> None:
        """Let something happen in the rooms below."""
        with admitted(self.gate, self.people.token("supervisor"), Permission.REQUESTS_WRITE) as access:
            access.note("test.do")
            act(access)

    def make_risky(self) -> None:
        self.do(lambda access: screen(access, self.pair.found_id, self.pair.sought_id, Verdict.SECOND_APPROVER))

    def hide(self, record_id: UUID) -> None:
        self.do(lambda access: consents.withdraw(access, record_id, [Purpose.REGISTER]))


def refused(answer: Response, status: int, code: str) -> None:
    assert (answer.status_code, answer.json()["code"]) == (status, code), answer.text
