"""Birth: spans of days that overlap or not, and the usual errors of dates."""

from operator import ne

from tracing.matching.comparisons.base import SILENCE, Comparer, Context, Reached, Told
from tracing.matching.dates.birth import Birth
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
    FAR,
) = range(13)
_REACHED = tuple(Reached(level, 0.0) for level in range(len(LEVELS)))

_EXACT_DAYS = 5  # a day, and the slack of the tabular Hijri calendar
_MONTH_DAYS = 31
_YEAR_DAYS = 370  # a lunar or solar year and the slack of the tabular calendar
_DECADE_DAYS = 4400  # ten years and a vague margin
_FEW_YEARS = 4 * 366
_MANY_YEARS = 12 * 366
_NEVER = 10**9


def compare(left: Reading, right: Reading, _context: Context) -> Reached:
    one, two = left.birth, right.birth
    if one is None or two is None:
        return SILENCE
    level = birth_level(one, two)
    return SILENCE if level is None else _REACHED[level]


def birth_level(one: Birth, two: Birth) -> int | None:
    """The strongest level that two births reach; None when they cannot be held against each other."""
    best = _digits_level(one, two) if one.digits and two.digits else None
    if best is None or (best != SAME_DAY and (_says_more(one) or _says_more(two))):
        best = _spans_level(one, two, best)
    if (one.others or two.others) and (best is None or best > OTHER_CALENDAR):
        other = _calendar_level(one, two)
        if other is not None and (best is None or other < best):
            return other
    return best


def _says_more(birth: Birth) -> bool:
    """Whether there is an age too, or a text that is no date."""
    return birth.is_impossible or len(birth.spans) > 1


def _spans_level(one: Birth, two: Birth, known: int | None) -> int | None:
    """Best level of any two spans; two dates known to the day share no more than `known` says."""
    if one.text == two.text and (one.is_impossible or two.is_impossible):
        return SAME_MONTH
    best = known
    for first in one.spans:
        for second in two.spans:
            if known is not None and first is one.spans[0] and second is two.spans[0]:
                continue
            level = _span_level(first, second, one.is_vague or two.is_vague)
            if best is None or level < best:
                best = level
    return best


def _digits_level(one: Birth, two: Birth) -> int:
    """Level of two dates known to the day."""
    a, b = one.digits, two.digits
    if a == b:
        return SAME_MONTH if one.is_impossible else SAME_YEAR if one.is_placeholder else SAME_DAY
    if a[:4] == b[:4]:
        if one.is_placeholder or two.is_placeholder:
            return SAME_YEAR
        return SLIP if _is_slip(a, b) else YEAR_ONLY
    if (one.is_placeholder or two.is_placeholder) and a[4:] != b[4:]:
        return _years_level(a, b)
    if _is_slip(a, b):
        return NEXT_YEAR if one.is_placeholder else SLIP
    return _years_level(a, b)


def _years_level(a: str, b: str) -> int:
    gap = abs(int(a[:4]) - int(b[:4]))
    return NEXT_YEAR if gap == 1 else FEW if gap <= 4 else APART if gap <= 12 else FAR


def _is_slip(a: str, b: str) -> bool:
    """One digit off, two neighbouring digits changed about, or day and month changed about."""
    if a[:4] == b[:4] and a[4:6] == b[6:] and a[6:] == b[4:6]:
        return True
    wrong: int = sum(map(ne, a, b))
    if wrong != 2:
        return wrong == 1
    first = next(index for index in range(8) if a[index] != b[index])
    return a[first : first + 2] == b[first : first + 2][::-1]


def _span_level(first: tuple[int | None, int | None], second: tuple[int | None, int | None], is_vague: bool) -> int:
    """Level of two spans, either of which may be open at one end."""
    low = first[0] if second[0] is None else second[0] if first[0] is None else max(first[0], second[0])
    high = first[1] if second[1] is None else second[1] if first[1] is None else min(first[1], second[1])
    if low is None or high is None:
        return OVERLAP
    if low > high:
        gap = low - high
        if gap <= 366:
            return NEXT_YEAR
        level = FEW if gap <= _FEW_YEARS else APART if gap <= _MANY_YEARS else FAR
        return level - 1 if is_vague and level > FEW else level
    wide = max(_width(first), _width(second))
    if wide <= _MONTH_DAYS:
        return SAME_MONTH
    return SAME_YEAR if wide <= _YEAR_DAYS else DECADE if wide <= _DECADE_DAYS else OVERLAP


def _width(span: tuple[int | None, int | None]) -> int:
    first, last = span
    return _NEVER if first is None or last is None else last - first + 1


def _calendar_level(one: Birth, two: Birth) -> int | None:
    """Level when the figures of one side, read in another calendar, fall on the other side's date."""
    width = min(_meeting(one.others, two), _meeting(two.others, one))
    if width > _YEAR_DAYS:
        return None
    exact = width <= _EXACT_DAYS and not one.is_placeholder and not two.is_placeholder
    return OTHER_CALENDAR if exact else OTHER_CALENDAR_YEAR


def _meeting(others: tuple[tuple[int, int], ...], birth: Birth) -> int:
    """Days of the wider of two spans that meet; without such, more than a year."""
    if not others or not birth.spans or birth.is_impossible:
        return _NEVER
    span = birth.spans[0]
    first, last = span
    if first is None or last is None:
        return _NEVER
    met = [max(_width(other), _width(span)) for other in others if other[0] <= last and first <= other[1]]
    return min(met, default=_NEVER)


REASONS = (
    "The birth dates are the same day.",
    "The birth dates agree as far as the less exact one goes.",
    "The birth dates are the same once one is read in another calendar.",
    "The birth dates differ by one usual slip: a digit, or day and month changed about.",
    "The birth years agree; no exact day is known on both sides.",
    "The birth years are the same once one is read in another calendar.",
    "The birth dates overlap within a span of some years.",
    "The birth years agree, the days do not.",
    "The birth dates do not exclude each other.",
    "The birth dates are about a year apart, as estimates often are.",
    "The birth dates are a few years apart.",
    "The birth dates are five to twelve years apart.",
    "The birth dates are more than twelve years apart.",
)


def tell(left: Reading, right: Reading, _level: int, _context: Context) -> Told:
    assert left.birth is not None
    assert right.birth is not None
    return Told(left.birth.text, right.birth.text)


BIRTH = Comparer(
    "birth",
    LEVELS,
    REASONS,
    10,
    "Birth date or age: overlap of possible days, 1 January as the year alone, usual slips, other calendars.",
    compare,
    tell,
)
