"""PFIF XML as a stream of persons and notes: no tree, no document type, no entity, no other encoding than UTF-8."""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import IO
from xml.parsers import expat

from tracing.pfif.errors import overfull, unreadable
from tracing.pfif.parsers.fields import NAMESPACES, note_field, person_field, whole
from tracing.pfif.schemas import Note, Person

CHUNK = 1 << 16
DEEPEST = 20  # tags in tags; a field of a nested note stands at 4
TEXT_MOST = 1 << 16  # characters between two tags
TAG_MOST = 1 << 16  # bytes of one tag, comment or instruction
ATTRIBUTES_MOST = 50  # of one tag, namespaces included; PFIF has none but the schema's location
RECORD_MOST = 1 << 20  # bytes of one person with the notes inside
ENCODINGS = frozenset({"utf-8", "utf8", "us-ascii", "ascii"})
WIDE = (b"\xff\xfe", b"\xfe\xff", b"\0")


def scan(stream: IO[bytes]) -> Iterator[Person | Note | int]:
    """Yield persons and top-level notes in the order of the file, and the count of what was ignored in each piece.

    Raises:
        UnreadableFile: no PFIF, another encoding, damaged, with a document type, or nested without end.
        OverfullFile: a text, a tag or a record beyond every measure.
    """
    reader = _Reader()
    chunk = stream.read(CHUNK)
    if any(mark in chunk[:4] for mark in WIDE):
        raise unreadable("encoding", "the file is not UTF-8; save it as UTF-8")
    while chunk:
        reader.feed(chunk)
        yield from reader.taken()
        chunk = stream.read(CHUNK)
    reader.close()
    yield from reader.taken()


@dataclass
class _Record:
    """A person or a note whose tag is still open."""

    is_person: bool
    line: int
    begin: int
    fields: dict[str, str] = field(default_factory=dict)
    notes: list[Note] = field(default_factory=list)


