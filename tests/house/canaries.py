"""A hundred planted names in ten scripts, and a search for any trace of them in bytes.

The names of one script share a stem of seven letters that no word of any language has. The search looks
for the stems, so it also finds a name that was cut, and in every form in which a text is written down by
accident: UTF-8 and UTF-16, composed and decomposed, as given, in small and in capital letters, in URLs, in
JSON escapes, in the romanised form that the engine reads.
"""

import json
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from itertools import count
from pathlib import Path
from typing import Any
from urllib.parse import quote
from uuid import UUID

from anyascii import anyascii

# Script → (stem, ten endings). Nobody is called so.
STEMS = {
    "Latin": ("Zqxjkvw", "abdefghimn"),
    "Latin with marks": ("Žqxéĵñŵ", "abdefghimn"),
    "Arabic": ("ظغضثقصط", "ابتجحدرسعف"),
    "Cyrillic": ("Щыъфгжх", "абвгдезикл"),
    "Greek": ("Ξψζφχθξ", "αβγδεηικλμ"),
    "Devanagari": ("ङञढठफघझ", "अकगचजतदनपम"),
    "Ethiopic": ("ጰጸፀጨቐኸዠ", "ሀለሐመሠረሰበተነ"),
    "Han": ("龘靐齉爩鱻麤龗", "一二三四五六七八九十"),
    "Hangul": ("뷁쀍쫿뜗뀕퓱훯", "가나다라마바사아자차"),
    "Hebrew": ("צטזגףץך", "אבגדהוילמנ"),
}
CANARIES = tuple(f"{stem}{ending}" for stem, endings in STEMS.values() for ending in endings)


def forms(stem: str) -> set[bytes]:
    """Return the bytes under which `stem` may stand somewhere."""
    spelt = {stem, stem.lower(), stem.upper(), stem.casefold()}
    texts = {unicodedata.normalize(form, text) for form in ("NFC", "NFD", "NFKC", "NFKD") for text in spelt}
    romanised = anyascii(stem).lower()
    texts |= {quote(text) for text in texts} | {json.dumps(text)[1:-1] for text in texts}
    texts |= {quote(text).lower() for text in texts} | {repr(text.encode())[2:-1] for text in texts}
    if romanised.isalpha():
        texts |= {romanised, romanised.title(), romanised.upper()}
    return {text.encode(encoding) for text in texts for encoding in ("utf-8", "utf-16-le", "utf-16-be")}


NEEDLES: Mapping[str, frozenset[bytes]] = {script: frozenset(forms(stem)) for script, (stem, _) in STEMS.items()}


def found_in(hay: bytes) -> set[str]:
    """Return the scripts of which a name stands in `hay`, in any form."""
    return {script for script, needles in NEEDLES.items() if any(needle in hay for needle in needles)}


def leaks(places: Iterable[tuple[str, bytes]]) -> list[str]:
    """Return `place: script` for every planted name that stands in one of the named places."""
    return [f"{place}: {script}" for place, hay in places for script in sorted(found_in(hay))]


def files(folder: Path) -> Iterator[tuple[str, bytes]]:
    """Yield every file below a folder: databases, journals, keys, whatever was left."""
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            yield path.name, path.read_bytes()


def dumped(tables: Iterable[tuple[str, list[tuple[Any, ...]]]]) -> Iterator[tuple[str, bytes]]:
    """Yield each table with its values one after the other, as bytes."""
    for name, rows in tables:
        yield name, b"\n".join(_bytes(value) for row in rows for value in row)


def _bytes(value: object) -> bytes:
    if isinstance(value, bytes | bytearray | memoryview):
        return bytes(value)
    if isinstance(value, dict | list):
        return json.dumps(value, ensure_ascii=False).encode()
    assert value is None or isinstance(value, str | int | float | UUID | datetime), type(value)
    return str(value).encode()


def fill(draft: Any, numbers: Iterator[int] | None = None) -> Any:
    """Return `draft` with another planted name in place of each `@`."""
    numbers = numbers if numbers is not None else count()
    if isinstance(draft, dict):
        return {key: fill(value, numbers) for key, value in draft.items()}
    if isinstance(draft, list):
        return [fill(value, numbers) for value in draft]
    return CANARIES[next(numbers) % len(CANARIES)] if draft == "@" else draft
