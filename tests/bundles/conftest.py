"""The pair and its post, for tests of bundles."""

import pytest

from tests.bundles.post import Post
from tests.exchange.conftest import pair as pair  # a fixture
from tests.exchange.pair import Pair


@pytest.fixture
def mail(pair: Pair) -> Post:
    return Post(pair)
