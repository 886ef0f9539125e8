"""More progress than can be recorded, phase by phase: open loop, whatever the answers do, latency
from the moment a request was due. Of a few that were accepted, how long until the coach's
caseload shows the value. No tasks and little parsing: it runs on the cores of those it asks.

A phase is so many times what the latest closed loop of LINES connections did; `times` 0 is such a
loop. As the load is on the same cores in both, its own cost is in both."""

from __future__ import annotations

import asyncio
import json
import math
import time
from collections import deque
from pathlib import Path
from typing import Any

import orjson
import uvloop

from bench.machine import cpu_seconds
from bench.sides.freshness_side import Reading
from bench.sides.load import encoded
from bench.sides.meter import given

LINES = 16  # of the closed loop: so many run at a time whatever happens, so none is refused
MOST_LINES = 1_000
IN_TIME_SECONDS = 1.0  # an answer later than this is no use
SAMPLES_A_SECOND = 2
LOOK_SECONDS = 0.1  # between two looks at a caseload
PATIENCE_SECONDS = 30.0


class Phase:
    """What became of the requests that were due in it."""

    def __init__(self, name: str, seconds: float, times: float) -> None:
        self.name, self.seconds, self.times = name, seconds, times
        self.due = 0
        self.accepted: list[float] = []
        self.refused: list[float] = []
        self.late = 0  # of the refused, those that the application had been asked
        self.others: dict[int, int] = {}
        self.seen: list[float] = []
        self.cpu: dict[str, float] = {}

    def said(self) -> dict[str, Any]:
        return {
            "phase": self.name,
            "offered": round(self.due / self.seconds, 1),
            "goodput": round(self.goodput, 1),
            "refused_share": round(len(self.refused) / max(self.due, 1), 3),
            "p50": at(self.accepted, 0.5),
            "p99": at(self.accepted, 0.99),
            "late_share": round(self.late / max(self.due, 1), 3),
            "refused_p99": at(self.refused, 0.99),
            "seen_p50": at(self.seen, 0.5),
            "seen_p99": at(self.seen, 0.99),
            "samples": len(self.seen),
            "others": self.others,
            "unanswered": self.due - self.answered,
            "cores": {name: round(each / self.seconds, 2) for name, each in self.cpu.items()},
            "cpu_ms": self._each(*(name for name in self.cpu if name != "load")),
            "writer_cpu_ms": self._each("goals"),
        }

    @property
    def answered(self) -> int:
        return len(self.accepted) + len(self.refused) + sum(self.others.values())

    @property
    def goodput(self) -> float:
        return sum(each <= IN_TIME_SECONDS for each in self.accepted) / self.seconds

    def _each(self, *names: str) -> float:
        """What these have used for each accepted one, in milliseconds."""
        return round(sum(self.cpu[n] for n in names) / max(len(self.accepted), 1) * 1000, 2)


def at(values: list[float], share: float) -> float | None:
    """In milliseconds."""
    ordered = sorted(values)
    index = max(math.ceil(len(ordered) * share) - 1, 0)
    return round(ordered[index] * 1000, 1) if ordered else None


class Line(asyncio.Protocol):
    """One connection, one request at a time."""

    def __init__(self, load: Load) -> None:
        self._load = load
        self._buffer = b""
        self._transport: Any = None
        self._asked: tuple[Phase, float, int] | None = None

    def connection_made(self, transport: Any) -> None:
        self._transport = transport

    def connection_lost(self, exc: Exception | None) -> None:
        if self._asked is not None:
            self._load.answered(0, *self._asked)
        self._load.lost(self)

    def send(self, request: bytes, asked: tuple[Phase, float, int]) -> None:
        self._asked = asked
        self._transport.write(request)

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        end = self._buffer.find(b"\r\n\r\n")
        if end < 0:
            return
        length = self._buffer.find(b"content-length: ", 0, end)
        whole = end + 4
        if length >= 0:
            whole += int(self._buffer[length + 16 : self._buffer.index(b"\r\n", length)])
        if len(self._buffer) < whole or self._asked is None:
            return
        status = int(self._buffer[9:12])
        if status == 503 and self._buffer.find(b"x-request-id", 0, end) >= 0:
            self._asked[0].late += 1
        self._buffer = self._buffer[whole:]
        asked, self._asked = self._asked, None
        self._load.free(self)
        self._load.answered(status, *asked)


