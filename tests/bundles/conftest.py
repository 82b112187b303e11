"""The pair, for tests of bundles."""

from tests.exchange.conftest import pair as pair  # a fixture
