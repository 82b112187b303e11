"""One asking on SQLite per module, for trials that are undone."""

from collections.abc import Iterator

import pytest

from tests.conftest import peopled
from tests.disclosure.desk import Desk


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    with peopled(tmp_path_factory.mktemp("desk")) as (gate, people):
        yield Desk(gate, people)
