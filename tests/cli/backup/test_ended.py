"""What was ended after a backup stays ended when it is restored."""

from dataclasses import replace
from datetime import timedelta

import pytest
from fastapi.testclient import TestClient

from tests.cli.backup.cases import Base, Ended, level, of, restored
from tests.cli.calls import call, done, refused
from tests.review.desk import Desk
from tests.rights.desk import Officer
from tests.support import People, made
from tracing.app import create_app
from tracing.gate import ledger
from tracing.gate import people as register_of_people
from tracing.gate.admit import admitted
from tracing.gate.backups import drill
from tracing.gate.disclosing import Level
from tracing.gate.ledger import What
from tracing.gate.opening import Gate, open_gate
from tracing.gate.permissions import Permission
from tracing.kit import clock
from tracing.kit.db import GuardedSession
from tracing.kit.errors import Conflict
from tracing.kit.settings import Settings


class TestEnded:
    """What was ended after the backup stays ended, and nothing else ends."""

    def check(self, base: Base, gate: Gate) -> None:
        ended = base.ended
        with TestClient(create_app(gate.settings, gate)) as client:
            desk = Officer(client, base.people, gate)
            assert desk.get(f"/tracing-requests/{ended.whole}").status_code == 404
            assert desk.get(f"/sought-persons/{ended.below}").status_code == 404
            for record_id, left in ((ended.unmatched, ["register"]), (ended.anew, None), (base.kept, None)):
                held = made(desk.get(f"/records/{record_id}/consents"), 200)["in_force"]
                assert held == (left or ["register", "match_within_society"])
            decided = made(desk.get(f"/records/{ended.named}/consents"), 200)["decisions"]
            latest = {one["recipient"]: one["decision"] for one in decided if one["recipient"]}
            assert latest == {"UG": "withdrawn", "RW": "granted"}
            self.check_shortened(desk, ended)
            assert [level(gate, base.people, pair) for pair in (*ended.pairs, ended.lower)] == [
                Level.NOTHING,
                Level.SHARE_CONTACT,
                Level.PASS_MESSAGE,
            ]
            assert client.get("/v1/sightings", headers=ended.revoked).status_code == 401
            assert desk.get("/sightings", ended.disabled).status_code == 401
            assert desk.get("/sightings", "intake").status_code == 200
            looks = [replace(asking, desk=desk).look().status_code for asking in ended.codes]
            assert looks == [404, 200]
            shown = [made(desk.get(f"/webhooks/{one}", "supervisor"), 200) for one in ended.hooks]
            assert [hook["disabled_at"] is None for hook in shown] == [False, True]
            assert {hook["url"] for hook in shown} == {"https://hooks.example.org/tracing"}
            assert desk.night().forgotten == 0

    def check_shortened(self, desk: Desk, ended: Ended) -> None:
        """What was given anew for a shorter time is in force until then, and no longer; nothing else ends sooner."""

        def ends(record_id: str) -> dict[str, str | None]:
            decided = made(desk.get(f"/records/{record_id}/consents"), 200)["decisions"]
            return {one["purpose"]: one["valid_until"] for one in decided if one["decision"] == "granted"}

        until = ended.until.isoformat().replace("+00:00", "Z")
        both = {"register": until, "match_within_society": until}
        asked, unmatched, shared = ended.sooner
        assert ends(asked) == both
        assert ends(unmatched) == {"register": None, "match_within_society": until}
        assert ends(shared) == {"register": None, "match_within_society": None, "share_with_society": until}
        assert ends(ended.longer)["register"] not in (None, until)
        for record_id, kept in ((asked, both), (unmatched, {"register": None})):
            held = made(desk.get(f"/records/{record_id}/consents"), 200)
            assert held["in_force"] == ["register", "match_within_society"]
            assert (held["expires_at"] == until) is (kept == both)
        with pytest.MonkeyPatch.context() as patch:
            later = ended.until + timedelta(minutes=1)
            patch.setattr(clock, "now", lambda: later)
            assert desk.get(f"/tracing-requests/{asked}").status_code == 404
            held = made(desk.get(f"/records/{unmatched}/consents"), 200)["in_force"]
            assert held == ["register"]

    def test_stays_ended(self, base: Base, fresh: Settings) -> None:
        assert "1 erased again, 12 ended again" in restored(base)
        gate = open_gate(fresh)
        self.check(base, gate)
        assert drill.in_force_again(gate) == 0
        assert set(gate.keys.lines()) >= set(ledger.ended(ledger.read(base.settings.ledger_path, gate.vault)))
        gate.close()

    def test_also_when_the_restore_was_cut_off_after_its_rows(
        self, base: Base, fresh: Settings, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("tracing.cli.backup._replay", lambda *_: (_ for _ in ()).throw(Conflict("cut off")))
        assert "cut off" in refused("restore", str(base.folder), "--ledger", str(base.settings.ledger_path))
        gate = open_gate(fresh)
        assert drill.in_force_again(gate) == 0
        gate.close()

    def test_is_told_by_the_drill(self, base: Base, monkeypatch: pytest.MonkeyPatch) -> None:
        of(base.settings, monkeypatch)
        told = {line[:36].strip(): line[36:] for line in done("restore", str(base.folder), "--drill").splitlines()}
        assert told["ended since"] == "12 ended again, 0 stopped"
        assert told["ended things that would be in force"] == "0"
        monkeypatch.setattr("tracing.gate.backups.restoring.ending.end_again", lambda *_: 0)
        result = call("restore", str(base.folder), "--drill")
        assert result.exit_code == 1
        assert [line for line in result.stdout.splitlines() if "would be in force" in line and line.endswith(" 12")]

    def test_is_named_by_ids_alone(self, base: Base) -> None:
        gate = open_gate(base.settings)
        text = base.settings.ledger_path.read_text()
        exchange = {What.PARTNER, What.PARTNER_KEY, What.OWN_KEY, What.PARTNER_WORDS}  # tests/exchange/test_ended.py
        known = ledger.ended(ledger.read(base.settings.ledger_path, gate.vault))
        assert {line.what for line in known} == set(What) - exchange
        assert not [word for word in ("Omar", "Zahra", "leaver", '"UG"', base.ended.codes[0].code) if word in text]
        gate.close()

    def test_stands_in_the_ledger_before_the_commit_and_not_at_all_when_refused(
        self, gate: Gate, people: People, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        token = people.token("operator")

        def disable(*, fail: bool) -> None:
            with admitted(gate, token, Permission.ACCOUNTS_WRITE) as access:
                register_of_people.disable_account(access, register_of_people.find_account(access, "auditor"))
                if fail:
                    raise Conflict("no")

        with pytest.raises(Conflict):
            disable(fail=True)
        assert gate.keys.lines() == []
        known: list[int] = []
        true = GuardedSession.commit

        def commit(session: GuardedSession) -> None:
            known.append(len(gate.keys.lines()))
            true(session)

        monkeypatch.setattr(GuardedSession, "commit", commit)
        disable(fail=False)
        assert known == [1]
