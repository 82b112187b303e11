"""The pair, agreed on blind pre-checks."""

import pytest

from tests.exchange.conftest import pair as pair  # a fixture
from tests.exchange.pair import Pair
from tests.precheck.pilot import Pilot


@pytest.fixture
def pilot(pair: Pair) -> Pilot:
    """The pair with blind pre-checks agreed on and switched on."""
    made = Pilot(pair)
    made.switch()
    made.agree()
    return made
