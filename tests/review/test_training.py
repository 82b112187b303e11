"""`train --society`: decisions become weights, through the gate like any act, and nobody's details are opened."""

import json
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from uuid import UUID

import numpy as np
import pytest

from tests.cli.calls import call
from tests.review.desk import Desk
from tests.risk.desk import Undone
from tests.scenes import scene
from tests.support import person
from tests.trails import acts
from tracing.gate.admit import admitted
from tracing.gate.permissions import Permission
from tracing.gate.purposes import Use
from tracing.kit.errors import Refused
from tracing.matching import Engine, Weights
from tracing.matching.training.pairs import SHAPES
from tracing.review import service, suggest
from tracing.review.states import ReasonCode

AMINA = person("Amina Yusuf Warsame", sex="female", birth="1990", father=["Yusuf Warsame"])
OTHER = person("Amina Yusuf Hersi", sex="female", birth="1990", father=["Yusuf Hersi"])


@pytest.fixture
def decided(desk: Desk) -> dict[str, str]:
    """One pair confirmed and one rejected; ids of the suggestions by verdict."""

    def play() -> dict[str, str]:
        desk.seek("Amina Yusuf Warsame", sex="female", birth="1990", father=["Yusuf Warsame"])
        right, wrong = desk.report(person=AMINA), desk.report(person=OTHER)
        desk.night()
        found = {item["right_id"]: item["id"] for item in desk.queue()}
        desk.decided(found[right], "confirm_same_person", reason="same_names_and_kin")
        desk.decided(found[wrong], "not_same_person", reason="homonym")
        return {"confirmed": found[right], "rejected": found[wrong]}

    return scene(desk.gate, "two decided pairs", play)


def learned(desk: Desk, label: str = "supervisor", society: str = "KE") -> suggest.DecidedPairs:
    token = desk.people.token(label, society)
    with admitted(desk.gate, token, Permission.WEIGHTS_TRAIN, use=Use.MATCH) as access:
        return service.decided_pairs(access)


class TestDecidedPairs:
    def test_hold_the_evidence_as_it_was_scored(self, desk: Desk, decided: dict[str, str]) -> None:
        found = learned(desk)
        assert sorted(found.labels) == [False, True]
        assert found.levels.shape == found.extra.shape == (2, len(SHAPES))
        assert (found.priors > 0).all()
        names = found.levels[:, 0]
        assert names[found.labels.index(True)] < names[found.labels.index(False)]

    def test_leave_a_row_on_the_trail_and_open_nobody(
        self, desk: Desk, decided: dict[str, str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(suggest, "persons", lambda *_: pytest.fail("a person was opened"))
        before = len(acts(desk.gate, desk.people))
        learned(desk)
        assert [act for act, _ in acts(desk.gate, desk.people)[before:]] == ["trail.read", "weights.train"]

    def test_of_another_society_are_not_seen(self, desk: Desk, decided: dict[str, str]) -> None:
        assert learned(desk, society="UG").labels == []

    def test_vanish_with_the_consent_to_matching(self, desk: Desk, decided: dict[str, str]) -> None:
        desk.withdraw(desk.show(decided["confirmed"])["right_id"], "match_within_society")
        assert learned(desk).labels == [False]

    def test_of_an_undone_decision_teach_nothing(self, desk: Desk, decided: dict[str, str]) -> None:
        desk.decided(decided["rejected"], "undo", reason="decided_wrongly")
        assert learned(desk).labels == [True]

    def test_of_a_refuted_relationship_teach_nothing(self, desk: Desk, decided: dict[str, str]) -> None:
        """Of a refuted identity they do: both are told apart."""
        token = desk.people.token("caseworker")
        for reason, labels in ((ReasonCode.RELATIONSHIP_REFUTED, [False]), (ReasonCode.IDENTITY_REFUTED, [False] * 2)):
            with suppress(Undone), admitted(desk.gate, token, Permission.SUGGESTIONS_DECIDE, use=Use.MATCH) as access:
                access.note("test.refute")
                service.refute(access, UUID(decided["confirmed"]), reason)
                object.__setattr__(access, "caller", replace(access.caller, permissions=frozenset(Permission)))
                assert service.decided_pairs(access).labels == labels
                raise Undone("undone")

    def test_of_another_table_keep_their_rarity(
        self, desk: Desk, decided: dict[str, str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        plain = learned(desk)
        monkeypatch.setattr(Engine, "version", "another/table")
        other = learned(desk)
        assert np.array_equal(other.levels, plain.levels)
        assert (other.extra >= 0).all()
        assert (other.extra <= plain.extra + 0.02).all()

    def test_of_other_code_are_left_out(
        self, desk: Desk, decided: dict[str, str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(suggest, "ENGINE_VERSION", "another")
        assert learned(desk).labels == []

    @pytest.mark.parametrize("label", ["intake", "caseworker", "auditor", "partner", "statistics"])
    def test_are_for_supervisors_and_operators(self, desk: Desk, label: str) -> None:
        with pytest.raises(Refused):
            learned(desk, label)


class TestCommand:
    @pytest.fixture(autouse=True)
    def base(self, desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
        settings = desk.gate.settings
        monkeypatch.setenv("TRACING_DATA_DIR", str(settings.data_dir))
        if settings.database_url is not None:
            monkeypatch.setenv("TRACING_DATABASE_URL", settings.database_url.get_secret_value())

    def test_writes_a_table(self, desk: Desk, decided: dict[str, str], tmp_path: Path) -> None:
        out = tmp_path / "w.json"
        result = call("train", "--society", "KE", "--output", str(out), token=desk.people.token("supervisor"))
        assert result.exit_code == 0, result.stderr
        assert "only 2 decisions" in result.stderr
        assert Weights.from_json(out.read_text("utf-8")).levels.keys() == json.loads(out.read_text())["levels"].keys()

    def test_refuses_another_societys_token(self, desk: Desk, tmp_path: Path) -> None:
        out = tmp_path / "w.json"
        result = call("train", "--society", "UG", "--output", str(out), token=desk.people.token("supervisor"))
        assert result.exit_code == 1
        assert "another society" in result.stderr
        assert not out.exists()

    def test_refuses_a_caseworker(self, desk: Desk, tmp_path: Path) -> None:
        out = str(tmp_path / "w.json")
        result = call("train", "--society", "KE", "--output", out, token=desk.people.token("caseworker"))
        assert result.exit_code == 1
        assert "weights:train" in result.stderr

    def test_needs_decisions_of_both_kinds(self, desk: Desk, tmp_path: Path) -> None:
        out = str(tmp_path / "w.json")
        result = call("train", "--society", "KE", "--output", out, token=desk.people.token("supervisor"))
        assert result.exit_code == 2
        assert "both kinds" in result.stderr
