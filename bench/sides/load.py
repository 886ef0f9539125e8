"""HTTP load from one process: requests of a file over and over, answers only counted.

`rate` 0: closed loop, each connection sends as soon as it is answered. Else open loop: a
request every 1/rate seconds whatever the answers do, latency from the moment it was due."""

from __future__ import annotations

import asyncio
import json
import time
from collections import deque
from pathlib import Path
from typing import Any

import uvloop

from bench.sides.meter import given


class Connection(asyncio.Protocol):
    """One request at a time; `send` gives the status."""

    def __init__(self) -> None:
        self._buffer = b""
        self._waiting: asyncio.Future[int] | None = None
        self._transport: Any = None

    def connection_made(self, transport: Any) -> None:
        self._transport = transport

    def connection_lost(self, exc: Exception | None) -> None:
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_exception(exc or ConnectionError("closed"))

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        head, found, rest = self._buffer.partition(b"\r\n\r\n")
        if not found:
            return
        lowered = head.lower()
        at = lowered.find(b"content-length:")
        length = int(lowered[at + 15 :].split(b"\r\n", 1)[0]) if at >= 0 else 0
        if len(rest) >= length and self._waiting is not None:
            self._buffer = rest[length:]
            self._waiting.set_result(int(head[9:12]))

    async def send(self, request: bytes) -> int:
        self._waiting = asyncio.get_running_loop().create_future()
        self._transport.write(request)
        return await self._waiting


def encoded(each: dict[str, Any], port: int) -> bytes:
    body = str(each["body"]).encode()
    head = f"{each['method']} {each['path']} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n"
    if each.get("token"):
        head += f"Authorization: Bearer {each['token']}\r\n"
    if body:
        head += f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n"
    return head.encode() + b"\r\n" + body


async def main(asked: dict[str, Any], file: list[dict[str, Any]]) -> None:
    port, seconds, warm = asked["port"], asked["seconds"], asked.get("warm", 1.0)
    requests = deque(encoded(each, port) for each in file)
    requests.rotate(-asked.get("skip", 0))
    loop = asyncio.get_running_loop()
    made = [
        (await loop.create_connection(Connection, "127.0.0.1", port))[1]
        for _ in range(asked["connections"])
    ]
    latencies: list[float] = []
    statuses: dict[int, int] = {}
    began = time.perf_counter()
    start, end = began + warm, began + warm + seconds

    async def one(connection: Connection, due: float) -> None:
        request = requests.popleft()
        requests.append(request)
        status = await connection.send(request)
        statuses[status] = statuses.get(status, 0) + 1
        if due >= start:
            latencies.append(time.perf_counter() - due)

    async def closed(connection: Connection) -> None:
        while (now := time.perf_counter()) < end:
            await one(connection, now)

    async def opened(rate: float) -> None:
        free: asyncio.Queue[Connection] = asyncio.Queue()
        for connection in made:
            free.put_nowait(connection)

        async def when_free(due: float) -> None:
            connection = await free.get()
            await one(connection, due)
            free.put_nowait(connection)

        async with asyncio.TaskGroup() as group:
            due = began
            while due < end:
                await asyncio.sleep(max(0.0, due - time.perf_counter()))
                group.create_task(when_free(due))
                due += 1 / rate

    if asked.get("rate"):
        await opened(asked["rate"])
    else:
        await asyncio.gather(*(closed(each) for each in made))
    took = time.perf_counter() - start
    ordered = sorted(latencies)
    result = {
        "rate": round(len(ordered) / took, 1),
        "p50": round(ordered[len(ordered) // 2] * 1000, 2),
        "p99": round(ordered[int(len(ordered) * 0.99)] * 1000, 2),
        "count": sum(statuses.values()),
        "failed": sum(count for status, count in statuses.items() if status >= 400),
    }
    if result["failed"]:
        raise SystemExit(f"answers: {statuses}")
    print(json.dumps(result))


if __name__ == "__main__":
    uvloop.run(main(given(), json.loads(Path(given()["requests"]).read_text())))
