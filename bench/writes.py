"""Creating a goal and recording progress, against bare Starlette and motor."""

from __future__ import annotations

import json
import uuid
from collections.abc import Sequence
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

from pymongo import MongoClient

from bench.events import teacher_id
from bench.machine import cpu_seconds
from bench.measure import alternate, median, ratio, repetitions, report
from bench.service import Server, access_rows, ensure_indexes, pin, server, service, token
from bench.stage import FOLDER, engines, side
from services.ctl.engines import Engines
from services.goals.goal.codec import GOALS as GOALS_CODEC
from services.goals.goal.domain import Goal
from services.goals.goal.outline import GoalState
from services.goals.measure.domain import Direction

TEACHERS = 512  # each has at most 200 goals in a year
ALONE, WHOLE = "goals_api", "goals_all_roles"  # databases: nobody publishes from the first
GOALS = 20_000
CONNECTIONS = 32
SECONDS = 3.0
OPEN_SECONDS = 8.0
SERVER, REST = "0", "1"  # cores
BODY = {
    "statement": "Students explain their thinking to each other",
    "focus_skill": "questioning",
    "measure_id": "student-talk-share",
    "unit": "percent",
    "direction": "increase",
    "baseline": 35,
    "target": 60,
}


def requests_file(name: str, requests: Sequence[dict[str, Any]]) -> Path:
    path = FOLDER / f"{name}.json"
    path.write_text(json.dumps(requests))
    return path


def creates(path: str, teachers: int = TEACHERS) -> list[dict[str, Any]]:
    return [
        {
            "method": "POST",
            "path": path,
            "token": token(teacher_id(number)),
            "body": json.dumps({**BODY, "teacher_id": teacher_id(number)}),
        }
        for number in range(teachers)
    ]


def progresses(prefix: str, goals: Sequence[str]) -> list[dict[str, Any]]:
    tokens = [token(teacher_id(number)) for number in range(TEACHERS)]
    return [
        {
            "method": "POST",
            "path": f"{prefix}/{goal}/progress",
            "token": tokens[index % TEACHERS],
            "body": json.dumps({"value": 42, "note": "half way"}),
        }
        for index, goal in enumerate(goals)
    ]


async def loaded(
    at: Server, requests: Path, *, cores: str = REST, skip: int = 0, rate: float = 0
) -> dict[str, Any]:
    """One measurement; CPU of the server per request, in us."""
    seconds = OPEN_SECONDS if rate else SECONDS
    before = cpu_seconds(at.pid)
    asked = {"port": at.ports.rest, "requests": str(requests), "connections": CONNECTIONS,
             "seconds": seconds, "rate": rate, "skip": skip}  # fmt: skip
    said = await side("load", asked, cores)
    spent = cpu_seconds(at.pid) - before
    return {**said, "cpu_us": round(spent / said["count"] * 1e6)}


class Stage:
    """The floor, our API and our whole goals service, up together: one at a time is asked."""

    def __init__(self) -> None:
        self.at: dict[str, Server] = {}
        self.files: dict[tuple[str, str], Path] = {}
        self._skip = 0

    async def up(self, stack: AsyncExitStack, started: Engines) -> None:
        client: MongoClient[dict[str, Any]] = MongoClient(started.mongodb_uri, tz_aware=True)
        for name in (ALONE, WHOLE):
            await ensure_indexes("goals", started, name)
            client[name]["access"].insert_many(access_rows(TEACHERS))
        env = {"MONGODB_URI": started.mongodb_uri}
        enter = stack.enter_async_context
        self.at["floor"] = await enter(server("floor", "bench.sides.floor", env, SERVER))
        self.at["tandem"] = await enter(
            service(
                "goals",
                started,
                cores=SERVER,
                label="goals-api",
                ROLES="api",
                MONGODB_DATABASE=ALONE,
            )
        )
        self.at["tandem, all roles"] = await enter(
            service("goals", started, cores=SERVER, MONGODB_DATABASE=WHOLE)
        )
        ids = _goals(client)
        for name in self.at:
            ours = name != "floor"
            path = "/goals/v1/goals" if ours else "/goals"
            key = "tandem" if ours else "floor"
            self.files[name, "create"] = requests_file(f"create-{key}", creates(path))
            self.files[name, "progress"] = requests_file(f"progress-{key}", progresses(path, ids))

    async def ask(self, what: str, name: str, rate: float = 0) -> dict[str, Any]:
        self._skip = (self._skip + 7_919) % GOALS if what == "progress" else 0
        return await loaded(self.at[name], self.files[name, what], skip=self._skip, rate=rate)


def _goals(client: MongoClient[dict[str, Any]]) -> list[str]:
    """Active goals in both databases, as the service stores one with its event published."""
    ids = [str(uuid.UUID(int=number)) for number in range(1, GOALS + 1)]
    now = datetime.now(UTC)
    made, bare = [], []
    for index, id_ in enumerate(ids):
        goal = Goal(
            id=id_, district="bench", teacher=teacher_id(index % TEACHERS), school_year=2027,
            statement=str(BODY["statement"]), focus_skill="questioning",
            measure="student-talk-share", unit="percent", direction=Direction.INCREASE,
            target=60, baseline=35, due="2027-03-31", state=GoalState.ACTIVE, drafted_at=now,
            activated_at=now,
        )  # fmt: skip
        made.append({"_id": id_, "kind": "goal", "schema": GOALS_CODEC.schema, "district": "bench",
                     "version": 2, "state": GOALS_CODEC.to_state(goal), "outbox": []})  # fmt: skip
        bare.append({"_id": id_, "version": 2, **BODY, "progress": []})
    for name in (ALONE, WHOLE):
        client[name]["aggregates"].insert_many(made)
    client["bench_floor"]["goals"].insert_many(bare)
    return ids


async def run() -> None:
    async with engines("writes") as started, AsyncExitStack() as stack:
        stage = Stage()
        await stage.up(stack, started)
        pin(started, REST)
        lines, kept = [], {}
        for what in ("create", "progress"):
            samples = await alternate(list(stage.at), partial(stage.ask, what), repetitions())
            kept[what] = samples
            for name, those in samples.items():
                rates, cpu = (
                    median([s["rate"] for s in those]),
                    median([s["cpu_us"] for s in those]),
                )
                share = f"; {ratio(those, samples['floor'], 'rate')}x the floor"
                lines.append(f"{what}, {name}: {rates} requests/s, CPU {cpu} us{share}")
        for what in ("create", "progress"):
            samples = await alternate(
                ["floor", "tandem, all roles"],
                partial(stage.ask, what, rate=100),
                (repetitions() + 1) // 2,  # they take three times as long; 9 of them with REPS=17
            )
            kept[f"{what} at 100/s"] = samples
            for name, those in samples.items():
                p50, p99 = median([s["p50"] for s in those]), median([s["p99"] for s in those])
                share = f"; p99 {ratio(those, samples['floor'], 'p99')}x the floor's"
                lines.append(f"{what} at 100/s, {name}: p50 {p50} ms, p99 {p99} ms{share}")
        report("writes", kept, lines)
