"""From where a request comes, as far as that can be believed."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable
from functools import lru_cache

from starlette.types import Scope

FORWARDED = "x-forwarded-for"
KEPT = 4_096  # addresses whose meaning is remembered
LONGEST = 50  # characters of one, with its port
_IPV6_BITS = 64  # that tell one line from another: within it a machine has all that it wants


def address_of(peer: str, forwarded: str, proxies: int) -> str:
    """The address of whoever asks: that of `peer`, who opened the connection; behind so many
    `proxies`, each of which adds the one it sees at the end of X-Forwarded-For, what the first of
    them has added. What stands before that is whatever a caller liked to say, and is never looked
    at. Empty where it is no address."""
    if proxies and forwarded:
        hops = forwarded.rsplit(",", proxies)
        if len(hops) >= proxies:
            return line_of(hops[-proxies].strip()[:LONGEST]) or line_of(peer)
    return line_of(peer)


def address_over_http(scope: Scope, proxies: int) -> str:
    client = scope.get("client")
    name = FORWARDED.encode()
    return address_of(client[0] if client else "", _joined(scope, name) if proxies else "", proxies)


def _joined(scope: Scope, name: bytes) -> str:
    headers: Iterable[tuple[bytes, bytes]] = scope["headers"]
    return ",".join(value.decode("latin-1") for each, value in headers if each == name)


@lru_cache(KEPT)
def line_of(text: str) -> str:
    """What counts as one address: of IPv4 the whole, of IPv6 the first half. Some proxies add the
    port. Empty for what is none."""
    try:
        found = ipaddress.ip_address(_without_port(text))
    except ValueError:
        return ""
    if isinstance(found, ipaddress.IPv6Address):
        if found.ipv4_mapped is None:
            return str(ipaddress.IPv6Network((int(found), _IPV6_BITS), strict=False))
        return str(found.ipv4_mapped)
    return str(found)


def _without_port(text: str) -> str:
    if text.startswith("["):
        return text[1:].partition("]")[0]
    return text.partition(":")[0] if text.count(":") == 1 else text
