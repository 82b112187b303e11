"""What the night, and the end of an erasure, may change: nobody is asked, so hardly anything."""

from dataclasses import replace
from uuid import UUID

from tests.invariants import laws
from tests.invariants.model import DIRECTIONS, Message, Model, Pair, must
from tests.invariants.watch import Change, Row, Seen, Watch

NEW = frozenset({"task", "suggestion", "match_run", "match_shard", "suppression"})
ENDED = frozenset({"case_code", "account", "token"})
"""What goes with somebody who is forgotten: the codes of their enquirer, and what these show."""
COUNTED = frozenset({"match_run", "match_shard", "suppression", "contact_schedule"})
UNDECIDED = frozenset({"suggested", "needs_information", "cannot_tell", "stale", "rejected"})
WORDS = frozenset({"details", "updated_at", "version"})
UNDER_WAY = frozenset({"written", "read", "returned", "sent"})
OVER = frozenset({"suspended", "withdrawn", "transferred_out", "closed", "reopened"})
"""Where a search rests or has ended, and nobody is told anything."""


def night_kept_to_its_own(
    seen: Seen, model: Model, watch: Watch, erased: frozenset[UUID] = frozenset()
) -> frozenset[UUID]:
    """Return who was forgotten. Require that nothing was confirmed, approved, told, sent, closed, merged or answered by itself.

    Args:
        seen: all that a whole night changed, or the end of an erasure.
        model: what is known.
        watch: how askings and searches stand.
        erased: whose erasure was carried out before; the night forgets only who is hidden.
    """
    forgotten = laws.gone(seen)
    for record in forgotten - erased:
        must(4, not model.registered(record), "somebody was forgotten who is registered")
        model.persons[record].erased = True
    for change in seen.changes:
        if change.table not in COUNTED and not (forgotten | erased and change.table in ENDED):
            _may_change(change, seen, model, forgotten | erased)
    stopped = _stopped(seen)
    for message in model.messages:
        must(
            4,
            message.id.hex not in stopped or not _is_allowed(message, model, watch),
            "the night stopped a message that the answer allows",
        )
    laws.searches_moved("night", seen, frozenset(), edits=True)
    left = tuple(change for change in seen.changes if not (forgotten | erased and _blanked(change)))
    laws.said_once(replace(seen, changes=left), without=frozenset({"suggestion", *laws.FORGOTTEN}))
    laws.records_stand("night", seen, model)
    moved = any(change.columns & {"state"} for change in seen.of("suggestion"))
    must(5, not moved or any(act == "night.keep" for act, _ in seen.done), "the night kept pairs without `night.keep`")
    return forgotten


def _blanked(change: Change) -> bool:
    """Return whether a fate report only lost its words: it spoke of somebody who is forgotten, and one row says it."""
    return change.table == "fate_report" and change.before is not None and change.columns <= WORDS


def _may_change(change: Change, seen: Seen, model: Model, forgotten: frozenset[UUID]) -> None:
    if change.before is None:
        must(4, change.table in NEW, f"the night made a row of {change.table}")
        must(4, change.row.get("state") in (None, "open", "suggested"), f"the night made {change.table} as it is")
        return
    must(4, change.after is not None or change.table == "match_key", f"the night took away a row of {change.table}")
    if change.table == "family_message":
        _message(change)
    elif change.table == "suggestion":
        _suggestion(change)
    elif change.table == "proposal":
        must(4, change.row["standing"] == "turned_down", "the night approved something")
        must(4, change.row["about_id"] in _stopped(seen), "the night turned down what nothing stopped")
    elif change.table == "task" and "state" in change.columns:
        waited = change.row["kind"] == "approval_waits" and change.row["about_id"] in _stopped(seen)
        must(4, waited and change.row["state"] == "done", "the night settled a task of what nothing stopped")
    elif change.table == "sighting" and "state" in change.columns:
        must(4, change.row["state"] == "expired" and change.about <= forgotten, "the night moved a sighting")
    else:
        column = laws.STATES.get(change.table, "state")
        moved = change.columns & {column, "state", "reason", "level", "answer", "decision", "verdict", "standing"}
        must(4, not moved, f"the night changed {sorted(moved)} of {change.table}")


def _stopped(seen: Seen) -> set[str]:
    """Return the ids of messages that the night stopped; `_message` holds that it moves none otherwise."""
    return {message.row["id"] for message in seen.of("family_message") if "state" in message.columns}


def _is_allowed(message: Message, model: Model, watch: Watch) -> bool:
    """Return whether the answer covers a message, and nothing stands against the pair: then nothing stops it by itself."""
    pair = message.pair
    seen = model.matched(pair.found) and model.matched(pair.sought) and model.registered(pair.request)
    said = model.covers(pair, DIRECTIONS[message.direction]) and pair.verified and not model.stopped(pair)
    return seen and said and watch.find("sought_person", pair.sought)["state"] not in OVER and _rests(pair, watch)


def _rests(pair: Pair, watch: Watch) -> bool:
    """Return whether the latest asking about a search is the pair's, granted, and on the verification that passed."""
    cases: list[Row] = [row for row in watch.rows("disclosure_case") if row["sought_id"] == pair.sought.hex]
    latest = max(cases, key=lambda row: str(row["created_at"]))
    assert pair.verification is not None
    rests = (latest["found_id"], latest["verification_id"]) == (pair.found.hex, pair.verification.id.hex)
    return rests and latest["state"] == "granted"


def _message(change: Change) -> None:
    if "state" not in change.columns:
        return  # the words of somebody forgotten are gone
    assert change.before is not None
    must(4, change.before["state"] in UNDER_WAY and change.row["state"] == "stopped", "the night moved a message")


def _suggestion(change: Change) -> None:
    assert change.before is not None
    if "state" in change.columns:
        before, after = change.before["state"], change.row["state"]
        must(4, before in UNDECIDED and after in ("suggested", "stale"), f"the night made `{before}` `{after}`")
