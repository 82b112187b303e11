"""Birth: spans of days that overlap or not, and the usual errors of dates."""

import numpy as np
from numpy.typing import NDArray

from tracing.matching.arrays import Flags, Floats, Ints
from tracing.matching.comparisons.base import Comparer, Pairs, Reached, Told
from tracing.matching.dates.columns import OPEN, BirthColumns
from tracing.matching.evidence import SILENT
from tracing.matching.frequencies import RAREST_BITS
from tracing.matching.reading import Reading

LEVELS = (
    "same_day",
    "same_month",
    "other_calendar",
    "slip",
    "same_year",
    "other_calendar_year",
    "decade",
    "same_year_only",
    "overlap",
    "next_year",
    "few_years",
    "years_apart",
    "other_date",
    "far_apart",
)
(
    SAME_DAY,
    SAME_MONTH,
    OTHER_CALENDAR,
    SLIP,
    SAME_YEAR,
    OTHER_CALENDAR_YEAR,
    DECADE,
    YEAR_ONLY,
    OVERLAP,
    NEXT_YEAR,
    FEW,
    APART,
    OTHER_DATE,
    FAR,
) = range(14)
_UNTOLD = len(LEVELS)
AGREEING = 10
_OTHER_YEARS = (OTHER_CALENDAR, OTHER_CALENDAR_YEAR)
"""Levels on which both sides tell other years: no rare year is shared."""

COMMON_BITS = 3.0
"""A birth year rarer than 1 in 8 adds to the weight where births agree."""
MOST_RARITY = RAREST_BITS - COMMON_BITS
"""Bits of rarity at most."""

_EXACT_DAYS = 5  # a day, and the slack of the tabular Hijri calendar
_MONTH_DAYS = 31
_YEAR_DAYS = 370  # a lunar or solar year and the slack of the tabular calendar
_DECADE_DAYS = 4400  # ten years and a vague margin
_FEW_YEARS = 4 * 366
_MANY_YEARS = 12 * 366
_ESTIMATED_YEARS = 4  # by so much is the year of a guessed birth off
_NEVER = 10**9


def compare(pairs: Pairs) -> Reached:
    """Levels of all pairs; silent where a side says nothing, or both say what cannot be held together."""
    columns = pairs.roster.birth
    one, two = pairs.roster.birth_row[pairs.left], pairs.roster.birth_row[pairs.right]
    levels = np.full(len(pairs), SILENT, np.int8)
    at = np.flatnonzero((one >= 0) & (two >= 0))
    found = birth_levels(columns, one[at], two[at])
    levels[at] = np.where(found == _UNTOLD, SILENT, found)
    rarity = np.zeros(len(pairs), np.float32)
    at = np.flatnonzero((levels >= 0) & (levels < AGREEING) & ~np.isin(levels, _OTHER_YEARS))
    rarity[at] = _rarities(pairs, one[at], two[at])
    return Reached(levels, rarity)


def _rarities(pairs: Pairs, one: Ints, two: Ints) -> Floats:
    """Bits by which the commoner one of both birth years is rare; 0 where a side tells none, its rarest of several."""
    told = pairs.roster.birth.told_years
    years, places = np.unique((told[one], told[two]), return_inverse=True)
    bits = np.array([pairs.frequencies.year_bits(year) if year else 0.0 for year in years.tolist()], np.float32)
    out: Floats = np.maximum(bits[places].reshape(2, -1, 2).max(axis=2).min(axis=0) - np.float32(COMMON_BITS), 0)
    return out


