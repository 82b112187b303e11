"""`accounts` and `tokens` on both databases."""

from pathlib import Path
from uuid import uuid4

import pytest

from tests.cli.calls import call, done, listed, refused

CREATE = ("accounts", "create", "nairobi-1", "--role", "caseworker", "--team", "nairobi")


class TestAccounts:
    def test_are_created_listed_and_disabled(self, base: Path) -> None:
        (made,) = listed(*CREATE)
        assert (made["label"], made["role"], made["disabled_at"]) == ("nairobi-1", "caseworker", None)
        assert [row["label"] for row in listed("accounts", "list")] == ["nairobi-1", "operator"]
        (shut,) = listed("accounts", "disable", "nairobi-1")
        assert shut["id"] == made["id"]
        assert shut["disabled_at"] is not None

    def test_are_found_by_id_as_well(self, base: Path) -> None:
        (made,) = listed(*CREATE)
        assert listed("accounts", "disable", made["id"])[0]["label"] == "nairobi-1"

    def test_people_see_a_table(self, base: Path) -> None:
        done(*CREATE)
        head, *rows = done("accounts", "list").splitlines()
        assert head.split()[:3] == ["label", "role", "team"]
        assert [row.split()[0] for row in rows] == ["nairobi-1", "operator"]

    def test_what_cannot_be_done_is_one_line(self, base: Path) -> None:
        done(*CREATE)
        assert "in use" in refused(*CREATE)
        assert "lower-case" in refused("accounts", "create", "Amina", "--role", "intake", "--team", "nairobi")
        assert "no such account" in refused("accounts", "disable", "nobody")
        assert "no such account" in refused("accounts", "disable", str(uuid4()))
        assert "cannot disable itself" in refused("accounts", "disable", "operator")


class TestTokens:
    @pytest.fixture
    def caseworker(self, base: Path) -> str:
        done(*CREATE)
        return done("tokens", "issue", "nairobi-1").strip()

    def test_are_shown_once_alone_on_standard_output(self, base: Path) -> None:
        done(*CREATE)
        result = call("tokens", "issue", "nairobi-1")
        assert result.stdout.count("\n") == 1
        assert result.stdout.startswith("trc_")
        text = result.stdout.strip()
        assert text not in result.stderr
        secret = text.split("_", 2)[2]
        assert secret not in done("tokens", "list", "nairobi-1")
        assert secret not in done("tokens", "list", "nairobi-1", "--json")

    def test_let_in_until_they_are_revoked(self, caseworker: str) -> None:
        assert "permission" in refused("accounts", "list", token=caseworker)  # known, but not allowed
        (token,) = listed("tokens", "list", "nairobi-1")
        (gone,) = listed("tokens", "revoke", token["id"])
        assert gone["revoked_at"] is not None
        assert "no valid token" in refused("accounts", "list", token=caseworker)

    def test_for_programs_come_with_their_terms(self, caseworker: str) -> None:
        (made,) = listed("tokens", "issue", "nairobi-1", "--scope", "requests:read", "--days", "3")
        assert made["token"].startswith("trc_")
        assert made["scope"] == "requests:read"
        assert made["expires_at"] > made["created_at"]

    def test_what_cannot_be_done_is_one_line(self, caseworker: str) -> None:
        assert "more than the role has" in refused("tokens", "issue", "nairobi-1", "--scope", "trail:read")
        assert "no such token" in refused("tokens", "revoke", str(uuid4()))
        refused("tokens", "issue", "nairobi-1", "--days", "367", code=2)
        refused("tokens", "issue", "nairobi-1", "--scope", "everything", code=2)
        assert "no valid token" in refused("accounts", "list", "--token", "trc_\udcff_\udcff")

    def test_every_act_and_every_refusal_is_on_the_trail(self, caseworker: str) -> None:
        refused("accounts", "list", token=caseworker)
        assert done("audit", "verify") == "KE: whole, 4 rows\n"
