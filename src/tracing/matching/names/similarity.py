"""How alike two tokens are, in thousandths: the rules of engine.md section 3, one function per rule.

All of them look at many pairs at once: rows of ``Columns``, which hold of each word what a rule asks.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeVar

import numpy as np
from numpy.typing import NDArray
from rapidfuzz.distance import Indel, JaroWinkler
from rapidfuzz.process import cpdist

from tracing.matching.arrays import Doubles, Flags, Ints, Longs, Texts, combinations
from tracing.matching.names.columns import Columns
from tracing.matching.names.sounds import skeletons
from tracing.matching.names.syllables import one_syllable
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
DIFFERENT_PART: Final = 450
OTHER_SYSTEM: Final = 880
LEFT_OUT: Final = 820
SHARE_OF_RULES: Final = 0.35
HEARD_WELL: Final = 500
HEARD_BEST: Final = 0.985
"""Two scripts are never quite the same word: the best that is heard stays below one spelling."""

_PASSED_ON: Final = -1.0
"""A rule that does not speak to a pair leaves it to the next one."""

_WIDTHS: Final = (3, 6, 12, 1 << 30)
"""Tokens are held against each other in groups by the number of their skeletons."""

Ratio = TypeVar("Ratio", float, Doubles)


@dataclass(frozen=True, slots=True)
class Met:
    """P pairs of different tokens.

    Attributes:
        one, other: rows of `columns`.
        syllables: to be compared as words of one syllable where they can be such.
        ratio: Indel similarity of the main readings, 0 … 1.
    """

    columns: Columns
    one: Longs
    other: Longs
    syllables: Flags
    ratio: Doubles

    @classmethod
    def parts(cls, columns: Columns, one: NDArray[Any], other: NDArray[Any]) -> Met:
        """Pairs of parts of names."""
        return cls(columns, one, other, np.zeros(len(one), np.bool_), spelled_alike(columns, one, other))

    def __len__(self) -> int:
        return len(self.one)

    def of(self, at: NDArray[Any]) -> Met:
        """Some of these pairs, by their places."""
        return Met(self.columns, self.one[at], self.other[at], self.syllables[at], self.ratio[at])

    def both(self, column: NDArray[Any]) -> tuple[NDArray[Any], NDArray[Any]]:
        """What a column holds of either side."""
        return column[self.one], column[self.other]

    def differ(self, column: NDArray[Any]) -> Flags:
        """Whether the sides differ in a column."""
        out: Flags = column[self.one] != column[self.other]
        return out


def spelled_alike(columns: Columns, one: NDArray[Any], other: NDArray[Any]) -> Doubles:
    """Indel similarity of main readings."""
    return _alike(columns.spelled[one], columns.spelled[other])


def _alike(ones: Sequence[str] | Texts, others: Sequence[str] | Texts) -> Doubles:
    found: Doubles = cpdist(ones, others, scorer=Indel.normalized_similarity, dtype=np.float64)
    return found


def by_rule(met: Met) -> Doubles:
    """Similarities 0 … 1000, whole numbers; symmetric. Of each pair the first rule that speaks to it decides."""
    found = np.full(len(met), _PASSED_ON)
    for rule in _RULES:
        at = np.flatnonzero(found == _PASSED_ON)
        if not len(at):
            break
        found[at] = rule(met if len(at) == len(met) else met.of(at))
    return found


def across_scripts(by_rules: Doubles, heard: Doubles) -> Doubles:
    """Similarities of tokens in two scripts: what the trained model heard, a little more where the rules agree.

    The model is unsure of short names, which the hand tables know: a likeness by rule counts up to ``LEFT_OUT``. It
    never lifts a name above one that was heard well.
    """
    both = np.minimum(by_rules, LEFT_OUT) * SHARE_OF_RULES + heard * (1 - SHARE_OF_RULES)
    return np.maximum(heard * HEARD_BEST, np.minimum(both, HEARD_WELL))


def strangers(ratio: Ratio) -> Ratio:
    """Different names; a slip of the pen or of the ear is the likelier, the more letters they share.

    `ratio` is the Indel similarity of the main readings, 0 … 1; what comes out are whole thousandths.
    """
    return STRANGERS * ratio * ratio // 1


def other_class(ratio: Ratio) -> Ratio:
    """Known different names: a conflict, a milder one where a slip of the pen turns one into the other."""
    return DIFFERENT_CLASS + 200 * ratio * ratio // 1


def _told(where: Flags, value: Any) -> Doubles:
    """A value where a rule speaks, else nothing."""
    return np.where(where, value, _PASSED_ON)


def _one_spelling(met: Met) -> Doubles:
    return _told(~met.differ(met.columns.folded), SAME)


def _unread(met: Met) -> Doubles:
    """Words that cannot be read are compared as written, within one script."""
    one, other = met.both(met.columns.silent)
    found = _told(one | other, 0)
    at = np.flatnonzero((one | other) & ~met.differ(met.columns.native))
    found[at] = _native(met.of(at))
    return found


def _initials(met: Met) -> Doubles:
    one, other = met.both(met.columns.initial)
    letters, other_letters = met.both(met.columns.first_letters)
    return _told(one | other, np.where(letters & other_letters, INITIAL, 0))


def _patronymics(met: Met) -> Doubles:
    """A father's name stands for no other name."""
    return _told(met.differ(met.columns.patronymic), 0)


