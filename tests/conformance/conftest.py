"""The pair, for tests of what a partner's system must keep."""

from tests.exchange.conftest import pair as pair  # a fixture
