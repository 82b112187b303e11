"""Locks 2a and 2b: no statement leaves a guarded session without the filter, none leaves beside it.

2a. `do_orm_execute` adds society, purpose and expiry to every select over a protected table,
    and refuses the kinds of statement that the filter cannot reach.
2b. The engine itself refuses every cursor that neither passed 2a, nor belongs to a flush, nor
    was marked by the gate: this closes `text()` fragments' cousins, borrowed connections and driver SQL.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import (
    BindParameter,
    Column,
    ColumnElement,
    CompoundSelect,
    Connection,
    Engine,
    Table,
    and_,
    event,
    exists,
    or_,
    select,
)
from sqlalchemy.orm import ORMExecuteState
from sqlalchemy.orm.util import LoaderCriteriaOption
from sqlalchemy.sql import visitors
from sqlalchemy.sql.elements import NamedColumn, TextClause
from sqlalchemy.sql.selectable import AliasedReturnsRows, TableClause
from sqlmodel import Session, SQLModel

from tracing.gate.purposes import Purpose, Use
from tracing.gate.tables import Protected, Record, Tenanted
from tracing.kit.db import PASS, GuardedSession
from tracing.kit.errors import TracingError

BOUND = "tracing_bound"
FLUSHING = "tracing_flushing"
SOCIETY = "gate_society"
NOW = "gate_now"
LETTERS = frozenset({"textclause", "literal_column", "text_as_from"})
ASIDES = ("_prefixes", "_suffixes", "_hints", "_statement_hints")
"""Where a statement keeps words that SQLAlchemy writes out as they are, unseen by a walk over its parts."""


class Unguarded(TracingError):
    """A statement tried to reach rows around the gate. A bug, not a refusal."""

    code = "unguarded"


class Bound:
    """What a session may see: one society, for one use, at one moment."""

    __slots__ = ("now", "society", "use")

    def __init__(self, society: str, use: Use, now: datetime) -> None:
        self.society, self.use, self.now = society, use, now


def tenanted() -> tuple[type[Any], ...]:
    """Return every mapped class whose rows belong to one society."""
    return _tenanted(len(SQLModel.metadata.tables))


@cache
def _tenanted(_tables: int) -> tuple[type[Any], ...]:
    """Ask anew when there are more tables than before: every statement asks."""
    return tuple(kind for kind in _below(Tenanted) if hasattr(kind, "__table__"))


@cache
def _tables(_count: int) -> tuple[frozenset[Any], frozenset[Any]]:
    """Return the tables of one society each, and all tables; asked anew as above."""
    return frozenset(kind.__table__ for kind in tenanted()), frozenset(SQLModel.metadata.tables.values())


@cache
def _is_harmless(kind: Any) -> bool:
    """Return whether a kind of part, like a comparison or a parameter, holds neither a table nor words of its own."""
    tables = (TableClause, NamedColumn, AliasedReturnsRows)
    words = issubclass(kind, (TextClause, CompoundSelect)) or kind.__visit_name__ in LETTERS or _asides(kind)
    return not words and not issubclass(kind, tables)


@cache
def _asides(kind: type[Any]) -> tuple[str, ...]:
    """Return which of `ASIDES` a kind of part has; those who have one declare it in the class."""
    return tuple(name for name in ASIDES if hasattr(kind, name))


def _below(kind: type[Any]) -> Iterator[type[Any]]:
    for child in kind.__subclasses__():
        yield child
        yield from _below(child)


class Bind(BindParameter[Any]):
    """A parameter of a filter, equal to itself and its copies.

    SQLAlchemy looks each of them up by its copies in every statement, and any other parameter answers
    `==` with a new piece of SQL: a sixth of the time of a call.
    """

    inherit_cache = True
    __hash__ = BindParameter.__hash__

    def __eq__(self, other: object) -> bool:  # type: ignore[override]  # no piece of SQL, on purpose
        return hash(self) == hash(other)


def _covers(record: Any, mask: int) -> ColumnElement[bool]:
    """Return the condition that all purposes of `mask` are granted."""
    held, whole = (Bind(None, mask, type_=record.purposes.type, unique=True) for _ in range(2))
    return record.purposes.op("&")(held) == whole  # type: ignore[no-any-return]  # a column of an untyped table


def in_force(record: Any, use: Use, now: Any) -> ColumnElement[bool]:
    """Return the condition on the register's columns `record` that `use` needs at `now`.

    `record` is the table's columns or an alias's, `now` a moment or a bind parameter. Hidden rows stay
    visible to the eraser and to the person's own rights until they are forgotten.
    """
    if use in (Use.FORGET, Use.DATA_SUBJECT):
        return and_(record.forgotten_at.is_(None))
    if use is Use.MATCH:
        mask = Purpose.REGISTER.bit | Purpose.MATCH_WITHIN_SOCIETY.bit
        return and_(
            record.matchable.is_(True),
            _covers(record, mask),
            record.expires_at > now,
            record.match_until > now,
        )
    return and_(_covers(record, Purpose.REGISTER.bit), record.expires_at > now)


def criteria(kind: type[Any], use: Use) -> ColumnElement[bool]:
    """Return the filter for rows of `kind`: the bound society, and each record behind them in force for `use`."""
    table = kind.__table__.c
    society = Bind(SOCIETY, required=True, type_=table.society.type)
    now = Bind(NOW, required=True, type_=Record.__table__.c.expires_at.type)  # type: ignore[attr-defined]  # SQLModel
    if not issubclass(kind, Protected):
        return table.society == society  # type: ignore[no-any-return]  # a column of an untyped table
    use = Use.MATCH if kind.needs_match and use is Use.REGISTER else use
    if kind is Record:
        return and_(table.society == society, in_force(table, use, now))
    parts = [table.society == society]
    for column in kind.record_columns:
        record = Record.__table__.alias()  # type: ignore[attr-defined]  # SQLModel does not declare __table__
        behind = exists(
            select(record.c.id).where(
                record.c.society == table.society, record.c.id == table[column], in_force(record.c, use, now)
            )
        )
        parts.append(or_(table[column].is_(None), behind) if column in kind.may_lack else behind)
    return and_(*parts)


class Filter(LoaderCriteriaOption):
    """A filter that SQLAlchemy knows again by itself.

    It is made once and never altered; walking through all of it for each statement that asks whether its SQL was
    written before took a sixth of the time of a small select.
    """

    __slots__ = ("parameters",)
    inherit_cache = True

    def __init__(self, kind: type[Any], use: Use) -> None:
        known: Any = criteria(kind, use)
        super().__init__(kind, known, include_aliases=True, propagate_to_loaders=False)
        self.parameters = known._generate_cache_key().bindparams  # noqa: SLF001  # as the compiled SQL counts them

    def _gen_cache_key(self, anon_map: Any, bindparams: list[BindParameter[Any]]) -> tuple[Any, ...]:
        bindparams.extend(self.parameters)
        return (self,)


@cache
def filters(use: Use, tables: frozenset[str]) -> tuple[Any, ...]:
    """Return the filters of the tenanted `tables` for `use`; made once, so that statements stay cached."""
    return tuple(Filter(kind, use) for kind in tenanted() if kind.__tablename__ in tables)


def bind(session: GuardedSession, bound: Bound) -> None:
    """Let `session` answer for `bound`; once only, since the identity map would remember.

    Raises:
        Unguarded: the session is bound already.
    """
    if BOUND in session.info:
        raise Unguarded("one session serves one access")
    session.info[BOUND] = bound


@event.listens_for(GuardedSession, "do_orm_execute")
def _filter(state: ORMExecuteState) -> None:
    bound: Bound | None = state.session.info.get(BOUND)
    if bound is None:
        raise Unguarded("no access is bound to this session")
    statement: Any = state.statement
    if state.is_column_load or state.is_relationship_load:
        raise Unguarded("rows are read by select, not by refresh or lazy load")
    if not (state.is_select and state.is_orm_statement) or isinstance(statement, CompoundSelect):
        raise Unguarded("only selects over mapped classes pass the gate")
    asked = _refuse_odd_parts(statement)
    if isinstance(state.parameters, Sequence):
        raise Unguarded("one statement, one set of parameters")
    state.statement = statement.options(*filters(bound.use, asked))
    state.parameters = {**(state.parameters or {}), SOCIETY: bound.society, NOW: bound.now}
    state.update_execution_options(**PASS)


def _refuse_odd_parts(statement: Any) -> frozenset[str]:
    """Return the tenanted tables that `statement` asks as mapped classes, in whichever depth; refuse the rest."""
    ours, known = _tables(len(SQLModel.metadata.tables))
    bare: set[Any] = set()
    seen: set[Any] = set()
    for part in visitors.iterate(statement):
        kind: Any = type(part)
        if _is_harmless(kind):
            continue
        literal = isinstance(part, NamedColumn) and part.is_literal
        if literal or isinstance(part, TextClause) or part.__visit_name__ in LETTERS:
            raise Unguarded("text inside a statement would pass unfiltered")
        if isinstance(part, CompoundSelect):
            raise Unguarded("the filter does not reach into a union")
        if any(getattr(part, name) for name in _asides(kind)):
            raise Unguarded("words of one's own inside a statement would pass unfiltered")
        if isinstance(part, TableClause) and part not in known:
            raise Unguarded("a table that is described anew would pass unfiltered; select the class")
        table = _table_of(part)
        if table in ours:
            if "parententity" in part._annotations:  # noqa: SLF001  # nothing public tells a class from its table
                seen.add(table)
            elif isinstance(part, Table):
                bare.add(table)
            else:
                raise Unguarded("a bare column or alias would pass unfiltered; select the class")
    if bare - seen:
        raise Unguarded("a bare table would pass unfiltered; select the class")
    return frozenset(table.name for table in seen)


def _table_of(part: Any) -> Any:
    """Return the table that `part` is, names a column of, or is an alias of; None otherwise."""
    if isinstance(part, AliasedReturnsRows):
        return _table_of(part.element)
    if isinstance(part, Column):
        return part.table
    return part if isinstance(part, Table) else None


@event.listens_for(GuardedSession, "before_flush")
def _own_rows_only(session: Session, _context: object, _instances: object) -> None:
    bound: Bound | None = session.info.get(BOUND)
    for row in (*session.new, *session.dirty, *session.deleted):
        if bound is None or getattr(row, "society", bound.society) != bound.society:
            raise Unguarded("a row of another society was about to be written")


def install(engine: Engine) -> None:
    """Make `engine` refuse every statement that the gate has not seen."""
    event.listen(engine, "before_cursor_execute", _wall)
    event.listen(engine, "checkin", _forget_flush)


def _forget_flush(_dbapi: Any, connection_record: Any) -> None:
    connection_record.info.pop(FLUSHING, None)  # a flush that failed never reached `after_flush`


def _wall(connection: Connection, _cursor: Any, _statement: str, _parameters: Any, context: Any, _many: bool) -> None:
    ((name, key),) = PASS.items()
    options = context.execution_options if context is not None else {}
    if options.get(name) is key:
        return
    writes = (
        context is not None
        and context.compiled is not None
        and (context.isinsert or context.isupdate or context.isdelete)
    )
    if writes and connection.info.get(FLUSHING):
        return
    raise Unguarded("a statement reached the database beside the gate")


@event.listens_for(GuardedSession, "before_flush")
def _flush_begins(session: Session, _context: object, _instances: object) -> None:
    Session.connection(session).info[FLUSHING] = True


@event.listens_for(GuardedSession, "after_flush")
def _flush_ends(session: Session, _context: object) -> None:
    Session.connection(session).info[FLUSHING] = False
