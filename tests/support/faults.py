"""A whole stack on engines that may be killed, stopped, slowed and cut off, under a steady
load of writes whose every acknowledgement is remembered.

Services reach both engines through a proxy (`tests.support.proxy`), always.
"""

from __future__ import annotations

import asyncio
import os
import random
import signal
import sys
from collections import defaultdict
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from unittest import mock

import httpx2
from prometheus_client.parser import text_string_to_metric_families

from services.assembly.registry import LOOKS, SERVICES, TOPICS, WRITE_SERVICES
from services.chassis.log.envelope import Record, open_envelope
from services.chassis.write.mongo_documents import COLLECTION as AGGREGATES
from services.chassis.write.stored_documents import TOMBSTONE
from services.ctl.engines import Engine, Engines, kafka, start_kafka, start_mongod
from services.ctl.engines.child import KEPT_VARIABLES
from services.ctl.engines.ports import pick_port
from tests.support.asking import plain_client
from tests.support.coaching import Coaching
from tests.support.kafka import whole_log
from tests.support.load import COACH, TEACHERS, Load
from tests.support.load_imports import NIGHTLY
from tests.support.load_kept import CANARY
from tests.support.nursery import Nursery
from tests.support.proxy import Proxy
from tests.support.stack import RunningStack, running_stack
from tests.support.waiting import BUSY, HANGS, Stopwatch, eventually

LONGEST_SECONDS = 8.0  # that a request may take, whatever is wrong
ALIVE_SECONDS = 2.0  # of a Stopwatch, in which a service says that it lives


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

    async def restore(self) -> None:
        """Both there, and nothing wrong with the way to them."""
        self.kafka_proxy.calm()
        self.mongod_proxy.calm()
        if self.broker is None or self.broker.process.returncode is not None:
            await self.start_broker()
        if self.mongod is not None and self.mongod.process.returncode is not None:
            await self.start_mongod()

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


Stored = dict[str, tuple[int, str]]
"""Version and kind by the id of the aggregate."""
Known = dict[tuple[str, str, int], bytes]
"""What each event says, by aggregate, key and version."""


def _check_versions(stored: Stored, known: Known) -> None:
    versions: dict[str, set[int]] = defaultdict(set)
    for aggregate, _, version in known:
        versions[aggregate].add(version)
    odd = stored.keys() ^ versions.keys()
    assert not odd, f"stored or journaled only: {sorted(odd)[:5]}"
    for aggregate, (version, kind) in stored.items():  # also the last may not be missing
        first = version if kind == TOMBSTONE else 1
        missing = set(range(first, version + 1)) ^ versions[aggregate]
        told = f"{aggregate} of version {version}: the journal differs by {sorted(missing)[:5]}"
        assert not missing, told


def _check_log(stored: Stored, known: Known, log: Sequence[Record]) -> None:
    newest: dict[tuple[str, str], int] = {}
    seen: set[tuple[str, str, int]] = set()
    for record in log:
        said = open_envelope(record.headers, record.key)
        event = (said.aggregate_id, said.key, said.version)
        version, kind = stored.get(said.aggregate_id, (0, ""))
        if kind == TOMBSTONE and said.version < version:
            continue
        assert known.get(event) == record.value, f"{event}: published, never committed"
        assert CANARY.encode() not in (record.value or b""), f"{event} holds free text"
        if event not in seen:
            seen.add(event)
            assert newest.get(event[:2], 0) < said.version, f"{event} is out of order"
            newest[event[:2]] = said.version
    assert seen == known.keys(), f"never published: {sorted(known.keys() - seen)[:5]}"


