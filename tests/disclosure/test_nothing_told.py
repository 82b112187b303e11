"""When nothing is told, though it was proposed, approved, or told before, over HTTP on both databases."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from tests.disclosure.counter import GRANT, PHONE, SECRETS, Counter, refused
from tests.disclosure.desk import found, place, screen, verified
from tests.support import made
from tracing.disclosure import views
from tracing.gate import register
from tracing.gate.access import Access
from tracing.gate.kinds import Sensitivity
from tracing.kit import clock
from tracing.requests import service as requests
from tracing.requests.states import Event as SearchEvent
from tracing.requests.states import State as SearchState
from tracing.risk.states import Verdict


class TestNothingIsTold:
    """Whatever falls between the approval and the telling."""

    def test_when_it_was_turned_down(self, counter: Counter) -> None:
        counter.grant()
        release = counter.propose()
        made(counter.approve(release, approve=False), 200)
        refused(counter.tell(release), 409, "no-such-transition")
        refused(counter.approve(release), 409, "no-such-transition")

    @pytest.mark.parametrize("event", ["withdraw", "revise", "learn_of_death"])
    def test_any_more_of_what_was_told_before_she_took_it_back(self, counter: Counter, event: str) -> None:
        release = counter.ready()
        assert made(counter.tell(release), 200)["content"]["contact_to_share"] == PHONE
        assert made(counter.get(release), 200)["content"]["contact_to_share"] == PHONE
        counter.happen(event)
        view = made(counter.get(release), 200)
        assert (view["state"], view["content"]) == ("told", None)
        for label in ("caseworker", "kisumu-1"):
            texts = [made(counter.get(path, label), 200) for path in (release, counter.path, "/disclosure-cases")]
            assert not [secret for secret in SECRETS if secret in str(texts)]

    def test_any_more_of_what_was_told_at_a_level_that_is_allowed_no_more(self, counter: Counter) -> None:
        release = counter.ready()
        made(counter.tell(release), 200)
        counter.happen("revise")
        counter.happen(**GRANT | {"level": "pass_message", "contact_to_share": None, "location_to_share": None})
        assert made(counter.get(release), 200)["content"] is None

    def test_any_more_of_what_was_told_on_an_answer_that_was_given_anew(self, counter: Counter) -> None:
        """She took back what was told; the same level once more is another answer, about what is told from now on."""
        release = counter.ready()
        made(counter.tell(release), 200)
        assert made(counter.get(release), 200)["content"]["contact_to_share"] == PHONE
        counter.happen("revise")
        counter.happen(**GRANT)
        assert made(counter.get(release), 200)["content"] is None
        assert [one["content"] for one in made(counter.get(counter.path), 200)["releases"]] == [None]

    def test_but_where_no_answer_is_asked_what_was_told_stays(
        self, counter: Counter, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """The planted fault."""
        release = counter.ready()
        made(counter.tell(release), 200)
        counter.happen("withdraw")
        monkeypatch.setattr(views, "rests", lambda *_: True)
        assert made(counter.get(release), 200)["content"]["contact_to_share"] == PHONE

    @pytest.mark.parametrize("event", ["withdraw", "revise", "learn_of_death"])
    def test_when_she_takes_it_back(self, counter: Counter, event: str) -> None:
        release = counter.ready()
        counter.happen(event)
        assert counter.state(release) == "stopped"
        refused(counter.tell(release), 409, "no-such-transition")
        texts = [str(made(counter.get(path), 200)) for path in (release, counter.path, "/disclosure-cases")]
        assert not [secret for secret in SECRETS if secret in "".join(texts)]

    def test_when_she_takes_it_back_and_allows_the_same_again(self, counter: Counter) -> None:
        """The approval was given on another answer."""
        release = counter.ready()
        counter.happen("revise")
        counter.happen(**GRANT)
        refused(counter.tell(release), 409, "no-such-transition")

    def test_when_the_answer_is_over(self, counter: Counter, monkeypatch: pytest.MonkeyPatch) -> None:
        release = counter.ready(valid_until=(clock.now() + timedelta(days=1)).isoformat())
        later = clock.now() + timedelta(days=1)
        monkeypatch.setattr(clock, "now", lambda: later)
        refused(counter.tell(release), 409, "not-allowed-by-the-person")
        case = made(counter.get(counter.path), 200)
        assert (case["level"], case["shared"], case["releases"][0]["content"]) == ("nothing", None, None)

    @pytest.mark.parametrize(
        ("why", "code"),
        [
            ("the lead was undone", "no-such-transition"),
            ("the search was suspended", "no-such-transition"),
            ("the verification was replaced", "not-verified"),
            ("the screen says stop", "not-screened"),
            ("another team must approve now", "not-approved"),
            ("she is protected now", "not-approved"),
            ("somebody else was asked since", "no-such-transition"),
        ],
    )
    def test_when(self, counter: Counter, why: str, code: str) -> None:
        release, pair = counter.ready(), counter.pair
        acts: dict[str, Callable[[Access], object]] = {
            "the lead was undone": lambda access: requests.bring(access, pair.sought_id, SearchEvent.UNDO_LEAD),
            "the search was suspended": lambda access: requests.happen(
                access, requests.find_sought(access, pair.sought_id), SearchEvent.SUSPEND, None
            ),
            "the screen says stop": lambda access: screen(access, pair.found_id, pair.sought_id, Verdict.STOP),
            "she is protected now": lambda access: register.set_sensitivity(
                access, pair.found_id, Sensitivity.PROTECTED
            ),
        }
        if why == "the verification was replaced":
            verified(counter.gate, counter.people, pair.found_id, pair.sought_id, None)
            counter.do(lambda access: place(access, pair.sought_id, SearchState.OUTCOME_READY))
        elif why == "another team must approve now":
            counter.make_risky()
        elif why == "somebody else was asked since":
            other = found(counter.gate, counter.people)
            verification_id = verified(counter.gate, counter.people, other.found_id, pair.sought_id)
            made(counter.send("POST", f"/verifications/{verification_id}/disclosure-cases"))
            counter.do(lambda access: place(access, pair.sought_id, SearchState.OUTCOME_READY))
        else:
            counter.do(acts[why])
        refused(counter.tell(release), 409, code)
        assert counter.state(release) == "approved"

    @pytest.mark.parametrize("side", ["found_id", "sought_id", "request_id"])
    def test_when_either_side_withdraws_from_the_register(self, counter: Counter, side: str) -> None:
        release = counter.ready()
        counter.hide(getattr(counter.pair, side))
        for path in (release, counter.path):
            assert counter.get(path).status_code == 404
        refused(counter.send("POST", f"{release}/telling", **{"If-Match": '"x"'}), 404, "not-found")
        assert made(counter.get("/disclosure-cases"), 200)["items"] == []

    def test_beyond_what_she_allows(self, counter: Counter) -> None:
        counter.grant(level="pass_message", contact_to_share=None, location_to_share=None)
        for level in ("receive_message", "share_contact", "share_location", "agree_to_meeting", "nothing"):
            answer = counter.post(f"{counter.path}/releases", {"level": level})
            refused(answer, 409, "not-allowed-by-the-person")
