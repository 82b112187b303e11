"""PFIF 1.4 as text, fields in the order of the format."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from xml.sax.saxutils import escape

from tracing.pfif.parsers.fields import LATEST, NOTE, PERSON


@dataclass(frozen=True, slots=True)
class Published:
    """One person to write, with the notes about them; empty fields are left out."""

    person: Mapping[str, str]
    notes: Sequence[Mapping[str, str]] = ()


def written(people: Iterable[Published]) -> bytes:
    """Return a whole file."""
    lines = ['<?xml version="1.0" encoding="UTF-8"?>', f'<pfif:pfif xmlns:pfif="{LATEST}">']
    for one in people:
        lines += ["  <pfif:person>", *_fields(one.person, PERSON, "    ")]
        for note in one.notes:
            lines += ["    <pfif:note>", *_fields(note, NOTE, "      "), "    </pfif:note>"]
        lines.append("  </pfif:person>")
    lines += ["</pfif:pfif>", ""]
    return "\n".join(lines).encode()


def stamp(at: datetime) -> str:
    """Return a moment as PFIF writes it."""
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def _fields(fields: Mapping[str, str], order: Sequence[str], indent: str) -> list[str]:
    return [f"{indent}<pfif:{name}>{escape(fields[name])}</pfif:{name}>" for name in order if fields.get(name)]
