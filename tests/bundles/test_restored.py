"""A case base that was restored counts on: nothing is taken for what had the same number before it was lost."""

import pytest
from sqlalchemy import delete
from sqlmodel import SQLModel

from tests.bundles.post import Post
from tests.exchange.test_way import ask
from tests.review.desk import raw
from tracing.bundles.errors import BundleRefused
from tracing.bundles.outbox import Packed
from tracing.gate.backups import numbering, restoring

LOST = ("exchange_bundle", "exchange_message", "exchange_case")


def lose(mail: Post) -> None:
    """Let KE restore a backup from before anything was sent."""
    with raw(mail.pair.desk.gate) as connection:
        for name in LOST:
            table = SQLModel.metadata.tables[name]
            connection.execute(delete(table).where(table.c.society == "KE"))
    restoring.settle(mail.pair.desk.gate, [])


def restored(mail: Post) -> tuple[list[Packed], str, Packed]:
    """Let KE lose a bundle that UG took, and ask anew: UG's acknowledgement, the new case, and its bundle."""
    ask(mail.pair)
    mail.take("UG", *mail.pack("KE"))
    back = mail.pack("UG")
    lose(mail)
    _, _, ours = ask(mail.pair)
    (out,) = mail.pack("KE")
    return back, ours, out


class TestARestore:
    def test_has_nothing_acknowledged_that_never_came(self, mail: Post) -> None:
        back, ours, out = restored(mail)
        assert mail.take("KE", *back).acknowledged == 0
        assert mail.pair.case("KE", ours)["messages"][0]["progress"] == "waiting"
        done = mail.take("UG", out)
        assert (done.taken, done.refused, done.gaps) == (1, [], [])
        mail.take("KE", *mail.pack("UG"))
        assert mail.pair.case("KE", ours)["messages"][0]["progress"] == "delivered"
        assert mail.take("KE", *mail.pack("UG")).gaps == []

    def test_is_taken_for_what_was_lost_where_it_counts_from_the_backup_on(
        self, mail: Post, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """The planted fault: the numbers after the backup are given out once more."""
        monkeypatch.setattr(numbering, "count_on", lambda *_: None)
        back, ours, out = restored(mail)
        assert mail.take("KE", *back).acknowledged == 1
        assert mail.pair.case("KE", ours)["messages"][0]["progress"] == "delivered", "and nobody has it"
        with pytest.raises(BundleRefused, match="another bundle came with the number 1"):
            mail.take("UG", out)
