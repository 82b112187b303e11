"""JSON without deceit: no key twice, no NaN, no half characters, no bottomless nesting."""

import json
from math import isfinite
from typing import Any, Never

from tracing.kit.errors import Malformed

DEEPEST = 64


def strict_json(body: bytes) -> Any:
    """Return the value of a JSON text.

    Raises:
        Malformed: not UTF-8, not JSON, a key twice in one object, NaN or Infinity, half of a surrogate
            pair, a number beyond 64 bits, or nesting beyond 64 levels.
    """
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError:
        raise Malformed("the body is not UTF-8") from None
    try:
        value = json.loads(text, object_pairs_hook=_once, parse_constant=_no_constant, parse_int=_int)
    except RecursionError:
        raise Malformed("the body is nested too deeply") from None
    except json.JSONDecodeError as error:
        raise Malformed(f"the body is not readable as JSON (line {error.lineno}, column {error.colno})") from None
    _check(value, 0)
    return value


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) != len(pairs):
        raise Malformed("an object holds the same key twice")
    return made


def _no_constant(_: str) -> Never:
    raise Malformed("NaN and Infinity are no JSON")


def _int(digits: str) -> int:
    if len(digits) > 19:
        raise Malformed("a number is too large")
    return int(digits)


def _check(value: Any, depth: int) -> None:
    if depth > DEEPEST:
        raise Malformed("the body is nested too deeply")
    if isinstance(value, str):
        if not value.isascii() and any("\ud800" <= c <= "\udfff" for c in value):
            raise Malformed("half of a surrogate pair stands in a text")
    elif isinstance(value, float):
        if not isfinite(value):
            raise Malformed("a number is too large")
    elif isinstance(value, dict):
        for key, inner in value.items():
            _check(key, depth)
            _check(inner, depth + 1)
    elif isinstance(value, list):
        for inner in value:
            _check(inner, depth + 1)
