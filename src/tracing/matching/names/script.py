"""Which writing system a text is in (ISO 15924 codes)."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from functools import lru_cache
from typing import Final

UNKNOWN: Final = "Zzzz"
"""ISO 15924 code for text without a letter that this table knows."""

_BLOCKS: Final[tuple[tuple[int, int, str], ...]] = (
    (0x0041, 0x005A, "Latn"), (0x0061, 0x007A, "Latn"), (0x00AA, 0x00AA, "Latn"), (0x00BA, 0x00BA, "Latn"),
    (0x00C0, 0x02AF, "Latn"), (0x0370, 0x03FF, "Grek"), (0x0400, 0x052F, "Cyrl"), (0x0531, 0x058F, "Armn"),
    (0x05D0, 0x05F4, "Hebr"), (0x0620, 0x06FF, "Arab"), (0x0750, 0x077F, "Arab"), (0x08A0, 0x08FF, "Arab"),
    (0x0900, 0x097F, "Deva"), (0x0980, 0x09FF, "Beng"), (0x0A00, 0x0A7F, "Guru"), (0x0A80, 0x0AFF, "Gujr"),
    (0x0B80, 0x0BFF, "Taml"), (0x0C00, 0x0C7F, "Telu"), (0x0D80, 0x0DFF, "Sinh"), (0x0E00, 0x0E7F, "Thai"),
    (0x1000, 0x109F, "Mymr"), (0x10A0, 0x10FF, "Geor"), (0x1100, 0x11FF, "Hang"), (0x1200, 0x139F, "Ethi"),
    (0x1780, 0x17FF, "Khmr"), (0x1C80, 0x1C8F, "Cyrl"), (0x1C90, 0x1CBF, "Geor"), (0x1E00, 0x1EFF, "Latn"),
    (0x1F00, 0x1FFF, "Grek"), (0x2D00, 0x2D2F, "Geor"), (0x2D80, 0x2DDF, "Ethi"), (0x3005, 0x3007, "Hani"),
    (0x3041, 0x309F, "Hira"), (0x30A0, 0x30FA, "Kana"), (0x30FC, 0x30FF, "Kana"), (0x3130, 0x318F, "Hang"),
    (0x3400, 0x4DBF, "Hani"), (0x4E00, 0x9FFF, "Hani"), (0xAC00, 0xD7AF, "Hang"), (0xF900, 0xFAFF, "Hani"),
    (0xFB1D, 0xFB4F, "Hebr"), (0xFB50, 0xFDFF, "Arab"), (0xFE70, 0xFEFC, "Arab"), (0xFF21, 0xFF3A, "Latn"),
    (0xFF41, 0xFF5A, "Latn"), (0xFF66, 0xFF9F, "Kana"), (0x20000, 0x3134F, "Hani"),
)  # fmt: skip
_STARTS: Final = [first for first, _, _ in _BLOCKS]


@lru_cache(maxsize=8192)
def script_of_letter(letter: str) -> str:
    """ISO 15924 code of one character, ``Zzzz`` for digits, marks and blocks outside the table."""
    point = ord(letter)
    first, last, code = _BLOCKS[max(0, bisect_right(_STARTS, point) - 1)]
    return code if first <= point <= last else UNKNOWN


@lru_cache(maxsize=32768)
def script_of(text: str) -> str:
    """ISO 15924 code of most letters of ``text``; the earlier script wins a tie; ``Zzzz`` without letters."""
    if text.isascii():
        return "Latn" if any(letter.isalpha() for letter in text) else UNKNOWN
    counted = Counter(script_of_letter(letter) for letter in text)
    del counted[UNKNOWN]
    return counted.most_common(1)[0][0] if counted else UNKNOWN
