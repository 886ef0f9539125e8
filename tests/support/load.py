"""A steady load of writes on three services, whose every acknowledgement is remembered."""

from __future__ import annotations

import asyncio
import contextlib
import random
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from typing import Any

import httpx2

from tests.support.coaching import MEASURE, Coaching
from tests.support.waiting import eventually

COACH = "coach-01"
TEACHERS = ("teacher-0001", "teacher-0002", "teacher-0003", "teacher-0004")
CANARY = "canary-of-the-load"  # in every free text: belongs into no event, card or log line
RATE = 20.0  # writes a second, all writers together
VALUES = 60  # of one goal or observation, after which a writer goes on with another
WRITERS = 7


@dataclass
class Request:
    """One that may be repeated: its key makes it one write."""

    service: str
    caller: str
    path: str
    body: object
    key: str
    status: int = 200


@dataclass
class Kept:
    """An aggregate under load: `own` is its version before the first value; `holds` says
    whether its resource shows what was acknowledged."""

    path: str
    teacher: str
    own: int
    holds: Callable[[Any, list[float]], bool]
    acknowledged: list[float] = field(default_factory=list)
    last: Request | None = None
    answer: Any = None


def _all_progress(resource: Any, acknowledged: list[float]) -> bool:
    return [each["value"] for each in resource["progress"]] == acknowledged


def _last_note(resource: Any, acknowledged: list[float]) -> bool:
    """An observation keeps the newest note of a criterion only."""
    texts = [each["text"] for each in resource["notes"]]
    return texts == [f"{CANARY} {value:g}" for value in acknowledged[-1:]]


def _published(resource: Any, acknowledged: list[float]) -> bool:
    return (resource["state"] == "published") is bool(acknowledged)


