"""Bring the databases to this version's schema; the migrations are in `migrations/`."""

from importlib import resources
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.operations import Operations
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, inspect
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.schema import CreateSchema

from tracing.gate import keystore
from tracing.gate.opening import Gate
from tracing.kit.db import PASS, READ_ONLY, open_engine
from tracing.kit.settings import Settings


def scripts() -> Path:
    """Return the folder of the migrations: inside the wheel, or beside `src` in a checkout."""
    inside = Path(str(resources.files("tracing"))) / "_migrations"
    return inside if inside.is_dir() else Path(__file__).parents[3] / "migrations"


def upgrade(settings: Settings, revision: str = "head") -> None:
    """Bring case base and key store up to `revision`, each migration in its own transaction."""
    prepare_keys(settings)
    command.upgrade(_config(settings), revision)


def downgrade(settings: Settings, revision: str) -> None:
    """Take the case base back to `revision`."""
    command.downgrade(_config(settings), revision)


def _config(settings: Settings) -> Config:
    config = Config()
    config.set_main_option("script_location", str(scripts()))
    config.attributes["url"] = settings.main_url
    return config


def prepare_keys(settings: Settings) -> None:
    """Make the key store's tables and columns where they are not."""
    engine = open_engine(settings.key_store_url, pool_size=1)
    schema = keystore.SCHEMA if engine.dialect.name == "postgresql" else None
    with engine.begin() as connection:
        if schema is not None and schema not in inspect(connection).get_schema_names():
            connection.execute(CreateSchema(schema, if_not_exists=True))
        keystore.metadata.create_all(connection.execution_options(schema_translate_map={None: schema}))
        known = {column["name"] for column in inspect(connection).get_columns(keystore.erasure.name, schema)}
        change = Operations(MigrationContext.configure(connection))
        for column in keystore.erasure.columns:
            if column.name not in known:
                change.add_column(keystore.erasure.name, column.copy(), schema=schema)
    engine.dispose()


def is_current(gate: Gate) -> bool:
    """Return whether the case base answers and stands at this version's last migration."""
    try:
        return revision(gate) == ScriptDirectory(str(scripts())).get_current_head()
    except SQLAlchemyError:
        return False


def revision(gate: Gate) -> str | None:
    """Return the migration at which the case base stands; None when it is empty."""
    with gate.engine.connect().execution_options(**PASS, **{READ_ONLY: True}) as connection:
        return revision_at(connection)


def revision_at(connection: Connection) -> str | None:
    """Return the migration at which the case base behind `connection` stands; None when it is empty."""
    return MigrationContext.configure(connection).get_current_revision()


def knows(revision: str) -> bool:
    """Return whether this version has a migration of this name: it can restore what was backed up there."""
    return revision in {script.revision for script in ScriptDirectory(str(scripts())).walk_revisions()}
