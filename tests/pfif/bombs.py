"""Files that must be refused, made by rule: bombs, disguises, damage. Each is made when it is asked for.

`python -m tests.pfif.bombs [weak]` reads all of them in this process, in a fresh one so that its memory can be told,
and prints one JSON object; `weak` reads with a reader that has no limits.
"""

import io
import json
import sys
import time
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from xml.etree import ElementTree

from tests.pfif.files import person, pfif, zipped
from tracing.kit.errors import TracingError
from tracing.pfif.parsers import read, survey
from tracing.pfif.parsers.staged import Staged

MOST_SECONDS = 1.0
MOST_MEMORY = 50 << 20
NS = 'xmlns:p="http://zesty.ca/pfif/1.4"'
LOCAL = "file:" + "//"
HEAD = '<?xml version="1.0"?>'
GOOD = pfif(*(person(n) for n in range(20)))

Bomb = tuple[str, Callable[[], bytes]]


def wrapped(inside: str) -> bytes:
    return f"{HEAD}<p:pfif {NS}><p:person>{inside}</p:person></p:pfif>".encode()


def with_dtd(dtd: str, name: str = "x", root: str = "p:pfif") -> bytes:
    doctype = f"<!DOCTYPE {root} {dtd}>"
    return f"{HEAD}{doctype}<p:pfif {NS}><p:person><p:full_name>{name}</p:full_name></p:person></p:pfif>".encode()


def entities() -> Iterator[Bomb]:
    """Yield document types: nested, long, outside, in parameters, harmless."""
    for depth in (2, 5, 10, 20, 40):
        for fan in (2, 10, 30):
            steps = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * fan}">' for n in range(1, depth))
            dtd = f'[<!ENTITY e0 "ha">{steps}]'
            yield f"laughs {depth}x{fan}", lambda d=dtd, n=depth: with_dtd(d, f"&e{n - 1};")  # type: ignore[misc]  # its default is the loop's value
    for size in (10, 1_000, 100_000):
        for times in (10, 1_000, 50_000):
            dtd = f'[<!ENTITY big "{"a" * size}">]'
            yield f"quadratic {size}x{times}", lambda d=dtd, t=times: with_dtd(d, "&big;" * t)  # type: ignore[misc]  # its default is the loop's value
    for target in (
        f"{LOCAL}/etc/passwd",
        f"{LOCAL}/dev/zero",
        f"{LOCAL}/dev/random",
        "http://127.0.0.1:1/",
        "http://169.254.169.254/latest/meta-data/",
        "ftp://127.0.0.1/x",
        "php://filter/read=convert.base64-encode/resource=x",
        "jar:x.zip!/y",
        "\\\\host\\share",
        "expect://id",
        "gopher://127.0.0.1:1/x",
        "data:text/plain,x",
        "../../../../etc/passwd",
        "netdoc:///etc/passwd",
        "ldap://127.0.0.1/x",
    ):
        yield f"external {target}", lambda t=target: with_dtd(f'[<!ENTITY x SYSTEM "{t}">]', "&x;")  # type: ignore[misc]  # its default is the loop's value
        yield f"subset {target}", lambda t=target: with_dtd(f'SYSTEM "{t}"')  # type: ignore[misc]  # its default is the loop's value
        yield f"parameter {target}", lambda t=target: with_dtd(f'[<!ENTITY % x SYSTEM "{t}"> %x;]')  # type: ignore[misc]  # its default is the loop's value
    for dtd in (
        "",
        "[]",
        'PUBLIC "-//x" "y"',
        "[<!ELEMENT p:pfif ANY>]",
        '[<!ATTLIST p:pfif a CDATA "x">]',
        '[<!NOTATION n SYSTEM "x">]',
        '[<!ENTITY a "&b;"><!ENTITY b "&a;">]',
        "[<!ENTITY % a \"<!ENTITY b 'x'>\"> %a;]",
        '[<!ENTITY % a "&#37;b;"><!ENTITY % b "x"> %a;]',
        '[<!ENTITY amp "x">]',
        '[<!ENTITY n SYSTEM "x" NDATA n>]',
        "[<?x y?>]",
        "[<!-- x -->]",
        '[<!ATTLIST p:person x CDATA "&y;">]',
    ):
        yield f"doctype {dtd or 'bare'}", lambda d=dtd: with_dtd(d)  # type: ignore[misc]  # its default is the loop's value
    for name in ("nbsp", "x", "eacute", "copy", "lol9"):
        yield f"undeclared {name}", lambda n=name: wrapped(f"<p:full_name>&{n};</p:full_name>")  # type: ignore[misc]  # its default is the loop's value


