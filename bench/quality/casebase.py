"""The fictional case base for measuring: two lists with their truth, and a sample of labelled pairs.

    python -m bench.quality.casebase FOLDER [--size 5000] [--seed 41] [--shared 0.333]

Writes `casebase_left.ndjson`, `casebase_right.ndjson` and `casebase_pairs.ndjson`. The truth stands in keys
that begin with `_`: right rows carry `_gold` (left ids of the same human being, mostly one or none), all rows
`_culture` and `_script`. Left ids begin with `s`. A third of either list stands in the other one, written by
another desk; siblings, parents and namesakes are spread over both. People are invented (see `tracing.demo`).

What the peers get on it stands in docs/measurements.md; the desks' shares were set so that Splink 5, logic-v2
and WRatio come near what they reach on case bases of this kind elsewhere: F1 .56; R@1 .70; R@10 .85.
"""

import argparse
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from random import Random
from typing import Any

from bench.quality.desks import LEFT, RIGHT, Desk, Record
from tracing.demo.families import Member, houses

SEED = 41
SIZE = 5_000
SHARED = 1 / 3
PAIRS = 6_000
_OF_FAMILY = 0.45
"""Share of a family's members of whom there is any record."""


@dataclass(frozen=True, slots=True)
class Lists:
    """Two lists of neutral persons and the gold pairs (left id, right id)."""

    left: list[Record]
    right: list[Record]
    gold: list[tuple[str, str]]
    family_of: dict[str, str]


def two_lists(size: int = SIZE, seed: int = SEED, shared: float = SHARED) -> Lists:
    """Two lists of `size` persons; a share of the persons of one stands in the other. The same seed, the same lists."""
    if size < 1 or not 0 <= shared <= 1:
        raise ValueError("size is below 1 or shared outside 0..1")
    rng = Random(seed)
    both = round(size * shared)
    people = list(islice(_members(rng), 2 * size - both))
    rng.shuffle(people)
    others = people[:both] + people[size:]
    rng.shuffle(others)
    ids = {member.person_id: f"s{number:06d}" for number, member in enumerate(people[:size], 1)}
    left = [_record(rng, LEFT, member, ids[member.person_id], False) for member in people[:size]]
    right, gold = [], []
    family_of = {record["id"]: member.person_id.split("-")[0] for record, member in zip(left, people, strict=False)}
    for number, member in enumerate(others, 1):
        ref = f"q{number:06d}"
        partner = ids.get(member.person_id)
        right.append(_record(rng, RIGHT, member, ref, True) | {"_gold": [partner] if partner else []})
        family_of[ref] = member.person_id.split("-")[0]
        if partner:
            gold.append((partner, ref))
    return Lists(left, right, gold, family_of)


def labelled_pairs(lists: Lists, count: int = PAIRS, seed: int = SEED) -> list[dict[str, Any]]:
    """`{left, right, label}`: a third true, a third kin of the true partner or namesakes, a third at random."""
    rng = Random(seed)
    left = {record["id"]: record for record in lists.left}
    right = {record["id"]: record for record in lists.right}
    truth = set(lists.gold)
    true = rng.sample(lists.gold, min(count // 3, len(lists.gold)))
    hard = list(_hard(lists, rng))
    rng.shuffle(hard)
    near = [pair for pair in dict.fromkeys(hard) if pair not in truth][: len(true)]
    far: dict[tuple[str, str], None] = {}
    wanted = min(len(true), len(left) * len(right) // 4)
    while len(far) < wanted:
        pair = rng.choice(lists.left)["id"], rng.choice(lists.right)["id"]
        if pair not in truth:
            far[pair] = None
    chosen = [*((pair, True) for pair in true), *((pair, False) for pair in (*near, *far))]
    rng.shuffle(chosen)
    return [{"left": left[one], "right": right[two] | {"_gold": []}, "label": label} for (one, two), label in chosen]


def _hard(lists: Lists, rng: Random) -> Iterator[tuple[str, str]]:
    """Pairs across the lists within one family; the sample also draws pairs of one culture and sex."""
    families: dict[str, list[str]] = {}
    kinds: dict[tuple[str, str], list[str]] = {}
    for record in lists.right:
        families.setdefault(lists.family_of[record["id"]], []).append(record["id"])
        kinds.setdefault((record["_culture"], record.get("sex", "")), []).append(record["id"])
    for record in lists.left:
        for other in families.get(lists.family_of[record["id"]], ()):
            yield record["id"], other
        alike = kinds.get((record["_culture"], record.get("sex", "")))
        if alike and rng.random() < 0.3:
            yield record["id"], rng.choice(alike)


def _members(rng: Random) -> Iterator[Member]:
    """People of ever new families; of each family so many that brothers, cousins and namesakes stay common."""
    return (member for house in houses(rng) for member in house.members if rng.random() < _OF_FAMILY)


def _record(rng: Random, desks: Sequence[Desk], member: Member, ref: str, seen: bool) -> Record:
    desk, day = rng.choice(desks), member.registered_on(rng)
    return desk.see(rng, member, ref, day, member.met_in(rng) if seen else None)


def write(path: Path, rows: Iterable[dict[str, Any]]) -> None:
    """One JSON object per line."""
    with path.open("w", encoding="utf-8") as file:
        file.writelines(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)


def main() -> None:
    """Parse, make, write."""
    parser = argparse.ArgumentParser(description="the fictional case base for measuring, as files")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--size", type=int, default=SIZE)
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--shared", type=float, default=SHARED)
    asked = parser.parse_args()
    asked.folder.mkdir(parents=True, exist_ok=True)
    lists = two_lists(asked.size, asked.seed, asked.shared)
    write(asked.folder / "casebase_left.ndjson", lists.left)
    write(asked.folder / "casebase_right.ndjson", lists.right)
    write(asked.folder / "casebase_pairs.ndjson", labelled_pairs(lists, seed=asked.seed))
    print(f"{len(lists.left)} and {len(lists.right)} persons, {len(lists.gold)} of them in both")


if __name__ == "__main__":
    main()
