"""Every row of the table of the exchange and every missing one, for workers through the service."""

from itertools import product

import pytest
from sqlmodel import SQLModel

from tests.exchange.pair import Pair
from tests.exchange.test_way import ask
from tests.review.desk import raw
from tests.support import Json, post
from tracing.exchange import states
from tracing.exchange.states import Event, Side, State

LASTING = {"draft", "sent", "received", "accepted", "in_progress", "answered"}
OPEN = LASTING - {"draft", "sent"}
# domain.md §5.9, written out once more: the table is compared with it.
WANTED: dict[tuple[str, str, str], str] = {
    ("sent", "draft", "propose"): "draft",
    ("sent", "draft", "deliver"): "sent",
    # The partner may answer before the courier has written down that the message left.
    **{("sent", state, "arrive"): "received" for state in ("draft", "sent")},
    **{("sent", state, "accept"): "accepted" for state in ("draft", "sent", "received")},
    **{("sent", state, "refuse"): "refused" for state in LASTING},
    **{("sent", state, "progress"): "in_progress" for state in LASTING},
    **{("sent", state, "answer"): "answered" for state in LASTING},
    **{("sent", state, "return"): "returned" for state in LASTING},
    # What was refused, returned or over may be held there all the same.
    **{("sent", state, "revoke"): "revoked" for state in LASTING | {"refused", "returned", "expired"}},
    **{("sent", state, "expire"): "expired" for state in LASTING},
    ("received", "received", "accept"): "accepted",
    **{("received", state, "refuse"): "refused" for state in ("received", "accepted")},
    **{("received", state, "progress"): "in_progress" for state in ("accepted", "answered")},
    **{("received", state, "answer"): "answered" for state in ("accepted", "in_progress", "answered")},
    **{("received", state, "return"): "returned" for state in ("accepted", "in_progress", "answered")},
    **{("received", state, "revoke"): "revoked" for state in OPEN | {"refused", "returned"}},
    **{("received", state, "expire"): "expired" for state in OPEN},
}
BY_HAND: dict[Side, dict[Event, Json]] = {
    Side.SENT: {Event.REVOKE: {"revocation": "safety"}, Event.PROPOSE: {}},
    Side.RECEIVED: {Event.ACCEPT: {}, Event.REFUSE: {"refusal": "no_access"}, Event.RETURN: {}},
}
"""What workers bring about, and with which reason; everything else comes from the partner or the courier."""


def test_the_table_is_the_one_that_was_agreed() -> None:
    assert {(r.side.value, r.source.value, r.event.value): r.target.value for r in states.TABLE} == WANTED
    assert len(states.BY_KEY) == len(states.TABLE)


def test_only_rows_of_ours_happen_by_hand() -> None:
    ours = {(row.side, row.event) for row in states.TABLE if row.ours}
    by_courier = {(Side.SENT, Event.DELIVER), (Side.SENT, Event.EXPIRE), (Side.RECEIVED, Event.EXPIRE)}
    by_answer = {(Side.RECEIVED, Event.PROGRESS), (Side.RECEIVED, Event.ANSWER)}
    assert ours - by_courier - by_answer == {(side, event) for side in Side for event in BY_HAND[side]}


def put(pair: Pair, society: str, case_id: str, state: State) -> None:
    table = SQLModel.metadata.tables["exchange_case"]
    with raw(pair.desk.gate, society) as connection:
        rows = connection.execute(table.select()).all()
        (row,) = [row for row in rows if str(row.id) == case_id]
        connection.execute(table.update().where(table.c.id == row.id).values(state=state))


def tried(pair: Pair, society: str, case_id: str, event: Event, reason: Json) -> tuple[int, str]:
    """Return the status of an event, and the state or the problem that came of it."""
    at = f"/exchange/cases/{case_id}"
    tag = {"If-Match": pair.desk.get(at, "caseworker", society).headers["etag"]}
    auth = pair.desk.auth("caseworker", society)
    answer = post(pair.desk.client, f"{at}/events", {"event": event} | reason, auth, **tag)
    return answer.status_code, answer.json().get("state") or answer.json()["code"]


@pytest.mark.slow
def test_missing_rows_do_not_happen_by_hand(pair: Pair) -> None:
    _, _, ours = ask(pair)
    pair.settle()
    (theirs,) = pair.cases("UG")
    every = {"KE": (Side.SENT, ours), "UG": (Side.RECEIVED, theirs["id"])}
    given = {event: reason for known in BY_HAND.values() for event, reason in known.items()}
    found = []
    for (society, (side, case_id)), state, event in product(every.items(), State, given):
        if event not in BY_HAND[side] or (side.value, state.value, event.value) not in WANTED:
            put(pair, society, case_id, state)
            found.append(tried(pair, society, case_id, event, given[event]))
    assert set(found) == {(409, "no-such-transition")}
    assert len(found) > 50


@pytest.mark.parametrize(("state", "event"), [("received", "refuse"), ("in_progress", "return")])
def test_what_is_not_needed_any_more_is_hidden_and_told(pair: Pair, state: str, event: str) -> None:
    _, _, ours = ask(pair)
    pair.settle()
    (theirs,) = pair.cases("UG")
    put(pair, "UG", theirs["id"], State(state))
    target = WANTED["received", state, event]
    assert tried(pair, "UG", theirs["id"], Event(event), BY_HAND[Side.RECEIVED][Event(event)]) == (200, target)
    assert pair.desk.get(f"/exchange/cases/{theirs['id']}", "caseworker", "UG").status_code == 404
    pair.settle()
    assert pair.case("KE", ours)["state"] == target


def test_an_accepted_search_has_begun(pair: Pair) -> None:
    ask(pair)
    pair.settle()
    (theirs,) = pair.cases("UG")
    assert tried(pair, "UG", theirs["id"], Event.ACCEPT, {}) == (200, "accepted")
    assert pair.desk.get(f"/sought-persons/{theirs['sought_id']}", "caseworker", "UG").json()["state"] == "searching"
