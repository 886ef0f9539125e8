"""The headers of a request, found once."""

from __future__ import annotations

from starlette.types import Scope


def header(scope: Scope, name: bytes) -> str | None:
    """The first header of this name (lower case), or None. Starlette's `Headers` looks
    through all of them each time that it is asked, and a request is asked for eight."""
    found: dict[bytes, bytes] | None = scope.get("tandem.headers")
    if found is None:
        found = scope["tandem.headers"] = dict(reversed(scope["headers"]))
    value = found.get(name)
    return None if value is None else value.decode("latin-1")
