"""Telephone numbers that no subscriber will ever have: ranges that regulators keep free for fiction.

United Kingdom: Ofcom, *Telephone numbers for use in TV and radio drama* (07700 900xxx, 01632 960xxx,
020 7946 0xxx and the 496 0xxx blocks of the large cities). North America: 555-0100 to 555-0199 in each area.
"""

from __future__ import annotations

_UK = (
    "+447700900",
    "+441632960",
    "+442079460",
    "+441134960",
    "+441144960",
    "+441154960",
    "+441164960",
    "+441174960",
    "+441184960",
    "+441214960",
    "+441314960",
    "+441414960",
    "+441514960",
    "+441614960",
)
_AREAS = tuple(area for area in range(201, 980) if area % 100 != 11 and area % 10 != 9)


def phone(index: int) -> str | None:
    """The number of that index (0 and up), each one only once; None when the reserved ranges are used up."""
    if index < len(_UK) * 1000:
        return f"{_UK[index % len(_UK)]}{index // len(_UK):03d}"
    rest = index - len(_UK) * 1000
    return f"+1{_AREAS[rest % len(_AREAS)]}55501{rest // len(_AREAS):02d}" if rest < len(_AREAS) * 100 else None
