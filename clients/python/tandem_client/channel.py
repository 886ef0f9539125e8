"""Where a service is, and what is sent with every call."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import Any, TypeVar
from urllib.parse import urlsplit

from google.protobuf.message import Message

OPTIONS: Sequence[tuple[str, Any]] = (
    # a stream whose other end is gone without a word is noticed
    ("grpc.keepalive_time_ms", 30_000),
    ("grpc.keepalive_timeout_ms", 10_000),
    ("grpc.max_receive_message_length", 16 * 1024 * 1024),
    # `Retry` decides that, which knows how long a service wants to be left alone
    ("grpc.enable_retries", 0),
)
_PORTS = {"http": 80, "https": 443}
_HERE = ("localhost", "127.0.0.1", "::1")

Request = TypeVar("Request", bound=Message)


def target_of(address: str) -> tuple[str, bool]:
    """`host:port`, and whether with TLS. `https://host[:port]` is with it, `http://host[:port]`
    without; so is a bare `host:port` of this machine, and of another one it is with TLS, so that
    a token never leaves the machine unprotected by mistake. Raises ValueError."""
    bare = "://" not in address
    parts = urlsplit(f"//{address}" if bare else address)
    host = parts.hostname
    port = parts.port or _PORTS.get(parts.scheme)
    if not (bare or parts.scheme in _PORTS) or parts.path.strip("/") or parts.username or not host:
        raise ValueError(f"this is not https://host, http://host or host:port: {address}")
    if port is None:
        raise ValueError(f"the port is missing: {address}")
    secure = host not in _HERE if bare else parts.scheme == "https"
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}", secure


def metadata_of(token: str, district: str) -> tuple[tuple[str, str], ...]:
    """What names the caller. `district`: the one that she means to act in, empty for any."""
    told = (("tandem-district", district),) if district else ()
    return (("authorization", f"Bearer {token}"), *told)


def with_id(request: Request) -> tuple[Request, str]:
    """The request with an id of its own where it takes one and has none, and that id: a change
    that is sent again with the same id is done once."""
    if "request_id" not in request.DESCRIPTOR.fields_by_name:
        return request, ""
    known: str = getattr(request, "request_id")  # noqa: B009 # of a message that has it
    if known:
        return request, known
    made = str(uuid.uuid4())
    return changed(request, request_id=made), made


def changed(request: Request, **fields: str) -> Request:
    """A copy with these fields."""
    copy = type(request)()
    copy.CopyFrom(request)
    for name, value in fields.items():
        setattr(copy, name, value)
    return copy
