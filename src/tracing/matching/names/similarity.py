"""How alike two tokens are, in thousandths: the rules of engine.md section 3, one function per rule."""

from __future__ import annotations

from typing import Final, TypeVar

import numpy as np
from rapidfuzz.distance import Indel, JaroWinkler

from tracing.matching.arrays import Doubles
from tracing.matching.names.compounds import FIXED, SERVANT
from tracing.matching.names.shape import Shape, is_feminine_ending, shape
from tracing.matching.names.syllables import is_syllabic, one_syllable
from tracing.matching.names.tokens import Token

SAME: Final = 1000
KNOWN_VARIANT: Final = 960
AKIN: Final = 890
"""A short form or a cognate: Sasha and Aleksandr, Gebre and Gebru."""
GENDERED: Final = 950
SOUNDS_ALIKE: Final = 900
INITIAL: Final = 860
DIFFERENT_CLASS: Final = 100
STRANGERS: Final = 400
"""Times the square of the share of letters in common: what spelling says of names without a common sound."""
UNLIKE: Final = 0.6
"""Jaro-Winkler similarity below which names without a common sound are strangers."""
DIFFERENT_SEX: Final = 130
DIFFERENT_ENDING: Final = 420
DIFFERENT_SYLLABLE: Final = 400
OTHER_SYSTEM: Final = 880
LEFT_OUT: Final = 820
SHARE_OF_RULES: Final = 0.35
HEARD_WELL: Final = 500
HEARD_BEST: Final = 0.985
"""Two scripts are never quite the same word: the best that is heard stays below one spelling."""

Ratio = TypeVar("Ratio", float, Doubles)

_UNVOWELED: Final = frozenset({"Arab", "Hebr"})


def token_similarity(left: Token, right: Token, syllables: bool = False) -> int:
    """Similarity of two different tokens, 0 … 1000; symmetric."""
    if left.folded == right.folded and left.script == right.script:
        return SAME
    if not left.latin or not right.latin:
        return _native(left, right) if left.script == right.script else 0
    if left.kind == "initial" or right.kind == "initial":
        return _initial(left, right)
    if left.kind != right.kind and "patronymic" in (left.kind, right.kind):
        return 0
    if syllables and is_syllabic(left.latin[0], 1) and is_syllabic(right.latin[0], 1):
        return _syllable(left, right)
    if left.classes and right.classes and bool(left.parts) == bool(right.parts):
        shared = set(left.classes) & set(right.classes)
        return _one_class(left, right) if shared else int(other_class(_ratio(left, right)))
    if (left.parts or right.parts) and not (left.parts and right.parts) and _servant_left_out(left, right):
        return LEFT_OUT
    if left.parts and right.parts:
        return _compound(left, right)
    if left.sounds.isdisjoint(right.sounds) and JaroWinkler.similarity(left.latin[0], right.latin[0]) < UNLIKE:
        return int(strangers(_ratio(left, right)))
    return _capped(left, right, _spelled(left, right))


def across_scripts(by_rule: Doubles, heard: Doubles) -> Doubles:
    """Similarities of tokens in two scripts: what the trained model heard, a little more where the rules agree.

    The model is unsure of short names, which the hand tables know: a likeness by rule counts up to ``LEFT_OUT``. It
    never lifts a name above one that was heard well.
    """
    both = np.minimum(by_rule, LEFT_OUT) * SHARE_OF_RULES + heard * (1 - SHARE_OF_RULES)
    return np.maximum(heard * HEARD_BEST, np.minimum(both, HEARD_WELL))


def strangers(ratio: Ratio) -> Ratio:
    """Different names; a slip of the pen or of the ear is the likelier, the more letters they share.

    `ratio` is the Indel similarity of the main readings, 0 … 1; what comes out are whole thousandths.
    """
    return STRANGERS * ratio * ratio // 1


def other_class(ratio: Ratio) -> Ratio:
    """Known different names: a conflict, a milder one where a slip of the pen turns one into the other."""
    return DIFFERENT_CLASS + 200 * ratio * ratio // 1


def _ratio(left: Token, right: Token) -> float:
    return Indel.normalized_similarity(left.latin[0], right.latin[0])


def _one_class(left: Token, right: Token) -> int:
    """Short forms share a class, not a group of it; the classes of a patronymic are its father's name."""
    akin = bool(left.groups and right.groups) and set(left.groups).isdisjoint(right.groups)
    return AKIN if akin and left.kind != "patronymic" else KNOWN_VARIANT


def _initial(left: Token, right: Token) -> int:
    firsts = {reading[0] for reading in left.latin} & {reading[0] for reading in right.latin}
    if not firsts:
        return 0
    return INITIAL


