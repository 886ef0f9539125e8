"""Of a read only what its reader does not have yet: `ETag`, `If-None-Match` and 304 (RFC 9110).

What has no version of its own says a weak tag: a digest of what it says. What has one says that,
for `If-Match`. But one version is told differently to different people and on different days (what
is `allowed`, names, what she may see). So who asks whether something has changed is told the
version with a digest behind it, and only that is ever answered with 304; to all others a digest
costs nothing. Nothing is kept here, and a read is done as always: who may not see it any more is
refused as before.
"""

from __future__ import annotations

import re

from fastapi import Response
from starlette.types import Scope

from services.chassis.edge.http_headers import header

_TAG = re.compile(r'(?:W/)?"([\x21\x23-\x7e]*)"')
_AS_OF = b'"as_of":"'


def lasting(body: bytes) -> bytes:
    """A JSON document without the instant of its `as_of`, which is another one each time that it
    is read. In a text the quotes of such a field are escaped."""
    place = body.find(_AS_OF)
    if place < 0:
        return body
    return body[:place] + body[body.index(b'"', place + len(_AS_OF)) :]


def asks(scope: Scope) -> bool:
    """Whether a request asks only for what has changed."""
    return header(scope, b"if-none-match") is not None


def unless_seen(scope: Scope, response: Response, version: int | None, digest: str) -> Response:
    """`response` with its tag, or 304 in its place where its reader has it."""
    if version is None:
        tag, etag = digest, f'W/"{digest}"'
    else:
        tag = f"{version}.{digest}"
        etag = f'"{tag}"'
    response.headers["ETag"] = etag
    said = header(scope, b"if-none-match") or ""
    if said.strip() != "*" and tag not in _TAG.findall(said):
        return response
    return Response(status_code=304, headers={"ETag": etag})
