"""Run migrations against the URL that `tracing.gate.schema` hands over; one transaction per migration."""

from typing import Any

from alembic import context
from sqlalchemy import text
from sqlmodel import SQLModel

import tracing.bundles.tables
import tracing.contact.tables
import tracing.disclosure.tables
import tracing.enquirer.tables
import tracing.exchange.tables
import tracing.fate.tables
import tracing.gate.partnering.partner_tables
import tracing.gate.tables
import tracing.messages.tables
import tracing.outcome.tables
import tracing.pfif.tables
import tracing.precheck.tables
import tracing.requests.tables
import tracing.review.tables
import tracing.rights.tables
import tracing.risk.tables
import tracing.sightings.tables
import tracing.tasks.tables
import tracing.verification.tables
import tracing.webhooks.tables  # noqa: F401  # importing them fills the metadata
from tracing.kit.db import open_engine

LOCK_TIMEOUT_S = 10


def include(_object: Any, name: str | None, type_: str, _reflected: bool, _compare_to: Any) -> bool:
    """Leave the key store's tables out: they have a store of their own."""
    return not (type_ == "table" and name in ("record_key", "erasure"))


def run() -> None:
    engine = open_engine(context.config.attributes["url"], pool_size=1)
    with engine.connect() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(text(f"set lock_timeout = '{LOCK_TIMEOUT_S}s'"))
            connection.commit()
        context.configure(
            connection=connection,
            target_metadata=SQLModel.metadata,
            render_as_batch=True,
            transaction_per_migration=True,
            include_object=include,
        )
        with context.begin_transaction():
            context.run_migrations()
    engine.dispose()


run()
