"""The wall of `match-lists` on two lists of 20,000 persons of the fictional case base, Splink's beside it.

    python -m bench.quality.lists20k [--size 20000] [--engine-only]

Both read and write the same files through the same command. Asked for: the engine at most 60 s on 2 cores. Splink's
answer is not kept from an earlier run: a wall is only worth something beside another one of the same hour.
"""

import argparse
import tempfile
from pathlib import Path

from rich.console import Console
from rich.table import Table

from bench.quality import contenders
from bench.quality.__main__ import PYTHON
from bench.quality.casebase import SEED, two_lists
from bench.quality.contenders import Contender, Engine, Peer
from bench.quality.judge import Result, judge
from bench.quality.report import shown
from bench.quality.tasks import linked

SIZE = 20_000


def main() -> None:
    """Parse, measure, print."""
    parser = argparse.ArgumentParser(description="the wall of match-lists, engine and Splink")
    parser.add_argument("--size", type=int, default=SIZE)
    parser.add_argument("--seed", type=int, default=SEED + 1)
    parser.add_argument("--engine-only", action="store_true")
    asked = parser.parse_args()
    lists = two_lists(asked.size, asked.seed)
    task = linked("casebase", lists.left, lists.right)
    with tempfile.TemporaryDirectory(prefix="tracing-lists-") as folder:
        measured: list[Contender] = [Engine()]
        if not asked.engine_only:
            measured.append(Peer("splink", PYTHON, contenders.versions(PYTHON)["splink"], Path(folder)))
        results = [judge(task, one.name, one.answer(task)) for one in measured]
    _draw(results, asked.size)


def _draw(results: list[Result], size: int) -> None:
    table = Table(title=f"match-lists, {size:,} x {size:,} persons, a third in both", box=None, title_justify="left")
    for head in ("", "wall s", "MiB", "pairs written", "F1", "R at P .99", "blocking"):
        table.add_column(head, justify="right" if head else "left")
    for result in results:
        figures = [shown(result.figures[key]) for key in ("f1", "r_p99", "blocking")]
        written = f"{result.figures['candidates'] or 0:,.0f}"
        table.add_row(result.contender, f"{result.seconds:.1f}", f"{result.mib:.0f}", written, *figures)
    Console().print(table)


if __name__ == "__main__":
    main()
