"""Goals and caseloads read at a steady rate by old and new coaches, until all that is asked in the
file `told` has been so for `sweep` seconds; then every goal by both."""

from __future__ import annotations

import asyncio
import json
import random
import time
from pathlib import Path
from typing import Any

import orjson
import uvloop

from bench.sides.load import Connection, encoded
from bench.sides.meter import given

CONNECTIONS = 32
TRIES = 60  # of one that is refused
REFUSED = (429, 503)  # more than can be done, or than one may have under way


class Reading(Connection):
    """Keeps the body of the last answer."""

    body = b""

    def data_received(self, data: bytes) -> None:
        self.body = (self._buffer + data).partition(b"\r\n\r\n")[2]
        super().data_received(data)

    def close(self) -> None:
        self._transport.close()


def get(path: str, token: str, port: int) -> bytes:
    return encoded({"method": "GET", "path": path, "token": token, "body": ""}, port)


async def caseload(reading: Reading, port: int, token: str) -> set[str] | None:
    """Who is in it; None where there is more to do than can be done."""
    status = await reading.send(get("/insights/v1/caseload", token, port))
    if status in REFUSED:
        return None
    assert status == 200, status
    return {each["teacher_id"] for each in orjson.loads(reading.body)["entries"]}


class Side:
    """`seen`: teacher, whether by her new coach, when asked, whether she was shown."""

    def __init__(self, asked: dict[str, Any], plan: dict[str, Any]) -> None:
        self.asked, self.teachers, self.tokens = asked, plan["teachers"], plan["tokens"]
        self.seen: list[tuple[int, bool, float, bool]] = []
        self.free: dict[str, asyncio.Queue[Reading]] = {}
        self.told: dict[str, Any] = {}
        self.refused = 0  # which is no answer

    async def connect(self) -> None:
        loop = asyncio.get_running_loop()
        for service in ("goals", "insights"):
            self.free[service] = asyncio.Queue()
            for _ in range(CONNECTIONS):
                port = self.asked[f"{service}_port"]
                made = (await loop.create_connection(Reading, "127.0.0.1", port))[1]
                self.free[service].put_nowait(made)

    async def one(self, number: int, new: bool, of_goal: bool) -> bool | None:
        """Whether it is as it is to be in the end; None where it was refused."""
        teacher, goal, *coaches = self.teachers[number]
        service = "goals" if of_goal else "insights"
        port, token = self.asked[f"{service}_port"], self.tokens[coaches[new]]
        reading = await self.free[service].get()
        at = time.monotonic()
        try:
            if of_goal:
                status = await reading.send(get(f"/goals/v1/goals/{goal}", token, port))
                assert status in (200, 404, *REFUSED), status
                shown = None if status in REFUSED else status == 200
            else:
                found = await caseload(reading, port, token)
                shown = None if found is None else teacher in found
        finally:
            self.free[service].put_nowait(reading)
        if shown is None:
            self.refused += 1
            return None
        self.seen.append((number, new, at, shown))
        return shown is new

    async def traffic(self) -> None:
        chance, began, count = random.Random(1), time.monotonic(), 0
        async with asyncio.TaskGroup() as group:
            while not self.told or time.monotonic() < self.told["last"] + self.asked["sweep"]:
                await asyncio.sleep(max(0.0, began + count / self.asked["rate"] - time.monotonic()))
                number = chance.randrange(len(self.teachers))
                group.create_task(self.one(number, count % 2 == 0, count % 4 < 2))
                count += 1
                if not self.told and count % 50 == 0:
                    self.told = await asyncio.to_thread(_told, Path(self.asked["told"]))

    async def sweep(self) -> int:
        """How many of all are wrong."""
        left = iter([(n, new) for n in range(len(self.teachers)) for new in (False, True)])
        wrong = 0

        async def some() -> None:
            nonlocal wrong
            for number, new in left:
                for _ in range(TRIES):
                    right = await self.one(number, new, True)
                    if right is not None:
                        break
                    await asyncio.sleep(0.5)
                wrong += not right

        async with asyncio.TaskGroup() as group:
            for _ in range(CONNECTIONS):
                group.create_task(some())
        return wrong


def _told(file: Path) -> dict[str, Any]:
    """Empty as long as nothing is."""
    said: dict[str, Any] = json.loads(file.read_text()) if file.exists() else {}
    return said


async def main(asked: dict[str, Any], plan: dict[str, Any]) -> None:
    side = Side(asked, plan)
    await side.connect()
    await side.traffic()
    reads = len(side.seen)
    wrong = await side.sweep()
    longest, late = {False: 0.0, True: 0.0}, 0
    for number, new, at, shown in side.seen:
        after = at - side.told["times"][number][new]
        if after > 0 and shown is not new:
            longest[new] = max(longest[new], after)
            late += after > asked["sweep"]
    said = {"reads": reads, "old": longest[False], "new": longest[True], "late": late,
            "swept": len(side.seen) - reads, "swept_wrong": wrong,
            "refused": side.refused}  # fmt: skip
    print(json.dumps(said))


if __name__ == "__main__":
    uvloop.run(main(given(), _told(Path(given()["plan"]))))
