"""10,000 teachers get another coach at once, while their work and the caseloads are read all the
time: how long until every read and every caseload is right. REASSIGNED sets how many."""

from __future__ import annotations

import asyncio
import json
import os
import time
from collections.abc import Awaitable, Callable, Iterable
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from typing import Any

from pymongo import MongoClient

from bench.events import CASELOAD, DISTRICT, YEAR, coach_of, people, teacher_id
from bench.measure import report
from bench.service import Server, ensure_indexes, service, token
from bench.sides.reassign_side import Reading, caseload
from bench.stage import FOLDER, engines, publish, side
from services.assembly.registry import SERVICES
from services.chassis.call import Call, Principal
from services.chassis.kernel import SystemClock
from services.chassis.mongo import connect, database
from services.chassis.write.bell import LocalBell
from services.chassis.write.mongo_documents import MongoDocuments
from services.chassis.write.write_path import WritePath
from services.ctl.engines import Engines
from services.programs.relationship.codec import RELATIONSHIPS
from services.programs.relationship.domain import Relationship

TEACHERS = int(os.environ.get("REASSIGNED", 10_000))
BOUND_SECONDS = 30.0
AT_ONCE = 32  # commands under way
READS = 200  # a second
BEFORE_SECONDS = 10.0
READY_SECONDS = 300.0
_ENDS, _BEGINS = "end_relationship", "accept_relationship"


def goal_of(number: int) -> str:
    return f"goal-{number:06d}"


def next_coach(number: int) -> str:
    """The coach of the next caseload, and of the last one the first."""
    return coach_of((number + CASELOAD) % TEACHERS)


class Programs:
    """The commands of the programs service on its own write path, without HTTP."""

    def __init__(self, started: Engines) -> None:
        own = database(connect(started.mongodb_uri, "bench"), SERVICES["programs"].database)
        self.path = WritePath(MongoDocuments(own, ()), RELATIONSHIPS, SystemClock(), LocalBell())

    async def relate(self, number: int, coach: str) -> None:
        """Proposed by the coach, accepted by the teacher."""
        teacher, now = teacher_id(number), datetime.now(UTC)
        new = Relationship.propose(
            id=self.id_of(number, coach), district=DISTRICT, coach=coach, teacher=teacher,
            year=YEAR, by=coach, at=now,
        )  # fmt: skip
        await self.path.create(self._call(coach, _BEGINS), new)
        await self.path.change(
            self._call(teacher, _BEGINS), new.id, lambda known: known.accept(teacher, now)
        )

    async def part(self, number: int, coach: str) -> None:
        teacher, now = teacher_id(number), datetime.now(UTC)
        id_ = self.id_of(number, coach)
        await self.path.change(
            self._call(teacher, _ENDS), id_, lambda known: known.end(teacher, now)
        )

    def id_of(self, number: int, coach: str) -> str:
        return self.path.derived_id(DISTRICT, coach, teacher_id(number), str(YEAR))

    def _call(self, who: str, operation: str) -> Call:
        return Call(operation, Principal(DISTRICT, person=who))


async def each(numbers: Iterable[int], do: Callable[[int], Awaitable[None]]) -> None:
    """`AT_ONCE` at a time."""
    left = iter(numbers)

    async def some() -> None:
        for number in left:
            await do(number)

    async with asyncio.TaskGroup() as group:
        for _ in range(AT_ONCE):
            group.create_task(some())


def goals(mongodb: str) -> None:
    """One active goal of each teacher, as the goals service stores it."""
    client: MongoClient[dict[str, Any]] = MongoClient(mongodb, tz_aware=True)
    now = datetime.now(UTC)
    documents: list[dict[str, Any]] = []
    for number in range(TEACHERS):
        state = {
            "teacher": teacher_id(number), "school_year": YEAR, "statement": "They explain",
            "focus_skill": "questioning", "measure": "talk", "unit": "percent",
            "direction": "increase", "target": 1e9, "baseline": 0.0, "due": "",
            "class_id": "", "state": "active", "drafted_at": now, "activated_at": now,
        }  # fmt: skip
        documents.append({"_id": goal_of(number), "kind": "goal", "district": DISTRICT,
                          "version": 2, "state": state, "outbox": []})  # fmt: skip
    client[SERVICES["goals"].database]["aggregates"].insert_many(documents)


