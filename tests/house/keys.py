"""Which keys each caller finds in each answer, as lines of text: what a role may see, property by property.

A key of the answer stands with its path, `sought[].person.birth`; what a map is keyed by is data and stands as `*`.
`python -m tests.house.keys` writes the golden list anew; read its difference before you commit it.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

from tests.house.matrix import SEEN, Cell, World, nothing_lasts

GOLDEN = Path(__file__).with_suffix(".txt")
NAME = re.compile(r"[a-z][a-z0-9_]*")


def paths(value: Any, above: str = "") -> Iterator[str]:
    """Yield the path of each key in a JSON value, once per place in lists."""
    if isinstance(value, list):
        for item in value:
            yield from paths(item, f"{above}[]")
    elif isinstance(value, dict):
        for key, below in value.items():
            here = f"{above}.{key if NAME.fullmatch(key) else '*'}".lstrip(".")
            yield here
            yield from paths(below, here)


def lines(world: World, cells: Iterable[Cell]) -> list[str]:
    """Return, sorted, a line for each route and each set of keys: who is answered with it, and the keys."""
    found: dict[tuple[str, str], list[str]] = defaultdict(list)
    with nothing_lasts():
        for cell in cells:
            if cell.whose not in SEEN:
                continue
            answer = world.send(cell)
            if answer.is_success and "json" in answer.headers.get("Content-Type", ""):
                keys = " ".join(sorted(set(paths(answer.json()))))
                found[f"{cell.door.method} {cell.door.path}", keys].append(f"{cell.role}/{cell.whose}")
    return sorted(f"{route} | {' '.join(callers)} | {keys}" for (route, keys), callers in found.items())


def main() -> None:
    """Write the golden list from a world on SQLite."""
    from tests.house.test_matrix import every, opened_world  # noqa: PLC0415  # it imports this module

    with opened_world("sqlite", Path(mkdtemp(prefix="tracing-keys-")) / "var") as world:
        GOLDEN.write_text("".join(f"{line}\n" for line in lines(world, every(world))), encoding="utf-8")


if __name__ == "__main__":
    main()
