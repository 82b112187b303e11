"""Bundles: each message has its effects once, nothing altered is taken, what is missing is named until it comes."""

import hashlib
import json
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pyrage
import pytest

from tests.bundles.post import Post
from tests.exchange.pair import agree
from tests.exchange.test_way import ask
from tracing.bundles import envelope
from tracing.bundles import inbox as bundles_inbox
from tracing.bundles.envelope import Bundle
from tracing.bundles.errors import BundleRefused, NoBundle
from tracing.bundles.outbox import Packed
from tracing.exchange import inbox
from tracing.exchange.envelope import Envelope
from tracing.exchange.errors import NotAgreed
from tracing.gate.admit import admitted
from tracing.gate.partnering import own_keys, partners
from tracing.gate.partnering.partner_tables import Channel
from tracing.gate.permissions import Permission
from tracing.gate.purposes import Use
from tracing.kit import clock
from tracing.kit.errors import Unidentified
from tracing.kit.signatures import sign_content


class TestBundles:
    def test_there_and_back_until_everything_is_acknowledged(self, mail: Post) -> None:
        _, _, ours = ask(mail.pair)
        (out,) = mail.pack("KE")
        assert mail.sent("KE") == ["waiting"]  # it counts as delivered when they say so
        assert b"Amina" not in out.content
        done = mail.take("UG", out)
        assert (done.partner, done.number, done.taken, done.refused, done.gaps) == ("KE", 1, 1, [], [])
        (theirs,) = mail.pair.cases("UG")
        (back,) = mail.pack("UG")
        done = mail.take("KE", back)
        assert (done.taken, done.acknowledged) == (1, 1)
        assert mail.sent("KE") == ["delivered"]
        assert mail.pair.case("KE", ours)["state"] == "received"
        mail.pair.act("UG", theirs["id"], "events", {"event": "accept"})
        mail.take("KE", *mail.pack("UG"))
        assert mail.pair.case("KE", ours)["state"] == "accepted"
        assert mail.take("UG", *mail.pack("KE")).acknowledged == 2
        assert mail.sent("UG") == ["delivered", "delivered"]
        assert [packed.count for packed in mail.pack("UG")] == [0]

    @pytest.mark.slow
    def test_the_same_again_has_no_effect(self, mail: Post) -> None:
        ask(mail.pair)
        (out,) = mail.pack("KE")
        mail.take("UG", out)
        for _ in range(9):
            done = mail.take("UG", out)
            assert (done.taken, done.known) == (0, 1)
        assert len(mail.pair.cases("UG")) == 1
        assert mail.sent("UG") == ["waiting"]

    def test_what_is_lost_leaves_again(self, mail: Post) -> None:
        ask(mail.pair)
        (lost,) = mail.pack("KE")
        ask(mail.pair)
        (out,) = mail.pack("KE")
        done = mail.take("UG", out)
        assert (done.taken, done.gaps) == (2, [])
        with pytest.raises(BundleRefused, match="replaced by a later one"):
            mail.take("UG", lost)
        mail.take("KE", *mail.pack("UG"))
        assert mail.sent("KE") == ["delivered", "delivered"]

    def test_in_parts_in_any_order_and_what_is_missing_is_named_until_it_comes(self, mail: Post) -> None:
        for _ in range(4):
            ask(mail.pair)
        parts = mail.pack("KE", most=100)
        assert [part.number for part in parts] == [1, 2, 3, 4]
        assert mail.take("UG", parts[3]).gaps == [(1, 3)]
        assert mail.take("UG", parts[1]).gaps == [(1, 1), (3, 3)]
        mail.take("KE", *mail.pack("UG"))
        assert mail.sent("KE") == ["waiting", "delivered", "waiting", "delivered"]
        assert mail.take("UG", parts[0]).gaps == [(3, 3)]
        assert mail.gaps("UG") == [(3, 3)]
        (rest,) = mail.pack("KE")
        assert rest.count == 2
        assert (mail.take("UG", rest).taken, mail.gaps("UG")) == (1, [])

    @pytest.mark.slow
    def test_one_bad_message_keeps_no_other_back(self, mail: Post) -> None:
        for _ in range(2):
            ask(mail.pair)
        (out,) = mail.pack("KE")
        signed, _, lines = mail.opened("UG", out)
        lines[0] = lines[0].replace(b'"names"', b'"nemas"')
        manifest = json.loads(signed)
        manifest["records"][0]["sha256"] = hashlib.sha256(lines[0]).hexdigest()
        done = mail.take("UG", mail.signed("UG", "KE", manifest, lines))
        assert (done.taken, done.refused) == (1, [(1, "invalid")])
        mail.take("KE", *mail.pack("UG"))
        assert mail.sent("KE") == ["failed", "delivered"]  # the sender hears of it, and the team of the case

    @pytest.mark.slow
    def test_what_may_be_taken_later_is_not_given_up(self, mail: Post) -> None:
        _, _, ours = ask(mail.pair)
        mail.pair.say("KE", ours, {"kind": "ask_question", "text": "When was she seen?"})
        first, second = mail.pack("KE", most=100)
        assert mail.take("UG", second).refused == [(2, "not-yet")]
        mail.take("KE", *mail.pack("UG"))
        assert mail.sent("KE") == ["waiting", "waiting"]
        assert mail.take("UG", first, second).refused == []
        mail.take("KE", *mail.pack("UG"))
        assert mail.sent("KE") == ["delivered", "delivered"]

    def test_what_is_not_agreed_on_waits_until_it_is(self, mail: Post) -> None:
        _, _, ours = ask(mail.pair)
        agree(mail.pair, "UG", "KE", kinds=("ask_question",))
        assert mail.take("UG", *mail.pack("KE")).refused == [(1, "not-agreed")]
        mail.take("KE", *mail.pack("UG"))
        assert mail.sent("KE") == ["waiting"]
        agree(mail.pair, "UG", "KE")
        assert mail.take("UG", *mail.pack("KE")).taken == 1
        mail.take("KE", *mail.pack("UG"))
        assert mail.pair.case("KE", ours)["state"] == "received"

    @pytest.mark.slow
    def test_what_came_online_while_the_answer_was_lost_is_acknowledged_all_the_same(self, mail: Post) -> None:
        ask(mail.pair)
        (out,) = mail.pack("KE")
        _, _, lines = mail.opened("UG", out)
        token = mail.pair.desk.people.token("operator", "UG")
        with admitted(mail.pair.desk.gate, token, WRITE) as access:  # stands in for the signed request
            account = partners.find(access, "KE").account_id
            access.note("tests.look")
        with mail.enter("UG", _first(mail, out)) as access:
            assert access.caller.account_id == account
            inbox.take(access, Envelope.model_validate_json(lines[0]))
        done = mail.take("UG", out)
        assert (done.taken, done.known) == (0, 1)
        mail.take("KE", *mail.pack("UG"))
        assert mail.sent("KE") == ["delivered"]

    def test_a_case_taken_back_after_it_left_is_never_registered(self, mail: Post) -> None:
        _, sought, _ = ask(mail.pair)
        parts = mail.pack("KE")
        mail.pair.desk.withdraw(sought, "share_with_society")
        parts += mail.pack("KE")  # what waited is stopped; what may have arrived is taken back
        mail.take("UG", *parts)
        assert mail.pair.cases("UG") == []


