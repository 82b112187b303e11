"""Writes docs/reference/states.md from the state tables: `make docs`."""

from collections.abc import Iterable, Sequence
from enum import StrEnum
from pathlib import Path

from tracing.disclosure import states as disclosure
from tracing.exchange import states as exchange
from tracing.exchange.states import Side
from tracing.fate import states as fate
from tracing.messages import states as messages
from tracing.requests import states as sought
from tracing.review import states as review
from tracing.rights import states as rights
from tracing.sightings import states as sightings
from tracing.verification import states as verification

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "states.md"
HEAD = """# States

Each machine is one table in the code, read top to bottom; what is not in it is not possible and answers 409.
The page is written by `make docs` from these tables.
"""
Step = tuple[StrEnum, StrEnum, StrEnum, StrEnum, str]


def _exchange(side: Side, title: str, told: str) -> str:
    rows = [r for r in exchange.TABLE if r.side is side]
    return _part(title, told, [(r.source, r.event, r.target, Who(r.ours), "exchange:write") for r in rows], ())


class Who(StrEnum):
    """Who brings an event about."""

    US = "us"
    PARTNER = "partner"

    @classmethod
    def _missing_(cls, value: object) -> "Who":
        return cls.US if value else cls.PARTNER


def page() -> str:
    """Return the page: a diagram and a table per machine."""
    return HEAD + "".join(
        (
            _part(
                "A sought person",
                "Events come by `POST /v1/sought-persons/{id}/events`, except those whose facts another act holds: "
                "a decided suggestion, a verification, the found person's answer, a fate, a telling.",
                [(r.source, r.event, r.target, r.guard, r.who) for r in sought.TABLE],
                sought.MATCHED,
            ),
            _part(
                "A sighting or self-registration",
                "Events come by `POST /v1/sightings/{id}/triage`; the rules accept what raises no flag.",
                [(r.source, r.event, r.target, r.guard, r.who) for r in sightings.TABLE],
                sightings.MATCHED,
            ),
            _part(
                "A suggestion",
                "Verdicts come by `POST /v1/suggestions/{id}/decisions`, except `refute`: a refuted verification.",
                [(r.source, r.verdict, r.target, r.guard, "suggestions:decide") for r in review.TABLE],
                (),
            ),
            _part(
                "A verification",
                "A confirmed match is not a verified one: both sides are interviewed apart.",
                [(r.source, r.event, r.target, r.guard, "verifications:write") for r in verification.TABLE],
                (),
            ),
            _part(
                "The asking of a found person",
                "Asked per search; silence is never consent.",
                [(r.source, r.event, r.target, r.guard, "disclosures:write") for r in disclosure.TABLE],
                (),
            ),
            _part(
                "A Red Cross Message",
                "Read by another worker before it leaves, and only while the found person's answer allows it.",
                [(r.source, r.event, r.target, r.guard, "messages:write") for r in messages.TABLE],
                (),
            ),
            _part(
                "A report of somebody's fate",
                "Two workers and evidence; a sighting alone is none.",
                [(r.source, r.event, r.target, r.guard, "fates:write") for r in fate.TABLE],
                (),
            ),
            _part(
                "A data subject's request",
                "The person's own rights, with a clock.",
                [(r.source, r.event, r.target, r.guard, "data-subject:act") for r in rights.TABLE],
                (),
            ),
            _exchange(
                Side.SENT,
                "What we sent to a partner society",
                "What the partner does comes as a signed receipt or answer; the courier ends what is over, or what no "
                "consent covers any more.",
            ),
            _exchange(
                Side.RECEIVED,
                "What a partner society sent us",
                "Events come by `POST /v1/exchange/cases/{id}/events`; a partner's revocation hides their record "
                "at once.",
            ),
        )
    )


def _part(title: str, words: str, steps: Sequence[Step], matched: Iterable[StrEnum]) -> str:
    lines = [f"\n## {title}\n", f"\n{words}\n", "\n```mermaid\nstateDiagram-v2\n"]
    lines += [f"    {source} --> {target}: {event}\n" for source, event, target, _, _ in steps]
    lines.append("```\n")
    taking_part = sorted(matched)
    if taking_part:
        lines.append(f"\nTakes part in matching: {', '.join(f'`{state}`' for state in taking_part)}.\n")
    lines.append("\n| From | Event | To | Guard | Permission |\n|---|---|---|---|---|\n")
    lines += [f"| {source} | {event} | {target} | {guard} | `{who}` |\n" for source, event, target, guard, who in steps]
    return "".join(lines)


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
