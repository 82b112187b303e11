"""One plain sentence on a name comparison, for the caseworker to check."""

from __future__ import annotations

from typing import Final

from tracing.matching.names.compare import LEVELS, alignment
from tracing.matching.names.namebook import NameBook
from tracing.matching.names.tokens import Token

_OPENING: Final = {
    "exact": "The names are the same",
    "equivalent": "The names are the same in another spelling",
    "similar": "The names are much alike",
    "likely": "The names agree in most parts",
    "partial": "The names agree in part",
    "doubtful": "The names agree in part, but parts differ",
    "conflicting": "The names share a part, but other parts conflict",
    "different": "The names differ",
}


def sentence(book: NameBook, left: int, right: int, level: int) -> str:
    """One sentence: the level in words, then how each aligned part agrees and what stands alone.

    Args:
        book: holds both names.
        left, right: their rows.
        level: index in ``LEVELS`` that ``compare_names`` gave for them.
    """
    one_name, other_name = book.names[left], book.names[right]
    found = alignment(book, left, right)
    places = [(i, int(j)) for i, j in enumerate(found.partner[0]) if j >= 0]
    aligned = [(one_name.names[i], other_name.names[j], int(found.similarity[0, i])) for i, j in places]
    notes = [_note(one, other, similarity) for one, other, similarity in aligned if one.folded != other.folded]
    alone = [name.text for i, name in enumerate(one_name.names) if found.free[0, i]]
    other_alone = [name.text for j, name in enumerate(other_name.names) if found.other_free[0, j]]
    if alone and other_alone:
        notes.append(f"{' '.join(alone)} stands against {' '.join(other_alone)}")
    elif alone or other_alone:
        notes.append(f"only one side has {' '.join(alone or other_alone)}")
    opening = _OPENING[LEVELS[level]]
    return f"{opening}: {'; '.join(notes)}." if notes else f"{opening}."


def _note(one: Token, other: Token, similarity: int) -> str:
    both = f"{one.text} and {other.text}"
    if one.kind == "initial" or other.kind == "initial":
        return f"{both} share the initial"
    if set(one.classes) & set(other.classes):
        return f"{both} are known forms of one name"
    if one.script != other.script:
        return f"{both} are alike across scripts"
    return f"{both} sound alike" if similarity >= 800 else f"{both} are written somewhat alike"
