"""`partners`: keys and cards, and no key is trusted that nobody read out."""

import json
from pathlib import Path

import pytest

from tests.cli.calls import call, done, listed, refused
from tracing.gate.partnering.partners import fingerprint, spoken

USES = ("signing", "bundle")
WRONG: tuple[tuple[dict[str, object], tuple[str, ...], str], ...] = (
    ({"fingerprint": "ab" * 16}, (), "no card"),
    ({"keys": []}, (), "no card"),
    ({"version": "2"}, (), "no card"),
    ({}, ("--origin", "ftp://x"), "origin"),
    ({}, ("--kind", "gossip"), "kinds"),
    ({}, ("--messages-a-day", "0"), "messages_a_day"),
    ({}, (), "origin"),
)
"""What is changed on a card, further options, and what the refusal names."""


@pytest.fixture
def card(base: Path, tmp_path: Path) -> Path:
    """The card of UG, a second society of the case base."""
    done("setup", "--society", "UG")
    return card_of(base, tmp_path / "ug.json")


def card_of(base: Path, path: Path) -> Path:
    token = (base / "operator.UG.token").read_text().strip()
    for use in USES:
        done("partners", "keys", "make", use, token=token)
    done("partners", "card", "-o", str(path), token=token)
    return path


def read_out(card: Path) -> list[str]:
    """Return what UG reads out, key by key."""
    keys = json.loads(card.read_text())["keys"]
    return [spoken(fingerprint(key["use"], key["public"])) for key in keys]


def typed(words: list[str]) -> str:
    lines = []
    for groups in (spoken_.split() for spoken_ in words):
        lines += [" ".join(groups[:3]), " ".join(groups[-3:]).upper()]
    return "\n".join(lines) + "\n"


def entered(card: Path) -> None:
    flags = [part for words in read_out(card) for part in ("--fingerprint", words)]
    done("partners", "add", str(card), "--team", "nairobi", "--origin", "https://ug.example", *flags)


class TestKeys:
    def test_are_made_listed_and_retired(self, base: Path) -> None:
        (signing,) = listed("partners", "keys", "make", "signing", "--days", "30")
        done("partners", "keys", "make", "bundle")
        assert {row["use"] for row in listed("partners", "keys", "list")} == set(USES)
        (gone,) = listed("partners", "keys", "retire", signing["fingerprint"])
        assert gone["retired_at"] is not None
        assert [row["use"] for row in listed("partners", "keys", "list")] == ["bundle"]
        assert "no such key" in refused("partners", "keys", "retire", "ab" * 16)


class TestCard:
    def test_never_holds_a_fingerprint_which_is_for_reading_out(self, base: Path, tmp_path: Path) -> None:
        assert "no keys yet" in refused("partners", "card")
        for use in USES:
            done("partners", "keys", "make", use)
        result = call("partners", "card")
        said = [line.split(maxsplit=1)[1] for line in result.stderr.splitlines()]
        keys = json.loads(result.stdout)["keys"]
        assert said == [spoken(fingerprint(key["use"], key["public"])) for key in keys]
        assert not any("".join(words.split()) in result.stdout for words in said)

    @pytest.mark.slow
    def test_is_kept_from_others_and_replaces_no_file(self, card: Path) -> None:
        assert card.stat().st_mode & 0o077 == 0
        before = card.read_text()
        done("partners", "keys", "make", "signing")
        assert "stands there already" in refused("partners", "card", "-o", str(card))
        assert card.read_text() == before
        assert [path.name for path in card.parent.glob(".*")] == []


class TestAdd:
    def test_by_fingerprints_that_were_read_out(self, card: Path) -> None:
        entered(card)
        (row,) = listed("partners", "list")
        assert (row["code"], row["team"], row["channels"]) == ("UG", "nairobi", "online")
        assert row["keys"].count("until") == 2
        assert "in use" in refused("accounts", "create", "partner-ug", "--role", "intake", "--team", "nairobi")

    def test_by_groups_that_are_typed(self, card: Path) -> None:
        result = call("partners", "add", str(card), "--team", "n1", "--channel", "offline", typed=typed(read_out(card)))
        assert result.exit_code == 0, result.stderr
        for words in read_out(card):  # what is to be heard is never shown before it is typed
            assert words.split()[3] not in result.stderr

    def test_a_group_that_differs_is_refused(self, card: Path) -> None:
        right = typed(read_out(card)).splitlines()
        for place in range(4):
            lines = list(right)
            lines[place] = lines[place][:-1] + ("0" if lines[place][-1] != "0" else "1")
            result = call("partners", "add", str(card), "--team", "nairobi", typed="\n".join(lines) + "\n")
            assert result.exit_code == 1
            assert "do not trust it" in result.stderr.splitlines()[-1]
        assert listed("partners", "list") == []

    @pytest.mark.slow
    def test_without_anybody_who_types_it_is_refused(self, card: Path) -> None:
        result = call("partners", "add", str(card), "--team", "nairobi")
        assert (result.exit_code, result.stdout) == (1, "")

    @pytest.mark.slow
    def test_each_key_needs_its_own_and_each_fingerprint_a_key(self, card: Path) -> None:
        first, second = read_out(card)
        add = ("partners", "add", str(card), "--team", "nairobi")
        assert "do not trust it" in refused(*add, "--fingerprint", first)
        assert "do not trust it" in refused(*add, "--fingerprint", first, "--fingerprint", first)
        third = ("--fingerprint", "ab" * 16)
        assert "do not trust it" in refused(*add, "--fingerprint", first, "--fingerprint", second, *third)

    def test_a_key_that_was_put_on_the_card_on_its_way_is_refused(self, card: Path) -> None:
        heard = read_out(card)
        known = json.loads(card.read_text())
        key = next(key for key in known["keys"] if key["use"] == "signing")
        key["public"] = key["public"][::-1]
        card.write_text(json.dumps(known))
        flags = [part for words in heard for part in ("--fingerprint", words)]
        assert "do not trust it" in refused("partners", "add", str(card), "--team", "nairobi", *flags)

    def test_what_cannot_be_entered_is_one_line(self, card: Path) -> None:
        flags = [part for words in read_out(card) for part in ("--fingerprint", words)]
        known = json.loads(card.read_text())
        for change, options, word in WRONG:
            card.write_text(json.dumps(known | change))
            assert word in refused("partners", "add", str(card), "--team", "nairobi", *options, *flags)

    def test_a_file_that_is_none_is_one_line(self, base: Path, tmp_path: Path) -> None:
        assert "No such file" in refused("partners", "add", str(tmp_path / "x"), "--team", "nairobi")
        (tmp_path / "big").write_bytes(b" " * 70_000)
        assert "too large" in refused("partners", "add", str(tmp_path / "big"), "--team", "nairobi")


