"""Results as tables on the terminal, as JSON and as a Markdown fragment for docs/measurements.md."""

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table

from bench.quality.contenders import ENGINE
from bench.quality.judge import Figures, Result

COLUMNS: dict[str, dict[str, str]] = {
    "pairs": {"auc": "AUC", "f1": "F1", "r_p99": "R at P .99", "ece": "ECE"},
    "rank": {"r1": "R@1", "r10": "R@10", "r50": "R@50", "mrr": "MRR"},
    "link": {"f1": "F1", "precision": "P", "recall": "R", "r_p99": "R at P .99", "blocking": "blocking", "ece": "ECE"},
}
COLUMNS["dedupe"] = COLUMNS["link"]
_UNIT = {"pairs": "pairs/s", "rank": "queries/s", "link": "persons/s", "dedupe": "persons/s"}
_GROUP = {"pairs": ("auc", "wrong"), "rank": ("r1", "r10"), "link": ("f1", "recall"), "dedupe": ("f1",)}
_SHOWN = {"auc": "AUC", "wrong": "wrong", "r1": "R@1", "r10": "R@10", "f1": "F1", "recall": "R"}
_GROUP_PEERS = ("splink", "recordlinkage", "logic-v2", "wratio", "pg_trgm")
"""Peers that stand in the tables per culture and script; the JSON holds all."""


@dataclass(frozen=True, slots=True)
class Run:
    """All results of one run. `about` says command, data, date, machine; `noise` repeats of one small timing in s."""

    about: dict[str, str]
    noise: list[float]
    sizes: dict[str, str]
    results: list[Result]

    @property
    def spread(self) -> str:
        """The repeats and their spread in words."""
        if not self.noise:
            return "not measured"
        middle = sorted(self.noise)[len(self.noise) // 2]
        share = (max(self.noise) - min(self.noise)) / middle
        return f"{', '.join(f'{value:.2f}' for value in self.noise)} s (spread {share:.0%} of the middle one)"


Grid = tuple[str, list[str], list[list[str]]]
"""Title, heads, rows."""


def grids(run: Run) -> list[Grid]:
    """All tables of a run: one per task, then one per task and kind of group."""
    tasks = list(dict.fromkeys(result.task for result in run.results))
    found = [_task_grid(run, task) for task in tasks]
    for task in tasks:
        of_task = [result for result in run.results if result.task == task]
        kinds = dict.fromkeys(kind for result in of_task for kind, groups in result.groups.items() if len(groups) > 1)
        found += [_group_grid(of_task, kind) for kind in kinds]
    return found


def _task_grid(run: Run, task: str) -> Grid:
    of_task = [result for result in run.results if result.task == task]
    kind = of_task[0].kind
    columns = COLUMNS[kind]
    rows = []
    for result in _engine_first(of_task):
        figures = [shown(result.figures.get(key)) for key in columns]
        mib = f"{result.mib:.0f}" if result.mib else "–"
        rows.append(
            [result.contender, str(result.n), *figures, _speed(result.per_second), f"{result.seconds:.1f}", mib]
        )
    heads = ["", "n", *columns.values(), _UNIT[kind], "wall s", "MiB"]
    return f"{task}: {run.sizes[task]}", heads, rows


def _group_grid(results: Sequence[Result], kind: str) -> Grid:
    keys = _GROUP[results[0].kind]
    shown_of = [r for r in _engine_first(results) if r.contender == ENGINE or r.contender in _GROUP_PEERS]
    names = sorted({group for result in results for group in result.groups.get(kind, {})})
    rows = []
    for name in names:
        cells = [result.groups.get(kind, {}).get(name, {}) for result in shown_of]
        n = max((figures.get("n") or 0 for figures in cells), default=0)
        rows.append([name, f"{n:.0f}", *(_cell(figures, keys) for figures in cells)])
    heads = [kind, "n", *(result.contender for result in shown_of)]
    words = " / ".join(_SHOWN[key] for key in keys)
    return f"{results[0].task} per {kind} ({words})", heads, rows


def _engine_first(results: Iterable[Result]) -> list[Result]:
    return sorted(results, key=lambda result: result.contender != ENGINE)


def _cell(figures: Figures, keys: Sequence[str]) -> str:
    if not figures:
        return "–"
    words: dict[bool, Callable[[float | None], str]] = {True: lambda value: f"{value or 0:.0f}", False: shown}
    return " / ".join(words[key == "wrong"](figures.get(key)) for key in keys)


def shown(value: float | None) -> str:
    """A share to three places without the leading nought, cut and never rounded up; – for none."""
    if value is None:
        return "–"
    text = f"{int(value * 1000 + 1e-9) / 1000:.3f}"
    return text[1:] if text.startswith("0") else text


def _speed(per_second: float) -> str:
    return f"{per_second:,.0f}" if per_second >= 10 else f"{per_second:.1f}"


def draw(run: Run, console: Console) -> None:
    """All tables on the terminal."""
    for title, heads, rows in grids(run):
        table = Table(title=title, box=None, title_justify="left", title_style="bold")
        for at, head in enumerate(heads):
            table.add_column(head, justify="left" if at == 0 else "right")
        for row in rows:
            table.add_row(*row)
        console.print(table)
        console.print()
    console.print(f"noise: {run.spread}")


def markdown(run: Run) -> str:
    """The run as a fragment for docs/measurements.md."""
    lines = [f"## The engine beside its peers ({run.about['date']})", ""]
    lines += [f"`{run.about['command']}`. {run.about['machine']}. Peers: {run.about['peers']}.", ""]
    words = "Figures are cut after the third place, never rounded up."
    lines += [f"One small timing, repeated: {run.spread}. {words}", ""]
    for title, heads, rows in grids(run):
        lines += [f"### {title}", "", _line(heads), _line(["---"] * len(heads)), *map(_line, rows), ""]
    return "\n".join(lines)


def _line(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


def write(run: Run, folder: Path) -> None:
    """`results.json` and `fragment.md` in a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    text = json.dumps(asdict(run), ensure_ascii=False, indent=1)
    (folder / "results.json").write_text(text + "\n", encoding="utf-8")
    (folder / "fragment.md").write_text(markdown(run) + "\n", encoding="utf-8")