class Load:
    def __init__(self, asked: dict[str, Any], plan: dict[str, Any]) -> None:
        self._goals, self._coaches = plan["goals"], plan["coaches"]
        self._port, self._insights = asked["goals_port"], asked["insights_port"]
        self._number, self._pids = asked["from"], asked["pids"]
        self._free: deque[Line] = deque()
        self._ahead: deque[tuple[Phase, float]] = deque()  # due, and no connection free
        self._looks: set[asyncio.Task[None]] = set()
        self._sampled = self._capacity = 0.0
        self.lines = 0

    async def run(self, phase: Phase) -> None:
        """Until its end; answers may come later."""
        while self.lines < LINES:
            await self._connect()
        cpu, began = self._cpu(), time.perf_counter()
        if phase.times:
            await self._open(phase, began, phase.times * self._capacity)
        else:
            await self._closed(phase, began)
            self._capacity = phase.goodput
        phase.cpu = {name: each - cpu[name] for name, each in self._cpu().items()}

    def _cpu(self) -> dict[str, float]:
        """That each process has used, the load's own among them."""
        used = {name: cpu_seconds(pid) for name, pid in self._pids.items()}
        return {**used, "load": time.process_time()}

    async def _open(self, phase: Phase, began: float, rate: float) -> None:
        due = began
        while due < began + phase.seconds:
            now = time.perf_counter()
            while due <= now:
                phase.due += 1
                self._ahead.append((phase, due))
                due += 1 / rate
            while self._ahead and self._free:
                self._send(self._free.popleft(), *self._ahead.popleft())
            for _ in range(min(len(self._ahead), MOST_LINES - self.lines, 20)):
                await self._connect()
            await asyncio.sleep(0.002)

    async def _closed(self, phase: Phase, began: float) -> None:
        while (now := time.perf_counter()) < began + phase.seconds:
            while self._free and phase.due - phase.answered < LINES:
                phase.due += 1
                self._send(self._free.popleft(), phase, now)
            await asyncio.sleep(0.001)

    async def _connect(self) -> None:
        loop = asyncio.get_running_loop()
        _, line = await loop.create_connection(lambda: Line(self), "127.0.0.1", self._port)
        self.lines += 1
        self._free.append(line)

    def free(self, line: Line) -> None:
        self._free.append(line)

    def lost(self, line: Line) -> None:
        self.lines -= 1
        if line in self._free:
            self._free.remove(line)

    def _send(self, line: Line, phase: Phase, due: float) -> None:
        self._number += 1
        goal = self._goals[self._number % len(self._goals)]
        request = {"method": "POST", "path": f"/goals/v1/goals/{goal['id']}/progress",
                   "token": goal["token"], "body": f'{{"value": {self._number}}}'}  # fmt: skip
        line.send(encoded(request, self._port), (phase, due, self._number))

    def answered(self, status: int, phase: Phase, due: float, number: int) -> None:
        took = time.perf_counter() - due
        if status == 200:
            phase.accepted.append(took)
            if due - self._sampled >= 1 / SAMPLES_A_SECOND:
                self._sampled = due
                task = asyncio.create_task(self._look(phase, due, number))
                self._looks.add(task)
                task.add_done_callback(self._looks.discard)
        elif status == 503:
            phase.refused.append(took)
        else:
            phase.others[status] = phase.others.get(status, 0) + 1

    async def _look(self, phase: Phase, due: float, number: int) -> None:
        """Until the caseload shows the value."""
        goal = self._goals[number % len(self._goals)]
        request = encoded(
            {"method": "GET", "path": "/insights/v1/caseload",
             "token": self._coaches[goal["coach"]], "body": ""}, self._insights,
        )  # fmt: skip
        loop = asyncio.get_running_loop()
        transport, reader = await loop.create_connection(Reading, "127.0.0.1", self._insights)
        while time.perf_counter() < due + PATIENCE_SECONDS:
            if await reader.send(request) == 200 and shows(reader.body, goal["id"], number):
                break
            await asyncio.sleep(LOOK_SECONDS)
        phase.seen.append(time.perf_counter() - due)
        transport.close()

    async def rest(self) -> None:
        """Wait for what is under way."""
        for _ in range(int(PATIENCE_SECONDS / LOOK_SECONDS)):
            if not self._looks and len(self._free) == self.lines:
                break
            await asyncio.sleep(LOOK_SECONDS)


def shows(body: bytes, goal: str, value: int) -> bool:
    entries = orjson.loads(body)["entries"]
    goals = (one for entry in entries for one in entry["open_goals"])
    return any(one["goal_id"] == goal and (one["current"] or 0) >= value for one in goals)


async def main(asked: dict[str, Any], plan: dict[str, Any]) -> None:
    load = Load(asked, plan)
    phases = [Phase(*each) for each in asked["phases"]]
    for phase in phases:
        if not phase.times:
            await load.rest()
        await load.run(phase)
    await load.rest()
    print(json.dumps({"phases": [each.said() for each in phases]}))


if __name__ == "__main__":
    uvloop.run(main(given(), json.loads(Path(given()["plan"]).read_text())))
