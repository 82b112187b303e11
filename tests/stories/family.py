"""One family from a search to its end, over HTTP: every step as a caseworker takes it, each answer checked."""

import re
from dataclasses import dataclass, field
from typing import Any

from httpx import Response

from tests.review.desk import Desk
from tests.support import Json, made, post
from tracing.kit import clock

NO: Json = {
    flag: {"answer": "no"}
    for flag in (
        "trafficking",
        "family_violence",
        "protected_location",
        "exploitation_by_relatives",
        "forced_marriage_or_honour",
        "minor_involved",
        "enquirer_on_never_disclose_list",
        "community_pressure",
        "state_actor",
    )
}
ASKED: Json = {"given_by": "subject", "obtained": "verbal"}
RECORD = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
NEWS = "I am well and think of you all."


def fact(topic: str, words: str) -> Json:
    return {"topic": topic, "statement": words, "supplied_by_interviewer": False, "agrees": "yes"}


def interview(side: str) -> Json:
    """Return a talk with one side that counts: held apart, with two facts that nobody prompted."""
    return {
        "side": side,
        "apart": True,
        "held_at": clock.now().isoformat(),
        "language": "so",
        "facts": [
            fact("childhood_home", "A well stood behind the house."),
            fact("school_or_teacher", "The school at the well."),
        ],
    }


@dataclass
class Family:
    """A brother who seeks his sister, and she, who has registered herself; ids by what they are of.

    `worker` is the label of the caseworker who does every step unless another is named.
    """

    desk: Desk
    society: str = "KE"
    worker: str = "caseworker"
    ids: dict[str, str] = field(default_factory=dict)

    def __getattr__(self, name: str) -> str:
        """Return an id by its name: `sought`, `found`, `suggestion`, `case`…"""
        try:
            return self.ids[name]
        except KeyError:
            raise AttributeError(name) from None

    def post(self, path: str, body: Any, *, label: str = "", status: int = 201, **headers: str) -> Json:
        auth = self.desk.auth(label or self.worker, self.society)
        return made(post(self.desk.client, path, body, auth, **headers), status)

    def get(self, path: str, label: str = "", **params: Any) -> Json:
        return made(self.desk.get(path, label or self.worker, self.society, **params), 200)

    def try_step(self, at: str, path: str, body: Any, label: str = "") -> Response:
        """Post to `path` with the ETag of the thing that stands at `at`; the answer is unchecked."""
        label = label or self.worker
        tag = self.desk.get(at, label, self.society).headers.get("ETag", '"none"')
        return post(self.desk.client, path, body, self.desk.auth(label, self.society), **{"If-Match": tag})

    def step(self, at: str, path: str, body: Any, *, label: str = "", status: int = 200) -> Json:
        return made(self.try_step(at, path, body, label), status)

    def approved(self, at: str, path: str, label: str) -> Json:
        """Approve what waits at `path`; who cannot read it breaks the glass of those whom it withholds first."""
        answer = self.try_step(at, path, {"approve": True}, label)
        if answer.status_code == 403 and answer.json()["code"] == "withheld":
            why = {"reason": "approval", "note": "I am asked to approve it."}
            for record in RECORD.findall(answer.json()["detail"]):
                self.post(f"/records/{record}/broken-glass", why, label=label)
            answer = self.try_step(at, path, {"approve": True}, label)
        return made(answer, 200)

    def matched(self, request: Json, registration: Json) -> "Family":
        """Open the request, register her, let a night match them, and confirm the pair."""
        opened = self.post("/tracing-requests", request)
        self.ids |= {"request": opened["id"], "sought": opened["sought"][0]["id"]}
        self.ids["found"] = self.post("/sightings", registration)["id"]
        self.desk.night_of(self.society)
        items = self.get(f"/sought-persons/{self.sought}/suggestions", limit=200)["items"]
        self.ids["suggestion"] = next(item["id"] for item in items if item["right_id"] == self.found)
        path = f"/suggestions/{self.suggestion}"
        for label in (self.worker, "caseworker-2"):  # the second reader is asked for where a side is protected
            if self.get(path)["state"] != "confirmed_same_person":
                body = {"verdict": "confirm_same_person", "reason": "same_names_and_kin"}
                self.step(path, f"{path}/decisions", body, label=label, status=201)
        return self

    def screened(self, **answers: Json) -> "Family":
        self.post(f"/suggestions/{self.suggestion}/risk-screens", {"answers": NO | answers})
        return self

    def verified(self, approver: str = "caseworker-2", **result: Any) -> "Family":
        """Interview both sides apart and give the result; another worker approves where that is asked for."""
        self.ids["verification"] = self.post(f"/suggestions/{self.suggestion}/verifications", {})["id"]
        self.interviewed()
        at = f"/verifications/{self.verification}"
        given = {"identity": "established", "relationship": "established"} | result
        if self.step(at, f"{at}/result", given)["state"] == "proposed":
            self.approved(at, f"{at}/approval", approver)
        return self

    def interviewed(self) -> "Family":
        for side in ("enquirer", "found"):
            self.post(f"/verifications/{self.verification}/interviews", interview(side))
        return self

    def asked(self, approver: str = "") -> "Family":
        """Open the asking, reach her, and inform her; with `approver`, reaching out is proposed and approved first."""
        self.ids["case"] = self.post(f"/verifications/{self.verification}/disclosure-cases", {})["id"]
        at = f"/disclosure-cases/{self.case}"
        if approver:
            self.step(at, f"{at}/outreach", {})
            self.step(at, f"{at}/outreach/approval", {"approve": True}, label=approver)
        self.answered("reach_out")
        return self.answered("inform", named_as="relationship_only")

    def answered(self, event: str, **fields: Any) -> "Family":
        at = f"/disclosure-cases/{self.case}"
        self.step(at, f"{at}/events", {"event": event} | fields)
        return self

    def granted(self, level: str, **shared: Any) -> "Family":
        return self.answered("grant", level=level, **ASKED, **shared)

    def told(self, level: str, approver: str = "caseworker-2") -> Json:
        """Propose, approve and tell, and return what was read out."""
        at = f"/disclosure-cases/{self.case}"
        self.ids["release"] = self.step(at, f"{at}/releases", {"level": level}, status=201)["id"]
        at = f"/releases/{self.release}"
        self.approved(at, f"{at}/approval", approver)
        return self.step(at, f"{at}/telling", {})

    def telling(self, **of: str) -> Json:
        """Record that the enquirer was told."""
        body = {
            "channel": "visit",
            "told_at": clock.now().isoformat(),
            "language": "so",
            "support_offered": True,
        }
        return self.post(f"/sought-persons/{self.sought}/tellings", body | of)

    def concluded(self, reason: str) -> "Family":
        at = f"/sought-persons/{self.sought}"
        self.step(f"{at}/outcome", f"{at}/conclusion", {"reason": reason})
        return self

    def state(self) -> str:
        return str(self.get(f"/sought-persons/{self.sought}")["state"])

    def code(self) -> str:
        """Issue a case code, and keep its secret."""
        issued = self.post(f"/tracing-requests/{self.request}/case-codes", {})
        self.ids |= {"case_code": issued["id"], "code": issued["code"], "secret": issued["secret"]}
        return str(issued["code"])

    def public(self) -> Response:
        """Return the enquirer's view, unchecked."""
        path, secret = f"/v1/case-status/{self.ids['code']}", {"Authorization": f"Bearer {self.secret}"}
        answer: Response = self.desk.client.get(path, headers=secret)
        return answer
