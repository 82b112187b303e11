"""The person's own names: any of one side against any of the other."""

from tracing.matching.comparisons.base import SILENCE, Comparer, Context, Reached, Told
from tracing.matching.names import AGREEING, LEVELS, compare_names, sentence
from tracing.matching.reading import Reading


def compare(left: Reading, right: Reading, context: Context) -> Reached:
    outcome = compare_names(left.names, right.names, context.frequencies)
    return SILENCE if outcome is None else Reached(outcome.level, outcome.adjust)


def tell(left: Reading, right: Reading, _level: int, context: Context) -> Told:
    outcome = compare_names(left.names, right.names, context.frequencies)
    assert outcome is not None
    one, two = left.names[outcome.left], right.names[outcome.right]
    return Told(one.full, two.full, sentence(outcome, left.names, right.names))


REASONS = (
    "The names are the same.",
    "The names are the same in another spelling.",
    "The names are much alike.",
    "The names agree in most parts.",
    "The names agree in part.",
    "The names agree in part, but parts differ.",
    "The names share a part, but other parts conflict.",
    "The names differ.",
)

NAMES = Comparer(
    "names",
    LEVELS,
    REASONS,
    AGREEING,
    "The person's own names in any script, best of all against all: parts aligned, order, variants, rarity.",
    compare,
    tell,
)