def _syllables(met: Met) -> Doubles:
    one, other = met.both(met.columns.syllabic)
    found = np.full(len(met), _PASSED_ON)
    at = np.flatnonzero(met.syllables & one & other)
    tokens = met.columns.tokens
    rows = zip(met.one[at].tolist(), met.other[at].tolist(), strict=True)
    found[at] = [_syllable(tokens[left], tokens[right]) for left, right in rows]
    return found


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


def _classes(met: Met) -> Doubles:
    """Short forms share a class, not a group of it; the classes of a patronymic are its father's name."""
    columns = met.columns
    one, other = met.both(columns.classes[:, 0] >= 0)
    known = one & other & ~met.differ(columns.compound)
    shared = columns.share_class(met.one, met.other)
    grouped, other_grouped = met.both(columns.groups[:, 0] >= 0)
    akin = grouped & other_grouped & ~columns.share_group(met.one, met.other) & ~columns.patronymic[met.one]
    return _told(known, np.where(shared, np.where(akin, AKIN, KNOWN_VARIANT), other_class(met.ratio)))


def _servant_left_out(met: Met) -> Doubles:
    """Abdul Hanif and Hanif: Afghan and South Asian usage leaves the servant's word out."""
    columns = met.columns
    found = np.full(len(met), _PASSED_ON)
    servant, other_servant = met.both(columns.servant)
    at = np.flatnonzero((servant | other_servant) & met.differ(columns.compound))
    compound = np.where(servant[at], met.one[at], met.other[at])
    simple = np.where(servant[at], met.other[at], met.one[at])
    attribute = columns.parts[compound, 1]
    alike = by_rule(Met.parts(columns, attribute, simple)) >= SOUNDS_ALIKE
    found[at[alike | (columns.read[attribute] == columns.read[simple])]] = LEFT_OUT
    return found


def _compounds(met: Met) -> Doubles:
    """The changing part decides; a fixed part must be the same one."""
    columns = met.columns
    one, other = met.both(columns.compound)
    found = np.full(len(met), _PASSED_ON)
    at = np.flatnonzero(one & other)
    worst, conflict = np.full(len(at), float(SAME)), np.zeros(len(at), np.bool_)
    for place in (0, 1):
        left, right = columns.parts[met.one[at], place], columns.parts[met.other[at], place]
        fixed, other_fixed = columns.fixed[left], columns.fixed[right]
        conflict |= fixed != other_fixed
        free = np.flatnonzero((fixed == 0) & (other_fixed == 0) & (left != right))
        worst[free] = np.minimum(worst[free], by_rule(Met.parts(columns, left[free], right[free])))
    found[at] = np.where(worst >= 800, worst, np.minimum(worst, DIFFERENT_PART))
    found[at[conflict]] = DIFFERENT_CLASS
    return found


def _without_common_sound(met: Met) -> Doubles:
    columns = met.columns
    one, other = met.both(columns.metaphone)
    sounds = ((one == other) & (one >= 0)) | (_common_skeletons(met) > 0)
    found = np.full(len(met), _PASSED_ON)
    at = np.flatnonzero(~sounds)
    names = columns.spelled[met.one[at]], columns.spelled[met.other[at]]
    at = at[cpdist(*names, scorer=JaroWinkler.similarity, dtype=np.float64) < UNLIKE]
    found[at] = strangers(met.ratio[at])
    return found


