"""Opaque page tokens: where a list goes on, bound to the list they came from.

A token carries the last key of a page and a digest of its scope (operation, district,
filters), so that it is refused by any other list. It holds nothing secret and gives no
rights: the district of a query always comes from the caller's identity.
"""

from __future__ import annotations

import hashlib

from services.chassis import base64url
from services.chassis.call import Call
from services.chassis.kernel import Fault, invalid

DEFAULT_PAGE_SIZE = 50
MAX_PAGE_SIZE = 200
MAX_TOKEN = 1024
_DIGEST = 12
_FORMAT = b"\x01"


def page_size(asked: int) -> int:
    """0 means the default size and a larger size than 200 means 200 (AIP-158)."""
    return min(asked or DEFAULT_PAGE_SIZE, MAX_PAGE_SIZE)


def scope_of(call: Call, **filters: object) -> str:
    """The scope of a list: its operation, the caller's district and the filters."""
    parts = [call.operation, call.district]
    parts += [f"{name}={filters[name]!r}" for name in sorted(filters)]
    return "\x1f".join(parts)


def encode_token(after: str, scope: str) -> str:
    """The token of the page that starts after the key `after`; "" stands for no page."""
    if not after:
        return ""
    return base64url.encode(_FORMAT + _digest(scope) + after.encode())


def decode_token(token: str, scope: str, most: int = MAX_TOKEN) -> str:
    """The key to go on after, "" for the first page. Raises Fault INVALID `page_token` for
    a token of another list, another district, or none of ours."""
    if not token:
        return ""
    if len(token) > most:
        raise _bad()
    try:
        raw = base64url.decode(token)
        after = raw[1 + _DIGEST :].decode()
    except ValueError:
        raise _bad() from None
    if raw[:1] != _FORMAT or raw[1 : 1 + _DIGEST] != _digest(scope) or not after.isprintable():
        raise _bad()
    if encode_token(after, scope) != token:
        raise _bad()
    return after


def _digest(scope: str) -> bytes:
    return hashlib.blake2b(scope.encode(), digest_size=_DIGEST).digest()


def _bad() -> Fault:
    return invalid("page_token", "The page token does not belong to this list.", "/page_token")
