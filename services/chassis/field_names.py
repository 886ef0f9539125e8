"""Ids as names of MongoDB fields."""

from __future__ import annotations


def field_name(identifier: str) -> str:
    """An id as a field name: no dot, no leading `$`, no NUL; reversible."""
    return (
        identifier.replace("%", "%25").replace(".", "%2E").replace("$", "%24").replace("\0", "%00")
    )


def from_field_name(name: str) -> str:
    return name.replace("%00", "\0").replace("%24", "$").replace("%2E", ".").replace("%25", "%")
