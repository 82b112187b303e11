"""One plain sentence on a name comparison, for the caseworker to check."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from tracing.matching.names.compare import LEVELS, NameOutcome
from tracing.matching.names.reading import NameReading
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


def sentence(outcome: NameOutcome, left: Sequence[NameReading], right: Sequence[NameReading]) -> str:
    """One sentence: the level in words, then how each aligned part agrees and what stands alone.

    ``outcome`` is what ``compare_names`` gave for the same ``left`` and ``right``.
    """
    one_name, other_name = left[outcome.left], right[outcome.right]
    notes = [_note(one, other, similarity) for one, other, similarity in outcome.pairs if one.folded != other.folded]
    aligned = {id(one) for one, _, _ in outcome.pairs}, {id(other) for _, other, _ in outcome.pairs}
    alone = [name.text for name in one_name.names if id(name) not in aligned[0]]
    other_alone = [name.text for name in other_name.names if id(name) not in aligned[1]]
    if alone and other_alone:
        notes.append(f"{' '.join(alone)} stands against {' '.join(other_alone)}")
    elif alone or other_alone:
        notes.append(f"only one side has {' '.join(alone or other_alone)}")
    opening = _OPENING[LEVELS[outcome.level]]
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