def birth_levels(births: BirthColumns, one: Ints, two: Ints) -> Ints:
    """The strongest level that two births reach, row by row; `len(LEVELS)` when they cannot be compared."""
    known = births.has_digits[one] & births.has_digits[two]
    best = np.full(len(one), _UNTOLD, np.int32)
    at = np.flatnonzero(known)
    best[at] = _digits_levels(births, one[at], two[at])
    at = np.flatnonzero(~known | ((best != SAME_DAY) & (births.more[one] | births.more[two])))
    best[at] = _spans_levels(births, one[at], two[at], known[at], best[at])
    others = (births.other_count[one] > 0) | (births.other_count[two] > 0)
    at = np.flatnonzero(others & (best > OTHER_CALENDAR))
    best[at] = np.minimum(best[at], _calendar_levels(births, one[at], two[at]))
    return best


def _digits_levels(births: BirthColumns, one: Ints, two: Ints) -> Ints:
    """Levels of dates known to the day.

    An estimate moves the year and keeps the day, or has none. Two exact dates of which neither month nor day agree are
    mostly two persons', however near the years: brothers and sisters are born a year or a few apart.
    """
    differs = births.digits[one] != births.digits[two]
    wrong = differs.sum(axis=1)
    placeholder, other_placeholder = births.placeholder[one], births.placeholder[two]
    either = placeholder | other_placeholder
    impossible = births.impossible[one] | births.impossible[two]
    gap = np.abs(births.year[one] - births.year[two])
    apart = np.select([gap <= 1, gap <= 4, gap <= 12], [NEXT_YEAR, FEW, APART], FAR)
    slip = _slips(births.digits[one], births.digits[two], differs, wrong)
    other_month, other_day_of_month = differs[:, 4:6].any(axis=1), differs[:, 6:].any(axis=1)
    other_day = other_month | other_day_of_month
    slip |= ~either & ~other_day & (gap <= _ESTIMATED_YEARS)
    vague = births.vague[one] | births.vague[two]
    other_date = ~either & ~impossible & ~vague & other_month & other_day_of_month & (gap <= _ESTIMATED_YEARS)
    return np.select(
        [
            (wrong == 0) & impossible,
            (wrong == 0) & placeholder,
            wrong == 0,
            (gap == 0) & either,
            (gap == 0) & slip,
            other_date & ~slip,
            gap == 0,
            either & other_day,
            slip & placeholder & (gap <= 1),
            slip & placeholder,
            slip,
        ],
        [SAME_MONTH, SAME_YEAR, SAME_DAY, SAME_YEAR, SLIP, OTHER_DATE, YEAR_ONLY, apart, NEXT_YEAR, FEW, SLIP],
        apart,
    ).astype(np.int32)


def _slips(a: NDArray[np.int8], b: NDArray[np.int8], differs: Flags, wrong: NDArray[np.int64]) -> Flags:
    """One digit off, two neighbouring digits changed about, or day and month changed about."""
    first = differs.argmax(axis=1)
    rows = np.arange(len(a))
    after = np.minimum(first + 1, 7)
    turned = (a[rows, first] == b[rows, after]) & (a[rows, after] == b[rows, first])
    crossed = (a[:, :4] == b[:, :4]) & (a[:, 4:] == b[:, [6, 7, 4, 5]])
    out: Flags = (wrong == 1) | ((wrong == 2) & turned) | (crossed.all(axis=1) & (wrong > 0))
    return out


def _spans_levels(births: BirthColumns, one: Ints, two: Ints, known: Flags, best: Ints) -> Ints:
    """Best level of any two spans; two dates known to the day share no more than `best` says."""
    out = best.copy()
    vague = births.vague[one] | births.vague[two]
    for here in (0, 1):
        for there in (0, 1):
            told = (births.span_count[one] > here) & (births.span_count[two] > there)
            if here == there == 0:
                told &= ~known
            at = np.flatnonzero(told)
            level = _span_levels(births.spans[one[at], here], births.spans[two[at], there], vague[at])
            out[at] = np.minimum(out[at], level)
    same_text = (births.text[one] == births.text[two]) & (births.impossible[one] | births.impossible[two])
    out[same_text] = SAME_MONTH
    return out


