"""The engines that Tandem starts by itself: they work, survive kill -9 and leave nothing behind."""

import asyncio
import json
import os
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from pymongo import AsyncMongoClient
from pymongo.errors import DuplicateKeyError

from services.ctl.engines import EngineError, Engines, start_engines
from services.ctl.engines.child import Child, Folder, identity
from services.ctl.engines.engine import Engine, PortTakenError, attempt
from services.ctl.engines.jars import cache_folder, ensure_jars, file_name, read_lock
from services.ctl.engines.kafka import _version
from services.ctl.engines.ports import HOST, is_free, pick_port
from tests.support.waiting import HANGS

ADDRESSES = ("KAFKA_BOOTSTRAP_SERVERS", "MONGODB_URI")
ALONE = {name: value for name, value in os.environ.items() if name not in ADDRESSES}
PARENT = """
import asyncio, json, pathlib, sys
from services.ctl.engines import start_engines

async def main():
    engines = await start_engines(pathlib.Path(sys.argv[1]), None, None, mongodb_cache_gb=0.25)
    pids = [engine.process.pid for engine in engines.running]
    addresses = [engines.kafka_bootstrap_servers, engines.mongodb_uri]
    print(json.dumps([*addresses, pids]), flush=True)
    await asyncio.Event().wait()

asyncio.run(main())
"""


def names_in(folder: Path) -> list[str]:
    return [file.name for file in folder.iterdir()]


def mapped_by(pid: int) -> str:
    return Path(f"/proc/{pid}/maps").read_text()


def mongo(uri: str) -> AsyncMongoClient[dict[str, object]]:
    return AsyncMongoClient(uri)


async def until(condition: Callable[[], bool], seconds: float = 20.0) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "not in time"
        await asyncio.sleep(0.02)


async def create_topic(kafka: str, name: str) -> None:
    admin = AIOKafkaAdminClient(bootstrap_servers=kafka)
    await admin.start()
    try:
        await admin.create_topics([NewTopic(name, num_partitions=12, replication_factor=1)])
    finally:
        await admin.close()


async def produce(kafka: str, topic: str, value: bytes) -> None:
    producer = AIOKafkaProducer(bootstrap_servers=kafka, enable_idempotence=True, acks="all")
    await producer.start()
    try:
        await producer.send_and_wait(topic, value, key=b"d1:t1")
    finally:
        await producer.stop()


async def consume_one(kafka: str, topic: str) -> bytes:
    consumer = AIOKafkaConsumer(
        topic, bootstrap_servers=kafka, group_id="engines", auto_offset_reset="earliest"
    )
    await consumer.start()
    try:
        message = await asyncio.wait_for(consumer.getone(), HANGS)
        return bytes(message.value)
    finally:
        await consumer.stop()


async def test_a_topic_can_be_made_at_once_and_carries_a_message(engines: Engines) -> None:
    kafka = engines.kafka_bootstrap_servers
    await create_topic(kafka, "engines.works")
    await produce(kafka, "engines.works", b"hello")
    assert await consume_one(kafka, "engines.works") == b"hello"


async def test_a_transaction_is_whole_or_nothing(engines: Engines) -> None:
    async with mongo(engines.mongodb_uri) as client:
        rows = client["engines_test"]["rows"]
        async with client.start_session() as session:
            async with await session.start_transaction():
                await rows.insert_one({"_id": "kept"}, session=session)

            async def half() -> None:
                async with await session.start_transaction():
                    await rows.insert_one({"_id": "undone"}, session=session)
                    await rows.insert_one({"_id": "kept"}, session=session)

            with pytest.raises(DuplicateKeyError):
                await half()
        assert [row["_id"] async for row in rows.find()] == ["kept"]
        await client.drop_database("engines_test")


async def test_after_kill_9_of_the_parent_the_next_start_has_the_data(tmp_path: Path) -> None:
    parent = await asyncio.create_subprocess_exec(
        sys.executable, "-c", PARENT, str(tmp_path), stdout=asyncio.subprocess.PIPE, env=ALONE
    )
    assert parent.stdout is not None
    kafka, mongodb, pids = json.loads(await asyncio.wait_for(parent.stdout.readline(), HANGS))
    await create_topic(kafka, "engines.kept")
    await produce(kafka, "engines.kept", b"kept")
    async with mongo(mongodb) as client:
        await client["kept"]["rows"].insert_one({"_id": 1})
    with pytest.raises(EngineError, match="in use by another running tandem"):
        await start_engines(tmp_path, None, None, ALONE, mongodb_cache_gb=0.25)

    parent.kill()
    await parent.wait()
    again = await start_engines(tmp_path, None, None, ALONE, mongodb_cache_gb=0.25)
    try:
        assert [identity(pid) for pid in pids] == [None, None]
        assert await consume_one(again.kafka_bootstrap_servers, "engines.kept") == b"kept"
        async with mongo(again.mongodb_uri) as client:
            assert await client["kept"]["rows"].find_one() == {"_id": 1}
    finally:
        await again.stop()
    await again.stop()
    assert [identity(engine.process.pid) for engine in again.running] == [None, None]


