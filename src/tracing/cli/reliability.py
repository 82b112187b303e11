"""Tell on a terminal how far stated probabilities are what they say."""

from collections.abc import Sequence
from typing import TextIO

from rich.console import Console
from rich.table import Table

from tracing.matching.evaluation import calibration_error, reliability

PIPE_WIDTH = 100


def draw_reliability(probabilities: Sequence[float], labels: Sequence[bool], out: TextIO) -> None:
    """Write stated against observed, bin by bin, with the interval in which the observed share lies."""
    console = Console(file=out, highlight=False, markup=False, width=None if out.isatty() else PIPE_WIDTH)
    table = Table(box=None, pad_edge=False, show_edge=False)
    for column in ("stated", "pairs", "mean stated", "observed", "95 % interval", ""):
        table.add_column(column, justify="right", no_wrap=True)
    for one in reliability(probabilities, labels):
        if one.stated is None or one.observed is None:
            continue
        off = "" if one.least <= one.stated <= one.most else "too sure" if one.observed < one.stated else "too unsure"
        table.add_row(
            f"{one.low:.1f} to {one.high:.1f}",
            str(one.pairs),
            f"{one.stated:.3f}",
            f"{one.observed:.3f}",
            f"{one.least:.2f} to {one.most:.2f}",
            off,
        )
    console.print(table)
    if labels:
        console.print(f"calibration error {calibration_error(probabilities, labels):.4f} over {len(labels)} pairs")
