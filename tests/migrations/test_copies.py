"""What left before it was written down whether the enquirer was named is known by what they had agreed to."""

import pytest
from sqlmodel import SQLModel

from tests.exchange.conftest import pair as pair  # a fixture
from tests.exchange.pair import SHARE, Pair
from tests.exchange.test_way import ask
from tests.review.desk import raw
from tests.support import granted, request_draft
from tracing.gate.schema import downgrade, upgrade

T = SQLModel.metadata.tables


def named(pair: Pair) -> dict[str, bool]:
    """Return of each case of KE's whether the enquirer counts as named."""
    t = T["exchange_message"]
    with raw(pair.desk.gate) as connection:
        rows = connection.execute(t.select().where(t.c.society == "KE", t.c.kind == "request_search")).all()
    return {str(row.case_id): row.named for row in rows}


@pytest.mark.parametrize("recipient", ["UG", None])
def test_enquirers_who_had_agreed_count_as_named(pair: Pair, recipient: str | None) -> None:
    share = {k: v for k, v in (SHARE | {"recipient": recipient}).items() if v is not None}
    enquirer = request_draft()["enquirer"] | {"consents": [*granted(), share]}
    _, _, with_name = ask(pair, enquirer=enquirer)
    _, _, without = ask(pair)
    pair.settle()
    known = {with_name: True, without: False}
    assert named(pair) == known
    pair.desk.gate.engine.dispose()
    downgrade(pair.desk.gate.settings, "2026_11_26_people")
    upgrade(pair.desk.gate.settings)
    assert named(pair) == known


def test_enquirers_who_agreed_later_do_not(pair: Pair) -> None:
    request, _, ours = ask(pair)
    pair.settle()
    pair.desk.grant(request, "share_with_society")
    pair.desk.gate.engine.dispose()
    downgrade(pair.desk.gate.settings, "2026_11_26_people")
    upgrade(pair.desk.gate.settings)
    assert named(pair) == {ours: False}
