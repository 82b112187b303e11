"""One digest of what the engine says: two versions of the code agree exactly when their digests do.

    python -m bench.digest [--persons 4000] [--pairs 50000] [--seed 41]

Three lines: readings and keys of all persons of two fictional lists; places, levels and bits of the pairs that the
keys bring together, by `score_pairs` and by `score_above` at probability .1; levels and bits of the hard names of the
tests. The seed of hashes does not matter.
"""

import argparse
import csv
import hashlib
from collections.abc import Iterable
from itertools import islice
from pathlib import Path

import numpy as np

from bench.quality.casebase import SEED, two_lists
from bench.quality.tasks import bare
from tracing.matching import Engine, Person
from tracing.matching.batch import BLOCK_CAP, Job
from tracing.matching.evidence import Scores
from tracing.matching.person import Name
from tracing.matching.reading import Reading
from tracing.matching.roster import Roster
from tracing.matching.training.pairs import SLICE, candidate_pairs

NEIGHBOURS = 100
"""Each of the hard names is compared with so many that follow."""
HARD_PAIRS = Path(__file__).parents[1] / "tests" / "matching" / "names" / "hard_pairs.csv"


def main() -> None:
    """Parse, compare, print."""
    parser = argparse.ArgumentParser(description="a digest of readings, keys, levels and bits")
    parser.add_argument("--persons", type=int, default=4_000, help="persons on either side")
    parser.add_argument("--pairs", type=int, default=50_000, help="pairs to compare at most")
    parser.add_argument("--seed", type=int, default=SEED)
    asked = parser.parse_args()
    lists = two_lists(asked.persons, asked.seed)
    left, right = ([Person.from_neutral(bare(row), []) for row in rows] for rows in (lists.left, lists.right))
    print("readings", readings([*left, *right]))
    print("pairs   ", pairs(left, right, asked.pairs))
    print("names   ", hard_names())


def readings(persons: Iterable[Person]) -> str:
    """Of what is read of each person, and the keys."""
    engine, digest = Engine(), hashlib.sha256()
    for person in persons:
        reading = engine.read(person)
        digest.update(repr((_plain(reading), engine.keys(reading))).encode())
    return digest.hexdigest()[:16]


def _plain(reading: Reading) -> list[object]:
    """A reading without numbers of the process, sets in order."""
    names = [*reading.names, *reading.father, *reading.mother, *(name for _, name in reading.kin)]
    tokens = [token for name in names for token in name.tokens]
    return [
        [(name.full, name.system, name.sex, name.joins, name.initials, len(name.names)) for name in names],
        [
            (one.text, one.kind, one.folded, one.latin, one.skeletons, sorted(one.sounds), one.groups, one.sex)
            for one in tokens
        ],
        [given.text for given in reading.untold_fathers],
        [(place.text, place.tokens, sorted(place.countries)) for place in reading.places],
        (reading.sex, reading.birth, sorted(reading.nationalities), reading.identifiers),
    ]


def pairs(left: list[Person], right: list[Person], most: int) -> str:
    """Of all evidence about pairs that share a key."""
    job, digest = Job.of(left, right, BLOCK_CAP), hashlib.sha256()
    ones, others = (side[:most] for side in candidate_pairs(job, most)[:2])
    for at in range(0, len(ones), SLICE):
        _add(digest, job.score(ones[at : at + SLICE], others[at : at + SLICE]))
    for shard in islice(job.shards(), 4):
        here, there, _ = job.candidates(shard)
        kept, scores = job.engine.score_above(job.roster, here, there, job.engine.least_weight(0.1, job.prior()))
        digest.update(np.stack((here[kept], there[kept])).tobytes())
        _add(digest, scores)
    return digest.hexdigest()[:16]


def hard_names() -> str:
    """Of names alone, in many scripts."""
    engine, digest = Engine(), hashlib.sha256()
    with HARD_PAIRS.open(encoding="utf-8") as file:
        names = [row[side] for row in csv.DictReader(file) for side in ("name_a", "name_b")]
    roster = Roster(engine.read(Person(name, (Name(name),))) for name in names)
    ones, others = np.triu_indices(len(names), 1)
    near = others - ones < NEIGHBOURS
    ones, others = ones[near], others[near]
    _add(digest, engine.score_pairs(roster, ones, others))
    return digest.hexdigest()[:16]


def _add(digest: "hashlib._Hash", scores: Scores) -> None:
    for array in (scores.weight, scores.levels, scores.bits):
        digest.update(np.ascontiguousarray(array).tobytes())


if __name__ == "__main__":
    main()
