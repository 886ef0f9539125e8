"""What is told of a write that a primary leaves undone, because it steps down or the write is
interrupted: that its outcome is not known, and to send it again is safe."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from functools import partial
from typing import Any, NamedTuple

import pytest
from pymongo import MongoClient

from services.chassis.kernel import Fault, Kind
from services.chassis.mongo import Database, connect, database
from services.chassis.write.mongo_documents import MongoDocuments
from services.ctl.engines import start_mongod
from services.ctl.engines.mongod import Told
from services.surveys.administration.mongo_seats import MongoSeats
from tests.support.documents_suite import document, event
from tests.support.seats_suite import IDS
from tests.support.waiting import eventually

APP = "stepping-down"
FAIL_POINTS = ("--setParameter", "enableTestCommands=1")
UNKNOWN = (Kind.UNAVAILABLE, "outcome_unknown")
Write = Callable[[], Awaitable[Any]]
Task = asyncio.Task[tuple[Kind, str] | None]


class Primary(NamedTuple):
    """One node, and what it is told by its operator."""

    own: Database
    operator: MongoClient[dict[str, Any]]

    async def told(self, *words: Any, **more: Any) -> dict[str, Any]:
        return await asyncio.to_thread(self.operator.admin.command, *words, **more)

    async def fails(self, point: str, mode: Any, **data: Any) -> int:
        """How often it has been there."""
        said = await self.told("configureFailPoint", point, mode=mode, data=data)
        return int(said["count"])

    @asynccontextmanager
    async def held(self, point: str, write: Write, **data: Any) -> AsyncIterator[Task]:
        """What is written, as a task that has come to a point in the server and waits there for
        as long as this lasts."""
        entered = await self.fails(point, "alwaysOn", **data) + 1
        writing = asyncio.create_task(outcome(write))
        try:
            await self.told(
                {"waitForFailPoint": point, "timesEntered": entered, "maxTimeMS": 20_000}
            )
            yield writing
        finally:
            await self.fails(point, "off")

    async def step_down(self) -> None:
        await self.told({"replSetStepDown": 60, "force": True, "secondaryCatchUpPeriodSecs": 0})

    async def step_up(self) -> None:
        await self.told({"replSetFreeze": 0})
        await eventually(self._is_primary)

    async def kill(self, by: str) -> None:
        """Whatever writes to its database now."""
        if by == "killAllSessions":
            await self.told({by: []})
            return
        running = await self.told({"currentOp": 1, "op": "update", "active": True})
        for each in running["inprog"]:
            await self.told({by: 1, "op": each["opid"]})

    async def _is_primary(self) -> bool:
        return bool((await self.told("hello"))["isWritablePrimary"])


@pytest.fixture(scope="module")
async def primary(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Primary]:
    folder = tmp_path_factory.mktemp("stepping-down")
    mongod = await start_mongod(folder, cache_gb=0.25, told=Told(FAIL_POINTS))
    client = connect(mongod.address, APP)
    operator: MongoClient[dict[str, Any]] = MongoClient(
        mongod.address.partition("/?")[0], directConnection=True
    )
    try:
        yield Primary(database(client, "north"), operator)
    finally:
        client.close()
        operator.close()
        await mongod.stop()


async def outcome(write: Write) -> tuple[Kind, str] | None:
    """What it is refused with; None where it was done."""
    try:
        await write()
    except Fault as fault:
        return fault.kind, fault.code
    return None


@pytest.mark.parametrize("name", ["freeze", "clear"])
async def test_seats_that_a_primary_steps_down_from_may_have_been_changed(
    primary: Primary, name: str
) -> None:
    """The driver does not send again what changes several documents, and the server has no label
    for it: it says of the one write that it is `PrimarySteppedDown`."""
    seats = MongoSeats(primary.own)
    survey = ("north", f"administration-{name}")
    await seats.prepare(*survey, IDS)
    write = partial(seats.freeze, *survey, 1) if name == "freeze" else partial(seats.clear, *survey)
    async with primary.held("hangDuringBatchUpdate", write) as writing:
        await primary.step_down()
    assert await writing == UNKNOWN
    await primary.step_up()
    assert await outcome(write) is None
    assert not await seats.answer(*survey, IDS[0], {"i1": 4}, 1)


@pytest.mark.parametrize("by", ["killOp", "killAllSessions"])
async def test_a_write_that_an_operator_kills_may_have_been_done(primary: Primary, by: str) -> None:
    documents = MongoDocuments(primary.own)
    await documents.insert(document(by), event(1, by))
    write = partial(documents.replace, document(by), {"n": 2}, event(2, by), None)
    point = "hangDuringBatchUpdate"
    async with primary.held(point, write, shouldCheckForInterrupt=True) as writing:
        await primary.kill(by)
        assert await writing == UNKNOWN
    assert await write()
