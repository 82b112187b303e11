"""The columns of lists, and the header that names them. An unknown column is told by its place alone."""

from collections.abc import Sequence
from dataclasses import dataclass

from tracing.intake.errors import WrongHeader
from tracing.intake.schemas import ListKind
from tracing.kit.errors import Flaw

PERSON = (
    "id",
    "names",
    "sex",
    "birth",
    "birth_calendar",
    "age",
    "age_date",
    "father",
    "mother",
    "relatives",
    "birth_place",
    "last_place",
    "last_place_date",
    "seen_place",
    "seen_date",
    "nationalities",
    "identifiers",
)
"""The neutral person, as the match commands read it."""

GROUNDS = ("lawful_basis", "purposes", "information_notice_version")
OWN = {
    ListKind.REQUESTS: (
        "enquirer_ref",
        "enquirer_name",
        "enquirer_contact",
        "enquirer_contact_safe",
        "enquirer_basis",
        "relationship",
        *GROUNDS,
    ),
    ListKind.SIGHTINGS: ("kind", "basis", "place", "reporter_place", *GROUNDS),
}
KNOWN = {kind: ("home_ref", *PERSON, *own) for kind, own in OWN.items()}
WORDS = frozenset(name for known in KNOWN.values() for name in known)
NEEDED = {
    ListKind.REQUESTS: ("names", "enquirer_name", "relationship", "lawful_basis"),
    ListKind.SIGHTINGS: ("names", "basis", "lawful_basis"),
}
REFERENCES = ("home_ref", "id")
UNUSED = {ListKind.REQUESTS: ("seen_place", "seen_date"), ListKind.SIGHTINGS: ()}
"""Person columns that may stand there but not hold anything."""

TEMPLATE = {
    kind: tuple(c for c in known if c not in ("id", "seen_place") and c not in UNUSED[kind])
    for kind, known in KNOWN.items()
}
LISTS = frozenset({"names", "father", "mother", "nationalities", "purposes", "enquirer_name", "enquirer_contact"})
PAIRS = {"relatives": ("relation", "name"), "identifiers": ("type", "value")}
MOST = 100


@dataclass(frozen=True, slots=True)
class Header:
    """The columns of a file, in its order."""

    names: tuple[str, ...]


def plain(cell: str) -> str:
    """Return a header's cell without what spreadsheets add around it."""
    return cell.strip().strip("\ufeff").strip().lower()


def unknown(name: str, place: int, kind: ListKind) -> Flaw:
    """Return the flaw of a column that `kind` does not have; a word no list knows may be somebody's name."""
    pointer = name if name in WORDS else f"column {place}"
    return Flaw(pointer, "unknown-column", f"lists of {kind} have no such column")


def read_header(cells: Sequence[str], kind: ListKind) -> Header:
    """Return the header that `cells` are.

    Raises:
        WrongHeader: an unknown column, one that stands twice, or a needed one that is absent.
    """
    names = [plain(cell) for cell in cells]
    while names and not names[-1]:
        names.pop()
    flaws: list[Flaw] = []
    for place, name in enumerate(names, 1):
        if name not in KNOWN[kind]:
            flaws.append(unknown(name, place, kind))
        elif name in names[: place - 1]:
            flaws.append(Flaw(name, "duplicate-column", f"column {place} has this name for the second time"))
    flaws += [Flaw(n, "missing-column", "this column is needed") for n in NEEDED[kind] if n not in names]
    if not set(REFERENCES) & set(names):
        flaws.append(Flaw("home_ref", "missing-column", "the sender's own row id is needed, as `home_ref` or `id`"))
    if flaws:
        raise WrongHeader(f"the header is not that of a list of {kind}", flaws)
    return Header(tuple(names))
