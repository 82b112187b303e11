"""What a blind pre-check finds and costs on the fictional lists: `python -m bench.pre_check --size 3000 --seed 41`.

Everybody of the left list is asked about, everybody of the right one answered from, through the real protocol. A hit
is right when the same human being stands in the other list. Caps are not asked here.
"""

import argparse
import json
from time import perf_counter
from typing import Any
from uuid import UUID, uuid4

from bench.quality.casebase import two_lists
from tracing.kit import psi
from tracing.matching import Person
from tracing.precheck import jobs
from tracing.precheck.traits import Token, tokens_of

Held = dict[UUID, tuple[Token, ...]]


def held(records: list[dict[str, Any]]) -> tuple[Held, dict[UUID, str]]:
    """Return the tokens of a list by ids made up here, and which record each is."""
    ids = {uuid4(): record for record in records}
    plain = {i: {k: v for k, v in record.items() if not k.startswith("_")} for i, record in ids.items()}
    return {i: tokens_of(Person.from_neutral(p)) for i, p in plain.items()}, {i: r["id"] for i, r in ids.items()}


def measure(size: int, seed: int, *, blind: bool = True) -> dict[str, Any]:
    """Return figures; without `blind` sets are compared in the open, with the same result."""
    lists = two_lists(size, seed)
    started = perf_counter()
    left, names = held(lists.left)
    right, _ = held(lists.right)
    figures: dict[str, Any] = {"size": size, "seed": seed, "seconds_tokens": perf_counter() - started}
    own = {token.text for tokens in right.values() for token in tokens}
    if blind:
        figures |= _blindly(left, own)
        found = figures.pop("found")
    else:
        found = own & {token.text for tokens in left.values() for token in tokens}
    true = {one for one, _ in lists.gold}
    for least in (1, 2, 3):
        counts = {i: len({t.fact for t in tokens if t.text in found}) for i, tokens in left.items()}
        hits = {names[i] for i, count in counts.items() if count >= least}
        figures[f"recall_{least}"] = len(hits & true) / len(true)
        figures[f"precision_{least}"] = len(hits & true) / max(1, len(hits))
    figures["tokens_each"] = sum(map(len, left.values())) / len(left)
    figures["hits"] = len(jobs.counted(left, found))
    return figures


def _blindly(left: Held, own: set[str]) -> dict[str, Any]:
    started = perf_counter()
    blinded = psi.blind(uuid4(), (token.text for tokens in left.values() for token in tokens))
    asked = perf_counter()
    answered = psi.answer(psi.read_request(blinded.request, len(blinded.elements)), own)
    done = perf_counter()
    found = psi.shared(blinded, answered)
    return {
        "found": found,
        "elements": len(blinded.elements),
        "held": answered.size,
        "bytes": len(blinded.request) + len(answered.setup) + len(answered.response),
        "seconds_asker": asked - started + perf_counter() - done,
        "seconds_answerer": done - asked,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--size", type=int, default=3_000)
    parser.add_argument("--seed", type=int, default=41)
    given = parser.parse_args()
    print(json.dumps({k: round(v, 3) for k, v in measure(given.size, given.seed).items()}, indent=1))


if __name__ == "__main__":
    main()