class Caseloads:
    """Whether all of them hold who belongs into them, and nobody else."""

    def __init__(self, port: int, tokens: dict[str, str]) -> None:
        self._port, self._tokens = port, tokens

    async def right(self, coach: Callable[[int], str]) -> bool:
        wanted: dict[str, set[str]] = {each: set() for each in self._tokens}
        for number in range(TEACHERS):
            wanted[coach(number)].add(teacher_id(number))
        loop = asyncio.get_running_loop()
        reading = (await loop.create_connection(Reading, "127.0.0.1", self._port))[1]
        try:
            for who, signed in self._tokens.items():
                if await caseload(reading, self._port, signed) != wanted[who]:
                    return False
            return True
        finally:
            reading.close()

    async def until_right(self, coach: Callable[[int], str], patience: float) -> float:
        """When they are, by time.monotonic, as one round after the other finds."""
        until = time.monotonic() + patience
        while time.monotonic() < until:
            began = time.monotonic()
            if await self.right(coach):
                return began
            await asyncio.sleep(0.2)
        raise SystemExit(f"not every caseload is right after {patience} s")


async def run() -> None:
    async with engines("reassign") as started, AsyncExitStack() as stack:
        for name in SERVICES:
            await ensure_indexes(name, started)
        goals(started.mongodb_uri)
        await publish(started.kafka_bootstrap_servers, people(TEACHERS))
        up: dict[str, Server] = {}
        for name in SERVICES:
            up[name] = await stack.enter_async_context(service(name, started))
        programs = Programs(started)
        await each(range(TEACHERS), lambda number: programs.relate(number, coach_of(number)))
        tokens = {each: token(each) for each in {coach_of(n) for n in range(TEACHERS)}}
        caseloads = Caseloads(up["insights"].ports.rest, tokens)
        await caseloads.until_right(coach_of, READY_SECONDS)
        plan = FOLDER / "reassign.json"
        rows = [[teacher_id(n), goal_of(n), coach_of(n), next_coach(n)] for n in range(TEACHERS)]
        plan.write_text(json.dumps({"teachers": rows, "tokens": tokens}))
        asked = {"plan": str(plan), "rate": READS, "sweep": BOUND_SECONDS,
                 "goals_port": up["goals"].ports.rest,
                 "insights_port": up["insights"].ports.rest,
                 "told": str(FOLDER / "reassigned.json")}  # fmt: skip
        (FOLDER / "reassigned.json").unlink(missing_ok=True)
        reading = asyncio.create_task(side("reassign_side", asked))
        await asyncio.sleep(BEFORE_SECONDS)
        ended: dict[int, float] = {}
        begun: dict[int, float] = {}

        async def reassign(number: int) -> None:
            await programs.part(number, coach_of(number))
            ended[number] = time.monotonic()
            await programs.relate(number, next_coach(number))
            begun[number] = time.monotonic()

        first = time.monotonic()
        await each(range(TEACHERS), reassign)
        last = time.monotonic()
        told = FOLDER / "reassigned.tmp"
        times = [[ended[n], begun[n]] for n in range(TEACHERS)]
        told.write_text(json.dumps({"times": times, "last": last}))
        told.rename(FOLDER / "reassigned.json")
        right = await caseloads.until_right(next_coach, 300.0)
        said = await reading
    lines = [
        f"{TEACHERS} teachers: {3 * TEACHERS} commands in {last - first:.1f} s; every caseload is"
        f" right {right - last:.1f} s after the last of them (asked: {BOUND_SECONDS:.0f} s)",
        f"of {said['reads']} reads meanwhile: an old coach was let in for {said['old']:.1f} s at"
        f" most, a new one waited for {said['new']:.1f} s at most; wrong after"
        f" {BOUND_SECONDS:.0f} s: {said['late']}; {said['refused']} more were refused",
        f"then every goal, read by its old coach and by its new one: {said['swept']} reads,"
        f" {said['swept_wrong']} wrong",
    ]
    report("reassign", {"said": said, "seconds": right - last}, lines)