def _first(mail: Post, packed: Packed) -> Bundle:
    with mail.pair.turn("UG")(Use.REGISTER) as access:
        access.note("tests.look")
        return envelope.unseal(packed.content, own_keys.identities(access))


Alter = Callable[[dict[str, Any], list[bytes]], None]


def _swapped(_: dict[str, Any], lines: list[bytes]) -> None:
    lines.reverse()


def _dropped(_: dict[str, Any], lines: list[bytes]) -> None:
    lines.pop()


def _added(_: dict[str, Any], lines: list[bytes]) -> None:
    lines.append(lines[0])


def _flipped(_: dict[str, Any], lines: list[bytes]) -> None:
    lines[0] = lines[0][:-3] + bytes([lines[0][-3] ^ 1]) + lines[0][-2:]


def _with(**fields: Any) -> Alter:
    return lambda manifest, _: manifest.update(fields)


PAST, FUTURE = "2020-01-01T00:00:00Z", "2999-01-01T00:00:00Z"
SIGNED_WRONG: dict[str, Alter] = {
    "reordered": _swapped,
    "one is missing": _dropped,
    "one is added": _added,
    "a flipped byte": _flipped,
    "for somebody else": _with(recipient="CH"),
    "of somebody else": _with(sender="CH"),
    "over": _with(made_at=PAST, expires_at="2020-01-02T00:00:00Z"),
    "of the future": _with(made_at=FUTURE, expires_at="2999-01-02T00:00:00Z"),
    "another version": _with(version="2"),
    "another count": _with(count=1),
    "a list that does not count up": _with(first=2, last=1),
    "an unknown field": _with(motto="hurry"),
    "it begins after itself": _with(begins=2**40),
    "a number beyond all": _with(number=2**60),
}


