"""The stack whose costs are told, with what its people do."""

from __future__ import annotations

import os
import random
from collections.abc import Awaitable, Callable, Mapping
from typing import Any
from uuid import uuid4

from pymongo import MongoClient

from bench.machine import cpu_seconds
from bench.stage import FOLDER
from services.assembly.registry import SERVICES
from services.ctl.client import ApiClient
from services.ctl.demo.actor import Actor
from services.ctl.demo.district_now import DemoDistrict, Teacher
from services.ctl.demo.simulate import Simulation
from services.ctl.engines import Engines
from services.ctl.sse import follow

GOAL = {
    "statement": "Students explain their thinking to each other in most lessons",
    "focus_skill": "questioning",
    "measure_id": "student-talk-share",
    "unit": "percent",
    "baseline": 35,
    "target": 60,
}

Act = Callable[[], Awaitable[None]]
Usage = Mapping[str, float]


class City:
    """The stack and the people on it. `pids` by process."""

    def __init__(self, api: ApiClient, pids: Mapping[str, int], started: Engines) -> None:
        self.api, self.pids = api, pids
        self._client: MongoClient[dict[str, Any]] = MongoClient(started.mongodb_uri)
        self.chance = random.Random(7)

    def cpu(self) -> Usage:
        return {name: cpu_seconds(pid) for name, pid in self.pids.items()}

    def kafka(self) -> tuple[int, int]:
        """Bytes and records of our topics."""
        files = FOLDER.glob(f"sizing-{os.getpid()}/kafka/**/coaching.*/*.log")
        return sum(each.stat().st_size for each in files), self.records()

    def records(self) -> int:
        """Events that the journals hold: each is a record, or one for each teacher it is about."""
        return sum(
            each["journal"].estimated_document_count() for each in self._databases().values()
        )

    def mongodb(self, what: str = "dataSize") -> int:
        """Bytes of all databases, before compression."""
        return sum(int(each.command("dbStats")[what]) for each in self._databases().values())

    def on_disk(self) -> int:
        """Bytes of all databases and their indexes, once a checkpoint is made."""
        self._client.admin.command("fsync")
        return self.mongodb("storageSize") + self.mongodb("indexSize")

    def _databases(self) -> dict[str, Any]:
        return {name: self._client[each.database] for name, each in SERVICES.items()}


async def watch(actor: Actor, coach: str) -> None:
    async for _ in follow(actor.api, actor.token(coach), coach, {}):
        pass


def acts_of(
    city: City, simulation: Simulation, actor: Actor, district: DemoDistrict
) -> dict[str, Act]:
    def somebody() -> Teacher:
        return city.chance.choice(district.teachers)

    def of(act: Callable[[Teacher], Awaitable[None]]) -> Act:
        return lambda: act(somebody())

    async def progress() -> None:
        await simulation.progress(city.chance.choice([t for t in district.teachers if t.goals]))

    async def goal() -> None:
        each = somebody()
        body = {**GOAL, "teacher_id": each.person}
        made = await actor.post(each.person, "goals", "/goals", body, key=str(uuid4()))
        path = f"/goals/{made.body['goal_id']}"
        for step in ("activate", "achieve"):
            await actor.post(each.person, "goals", f"{path}/{step}", key=str(uuid4()))

    def read(service: str, path: str, whose: str) -> Act:
        """`whose`: the path has her id, the query has it, or neither."""

        async def asked() -> None:
            each = somebody()
            token = actor.token(each.person if service == "goals" else each.coach)
            place = f"{path}/{each.person}" if whose == "path" else path
            params = {"teacher_id": each.person} if whose == "query" else {}
            await actor.api.send(token, "GET", service, place, params=params)

        return asked

    return {
        "progress": progress,
        "goal": goal,
        "observation": of(simulation.observation),
        "survey": of(simulation.survey),
        "caseload": read("insights", "/caseload", ""),
        "card": read("insights", "/cards", "path"),
        "goals": read("goals", "/goals", ""),
        "timeline": read("insights", "/timeline", "query"),
    }
