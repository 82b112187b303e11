"""The desk of a verification: its steps over HTTP, and in one transaction that is undone."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from httpx import Response

from tests.risk import desk as risk_desk
from tests.risk.desk import Pair, screen_draft
from tests.support import Json, made, post
from tracing.gate.access import Access
from tracing.kit import clock
from tracing.requests import service as requests
from tracing.requests.schemas import RequestChange, SoughtChange
from tracing.review import service as review
from tracing.review.schemas import DecisionDraft
from tracing.review.states import ReasonCode, Verdict
from tracing.risk import service as risk
from tracing.risk.schemas import ScreenDraft
from tracing.sightings import service as sightings
from tracing.sightings.schemas import SightingChange
from tracing.verification import service
from tracing.verification.schemas import InterviewDraft, ResultDraft, VerificationCase
from tracing.verification.states import State

CHILD, ADULT = str(clock.now().year - 10), "1990"
ESTABLISHED: Json = {"identity": "established", "relationship": "established"}
REFUTED: Json = {"identity": "refuted", "relationship": "open"}
CLEAR = screen_draft()
RISKY = screen_draft("unknown", minor_involved="no")
LEFT_OPEN: Json = {"identity": "established", "relationship": "open"}


def fact(statement: str = "a blue gate", **fields: Any) -> Json:
    return {
        "topic": "childhood_home",
        "statement": statement,
        "supplied_by_interviewer": False,
        "agrees": "yes",
    } | fields


def interview(side: str, **fields: Any) -> Json:
    """Return an interview that carries its side: held apart, two unprompted facts that agree; when is left out."""
    talk = {"side": side, "apart": True, "language": "so"}
    return talk | {"facts": [fact(), fact("a well behind the house")]} | fields


def just_held(talk: Json) -> Json:
    """Return an interview for posting, held at this moment unless it says when."""
    return {"held_at": clock.now().isoformat()} | talk


def result(draft: Json = ESTABLISHED, **fields: Any) -> ResultDraft:
    return ResultDraft.model_validate(draft | fields)


def hear(access: Access, verification_id: UUID, *sides: Json) -> None:
    """Record interviews, one with each side unless given otherwise; held at this moment unless they say when."""
    for side in sides or (interview("enquirer"), interview("found")):
        talk = {"held_at": access.now} | side
        service.hold_interview(access, verification_id, InterviewDraft.model_validate(talk))


def begin(access: Access, pair: Pair, screen: ScreenDraft = CLEAR) -> VerificationCase:
    """Screen a pair and open its verification."""
    risk.screen(access, pair.suggestion_id, screen)
    return service.open_verification(access, pair.suggestion_id)


def born(access: Access, pair: Pair, asking: str | None, seen: str | None, sought: str | None) -> None:
    """Give the enquirer, the registered and the sought person other dates of birth."""
    request, search = requests.find_request(access, pair.request_id), requests.find_sought(access, pair.sought_id)
    enquirer = requests.show_request(access, pair.request_id).enquirer
    asker = enquirer.model_copy(update={"person": enquirer.person.model_copy(update={"birth": asking})})
    requests.change_request(access, request, RequestChange(enquirer=asker))
    wanted = requests.show_sought(access, pair.sought_id).person.model_copy(update={"birth": sought})
    requests.change_sought(access, search, SoughtChange(person=wanted))
    herself = sightings.show_sighting(access, pair.found_id).person.model_copy(update={"birth": seen})
    sightings.change_sighting(access, sightings.find_sighting(access, pair.found_id), SightingChange(person=herself))


def propose(access: Access, pair: Pair) -> Any:
    """Bring a risky verification to `proposed` and return its row."""
    case = begin(access, pair, RISKY)
    hear(access, case.id)
    row = service.find(access, case.id)
    assert service.give_result(access, row, result()).state is State.PROPOSED
    return row


def later(access: Access, **fields: float) -> Access:
    """Move the clock of an access."""
    object.__setattr__(access, "now", access.now + timedelta(**fields))
    return access


def decide(access: Access, pair: Pair, verdict: Verdict) -> None:
    row = review.find(access, pair.suggestion_id)
    review.decide(access, row, DecisionDraft(verdict=verdict, reason=ReasonCode.OTHER))


@dataclass(frozen=True)
class Desk(risk_desk.Desk):
    """The desk of risk, with the steps of a verification over HTTP."""

    def begin(self, pair: Pair) -> str:
        """Open a verification and return its id."""
        answer = self.client.post(f"/v1/suggestions/{pair.suggestion_id}/verifications", headers=self.auth())
        return str(made(answer)["id"])

    def hear(self, verification_id: str, label: str = "caseworker", *sides: Json) -> None:
        for side in sides or (interview("enquirer"), interview("found")):
            made(post(self.client, f"/verifications/{verification_id}/interviews", just_held(side), self.auth(label)))

    def step(self, verification_id: str, step: str, body: Json, label: str = "caseworker") -> Response:
        """Give a `result` or an `approval` to a verification as it is now; the answer is unchecked."""
        path = f"/verifications/{verification_id}"
        tag = {"If-Match": self.get(path, label).headers.get("etag", '"none"')}
        return post(self.client, f"{path}/{step}", body, self.auth(label), **tag)


@contextmanager
def opened(folder: Path) -> Iterator[Desk]:
    """Open a case base of one's own on SQLite, with a second team."""
    with risk_desk.opened(folder) as desk:
        yield Desk(desk.client, desk.people, desk.gate)