class TestWhatIsRefused:
    @pytest.fixture
    def two(self, mail: Post) -> tuple[Post, Packed]:
        for _ in range(2):
            ask(mail.pair)
        (out,) = mail.pack("KE")
        return mail, out

    @pytest.fixture(autouse=True)
    def nothing_comes_of_it(self, mail: Post) -> Iterator[None]:
        yield
        assert mail.pair.cases("UG") == []

    def test_what_the_partner_itself_signed_wrongly(self, two: tuple[Post, Packed]) -> None:
        mail, out = two
        signed, _, known = mail.opened("UG", out)
        for kind, alter in SIGNED_WRONG.items():
            manifest, lines = json.loads(signed), list(known)
            alter(manifest, lines)
            with pytest.raises((BundleRefused, NoBundle)):
                mail.take("UG", mail.signed("UG", "KE", manifest, lines))
            assert mail.pair.cases("UG") == [], kind

    @pytest.mark.slow
    def test_what_was_altered_on_its_way(self, two: tuple[Post, Packed]) -> None:
        mail, out = two
        content = out.content
        for place in range(0, len(content), max(1, len(content) // 40)):
            altered = content[:place] + bytes([content[place] ^ 1]) + content[place + 1 :]
            with pytest.raises(NoBundle):
                mail.take("UG", Packed(0, 0, altered))
        for end in (0, 1, 100, len(content) - 1):
            with pytest.raises(NoBundle):
                mail.take("UG", Packed(0, 0, content[:end]))

    def test_what_anybody_may_have_encrypted(self, two: tuple[Post, Packed]) -> None:
        mail, out = two
        signed, signature, lines = mail.opened("UG", out)
        for forged in (
            [signed.replace(b'"number":1,', b'"number":9,', 1), signature, *lines],  # another list, their signature
            [signed, b"0" * 128, *lines],
            [signed, signature[:-1], *lines],
            [signed, signature, *lines[:-1]],
            [json.dumps(json.loads(signed)).encode(), signature, *lines],
            [b"{}", signature],
            [],
        ):
            with pytest.raises((BundleRefused, NoBundle)):
                mail.take("UG", mail.sealed("UG", forged))

    def test_what_others_signed_or_what_was_signed_for_something_else(self, two: tuple[Post, Packed]) -> None:
        mail, out = two
        signed, signature, lines = mail.opened("UG", out)
        ask(mail.pair)
        _, _, later = mail.opened("UG", mail.pack("KE")[0])
        with mail.pair.turn("KE")(Use.REGISTER) as access:
            access.note("tests.look")
            key = own_keys.signing(access)[1]
        manifest = {k: v for k, v in json.loads(signed).items() if k != "key"}
        for forged in (
            mail.sealed("UG", [signed, signature, *later[1:]]),  # its list, another one's messages
            mail.signed("UG", "UG", manifest, lines),  # UG's own key is no partner's
            mail.sealed("UG", [signed, key.sign(signed).hex().encode(), *lines]),
            mail.sealed("UG", [signed, sign_content(key, "webhook", signed).hex().encode(), *lines]),
        ):
            with pytest.raises(BundleRefused):
                mail.take("UG", forged)
        with pytest.raises(NoBundle):  # it is for UG
            mail.take("KE", out)

    @pytest.mark.slow
    def test_one_whose_key_is_distrusted(self, two: tuple[Post, Packed]) -> None:
        mail, out = two
        with admitted(mail.pair.desk.gate, mail.pair.desk.people.token("operator", "UG"), WRITE) as access:
            partner = partners.find(access, "KE")
            for key in partners.keys(access, partner.id):
                partners.revoke_key(access, partner, key.id)
        with pytest.raises(BundleRefused):
            mail.take("UG", out)

    @pytest.mark.slow
    def test_where_bundles_are_not_agreed_on(self, two: tuple[Post, Packed]) -> None:
        mail, out = two
        for society in ("KE", "UG"):
            with admitted(mail.pair.desk.gate, mail.pair.desk.people.token("operator", society), WRITE) as access:
                partners.find(access, mail.other(society)).channels = Channel.ONLINE
                access.note("tests.change")
        with pytest.raises(NotAgreed):
            mail.take("UG", out)
        with pytest.raises(NotAgreed):
            mail.pack("KE")

    @pytest.mark.slow
    def test_what_is_too_large_before_it_is_read(self, mail: Post, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(pyrage, "decrypt", None)
        with pytest.raises(NoBundle, match="at most"):
            mail.take("UG", Packed(0, 0, bytes(envelope.LARGEST + 1)))

    @pytest.mark.slow
    def test_another_bundle_with_the_number_of_one_that_came(self, mail: Post) -> None:
        (empty,) = mail.pack("KE")
        mail.take("UG", empty)
        signed, _, _ = mail.opened("UG", empty)
        other = json.loads(signed) | {"made_at": (clock.now() - timedelta(hours=1)).isoformat()}
        with pytest.raises(BundleRefused, match="another bundle came"):
            mail.take("UG", mail.signed("UG", "KE", other, []))


WRITE = Permission.PARTNERS_WRITE


class TestThePlantedFaults:
    """A reader that skips a check takes what the tests above refuse."""

    def test_a_reader_that_skips_the_signature_is_kept_out_by_the_gate(
        self, mail: Post, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        ask(mail.pair)
        (out,) = mail.pack("KE")
        signed, _, lines = mail.opened("UG", out)
        forged = mail.sealed("UG", [signed, b"0" * 128, *lines])
        monkeypatch.setattr(bundles_inbox, "signed_by", lambda *_: True)
        with pytest.raises(Unidentified):
            mail.take("UG", forged)
        monkeypatch.setattr(partners, "signed_by", lambda *_: True)
        assert mail.take("UG", forged).taken == 1

    @pytest.mark.slow
    def test_a_reader_that_skips_the_digests_takes_another_message(
        self, mail: Post, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        ask(mail.pair)
        (out,) = mail.pack("KE")
        signed, signature, lines = mail.opened("UG", out)
        forged = mail.sealed("UG", [signed, signature, lines[0].replace(b"Amina", b"Anina")])
        with pytest.raises(BundleRefused):
            mail.take("UG", forged)
        manifest = json.loads(signed)
        monkeypatch.setattr(
            Bundle, "records", lambda self: [envelope.Record(manifest["first"], self.rest.split(b"\n")[0])]
        )
        assert mail.take("UG", forged).taken == 1