def shapes() -> Iterator[Bomb]:
    """Yield what is too deep, too long, or too many."""
    for depth in (21, 100, 1_000, 20_000, 200_000):
        for tag in ("a", "p:person", "p:note"):
            opened = lambda d=depth, t=tag: wrapped(f"<{t}>" * d + f"</{t}>" * d)  # noqa: E731  # one line that is called in the next
            yield f"deep {tag} {depth}", opened
            yield f"deep open {tag} {depth}", lambda d=depth, t=tag: wrapped(f"<{t}>" * d)  # type: ignore[misc]  # its default is the loop's value
    for size in (70_000, 1 << 20, 8 << 20, 30 << 20):
        for tag in ("p:full_name", "p:unknown", "a"):
            yield f"text {tag} {size}", lambda s=size, t=tag: wrapped(f"<{t}>{'a' * s}</{t}>")  # type: ignore[misc]  # its default is the loop's value
        yield f"space {size}", lambda s=size: wrapped(" " * s)  # type: ignore[misc]  # its default is the loop's value
        yield f"cdata {size}", lambda s=size: wrapped(f"<p:text><![CDATA[{'a' * s}]]></p:text>")  # type: ignore[misc]  # its default is the loop's value
        yield f"unclosed cdata {size}", lambda s=size: wrapped(f"<p:text><![CDATA[{'a' * s}")  # type: ignore[misc]  # its default is the loop's value
    for size in (200_000, 1 << 20, 8 << 20, 30 << 20):
        yield f"attribute {size}", lambda s=size: wrapped(f'<p:text a="{"a" * s}"/>')  # type: ignore[misc]  # its default is the loop's value
        yield f"open attribute {size}", lambda s=size: wrapped(f'<p:text a="{"a" * s}')  # type: ignore[misc]  # its default is the loop's value
        yield f"comment {size}", lambda s=size: wrapped(f"<!--{'a' * s}-->")  # type: ignore[misc]  # its default is the loop's value
        yield f"open comment {size}", lambda s=size: wrapped(f"<!--{'a' * s}")  # type: ignore[misc]  # its default is the loop's value
        yield f"instruction {size}", lambda s=size: wrapped(f"<?x {'a' * s}?>")  # type: ignore[misc]  # its default is the loop's value
        yield f"tag name {size}", lambda s=size: wrapped(f"<{'a' * s}/>")  # type: ignore[misc]  # its default is the loop's value
        yield f"namespace {size}", lambda s=size: wrapped(f'<a xmlns="{"a" * s}"/>')  # type: ignore[misc]  # its default is the loop's value
    for many in (51, 1_000, 50_000, 1_000_000):
        yield f"attributes {many}", lambda n=many: wrapped(_many("a{}='u'", n))  # type: ignore[misc]  # its default is the loop's value
        yield f"namespaces {many}", lambda n=many: wrapped(_many("xmlns:a{}='u'", n))  # type: ignore[misc]  # its default is the loop's value
    for many in (40_000, 400_000):
        field = "<p:text>aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa</p:text>"
        yield f"one record {many}", lambda n=many, f=field: wrapped(f * n)  # type: ignore[misc]  # its default is the loop's value
        yield f"notes inside {many}", lambda n=many: wrapped("<p:note><p:status>x</p:status></p:note>" * n)  # type: ignore[misc]  # its default is the loop's value
        yield f"notes apart {many}", lambda n=many: f"<p:pfif {NS}>{'<p:note/>' * n}</p:pfif>".encode()  # type: ignore[misc]  # its default is the loop's value
    yield "references", lambda: wrapped(f"<p:full_name>{'&#97;' * 70_000}</p:full_name>")
    fat = f"<p:note><p:text>{'a' * 60_000}</p:text></p:note>"
    yield "fat notes apart", lambda: f"<p:pfif {NS}>{fat * 500}</p:pfif>".encode()


def _many(attribute: str, times: int) -> str:
    return f"<a {' '.join(map(attribute.format, range(times)))}/>"