def _span_levels(first: Ints, second: Ints, vague: Flags) -> Ints:
    """Levels of spans [n, 2], any of which may be open at one end."""
    low, high = np.maximum(first[:, 0], second[:, 0]), np.minimum(first[:, 1], second[:, 1])
    gap = low - high
    apart = np.select([gap <= 366, gap <= _FEW_YEARS, gap <= _MANY_YEARS], [NEXT_YEAR, FEW, APART], FAR)
    apart = np.select([vague & (apart == APART), vague & (apart == FAR)], [FEW, APART], apart)
    wide = np.maximum(_widths(first), _widths(second))
    meets = np.select(
        [wide <= _MONTH_DAYS, wide <= _YEAR_DAYS, wide <= _DECADE_DAYS], [SAME_MONTH, SAME_YEAR, DECADE], OVERLAP
    )
    unknown = (low <= -OPEN) | (high >= OPEN)
    return np.select([unknown, gap > 0], [OVERLAP, apart], meets).astype(np.int32)


def _widths(span: Ints) -> Ints:
    is_open = (span[:, 0] <= -OPEN) | (span[:, 1] >= OPEN)
    return np.where(is_open, _NEVER, span[:, 1] - span[:, 0] + 1).astype(np.int32)


def _calendar_levels(births: BirthColumns, one: Ints, two: Ints) -> Ints:
    """Levels when the figures of one side, read in another calendar, fall on the other side's date."""
    width = np.minimum(_meetings(births, one, two), _meetings(births, two, one))
    exact = (width <= _EXACT_DAYS) & ~births.placeholder[one] & ~births.placeholder[two]
    return np.where(width > _YEAR_DAYS, _UNTOLD, np.where(exact, OTHER_CALENDAR, OTHER_CALENDAR_YEAR))


def _meetings(births: BirthColumns, read_otherwise: Ints, as_given: Ints) -> Ints:
    """Days of the wider of two spans that meet; without such, more than a year."""
    span = births.spans[as_given, 0]
    usable = (births.span_count[as_given] > 0) & ~births.impossible[as_given] & (_widths(span) < _NEVER)
    out = np.full(len(span), _NEVER, np.int32)
    for place in (0, 1):
        other = births.others[read_otherwise, place]
        meets = (other[:, 0] <= span[:, 1]) & (span[:, 0] <= other[:, 1])
        meets &= usable & (births.other_count[read_otherwise] > place)
        out = np.where(meets, np.minimum(out, np.maximum(_widths(other), _widths(span))), out)
    return out


REASONS = (
    "The birth dates are the same day.",
    "The birth dates agree as far as the less exact one goes.",
    "The birth dates are the same once one is read in another calendar.",
    "The birth dates differ by one usual slip: a digit, day and month changed about, or the year alone.",
    "The birth years agree; no exact day is known on both sides.",
    "The birth years are the same once one is read in another calendar.",
    "The birth dates overlap within a span of some years.",
    "The birth years agree, the days do not.",
    "The birth dates do not exclude each other.",
    "The birth dates are about a year apart, as estimates often are.",
    "The birth dates are a few years apart.",
    "The birth dates are five to twelve years apart.",
    "Both birth dates are exact, and neither month nor day agree.",
    "The birth dates are more than twelve years apart.",
)


def at_best(pairs: Pairs) -> Reached:
    return Reached(pairs.speaking(pairs.roster.birth_row >= 0), np.full(len(pairs), MOST_RARITY, np.float32))


def tell(left: Reading, right: Reading, _level: int, _pairs: Pairs) -> Told:
    assert left.birth is not None
    assert right.birth is not None
    return Told(left.birth.text, right.birth.text)


BIRTH = Comparer(
    "birth",
    LEVELS,
    REASONS,
    AGREEING,
    "Birth date or age: overlap of possible days, 1 January as the year alone, usual slips, other calendars.",
    compare,
    tell,
    at_best,
)
