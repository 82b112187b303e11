"""Writes the diagram and the table of docs/how-to/from-match-to-family.md from the table of searches: `make docs`."""

import re
from pathlib import Path

from tracing.requests.states import PUBLIC, TABLE, UNDER_WAY, Event, State

PAGE = Path(__file__).parents[2] / "docs" / "how-to" / "from-match-to-family.md"
WAY = (
    Event.CONFIRM_LEAD,
    Event.UNDO_LEAD,
    Event.OPEN_VERIFICATION,
    Event.REFUTE,
    Event.VERIFY,
    Event.END_ASKING,
    Event.ASK_AGAIN,
    Event.REPORT_FATE,
    Event.REFUTE_FATE,
    Event.ESTABLISH_FATE,
    Event.CONCLUDE,
    Event.REOPEN,
    Event.RESUME,
)
"""What happens between a match and the family; the rest can happen at nearly any time and would hide the way."""

ASIDE = (State.SUSPENDED, State.WITHDRAWN, State.TRANSFERRED_OUT)
DIAGRAM = re.compile(r"```mermaid\n.*?```\n", re.DOTALL)
STATUSES = re.compile(r"\| State \| The enquirer sees \|\n(\|.*\n)+")


def page(text: str) -> str:
    """Return the page `text` with its diagram and its table as the table of searches has them now.

    Raises:
        ValueError: the page has not one place for each.
    """
    for place, made in ((DIAGRAM, diagram()), (STATUSES, statuses())):
        text, count = place.subn(lambda _, made=made: made, text)  # type: ignore[misc]  # a default binds it
        if count != 1:
            raise ValueError("the page has not one diagram and one table of statuses")
    return text


def diagram() -> str:
    """Return the way as a diagram; the states of a search that has no lead yet are one, `search`."""
    steps = {
        f"    {_name(row.source)} --> {_name(row.target)}: {row.event}\n": None
        for row in TABLE
        if row.event in WAY and row.source not in ASIDE and (row.source, row.target) != (State.LEAD_FOUND,) * 2
    }
    return f"```mermaid\nstateDiagram-v2\n    [*] --> search\n{''.join(steps)}```\n"


def statuses() -> str:
    """Return the table of what an enquirer sees of each state."""
    lines = ["| State | The enquirer sees |\n|---|---|\n"]
    lines += [f"| `{state}` | `{status}` |\n" for state, status in PUBLIC.items()]
    return "".join(lines)


def _name(state: State) -> str:
    return "search" if state in UNDER_WAY and state is not State.LEAD_FOUND else str(state)


if __name__ == "__main__":
    PAGE.write_text(page(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
