"""What a text seems to hold that family news must not: a short list of rules. They find the usual, not the clever.

A worker reads every message; the flags point. Of places it knows countries, large cities, and the towns and camps
that `matching` lists as those that matter in tracing: a small town somewhere bears the name of every second word.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from itertools import groupby

from tracing.matching.gazetteer import LONGEST, entry, lookup
from tracing.matching.places import folded_words, read_place
from tracing.messages.states import Flag

CITY = 500
"""Thousands of inhabitants from which a city's name counts as a place."""
DIGITS = 7
"""Digits from which a number may be a telephone's."""
_NUMBER = re.compile(r"\+?\d[\d\s()./-]*\d")
_DATE = re.compile(r"\d{4}[./-]\d{1,2}[./-]\d{1,2}|\d{1,2}[./-]\d{1,2}[./-]\d{4}|\d{4}\s?-\s?\d{4}")
_EMAIL = re.compile(r"\S@\S+\.\w|\(at\)|\[at\]|\bgmail\b|\bhotmail\b|\byahoo\b")
_LINK = re.compile(
    r"https?:|www\.|\w\.(?:com|org|net|info|me|io|ru|co)\b|(?<!\S)@\w{3,}"
    r"|\b(?:facebook|whatsapp|telegram|instagram|tiktok|viber|messenger|snapchat)\b"
    r"|واتساب|فيسبوك|فیسبوک|تلغرام|تلگرام|ватсап|телеграм"
)
_MONEY = re.compile(
    r"[$€£¥₦₹₴₺؋﷼]|\b(?:money|cash|dollars?|euros?|usd|eur|shillings?|birr|bank|iban|western union|moneygram|hawala"
    r"|xawaala\w*|m-?pesa|pesa|lacag\w*|argent|dinero|geld|деньги|денег|гроші)\b"
    r"|دولار|فلوس|مبلغ|پول|حوالة|حواله|ገንዘብ"
)
_ADDRESS = re.compile(
    r"\b(?:street|avenue|road|lane|apartment|flat \d|floor|house (?:no|number)"
    r"|room \d|block [\da-z]\b|p\.? ?o\.? box|post ?code"
    r"|address|rue|calle|straße|strasse|hausnummer|улица|вулиця|mtaa|barabara|waddada|jidka|cinwaan\w*|anwani)\b"
    r"|شارع|عنوان|خیابان|کوچه|آدرس|አድራሻ"
)
_PLACE = re.compile(
    r"\b(?:camp|shelter|hospital|hotel|hostel|prison|detention|airport|bus station|border|kambi|xerada|xero"
    r"|campo de|camp de|лагерь|табір|больница)\b"
    r"|مخيم|مستشفى|فندق|اردوگاه|بیمارستان|ካምፕ"
)
_SENTENCE = re.compile(r"[.!?;\n。؟۔።]+")
_LONGEST = 900
"""Signs of a piece that `read_place` reads whole."""
RULES: tuple[tuple[Flag, re.Pattern[str]], ...] = (
    (Flag.ADDRESS, _ADDRESS),
    (Flag.EMAIL, _EMAIL),
    (Flag.LINK, _LINK),
    (Flag.MONEY, _MONEY),
)


def flags_of(text: str, names: Iterable[str] = ()) -> list[Flag]:
    """Return what `text` seems to hold, in the order of `Flag`.

    Args:
        text: of the message.
        names: of the persons of both families, as given: whoever is called Jordan or Paris is no place.
    """
    own = frozenset(word for name in names for word in folded_words(_plain(name)))
    found = set(_flags(_plain(text), own))
    return [flag for flag in Flag if flag in found]


def _flags(text: str, own: frozenset[str]) -> Iterator[Flag]:
    yield from (flag for flag, rule in RULES if rule.search(text))
    if any(_is_telephone(number) for number in _NUMBER.findall(text)):
        yield Flag.PHONE
    told = (folded_words(match.group()) for match in _PLACE.finditer(text))
    if any(not own.issuperset(words) for words in told) or any(_names_place(piece, own) for piece in _pieces(text)):
        yield Flag.PLACE


def _plain(text: str) -> str:
    """Return `text` in lower case, with the digits of every script as 0 to 9."""
    return "".join(str(unicodedata.digit(c)) if c.isdecimal() else c for c in text.casefold())


def _is_telephone(number: str) -> bool:
    return sum(c.isdigit() for c in number) >= DIGITS and not _DATE.fullmatch(number)


def _names_place(piece: str, own: frozenset[str]) -> bool:
    """Return whether a place is named, and not by words of the families' names alone."""
    words = folded_words(piece)
    runs = (" ".join(run) for is_own, run in groupby(words, own.__contains__) if is_own)
    listed = _listed(piece).difference(*map(_listed, runs))
    return bool(listed) or any(map(_is_large, _phrases(words, own)))


def _listed(text: str) -> frozenset[str]:
    """Return the countries and towns of the hand table that a text names."""
    place = read_place(text)
    return place.countries.union(t for t in place.tokens if t.startswith("@")) if place else frozenset()


def _phrases(words: list[str], own: frozenset[str]) -> Iterator[str]:
    """Yield what stands side by side, unless it is made of the families' names alone."""
    for at in range(len(words)):
        for length in range(1, LONGEST + 1):
            phrase = words[at : at + length]
            if not own.issuperset(phrase):
                yield " ".join(phrase)


def _is_large(phrase: str) -> bool:
    """Return whether a country or large city bears this name: in Latin letters its first one, not a short form."""
    found = (entry(number) for number in lookup(phrase))
    return any(
        (place.is_country or place.thousands >= CITY) and (not phrase.isascii() or place.name.casefold() == phrase)
        for place in found
    )


def _pieces(text: str) -> Iterator[str]:
    for sentence in _SENTENCE.split(text):
        yield from (sentence[start : start + _LONGEST] for start in range(0, len(sentence), _LONGEST))
