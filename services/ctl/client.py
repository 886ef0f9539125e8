"""The services' REST APIs as the command line calls them.

A problem answer becomes `Refused`, a service that does not answer `Stop` UNREACHABLE.
"""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

import httpx2
import orjson

from services.chassis.backoff import Backoff
from services.ctl.exits import Exit, Refused, Stop

TIMEOUT_SECONDS = 30.0
CONNECTIONS = 64
TRIES = 5  # where a service has too much to do
BUSY_SECONDS = 1.0  # before the second of them
DOTS = frozenset({".", ".."})
# A service has done nothing and may be asked again.
LATER = ("overloaded", "too_many_at_once", "too_many_requests")
LONGEST_SECONDS = 30  # that it is waited for what a service asks for


@dataclass(frozen=True, slots=True)
class Answered:
    """A successful answer; `body` is its JSON, or its text if it is CSV, None if it has none."""

    status: int
    body: Any
    headers: Mapping[str, str]

    @property
    def version(self) -> str:
        """The ETag, for `if_match`."""
        return self.headers.get("etag", "")


class ApiClient:
    """The services, by name. `addresses`: service -> base URL, without a path."""

    def __init__(
        self, addresses: Mapping[str, str], transport: httpx2.AsyncBaseTransport | None = None
    ) -> None:
        self._addresses = addresses
        secure = any(each.startswith("https:") for each in addresses.values())
        self.http = httpx2.AsyncClient(
            timeout=TIMEOUT_SECONDS,
            limits=httpx2.Limits(
                max_connections=CONNECTIONS, max_keepalive_connections=CONNECTIONS
            ),
            verify=secure,  # reading the trusted certificates takes its time
            trust_env=secure,  # no proxy stands before this machine itself
            transport=transport,
        )

    def address(self, service: str) -> str:
        return self._addresses[service]

    def url(self, service: str, path: str) -> str:
        """Raises Stop USAGE for an id in the path that would lead to another one."""
        if not DOTS.isdisjoint(unquote(path).split("/")):
            raise Stop(Exit.USAGE, "an id has no part that is . or ..")
        return f"{self._addresses[service]}/{service}/v1{path}"

    async def send(
        self,
        token: str,
        method: str,
        service: str,
        path: str,
        body: Any = None,
        *,
        key: str = "",
        now: str = "",
        if_match: str = "",
        params: Mapping[str, Any] | None = None,
        content: bytes | None = None,
        media_type: str = "application/json",
        timeout: float = TIMEOUT_SECONDS,
        district: str = "",
    ) -> Answered:
        """One request. `path` follows `/<service>/v1`; `now` is an RFC 3339 instant that a
        development stack takes for its present; an empty `token` asks without an account; a token
        of another `district` than the one named is refused before anything is done.
        A service that has too much to do has done nothing, and is asked again."""
        headers: dict[str, str] = {}
        if token:
            headers["Authorization"] = f"Bearer {token}"
        if key:
            headers["Idempotency-Key"] = key
        if now:
            headers["Tandem-Now"] = now
        if if_match:
            headers["If-Match"] = if_match
        if district:
            headers["Tandem-District"] = district
        sent = orjson.dumps(body) if body is not None else content
        if sent is not None:
            headers["Content-Type"] = media_type
        request = self.http.build_request(
            method,
            self.url(service, path),
            content=sent,
            headers=headers,
            params=params,
            timeout=timeout,
        )
        backoff = Backoff(BUSY_SECONDS)
        for tries in itertools.count(1):
            try:
                return answer_of(await self.http.send(request))
            except httpx2.HTTPError as error:
                raise unreachable(service, self._addresses[service], error) from None
            except Refused as refused:
                if refused.problem not in LATER or tries == TRIES:
                    raise
                await asyncio.sleep(max(backoff.next(), refused.retry_after))
        raise AssertionError("it tries until it returns or raises")

    async def pages(
        self,
        token: str,
        service: str,
        path: str,
        noun: str,
        params: Mapping[str, Any] | None = None,
        *,
        district: str = "",
    ) -> list[Any]:
        """All of a list, `noun` by its pages."""
        found: list[Any] = []
        page = ""
        while True:
            asked = {**(params or {}), "page_size": 200, **({"page_token": page} if page else {})}
            answer = await self.send(token, "GET", service, path, params=asked, district=district)
            found += answer.body[noun]
            page = answer.body["next_page_token"]
            if not page:
                return found

    async def close(self) -> None:
        await self.http.aclose()


def answer_of(response: httpx2.Response) -> Answered:
    """Raises Refused for a problem."""
    if response.is_success:
        content = response.content
        if response.headers.get("content-type", "").startswith("text/csv"):
            return Answered(response.status_code, response.text, response.headers)
        return Answered(
            response.status_code, orjson.loads(content) if content else None, response.headers
        )
    try:
        told = orjson.loads(response.content)
        code, detail = str(told["code"]), str(told.get("detail", "") or told.get("title", ""))
        places = ", ".join(_place(each, detail) for each in told.get("errors", ()))
    except (orjson.JSONDecodeError, KeyError, TypeError, AttributeError):
        raise Refused(
            response.status_code, f"http_{response.status_code}", response.reason_phrase
        ) from None
    later = response.headers.get("retry-after", "")
    seconds = min(int(later), LONGEST_SECONDS) if later.isdecimal() else 0
    raise Refused(response.status_code, code, f"{detail} ({places})" if places else detail, seconds)


def _place(error: Mapping[str, Any], detail: str) -> str:
    """Where it is wrong and, unless that is told already, what."""
    said = str(error.get("detail", ""))
    return f"{error['pointer']}: {said}" if said and said not in detail else str(error["pointer"])


def unreachable(service: str, address: str, error: Exception) -> Stop:
    why = str(error) or type(error).__name__
    return Stop(
        Exit.UNREACHABLE, f"cannot reach the {service} service at {address} ({why}): is it running?"
    )


@asynccontextmanager
async def open_api(addresses: Mapping[str, str]) -> AsyncIterator[ApiClient]:
    api = ApiClient(addresses)
    try:
        yield api
    finally:
        await api.close()
