"""Read the public lists of names in two scripts."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tracing.matching.names.channel import MOST_SYMBOLS
from tracing.matching.names.fold import fold
from tracing.matching.names.script import script_of
from tracing.matching.names.symbols import MODELS, symbols

FILES: Final = {
    "Arab": ("arabic_train.tsv", "arabic_wikipedia_train.tsv"),
    "Hebr": ("hebrew_train.tsv",),
    "Cyrl": ("russian_train.tsv",),
    "Hani": ("chinese_train.tsv", "japanese_train.tsv"),
    "Hang": ("korean_train.tsv",),
    "Kana": ("katakana_train.tsv", "japanese_train.tsv"),
}
"""Model → its files in the data folder."""

NATIVE_FIRST: Final = frozenset({"arabic_wikipedia_train.tsv"})
HELD_OUT: Final = 12
"""One native string in so many calibrates and measures."""


@dataclass(frozen=True)
class Pair:
    """One name in two scripts: the native text, its symbols and the folded Latin form."""

    native: str
    script: str
    symbols: tuple[str, ...]
    latin: str


def pairs(folder: Path, model: str) -> list[Pair]:
    """Distinct pairs of one model in file order; other scripts' rows and what is too long for a name are left out."""
    found: dict[tuple[tuple[str, ...], str], Pair] = {}
    for name in FILES[model]:
        for latin, native in _rows(folder / name, name in NATIVE_FIRST):
            script = script_of(native)
            if MODELS.get(script) != model:
                continue
            cut, folded = symbols(native, script), fold(latin, "Latn")
            if 0 < len(cut) <= MOST_SYMBOLS and 0 < len(folded) <= MOST_SYMBOLS:
                found.setdefault((cut, folded), Pair(native, script, cut, folded))
    return list(found.values())


def _rows(path: Path, native_first: bool) -> Iterator[tuple[str, str]]:
    """(Latin, native) of each line."""
    with path.open(encoding="utf-8") as file:
        for line in file:
            one, other, *_ = [*line.rstrip("\n").split("\t"), ""]
            yield (other, one) if native_first else (one, other)


def held_out(pair: Pair) -> bool:
    """Whether the pair's native string is kept from training while the model is calibrated."""
    return zlib.crc32("".join(pair.symbols).encode()) % HELD_OUT == 0
