"""Progress recorded at a steady rate (open loop); of a few writes a second, how long until the
coach's caseload, asked for every 10 ms, shows the value."""

from __future__ import annotations

import asyncio
import json
import math
import time
from pathlib import Path
from typing import Any

import orjson
import uvloop

from bench.sides.load import Connection, encoded
from bench.sides.meter import given

SAMPLES_A_SECOND = 10
EVERY_SECONDS = 0.01
PATIENCE_SECONDS = 20.0


class Reading(Connection):
    """Keeps the body of the last answer."""

    body = b""

    def data_received(self, data: bytes) -> None:
        self.body = (self._buffer + data).partition(b"\r\n\r\n")[2]
        super().data_received(data)


async def main(asked: dict[str, Any], plan: dict[str, Any]) -> None:
    rate, seconds = asked["rate"], asked["seconds"]
    loop = asyncio.get_running_loop()

    async def connect(kind: type[Connection], port: int) -> Any:
        return (await loop.create_connection(kind, "127.0.0.1", port))[1]

    writers: asyncio.Queue[Any] = asyncio.Queue()
    readers: asyncio.Queue[Any] = asyncio.Queue()
    for _ in range(64):
        writers.put_nowait(await connect(Connection, asked["goals_port"]))
    for _ in range(64):
        readers.put_nowait(await connect(Reading, asked["insights_port"]))
    goals, coaches = plan["goals"], plan["coaches"]
    refused = 0
    taken: list[float] = []
    wrote: list[float] = []

    async def write(number: int, watch: bool, due: float) -> None:
        nonlocal refused
        goal = goals[number % len(goals)]
        value = float(asked["from"] + number)
        body = json.dumps({"value": value})
        request = {"method": "POST", "path": f"/goals/v1/goals/{goal['id']}/progress",
                   "token": goal["token"], "body": body}  # fmt: skip
        connection = await writers.get()
        status = await connection.send(encoded(request, asked["goals_port"]))
        writers.put_nowait(connection)
        if status == 503:  # more than it can do: refused at once, and counted
            refused += 1
            return
        assert status == 200, status
        wrote.append(time.perf_counter() - due)
        if watch:
            await seen(goal, value)
            taken.append(time.perf_counter() - due)

    async def seen(goal: dict[str, Any], value: float) -> None:
        token = coaches[goal["coach"]]
        request = encoded(
            {"method": "GET", "path": "/insights/v1/caseload", "token": token, "body": ""},
            asked["insights_port"],
        )
        reader = await readers.get()
        until = time.perf_counter() + PATIENCE_SECONDS
        while time.perf_counter() < until:
            assert await reader.send(request) == 200
            for entry in orjson.loads(reader.body)["entries"]:
                for one in entry["open_goals"]:
                    if one["goal_id"] == goal["id"] and (one["current"] or 0) >= value:
                        readers.put_nowait(reader)
                        return
            await asyncio.sleep(EVERY_SECONDS)
        raise SystemExit(f"{goal['id']} is not in the caseload after {PATIENCE_SECONDS} s")

    began = time.perf_counter()
    every = max(1, rate // SAMPLES_A_SECOND)
    async with asyncio.TaskGroup() as group:
        for number in range(int(rate * seconds)):
            due = began + number / rate
            await asyncio.sleep(max(0.0, due - time.perf_counter()))
            group.create_task(write(number, number % every == 0, due))
    taken.sort()
    wrote.sort()

    def at(values: list[float], share: float) -> float:
        return round(values[max(math.ceil(len(values) * share) - 1, 0)] * 1000, 1)

    print(
        json.dumps(
            {
                "p50": at(taken, 0.5),
                "p99": at(taken, 0.99),
                "most": at(taken, 1),
                "write_p50": at(wrote, 0.5),
                "write_p99": at(wrote, 0.99),
                "writes": len(wrote),
                "refused": refused,
                "samples": len(taken),
            }
        )
    )


if __name__ == "__main__":
    uvloop.run(main(given(), json.loads(Path(given()["plan"]).read_text())))