class Faulty:
    """The stack, its engines and the oracles."""

    def __init__(self, stack: RunningStack, engines: FaultyEngines, tool: str) -> None:
        self.stack, self.engines, self._tool = stack, engines, tool
        self.north = Coaching(stack)
        self.happened: list[str] = []  # what was broken, in order: told when a check fails
        self.chance = random.Random(1)
        self.log_is_whole = True

    @asynccontextmanager
    async def load(self) -> AsyncIterator[Load]:
        """20 writes/s while this lasts; afterwards nothing may be lost, double or wrong (what
        needs a whole log is looked at as long as it is whole)."""
        load = Load(self.stack, self._tool)
        self.happened.clear()
        try:
            async with asyncio.TaskGroup() as group:
                for writer in load.writers():
                    group.create_task(writer)
                try:
                    yield load
                finally:
                    load.stop.set()
            await load.check()
            if self.log_is_whole:
                await self.stack.assert_cards_are_true()
                await self.check_journals()
        except Exception as error:
            error.add_note(f"before that: {', '.join(self.happened)}")
            raise
        finally:
            await load.close()

    async def restore(self) -> None:
        """After a cell that failed: all as it was at first, so that the next is judged by
        itself."""
        for name in self.stack.running:
            await self.stack.kill(name)
        self.stack.forget_gone()
        await self.engines.restore()
        for service in SERVICES:
            self.stack.start(service)
        for service in SERVICES:
            await self.stack.ready(service)

    async def progress(self, load: Load, more: int, timeout: float = 60) -> None:
        """Wait until so many more writes are acknowledged."""
        wanted = load.acknowledged + more
        await eventually(lambda: load.acknowledged >= wanted, timeout=timeout)

    async def check_journals(self) -> None:
        """Empty outboxes; journals that hold each version of each stored aggregate, of what was
        erased the last alone, and nothing else. While the log is whole, it holds each event of the
        journals for each of its keys, byte for byte, and nothing else but what was erased since;
        versions first occur in order. Duties may write on when a load is over: what is compared
        was read while nothing was written."""

        async def compared() -> bool:
            stored = await self._stored()
            known = await self._journaled()
            journaled = [each for each in TOPICS if each != LOOKS]
            log = await whole_log(self.stack.stack.kafka, journaled) if self.log_is_whole else None
            if await self._stored() != stored:
                return False
            _check_versions(stored, known)
            if log is not None:
                _check_log(stored, known, log)
            return True

        await eventually(compared, timeout=60)

    async def _stored(self) -> Stored:
        """Once nothing waits to be published any more."""
        stored: Stored = {}
        for service in WRITE_SERVICES:
            backing = self.stack._backing(service)

            async def empty(service: str = service) -> bool:
                return not await self.stack._backing(service).store.pending(1)

            await eventually(empty, timeout=30)
            async for each in backing.database[AGGREGATES].find({}, {"version": 1, "kind": 1}):
                stored[each["_id"]] = each["version"], each["kind"]
        return stored

    async def _journaled(self) -> Known:
        known: Known = {}
        for service in WRITE_SERVICES:
            journal, after = self.stack._backing(service).journal, ""
            while entries := await journal.read("", None, after, 1_000):
                for entry in entries:
                    for key in entry.event.keys:
                        known[entry.aggregate_id, key, entry.event.version] = entry.event.data
                after = entries[-1].id
        return known

    def check_outputs(self) -> None:
        """No log line holds a free text or a token, also of the processes that are gone since
        this was last asked."""
        for log in self.stack.outputs:
            told = log.read_text(errors="replace")
            assert CANARY not in told, f"{log} holds free text"
            assert "eyJ" not in told, f"{log} holds a token"
        self.stack.forget_gone()

    async def died(self, name: str, point: str) -> int:
        """The exit code of a process that is to die by itself under load."""
        child = self.stack._children[name]
        try:
            return await asyncio.wait_for(child.wait(), HANGS)
        except TimeoutError as error:
            raise AssertionError(f"{name} never came to {point}: {child.tail()}") from error

    async def metric(self, process: str, name: str, **labels: str) -> float:
        """A metric of a process; 0 before it is told for the first time."""
        async with plain_client(timeout=HANGS) as client:
            told = (await client.get(f"{self.stack.internal(process)}/metrics")).text
        for family in text_string_to_metric_families(told):
            for sample in family.samples:
                if sample.name == name and labels.items() <= sample.labels.items():
                    return float(sample.value)
        return 0.0

    async def tandem(self, *words: str) -> str:
        """What the command line prints, as an operator runs it on a deployment."""
        env = {name: os.environ[name] for name in KEPT_VARIABLES if name in os.environ}
        at = self.stack.stack
        env |= {"MONGODB_URI": at.mongodb, "KAFKA_BOOTSTRAP_SERVERS": at.kafka}
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "services.ctl", *words),
            env=env,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        out, err = await process.communicate()
        assert process.returncode == 0, (words, out, err)
        return out.decode()

    async def alive(self) -> bool:
        """Whether /livez of every service says yes at once."""
        async with plain_client(timeout=ALIVE_SECONDS * BUSY) as client:
            for service in SERVICES:
                watch = Stopwatch()
                try:
                    answer = await client.get(f"{self.stack.stack.internal(service)}/livez")
                except httpx2.HTTPError:
                    return False
                if not answer.is_success or watch.seconds() > ALIVE_SECONDS:
                    return False
        return True


@asynccontextmanager
async def faulty_stack(
    folder: Path, kind: type[FaultyEngines] = FaultyEngines
) -> AsyncIterator[Faulty]:
    """All services on engines of their own, with a roster and one coach's teachers."""
    engines, nursery = kind(folder), Nursery()
    try:
        await asyncio.gather(engines.start_broker(), engines.start_mongod())
        where = folder / "stack"
        async with running_stack(
            engines.addresses, where, "tandem", nursery.begin, more=(NIGHTLY,)
        ) as stack:
            north = Coaching(stack)
            await north.import_roster()
            await north.known("teacher-0001")
            await north.relate(1)
            for noun in ("goals/v1/goals", "observations/v1/observations"):
                await north.may(COACH, f"/{noun}?teacher_id={TEACHERS[-1]}")
            faulty = Faulty(stack, engines, await north.published_tool(COACH))
            yield faulty
        faulty.check_outputs()  # also what was said while ending
    finally:
        nursery.close()
        await engines.stop()
