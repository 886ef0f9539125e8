"""What is published, as others read it: the AsyncAPI document by AsyncAPI's own parser, and a topic
by the consumers of docs/events.md. `make` says where what they need could not be had."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
import uuid
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest

from coaching.goals.v1 import goal_events_pb2 as goals
from services.assembly.registry import TOPICS
from services.chassis.log.envelope import PendingEvent, Record, headers_of
from services.ctl.asyncapi import DOCUMENT, OPTIONAL
from services.ctl.docs_events import HEADERS, event_files, events_of
from services.ctl.engines import Engines
from services.ctl.protos import read_proto
from tests.support.event_readers import ROOT, beside_packages, parsed, there
from tests.support.kafka import new_topics, publish_records
from tests.support.typescript import NODE
from tests.support.waiting import HANGS

PYTHON = ROOT / "clients/python/examples/consume.py"
JAVASCRIPT = ROOT / "clients/typescript/examples/consume.mjs"
KEY, GOAL = "north:teacher-1", "goal-1"


def test_the_document_of_all_events_is_valid_and_has_every_event_with_its_headers() -> None:
    if not there():
        return
    wrong, channels = parsed(DOCUMENT)
    assert wrong == []
    assert [each.address for each in channels] == list(TOPICS)
    for channel in channels:
        protos = [read_proto(path) for path in event_files(channel.address.split(".")[1])]
        published = {
            f"{proto.package}.{event.name}": [event.fields[0].name]
            for proto in protos
            for event in events_of(proto)
        }
        assert channel.fields == published
        for headers in channel.headers.values():
            assert headers == HEADERS.keys() - {"ce_type"}
    assert HEADERS.keys() >= OPTIONAL


@pytest.mark.parametrize(
    ("spoiled", "found"),
    [
        (("operations", "publish_goals", "action"), "action"),
        (("components", "messages", "GoalDrafted", "payload", "schema"), "illegal token"),
    ],
)
def test_a_wrong_document_is_found(spoiled: Sequence[str], found: str, tmp_path: Path) -> None:
    if not there():
        return
    document = json.loads(DOCUMENT.read_text())
    place = document
    for name in spoiled[:-1]:
        place = place[name]
    place[spoiled[-1]] = "nonsense"
    path = tmp_path / "wrong.json"
    path.write_text(json.dumps(document))
    wrong, _ = parsed(path)
    assert any(found in each for each in wrong), wrong


def progress(version: int, current: float, kind: str = "GoalProgressRecorded") -> Record:
    goal = goals.GoalSnapshot(goal_id=GOAL, teacher_id="teacher-1", current=current)
    data = goals.GoalProgressRecorded(goal=goal).SerializeToString()
    at = datetime(2026, 10, 12, 15, 0, tzinfo=UTC)
    event = PendingEvent(
        version, f"{GOAL}:{version}", f"coaching.goals.v1.{kind}", (KEY,), data, at
    )
    headers = headers_of(
        event, source="/tandem/goals", district="north", aggregate_id=GOAL, key=KEY
    )
    return Record("", 0, 0, KEY.encode(), data, headers)


class Consumer:
    def __init__(self, process: Process) -> None:
        self._process = process

    async def said(self) -> str:
        assert self._process.stdout is not None
        async with asyncio.timeout(HANGS):
            return (await self._process.stdout.readline()).decode().strip()


@asynccontextmanager
async def consuming(program: Sequence[str | Path], kafka: str) -> AsyncIterator[Consumer]:
    """Until Ctrl-C, at which it ends by itself."""
    env = {**os.environ, "KAFKA_BOOTSTRAP_SERVERS": kafka, "PROTO": str(ROOT / "proto")}
    process = await asyncio.create_subprocess_exec(*program, env=env, stdout=PIPE)
    try:
        yield Consumer(process)
        process.send_signal(signal.SIGINT)
        async with asyncio.timeout(HANGS):
            assert await process.wait() == 0
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


@pytest.mark.parametrize("language", ["python", "javascript"])
async def test_a_consumer_keeps_the_newest_and_goes_on_where_it_was(
    language: str, engines: Engines
) -> None:
    if language == "javascript" and not there():
        return
    kafka = engines.kafka_bootstrap_servers
    (topic,) = await new_topics(kafka, [1])
    group = uuid.uuid4().hex
    program = (
        (sys.executable, PYTHON) if language == "python" else (NODE, beside_packages(JAVASCRIPT))
    )
    before = [progress(1, 2), progress(2, 4), progress(1, 2), progress(3, 0, "GoalOfTomorrow")]
    await publish_records(kafka, topic, [*before, progress(2, 4), progress(4, 8.5)])
    async with consuming([*program, group, topic], kafka) as consumer:
        for line in ("1 GoalProgressRecorded 2", "2 GoalProgressRecorded 4"):
            assert await consumer.said() == f"{GOAL} {line}"
        assert await consumer.said() == f"{GOAL} 4 GoalProgressRecorded 8.5"
        await publish_records(kafka, topic, [progress(5, 9)])
        assert await consumer.said() == f"{GOAL} 5 GoalProgressRecorded 9"
        await publish_records(kafka, topic, [progress(6, 9.5)])
        assert await consumer.said() == f"{GOAL} 6 GoalProgressRecorded 9.5"
    await publish_records(kafka, topic, [progress(7, 10)])
    async with consuming([*program, group, topic], kafka) as consumer:
        line = await consumer.said()
        if line == f"{GOAL} 6 GoalProgressRecorded 9.5":
            line = await consumer.said()  # it was ended before it had committed
        assert line == f"{GOAL} 7 GoalProgressRecorded 10"