def disguises() -> Iterator[Bomb]:
    """Yield other encodings, and files that say they are something else."""
    text = pfif(person()).decode()
    for encoding in ("utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le", "utf-32-be"):
        yield f"bytes {encoding}", lambda e=encoding: text.encode(e)  # type: ignore[misc]  # its default is the loop's value
        said = text.replace("UTF-8", encoding.upper())
        yield f"said and done {encoding}", lambda e=encoding, s=said: s.encode(e)  # type: ignore[misc]  # its default is the loop's value
    for encoding in (
        "utf-7",
        "UTF-16",
        "utf-32",
        "iso-8859-1",
        "windows-1252",
        "shift_jis",
        "ebcdic-cp-us",
        "cp037",
        "big5",
        "x-unknown",
        "utf-8x",
        "UTF-8 ",
        "ISO-2022-JP",
        "hz",
    ):
        yield f"declared {encoding}", lambda e=encoding: text.replace("UTF-8", e).encode()  # type: ignore[misc]  # its default is the loop's value
    yield "utf-7 doctype", lambda: b'<?xml version="1.0" encoding="UTF-7"?>+ADwAIQ-DOCTYPE x+AD4-'
    yield "ebcdic", lambda: text.encode("cp037")
    yield "latin-1 bytes", lambda: text.replace("Amina", "Am\xedna").encode("latin-1")
    yield "overlong slash", lambda: GOOD.replace(b"Kismayo", b"\xc0\xaf")
    yield "surrogates", lambda: GOOD.replace(b"Kismayo", b"\xed\xa0\x80\xed\xb0\x80")
    yield "beyond unicode", lambda: GOOD.replace(b"Kismayo", b"\xf7\xbf\xbf\xbf")
    for byte in (b"\x00", b"\x01", b"\x0b", b"\x1b", b"\xff", b"\xfe", b"\x80"):
        yield f"byte {byte.hex()} in text", lambda b=byte: GOOD.replace(b"Kismayo", b"Kis" + b + b"mayo", 1)  # type: ignore[misc]  # its default is the loop's value
        yield f"byte {byte.hex()} in front", lambda b=byte: b + GOOD  # type: ignore[misc]  # its default is the loop's value
        yield f"byte {byte.hex()} behind", lambda b=byte: GOOD + b  # type: ignore[misc]  # its default is the loop's value
    for reference in ("&#0;", "&#x0;", "&#x1F;", "&#xD800;", "&#xFFFE;", "&#x110000;", "&#99999999999;", "&#;", "&"):
        yield f"reference {reference}", lambda r=reference: wrapped(f"<p:full_name>{r}</p:full_name>")  # type: ignore[misc]  # its default is the loop's value
    for root in (
        "<html/>",
        "<pfif/>",
        "<a:pfif xmlns:a='http://zesty.ca/pfif/1.5'/>",
        "<feed xmlns='http://www.w3.org/2005/Atom'/>",
    ):
        yield f"root {root}", lambda r=root: r.encode()  # type: ignore[misc]  # its default is the loop's value
    for root in ("http://zesty.ca/pfif/1.4 ", "HTTP://zesty.ca/pfif/1.4", "http://zesty.ca/pfif/1.4#", "", "x pfif"):
        yield f"namespace {root!r}", lambda r=root: GOOD.replace(b"http://zesty.ca/pfif/1.4", r.encode())  # type: ignore[misc]  # its default is the loop's value
    yield "prefix of nobody", lambda: GOOD.replace(b"pfif:sex", b"other:sex")
    yield "attribute twice by namespaces", lambda: wrapped('<a xmlns:b="u" xmlns:c="u" b:x="1" c:x="2"/>')
    yield "xmlns taken", lambda: wrapped('<a xmlns:xmlns="u"/>')
    yield "xml taken", lambda: wrapped('<a xmlns:xml="u"/>')
    yield "two roots", lambda: GOOD + pfif(person(), head="")
    yield "declaration late", lambda: b" " + GOOD
    yield "inclusion of a stylesheet that has no end", lambda: b"<?xml-stylesheet " + b"a" * 300_000


