"""Goals drafted over gRPC, closed loop, so many calls in flight on one channel."""

from __future__ import annotations

import asyncio
import json
import time
from typing import Any

import grpc
import uvloop

from bench.sides.meter import given
from coaching.goals.v1 import goal_pb2, goal_pb2_grpc


async def main(asked: dict[str, Any]) -> None:
    async with grpc.aio.insecure_channel(f"127.0.0.1:{asked['port']}") as channel:
        stub: Any = goal_pb2_grpc.GoalsServiceStub(channel)
        calls = [
            (
                goal_pb2.DraftGoalRequest(**each["message"]),
                (("authorization", f"Bearer {each['token']}"),),
            )
            for each in asked["calls"]
        ]
        count, latencies = 0, []
        began = time.perf_counter()
        start, end = began + 1.0, began + 1.0 + asked["seconds"]

        async def one(first: int) -> None:
            nonlocal count
            while (now := time.perf_counter()) < end:
                message, metadata = calls[(first + count) % len(calls)]
                await stub.DraftGoal(message, metadata=metadata)
                count += 1
                if now >= start:
                    latencies.append(time.perf_counter() - now)

        await asyncio.gather(*(one(number) for number in range(asked["connections"])))
        took = time.perf_counter() - start
    latencies.sort()
    print(
        json.dumps(
            {
                "rate": round(len(latencies) / took, 1),
                "p50": round(latencies[len(latencies) // 2] * 1000, 2),
                "p99": round(latencies[int(len(latencies) * 0.99)] * 1000, 2),
                "count": count,
            }
        )
    )


uvloop.run(main(given()))
