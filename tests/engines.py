"""Engines of the tests share the statements that they compile, and SQLite's do not wait for the disk.

Every test opens engines of its own, and each would compile every statement anew: a hundred times 5 ms.
"""

from typing import Any

from sqlalchemy import Engine, event
from sqlmodel import create_engine

from tracing.kit import db

_first: dict[str, Engine] = {}


def install() -> None:
    """Let all engines of this process that the product opens share the first one's dialect and statements."""
    vars(db)["create_engine"] = _sharing


def _sharing(url: Any, **options: Any) -> Engine:
    engine = create_engine(url, **options)
    kind = engine.dialect.name
    if kind not in _first:
        _first[kind] = _acquainted("sqlite://" if kind == "sqlite" else url)
    engine.dialect, engine._compiled_cache = _first[kind].dialect, _first[kind]._compiled_cache
    if kind == "sqlite":
        event.listen(engine, "checkout", _unsynchronised)  # the product's own habits come at "connect", after this
    return engine


def _acquainted(url: Any) -> Engine:
    """Return an engine whose dialect has met its database, as it does at the first connection."""
    engine = create_engine(url, query_cache_size=10_000)
    engine.connect().close()
    engine.dispose()
    return engine


def _unsynchronised(dbapi: Any, *_: object) -> None:
    dbapi.execute("PRAGMA synchronous=OFF")
