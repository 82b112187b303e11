"""What all peers share: reading neutral persons, writing the neutral commands' lines."""

import json
import sys
from collections.abc import Iterable, Sequence
from typing import Any, Protocol

import numpy as np
from anyascii import anyascii
from numpy.typing import NDArray

Person = dict[str, Any]
Scores = NDArray[np.float64]


class Scorer(Protocol):
    """A peer that scores persons, 0 (nothing in common) to 1."""

    def pairs(self, left: Sequence[Person], right: Sequence[Person]) -> Sequence[float]:
        """Score of each pair; both sequences run in step."""
        ...

    def rows(self, queries: Sequence[Person], candidates: Sequence[Person]) -> Iterable[Scores]:
        """For each query the scores of all candidates, in their order."""
        ...


def load(path: str) -> list[Any]:
    """Objects of an NDJSON file."""
    with open(path, encoding="utf-8") as file:  # noqa: PTH123  # a command's argument
        return [json.loads(line) for line in file if line.strip()]


def emit(**values: object) -> None:
    """One NDJSON line on standard output."""
    sys.stdout.write(json.dumps(values) + "\n")


def names(person: Person) -> list[str]:
    """All names of a person as text, as given."""
    return [name if isinstance(name, str) else name["full"] for name in person["names"]]


def latin(person: Person) -> list[str]:
    """All names in lower-case Latin letters, as peers that know only Latin need them."""
    return [romanised(name) for name in names(person)]


def romanised(text: str) -> str:
    """A text in lower-case Latin letters."""
    return " ".join(anyascii(text).lower().split())


def compare(scorer: Scorer, path: str) -> None:
    """The `compare` command: one line per pair."""
    pairs = load(path)
    left, right = [pair["left"] for pair in pairs], [pair["right"] for pair in pairs]
    for one, other, score in zip(left, right, scorer.pairs(left, right), strict=True):
        value = float(score)
        emit(left=one["id"], right=other["id"], weight=value, probability=max(0.0, min(1.0, value)))


def rank(scorer: Scorer, query: str, candidates: str, top: int) -> None:
    """The `rank` command: the best `top` candidates of each query, ties by id."""
    queries, pool = load(query), load(candidates)
    ids = [person["id"] for person in pool]
    by_id = np.argsort(np.array(ids, dtype=object), kind="stable")
    place = np.empty(len(ids), dtype=np.int64)
    place[by_id] = np.arange(len(ids))
    for person, scores in zip(queries, scorer.rows(queries, pool), strict=True):
        for number, at in enumerate(np.lexsort((place, -scores))[:top], 1):
            value = float(scores[at])
            emit(query=person["id"], rank=number, right=ids[at], weight=value, probability=max(0.0, min(1.0, value)))