@dataclass
class _Reader:
    """Gathers records from tags."""

    ready: deque[Person | Note] = field(default_factory=deque)
    ignored: int = 0
    depth: int = 0
    skipped_at: int = 0  # depth of the unknown tag that is open; 0 for none
    namespaces: int = 0
    size: int = 0
    name: str = ""
    pieces: list[str] = field(default_factory=list)
    person: _Record | None = None
    note: _Record | None = None
    window: bytearray = field(default_factory=bytearray)
    base: int = 0  # where the window begins in the file

    def __post_init__(self) -> None:
        parser = expat.ParserCreate("utf-8", namespace_separator=" ")
        parser.buffer_text = True
        parser.XmlDeclHandler = self._declared
        # A document type is refused before an entity could be declared; the other two are a second bolt.
        for event in ("StartDoctypeDeclHandler", "EntityDeclHandler", "ExternalEntityRefHandler"):
            setattr(parser, event, _refuse_doctype)
        parser.StartNamespaceDeclHandler = self._namespace
        parser.StartElementHandler, parser.EndElementHandler = self._start, self._end
        parser.CharacterDataHandler = self._text
        self.parser = parser

    def feed(self, chunk: bytes) -> None:
        """Read on; what is finished stands ready."""
        self.window += chunk
        self._parse(chunk, last=False)
        read = self.parser.CurrentByteIndex
        if self.base + len(self.window) - read > TAG_MOST + CHUNK:
            raise overfull("tag-too-long", f"a tag, comment or instruction has more than {TAG_MOST} bytes")
        opened = self.person or self.note
        keep = opened.begin if opened is not None else read
        del self.window[: keep - self.base]
        self.base = keep
        if opened is not None and len(self.window) > RECORD_MOST + CHUNK:
            raise overfull("record-too-large", f"a record has more than {RECORD_MOST} bytes")

    def close(self) -> None:
        """Read the end of the file."""
        self._parse(b"", last=True)

    def taken(self) -> Iterator[Person | Note | int]:
        """Yield what stands ready, and the count of what was ignored meanwhile."""
        while self.ready:
            yield self.ready.popleft()
        yield self.ignored
        self.ignored = 0

    def _parse(self, chunk: bytes, *, last: bool) -> None:
        try:
            self.parser.Parse(chunk, last)
        except (expat.ExpatError, ValueError):
            line = self.parser.ErrorLineNumber
            raise unreadable("not-well-formed", f"the XML is damaged at line {line}") from None

    def _declared(self, _version: str, encoding: str | None, _standalone: int) -> None:
        if encoding is not None and encoding.lower() not in ENCODINGS:
            raise unreadable("encoding", "the file declares another encoding than UTF-8")

    def _namespace(self, _prefix: str | None, _uri: str | None) -> None:
        self.namespaces += 1
        if self.namespaces > ATTRIBUTES_MOST:
            raise overfull("attributes", f"a tag has more than {ATTRIBUTES_MOST} attributes")

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self.depth += 1
        self.size = self.namespaces = 0
        if self.depth > DEEPEST:
            raise unreadable("too-deep", f"tags stand in tags more than {DEEPEST} deep")
        if len(attributes) > ATTRIBUTES_MOST:
            raise overfull("attributes", f"a tag has more than {ATTRIBUTES_MOST} attributes")
        if self.skipped_at:
            return
        namespace, _, local = name.rpartition(" ")
        if self.depth == 1 and (namespace not in NAMESPACES or local != "pfif"):
            raise unreadable("not-pfif", "the file is no PFIF of version 1.1 to 1.4")
        if self.depth > 1 and not (namespace in NAMESPACES and self._known(local)):
            self.skipped_at = self.depth
            self.ignored += 1

    def _known(self, local: str) -> bool:
        """Take up a record or a field; return whether PFIF knows such a tag at this place."""
        opens = local in ("person", "note")
        if self.depth == 2:
            if opens:
                self._open(is_person=local == "person")
            return opens
        if self.name:  # a tag inside a field
            return False
        if self.note is not None:
            self.name = note_field(local) or ""
        elif local == "note":
            self._open(is_person=False)
            return True
        else:
            self.name = person_field(local) or ""
        self.pieces = []
        return self.name != ""

    def _open(self, *, is_person: bool) -> None:
        record = _Record(is_person, self.parser.CurrentLineNumber, self.parser.CurrentByteIndex)
        if is_person:
            self.person = record
        else:
            self.note = record

    def _text(self, text: str) -> None:
        self.size += len(text)
        if self.size > TEXT_MOST:
            raise overfull("element-too-long", f"an element has more than {TEXT_MOST} characters")
        if self.name and not self.skipped_at:
            self.pieces.append(text)

    def _end(self, _name: str) -> None:
        self.size = 0
        at, self.depth = self.depth, self.depth - 1
        if self.skipped_at:
            self.skipped_at = 0 if at == self.skipped_at else self.skipped_at
        elif self.name:
            self._keep_field()
        elif self.note is not None:
            self._keep_note(self.note)
        elif self.person is not None:
            person, self.person = self.person, None
            self.ready.append(Person(person.line, whole(person.fields), self._raw(person), tuple(person.notes)))

    def _keep_field(self) -> None:
        record = self.note or self.person
        name, self.name = self.name, ""
        if record is None:
            return
        if name in record.fields:
            self.ignored += 1
        else:
            record.fields[name] = "".join(self.pieces)

    def _keep_note(self, opened: _Record) -> None:
        self.note = None
        fields = {name: text for name, raw in opened.fields.items() if (text := raw.strip())}
        if self.person is None:
            self.ready.append(Note(opened.line, fields, self._raw(opened)))
        else:
            self.person.notes.append(Note(opened.line, fields, self._raw(opened)))

    def _raw(self, record: _Record) -> bytes:
        """Return the bytes of a record whose closing tag has just been read."""
        closing = self.parser.CurrentByteIndex - self.base
        end = self.window.find(b">", closing) + 1
        return bytes(self.window[record.begin - self.base : end])


def _refuse_doctype(*_: object) -> int:
    raise unreadable("document-type", "the file declares a document type or an entity")
