"""Requests as bytes, straight into an ASGI application: no client tidies them up."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

from starlette.types import ASGIApp, Message

JSON = (b"content-type", b"application/json")
Header = tuple[bytes, bytes]


@dataclass(frozen=True)
class RawAnswer:
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def is_json(self) -> bool:
        return bool(self.body) and "json" in self.headers.get("content-type", "")

    def json(self) -> Any:
        return json.loads(self.body)


async def send(
    app: ASGIApp,
    method: str,
    target: str,
    *,
    headers: Sequence[Header] = (),
    body: bytes | Sequence[bytes] = b"",
    length: bool = True,
    leave_after: int = 0,
) -> RawAnswer:
    """`target` is path and query, percent-encoded. A body in several pieces, or without
    `length`, is sent as chunks. Of an answer that never ends take `leave_after` pieces."""
    raw_path, _, query = target.partition("?")
    pieces = [body] if isinstance(body, bytes) else list(body)
    given = [(name.lower(), value) for name, value in headers]
    if length and isinstance(body, bytes) and body:
        given.append((b"content-length", str(len(body)).encode()))
    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": unquote(raw_path),  # as uvicorn does
        "raw_path": raw_path.encode(),
        "query_string": query.encode(),
        "root_path": "",
        "headers": given,
        "client": ("127.0.0.1", 1),
        "server": ("127.0.0.1", 80),
    }
    told: list[Message] = []
    left = [*pieces]
    gone = asyncio.Event()

    async def receive() -> Message:
        if not left:
            await gone.wait()
            return {"type": "http.disconnect"}
        piece = left.pop(0)
        return {"type": "http.request", "body": piece, "more_body": bool(left)}

    async def tell(message: Message) -> None:
        told.append(message)
        if leave_after and len(told) > leave_after:
            gone.set()

    await app(scope, receive, tell)
    start = told[0]
    return RawAnswer(
        start["status"],
        {name.decode().lower(): value.decode("latin-1") for name, value in start["headers"]},
        b"".join(each.get("body", b"") for each in told[1:]),
    )
