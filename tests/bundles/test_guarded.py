"""A bundle carries nothing that may not leave online: words, approvals, matches and what was told are asked alike."""

import json

from tests.bundles.post import Post
from tests.exchange.found import PHONE, decided, matched, told
from tests.exchange.test_opening import ALIAS, EDITED, approve, draft, propose
from tests.support import Json


def packed(mail: Post, society: str) -> list[Json]:
    """Return what an export of `society` would give the other one now."""
    other = mail.other(society)
    lines = [line for one in mail.pack(society) for line in mail.opened(other, one)[2]]
    return [json.loads(line)["payload"] for line in lines]


def carried(mail: Post, society: str) -> None:
    """Carry an export there, and the acknowledgement back."""
    mail.take(mail.other(society), *mail.pack(society))
    mail.take(society, *mail.pack(mail.other(society)))


class TestBundle:
    def test_carries_no_words_that_nobody_approved(self, mail: Post) -> None:
        family = matched(mail.pair)
        body = {"kind": "ask_question", "text": "Did she ever work as a nurse?"}
        waits = mail.pair.act("UG", family.theirs, "messages", body)["messages"][-1]
        assert packed(mail, "UG") == []
        approval = {"approve": True, "line_id": waits["id"]}
        mail.pair.act("UG", family.theirs, "approval", approval, label="caseworker-2")
        assert packed(mail, "UG") == [body]

    def test_carries_no_case_that_was_edited_after_its_approval(self, mail: Post) -> None:
        case = draft(mail.pair, sensitivity="protected")
        approve(mail.pair, case)
        mail.pair.desk.change(f"/sought-persons/{case['sought_id']}", person=EDITED)
        assert packed(mail, "KE") == []
        propose(mail.pair, case)
        approve(mail.pair, case)
        assert ALIAS in str(packed(mail, "KE"))

    def test_carries_no_case_of_somebody_protected_since(self, mail: Post) -> None:
        case = draft(mail.pair)
        mail.pair.desk.change(f"/sought-persons/{case['sought_id']}", sensitivity="high_risk")
        assert packed(mail, "KE") == []

    def test_carries_no_match_that_was_undone(self, mail: Post) -> None:
        family = matched(mail.pair)
        mail.pair.act("UG", family.theirs, "messages", {"kind": "provide_answer", "finding": "possible_match"})
        decided(family, "undo", "decided_wrongly")
        assert packed(mail, "UG") == []

    def test_takes_back_what_was_told(self, mail: Post) -> None:
        family = told(mail.pair, matched(mail.pair))
        carried(mail, "UG")
        lines = mail.pair.case("KE", family.ours)["messages"]
        assert [line["told"]["contact_to_share"] for line in lines if line["told"]] == [PHONE]
        family.answered("withdraw")
        mail.pair.take_back("UG")
        carried(mail, "UG")
        lines = mail.pair.case("KE", family.ours)["messages"]
        assert [line["told"] for line in lines if line["finding"] == "told"] == [None]
        carried(mail, "KE")
        (ours,) = [line for line in mail.pair.case("UG", family.theirs)["messages"] if line["finding"] == "told"]
        assert ours["status"] == "revoked"
