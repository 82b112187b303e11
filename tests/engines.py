"""Engines of the tests share the statements that they compile, and SQLite's do not wait for the disk.

Every test opens engines of its own, and each would compile every statement anew: a hundred times 5 ms.
"""

from typing import Any

from sqlalchemy import Engine, event
from sqlalchemy.util import LRUCache
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
        _first[kind] = engine
        engine._compiled_cache = LRUCache(10_000)
    engine.dialect, engine._compiled_cache = _first[kind].dialect, _first[kind]._compiled_cache
    if kind == "sqlite":
        event.listen(engine, "connect", _unsynchronised)
    return engine


def _unsynchronised(dbapi: Any, _: object) -> None:
    dbapi.execute("PRAGMA synchronous=OFF")
