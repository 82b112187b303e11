"""python -m bench.quality.peers PEER compare PAIRS | rank QUERY LIST --top N
| match-lists LEFT RIGHT [--same] --min-probability P --output FILE; or: versions; febrl FOLDER.
"""

import json
import sys
from importlib import import_module
from importlib.metadata import version
from pathlib import Path

from bench.quality.peers import common

LIST_MATCHERS = {"splink": "splink_lists", "recordlinkage": "linkage"}
PACKAGES = ("splink", "recordlinkage", "nomenklatura", "rapidfuzz", "jellyfish", "scikit-learn", "anyascii", "duckdb")


def main(peer: str, command: str = "", *rest: str) -> None:
    """Run one neutral command with one peer."""
    if peer == "versions":
        print(json.dumps({name: version(name) for name in PACKAGES}))
    elif peer == "febrl":
        import_module("bench.quality.peers.febrl").write(command)
    elif command == "match-lists":
        _match(peer, list(rest))
    else:
        module = import_module(f"bench.quality.peers.{'logic' if peer == 'logic-v2' else 'names'}")
        scorer: common.Scorer = module.scorer(peer)
        if command == "compare":
            common.compare(scorer, rest[0])
        else:
            common.rank(scorer, rest[0], rest[1], int(rest[rest.index("--top") + 1]))


def _match(peer: str, rest: list[str]) -> None:
    lists = import_module("bench.quality.peers.lists")
    tables = [lists.table(rest[0])] if "--same" in rest else [lists.table(rest[0]), lists.table(rest[1])]
    minimum = float(rest[rest.index("--min-probability") + 1])
    found = import_module(f"bench.quality.peers.{LIST_MATCHERS[peer]}").match(tables, minimum)
    with Path(rest[rest.index("--output") + 1]).open("w", encoding="utf-8") as file:
        for left, right, weight, probability in found:
            line = {"left": left, "right": right, "weight": float(weight), "probability": float(probability)}
            file.write(json.dumps(line) + "\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
