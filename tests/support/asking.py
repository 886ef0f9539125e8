"""Requests as a test writes them, over whatever transport."""

from __future__ import annotations

import asyncio
import ssl
from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any

import httpx2

from tests.support.waiting import eventually

_TRUSTS_NOBODY = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


def plain_client(**given: Any) -> httpx2.AsyncClient:
    """One over plain HTTP. By default each client reads the certificates of the authorities that
    it trusts, which takes longer than many requests: 30 ms."""
    return httpx2.AsyncClient(verify=_TRUSTS_NOBODY, **given)


class Asks(ABC):
    """A subclass gives `client`; `caller` is such as `north/coach-1`, empty for nobody."""

    @abstractmethod
    def client(self, service: str, caller: str) -> httpx2.AsyncClient: ...

    async def ask(
        self,
        caller: str,
        method: str,
        path: str,
        body: Any = None,
        *,
        status: int | None = None,
        headers: Mapping[str, str] | None = None,
        content: bytes | None = None,
    ) -> httpx2.Response:
        """One request; the service is the path's first part. Fails on another status than
        the expected (any 2xx unless told)."""
        async with self.client(path.split("/")[1], caller) as client:
            answer = await client.request(
                method, path, json=body, content=content, headers=dict(headers or {})
            )
        if status is None:
            assert answer.is_success, (answer.status_code, answer.text)
        else:
            assert answer.status_code == status, (answer.status_code, answer.text)
        return answer

    async def import_roster(self, caller: str, content: bytes, query: str = "") -> Any:
        """Send a file and wait until it is imported; its report."""
        headers = {"Content-Type": "application/zip"}
        path = "/roster/v1/imports"
        sent = await self.ask(caller, "POST", f"{path}{query}", content=content, headers=headers)
        job: Any = {}

        async def ended() -> bool:
            nonlocal job
            await self.carry_out()
            job = (await self.ask(caller, "GET", f"{path}/{sent.json()['import_id']}")).json()
            return job["state"] in ("done", "failed")

        await eventually(ended, timeout=60)
        assert job["state"] == "done", job
        return job["report"]

    async def carry_out(self) -> None:
        """Do what waits for a role that nothing runs here."""
        await asyncio.sleep(0)
