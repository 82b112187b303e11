"""Risk screens: who may be asked about, what the lists say by themselves, who may say otherwise."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from sqlmodel import SQLModel, select

from tests.review.desk import raw
from tests.risk.desk import Desk, Pair, answers, screen_draft
from tests.support import Json, made, person, post, request_draft, sought_draft
from tests.trails import entries
from tracing.gate import glass, register
from tracing.gate.access import Access
from tracing.gate.foureyes import SameWorker
from tracing.gate.kinds import Sensitivity
from tracing.kit.errors import NotFound, Refused
from tracing.requests import service as requests
from tracing.requests.schemas import RequestChange, SoughtChange
from tracing.review import service as review
from tracing.review.errors import NotConfirmed
from tracing.risk import service
from tracing.risk.errors import NothingToOverride, NotScreened
from tracing.risk.states import Answer, Flag, ListOf, Verdict
from tracing.sightings import service as sightings
from tracing.sightings.schemas import SightingChange

BROTHER = "Abdi Yusuf Warsame"
UNCLE = "Bashir Xasan Cali"


@pytest.fixture(scope="module")
def pair(desk: Desk) -> Pair:
    """A brother with an uncle among his relatives; his sister registered herself."""
    enquirer = request_draft()["enquirer"]
    asking = enquirer["person"] | {"relatives": [{"relation": "other", "name": UNCLE}]}
    kin = [{"relation": "other", "name": "Sahra Aden Guled"}]
    herself = person("Amina Yusuf Warsame", sex="female", birth="1990", father=["Yusuf Warsame"], relatives=kin)
    return desk.pair({"person": herself}, enquirer=enquirer | {"person": asking})


def list_of_found(access: Access, pair: Pair, *names: str) -> None:
    change = SightingChange.model_validate({"never_disclose_to": list(names)})
    sightings.change_sighting(access, sightings.find_sighting(access, pair.found_id), change)


def list_of_enquirer(access: Access, pair: Pair, *names: str) -> None:
    change = RequestChange.model_validate({"never_disclose_to": list(names)})
    requests.change_request(access, requests.find_request(access, pair.request_id), change)


class TestVerdict:
    @pytest.mark.parametrize(
        ("draft", "verdict"),
        [
            (screen_draft(), Verdict.CLEAR),
            (screen_draft(protected_location="unknown"), Verdict.SECOND_APPROVER),
            (screen_draft(enquirer_on_never_disclose_list="yes"), Verdict.STOP),
        ],
    )
    def test_follows_from_the_answers(self, desk: Desk, pair: Pair, draft: Any, verdict: Verdict) -> None:
        with desk.trial() as access:
            view = service.screen(access, pair.suggestion_id, draft)
            assert (view.verdict, view.hits, view.answers) == (verdict, [], draft.answers)
            assert service.verdict(access, pair.found_id, pair.sought_id) is verdict
            assert [act.act for act in access.acts] == ["risks.screen"]
            assert access.acts[0].subject_id == pair.found_id
            if verdict is Verdict.STOP:
                with pytest.raises(NotScreened, match="stop"):
                    service.require_screened(access, pair.found_id, pair.sought_id)
            else:
                assert service.require_screened(access, pair.found_id, pair.sought_id) is verdict

    def test_is_none_before_the_first_screen(self, desk: Desk, pair: Pair) -> None:
        with desk.trial() as access:
            assert service.verdict(access, pair.found_id, pair.sought_id) is None
            with pytest.raises(NotScreened, match="nobody has screened"):
                service.require_screened(access, pair.found_id, pair.sought_id)
            assert service.answer(access, pair.found_id, pair.sought_id, Flag.MINOR_INVOLVED) is Answer.UNKNOWN

    def test_of_the_latest_screen_counts(self, desk: Desk, pair: Pair) -> None:
        with desk.trial() as access:
            service.screen(access, pair.suggestion_id, screen_draft())
            object.__setattr__(access, "now", access.now.replace(year=access.now.year + 1))
            service.screen(access, pair.suggestion_id, screen_draft(trafficking="yes"))
            assert service.verdict(access, pair.found_id, pair.sought_id) is Verdict.SECOND_APPROVER
            told = [view.verdict for view in service.screens(access, pair.suggestion_id)]
            assert told == [Verdict.CLEAR, Verdict.SECOND_APPROVER]

    def test_of_the_latest_screen_counts_where_its_clock_is_behind(self, desk: Desk, pair: Pair) -> None:
        with desk.trial() as access:
            service.screen(access, pair.suggestion_id, screen_draft())
            object.__setattr__(access, "now", access.now - timedelta(minutes=1))
            service.screen(access, pair.suggestion_id, screen_draft(trafficking="yes"))
            assert service.verdict(access, pair.found_id, pair.sought_id) is Verdict.SECOND_APPROVER

    @pytest.mark.parametrize("kind", ["suggested", "a duplicate"])
    def test_is_of_confirmed_pairs_only(self, desk: Desk, pair: Pair, kind: str) -> None:
        with desk.trial() as access:
            row = review.find(access, pair.suggestion_id)
            if kind == "suggested":
                row.state = type(row.state).SUGGESTED
            else:
                row.right_kind = type(row.right_kind).SOUGHT
            access.session.add(row)
            access.session.flush()
            with pytest.raises(NotConfirmed):
                service.screen(access, pair.suggestion_id, screen_draft())


class TestLists:
    # (why, whose list, its entries, whether it stops)
    CASES: tuple[tuple[str, ListOf, list[str], bool], ...] = (
        ("the enquirer himself", ListOf.FOUND, [BROTHER], True),
        ("the enquirer, spelt another way", ListOf.FOUND, ["Cabdi Yuusuf Warsame"], True),
        ("the enquirer, in Arabic letters", ListOf.FOUND, ["عبدي يوسف ورسمه"], True),
        ("a relative of the enquirer", ListOf.FOUND, ["Bashiir Hassan Ali"], True),
        ("among others", ListOf.FOUND, ["the embassy", "Nguyen Van Tam", BROTHER], True),
        ("his uncle, in words", ListOf.FOUND, ["my stepfather Bashir, and nobody else"], True),
        ("his family, in words", ListOf.FOUND, ["nobody of the Warsame family"], True),
        ("beside the found person, in words", ListOf.ENQUIRER, ["her friend Zahra from school"], True),
        ("a stranger, in words", ListOf.FOUND, ["my uncle Pierre"], False),
        ("a stranger", ListOf.FOUND, ["Nguyen Van Tam"], False),
        ("an office", ListOf.FOUND, ["the embassy", "the police"], False),
        ("her own relative, who asks nothing", ListOf.FOUND, ["Sahra Aden Guled"], False),
        ("the enquirer's relative", ListOf.ENQUIRER, [UNCLE], True),
        ("somebody beside the found person", ListOf.ENQUIRER, ["Zahra Adan Guuleed"], True),
        ("a stranger to both", ListOf.ENQUIRER, ["Nguyen Van Tam"], False),
    )

    @pytest.mark.parametrize(("why", "whose", "names", "stops"), CASES, ids=[case[0] for case in CASES])
    def test_are_held_against_the_enquirer(
        self, desk: Desk, pair: Pair, why: str, whose: ListOf, names: list[str], stops: bool
    ) -> None:
        with desk.trial() as access:
            (list_of_found if whose is ListOf.FOUND else list_of_enquirer)(access, pair, *names)
            view = service.screen(access, pair.suggestion_id, screen_draft())
            assert view.verdict is (Verdict.STOP if stops else Verdict.CLEAR), why
            assert [(hit.of, hit.entry) for hit in view.hits] == ([(whose, names[-1])] if stops else []), why

    def test_changed_since_the_screen_stop_at_once(self, desk: Desk, pair: Pair) -> None:
        with desk.trial() as access:
            service.screen(access, pair.suggestion_id, screen_draft())
            list_of_found(access, pair, BROTHER)
            with pytest.raises(NotScreened):
                service.require_screened(access, pair.found_id, pair.sought_id)
            assert service.away_from(access, pair.found_id, pair.sought_id) == "nairobi"


class TestOverride:
    def test_is_a_supervisors_after_another_workers_screen(self, desk: Desk, pair: Pair) -> None:
        with desk.trial() as access:
            list_of_found(access, pair, BROTHER)
            assert service.screen(access, pair.suggestion_id, screen_draft()).verdict is Verdict.STOP
            view = service.screen(later(desk, access, "supervisor"), pair.suggestion_id, screen_draft(override=True))
            assert (view.verdict, view.overridden, len(view.hits)) == (Verdict.CLEAR, True, 1)
            assert service.require_screened(later(desk, access), pair.found_id, pair.sought_id) is Verdict.CLEAR

    def test_does_not_cover_who_is_named_later(self, desk: Desk, pair: Pair) -> None:
        with desk.trial() as access:
            list_of_found(access, pair, BROTHER)
            service.screen(access, pair.suggestion_id, screen_draft())
            service.screen(later(desk, access, "supervisor"), pair.suggestion_id, screen_draft(override=True))
            list_of_found(access, pair, BROTHER, UNCLE)
            assert service.verdict(access, pair.found_id, pair.sought_id) is Verdict.STOP

    def test_leaves_the_workers_own_answer(self, desk: Desk, pair: Pair) -> None:
        with desk.trial() as access:
            list_of_found(access, pair, BROTHER)
            service.screen(access, pair.suggestion_id, screen_draft())
            draft = screen_draft(override=True, enquirer_on_never_disclose_list="yes")
            view = service.screen(later(desk, access, "supervisor"), pair.suggestion_id, draft)
            assert view.verdict is Verdict.STOP

    def test_is_over_with_the_next_screen(self, desk: Desk, pair: Pair) -> None:
        with desk.trial() as access:
            list_of_found(access, pair, BROTHER)
            service.screen(access, pair.suggestion_id, screen_draft())
            service.screen(later(desk, access, "supervisor"), pair.suggestion_id, screen_draft(override=True))
            again = service.screen(later(desk, access, years=2), pair.suggestion_id, screen_draft())
            assert again.verdict is Verdict.STOP

    @pytest.mark.parametrize(
        ("first", "second", "error"),
        [
            ("caseworker", "caseworker-2", Refused),
            ("supervisor", "supervisor", SameWorker),
            ("supervisor", "supervisor-at-night", SameWorker),
            (None, "supervisor", NothingToOverride),
        ],
    )
    def test_of_anybody_else_is_refused(
        self, desk: Desk, pair: Pair, first: str | None, second: str, error: type[Exception]
    ) -> None:
        with desk.trial() as access:
            list_of_found(access, pair, BROTHER)
            if first is not None:
                service.screen(desk.beside(access, first), pair.suggestion_id, screen_draft())
            with pytest.raises(error):
                service.screen(later(desk, access, second), pair.suggestion_id, screen_draft(override=True))

    def test_of_hits_that_nobody_saw_is_refused(self, desk: Desk, pair: Pair) -> None:
        with desk.trial() as access:
            service.screen(access, pair.suggestion_id, screen_draft())
            chief = later(desk, access, "supervisor")
            with pytest.raises(NothingToOverride):
                service.screen(chief, pair.suggestion_id, screen_draft(override=True))
            list_of_found(access, pair, BROTHER)
            with pytest.raises(NothingToOverride):
                service.screen(chief, pair.suggestion_id, screen_draft(override=True))

    def test_of_hits_that_are_withheld_from_the_supervisor_is_refused(
        self, desk: Desk, pair: Pair, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        with desk.trial() as access:
            list_of_found(access, pair, BROTHER)
            service.screen(access, pair.suggestion_id, screen_draft())
            register.set_sensitivity(access, pair.found_id, Sensitivity.HIGH_RISK)
            chief = later(desk, access, "kisumu-supervisor")
            hits = service.screens(chief, pair.suggestion_id)[0].hits
            assert [(hit.of, hit.entry) for hit in hits] == [(ListOf.FOUND, None)]
            with pytest.raises(glass.Withheld):
                service.screen(chief, pair.suggestion_id, screen_draft(override=True))
            monkeypatch.setattr(glass, "require_open", lambda *_: None)  # the planted fault
            assert service.screen(chief, pair.suggestion_id, screen_draft(override=True)).overridden


def later(desk: Desk, access: Access, label: str = "caseworker", years: int = 1) -> Access:
    """Return the access of somebody in the same transaction, so much later that their screen is the latest."""
    other = desk.beside(access, label)
    object.__setattr__(other, "now", access.now.replace(year=access.now.year + years, day=1))
    return other


class TestAwayFrom:
    @pytest.mark.parametrize("side", ["request_id", "sought_id", "found_id"])
    def test_asks_for_another_team_where_a_side_is_protected(self, desk: Desk, pair: Pair, side: str) -> None:
        with desk.trial() as access:
            service.screen(access, pair.suggestion_id, screen_draft())
            assert service.away_from(access, pair.found_id, pair.sought_id) == ""
            register.set_sensitivity(access, getattr(pair, side), Sensitivity.PROTECTED)
            assert service.away_from(access, pair.found_id, pair.sought_id) == "nairobi"

    @pytest.mark.parametrize("verdict", ["no screen", "unknown", "yes"])
    def test_asks_for_another_team_where_the_screen_does(self, desk: Desk, pair: Pair, verdict: str) -> None:
        with desk.trial() as access:
            if verdict != "no screen":
                service.screen(access, pair.suggestion_id, screen_draft(trafficking=verdict))
            assert service.away_from(access, pair.found_id, pair.sought_id) == "nairobi"

    @pytest.mark.parametrize(
        ("cause", "team"),
        [
            ("trafficking_or_exploitation", "nairobi"),
            ("family_abuse_violence_exploitation", "nairobi"),
            ("conflict", ""),
            ("unknown", ""),
        ],
    )
    @pytest.mark.parametrize("where", ["request", "search"])
    def test_asks_for_another_team_where_they_were_fled_from(
        self, desk: Desk, pair: Pair, where: str, cause: str, team: str
    ) -> None:
        separation = {"separation": {"cause": cause}}
        with desk.trial() as access:
            service.screen(access, pair.suggestion_id, screen_draft())
            if where == "request":
                change = RequestChange.model_validate(separation)
                requests.change_request(access, requests.find_request(access, pair.request_id), change)
            else:
                told = SoughtChange.model_validate(separation)
                requests.change_sought(access, requests.find_sought(access, pair.sought_id), told)
            assert service.away_from(access, pair.found_id, pair.sought_id) == team

    def test_of_what_is_not_seen_is_not_found(self, desk: Desk, pair: Pair) -> None:
        with desk.trial() as access, pytest.raises(NotFound):
            service.away_from(access, uuid4(), pair.sought_id)


class TestOverHttp:
    def test_a_screen_is_made_kept_and_read(self, fresh: Desk) -> None:
        pair = fresh.pair()
        path = f"/suggestions/{pair.suggestion_id}/risk-screens"
        body = answers(protected_location="unknown")
        key = {"Idempotency-Key": "screen-1-of-1"}
        first = made(post(fresh.client, path, body, fresh.auth(), **key))
        assert made(post(fresh.client, path, body, fresh.auth(), **key)) == first
        other = post(fresh.client, path, answers(), fresh.auth(), **key)
        assert (other.status_code, other.json()["code"]) == (422, "idempotency-key-reused")
        assert (first["verdict"], first["found_id"], first["sought_id"]) == (
            "second_approver",
            str(pair.found_id),
            str(pair.sought_id),
        )
        assert fresh.get(path).json() == [first]
        told = [e.act for e in entries(fresh.gate, fresh.people) if e.subject_id == pair.found_id]
        assert told.count("risks.screen") == 1

    def test_the_answers_stand_sealed_with_the_found_persons_key(self, fresh: Desk) -> None:
        pair = fresh.pair()
        made(fresh.screen(pair))
        with raw(fresh.gate) as connection:
            known = {name: SQLModel.metadata.tables[name].c for name in ("risk_screen", "record")}
            (row,) = connection.execute(select(known["risk_screen"].key_id, known["risk_screen"].details)).all()
            key_id = select(known["record"].key_id).where(known["record"].id == pair.found_id)
            assert row.key_id == connection.execute(key_id).scalar_one()
            assert b"trafficking" not in row.details

    @pytest.mark.parametrize("side", ["found_id", "sought_id"])
    def test_of_what_was_withdrawn_is_404(self, fresh: Desk, side: str) -> None:
        pair = fresh.pair()
        fresh.withdraw(str(getattr(pair, side)))
        gone = fresh.screen(pair)
        assert (gone.status_code, gone.json()["code"]) == (404, "not-found")
        assert fresh.get(f"/suggestions/{pair.suggestion_id}/risk-screens").status_code == 404

    def test_of_another_society_is_absent(self, fresh: Desk) -> None:
        pair = fresh.pair()
        path = f"/suggestions/{pair.suggestion_id}/risk-screens"
        asked: list[Json] = []
        for url in (path, f"/suggestions/{uuid4()}/risk-screens"):
            answer = post(fresh.client, url, answers(), fresh.auth(society="UG"))
            assert answer.status_code == 404
            asked.append(answer.json() | {"request_id": ""})
        assert asked[0] == asked[1]
        assert fresh.get(path, society="UG").status_code == 404

    def test_a_hit_names_nobody_in_an_error(self, fresh: Desk) -> None:
        pair = fresh.pair({"never_disclose_to": [BROTHER]}, sought=[sought_draft()])
        assert made(fresh.screen(pair))["hits"] == [{"of": "found", "entry": BROTHER}]
        refused = fresh.screen(pair, "supervisor-2", override=True, answers={"trafficking": {"answer": BROTHER}})
        again = fresh.screen(pair, "caseworker-2", override=True)
        assert (refused.status_code, again.status_code) == (422, 403)
        assert not [answer for answer in (refused, again) if "Abdi" in answer.text]