class TestChange:
    def test_replaces_what_is_named_and_leaves_the_rest(self, card: Path) -> None:
        entered(card)
        (before,) = listed("partners", "list")
        (row,) = listed("partners", "change", "UG", "--kind", "pre_check", "--channel", "offline", "--origin", "")
        assert (row["kinds"], row["channels"], row["origin"]) == ("pre_check", "offline", "")
        (row,) = listed("partners", "change", "UG", "--messages-a-day", "7", "--open-searches", "3")
        new = {"kinds": "pre_check", "channels": "offline", "origin": "", "messages_a_day": 7, "open_searches": 3}
        assert row == before | new

    def test_that_cannot_be_agreed_is_one_line_and_changes_nothing(self, card: Path) -> None:
        entered(card)
        before = listed("partners", "list")
        for options, word in (
            (("--kind", "gossip"), "kinds"),
            (("--open-searches", "0"), "open_searches"),
            (("--origin", "http://127.0.0.1"), "origin"),
            (("--origin", ""), "origin"),
            ((), "nothing"),
        ):
            assert word in refused("partners", "change", "UG", *options)
        assert "no such partner" in refused("partners", "change", "CH", "--kind", "request_search")
        assert listed("partners", "list") == before


class TestRotation:
    def test_a_new_key_stands_beside_the_old_one_until_that_is_distrusted(
        self, base: Path, card: Path, tmp_path: Path
    ) -> None:
        entered(card)
        old = {"".join(words.split()) for words in read_out(card)}
        assert "every key on the card is known" in refused("partners", "trust", "UG", str(card))
        later = card_of(base, tmp_path / "later.json")
        assert "not that of" in refused("partners", "trust", "KE", str(later))
        fresh = [words for words in read_out(later) if "".join(words.split()) not in old]
        flags = [part for words in fresh for part in ("--fingerprint", words)]
        (row,) = listed("partners", "trust", "UG", str(later), *flags)
        assert row["keys"].count("until") == 4
        (row,) = listed("partners", "distrust", "UG", sorted(old)[0])
        assert (row["keys"].count("until"), row["keys"].count("distrusted")) == (3, 1)
        assert "no such key" in refused("partners", "distrust", "UG", "ab" * 16)

    @pytest.mark.slow
    def test_a_partnership_ends_for_good(self, card: Path) -> None:
        entered(card)
        (row,) = listed("partners", "revoke", "UG")
        assert row["revoked_at"] is not None
        assert row["keys"].count("distrusted") == 2
        assert "no such partner" in refused("partners", "revoke", "CH")


class TestToken:
    def test_is_set_shown_and_left_out_again(self, card: Path) -> None:
        entered(card)
        (before,) = listed("partners", "list")
        (row,) = listed(
            "partners", "token", "UG", "https://sso.ug.example/token", "--client-id", "ke", "--scope", "a b"
        )
        assert row == before | {"token": "https://sso.ug.example/token as ke"}
        (row,) = listed("partners", "token", "UG", "https://sso.ug.example/token")
        assert row["token"].endswith(" as KE"), "our code, where they know us by no other name"
        (row,) = listed("partners", "token", "UG")
        assert row == before, "nothing else of what was agreed has changed"

    @pytest.mark.parametrize(
        "given",
        [
            ("https://127.0.0.1/token",),
            ("http://sso.ug.example/token",),
            ("sso.ug.example",),
            ("https://sso.ug.example/token", "--client-id", ""),
            ("https://sso.ug.example/token", "--scope", 'a "b"'),
        ],
    )
    def test_is_refused_where_it_may_not_be_got(self, card: Path, given: tuple[str, ...]) -> None:
        entered(card)
        refused("partners", "token", "UG", *given)
