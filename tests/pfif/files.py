"""Fictional PFIF files for tests, written by ourselves."""

import io
import zipfile
from collections.abc import Sequence
from xml.sax.saxutils import escape

DOMAIN = "lists.example.org"
SOURCE_DATE = "2026-03-01T10:00:00Z"


def note(number: int = 1, **fields: str) -> str:
    """Return a nested note; `fields` beside or instead of the usual ones, empty ones are left out."""
    known = {
        "note_record_id": f"{DOMAIN}/n{number}",
        "author_name": "Oduya Kimani",
        "source_date": SOURCE_DATE,
        "text": "at the camp's gate",
    } | fields
    return _tags("note", known)


def person(number: int = 1, *notes: str, **fields: str) -> str:
    """Return a person with notes inside; `fields` beside or instead of the usual ones, empty ones are left out."""
    known = {
        "person_record_id": f"{DOMAIN}/p{number}",
        "source_date": SOURCE_DATE,
        "full_name": "Amina Yusuf Warsame",
        "sex": "female",
        "date_of_birth": "1990-05",
        "home_city": "Kismayo",
    } | fields
    return _tags("person", known, notes)


def placeholder(number: int = 1, source_date: str = "2026-04-01T00:00:00Z") -> str:
    """Return what is left of a person whom the home has removed."""
    kept = {"person_record_id": f"{DOMAIN}/p{number}", "source_date": source_date, "expiry_date": source_date}
    return _tags("person", kept | {"entry_date": source_date})


def _tags(kind: str, fields: dict[str, str], inside: Sequence[str] = ()) -> str:
    lines = [f"<pfif:{name}>{escape(value)}</pfif:{name}>" for name, value in fields.items() if value]
    return "\n".join((f"<pfif:{kind}>", *lines, *inside, f"</pfif:{kind}>"))


def pfif(*records: str, version: str = "1.4", head: str = '<?xml version="1.0" encoding="UTF-8"?>') -> bytes:
    """Return a whole file."""
    root = f'<pfif:pfif xmlns:pfif="http://zesty.ca/pfif/{version}">'
    return "\n".join((head, root, *records, "</pfif:pfif>")).encode()


def zipped(content: bytes, name: str = "people.xml", method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """Return a zip with one member."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", method) as package:
        package.writestr(name, content)
    return packed.getvalue()
