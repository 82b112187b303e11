"""The exchange measured: messages per second online and by bundle, and what a flood costs everybody else.

    PYTHONPATH=src:. python bench/exchange.py [--database sqlite|postgresql] [--messages 100] [--bundle 1000]

Two societies over a case base each; without --database both databases are measured, one after the other. The sender's
courier runs in this process, the receiver's service is a real one on loopback. Online and in the small bundle every
message is a search that is cut from the records, signed, verified and registered; in the large bundle a question, ten
of them about a case. Seconds mean something on a quiet machine only; the ratios of the flood also on one that is a
little busy.
"""

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import UUID

from rich.console import Console
from rich.table import Table

from bench import flood
from tests.exchange.pair import Pair
from tests.exchange.servers import Town, towns
from tests.exchange.test_way import BASIS
from tests.support import request_draft, sought_draft
from tracing.bundles.envelope import PURPOSE, Bundle
from tracing.bundles.inbox import take_in
from tracing.bundles.outbox import pack
from tracing.exchange import approving, outbox, service
from tracing.exchange import store as exchange_store
from tracing.exchange.delivering import Turn
from tracing.exchange.schemas import SealedWords, SendDraft
from tracing.exchange.states import Kind
from tracing.gate.access import Access
from tracing.gate.admit import admitted, admitted_by_bundle
from tracing.gate.partnering import partners
from tracing.gate.partnering.proofs import SignedBundle
from tracing.gate.permissions import Permission
from tracing.requests import opening, store
from tracing.requests.schemas import RequestDraft

DATABASES = ("sqlite", "postgresql")
AT_ONCE = 50
A_CASE = 10


def ask(town: Town, count: int) -> None:
    """Let so many searches wait for the partner, through the service's own functions."""
    token = town.desk.people.token("caseworker", town.code)
    for start in range(0, count, AT_ONCE):
        drafts = [
            RequestDraft.model_validate(request_draft(sought=[sought_draft(f"Amina Warsame {n}", basis=BASIS)]))
            for n in range(start, min(count, start + AT_ONCE))
        ]
        with admitted(town.gate, token, Permission.EXCHANGE_WRITE) as access:
            ids = opening.open_requests(access, [(draft, None) for draft in drafts])
            access.note_page("bench.open", ids)
            for row in store.sought_of(access, ids):
                service.send(access, row.id, SendDraft(partner="UG"))


def ask_questions(town: Town, count: int) -> None:
    """Let so many questions wait for the partner, ten about each of the first cases."""
    asker, reader = (town.desk.people.token(label, town.code) for label in ("caseworker", "caseworker-2"))
    with admitted(town.gate, asker, Permission.EXCHANGE_WRITE) as access:
        cases = [case.id for case in exchange_store.page(access, limit=-(-count // A_CASE), after=None)]
        access.note_page("bench.cases", cases)
    for number, case_id in enumerate(cases):
        ours = range(number * A_CASE, min(count, (number + 1) * A_CASE))
        with admitted(town.gate, asker, Permission.EXCHANGE_WRITE) as access:
            rows = [_question(access, case_id, n) for n in ours]
            access.note("bench.ask", case_id)
        with admitted(town.gate, reader, Permission.EXCHANGE_WRITE) as access:
            case = service.find_case(access, case_id)
            for row_id in rows:
                service.settle_words(access, case, row_id, approve=True)


def _question(access: Access, case_id: UUID, number: int) -> UUID:
    case = service.find_case(access, case_id)
    words = SealedWords(text=f"Question {number}: which school did she go to?")
    row = outbox.queue(access, partners.find(access, "UG"), Kind.ASK_QUESTION, case=case, words=words)
    approving.propose_words(access, case, row, outbox.text_of(access, row))
    return row.id


def turn_of(town: Town) -> Turn:
    return Pair(town.desk, None).turn(town.code)  # type: ignore[arg-type]  # only its turn is used


def entry_of(town: Town):  # type: ignore[no-untyped-def]  # as `take_in` asks for it
    @contextmanager
    def enter(society: str, bundle: Bundle) -> Iterator[Access]:
        shown = SignedBundle(bundle.manifest.key, PURPOSE, bundle.signed, bundle.signature)
        with admitted_by_bundle(town.gate, society, shown, Permission.EXCHANGE_RECEIVE) as access:
            yield access

    return enter


def carried(ke: Town, ug: Town, count: int, what: str) -> dict[str, str]:
    """Send what waits by bundle and let its acknowledgement come back; return, as words, what it took."""
    began = time.perf_counter()
    bundles = list(pack(turn_of(ke), "UG"))
    packed = time.perf_counter()
    taken = [take_in(turn_of(ug), entry_of(ug), bundle.content) for bundle in bundles]
    done = time.perf_counter()
    for bundle in pack(turn_of(ug), "KE"):
        take_in(turn_of(ke), entry_of(ke), bundle.content)
    if sum(one.taken for one in taken) != count:
        raise SystemExit(f"not everything was taken: {taken}")
    size = sum(len(bundle.content) for bundle in bundles)
    per_s = f"export {count / (packed - began):.1f}/s, import {count / (done - packed):.1f}/s"
    return {f"bundle of {count} {what}": f"{per_s}, {size / 1000:.0f} kB ({size / count:.0f} bytes each)"}


def online(ke: Town, count: int) -> dict[str, str]:
    """Deliver so many messages to the service of UG; return, as words, how many a second."""
    ask(ke, count)
    began, delivered = time.perf_counter(), 0
    while part := ke.courier().delivered:
        delivered += part
    took = time.perf_counter() - began
    if delivered != count:
        raise SystemExit(f"{delivered} of {count} were delivered")
    return {f"online, {count} searches": f"{delivered / took:.1f}/s, {took / delivered * 1000:.0f} ms each"}


def measure(database: str, given: argparse.Namespace) -> dict[str, str]:
    with tempfile.TemporaryDirectory() as folder, towns(Path(folder), {"KE": database, "UG": database}) as found:
        ke, ug = found["KE"], found["UG"]
        ask(ke, given.messages)
        told = carried(ke, ug, given.messages, "searches")
        ug.start()
        told |= online(ke, given.messages)
        told |= flood.measured(ke, ug, given.turns, given.seconds)
        ug.stop()
        ask_questions(ke, given.bundle)
        return told | carried(ke, ug, given.bundle, "questions")


def main() -> None:
    reader = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    reader.add_argument("--messages", type=int, default=100, help="searches online, and in the small bundle")
    reader.add_argument("--bundle", type=int, default=1000, help="questions in the large bundle")
    reader.add_argument("--turns", type=int, default=3, help="windows with the flood, and as many without")
    reader.add_argument("--seconds", type=float, default=3, help="of one window")
    reader.add_argument("--database", choices=DATABASES)
    given = reader.parse_args()
    load, cores = os.getloadavg()[0], os.cpu_count() or 1
    found = {name: measure(name, given) for name in ([given.database] if given.database else DATABASES)}
    table = Table("", *found, title="Exchange between two societies")
    for row in next(iter(found.values())):
        table.add_row(row, *(told[row] for told in found.values()))
    Console(width=None if sys.stdout.isatty() else 160).print(table)
    quiet = "quiet enough" if load < cores / 2 else "NOT QUIET: seconds and messages/s mean little, repeat it"
    print(f"load before: {load:.1f} on {cores} cores, {quiet}")


if __name__ == "__main__":
    main()
