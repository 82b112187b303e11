"""Suppression: whom the society erased, as keyed hashes, so that a feed does not bring them back.

A hash is of the sender's own row id, or of how a feed would name the person (`persons.erased`). Nobody can be
read out of it, and nobody is told of a hit: to know that somebody was erased is to know that they were here.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, col, select

from tracing.gate.access import Access
from tracing.gate.tables import Suppression
from tracing.kit.db import PASS

SLICE = 400

_table: Any = Suppression.__table__  # type: ignore[attr-defined]  # SQLModel does not declare __table__


def hash_of(access: Access, form: str) -> str:
    """Return the keyed hash of one canonical form of a person, bound to the society."""
    return access.vault.hash("suppression", f"{access.society}|{form}")


def add(access: Access, hashes: Iterable[str]) -> None:
    """Keep `hashes` from now on; one that is known keeps its moment."""
    rows = [{"society": access.society, "hash": known, "at": access.now} for known in sorted(set(hashes))]
    if not rows:
        return
    access.session.flush()
    connection = Session.connection(access.session)
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    statement = dialect.insert(_table).on_conflict_do_nothing(index_elements=["society", "hash"])
    connection.execute(statement, rows, execution_options=PASS)


def since(access: Access, hashes: Sequence[str]) -> dict[str, datetime]:
    """Return those of `hashes` that are suppressed in the society, each with the moment since when."""
    found: dict[str, datetime] = {}
    for start in range(0, len(hashes), SLICE):
        query = select(Suppression).where(col(Suppression.hash).in_(hashes[start : start + SLICE]))
        found |= {row.hash: row.at for row in access.session.exec(query).all()}
    return found


def latest(access: Access, forms: Mapping[int, Sequence[str]]) -> dict[int, datetime]:
    """Return, of persons by number with their canonical forms, those who were erased, and when last."""
    hashed = {number: [hash_of(access, form) for form in known] for number, known in forms.items()}
    known = since(access, [one for some in hashed.values() for one in some])
    found = {number: [known[one] for one in some if one in known] for number, some in hashed.items()}
    return {number: max(moments) for number, moments in found.items() if moments}