def _compound(left: Token, right: Token) -> int:
    """The changing part decides; a fixed part must be the same one."""
    if len(left.parts) != len(right.parts):
        return DIFFERENT_CLASS
    worst = SAME
    for one, other in zip(left.parts, right.parts, strict=True):
        if one.text in FIXED or other.text in FIXED:
            if one.text != other.text:
                return DIFFERENT_CLASS
            continue
        worst = min(worst, SAME if one is other else token_similarity(one, other))
    return worst if worst >= 800 else min(worst, 450)


def _servant_left_out(left: Token, right: Token) -> bool:
    """Abdul Hanif and Hanif: Afghan and South Asian usage leaves the servant's word out."""
    compound, simple = (left, right) if left.parts else (right, left)
    if compound.parts[0].text != SERVANT:
        return False
    attribute = compound.parts[1]
    return attribute.latin == simple.latin or token_similarity(attribute, simple) >= SOUNDS_ALIKE


def _syllable(left: Token, right: Token) -> int:
    if left.script == right.script != "Latn":
        return DIFFERENT_SYLLABLE
    if set(left.latin) & set(right.latin):
        return KNOWN_VARIANT
    if set(left.classes) & set(right.classes):
        return SOUNDS_ALIKE
    if left.classes and right.classes:
        return DIFFERENT_CLASS
    if any(one_syllable(one, other) for one in left.latin for other in right.latin):
        return OTHER_SYSTEM
    closest = max(Indel.normalized_similarity(one, other) for one in left.latin for other in right.latin)
    return int(DIFFERENT_SYLLABLE * closest * closest)


def _spelled(left: Token, right: Token) -> int:
    if left.script == right.script and left.script != "Latn":
        return _native(left, right)
    best = max([Indel.normalized_similarity(one, other) for one in left.latin[:4] for other in right.latin[:4]])
    one, other = shape(left.latin, left.skeletons), shape(right.latin, right.skeletons)
    common = one.skeletons & other.skeletons
    if not common:
        return int(1000 * best * best)
    unvoweled = (left.script in _UNVOWELED) != (right.script in _UNVOWELED)
    mains = (left.skeletons[0] in common) + (right.skeletons[0] in common)
    floor = _SKELETON_FLOORS[mains] + (0.08 if unvoweled else -_vowel_distance(one, other))
    return int(1000 * max(best * best, min(0.97, floor + (1 - floor) * best)))


_SKELETON_FLOORS: Final = (0.5, 0.62, 0.72)
"""Similarity that one skeleton in common is worth: no main one, the main one of one side, of both."""


def _vowel_distance(one: Shape, other: Shape) -> float:
    """What to take off for another number of syllables and for a vowel at the start of one side only."""
    short = one.length <= 5 and other.length <= 5
    starts = (0.2 if short else 0.1) if one.vowel_first != other.vowel_first else 0.0
    return 0.08 * min(abs(one.syllables - other.syllables), 3) + starts


def _native(left: Token, right: Token) -> int:
    ratio = Indel.normalized_similarity(left.folded, right.folded)
    if left.script in _UNVOWELED or left.script == "Hani":
        return int(1000 * ratio * ratio * 0.9)
    return int(1000 * ratio * ratio)


def _capped(left: Token, right: Token, similarity: int) -> int:
    """Lower what looks alike but is known to differ: another sex's form, another family ending."""
    one, other = left.latin[0], right.latin[0]
    first, second = shape(left.latin, left.skeletons), shape(right.latin, right.skeletons)
    if left.sex and right.sex and left.sex != right.sex:
        return min(similarity, DIFFERENT_SEX)
    if not left.sex and not right.sex and first.family and first.family == second.family:
        return max(similarity, GENDERED)
    if _feminine_of(one, other) or _feminine_of(other, one):
        return min(similarity, DIFFERENT_SEX)
    if left.kind == "patronymic" and left.skeletons[0] != right.skeletons[0]:
        return min(similarity, DIFFERENT_ENDING)
    if first.first_sounds.isdisjoint(second.first_sounds):
        similarity = similarity * 4 // 5
    if first.ending != second.ending:
        return min(similarity, max(DIFFERENT_ENDING, similarity - 250))
    if left.script == right.script == "Latn" and _article_only(one, other):
        return max(similarity, SOUNDS_ALIKE)
    return similarity


def _feminine_of(male: str, female: str) -> bool:
    """Whether ``female`` is ``male`` and a feminine ending: Karim and Karima, Viktor and Viktoriia."""
    return len(male) > 2 and female.startswith(male) and is_feminine_ending(female[len(male) :])


def _article_only(one: str, other: str) -> bool:
    longer, shorter = (one, other) if len(one) > len(other) else (other, one)
    return (
        len(shorter) >= 4
        and longer[:2] in ("al", "el", "ul")
        and (Indel.normalized_similarity(longer[2:], shorter) >= 0.85)
    )
