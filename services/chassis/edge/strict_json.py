"""JSON as it may come from outside, and nothing else.

Refused: more than a limit of bytes, bytes that are not UTF-8, a byte order mark, NaN and
Infinity, duplicate keys, nesting deeper than 20, integers beyond 64 bit, floats beyond
range, lone surrogates, NUL and other control characters (but newline and tab), and keys
that are empty, start with `$` or hold a dot. A fault's place is a JSON Pointer; a key that
does not look like a field name is left out of it, so that it points at what is around it.
"""

from __future__ import annotations

import json
import math
import re
from typing import Any, NoReturn

from services.chassis.kernel import Fault, Kind, invalid

MAX_DEPTH = 20
_MIN, _MAX = -(2**63), 2**63 - 1
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")
_HARMLESS = re.compile(r"[a-z][a-z0-9_]{0,40}")


def parse(data: bytes, limit: int, *, any_key: bool = False) -> Any:
    """The value of one JSON text; `any_key` for what is never stored, such as the claims
    of a token, whose keys may be URLs. Raises Fault `too_large`, `malformed_json` (400) or
    INVALID with the reason as its code."""
    if len(data) > limit:
        raise Fault(Kind.TOO_LARGE, "too_large", f"The body is larger than {limit} bytes.")
    if data.startswith(b"\xef\xbb\xbf"):
        raise _malformed("The body starts with a byte order mark.")
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        raise _malformed("The body is not UTF-8.") from None
    try:
        value = _DECODER.decode(text)
    except (json.JSONDecodeError, RecursionError):
        raise _malformed("The body is not JSON.") from None
    if not _plain(value, 1, any_key):
        _walk(value, "", 1, any_key)
    return value


def check_text(text: str, place: str) -> None:
    """Raises Fault INVALID for control characters (but newline and tab) and surrogates."""
    if not text.isprintable() and _CONTROL.search(text):
        raise invalid("control_character", "A text holds a control character.", place)


def check(value: Any, place: str) -> None:
    """Raises Fault INVALID for what no JSON may say that comes from outside, read by whatever."""
    _walk(value, place, 1, False)


def _malformed(detail: str) -> Fault:
    return invalid("malformed_json", detail)


class _Duplicate:
    """Stands for an object with a duplicate key until its place is known."""


def _object(pairs: list[tuple[str, Any]]) -> Any:
    made = dict(pairs)
    return made if len(made) == len(pairs) else _Duplicate()


def _constant(name: str) -> NoReturn:
    raise _malformed("NaN and Infinity are not JSON.")


def _int(digits: str) -> int:
    # 20 characters hold every 64-bit integer; longer ones are not even converted
    return int(digits) if len(digits) <= 20 else _MAX + 1


_DECODER = json.JSONDecoder(
    object_pairs_hook=_object, parse_constant=_constant, parse_int=_int, strict=False
)


def _plain(value: Any, depth: int, any_key: bool) -> bool:
    """Whether there is plainly nothing to refuse; `_walk` looks closer, with places, which
    most bodies never need. Half the cost of a walk."""
    kind = type(value)
    if kind is str:
        return bool(value.isprintable())
    if kind is int:
        return bool(_MIN <= value <= _MAX)
    if kind is float:
        return math.isfinite(value)
    if kind is dict:
        if depth > MAX_DEPTH:
            return False
        for key, each in value.items():
            if not any_key and (not key.isidentifier() and not key.isalnum()):
                return False
            if type(each) is str:  # as most are: a call less
                if not each.isprintable():
                    return False
            elif not _plain(each, depth + 1, any_key):
                return False
        return True
    if kind is list:
        return depth <= MAX_DEPTH and all(_plain(each, depth + 1, any_key) for each in value)
    return kind is bool or value is None


def _walk(value: Any, place: str, depth: int, any_key: bool) -> None:
    if isinstance(value, str):
        check_text(value, place)
    elif isinstance(value, dict):
        if depth > MAX_DEPTH:
            raise invalid("too_deep", f"Nesting is deeper than {MAX_DEPTH}.")
        for key, each in value.items():
            if not any_key and (not key or key[0] == "$" or "." in key or not key.isprintable()):
                raise invalid("refused_key", "An object has a key that is refused.", place)
            if isinstance(each, bool) or each is None:
                continue
            _walk(each, f"{place}/{key}" if _HARMLESS.fullmatch(key) else place, depth + 1, any_key)
    elif isinstance(value, list):
        if depth > MAX_DEPTH:
            raise invalid("too_deep", f"Nesting is deeper than {MAX_DEPTH}.")
        for index, each in enumerate(value):
            _walk(each, f"{place}/{index}", depth + 1, any_key)
    elif isinstance(value, _Duplicate):
        raise invalid("duplicate_key", "An object has the same key twice.", place)
    elif isinstance(value, float):
        if not math.isfinite(value):
            raise invalid("out_of_range", "A number is out of range.", place)
    elif isinstance(value, int) and not _MIN <= value <= _MAX:
        raise invalid("out_of_range", "An integer does not fit in 64 bits.", place)
