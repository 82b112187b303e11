"""Read the counted and hand-made tables of ``matching/data`` once per process.

Lines that begin with ``#`` are comments. Columns are parted by a tab, several spellings by ``|``.
"""

from __future__ import annotations

from functools import cache
from importlib.resources import files


@cache
def rows(name: str) -> tuple[tuple[str, ...], ...]:
    """Rows of the table ``name`` in ``matching/data``, comments and empty lines left out."""
    text = files("tracing.matching.data").joinpath(name).read_text("utf-8")
    return tuple(tuple(line.split("\t")) for line in text.splitlines() if line and not line.startswith("#"))


def letter_map(letters: str, latin: str) -> dict[str, str]:
    """One Latin group, parted by blanks in ``latin``, for each character of ``letters``.

    >>> letter_map("абж", "a b zh")
    {'а': 'a', 'б': 'b', 'ж': 'zh'}
    """
    return dict(zip(letters, latin.split(), strict=True))


@cache
def han_simplified() -> dict[int, str]:
    """Traditional and Japanese letter forms of name characters → the simplified one."""
    return {ord(form): simple for simple, forms in rows("han_forms.tsv") for form in forms}


@cache
def words(kind: str) -> frozenset[str]:
    """Spellings listed in words.tsv under ``kind`` (title, particle, unknown, ...)."""
    return frozenset(word for group, spellings in rows("words.tsv") if group == kind for word in spellings.split("|"))


@cache
def readings(script: str) -> dict[str, tuple[str, ...]]:
    """Native text → romanised readings, main first, from readings.tsv."""
    return {native: tuple(latin.split("|")) for code, native, latin in rows("readings.tsv") if code == script}
