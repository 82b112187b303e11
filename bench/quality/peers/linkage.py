"""recordlinkage's ECM classifier (Fellegi-Sunter weights by expectation maximisation) on lists."""

import warnings
from math import log2

import pandas as pd
import recordlinkage

from bench.quality.peers.lists import told

_BLOCKS = (
    ("first_name", "surname"),
    ("first_name", "birth_year"),
    ("surname", "birth_year"),
    ("dob", "sex"),
    ("birth_place", "birth_year"),
    ("first_name", "father"),
    ("first_name", "mother"),
    ("postcode",),
    ("street",),
    ("suburb", "birth_year"),
)
"""A date or a place alone would bring pairs that agree on nothing else, and the EM would take those for the matches."""
_DATE = ("dob",)
"""Unless nothing is told of the sex; then the date alone is better than no date."""
_CLOSE = 0.85
_TEXTS = ("first_name", "surname", "father", "mother", "birth_place", "street", "suburb")
_EXACT = ("dob", "birth_year", "postcode")
_SMALLEST = 1e-12


def match(tables: list[pd.DataFrame], minimum: float) -> list[tuple[str, str, float, float]]:
    """(left, right, log odds in bits, probability) of all pairs of at least `minimum`; one table: with itself."""
    warnings.simplefilter("ignore")
    frames = [frame.set_index("unique_id") for frame in tables]
    columns = told(tables)
    candidates = None
    for block in _BLOCKS if "sex" in columns else (*_BLOCKS, _DATE):
        if all(name in columns for name in block):
            found = _index(list(block), frames)
            candidates = found if candidates is None else candidates.union(found)
    comparing = recordlinkage.Compare()
    for name in columns:
        if name in _TEXTS:
            comparing.string(name, name, method="jarowinkler", threshold=_CLOSE, label=name)
        elif name in _EXACT:
            comparing.exact(name, name, label=name)
    vectors = comparing.compute(candidates, *frames)
    classifier = recordlinkage.ECMClassifier(binarize=None)
    classifier.fit(vectors)
    chances = classifier.prob(vectors)
    return [(a, b, _bits(p), float(p)) for (a, b), p in chances.items() if p >= minimum]


def _index(block: list[str], frames: list[pd.DataFrame]) -> pd.MultiIndex:
    """Pairs that agree on all columns of a block and have them told."""
    indexer = recordlinkage.Index()
    indexer.block(block)
    return indexer.index(*[frame.dropna(subset=block) for frame in frames])


def _bits(chance: float) -> float:
    return log2(max(chance, _SMALLEST) / max(1 - chance, _SMALLEST))
