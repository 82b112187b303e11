"""Train a table: ``python -m tracing.matching.training transliteration|names DATA_FOLDER``."""

from __future__ import annotations

import argparse
import sys
from importlib.resources import files
from pathlib import Path

from tracing.matching.training import names
from tracing.matching.training.corpus import FILES
from tracing.matching.training.transliteration import train


def main() -> int:
    """Exit code 0, or 2 when a list cannot be read."""
    parser = argparse.ArgumentParser(prog="python -m tracing.matching.training", description="Learn tables of weights.")
    parser.add_argument("what", choices=["transliteration", "names"])
    parser.add_argument("folder", type=Path, help="folder with *_train.tsv; for names, with the tasks (NDJSON)")
    parser.add_argument(
        "--lists", nargs=2, action="append", type=Path, default=[], metavar=("LEFT", "RIGHT"),
        help="names: two fictional lists with their truth, as bench.quality.casebase writes them",
    )  # fmt: skip
    parser.add_argument("--model", action="append", choices=list(FILES), help="only this script (default: all)")
    parser.add_argument("--into", type=Path, default=Path(str(files("tracing.matching.data"))))
    asked = parser.parse_args()
    try:
        if asked.what == "names":
            names.train(asked.folder, [tuple(pair) for pair in asked.lists], asked.into / "name_score.json", _say)
            return 0
        train(asked.folder, asked.into, _say, asked.model or tuple(FILES))
    except OSError as problem:
        _say(f"cannot train: {problem}")
        return 2
    return 0


def _say(text: str) -> None:
    sys.stderr.write(f"{text}\n")


if __name__ == "__main__":
    sys.exit(main())
