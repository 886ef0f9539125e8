"""A steady load of writes on four services, whose every acknowledgement is remembered."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import random
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable
from typing import Any

import grpc
import httpx2

from coaching.goals.v1 import goal_pb2, goal_pb2_grpc
from services.ctl.demo.district import teacher_id
from tests.support import load_practice as practice
from tests.support.coaching import MEASURE, SHAPE, Coaching
from tests.support.load_imports import IMPORTS, ORGS, READS, SIS, Imports
from tests.support.load_kept import (
    CANARY,
    CORRECTED,
    Gone,
    Kept,
    Request,
    all_corrections,
    all_progress,
    last_note,
    last_text,
    published,
)
from tests.support.stack import RunningStack
from tests.support.waiting import Stopwatch, eventually
from tests.support.who_may import reason_of

COACH = "coach-01"
TEACHERS = ("teacher-0001", "teacher-0002", "teacher-0003", "teacher-0004")
RATE = 20.0  # writes a second, all writers together
VALUES = 60  # of one goal or observation, after which a writer goes on with another
WRITERS = 11
_QUICK = [("grpc.initial_reconnect_backoff_ms", 100), ("grpc.max_reconnect_backoff_ms", 500)]


class Load:
    """Writers that send every value, under its own key, until it is acknowledged, one of them
    over gRPC. Any other answer than that or "try again" fails the load."""

    def __init__(self, stack: RunningStack, tool: str) -> None:
        self._north, self._stack, self._tool = Coaching(stack), stack, tool
        self.kept: list[Kept] = []
        self.statuses: Counter[int] = Counter()
        self.longest = 0.0  # seconds of a Stopwatch that a request took, answered or not
        self.without_retry_after = 0
        self.stop = asyncio.Event()
        self._run = random.getrandbits(40)
        self._clients: dict[tuple[str, str], httpx2.AsyncClient] = {}
        self._channel = grpc.aio.insecure_channel(stack.stack.grpc("goals"), options=_QUICK)
        self.imports = Imports(self._import, self._get_of_nightly)
        two = COACH, TEACHERS[self._run % len(TEACHERS)]
        self.record = practice.Record(self._post, self._get, two, f"{CANARY} {self._run}")
        self._goals: Any = goal_pb2_grpc.GoalsServiceStub(self._channel)

    @property
    def acknowledged(self) -> int:
        return sum(len(each.acknowledged) for each in self.kept)

    @property
    def measured(self) -> list[Kept]:
        """Goals, where the newest value that was acknowledged is where they stand."""
        return [each for each in self.kept if each.holds is all_progress]

    def writers(self) -> list[Any]:
        """Coroutines that write until `stop`."""
        return [
            *(self._writer(self._goal, teacher) for teacher in TEACHERS),
            *(self._writer(self._observation, teacher) for teacher in TEACHERS[:2]),
            self._writer(self._instrument, ""),
            self._writer(self._corrections, ""),
            self._writer(self._draft, ""),
            self._writer(self._session, ""),
            self._writer(self._walk, ""),
            *(self.record.writer(who, self.stop) for who in self.record.two),
            self.imports.writer(self.stop),
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
        path = await self._active(teacher, number, key)
        kept = Kept(path, teacher, 2, all_progress)
        self.kept.append(kept)
        rpc = path.rpartition("/")[2] if teacher == TEACHERS[-1] else ""
        for value in range(1, VALUES + 1):
            said = {"value": value}
            request = Request("goals", coach, f"{path}/progress", said, f"{key}-{value}", goal=rpc)
            await self._value(kept, request, value)
            yield kept

    async def _active(self, teacher: str, number: int, key: str) -> str:
        """The path of a new goal. The two draft by turns, since others draft at most 100 of a
        teacher's goals a year."""
        coach, owner = self._north.who(COACH), self._north.who(teacher)
        author = coach if number % 2 else owner
        body = {
            "teacher_id": teacher,
            "statement": CANARY,
            "focus_skill": "x",
            "measure_id": "x",
            "unit": "x",
            "baseline": 0,
            "target": 1e6,
        }
        made = await self._until(Request("goals", author, "/goals/v1/goals", body, key, 201))
        path = f"/goals/v1/goals/{made['goal_id']}"
        await self._until(Request("goals", owner, f"{path}/activate", None, f"{key}-activate"))
        return path

    async def _corrections(self, _: str, number: int) -> AsyncIterator[Kept]:
        """Of a few values, each mistyped again and again: a value keeps 20 corrections. The
        teachers take turns, since one has so many goals a year."""
        teacher = TEACHERS[number % len(TEACHERS)]
        coach, key = self._north.who(COACH), f"mistyped-{self._run}-{number}"
        path = await self._active(teacher, number // len(TEACHERS), key)
        for each in range(CORRECTED):
            said: dict[str, Any] = {"value": 0}
            first = Request("goals", coach, f"{path}/progress", said, f"{key}-first-{each}")
            await self._until(first)
        kept = Kept(path, teacher, 2 + CORRECTED, all_corrections)
        self.kept.append(kept)
        for value in range(1, VALUES + 1):
            said = {"value": value, "reason": CANARY}
            there = f"{path}/progress/{1 + (value - 1) % CORRECTED}"
            request = Request("goals", coach, there, said, f"{key}-{value}", verb="PUT")
            await self._value(kept, request, value)
            yield kept

    async def _draft(self, _: str, number: int) -> AsyncIterator[Kept]:
        """One text, saved in place of what was seen, then thrown away."""
        coach = self._north.who(COACH)
        path, version = "", 0
        tries = itertools.count()

        def save(value: int, seen: int | None) -> Request:
            texts = [{"name": "statement", "text": f"{CANARY} {value}"}]
            body = {"kind": "goal", "texts": texts}
            return Request("goals", coach, path, body, "", verb="PUT", seen=seen)

        async def first() -> bool:
            """A first save has seen nothing: where it may land late, it is let be."""
            nonlocal path, version
            path = f"/goals/v1/drafts/typed-{self._run}-{number}-{next(tries)}"
            try:
                status, answer = await self._send(save(0, None))
            except Gone:
                return False
            assert status in (200, 503), (status, answer)
            version = answer.get("version", 0)
            return status == 200

        await eventually(first, timeout=150)
        kept = Kept(path, "", version, last_text)
        self.kept.append(kept)
        for value in range(1, VALUES + 1):
            seen = kept.own + len(kept.acknowledged)
            await self._value(kept, save(value, seen), value)
            yield kept
        await self._until(Request("goals", coach, path, None, "", verb="DELETE", done=404))
        kept.last, kept.gone = None, True

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
        kept = Kept(f"{there}/{made['observation_id']}", teacher, 1, last_note)
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
        """One value each: that it is published. A district has at most 2,000 and a person 200, so
        this writer takes its time, and all take turns."""
        author = teacher_id(1 + number % SHAPE.teachers)
        coach, key = self._north.who(author), f"instrument-{self._run}-{number}"
        there = "/surveys/v1/instruments"
        made = await self._until(Request("surveys", coach, there, MEASURE, key, 201))
        kept = Kept(f"{there}/{made['instrument_id']}", "", 1, published)
        self.kept.append(kept)
        path = f"{kept.path}/publish"
        await self._value(kept, Request("surveys", coach, path, None, f"{key}-publish"), 1)
        yield kept
        yield kept
        yield kept

    async def _session(self, _: str, number: int) -> AsyncIterator[Kept]:
        """The teachers take turns, since one has so many sessions, and walks, a year."""
        teacher, key = TEACHERS[number % len(TEACHERS)], f"session-{self._run}-{number}"
        path = await practice.held_session(self._post, COACH, teacher, key)
        kept = Kept(path, teacher, 2, practice.all_minutes)
        self.kept.append(kept)
        for value in range(1, practice.CORRECTED + 1):
            said = practice.correction(f"{CANARY} {value}", value)
            await self._step(kept, COACH, "correct", said, f"{key}-{value}", value)
            yield kept

    async def _walk(self, _: str, number: int) -> AsyncIterator[Kept]:
        teacher, key = TEACHERS[number % len(TEACHERS)], f"walk-{self._run}-{number}"
        tree = await practice.published_tree(self._post, COACH, f"tree-{self._run}")
        path = await practice.started_walk(self._post, teacher, tree, key)
        kept = Kept(path, teacher, 1, practice.all_answers)
        self.kept.append(kept)
        for value in range(1, practice.ANSWERED + 1):
            what, said = practice.answer_or_back(f"{CANARY} {value}", value)
            await self._step(kept, teacher, what, said, f"{key}-{value}", value)
            yield kept

    async def _step(self, kept: Kept, who: str, what: str, body: Any, key: str, value: int) -> None:
        service, path = kept.path.split("/")[1], f"{kept.path}/{what}"
        await self._value(kept, Request(service, self._north.who(who), path, body, key), value)

    async def _post(self, who: str, path: str, body: Any, key: str) -> Any:
        """Of what is created, or moved."""
        service, caller = path.split("/")[1], self._north.who(who)
        return await self._until(Request(service, caller, path, body, key, 201, done=200))

    async def _get(self, who: str, path: str) -> Any:
        request = Request(path.split("/")[1], self._north.who(who), path, None, "", verb="GET")
        return await self._until(request)

    async def _import(self, packed: bytes, key: str) -> Any:
        key = f"{key}-{self._run}"
        return await self._until(Request("roster", SIS, IMPORTS, None, key, 202, zip=packed))

    async def _get_of_nightly(self, path: str) -> Any:
        who = READS if path == ORGS else SIS
        return await self._until(Request("roster", who, path, None, "", verb="GET"))

    async def _value(self, kept: Kept, request: Request, value: int) -> None:
        kept.answer = await self._until(request)
        kept.last = request
        kept.acknowledged.append(float(value))

    async def _until(self, request: Request) -> Any:
        """The body of the answer that acknowledged it."""
        bodies: list[Any] = []

        async def sent() -> bool:
            watch = Stopwatch()
            try:
                status, body = await self._send(request)
            except Gone:
                return False
            finally:  # also of a request that hung until its client gave it up
                self.longest = max(self.longest, watch.seconds())
            self.statuses[status] += 1
            bodies.append(body)
            assert status in (request.status, request.done, 503), (status, body)
            return status != 503

        await eventually(sent, timeout=150)
        return bodies[-1]

    async def _send(self, request: Request) -> tuple[int, Any]:
        """Status and body of the answer. Raises Gone."""
        if request.goal:
            return await self._call(request)
        headers = {"Idempotency-Key": request.key} if request.key else {}
        if request.zip is not None:
            headers["Content-Type"] = "application/zip"
        if request.seen is not None:
            headers["If-Match"] = f'"{request.seen}"'
        client = self._client(request.service, request.caller)
        try:
            answer = await client.request(
                *(request.verb, request.path),
                json=request.body, content=request.zip, headers=headers,
            )  # fmt: skip
        except httpx2.TransportError as error:
            raise Gone from error
        if answer.status_code == 503:
            self.without_retry_after += "retry-after" not in answer.headers
        return answer.status_code, answer.json()

    async def _call(self, request: Request) -> tuple[int, Any]:
        said = goal_pb2.RecordProgressRequest(
            goal_id=request.goal, request_id=request.key, **request.body or {}
        )
        bearer = f"Bearer {self._stack.token(request.caller)}"
        try:
            answer = await self._goals.RecordProgress(
                said, metadata=(("authorization", bearer),), timeout=15
            )
        except grpc.aio.AioRpcError as error:
            told = dict(error.trailing_metadata() or ())
            if "grpc-status-details-bin" not in told:  # not from us
                raise Gone from error
            later = error.code() is grpc.StatusCode.UNAVAILABLE or reason_of(error) == "overloaded"
            return (503 if later else 400), error.details()
        return request.status, answer

    def _client(self, service: str, caller: str) -> httpx2.AsyncClient:
        """Kept: making one takes longer than a request."""
        if (service, caller) not in self._clients:
            self._clients[service, caller] = self._north.asks.client(service, caller)
        return self._clients[service, caller]

    async def close(self) -> None:
        for client in self._clients.values():
            await client.aclose()
        await self._channel.close()

    async def check(self) -> None:
        """The last key of each still gives the same answer and changes nothing; what was
        acknowledged is there, once, in order."""
        for kept in self.kept:
            if kept.last is not None:
                _, again = await self._send(kept.last)
                assert again == kept.answer, f"{kept.path}: another answer to the same key"
            client = self._client(kept.path.split("/")[1], self._north.who(COACH))
            found = await client.get(kept.path)
            if kept.gone:
                assert found.status_code == 404, f"{kept.path}: it was thrown away"
                continue
            resource = found.json()
            if kept.holds is all_progress:  # some of it has left the goal
                listed = await client.get(f"{kept.path}/progress", params={"page_size": 200})
                resource["progress"] = listed.json()["progress"][::-1]
            told = f"{kept.path}: a write is lost or doubled: {kept.acknowledged}, {resource}"
            assert kept.holds(resource, kept.acknowledged), told
            assert resource["version"] == kept.own + len(kept.acknowledged), told
        await self.imports.check()
        await self.record.check()
        assert not self.without_retry_after
