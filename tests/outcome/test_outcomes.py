"""From what is on record to the end of a search, through the real services and over HTTP."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from httpx import Response

from tests.enquirer.desk import TO_TELL, bring
from tests.fate.reports import established, propose
from tests.outcome import planted
from tests.outcome.planted import Pair, acting, confirmed
from tests.review.desk import Desk, raw
from tests.support import Json, made, post
from tests.trails import entries
from tracing.disclosure.states import ReleaseState
from tracing.disclosure.states import State as Asking
from tracing.fate.states import Finding
from tracing.fate.states import State as FateState
from tracing.gate.access import Access
from tracing.gate.admit import admitted
from tracing.gate.disclosing import Level
from tracing.gate.permissions import Permission
from tracing.kit import clock
from tracing.kit.errors import TracingError
from tracing.messages.states import State as MessageState
from tracing.outcome import service, store
from tracing.outcome.errors import NotConcluded
from tracing.outcome.schemas import TellingDraft
from tracing.requests import service as requests
from tracing.requests import states
from tracing.requests.errors import NoSuchTransition
from tracing.requests.states import Event, FindingReason, State

ONE_DATABASE = pytest.mark.parametrize("settings", ["sqlite"], indirect=True)
Why = FindingReason
Plant = Callable[[Access, Pair], object]


def telling(**fields: Any) -> Json:
    return {
        "channel": "visit",
        "told_at": (clock.now() - timedelta(hours=1)).isoformat(),
        "language": "so",
        "support_offered": True,
    } | fields


def conclude(desk: Desk, sought_id: str, reason: str, label: str = "caseworker", **headers: str) -> Response:
    """Return the answer to a conclusion of the search as its outcome stands, unchecked."""
    tag = desk.get(f"/sought-persons/{sought_id}/outcome").headers.get("etag", '"none"')
    path = f"/sought-persons/{sought_id}/conclusion"
    return post(desk.client, path, {"reason": reason}, desk.auth(label), **{"If-Match": tag} | headers)


def outcome(desk: Desk, sought_id: str) -> Json:
    return made(desk.get(f"/sought-persons/{sought_id}/outcome"), 200)


class Undone(TracingError):
    """Ends a trial, so that the next one finds the search as it was."""


@contextmanager
def trial(desk: Desk, pair: Pair, state: State = State.OUTCOME_READY) -> Iterator[Access]:
    token = desk.people.token("supervisor")
    with suppress(Undone), admitted(desk.gate, token, Permission.OUTCOMES_WRITE) as access:
        planted.put(access, pair, state)
        yield access
        raise Undone("undone")


def tell(access: Access, pair: Pair, **fields: Any) -> UUID:
    draft = TellingDraft.model_validate(telling(**fields))
    return service.tell(access, pair.sought_id, draft).id


def told(level: Level, *, recorded: bool = True) -> Plant:
    def plant(access: Access, pair: Pair) -> None:
        release_id = planted.release(access, pair, level)
        if recorded:
            tell(access, pair, release_id=release_id)

    return plant


def fate(finding: Finding, *, support: bool | None = True) -> Plant:
    def plant(access: Access, pair: Pair) -> None:
        fate_id = planted.fate(access, pair, finding)
        if support is not None:
            tell(access, pair, fate_id=fate_id, support_offered=support)

    return plant


def asking(state: Asking) -> Plant:
    return lambda access, pair: planted.asking(access, pair, state)


def message(state: MessageState, *, recorded: bool = False) -> Plant:
    def plant(access: Access, pair: Pair) -> None:
        message_id = planted.message(access, pair, state)
        if recorded:
            tell(access, pair, message_id=message_id)

    return plant


def tries(count: int, *, of_found: bool = False) -> Plant:
    return lambda access, pair: planted.attempts(
        access, pair, pair.found_id if of_found else pair.request_id, tries=count
    )


def untold(state: ReleaseState) -> Plant:
    return lambda access, pair: planted.release(access, pair, Level.AGREE_TO_MEETING, state)


def proposed(access: Access, pair: Pair) -> None:
    planted.fate(access, pair, Finding.DECEASED, FateState.UNDER_REVIEW)


# (reason, what is on record, whether the search may be concluded): rows as the other rooms write them.
CASES: list[tuple[Why, str, Plant, bool]] = [
    (Why.RECONNECTED_CONTACT, "told and recorded", told(Level.SHARE_CONTACT), True),
    (Why.RECONNECTED_CONTACT, "told, not recorded", told(Level.SHARE_CONTACT, recorded=False), False),
    (Why.RECONNECTED_CONTACT, "a message only", told(Level.RECEIVE_MESSAGE), False),
    *((Why.RECONNECTED_CONTACT, f"a release {s}", untold(s), False) for s in ReleaseState if s != "told"),
    (Why.REUNIFIED, "told and recorded", told(Level.AGREE_TO_MEETING), True),
    (Why.REUNIFIED, "contact only", told(Level.SHARE_LOCATION), False),
    (Why.RECONNECTED_MESSAGE, "delivered and recorded", message(MessageState.DELIVERED, recorded=True), True),
    (Why.RECONNECTED_MESSAGE, "delivered, not recorded", message(MessageState.DELIVERED), False),
    (Why.RECONNECTED_MESSAGE, "sent", message(MessageState.SENT), False),
    (Why.RECONNECTED_MESSAGE, "told and recorded", told(Level.PASS_MESSAGE), True),
    (Why.RECONNECTED_MESSAGE, "told, not recorded", told(Level.PASS_MESSAGE, recorded=False), False),
    (Why.ALIVE_NO_CONTACT, "told and recorded", told(Level.SAY_ALIVE_ONLY), True),
    (Why.ALIVE_NO_CONTACT, "told, not recorded", told(Level.SAY_ALIVE_ONLY, recorded=False), False),
    (Why.ALIVE_NO_CONTACT, "approved only", untold(ReleaseState.APPROVED), False),
    (Why.FATE_DECEASED, "told with support", fate(Finding.DECEASED), True),
    (Why.FATE_DECEASED, "told without support", fate(Finding.DECEASED, support=False), False),
    (Why.FATE_DECEASED, "not told", fate(Finding.DECEASED, support=None), False),
    (Why.FATE_DECEASED, "under review", proposed, False),
    (Why.FATE_PARTIAL, "told", fate(Finding.PROBABLY_DECEASED), True),
    (Why.FATE_PARTIAL, "a death", fate(Finding.DECEASED), False),
    (Why.FOUND_NOT_DISCLOSED, "declined", asking(Asking.DECLINED), True),
    (Why.FOUND_NOT_DISCLOSED, "not reachable", asking(Asking.NOT_REACHABLE), True),
    (Why.FOUND_NOT_DISCLOSED, "granted", asking(Asking.GRANTED), False),
    (Why.FOUND_NOT_DISCLOSED, "nobody was asked", lambda access, pair: None, False),
    (Why.ENQUIRER_UNREACHABLE, "five tries", tries(5), True),
    (Why.ENQUIRER_UNREACHABLE, "four tries", tries(4), False),
    (Why.ENQUIRER_UNREACHABLE, "the found person's", tries(5, of_found=True), False),
]


class TestConclusion:
    @pytest.mark.slow
    def test_rests_on_what_is_on_record(self, desk: Desk) -> None:
        """One case base for all cases: each is planted, tried and undone."""
        pair = confirmed(desk)
        for reason, why, plant, holds in CASES:
            with trial(desk, pair) as access:
                plant(access, pair)
                known = {r.reason: r for r in service.preview(access, pair.sought_id).reasons}
                assert known[reason].allowed is holds, (reason, why)
                access.acts.clear()
                if not holds:
                    assert known[reason].missing
                    with pytest.raises(NotConcluded):
                        service.conclude(access, pair.sought_id, reason)
                    assert requests.state_of(access, pair.sought_id) is State.OUTCOME_READY
                    assert store.closures(access, pair.sought_id) == []
                    continue
                view = service.conclude(access, pair.sought_id, reason)
                assert (view.state, [closure.reason for closure in view.closures]) == (State.CLOSED, [reason])
                assert requests.find_sought(access, pair.sought_id).reason == reason
                assert [act.act for act in access.acts] == ["sought.conclude"]

    @ONE_DATABASE
    def test_is_possible_only_where_the_table_of_searches_says_so(self, desk: Desk) -> None:
        pair = confirmed(desk)
        for state in State:
            with trial(desk, pair, state) as access:
                planted.asking(access, pair, Asking.DECLINED)
                possible = states.find(state, Event.CONCLUDE) is not None
                known = {r.reason: r for r in service.preview(access, pair.sought_id).reasons}
                assert known[Why.FOUND_NOT_DISCLOSED].allowed is possible
                assert ("not_possible_in_this_state" in known[Why.FATE_PARTIAL].missing) is not possible
                if not possible:
                    with pytest.raises(NoSuchTransition):
                        service.conclude(access, pair.sought_id, Why.FOUND_NOT_DISCLOSED)

    @ONE_DATABASE
    def test_needs_the_outcome_as_it_was_read(self, desk: Desk) -> None:
        pair = confirmed(desk)
        sought_id = str(pair.sought_id)
        path, body = f"/sought-persons/{sought_id}/conclusion", {"reason": "found_not_disclosed"}
        assert post(desk.client, path, body, desk.auth()).status_code == 428
        stale = desk.get(f"/sought-persons/{sought_id}/outcome").headers["etag"]
        made(post(desk.client, f"/sought-persons/{sought_id}/tellings", telling(), desk.auth()))
        assert conclude(desk, sought_id, "found_not_disclosed", **{"If-Match": stale}).status_code == 412
        answer = conclude(desk, sought_id, "found_not_disclosed")
        assert (answer.status_code, answer.json()["code"]) == (409, "reason-not-supported")
        assert "asking_not_ended_without_a_grant" in answer.json()["detail"]


class TestWay:
    """The whole way of one search: told, recorded, concluded, reopened, and matched again."""

    def test_from_a_told_release_to_the_end_and_back(self, desk: Desk) -> None:
        pair = confirmed(desk)
        sought_id = str(pair.sought_id)
        with acting(desk) as access:
            release_id = str(planted.release(access, pair, Level.SHARE_CONTACT))
        bring(desk, sought_id, TO_TELL[1:])
        before = outcome(desk, sought_id)
        thing = {"kind": "release", "id": release_id, "level": "share_contact", "finding": None, "recorded": False}
        assert (before["outcome"], before["may_be_told"]) == ("something_to_tell", [thing])
        assert (before["people_to_tell"], before["tellings"]) == (1, [])
        assert [r["reason"] for r in before["reasons"] if r["allowed"]] == []

        path, key = f"/sought-persons/{sought_id}/tellings", {"Idempotency-Key": "telling-0001"}
        body = telling(release_id=release_id, note="he wept, and thanked us")
        view = made(post(desk.client, path, body, desk.auth(), **key))
        assert made(post(desk.client, path, body, desk.auth(), **key)) == view
        assert (view["channel"], view["language"], view["note"]) == ("visit", "so", "he wept, and thanked us")
        after = outcome(desk, sought_id)
        assert (after["people_to_tell"], after["tellings"]) == (0, [view])

        ended = made(conclude(desk, sought_id, "reconnected_contact_exchanged"), 200)
        (closure,) = ended["closures"]
        assert (ended["state"], closure["telling_id"]) == ("closed", view["id"])
        assert conclude(desk, sought_id, "reconnected_contact_exchanged").json()["code"] == "no-such-transition"
        about = [e.act for e in entries(desk.gate, desk.people) if str(e.subject_id) == sought_id]
        assert [act for act in about if act in ("outcomes.tell", "sought.conclude")] == [
            "outcomes.tell",
            "sought.conclude",
        ]

        desk.report()
        desk.night()
        assert sought_id not in {left for left, _ in desk.pairs(state="suggested")}
        for event in ("reopen", "resume"):
            desk.happen(f"/sought-persons/{sought_id}", event)
        desk.night()
        assert sought_id in {left for left, _ in desk.pairs(state="suggested")}
        assert len(outcome(desk, sought_id)["closures"]) == 1

    @ONE_DATABASE
    def test_of_a_death_ends_with_support(self, desk: Desk) -> None:
        sought_id = desk.seek()
        fate_id = established(desk, sought_id)["id"]
        path = f"/sought-persons/{sought_id}/tellings"
        made(post(desk.client, path, telling(fate_id=fate_id, support_offered=False), desk.auth()))
        refused = conclude(desk, sought_id, "fate_clarified_deceased")
        assert (refused.status_code, "support_not_offered" in refused.json()["detail"]) == (409, True)
        made(post(desk.client, path, telling(fate_id=fate_id), desk.auth()))
        assert made(conclude(desk, sought_id, "fate_clarified_deceased"), 200)["state"] == "closed"


BROKEN: tuple[tuple[Json, str], ...] = (
    ({"told_at": (clock.now() + timedelta(days=1)).isoformat()}, "/told_at"),
    ({"told_at": 5}, "/told_at"),
    ({"release_id": str(uuid4()), "fate_id": str(uuid4())}, ""),
    ({"release_id": str(uuid4()), "message_id": str(uuid4())}, ""),
    ({"channel": "rumour"}, "/channel"),
    ({"language": "Somali"}, "/language"),
    ({"support_offered": "yes"}, "/support_offered"),
    ({"support_offered": None}, "/support_offered"),
    ({"note": ""}, "/note"),
    ({"surprise": 1}, "/…"),
)


@ONE_DATABASE
class TestTelling:
    def test_is_of_what_was_told_or_established_only(self, desk: Desk) -> None:
        pair = confirmed(desk)
        sought_id = str(pair.sought_id)
        path = f"/sought-persons/{sought_id}/tellings"
        with acting(desk) as access:
            case_id = planted.asking(access, pair, Asking.GRANTED)
            untold = planted.release(access, pair, Level.SHARE_CONTACT, ReleaseState.APPROVED, case_id)
            sent = planted.message(access, pair, MessageState.SENT)
        proposal = propose(desk, sought_id)["id"]
        for fields in (
            {"release_id": str(untold)},
            {"release_id": str(uuid4())},
            {"fate_id": proposal},
            {"fate_id": str(uuid4())},
            {"message_id": str(sent)},
            {"message_id": str(uuid4())},
        ):
            answer = post(desk.client, path, telling(**fields), desk.auth())
            assert (answer.status_code, answer.json()["code"]) == (409, "not-told"), fields
        assert outcome(desk, sought_id)["tellings"] == []
        made(post(desk.client, path, telling(), desk.auth()))

    def test_that_breaks_a_rule_is_422(self, desk: Desk) -> None:
        path = f"/sought-persons/{desk.seek()}/tellings"
        for fields, pointer in BROKEN:
            answer = post(desk.client, path, telling(**fields), desk.auth())
            assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, pointer), fields

    def test_has_its_note_sealed(self, desk: Desk) -> None:
        sought_id = desk.seek()
        made(post(desk.client, f"/sought-persons/{sought_id}/tellings", telling(note="Zqxjkvwy"), desk.auth()))
        with raw(desk.gate) as connection:
            details, same_key = connection.exec_driver_sql(
                "select t.details, t.key_id = r.key_id from telling t join record r on r.id = t.sought_id"
            ).one()
        assert b"Zqxjkvwy" not in details
        assert same_key  # whoever is forgotten takes it along
        assert outcome(desk, sought_id)["tellings"][0]["note"] == "Zqxjkvwy"


class TestHidden:
    def test_foreign_absent_and_withdrawn_are_one_answer(self, desk: Desk) -> None:
        sought_id = desk.seek()

        def answers(search: str, society: str = "KE") -> set[int]:
            path, auth = f"/sought-persons/{search}", desk.auth(society=society)
            return {
                desk.get(f"{path}/outcome", society=society).status_code,
                post(desk.client, f"{path}/tellings", telling(), auth).status_code,
                post(
                    desk.client, f"{path}/conclusion", {"reason": "reunified"}, auth, **{"If-Match": '"x"'}
                ).status_code,
            }

        assert answers(sought_id, "UG") == answers(str(uuid4())) == {404}
        desk.withdraw(sought_id, "register")
        assert answers(sought_id) == {404}

    @ONE_DATABASE
    def test_who_reviews_no_suggestions_reads_no_outcome(self, desk: Desk) -> None:
        sought_id = desk.seek()
        assert {
            desk.get(f"/sought-persons/{sought_id}/outcome", label).status_code
            for label in ("intake", "enquirer", "auditor", "administrator", "statistics")
        } == {403}

    @ONE_DATABASE
    def test_an_outcome_that_did_not_change_is_304(self, desk: Desk) -> None:
        path = f"/v1/sought-persons/{desk.seek()}/outcome"
        tag = desk.client.get(path, headers=desk.auth()).headers["etag"]
        assert desk.client.get(path, headers=desk.auth() | {"If-None-Match": tag}).status_code == 304