def _spelling(met: Met) -> Doubles:
    """Likeness of letters and sounds; lowered where words are known to differ: another sex's form, another ending."""
    columns = met.columns
    alike = _spelled(met)
    sounds, other_sounds = met.both(columns.first_sounds)
    lower = np.where(sounds & other_sounds, alike, alike * 4 // 5)
    ended = met.differ(columns.ending)
    lower = np.where(ended, np.minimum(lower, np.maximum(DIFFERENT_ENDING, lower - 250)), lower)
    article = np.flatnonzero(~ended)
    article = article[_article_only(met.of(article))]
    lower[article] = np.maximum(lower[article], SOUNDS_ALIKE)
    sex, other_sex = met.both(columns.sex)
    family, other_family = met.both(columns.family)
    told = (sex > 0) & (other_sex > 0) & (sex != other_sex)
    relatives = (sex == 0) & (other_sex == 0) & (family > 0) & (family == other_family)
    feminine = _feminine_of(columns, met.one, met.other) | _feminine_of(columns, met.other, met.one)
    main, other_main = (columns.skeletons.items[columns.skeletons.starts[rows]] for rows in (met.one, met.other))
    fathers = columns.patronymic[met.one] & (main != other_main)
    return np.select(
        (told, relatives, feminine, fathers),
        (
            np.minimum(alike, DIFFERENT_SEX),
            np.maximum(alike, GENDERED),
            np.minimum(alike, DIFFERENT_SEX),
            np.minimum(alike, DIFFERENT_ENDING),
        ),
        lower,
    )


def _feminine_of(columns: Columns, male: Longs, female: Longs) -> Flags:
    """Whether ``female`` is ``male`` and a feminine ending: Karim and Karima, Viktor and Viktoriia."""
    out: Flags = (columns.stems[female] == columns.word[male][:, None]).any(axis=1)
    return out


_ONE_SOUND: Final = 0.7
"""Indel similarity from which words with a common skeleton are one behind the article: Alkhateeb and Khatib."""


def _article_only(met: Met) -> Flags:
    """Whether an Arabic article is all that parts two Latin words."""
    columns = met.columns
    out = np.zeros(len(met), np.bool_)
    length, other_length = met.both(columns.length)
    longer = np.where(length > other_length, met.one, met.other)
    shorter = np.where(length > other_length, met.other, met.one)
    latin = (columns.native[longer] == 0) & (columns.native[shorter] == 0)
    at = np.flatnonzero(latin & columns.article[longer] & (np.minimum(length, other_length) >= 4))
    words, shorter = [word[2:] for word in columns.spelled[longer[at]]], shorter[at]
    ratio = _alike(words, columns.spelled[shorter])
    out[at] = ratio >= 0.85
    for place in np.flatnonzero((ratio >= _ONE_SOUND) & (ratio < 0.85)).tolist():
        out[at[place]] = not set(skeletons(words[place])).isdisjoint(columns.tokens[shorter[place]].skeletons)
    return out


_SKELETON_FLOORS: Final = np.array((0.5, 0.62, 0.72))
"""Similarity that one skeleton in common is worth: no main one, the main one of one side, of both."""


def _spelled(met: Met) -> Doubles:
    columns = met.columns
    written, other_written = met.both(columns.native)
    native = (written == other_written) & (written > 0)
    found = np.zeros(len(met))
    at = np.flatnonzero(native)
    found[at] = _native(met.of(at))
    at = np.flatnonzero(~native)
    met = met.of(at)
    best, common = _closest(met), _common_skeletons(met)
    one, other = met.both(columns.unvoweled)
    floor = _SKELETON_FLOORS[np.maximum(common - 1, 0)] + np.where(one != other, 0.08, -_vowel_distance(met))
    sound = np.maximum(best * best, np.minimum(0.97, floor + (1 - floor) * best))
    found[at] = np.where(common > 0, 1000 * sound, 1000 * best * best) // 1
    return found


def _vowel_distance(met: Met) -> Doubles:
    """What to take off for another number of syllables and for a vowel at the start of one side only."""
    columns = met.columns
    (one, other), (length, other_length) = met.both(columns.syllables), met.both(columns.length)
    short = (length <= 5) & (other_length <= 5)
    starts = np.where(met.differ(columns.vowel_first), np.where(short, 0.2, 0.1), 0.0)
    out: Doubles = 0.08 * np.minimum(np.abs(one - other), 3) + starts
    return out


def _native(met: Met) -> Doubles:
    """Words of one script by its letters, of which there are few where vowels are left out."""
    columns = met.columns
    ratio = _alike(columns.written[met.one], columns.written[met.other])
    square = 1000 * ratio * ratio
    out: Doubles = np.where(columns.sparse[met.one], square * 0.9, square) // 1
    return out


def _closest(met: Met) -> Doubles:
    """Indel similarity of the closest two of both sides' readings."""
    columns, best = met.columns, met.ratio.copy()
    many, other_many = met.both(columns.reading.counts)
    at = np.flatnonzero((many > 1) | (other_many > 1))
    if len(at):
        _, ones, others = combinations(columns.reading, met.one[at], columns.reading, met.other[at])
        sizes = many[at] * other_many[at]
        alike = _alike(columns.readings[ones], columns.readings[others])
        best[at] = np.maximum.reduceat(alike, np.cumsum(sizes) - sizes)
    return best


def _common_skeletons(met: Met) -> Ints:
    """0: no skeleton in common; else 1, and 1 more for each side whose main skeleton is one of the common ones."""
    skeletons, found = met.columns.skeletons, np.zeros(len(met), np.int32)
    for at, width in _by_width(met):
        ones, others = skeletons.padded(met.one[at], width), skeletons.padded(met.other[at], width)
        same = (ones[:, :, None] == others[:, None, :]) & (ones[:, :, None] >= 0)
        common = same.any(axis=2)
        found[at] = common.any(axis=1) + (common[:, 0]).astype(np.int32) + same[:, :, 0].any(axis=1)
    return found


def _by_width(met: Met) -> Iterator[tuple[Longs, int]]:
    """(places, most skeletons of a token) of pairs, in groups."""
    counts = met.columns.skeletons.counts
    most = np.maximum(counts[met.one], counts[met.other])
    below = 0
    for width in _WIDTHS:
        at = np.flatnonzero((most > below) & (most <= width))
        below = width
        if len(at):
            yield at, int(most[at].max())


_RULES: Final[tuple[Callable[[Met], Doubles], ...]] = (
    _one_spelling,
    _unread,
    _initials,
    _patronymics,
    _syllables,
    _classes,
    _servant_left_out,
    _compounds,
    _without_common_sound,
    _spelling,
)