async def test_engines_killed_with_9_start_again(tmp_path: Path) -> None:
    first = await start_engines(tmp_path, None, None, ALONE, mongodb_cache_gb=0.25)
    await create_topic(first.kafka_bootstrap_servers, "engines.crash")
    await produce(first.kafka_bootstrap_servers, "engines.crash", b"kept")
    for engine in first.running:
        os.kill(engine.process.pid, signal.SIGKILL)
        assert await engine.wait() == -signal.SIGKILL
    await first.stop()
    cache = cache_folder() / f"kafka-{_version()}.aot"
    await until(cache.exists, 120)  # another process may make it now
    second = await start_engines(tmp_path, None, None, ALONE, mongodb_cache_gb=0.25)
    try:
        assert await consume_one(second.kafka_bootstrap_servers, "engines.crash") == b"kept"
        (broker,) = (each.process.pid for each in second.running if each.process.name == "kafka")
        assert str(cache) in mapped_by(broker)  # it starts from it
    finally:
        await second.stop()


async def test_addresses_in_the_environment_start_nothing(tmp_path: Path) -> None:
    env = {"KAFKA_BOOTSTRAP_SERVERS": "kafka:1", "MONGODB_URI": "mongodb://db:2"}
    given = await start_engines(tmp_path, env=env)
    assert given.environment() == env
    assert given.running == ()
    assert names_in(tmp_path) == []
    await given.stop()


async def test_a_failed_engine_leaves_the_other_not_running(tmp_path: Path) -> None:
    (tmp_path / "mongodb" / "data" / "WiredTiger").mkdir(parents=True)  # not a database
    with pytest.raises(EngineError, match="mongod ended with status"):
        await start_engines(tmp_path, None, None, ALONE)
    for name in ("kafka", "mongodb"):
        Folder(tmp_path / name).release()  # not locked: nobody is at home
        assert not (tmp_path / name / "child.json").exists()


async def test_a_child_left_behind_is_ended_and_an_unrelated_process_is_not(tmp_path: Path) -> None:
    folder = Folder(tmp_path)
    left = Child(folder, "left", ["/bin/sleep", "1000"])
    record = folder.record.read_text()
    folder.release()  # as the kernel does when the parent dies
    Folder(tmp_path).release()
    assert await left.wait() == -signal.SIGTERM

    folder.record.write_text(record.replace(str(left.pid), str(os.getpid())))
    Folder(tmp_path).release()
    assert identity(os.getpid()) is not None


async def test_a_child_that_ignores_sigterm_is_killed(tmp_path: Path) -> None:
    script = "trap '' TERM; echo on; while :; do :; done"
    deaf = Child(Folder(tmp_path), "deaf", ["/bin/sh", "-c", script])
    await until(lambda: deaf.output() == ["on"])
    await deaf.stop(seconds=0.1)
    assert deaf.returncode == -signal.SIGKILL


async def test_a_port_in_use_is_not_taken(tmp_path: Path) -> None:
    server = await asyncio.start_server(lambda _reader, writer: writer.close(), HOST, 0)
    async with server:
        taken = server.sockets[0].getsockname()[1]
        assert not is_free(taken)
        assert pick_port(taken) != taken
        tried: list[int] = []

        async def start(port: int) -> Engine:
            tried.append(port)
            if len(tried) == 1:
                raise PortTakenError("taken after it was picked")
            return Engine(f"{HOST}:{port}", Child(Folder(tmp_path), "s", ["/bin/sleep", "1000"]))

        engine = await attempt(None, start)
        assert engine.address == f"{HOST}:{tried[1]}"
        await engine.stop()


async def test_the_engines_of_another_folder_are_not_mistaken_for_ones_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def pick(preferred: int | None = None) -> int:
        """As if the preferred port had been free a moment ago."""
        return pick_port() if preferred is None else preferred

    ports = pick_port(), pick_port()
    first = await start_engines(tmp_path / "a", *ports, ALONE, mongodb_cache_gb=0.25)
    try:
        monkeypatch.setattr("services.ctl.engines.engine.pick_port", pick)
        second = await start_engines(tmp_path / "b", *ports, ALONE, mongodb_cache_gb=0.25)
        with pytest.raises(EngineError, match="in use"):
            Folder(tmp_path / "b" / "kafka")
        await second.stop()
    finally:
        await first.stop()
    assert {e.address for e in first.running}.isdisjoint(e.address for e in second.running)


async def test_a_jar_that_differs_is_not_run(tmp_path: Path) -> None:
    coordinate = "org.slf4j:slf4j-simple:1.7.36"
    lock = tmp_path / "kafka.lock"
    lock.write_text(f"{'0' * 64}  {coordinate}\n")
    with pytest.raises(EngineError, match=r"slf4j-simple:1\.7\.36 does not have the SHA-256"):
        await asyncio.to_thread(ensure_jars, tmp_path / "cache", lock)
    assert names_in(tmp_path / "cache") == ["lock"]


async def test_a_damaged_cached_jar_is_fetched_again(tmp_path: Path) -> None:
    coordinate = "org.slf4j:slf4j-simple:1.7.36"
    lock = tmp_path / "kafka.lock"
    lock.write_text(f"{read_lock()[coordinate]}  {coordinate}\n")
    damaged = tmp_path / file_name(coordinate)
    damaged.write_bytes(b"half")
    assert await asyncio.to_thread(ensure_jars, tmp_path, lock) == [damaged]
    assert damaged.read_bytes() != b"half"
