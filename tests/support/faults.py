"""A whole stack on engines that may be killed, stopped, slowed and cut off, under a steady
load of writes whose every acknowledgement is remembered.

Services reach both engines through a proxy (`tests.support.proxy`), always.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import random
import signal
import time
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from unittest import mock

import httpx2

from services.chassis.log.envelope import open_envelope
from services.chassis.log.topics import TOPICS
from services.ctl.engines import Engine, Engines, kafka, start_kafka, start_mongod
from services.ctl.engines.ports import pick_port
from tests.support.coaching import Coaching
from tests.support.kafka import whole_log
from tests.support.proxy import Proxy
from tests.support.stack import RunningStack, running_stack
from tests.support.waiting import eventually

COACH = "coach-01"
TEACHERS = ("teacher-0001", "teacher-0002", "teacher-0003", "teacher-0004")
RATE = 20.0  # writes a second, all writers together
GOAL_VALUES = 60  # after which a writer goes on with another goal
LONGEST_SECONDS = 8.0  # that a request may take, whatever is wrong


class FaultyEngines:
    """A broker and a mongod behind a proxy each."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.kafka_port, self.mongod_port = pick_port(), pick_port()
        self.kafka_proxy, self.mongod_proxy = Proxy(self.kafka_port), Proxy(self.mongod_port)
        self.broker: Engine | None = None
        self.mongod: Engine | None = None

    @property
    def addresses(self) -> Engines:
        """As the services know them. The broker tells its clients the proxy's address too."""
        uri = f"mongodb://{self.mongod_proxy.address}/?directConnection=true"
        return Engines(self.kafka_proxy.address, uri, ())

    async def start_broker(self) -> None:
        told = "advertised.listeners=PLAINTEXT://{host}:"
        through = kafka._SETTINGS.replace(told + "{port}", told + str(self.kafka_proxy.port))
        with mock.patch.object(kafka, "_SETTINGS", through):
            self.broker = await start_kafka(self.folder / "kafka", self.kafka_port)
        self.kafka_proxy.upstream_port = int(self.broker.address.rpartition(":")[2])

    async def start_mongod(self) -> None:
        self.mongod = await start_mongod(self.folder / "mongod", self.mongod_port, cache_gb=0.25)
        port = self.mongod.address.partition("/?")[0].rpartition(":")[2]
        self.mongod_proxy.upstream_port = int(port)

    async def kill_broker(self) -> None:
        assert self.broker is not None
        self.broker.process.kill()
        await self.broker.stop()

    async def kill_mongod(self) -> None:
        assert self.mongod is not None
        self.mongod.process.kill()
        await self.mongod.stop()

    @contextmanager
    def broker_stopped(self) -> Iterator[None]:
        """SIGSTOP: connections stay, nothing is answered."""
        assert self.broker is not None
        os.kill(self.broker.process.pid, signal.SIGSTOP)
        try:
            yield
        finally:
            os.kill(self.broker.process.pid, signal.SIGCONT)

    async def stop(self) -> None:
        for engine in (self.broker, self.mongod):
            if engine is not None:
                await engine.stop()
        self.kafka_proxy.close()
        self.mongod_proxy.close()


@dataclass
class Goal:
    id: str
    teacher: str
    acknowledged: list[float] = field(default_factory=list)


class Load:
    """Writers that send every value, under its own key, until it is acknowledged."""

    def __init__(self, north: Coaching) -> None:
        self._north = north
        self.goals: list[Goal] = []
        self.statuses: Counter[int] = Counter()
        self.longest = 0.0
        self.without_retry_after = 0
        self.stop = asyncio.Event()

    @property
    def acknowledged(self) -> int:
        return sum(len(goal.acknowledged) for goal in self.goals)

    async def writer(self, teacher: str) -> None:
        who = self._north.who(COACH)
        async with self._north.asks.client("goals", who) as client:
            while not self.stop.is_set():
                goal = await self._goal(client, teacher)
                for number in range(GOAL_VALUES):
                    if self.stop.is_set():
                        return
                    began = time.monotonic()
                    await self._progress(client, goal, float(number + 1))
                    pace = len(TEACHERS) / RATE - (time.monotonic() - began)
                    with contextlib.suppress(TimeoutError):
                        await asyncio.wait_for(self.stop.wait(), max(pace, 0.001))

    async def _goal(self, client: httpx2.AsyncClient, teacher: str) -> Goal:
        body = {
            "teacher_id": teacher,
            "statement": "x",
            "focus_skill": "x",
            "measure_id": "x",
            "unit": "x",
            "baseline": 0,
            "target": 1e6,
        }
        key = f"goal-{random.getrandbits(60)}"
        made = (await self._until(client, "/goals/v1/goals", body, key, 201)).json()
        goal = Goal(made["goal_id"], teacher)
        async with self._north.asks.client("goals", self._north.who(teacher)) as owner:
            path = f"/goals/v1/goals/{goal.id}/activate"
            await self._until(owner, path, None, f"activate-{goal.id}", 200)
        self.goals.append(goal)
        return goal

    async def _progress(self, client: httpx2.AsyncClient, goal: Goal, value: float) -> None:
        path = f"/goals/v1/goals/{goal.id}/progress"
        await self._until(client, path, {"value": value}, f"{goal.id}-{value}", 200)
        goal.acknowledged.append(value)

    async def _until(
        self, client: httpx2.AsyncClient, path: str, body: object, key: str, status: int
    ) -> httpx2.Response:
        answers: list[httpx2.Response] = []

        async def sent() -> bool:
            began = time.monotonic()
            try:
                answer = await client.post(path, json=body, headers={"Idempotency-Key": key})
            except httpx2.TransportError:  # a dead process: the outcome is unknown
                return False
            self.longest = max(self.longest, time.monotonic() - began)
            self.statuses[answer.status_code] += 1
            answers.append(answer)
            if answer.status_code == 503:
                self.without_retry_after += "retry-after" not in answer.headers
            else:
                assert answer.status_code == status, (answer.status_code, answer.text)
            return answer.status_code == status

        await eventually(sent, timeout=150)
        return answers[-1]


