"""The matching engine: how strongly do two descriptions point to one person, and why.

Pure: no database, no settings, no network. One engine serves the commands, the API and the night::

    from tracing.matching import Name, Person, compare

    left = Person("a", (Name("Mohammed Ahmed Hassan"),), birth="1990")
    right = Person("b", (Name("محمد أحمد حسن"),), birth="1990-05-12")
    print(compare(left, right).probability)
"""

from collections.abc import Iterable

from tracing.matching.engine import ENGINE_VERSION, ComparisonInfo, Engine
from tracing.matching.evidence import SILENT, Comparison, Evidence, Score
from tracing.matching.frequencies import TermFrequencies
from tracing.matching.keys import FAMILIES, blocking_keys
from tracing.matching.model import BANDS, Weights, WeightsError
from tracing.matching.person import Identifier, Name, Person, PersonError, PersonWarning, Relative
from tracing.matching.reading import Reading, read

__all__ = [
    "BANDS",
    "ENGINE_VERSION",
    "FAMILIES",
    "SILENT",
    "Comparison",
    "ComparisonInfo",
    "Engine",
    "Evidence",
    "Identifier",
    "Name",
    "Person",
    "PersonError",
    "PersonWarning",
    "Reading",
    "Relative",
    "Score",
    "TermFrequencies",
    "Weights",
    "WeightsError",
    "blocking_keys",
    "compare",
    "rank",
    "read",
]


def compare(left: Person, right: Person, prior: float = 0.5) -> Comparison:
    """Compare two persons with the weights that ship with the engine."""
    engine = Engine()
    return engine.compare(engine.read(left), engine.read(right), prior)


def rank(query: Person, candidates: Iterable[Person], top: int = 10) -> list[Comparison]:
    """The `top` best candidates, best first; names are as rare as they are among the candidates."""
    read_all = [read(person) for person in candidates]
    counted = TermFrequencies.counted(read_all)
    return Engine(counted).rank(read(query), read_all, top)
