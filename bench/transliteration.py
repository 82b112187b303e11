"""Rank native lists for Latin queries by the transliteration model alone, and measure readings as blocking keys.

    python bench/transliteration.py TASKS_FOLDER [TRAINING_FOLDER] [--script NAME ...]

TASKS_FOLDER holds ``tr_NAME_queries.ndjson`` and ``tr_NAME_list.ndjson`` (one name each, ``_gold`` the right
ids, native strings of the queries unseen in training). R@1 and R@10 count ties against the model. With TRAINING_FOLDER
(``NAME_train.tsv``, ``NAME_dev.tsv``) also: share of unseen dev pairs with a skeleton in common with the Latin form.
"""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path
from typing import Any

import numpy as np

from tracing.matching.names import transliteration
from tracing.matching.names.fold import fold
from tracing.matching.names.romanise import romanise
from tracing.matching.names.script import script_of
from tracing.matching.names.sounds import skeletons
from tracing.matching.names.symbols import symbols

NAMES = ("arabic", "hebrew", "russian", "chinese", "korean", "katakana", "japanese")
MOST_KEYED = 4000


def rank(folder: Path, name: str) -> str:
    queries, listed = _rows(folder / f"tr_{name}_queries.ndjson"), _rows(folder / f"tr_{name}_list.ndjson")
    latins, natives = [row["names"][0] for row in queries], [row["names"][0] for row in listed]
    place = {row["id"]: number for number, row in enumerate(listed)}
    bits = np.full((len(latins), len(natives)), transliteration.FLOOR, dtype=np.float32)
    begin = time.perf_counter()
    for script in sorted({script_of(native) for native in natives}):
        columns = [number for number, native in enumerate(natives) if script_of(native) == script]
        if transliteration.supported(script):
            left = [natives[column] for column in columns] * len(latins)
            right = [latin for latin in latins for _ in columns]
            bits[:, columns] = transliteration.likeness(script, left, right).reshape(len(latins), -1)
    taken = time.perf_counter() - begin
    ranks = []
    for row, query in zip(bits, queries, strict=True):
        gold = [place[right] for right in query["_gold"]]
        others = np.delete(row, gold)
        ranks.append(1 + int((others >= row[gold].max()).sum()))
    at = {depth: np.mean(np.array(ranks) <= depth) for depth in (1, 10)}
    return f"R@1 {at[1]:.3f}  R@10 {at[10]:.3f}  {bits.size / taken:,.0f} pairs/s"


def keys(folder: Path, name: str) -> str:
    trained = {line.split("\t")[1] for line in (folder / f"{name}_train.tsv").read_text("utf-8").splitlines()}
    seen = {symbols(native, script_of(native)) for native in trained}
    pairs = []
    for line in (folder / f"{name}_dev.tsv").read_text("utf-8").splitlines():
        latin, native = line.split("\t")[:2]
        script = script_of(native)
        if transliteration.supported(script) and fold(latin, "Latn") and symbols(native, script) not in seen:
            pairs.append((fold(latin, "Latn"), native, script))
    hits, taken = np.zeros(3), 0.0
    for latin, native, script in pairs[:MOST_KEYED]:
        wanted = set(skeletons(latin))
        begin = time.perf_counter()
        learned = transliteration.readings(script, native)
        taken += time.perf_counter() - begin
        found = [not wanted.isdisjoint(key for reading in source for key in skeletons(reading))
                 for source in (romanise(native, script), learned)]  # fmt: skip
        hits += [*found, any(found)]
    count = len(pairs[:MOST_KEYED])
    hand, model, both = hits / count
    return (
        f"keys: hand {hand:.3f}  model {model:.3f}  both {both:.3f}  {taken / count * 1e6:.0f} us/reading (n={count})"
    )


def _rows(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("tasks", type=Path)
    parser.add_argument("training", type=Path, nargs="?")
    parser.add_argument("--script", action="append", choices=NAMES)
    asked = parser.parse_args()
    for name in asked.script or NAMES:
        print(f"{name:9} {rank(asked.tasks, name)}", flush=True)
        if asked.training:
            print(f"{'':9} {keys(asked.training, name)}", flush=True)


if __name__ == "__main__":
    main()
