"""People, tokens and fictional cases for tests."""

from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from typing import Any
from urllib.parse import urlsplit

from fastapi.testclient import TestClient
from httpx import Response

from tracing.gate import people as register_of_people
from tracing.gate.admit import admitted
from tracing.gate.founding import found
from tracing.gate.opening import Gate
from tracing.gate.permissions import Permission, Role

Json = dict[str, Any]


@dataclass(frozen=True)
class People:
    """Tokens by (society, label); every role is also a label, and there is a second caseworker."""

    tokens: dict[tuple[str, str], str]

    def token(self, label: str, society: str = "KE") -> str:
        return self.tokens[society, label]

    def auth(self, label: str = "caseworker", society: str = "KE") -> dict[str, str]:
        """Return the header that `label` calls with."""
        return {"Authorization": f"Bearer {self.token(label, society)}"}


def hire(gate: Gate, societies: tuple[str, ...] = ("KE", "UG")) -> People:
    """Found `societies`, each with an account of every role and a second caseworker."""
    tokens: dict[tuple[str, str], str] = {}
    for society in societies:
        tokens[society, "operator"] = operator = found(gate, society)
        with admitted(gate, operator, Permission.ACCOUNTS_WRITE) as access:
            for label in (*Role, "caseworker-2", "supervisor-2"):
                role = Role(str(label).removesuffix("-2"))
                account = register_of_people.add_account(access, label=label, role=role, team="nairobi", worker_id=None)
                tokens[society, label] = register_of_people.issue_token(access, account)[1]
    return People(tokens)


def granted(*purposes: str, lawful_basis: str = "consent") -> list[Json]:
    """Return consents that grant `purposes`; without any, registering and matching."""
    return [{"purpose": p, "lawful_basis": lawful_basis} for p in purposes or ("register", "match_within_society")]


def person(name: str = "Amina Yusuf Warsame", **fields: Any) -> Json:
    """Return a fictional person."""
    return {"names": [{"full": name}]} | fields


def request_draft(*sought: Json, **fields: Any) -> Json:
    """Return a request that may start at once: a brother who seeks his sister, unless `sought` says otherwise."""
    return {
        "enquirer": {
            "person": person("Abdi Yusuf Warsame", sex="male", birth="1988", father=["Yusuf Warsame"]),
            "contacts": [{"kind": "phone", "value": "+252 61 555 0101", "safe": "yes"}],
            "consents": granted(),
        },
        "information_notice_version": "2026-1",
        "start": True,
        "sought": list(sought) or [sought_draft()],
    } | fields


def sought_draft(name: str = "Amina Yusuf Warsame", **fields: Any) -> Json:
    """Return a sought sister; person fields (`birth`, `sex`…) go into the person, the rest beside it."""
    beside = {
        k: fields.pop(k)
        for k in ("relationship", "basis", "sensitivity", "priority", "id", "separation")
        if k in fields
    }
    known = {"sex": "female", "birth": "1990-05", "father": ["Yusuf Warsame"], "mother": ["Halima Nur"]} | fields
    return {
        "person": person(name, **known),
        "relationship": "sister",
        "basis": granted(lawful_basis="public_interest"),
    } | beside


def post(client: TestClient, path: str, body: Any, auth: dict[str, str], **headers: str) -> Response:
    """Post JSON as somebody."""
    answer: Response = client.post(f"/v1{path}", json=body, headers=auth | headers)
    return answer


def made(answer: Response, status: int = 201) -> Json:
    """Return the answer's body after checking its status; the body is shown when it differs."""
    assert answer.status_code == status, answer.text
    body: Json = answer.json()
    return body


def answers(url: str) -> bool:
    """Return whether a server on this machine answers 200; for polling, since httpx reads certificates each time."""
    place = urlsplit(url)
    asking = HTTPConnection(place.netloc, timeout=5)
    try:
        asking.request("GET", place.path)
        return asking.getresponse().status == 200
    except (OSError, HTTPException):
        return False
    finally:
        asking.close()
