"""How long a night takes, how many pairs it compares, how much memory all its processes hold.

    python bench/night.py --persons 50000 [--database sqlite|postgresql] [--workers 2]

Registers the fictional case base through the service's own functions, runs `tracing night` as a process of
its own and samples the proportional set size (Pss, Linux) of it and all its children twice a second. Truth
is known, so the share of true pairs that became suggestions is printed, too. The machine's noise: the same
night once more on a copy is not possible (a second run changes nothing), so repeat the command.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any
from uuid import UUID

from rich.console import Console
from rich.table import Table

from bench.memory import Peak
from tests.postgres import server
from tracing.cli import casebase
from tracing.demo.casebase import CaseBase, build
from tracing.gate.admit import admitted
from tracing.gate.founding import found
from tracing.gate.opening import Gate, open_gate
from tracing.gate.permissions import Permission
from tracing.gate.purposes import Use
from tracing.gate.schema import upgrade
from tracing.kit.settings import Settings
from tracing.review import store

RECORDS_PER_FAMILY = 1608 / 300
PAGE = 200


def main() -> None:
    """Parse, load, run, print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--persons", type=int, default=5_000, help="about how many persons to store")
    parser.add_argument("--database", choices=("sqlite", "postgresql"), default="sqlite")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--json", action="store_true", help="one JSON object instead of a table")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="tracing-bench-") as folder:
        figures = measure(Path(folder), asked.persons, asked.database, asked.workers)
    if asked.json:
        sys.stdout.write(json.dumps(figures) + "\n")
        return
    table = Table(box=None, show_header=False)
    for name, value in figures.items():
        table.add_row(name, str(value))
    Console().print(table)


def measure(folder: Path, persons: int, database: str, workers: int) -> dict[str, Any]:
    """Return the figures of one night."""
    url = server().fresh() if database == "postgresql" else None
    settings = Settings(data_dir=folder, database_url=url, night_workers=workers)
    upgrade(settings)
    gate = open_gate(settings)
    operator = found(gate, settings.society)
    tokens = casebase.hire(gate, operator)
    base = build(11, round(persons / RECORDS_PER_FAMILY))
    started = time.perf_counter()
    loaded = casebase.load(gate, tokens["caseworker"], base, lambda *_: None)
    loading = time.perf_counter() - started
    gate.close()
    seconds, peak, report = night(settings, operator)
    gate = open_gate(settings)
    recall = share_of_true_pairs(gate, tokens["caseworker"], base, loaded.ids)
    gate.close()
    again, _, second = night(settings, operator)
    run = report["run"]
    return {
        "database": database,
        "workers": workers,
        "persons in force for matching": run["pool"],
        "loading, persons/s": round(run["pool"] / loading),
        "night, s": round(seconds, 1),
        "pairs compared": run["pairs"],
        "pairs/s": round(run["pairs"] / seconds),
        "suggested": run["suggested"],
        "blocks passed over": run["blocks_passed_over"],
        "memory of all processes, peak Pss MiB": round(peak),
        "true pairs suggested": f"{recall:.3f}",
        "second night, s": round(again, 1),
        "second night changed": "nothing" if second["run"] is None else "something",
    }


def night(settings: Settings, token: str) -> tuple[float, float, dict[str, Any]]:
    """Run one night as a process; return seconds, peak Pss of its tree in MiB, and its report."""
    environment = {**os.environ, **settings.environment(), "TRACING_TOKEN": token}
    started = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "-m", "tracing", "night", "--json"],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    peak = Peak(process)
    out, _ = process.communicate()
    seconds = time.perf_counter() - started
    if process.returncode:
        raise SystemExit(f"the night failed with {process.returncode}")
    return seconds, peak.join(), json.loads(out)


def share_of_true_pairs(gate: Gate, token: str, base: CaseBase, ids: dict[str, UUID]) -> float:
    """Return the share of true pairs (a sought person and another record of the same human) that were suggested.

    Only records in force for matching can be found; about one sighting in twenty may not be matched.
    """
    sought = {ids[asked["home_ref"]]: base.truth[asked["home_ref"]] for r in base.requests for asked in r.sought}
    others = {ids[s.home_ref]: base.truth[s.home_ref] for s in base.sightings if "match_within_society" in s.consents}
    humans = Counter(others.values())
    total = sum(humans[human] for human in sought.values())
    found = 0
    after = None
    while True:
        with admitted(gate, token, Permission.SUGGESTIONS_READ, use=Use.MATCH) as access:
            rows = store.page(access, limit=PAGE, after=after)
            access.note_page("suggestions.list", [row.id for row in rows])
            found += sum(row.right_id in others and sought[row.left_id] == others[row.right_id] for row in rows)
        if len(rows) < PAGE:
            return found / total
        after = (rows[-1].probability, rows[-1].id)


if __name__ == "__main__":
    main()
