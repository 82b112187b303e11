"""End again, in a case base that is being restored, what was ended after its backup: see `ledger`.

Past the counters and in the transaction that brings the rows, so that nothing is in force again even for a moment.
The schema may be an older one: a table that is not there yet has nothing to end.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    Column,
    Connection,
    MetaData,
    String,
    Table,
    Uuid,
    delete,
    func,
    insert,
    inspect,
    literal,
    select,
    update,
)

from tracing.gate import consents, ledger
from tracing.gate.columns import Moment
from tracing.gate.disclosing import Answer, Level
from tracing.gate.founding import OPERATOR
from tracing.gate.ledger import Line, What
from tracing.gate.purposes import Decision, GivenBy, LawfulBasis, Obtained, Purpose
from tracing.gate.tables import Account, Consent, DisclosureAnswer, Record
from tracing.gate.vault import Vault
from tracing.kit.ids import new_id

_account: Any = Account.__table__  # type: ignore[attr-defined]  # SQLModel does not declare __table__
_answer: Any = DisclosureAnswer.__table__  # type: ignore[attr-defined]  # the same
_consent: Any = Consent.__table__  # type: ignore[attr-defined]  # the same
_record: Any = Record.__table__  # type: ignore[attr-defined]  # the same

STAMPS = {
    What.TOKEN: "revoked_at",
    What.ACCOUNT: "disabled_at",
    What.CASE_CODE: "revoked_at",
    What.WEBHOOK: "disabled_at",
    What.PARTNER: "revoked_at",
    What.PARTNER_KEY: "revoked_at",
    What.OWN_KEY: "retired_at",
}
"""What ends by a moment in its row, in the table of its name."""

CONSENTS = frozenset({What.CONSENT, What.SHORTENED})
_metadata = MetaData()
KEYS = frozenset({What.PARTNER_KEY, What.OWN_KEY})
"""What has its fingerprint for an id; it stands in `Line.about`."""
STAMPED: Mapping[What, Any] = {
    what: Table(
        what,
        _metadata,
        Column("society", String),
        Column("id", String if what in KEYS else Uuid),
        Column(stamp, Moment),
    )
    for what, stamp in STAMPS.items()
}

_told = Table(
    "exchange_message",
    _metadata,
    *(Column(one, Uuid) for one in ("id", "words_id")),
    *(Column(one, String) for one in ("society", "trouble")),
)
_words = Table("exchange_words", _metadata, Column("society", String), Column("id", Uuid))
_heard = Table("partner_answer", _metadata, Column("society", String), Column("id", Uuid))


def end_again(connection: Connection, vault: Vault, society: str, lines: Sequence[Line], now: datetime) -> int:
    """End what `lines` of one society say, unless it is ended or was allowed anew since; return how many did."""
    present = set(inspect(connection).get_table_names())
    ended = 0
    for line in lines:
        if line.what in STAMPED and line.what in present:
            ended += _stamp(connection, line.what, society, line)
    about = [line for line in lines if line.what in CONSENTS]
    for record_id in dict.fromkeys(line.subject_id for line in about):
        own = [line for line in about if line.subject_id == record_id]
        ended += _withdraw(connection, vault, society, own, now)
    if _answer.name in present:
        ended += sum(_take_back(connection, society, line, now) for line in lines if line.what is What.ANSWER)
    if _told.name in present:
        ended += sum(_forget_words(connection, line) for line in lines if line.what is What.PARTNER_WORDS)
    return ended


def _stamp(connection: Connection, what: What, society: str, line: Line) -> int:
    table, stamp = STAMPED[what], STAMPS[what]
    mine = (table.c.society == society, table.c.id == stamped_id(line), table.c[stamp].is_(None))
    return connection.execute(update(table).where(*mine).values({stamp: line.at})).rowcount


def stamped_id(line: Line) -> UUID | str:
    """Return the id of the row that `line` ends by a moment in it."""
    return line.about if line.what in KEYS else line.subject_id


def decisions_of(connection: Connection, vault: Vault, society: str, line: Line) -> list[tuple[Any, bool]]:
    """Return the decisions about the purpose and the recipient that `line` is about, and which of them are a yes.

    Where the line shortens a consent, a yes that ends no later than it says is none that it ends.
    """
    purpose, until = ledger.shortened_to(line) if line.what is What.SHORTENED else (line.about, None)
    return [
        (row, row.decision is Decision.GRANTED and not _ends_by(row, until))
        for row in _decisions(connection, society, line.subject_id)
        if row.purpose == purpose and _is_meant(vault, line, row.recipient)
    ]


def _ends_by(row: Any, until: datetime | None) -> bool:
    return until is not None and row.valid_until is not None and row.valid_until <= until


def _is_meant(vault: Vault, line: Line, recipient: str) -> bool:
    return consents.recipient_hash(vault, recipient) in line.hashes if recipient else not line.hashes


def _decisions(connection: Connection, society: str, record_id: UUID) -> list[Any]:
    query = select(_consent).where(_consent.c.society == society, _consent.c.record_id == record_id)
    return list(connection.execute(query).all())


def answers_of(connection: Connection, society: str, line: Line) -> list[tuple[Any, bool]]:
    """Return the answers of the found person about the search that `line` is about, and which of them are a yes."""
    pair = (_answer.c.found_id == line.subject_id, _answer.c.sought_id == UUID(line.about))
    rows = connection.execute(select(_answer).where(_answer.c.society == society, *pair)).all()
    return [(row, row.answer is Answer.GRANTED) for row in rows]


def standing(said: Sequence[tuple[Any, bool]], at: datetime) -> Any:
    """Return the yes that an end at `at` takes away: the latest word, unless it was said since; None without one."""
    if not said:
        return None
    row, is_yes = max(said, key=lambda word: (word[0].decided_at, not word[1]))
    return row if is_yes and row.decided_at <= at else None


def _withdraw(connection: Connection, vault: Vault, society: str, lines: Sequence[Line], now: datetime) -> int:
    """End consents of one record, now or sooner, and bring its mask, and those of the searches under it, up to date."""
    record_id, by, ended = lines[0].subject_id, operator(connection, society), 0
    for line in lines:
        latest = standing(decisions_of(connection, vault, society, line), line.at)
        if latest is None:
            continue
        ended += 1
        said = {
            "society": society,
            "id": new_id(),
            "record_id": record_id,
            "purpose": Purpose(latest.purpose),
            "recipient": latest.recipient,
            "lawful_basis": LawfulBasis(latest.lawful_basis),
            "decided_at": line.at,
            "recorded_at": now,
            "recorded_by": by,
        }
        connection.execute(insert(_consent).values(said | _word_of(line, latest)))
    if ended:
        _recompute(connection, society, record_id, now)
    return ended


def _word_of(line: Line, latest: Any) -> dict[str, Any]:
    """Return what the person is taken to have said: a no, or the yes that stood, with the end of the one after it."""
    if line.what is What.SHORTENED:
        return {
            "decision": Decision.GRANTED,
            "given_by": GivenBy(latest.given_by),
            "obtained": Obtained(latest.obtained),
            "notice_version": latest.notice_version,
            "valid_until": ledger.shortened_to(line)[1],
        }
    return {
        "decision": Decision.WITHDRAWN,
        "given_by": GivenBy.NOT_ASKED,  # the ledger does not know by whom
        "obtained": Obtained.NOT_ASKED,
        "notice_version": "",
    }


def _recompute(connection: Connection, society: str, record_id: UUID, now: datetime) -> None:
    """Take from a record's mask what its decisions do not grant any more; without `register`, from those below too."""
    mine = (_record.c.society == society, _record.c.id == record_id)
    held_by = (_record.c.purposes, _record.c.retain_until, _record.c.expires_at, _record.c.match_until)
    row = connection.execute(select(*held_by).where(*mine)).one()
    held = consents.in_force(_decisions(connection, society, record_id), row.retain_until, now)
    purposes = row.purposes & held.purposes
    ends = {
        "expires_at": min(row.expires_at, held.expires_at),
        "match_until": min(row.match_until, held.match_until),
    }
    connection.execute(update(_record).where(*mine).values(purposes=purposes, updated_at=now, **ends))
    under = (_record.c.society == society, _record.c.parent_id == record_id)
    sooner = (*under, _record.c.expires_at > ends["expires_at"])
    connection.execute(update(_record).where(*sooner).values(expires_at=ends["expires_at"], updated_at=now))
    if not purposes & Purpose.REGISTER.bit:
        whole = (_record.c.society == society, (_record.c.id == record_id) | (_record.c.parent_id == record_id))
        hidden_at = func.coalesce(_record.c.hidden_at, literal(now, _record.c.hidden_at.type))
        connection.execute(update(_record).where(*whole).values(purposes=0, hidden_at=hidden_at, updated_at=now))


