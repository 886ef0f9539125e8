"""The small OneRoster server behind a port, for processes that pull; it can stop answering."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx2
import yaml

from tests.support.gateways import served
from tests.support.oneroster_server import CLIENT, SECRET, OneRosterServer

ROSTERING = "/ims/oneroster/rostering/v1p2"


class Served:
    """`quiet_after`: so many requests are answered, and the next ones never; `stuck` is set when
    one of these has come."""

    def __init__(self, server: OneRosterServer) -> None:
        self.server = server
        self.quiet_after = 1_000_000
        self.stuck = asyncio.Event()
        self.url = ""

    def districts(self, district: str, folder: Path) -> Path:
        """A districts file that names this server."""
        secret, file = folder / "secret", folder / f"{district}.yaml"
        secret.write_text(SECRET)
        told = {"url": f"{self.url}{ROSTERING}", "token_url": f"{self.url}/token"}
        told |= {"client_id": CLIENT, "client_secret_file": str(secret)}
        file.write_text(yaml.safe_dump({"districts": {district: {"oneroster": told}}}))
        return file

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        body, more = b"", True
        while more:
            piece = await receive()
            body += piece.get("body", b"")
            more = piece.get("more_body", False)
        if len(self.server.asked) >= self.quiet_after:
            self.stuck.set()
            await receive()  # until whoever asks is gone
            return
        query = scope["query_string"].decode()
        request = httpx2.Request(
            scope["method"],
            f"{self.url}{scope['path']}?{query}",
            headers=scope["headers"],
            content=body,
        )
        answer = await self.server.handle_async_request(request)
        headers = [(name.lower(), value) for name, value in answer.headers.raw]
        begin = {"type": "http.response.start", "status": answer.status_code, "headers": headers}
        await send(begin)
        await send({"type": "http.response.body", "body": answer.content})


@asynccontextmanager
async def serving(server: OneRosterServer) -> AsyncIterator[Served]:
    app = Served(server)
    async with served(app) as port:
        app.url = f"http://127.0.0.1:{port}"
        yield app
