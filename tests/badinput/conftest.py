"""One case base per database for a whole module: bad input must leave it as it was."""

from collections.abc import Iterator

import pytest

from tests.badinput.world import World, opened, rows
from tests.conftest import DATABASES


@pytest.fixture(scope="module", params=DATABASES)
def world(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A case base with a request and a sighting in it, kept for the module."""
    with opened(request.param, tmp_path_factory.mktemp("world") / "var") as world:
        yield world


@pytest.fixture
def unchanged(world: World) -> Iterator[None]:
    """Nothing that a test sends may leave a trace but on the trail."""
    before = rows(world.settings)
    yield
    after = rows(world.settings)
    assert {name for name in after if after[name] != before.get(name)} == set()
