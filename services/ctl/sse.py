"""A live caseload as the command line follows it: it resumes by itself."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from typing import Any

import httpx2
import orjson

from services.ctl.client import Api, answer_of, unreachable
from services.ctl.exits import Refused

SILENCE_SECONDS = 60.0  # the server's heartbeats come much closer
PAUSES = (0.2, 0.5, 1.0, 2.0, 5.0)


@dataclass(frozen=True, slots=True)
class Message:
    """`kind`: reset, entry, gone, heartbeat, bye; `data` as the API documents it."""

    kind: str
    data: Mapping[str, Any]


async def follow(
    api: Api, token: str, coach: str, params: Mapping[str, Any]
) -> AsyncIterator[Message]:
    """The events of a coach's live caseload, for ever; after a cut it goes on where it was.

    Raises Refused for what will not pass by itself, such as a relationship that ended, and
    Stop where the service cannot be reached at first, or not again within about 9 s.
    """
    place, failures, connected = "", 0, False
    while True:
        try:
            async for event, at in _stream(api, token, coach, params, place):
                connected, failures, place = True, 0, at or place
                yield event
        except httpx2.HTTPError as error:
            if not connected or failures >= len(PAUSES):
                raise unreachable("insights", api.address("insights"), error) from None
        except Refused as refused:
            if not connected or refused.status < 500 or failures >= len(PAUSES):
                raise
        pause = PAUSES[min(failures, len(PAUSES) - 1)]
        failures += 1
        await asyncio.sleep(pause)


async def _stream(
    api: Api, token: str, coach: str, params: Mapping[str, Any], place: str
) -> AsyncIterator[tuple[Message, str]]:
    headers = {"Authorization": f"Bearer {token}", "Accept": "text/event-stream"}
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
                yield Message(sent.event, orjson.loads(sent.data)), sent.id
