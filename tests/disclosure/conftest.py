"""One asking on SQLite per module, for trials that are undone."""

from collections.abc import Iterator

import pytest

from tests.disclosure.desk import Desk
from tests.support import hire as hire_all
from tracing.gate.opening import open_gate
from tracing.gate.schema import upgrade
from tracing.kit.settings import Settings


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    settings = Settings(data_dir=tmp_path_factory.mktemp("desk"))
    upgrade(settings)
    gate = open_gate(settings)
    yield Desk(gate, hire_all(gate))
    gate.close()
