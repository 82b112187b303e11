"""Peers that compare names only: rapidfuzz, jellyfish's phonetic codes, pg_trgm's formula, tf-idf of n-grams.

All of them read names romanised with anyascii; of a person's several names the best pair counts.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cache

import jellyfish
import numpy as np
from rapidfuzz import fuzz, process
from rapidfuzz.distance import JaroWinkler
from sklearn.feature_extraction.text import TfidfVectorizer

from bench.quality.peers.common import Person, Scores, latin

_BATCH = 100
"""Queries scored at once."""


def scorer(name: str) -> "Fuzzy | Overlap | NGrams":
    """The peer of that name; KeyError for an unknown one."""
    if name in _FUZZY:
        return Fuzzy(*_FUZZY[name])
    return NGrams() if name == "tfidf" else Overlap(_FEATURES[name])


class Fuzzy:
    """A rapidfuzz scorer; `most` is its highest value."""

    def __init__(self, compare: Callable[..., float], most: float) -> None:
        self._compare, self._most = compare, most

    def pairs(self, left: Sequence[Person], right: Sequence[Person]) -> list[float]:
        compare, most = self._compare, self._most
        return [
            max(compare(a, b) for a in latin(one) for b in latin(other)) / most
            for one, other in zip(left, right, strict=True)
        ]

    def rows(self, queries: Sequence[Person], candidates: Sequence[Person]) -> Iterator[Scores]:
        texts, starts = _flat(candidates)
        for at in range(0, len(queries), _BATCH):
            batch = queries[at : at + _BATCH]
            asked, firsts = _flat(batch)
            scores = process.cdist(asked, texts, scorer=self._compare, workers=1, dtype=np.float32)
            best = np.maximum.reduceat(np.maximum.reduceat(scores, starts, axis=1), firsts, axis=0)
            yield from best.astype(np.float64) / self._most


class Overlap:
    """Shared features over all features (Jaccard), the features of a name being a set of texts."""

    def __init__(self, features: Callable[[str], frozenset[str]]) -> None:
        self._features = cache(features)

    def pairs(self, left: Sequence[Person], right: Sequence[Person]) -> list[float]:
        features = self._features
        return [
            max(_jaccard(features(a), features(b)) for a in latin(one) for b in latin(other))
            for one, other in zip(left, right, strict=True)
        ]

    def rows(self, queries: Sequence[Person], candidates: Sequence[Person]) -> Iterator[Scores]:
        texts, starts = _flat(candidates)
        having: dict[str, list[int]] = defaultdict(list)
        for at, text in enumerate(texts):
            for feature in self._features(text):
                having[feature].append(at)
        postings = {feature: np.array(places) for feature, places in having.items()}
        sizes = np.array([len(self._features(text)) for text in texts], dtype=np.float64)
        for person in queries:
            best = np.zeros(len(texts))
            for text in latin(person):
                features, shared = self._features(text), np.zeros(len(texts))
                for feature in features:
                    if feature in postings:
                        shared[postings[feature]] += 1
                best = np.maximum(best, shared / np.maximum(1.0, sizes + len(features) - shared))
            yield np.maximum.reduceat(best, starts)


class NGrams:
    """Cosine of tf-idf weighted character 2- and 3-grams; the weights come from the names at hand."""

    def pairs(self, left: Sequence[Person], right: Sequence[Person]) -> list[float]:
        vectors = _vectors().fit([name for person in (*left, *right) for name in latin(person)])
        found = []
        for one, other in zip(left, right, strict=True):
            cosines = vectors.transform(latin(one)) @ vectors.transform(latin(other)).T
            found.append(float(cosines.max()))
        return found

    def rows(self, queries: Sequence[Person], candidates: Sequence[Person]) -> Iterator[Scores]:
        texts, starts = _flat(candidates)
        vectors = _vectors()
        known = vectors.fit_transform(texts).T
        for at in range(0, len(queries), _BATCH):
            asked, firsts = _flat(queries[at : at + _BATCH])
            cosines = (vectors.transform(asked) @ known).toarray()
            yield from np.maximum.reduceat(np.maximum.reduceat(cosines, starts, axis=1), firsts, axis=0)


def _vectors() -> TfidfVectorizer:
    return TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 3))


def _flat(persons: Sequence[Person]) -> tuple[list[str], list[int]]:
    """All names in a row, and where each person's begin."""
    texts: list[str] = []
    starts = []
    for person in persons:
        starts.append(len(texts))
        texts += latin(person)
    return texts, starts


def _jaccard(left: frozenset[str], right: frozenset[str]) -> float:
    return len(left & right) / max(1, len(left | right))


def _trigrams(name: str) -> frozenset[str]:
    """Trigrams as PostgreSQL's pg_trgm takes them: two blanks before each word, one behind."""
    padded = [f"  {word} " for word in "".join(c if c.isalnum() else " " for c in name).split()]
    return frozenset(word[at : at + 3] for word in padded for at in range(len(word) - 2))


def _coded(code: Callable[[str], str]) -> Callable[[str], frozenset[str]]:
    def features(name: str) -> frozenset[str]:
        words: Iterable[str] = (word for word in name.replace("-", " ").split() if any(map(str.isalpha, word)))
        return frozenset(code(word) or word for word in words)

    return features


_FUZZY: dict[str, tuple[Callable[..., float], float]] = {
    "wratio": (fuzz.WRatio, 100.0),
    "token_set": (fuzz.token_set_ratio, 100.0),
    "jaro_winkler": (JaroWinkler.similarity, 1.0),
}
_FEATURES: dict[str, Callable[[str], frozenset[str]]] = {
    "pg_trgm": _trigrams,
    "metaphone": _coded(jellyfish.metaphone),
    "soundex": _coded(jellyfish.soundex),
    "nysiis": _coded(jellyfish.nysiis),
}
