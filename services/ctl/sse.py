"""A live caseload as the command line follows it: it resumes by itself."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass
from typing import Any

import httpx2
import orjson

from services.ctl.client import LATER, ApiClient, answer_of, unreachable
from services.ctl.exits import Refused, Stop

SILENCE_SECONDS = 60.0  # the server's heartbeats come much closer
PAUSES = (0.2, 0.5, 1.0, 2.0, 5.0)


@dataclass(frozen=True, slots=True)
class SseMessage:
    """`kind`: reset, entry, gone, heartbeat, bye; `data` as the API documents it."""

    kind: str
    data: Mapping[str, Any]


async def follow(
    api: ApiClient,
    token: str,
    coach: str,
    params: Mapping[str, Any],
    district: str = "",
    tell: Callable[[str], None] = lambda line: None,
) -> AsyncIterator[SseMessage]:
    """The events of a coach's live caseload, for ever. After a cut it goes on where it was, and
    tries until it can: it says so to `tell`, and when it goes on. A token of another `district`
    than the one named is refused.

    Raises Refused for what will not pass by itself, such as a relationship that ended, and
    Stop where the service cannot be reached at first.
    """
    place, failures, connected, told = "", 0, False, False
    while True:
        lost: Stop | None = None
        try:
            async for event, at in _stream(api, token, coach, params, district, place):
                if told:
                    tell("the insights service answers again")
                connected, failures, told, place = True, 0, False, at or place
                yield event
        except httpx2.HTTPError as error:
            lost = unreachable("insights", api.address("insights"), error)
        except Refused as refused:
            if refused.status < 500 and refused.problem not in LATER:
                raise
            lost = refused
        if lost is not None and not connected:
            raise lost
        if lost is not None and failures and not told:
            told = True
            tell(f"{lost.line} It is tried until it answers")
        pause = PAUSES[min(failures, len(PAUSES) - 1)]
        failures += 1
        await asyncio.sleep(pause)


async def _stream(
    api: ApiClient, token: str, coach: str, params: Mapping[str, Any], district: str, place: str
) -> AsyncIterator[tuple[SseMessage, str]]:
    headers = {"Authorization": f"Bearer {token}", "Accept": "text/event-stream"}
    if district:
        headers["Tandem-District"] = district
    if place:
        headers["Last-Event-ID"] = place
    async with api.http.stream(
        "GET",
        api.url("insights", f"/caseloads/{coach}/live"),
        params=params,
        headers=headers,
        timeout=httpx2.Timeout(10.0, read=SILENCE_SECONDS),
    ) as response:
        if not response.is_success:
            await response.aread()
            answer_of(response)
        async for sent in httpx2.EventSource(response):
            if sent.data:
                yield SseMessage(sent.event, orjson.loads(sent.data)), sent.id
