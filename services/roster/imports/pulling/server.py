"""What is asked of a OneRoster server over HTTP, and how often: it may refuse, stall or be gone."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any, Self

import httpx2
import orjson

from services.access.oneroster import OneRosterServer
from services.chassis.backoff import Backoff
from services.chassis.kernel import Fault, Kind, invalid

log = logging.getLogger(__name__)

PAGE_SECONDS = 120.0  # for all of an answer, however slowly it comes
SILENT_SECONDS = 30.0  # between two pieces of it
MOST_PAGE = 32 * 1024 * 1024  # bytes of one answer
MOST_TOKEN = 64 * 1024
TRIES = 6  # of one page
LONGEST_WAIT = 120.0  # seconds that a server may ask us to wait
_LATER = (408, 425, 429, 500, 502, 503, 504)

Sleep = Callable[[float], Awaitable[object]]


class PulledPage:
    """A page as JSON, with its headers."""

    def __init__(self, body: Any, headers: Mapping[str, str]) -> None:
        self.body, self.headers = body, headers


class Server:
    """One district's server, as long as it is open. Redirects and links are not followed: all that
    is asked goes to the address that the district names, and so does the token. `heard` is told of
    each page."""

    def __init__(
        self,
        told: OneRosterServer,
        transport: httpx2.AsyncBaseTransport | None = None,
        sleep: Sleep = asyncio.sleep,
        heard: Callable[[int], None] = lambda pages: None,
    ) -> None:
        self._told, self._heard = told, heard
        self._sleep = sleep
        self._transport = transport
        self._token = ""
        self._stack = AsyncExitStack()
        self._http: httpx2.AsyncClient

    async def __aenter__(self) -> Self:
        made = httpx2.AsyncClient(
            timeout=SILENT_SECONDS, follow_redirects=False, transport=self._transport
        )
        self._http = await self._stack.enter_async_context(made)
        return self

    async def __aexit__(self, *why: object) -> None:
        await self._stack.aclose()

    async def page(self, noun: str, params: Mapping[str, str | int]) -> PulledPage:
        """One page of a collection. Raises Fault INVALID for an answer that will be no better
        later, UNAVAILABLE where there was none in all tries."""
        backoff = Backoff(1.0, 30.0)
        renewed = False
        for left in range(TRIES - 1, -1, -1):
            wait = 0.0
            try:
                async with asyncio.timeout(PAGE_SECONDS):
                    self._token = self._token or await self._new_token()
                    status, headers, data = await self._answer(
                        "GET", f"{self._told.url}/{noun}", MOST_PAGE, params=dict(params),
                        headers={"Authorization": f"Bearer {self._token}"},
                    )  # fmt: skip
                if status == 401 and not renewed:
                    self._token, renewed = "", True
                    continue
                if status == 200:
                    self._heard(1)
                    return PulledPage(_json(data, noun), headers)
                _refused(status, noun)
                wait = _retry_after(headers)
                why = f"status {status}"
            except (httpx2.HTTPError, TimeoutError) as error:
                why = type(error).__name__
            log.warning("a page of %s was not answered (%s); %s tries left", noun, why, left)
            if left:
                await self._sleep(max(backoff.next(), wait))
        raise Fault(Kind.UNAVAILABLE, "source_unavailable", f"The server gave no {noun}: {why}.")

    async def _new_token(self) -> str:
        form = {"grant_type": "client_credentials", "scope": self._told.scope}
        try:
            read = Path(self._told.client_secret_file).read_text
            secret = (await asyncio.to_thread(read, encoding="utf-8")).strip()
        except OSError as error:
            why = f"The file of the client's secret cannot be read ({error.strerror})."
            raise invalid("source_secret", why) from None
        status, _, data = await self._answer(
            "POST", self._told.token_url, MOST_TOKEN,
            data=form,
            auth=httpx2.BasicAuth(self._told.client_id, secret),
        )  # fmt: skip
        if status in _LATER:
            raise httpx2.NetworkError(f"token: {status}")
        answer = _json(data, "token") if status == 200 else None
        token = answer.get("access_token") if isinstance(answer, dict) else None
        if not isinstance(token, str) or not token.isascii() or not token.isprintable():
            why = f"The server gave no token (status {status})."
            raise invalid("source_refuses", why)
        return token

    async def _answer(
        self, method: str, url: str, most: int, **asked: Any
    ) -> tuple[int, Mapping[str, str], bytes]:
        async with self._http.stream(method, url, **asked) as answer:
            pieces, size = [], 0
            async for piece in answer.aiter_bytes():
                size += len(piece)
                if size > most:
                    raise invalid("source_too_large", f"An answer is larger than {most} bytes.")
                pieces.append(piece)
            return answer.status_code, answer.headers, b"".join(pieces)


def _refused(status: int, noun: str) -> None:
    """Raises Fault unless it may be otherwise later."""
    if 300 <= status < 400:
        raise invalid("source_redirects", f"The server sends requests for {noun} elsewhere.")
    if status not in _LATER:
        raise invalid("source_refuses", f"The server refuses {noun} (status {status}).")


def _retry_after(headers: Mapping[str, str]) -> float:
    """Seconds, at most 120; 0 where none are named."""
    told = headers.get("retry-after", "").strip()
    try:
        seconds = float(told)
    except ValueError:
        try:
            seconds = (parsedate_to_datetime(told) - datetime.now(UTC)).total_seconds()
        except (ValueError, TypeError):
            return 0.0
    return min(max(seconds, 0.0), LONGEST_WAIT) if seconds == seconds else 0.0


def _json(data: bytes, noun: str) -> Any:
    try:
        return orjson.loads(data)
    except orjson.JSONDecodeError:
        raise invalid("source_not_json", f"An answer of {noun} is no JSON.") from None
