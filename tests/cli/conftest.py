"""A case base that the commands find by themselves, as the environment says."""

from pathlib import Path

import pytest

from tests.cli.calls import done
from tracing.kit.settings import Settings


@pytest.fixture
def base(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The data folder of a founded society, KE, whose operator's token is kept there."""
    monkeypatch.setenv("TRACING_DATA_DIR", str(settings.data_dir))
    if settings.database_url is not None:
        monkeypatch.setenv("TRACING_DATABASE_URL", settings.database_url.get_secret_value())
    done("setup", "--society", "KE")
    return settings.data_dir
