"""What is over stays over: consents, persons, approvals, partners and keys, also after a restore."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlmodel import SQLModel, select

from tests.exchange.found import matched, take_back, told, withdrawn
from tests.exchange.pair import SHARE, Pair
from tests.exchange.test_kinds import later, shareable, theirs
from tests.exchange.test_taken_back import heard, outcome
from tests.exchange.test_way import BASIS, ask
from tests.review.desk import raw
from tests.rights.desk import Officer
from tests.support import sought_draft
from tracing.exchange import outbox
from tracing.exchange.jobs import FINAL
from tracing.gate import ledger
from tracing.gate.admit import admitted
from tracing.gate.backups import drill, restoring
from tracing.gate.partnering import own_keys, partners
from tracing.gate.partnering.partner_tables import KeyUse
from tracing.gate.permissions import Permission
from tracing.kit import clock
from tracing.kit.errors import Refused
from tracing.kit.outbound import Answer

pytestmark = pytest.mark.parametrize("settings", ["sqlite"], indirect=True)
T = SQLModel.metadata.tables


def hidden(pair: Pair, case: dict[str, Any]) -> bool:
    return pair.desk.get(f"/sought-persons/{case['sought_id']}", "caseworker", "UG").status_code == 404


def end_partner(pair: Pair, society: str = "KE", code: str = "UG") -> None:
    with admitted(pair.desk.gate, pair.desk.people.token("operator", society), Permission.PARTNERS_WRITE) as access:
        partners.revoke(access, partners.find(access, code))


class TestErased:
    def test_person_is_taken_back_though_nobody_here_sees_them_any_more(self, pair: Pair) -> None:
        _, sought, _ = ask(pair)
        pair.settle()
        case = theirs(pair)
        Officer(pair.desk.client, pair.desk.people, pair.desk.gate).erase(sought)
        pair.take_back()
        pair.settle()
        assert hidden(pair, case)
        pair.take_back()
        assert pair.deliver("KE").tried == 0, "once is enough"


class TestTakenBack:
    def test_draft_is_approved_by_nobody(self, pair: Pair) -> None:
        opened = pair.desk.open(sought_draft(basis=BASIS, sensitivity="protected"))
        case = pair.send(opened["sought"][0]["id"])
        pair.act("KE", case["id"], "events", {"event": "revoke", "revocation": "safety"})
        pair.act("KE", case["id"], "approval", {"approve": True}, label="caseworker-2", status=409)
        pair.settle()
        assert pair.loop.sent == []

    def test_message_that_waits_does_not_leave(self, pair: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
        _, _, ours = ask(pair)
        pair.settle()
        pair.say("KE", ours, {"kind": "ask_question", "text": "Did you ask at the school?"})
        monkeypatch.setattr(outbox, "stop", lambda *_: None)
        pair.act("KE", ours, "events", {"event": "revoke", "revocation": "search_ended"})
        pair.loop.sent.clear()
        pair.settle()
        assert [b"ask_question" in body for _, body, _ in pair.loop.sent if b'"sender":"KE"' in body] == [False]


class TestCourier:
    @pytest.mark.parametrize(
        "status", [401, *(pytest.param(status, marks=pytest.mark.slow) for status in (403, 404, 412, 500))]
    )
    def test_tries_again_whatever_is_not_about_the_message(
        self, pair: Pair, monkeypatch: pytest.MonkeyPatch, status: int
    ) -> None:
        assert status not in FINAL
        ask(pair)
        true = pair.loop.post
        monkeypatch.setattr(pair.loop, "post", lambda *_, **__: Answer(status, {}, b"", False))
        assert pair.deliver("KE").later == 1
        monkeypatch.setattr(pair.loop, "post", true)
        later(monkeypatch)
        assert pair.deliver("KE").delivered == 1

    def test_goes_on_after_what_may_not_leave(self, pair: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
        _, _, ours = ask(pair)
        pair.settle()
        write = outbox._talk

        def refuse(*args: Any) -> Any:
            raise Refused("not by this worker")

        monkeypatch.setattr(outbox, "_talk", refuse)
        pair.say("KE", ours, {"kind": "ask_question", "text": "Did you ask at the school?"})
        assert pair.deliver("KE").stopped == 1
        monkeypatch.setattr(outbox, "_talk", write)
        pair.say("KE", ours, {"kind": "ask_question", "text": "Did you ask at the school?"})
        assert pair.deliver("KE").delivered == 1

    def test_is_not_held_up_by_a_partner_without_a_line(self, pair: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("tracing.exchange.delivering.PAGE", 1)
        ask(pair)
        with raw(pair.desk.gate) as connection:
            partner = T["partner"]
            row = connection.execute(partner.select().where(partner.c.society == "KE")).one()._mapping
            offline = dict(row) | {"id": UUID(int=5), "code": "SO", "channels": "offline", "origin": ""}
            connection.execute(partner.insert().values(offline))
            t = T["exchange_message"]
            waits = dict(connection.execute(t.select().where(t.c.society == "KE")).one()._mapping)
            more = {
                "id": UUID(int=6),
                "message_id": UUID(int=6),
                "partner_id": UUID(int=5),
                "number": 0,
                "case_id": None,
            }
            connection.execute(t.insert().values(waits | more))
        assert pair.deliver("KE").delivered == 1


class TestRestored:
    def test_is_nothing_that_waits_but_what_takes_back_and_acknowledges(self, pair: Pair) -> None:
        """A partner would be told what nobody here would say any more; what is asked anew goes."""
        _, _, ours = ask(pair)
        pair.settle()
        pair.act("UG", theirs(pair)["id"], "events", {"event": "accept"})
        pair.say("KE", ours, {"kind": "ask_question", "text": "Did you ask at the school?"})
        before = len(pair.loop.sent)
        assert restoring.settle(pair.desk.gate, []).stopped == 1
        with raw(pair.desk.gate) as connection:
            t = T["exchange_message"].c
            waiting = connection.execute(select(t.kind, t.society).where(t.progress == "waiting")).all()
            stopped = connection.execute(
                select(t.kind, t.trouble).where(t.progress == "stopped", t.case_id.is_not(None))
            ).all()
        assert {kind for kind, _ in waiting} <= {"receipt"}
        assert stopped == [("ask_question", "restored")]
        pair.deliver("KE")
        assert len(pair.loop.sent) == before
        pair.say("KE", ours, {"kind": "ask_question", "text": "Did you ask at the school?"})
        assert pair.deliver("KE").delivered == 1

    def test_is_nothing_that_a_partner_told_and_took_back(self, pair: Pair) -> None:
        """They were told that it is gone, and do not say so again."""
        family = told(pair, matched(pair))
        pair.settle()
        tables = [T[name] for name in ("exchange_message", "exchange_words", "partner_answer")]
        with raw(pair.desk.gate) as connection:
            before = {t: list(connection.execute(t.select().where(t.c.society == "KE"))) for t in tables}
        withdrawn(pair, family)
        take_back(pair)
        with raw(pair.desk.gate) as connection:  # what a backup of the day before brings back
            for t, rows in before.items():
                connection.execute(t.delete().where(t.c.society == "KE"))
                connection.execute(t.insert().values([dict(row._mapping) for row in rows]))
        lines = ledger.ended(pair.desk.gate.keys.lines())
        assert heard(pair, family)["told"] is not None
        assert drill.in_force_again(pair.desk.gate) == 1
        restoring.settle(pair.desk.gate, lines)
        assert (heard(pair, family)["told"], heard(pair, family)["trouble"]) == (None, "taken-back")
        assert outcome(pair, family)["may_be_told"] == []
        assert drill.in_force_again(pair.desk.gate) == 0


class TestPartner:
    def test_that_is_revoked_gets_and_sends_nothing(self, pair: Pair) -> None:
        _, _, ours = ask(pair)
        pair.settle()
        pair.act("UG", theirs(pair)["id"], "events", {"event": "accept"})
        pair.say("KE", ours, {"kind": "ask_question", "text": "Did you ask at the school?"})
        end_partner(pair)
        before = len(pair.loop.sent)
        assert pair.deliver("KE").stopped == 1
        assert len(pair.loop.sent) == before
        words = {"kind": "ask_question", "text": "And elsewhere?"}
        assert pair.act("KE", ours, "messages", words, status=404)["code"] == "not-found"
        assert pair.deliver("UG").later == 1, "KE knows none of its keys any more"
        assert pair.loop.answers[-1] == 401

    def test_stays_revoked_after_a_restore(self, pair: Pair) -> None:
        ask(pair)
        end_partner(pair)
        with raw(pair.desk.gate) as connection:  # what a backup of the day before brings back
            mine = T["partner"].c.society == "KE"
            connection.execute(T["partner"].update().where(mine).values(revoked_at=None))
            connection.execute(T["partner_key"].update().values(revoked_at=None))
            account = connection.execute(select(T["partner"].c.account_id).where(mine)).scalar_one()
            enabled = T["account"].update().where(T["account"].c.id == account).values(disabled_at=None)
            connection.execute(enabled)
        assert restoring.settle(pair.desk.gate, ledger.ended(pair.desk.gate.keys.lines())).ended >= 4
        with raw(pair.desk.gate) as connection:  # and nobody has stopped what waits
            t = T["exchange_message"]
            connection.execute(t.update().where(t.c.case_id.is_not(None)).values(progress="waiting"))
        assert pair.deliver("KE").stopped == 1
        assert pair.loop.sent == []

    def test_and_its_keys_stay_revoked_after_a_restore(self, pair: Pair) -> None:
        gate, token = pair.desk.gate, pair.desk.people.token("operator", "KE")
        with admitted(gate, token, Permission.PARTNERS_WRITE) as access:
            partner = partners.find(access, "UG")
            one = next(key.id for key in partners.keys(access, partner.id) if key.use is KeyUse.SIGNING)
            partners.revoke_key(access, partner, one)
            retired = own_keys.retire(access, own_keys.signing(access)[0]).id
        with raw(gate) as connection:
            connection.execute(T["partner_key"].update().values(revoked_at=None))
            connection.execute(T["own_key"].update().values(retired_at=None))
        assert restoring.settle(gate, ledger.ended(gate.keys.lines())).ended == 2
        with raw(gate) as connection:
            key, own = T["partner_key"].c, T["own_key"].c
            ended = select(key.id).where(key.society == "KE", key.revoked_at.is_not(None))
            assert connection.execute(ended).scalars().all() == [one]
            assert connection.execute(select(own.id).where(own.retired_at.is_not(None))).scalars().all() == [retired]


class TestChangeOfKeys:
    def test_loses_nothing_while_the_partner_does_not_trust_the_new_one(self, pair: Pair) -> None:
        token = {code: pair.desk.people.token("operator", code) for code in ("KE", "UG")}
        with admitted(pair.desk.gate, token["KE"], Permission.PARTNERS_WRITE) as access:
            old = own_keys.signing(access)[0]
            new = own_keys.make(access, KeyUse.SIGNING)
            card = partners.PublicKey(new.use, new.public, new.id, new.not_after)
        ask(pair)
        assert pair.deliver("KE").delivered == 1
        assert f'keyid="{old}"' in pair.loop.sent[-1][2]["Signature-Input"]
        with admitted(pair.desk.gate, token["UG"], Permission.PARTNERS_WRITE) as access:
            partners.add_key(access, partners.find(access, "KE"), card)
        with admitted(pair.desk.gate, token["KE"], Permission.PARTNERS_WRITE) as access:
            own_keys.retire(access, old)
        ask(pair)
        assert pair.deliver("KE").delivered == 1
        assert f'keyid="{card.fingerprint}"' in pair.loop.sent[-1][2]["Signature-Input"]


class TestExpired:
    def test_consent_is_asked_for_at_the_moment_of_leaving(self, pair: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
        ends = (clock.now() + timedelta(minutes=30)).isoformat()
        share = SHARE | {"lawful_basis": "public_interest", "given_by": "not_asked", "valid_until": ends}
        opened = pair.desk.open(sought_draft(basis=[*BASIS[:-1], share]))
        pair.send(opened["sought"][0]["id"])
        later(monkeypatch)
        pair.settle()
        assert pair.loop.sent == []

    def test_copy_is_hidden_when_what_covers_it_ends(self, pair: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
        pair.send(shareable(pair), days=1)
        pair.settle()
        case = theirs(pair)
        now = clock.now
        monkeypatch.setattr(clock, "now", lambda: now() + timedelta(days=2))
        assert hidden(pair, case)
