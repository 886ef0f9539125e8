"""Response codes: short enough for a child to type, worth 60 bits.

Codes and the seats they open are derived from an administration's secret, so that opening
it again gives the same codes, and a stored seat names no code.
"""

from __future__ import annotations

import hmac
import unicodedata
from collections.abc import Sequence

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford's base32: no I, L, O, U
LETTERS = 12
SECRET_BYTES = 16
_MISREAD = str.maketrans({"O": "0", "I": "1", "L": "1"})


def codes_of(secret: bytes, count: int) -> Sequence[str]:
    """The first `count` codes, such as `7KQ2-M4XD-0RTZ`, in an order that says nothing."""
    return sorted(_code(secret, number) for number in range(count))


def is_code(secret: bytes, count: int, typed: str) -> bool:
    """Whether it is one of the first `count` codes, as people type them."""
    bits = _bits_of(_plain(typed))
    return bits in {_bits(secret, number) for number in range(count)}


def seat_of(secret: bytes, code: str) -> str:
    """The id of the seat that a code opens, in hex; the code as people type it."""
    return hmac.digest(secret, b"seat:" + _plain(code).encode(), "sha256").hex()


def _plain(typed: str) -> str:
    """Without what is no letter or digit: the dash of another keyboard, and what comes along
    when a code is pasted (line breaks, tabs, spaces that do not break or have no width)."""
    letters = filter(str.isalnum, unicodedata.normalize("NFKC", typed))
    return "".join(letters).upper().translate(_MISREAD)


def _bits_of(plain: str) -> int | None:
    """What a code's letters stand for; None for what no code looks like."""
    if len(plain) != LETTERS or not set(plain) <= set(ALPHABET):
        return None
    return sum(ALPHABET.index(letter) << 5 * place for place, letter in enumerate(plain))


def _bits(secret: bytes, number: int) -> int:
    digest = hmac.digest(secret, b"code:%d" % number, "sha256")
    return int.from_bytes(digest[:8], "big") % (1 << 5 * LETTERS)


def _code(secret: bytes, number: int) -> str:
    bits = _bits(secret, number)
    letters = [ALPHABET[bits >> 5 * place & 31] for place in range(LETTERS)]
    return "-".join("".join(letters[at : at + 4]) for at in range(0, LETTERS, 4))