def operator(connection: Connection, society: str) -> UUID:
    """Return in whose name a restore writes."""
    mine = (_account.c.society == society, _account.c.label == OPERATOR)
    found: UUID = connection.execute(select(_account.c.id).where(*mine)).scalar_one()
    return found


def _take_back(connection: Connection, society: str, line: Line, now: datetime) -> int:
    latest = standing(answers_of(connection, society, line), line.at)
    if latest is None:
        return 0
    by = operator(connection, society)
    row = {
        "society": society,
        "id": new_id(),
        "found_id": latest.found_id,
        "sought_id": latest.sought_id,
        "answer": Answer.WITHDRAWN,
        "level": Level.NOTHING,
        "given_by": GivenBy.NOT_ASKED,
        "obtained": Obtained.NOT_ASKED,
        "decided_at": line.at,
        "recorded_at": now,
        "recorded_by": by,
        "worker_id": by,
    }
    connection.execute(insert(_answer).values(row))
    return 1


def kept_words(connection: Connection, line: Line) -> UUID | None:
    """Return the words that a partner society took back and that are here all the same."""
    mine = (_told.c.society == line.society, _told.c.id == line.subject_id)
    kept: UUID | None = connection.execute(select(_told.c.words_id).where(*mine)).scalar_one_or_none()
    return kept


def _forget_words(connection: Connection, line: Line) -> int:
    """Forget what a partner society told and took back, with what it let the enquirer be told."""
    words_id = kept_words(connection, line)
    if words_id is None:
        return 0
    mine = (_told.c.society == line.society, _told.c.id == line.subject_id)
    connection.execute(update(_told).where(*mine).values(words_id=None, trouble="taken-back"))
    for table, gone in ((_words, words_id), (_heard, line.subject_id)):
        if inspect(connection).has_table(table.name):
            connection.execute(delete(table).where(table.c.society == line.society, table.c.id == gone))
    return 1