class Load:
    """Writers that send every value, under its own key, until it is acknowledged. Other
    services' answers than 503 and success fail the load."""

    def __init__(self, north: Coaching, tool: str) -> None:
        self._north, self._tool = north, tool
        self.kept: list[Kept] = []
        self.statuses: Counter[int] = Counter()
        self.longest = 0.0
        self.without_retry_after = 0
        self.stop = asyncio.Event()
        self._run = random.getrandbits(40)
        self._clients: dict[tuple[str, str], httpx2.AsyncClient] = {}

    @property
    def acknowledged(self) -> int:
        return sum(len(each.acknowledged) for each in self.kept)

    def writers(self) -> list[Any]:
        """Coroutines that write until `stop`."""
        return [
            *(self._writer(self._goal, teacher) for teacher in TEACHERS),
            *(self._writer(self._observation, teacher) for teacher in TEACHERS[:2]),
            self._writer(self._instrument, ""),
        ]

    async def _writer(self, begin: Callable[[str, int], AsyncIterator[Kept]], who: str) -> None:
        number = 0
        while not self.stop.is_set():
            number += 1
            began = time.monotonic()
            async for _ in begin(who, number):
                pace = WRITERS / RATE - (time.monotonic() - began)
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self.stop.wait(), max(pace, 0.001))
                if self.stop.is_set():
                    return
                began = time.monotonic()

    async def _goal(self, teacher: str, number: int) -> AsyncIterator[Kept]:
        coach = self._north.who(COACH)
        key = f"goal-{self._run}-{teacher}-{number}"
        body = {
            "teacher_id": teacher,
            "statement": CANARY,
            "focus_skill": "x",
            "measure_id": "x",
            "unit": "x",
            "baseline": 0,
            "target": 1e6,
        }
        made = await self._until(Request("goals", coach, "/goals/v1/goals", body, key, 201))
        path = f"/goals/v1/goals/{made['goal_id']}"
        owner = self._north.who(teacher)
        await self._until(Request("goals", owner, f"{path}/activate", None, f"{key}-activate"))
        kept = Kept(path, teacher, 2, _all_progress)
        self.kept.append(kept)
        for value in range(1, VALUES + 1):
            said = {"value": value}
            await self._value(
                kept, Request("goals", coach, f"{path}/progress", said, f"{key}-{value}"), value
            )
            yield kept

    async def _observation(self, teacher: str, number: int) -> AsyncIterator[Kept]:
        coach = self._north.who(COACH)
        key = f"observation-{self._run}-{teacher}-{number}"
        body = {
            "teacher_id": teacher,
            "tool_id": self._tool,
            "setting": "live",
            "scheduled_for": "2026-11-04T15:30:00Z",
        }
        there = "/observations/v1/observations"
        made = await self._until(Request("observations", coach, there, body, key, 201))
        kept = Kept(f"{there}/{made['observation_id']}", teacher, 1, _last_note)
        self.kept.append(kept)
        for value in range(1, VALUES + 1):
            said = {
                "scores": [{"criterion_id": "talk", "score": 1 + value % 3}],
                "notes": [{"criterion_id": "talk", "text": f"{CANARY} {value}"}],
            }
            path = f"{kept.path}/scores"
            await self._value(
                kept, Request("observations", coach, path, said, f"{key}-{value}"), value
            )
            yield kept

    async def _instrument(self, _: str, number: int) -> AsyncIterator[Kept]:
        """One value each: that it is published."""
        coach, key = self._north.who(COACH), f"instrument-{self._run}-{number}"
        there = "/surveys/v1/instruments"
        made = await self._until(Request("surveys", coach, there, MEASURE, key, 201))
        kept = Kept(f"{there}/{made['instrument_id']}", "", 1, _published)
        self.kept.append(kept)
        path = f"{kept.path}/publish"
        await self._value(kept, Request("surveys", coach, path, None, f"{key}-publish"), 1)
        yield kept

    async def _value(self, kept: Kept, request: Request, value: int) -> None:
        kept.answer = await self._until(request)
        kept.last = request
        kept.acknowledged.append(float(value))

    async def _until(self, request: Request) -> Any:
        """The body of the answer that acknowledged it."""
        answers: list[httpx2.Response] = []

        async def sent() -> bool:
            began = time.monotonic()
            try:
                answer = await self._send(request)
            except httpx2.TransportError:  # a dead process: the outcome is unknown
                return False
            self.longest = max(self.longest, time.monotonic() - began)
            self.statuses[answer.status_code] += 1
            answers.append(answer)
            if answer.status_code == 503:
                self.without_retry_after += "retry-after" not in answer.headers
            else:
                assert answer.status_code == request.status, (answer.status_code, answer.text)
            return answer.status_code == request.status

        await eventually(sent, timeout=150)
        return answers[-1].json()

    async def _send(self, request: Request) -> httpx2.Response:
        headers = {"Idempotency-Key": request.key}
        client = self._client(request.service, request.caller)
        return await client.post(request.path, json=request.body, headers=headers)

    def _client(self, service: str, caller: str) -> httpx2.AsyncClient:
        """Kept: making one takes longer than a request."""
        if (service, caller) not in self._clients:
            self._clients[service, caller] = self._north.asks.client(service, caller)
        return self._clients[service, caller]

    async def close(self) -> None:
        for client in self._clients.values():
            await client.aclose()

    async def check(self) -> None:
        """What was acknowledged is there, once, in order; its last key still gives the same
        answer, and changes nothing."""
        for kept in self.kept:
            client = self._client(kept.path.split("/")[1], self._north.who(COACH))
            resource = (await client.get(kept.path)).json()
            told = f"{kept.path}: a write is lost or doubled: {kept.acknowledged}, {resource}"
            assert kept.holds(resource, kept.acknowledged), told
            assert resource["version"] == kept.own + len(kept.acknowledged), told
        assert not self.without_retry_after
        for kept in self.kept:
            if kept.last is not None:
                again = await self._send(kept.last)
                assert again.headers.get("idempotency-replayed") == "true", kept.path
                assert again.json() == kept.answer, f"{kept.path}: another answer to the same key"
