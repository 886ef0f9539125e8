"""The fan-out of changed rows on a real MongoDB."""

import asyncio
import time
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from services.chassis.mongo import Client, Collection, Database, connect, database
from services.chassis.views.generations import CurrentViews, Generations
from services.chassis.views.rows import Generation
from services.chassis.views.watch import Reset, RowChanged, RowWatch, Subscription, TooSlow
from services.ctl.engines import Engines
from tests.support.waiting import HANGS, eventually


@pytest.fixture
async def client(engines: Engines) -> AsyncIterator[Client]:
    client = connect(engines.mongodb_uri, "test")
    try:
        yield client
    finally:
        client.close()


@pytest.fixture
async def db(client: Client) -> AsyncIterator[Database]:
    name = f"watch-{uuid.uuid4().hex[:12]}"
    yield database(client, name)
    await client.drop_database(name)


@asynccontextmanager
async def watching(db: Database, queue: int = 100) -> AsyncIterator[RowWatch]:
    views = CurrentViews(db, "cards-test", ttl_s=0)
    watch = RowWatch(lambda: views.collection("cards"), queue=queue)
    async with running(watch):
        yield watch


@asynccontextmanager
async def running(watch: RowWatch) -> AsyncIterator[None]:
    stop = asyncio.Event()
    task = asyncio.create_task(watch.run(stop))
    await asyncio.wait_for(watch.open.wait(), HANGS)
    try:
        yield
    finally:
        stop.set()
        await asyncio.wait_for(task, HANGS)


async def changed(subscription: Subscription) -> RowChanged:
    item = await subscription.next(timeout=HANGS)
    assert isinstance(item, RowChanged)
    return item


async def test_everybody_hears_of_a_row_that_was_made_changed_or_taken_away(db: Database) -> None:
    async with watching(db) as watch:
        with watch.subscribe() as one, watch.subscribe() as two:
            await db["cards"].insert_one({"_id": "r1", "n": 1})
            await db["cards"].insert_one({"_id": "r2", "n": 1})
            await db["cards"].update_one({"_id": "r1"}, {"$set": {"n": 2}})
            await db["cards"].delete_one({"_id": "r2"})
            for each in (one, two):
                assert [(await changed(each)).row for _ in range(4)] == ["r1", "r2", "r1", "r2"]


async def test_a_watch_says_until_when_it_has_told_all_changes(db: Database) -> None:
    async with watching(db) as watch:
        with watch.subscribe() as told:
            await db["cards"].insert_one({"_id": "r1"})
            made = time.monotonic()
            await eventually(lambda: watch.told_until >= made)
            assert not told._queue.empty()
            assert (await changed(told)).row == "r1"


async def test_a_subscriber_that_does_not_read_is_dropped_and_told(db: Database) -> None:
    async with watching(db, queue=2) as watch:
        with watch.subscribe() as slow, watch.subscribe() as quick:
            for number in range(4):
                await db["cards"].insert_one({"_id": f"r{number}"})
                assert (await changed(quick)).row == f"r{number}"
            with pytest.raises(TooSlow):
                await slow.next(timeout=1)


async def test_what_changed_while_no_stream_was_open_is_heard_of_afterwards(db: Database) -> None:
    async with watching(db) as watch:
        await db["cards"].insert_one({"_id": "before"})
    with watch.subscribe() as one:
        await db["cards"].insert_one({"_id": "between"})
        async with running(watch):
            assert (await changed(one)).row == "between"


async def test_a_view_that_was_flipped_while_no_stream_was_open_is_a_reset(db: Database) -> None:
    async with watching(db) as watch:
        await db["cards"].insert_one({"_id": "before"})
    with watch.subscribe() as one:
        await Generations(db).flip(Generation("cards-test", 1))
        async with running(watch):
            assert isinstance(await one.next(timeout=HANGS), Reset)
            await db["cards_1"].insert_one({"_id": "after"})
            assert (await changed(one)).row == "after"


async def test_a_collection_that_is_dropped_is_a_reset(db: Database) -> None:
    async with watching(db) as watch:
        await db["cards"].insert_one({"_id": "before"})
        with watch.subscribe() as one:
            await db["cards"].drop()
            while not isinstance(told := await one.next(timeout=HANGS), Reset):
                assert told == RowChanged("before")
            await db["cards"].insert_one({"_id": "after"})
            assert (await changed(one)).row == "after"


async def test_a_reset_is_told_once_nothing_more_can_be_missed(db: Database) -> None:
    views, gate, waiting = CurrentViews(db, "cards-test", ttl_s=0), asyncio.Event(), asyncio.Event()
    resolved: list[str] = []

    async def resolve() -> Collection:
        found = await views.collection("cards")
        resolved.append(found.name)
        if resolved.count("cards_1") == 2:  # the old stream is closed, the new one not open
            waiting.set()
            await gate.wait()
        return found

    watch = RowWatch(resolve)
    stop = asyncio.Event()
    task = asyncio.create_task(watch.run(stop))
    await asyncio.wait_for(watch.open.wait(), HANGS)
    with watch.subscribe() as one:
        await Generations(db).flip(Generation("cards-test", 1))
        await asyncio.wait_for(waiting.wait(), HANGS)
        await db["cards_1"].insert_one({"_id": "between"})
        assert await one.next(timeout=0.01) is None
        gate.set()
        assert isinstance(await one.next(timeout=HANGS), Reset)
        await db["cards_1"].insert_one({"_id": "after"})
        assert (await changed(one)).row == "after"
    stop.set()
    await asyncio.wait_for(task, HANGS)


async def test_who_subscribed_before_the_stream_was_open_is_told_to_read_again(
    db: Database,
) -> None:
    views = CurrentViews(db, "cards-test", ttl_s=0)
    watch = RowWatch(lambda: views.collection("cards"))
    stop = asyncio.Event()
    with watch.subscribe() as early:
        task = asyncio.create_task(watch.run(stop))
        assert isinstance(await early.next(timeout=HANGS), Reset)
        assert watch.open.is_set()
    stop.set()
    await asyncio.wait_for(task, HANGS)