class Faulty:
    """The stack, its engines and the oracles."""

    def __init__(self, stack: RunningStack, engines: FaultyEngines) -> None:
        self.stack, self.engines = stack, engines
        self.north = Coaching(stack)
        self.chance = random.Random(1)
        self.log_is_whole = True

    @asynccontextmanager
    async def load(self, checked: bool = True) -> AsyncIterator[Load]:
        """20 writes/s while this lasts; afterwards nothing may be lost, double or wrong."""
        load = Load(self.north)
        async with asyncio.TaskGroup() as group:
            for teacher in TEACHERS:
                group.create_task(load.writer(teacher))
            try:
                yield load
            finally:
                load.stop.set()
        if checked:
            await self.check_writes(load)
            await self.stack.assert_cards_are_true()
            await self.check_journals()

    async def progress(self, load: Load, more: int, timeout: float = 60) -> None:
        """Wait until so many more writes are acknowledged."""
        wanted = load.acknowledged + more
        await eventually(lambda: load.acknowledged >= wanted, timeout=timeout)

    async def check_writes(self, load: Load) -> None:
        for goal in load.goals:
            path = f"/goals/v1/goals/{goal.id}"
            answer = await self.stack.ask(self.north.who(COACH), "GET", path)
            stored = [each["value"] for each in answer.json()["progress"]]
            assert stored == goal.acknowledged, "an acknowledged write is lost or doubled"
            assert answer.json()["version"] == 2 + len(stored)
        assert not load.without_retry_after

    async def check_journals(self) -> None:
        """Journals without gaps, empty outboxes; the log begins each aggregate's history in
        order and holds nothing that the journals do not."""
        known: dict[str, dict[int, bytes]] = defaultdict(dict)
        for service in ("roster", "goals", "surveys", "observations"):
            backing = self.stack._backing(service)

            async def empty(service: str = service) -> bool:
                return not await self.stack._backing(service).store.pending(1)

            await eventually(empty, timeout=30)
            after = ""
            while entries := await backing.journal.read("", None, after, 1_000):
                for entry in entries:
                    known[entry.aggregate_id][entry.event.version] = entry.event.data
                after = entries[-1].id
        for aggregate, versions in known.items():
            assert versions.keys() == set(range(1, len(versions) + 1)), f"{aggregate} has gaps"
        newest: dict[tuple[str, str], int] = defaultdict(int)
        for record in await whole_log(self.stack.stack.kafka, list(TOPICS)):
            said = open_envelope(record.headers, record.key)
            committed = known[said.aggregate_id].get(said.version)
            assert committed == record.value, "published, but never committed"
            place = (said.aggregate_id, said.key)
            if said.version > newest[place]:
                # a class is published to the teachers whom it had at the time only
                skips = record.topic == "coaching.roster.v1"
                assert skips or said.version == newest[place] + 1, f"{place} is out of order"
                newest[place] = said.version

    async def died(self, name: str) -> int:
        """The exit code of a process that is to die by itself under load."""
        child = self.stack._children[name]
        return await asyncio.wait_for(child.wait(), 90)

    async def alive(self) -> bool:
        """Whether /livez of every service says yes at once."""
        async with httpx2.AsyncClient(timeout=2) as client:
            for service in ("goals", "insights"):
                answer = await client.get(f"{self.stack.stack.internal(service)}/livez")
                if not answer.is_success:
                    return False
        return True


@asynccontextmanager
async def faulty_stack(
    folder: Path, kind: type[FaultyEngines] = FaultyEngines
) -> AsyncIterator[Faulty]:
    """All five services on engines of their own, with a roster and one coach's teachers."""
    engines = kind(folder)
    try:
        await asyncio.gather(engines.start_broker(), engines.start_mongod())
        async with running_stack(engines.addresses, folder / "stack", "faults") as stack:
            north = Coaching(stack)
            await north.import_roster()
            await north.known("teacher-0001")
            await north.relate(1)
            await north.may(COACH, f"/goals/v1/goals?teacher_id={TEACHERS[-1]}")
            yield Faulty(stack, engines)
    finally:
        await engines.stop()