def damage() -> Iterator[Bomb]:
    """Yield good files that were cut off or mixed up."""
    for share in range(1, 20):
        yield f"cut at {share}/20", lambda s=share: GOOD[: len(GOOD) * s // 20]  # type: ignore[misc]  # its default is the loop's value
    yield "empty", lambda: b""
    yield "blank", lambda: b" \n\t "
    yield "wrong closing", lambda: GOOD.replace(b"</pfif:sex>", b"</pfif:age>", 1)
    yield "not closed", lambda: GOOD.replace(b"</pfif:sex>", b"", 1)
    yield "quote missing", lambda: GOOD.replace(b'1.4"', b"1.4", 1)
    yield "less than", lambda: GOOD.replace(b"Kismayo", b"a < b", 1)


def lists() -> Iterator[Bomb]:
    """Yield CSV that is none."""
    head = b"person_record_id,source_date,full_name\n"
    row = b"lists.example.org/p1,2026-03-01T10:00:00Z,Amina\n"
    yield "no header", lambda: b"a,b,c\n" * 100
    yield "no header, long", lambda: b"a" * (8 << 20)
    yield "long line", lambda: head + b"a" * (8 << 20)
    yield "long cell", lambda: head + b'"' + b"a\n" * (4 << 20)
    yield "many columns", lambda: b"a," * 100_000 + b"person_record_id\n"
    yield "open quote", lambda: head + b'"' + row * 200_000
    yield "nul", lambda: head + b"\0" + row
    yield "latin-1", lambda: head + row.replace(b"Amina", b"Am\xedna")
    yield "utf-16", lambda: (head + row).decode().encode("utf-16")
    for offset in (b"nan", b"inf", b"1e9", b"-15", b"Nairobi"):
        yield f"time zone {offset.decode()}", lambda o=offset: b"time_zone_offset\n" + o + b"\n" + head + row  # type: ignore[misc]  # its default is the loop's value


def packages() -> Iterator[Bomb]:
    """Yield zips: bombs, nested, overlapping, many, lying, encrypted, with paths."""
    for size in (20 << 20, 60 << 20, 200 << 20):
        yield f"zeros {size >> 20} MiB", lambda s=size: _packed_zeros(s)  # type: ignore[misc]  # its default is the loop's value
    yield "spaces in xml", lambda: zipped(pfif(" " * (40 << 20)))
    inner = zipped(GOOD)
    yield "zip in zip", lambda: zipped(inner, "inner.zip")
    yield "zip as xml in zip", lambda: zipped(inner, "inner.xml")
    yield "zip as csv in zip", lambda: zipped(inner, "inner.csv")
    for many in (2, 3, 1_000, 30_000):
        yield f"members {many}", lambda n=many: _members([(f"m{i}.xml", b"") for i in range(n)])  # type: ignore[misc]  # its default is the loop's value
    yield "the same twice", lambda: _renamed(_members([("a.xml", GOOD), ("b.xml", GOOD)]), b"b.xml", b"a.xml")
    for name in (
        "../people.xml",
        "/etc/people.xml",
        "..\\people.xml",
        "C:people.xml",
        "a/b.xml",
        "a..xml",
        "people.xml/",
    ):
        yield f"path {name}", lambda n=name: zipped(GOOD, n)  # type: ignore[misc]  # its default is the loop's value
    yield "nul in name", lambda: _renamed(zipped(GOOD, "people_.xml"), b"people_.xml", b"people\0.xml")
    for name in ("people.txt", "people", "people.xml.exe", "people.xlsx", ".xmlx"):
        yield f"member {name}", lambda n=name: zipped(GOOD, n)  # type: ignore[misc]  # its default is the loop's value
    yield "wrong sum", lambda: _patched(zipped(GOOD), 16, b"\0\0\0\0")
    yield "encrypted", lambda: _patched(zipped(GOOD), 8, b"\1\0")
    yield "unknown packing", lambda: _patched(zipped(GOOD), 10, b"\x63\0")
    yield "says it is smaller", lambda: _patched(zipped(GOOD), 24, b"\x40\0\0\0")
    yield "says it is huge", lambda: _patched(zipped(GOOD), 24, b"\xff\xff\xff\xfe")
    yield "says it packs more", lambda: _patched(zipped(GOOD), 20, b"\xff\xff\xff\x7f")
    yield "member elsewhere", lambda: _patched(zipped(GOOD), 42, b"\xff\xff\0\0")
    yield "bzip2", lambda: zipped(GOOD, method=zipfile.ZIP_BZIP2)
    yield "lzma", lambda: zipped(GOOD, method=zipfile.ZIP_LZMA)
    yield "comment behind", lambda: zipped(GOOD)[:-2] + b"\4\0abcd"
    yield "rubbish behind", lambda: zipped(GOOD) + b"x"
    yield "rubbish in front", lambda: b"PK" + zipped(GOOD)
    yield "no directory", lambda: zipped(GOOD)[:-22]
    yield "only a directory", lambda: zipped(GOOD)[-22:]
    yield "nothing in it", lambda: _members([])
    yield "just the letters", lambda: b"PK"
    for share in range(1, 10):
        yield f"zip cut at {share}/10", lambda s=share: zipped(GOOD)[: len(zipped(GOOD)) * s // 10]  # type: ignore[misc]  # its default is the loop's value
    yield "laughs in zip", lambda: zipped(with_dtd('[<!ENTITY a "ha">]', "&a;"))
    yield "deep in zip", lambda: zipped(wrapped("<a>" * 200_000))
    yield "utf-16 in zip", lambda: zipped(pfif(person()).decode().encode("utf-16"))
    yield "damaged stream", lambda: _patched_body(zipped(GOOD))


def _packed_zeros(size: int) -> bytes:
    """Return a zip of zeros, packed without ever holding them."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as package, package.open("people.xml", "w") as member:
        for _ in range(size >> 20):
            member.write(bytes(1 << 20))
    return packed.getvalue()


def _members(members: list[tuple[str, bytes]]) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as package:
        for name, content in members:
            package.writestr(name, content)
    return packed.getvalue()


def _renamed(package: bytes, old: bytes, new: bytes) -> bytes:
    return package.replace(old, new)


def _patched(package: bytes, at: int, value: bytes) -> bytes:
    """Return a zip with `value` written `at` a place of its directory's only entry."""
    start = package.rindex(b"PK\1\2") + at
    return package[:start] + value + package[start + len(value) :]


def _patched_body(package: bytes) -> bytes:
    body = zlib.compress(b"x")
    return package[:60] + body + package[60 + len(body) :]


def corpus() -> list[Bomb]:
    """Return every bomb under its name."""
    made = [*entities(), *shapes(), *disguises(), *damage(), *lists(), *packages()]
    assert len({name for name, _ in made}) == len(made)
    return made


def strong(content: bytes) -> str:
    """Return the code under which the service's reader refuses a file, "" when it does not."""
    try:
        staged = Staged(content)
        for _ in read(staged, survey(staged)):
            pass
    except TracingError as error:
        return error.flaws[0].code
    return ""


def weak(content: bytes) -> str:
    """Return the same of a reader without limits, as one would write it in three lines."""
    try:
        if content.startswith(b"PK"):
            with zipfile.ZipFile(io.BytesIO(content)) as package:
                content = package.read(package.namelist()[0])
        ElementTree.fromstring(content)  # noqa: S314  # the planted fault
    except Exception as error:  # noqa: BLE001  # whatever it is, the weak reader refused
        return type(error).__name__
    return ""


def measure(reader: Callable[[bytes], str]) -> dict[str, object]:
    """Read everything and return what was let through, what took too long, and by how much memory grew at most.

    A bomb's own bytes are no growth of the reader's: they are there before it begins.
    """
    reader(GOOD)
    passed, slow, grown, by = [], [], 0, ""
    for name, make in corpus():
        content = make()
        before = _begin()
        started = time.process_time()
        code = reader(content)
        took = time.process_time() - started
        growth = _peak() - before
        if growth > grown:
            grown, by = growth, name
        if not code:
            passed.append(name)
        if took > MOST_SECONDS:
            slow.append(name)
    return {"bombs": len(corpus()), "passed": passed, "slow": slow, "grown": grown, "by": by}


def _begin() -> int:
    """Forget the peak of this process's memory so far, where the system can, and return it in bytes."""
    with suppress(OSError):
        Path("/proc/self/clear_refs").write_text("5", encoding="ascii")
    return _peak()


def _peak() -> int:
    """Return the peak of this process's memory since `_begin`, in bytes."""
    # Not `getrusage`: a child begins with its parent's peak there, and below that no growth is seen.
    peak = next(line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM:"))
    return int(peak.split()[1]) * 1024


if __name__ == "__main__":
    print(json.dumps(measure(weak if "weak" in sys.argv else strong)))  # noqa: T201  # what the parent reads
