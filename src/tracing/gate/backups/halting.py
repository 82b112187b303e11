"""Stop, in a case base that is being restored, whatever was about to leave.

A restore forgets what was said against a telling since the backup: a screen that says stop, an entry on a
never-disclose list, a record that became protected, a match that was undone. None of these stands in the ledger, and
each of them ends a telling. So nothing that was approved before counts, and nothing leaves that waited: each is
proposed anew, by people who know how things stand.

Past the counters and in the transaction that brings the rows. The schema may be an older one: a table, or a column
that tells what waits, that is not there yet holds nothing that could leave.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Column, Connection, Integer, MetaData, String, Table, Uuid, inspect, literal, select, update

from tracing.gate.columns import Moment
from tracing.gate.disclosing import Act, Standing
from tracing.gate.tables import Proposal

ACTS = (Act.OUTREACH, Act.DISCLOSURE, Act.MESSAGE)
"""Acts whose approval brings something nearer to an enquirer, or the question nearer to a found person."""
SLICE = 400

_proposal: Any = Proposal.__table__  # type: ignore[attr-defined]  # SQLModel does not declare __table__
_metadata = MetaData()


@dataclass(frozen=True, slots=True)
class Halted:
    """Which rows of a table are stopped, and what then stands in them beside the moment."""

    table: Table
    where: Mapping[str, tuple[str, ...]]
    stopped: Mapping[str, str]
    moment: str = ""
    but: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


def _table(name: str, *words: str, moments: tuple[str, ...] = ("updated_at",)) -> Table:
    columns = [Column(word, String) for word in ("society", *words)]
    return Table(name, _metadata, *columns, *(Column(one, Moment) for one in moments), Column("version", Integer))


HALTED = (
    Halted(_table("disclosure_release", "state"), {"state": ("proposed", "approved")}, {"state": "stopped"}),
    Halted(
        _table("family_message", "state", moments=("settled_at", "updated_at")),
        {"state": ("written", "read", "returned", "sent")},
        {"state": "stopped"},
        "settled_at",
    ),
    Halted(
        _table("exchange_message", "side", "progress", "kind", "trouble", moments=("done_at",)),
        {"side": ("sent",), "progress": ("waiting",)},
        {"progress": "stopped", "trouble": "restored"},
        "done_at",
        {"kind": ("revoke", "receipt")},
    ),
)
"""By the names that the features above give their tables and states; a test compares them."""
_task = Table(
    "task",
    _metadata,
    *(Column(word, String) for word in ("society", "kind", "state")),
    Column("about_id", Uuid),
    *(Column(one, Moment) for one in ("settled_at", "updated_at")),
    Column("version", Integer),
)


def halt(connection: Connection, society: str, now: datetime) -> int:
    """Stop what was under way to an enquirer or a partner in one society; return how many things."""
    stopped = sum(_stop(connection, society, what, now) for what in HALTED)
    _turn_down(connection, society, now)
    return stopped


def _columns(connection: Connection, table: Table) -> set[str]:
    """Return which columns of a table there are in this schema; none when there is no such table."""
    looked = inspect(connection)
    return {column["name"] for column in looked.get_columns(table.name)} if looked.has_table(table.name) else set()


def _stop(connection: Connection, society: str, what: Halted, now: datetime) -> int:
    rows, present = what.table.c, _columns(connection, what.table)
    if not {*what.where, *what.but} <= present:
        return 0
    values: dict[str, Any] = {name: word for name, word in what.stopped.items() if name in present}
    values |= {moment: now for moment in (what.moment, "updated_at") if moment in present}
    if "version" in present:
        values["version"] = rows.version + 1
    chosen = [rows[name].in_(words) for name, words in what.where.items()]
    chosen += [rows[name].not_in(words) for name, words in what.but.items()]
    return connection.execute(update(what.table).where(rows.society == society, *chosen).values(values)).rowcount


def _turn_down(connection: Connection, society: str, now: datetime) -> None:
    """Take every proposal and approval back, and the tasks that wait for one."""
    if not _columns(connection, _proposal):
        return
    with_tasks = {"about_id", "kind", "state"} <= _columns(connection, _task)
    mine = (_proposal.c.society == society, _proposal.c.act.in_(ACTS))
    standing = (*mine, _proposal.c.standing.in_((Standing.PROPOSED, Standing.APPROVED)))
    about = list(connection.execute(select(_proposal.c.about_id).where(*standing)).scalars())
    connection.execute(update(_proposal).where(*standing).values(standing=Standing.TURNED_DOWN))
    waits = (_task.c.society == society, _task.c.kind == literal("approval_waits"), _task.c.state == literal("open"))
    for start in range(0, len(about) if with_tasks else 0, SLICE):
        settled = {"state": "done", "settled_at": now, "updated_at": now, "version": _task.c.version + 1}
        of_these = _task.c.about_id.in_(about[start : start + SLICE])
        connection.execute(update(_task).where(*waits, of_these).values(settled))
