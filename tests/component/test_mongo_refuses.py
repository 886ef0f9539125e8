"""Where MongoDB refuses the user, every role that works with it ends and says so: to wait would
help nobody, and nobody would know."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from types import SimpleNamespace
from typing import Any, cast

import pytest
from pymongo.errors import OperationFailure

from services.chassis.duties.mongo_todos import MongoTodos
from services.chassis.log.memory_log import MemoryLog
from services.chassis.log.memory_source import MemoryGroup, MemorySource
from services.chassis.mongo import Collection, Database, MongoUnavailable
from services.chassis.views.generations import CurrentViews, Generations
from services.chassis.views.mongo_views import MongoViews
from services.chassis.views.projector import Projector
from services.chassis.views.rows import Generation
from services.chassis.views.watch import RowWatch
from tests.support.clocks import FakeClock
from tests.support.duties import TOPIC, Reminded
from tests.support.goal_cards import FAST, SMALL

REFUSED = OperationFailure("not authorized on goals", 13)


class RefusingCollection:
    name = "cards"

    def watch(self, *_: Any, **__: Any) -> Any:
        raise REFUSED

    def __getattr__(self, name: str) -> Any:
        async def refused(*_: Any, **__: Any) -> Any:
            raise REFUSED

        return refused


class RefusingDatabase:
    client = SimpleNamespace(admin=RefusingCollection())

    def __getitem__(self, name: str) -> RefusingCollection:
        return RefusingCollection()


DATABASE = cast(Database, RefusingDatabase())
NEW = Generation("cards", 1)


@pytest.mark.parametrize(
    "ask",
    [
        lambda known: known.current("cards"),
        lambda known: known.next("cards"),
        lambda known: known.flip(NEW),
    ],
    ids=["current", "next", "flip"],
)
async def test_a_refusal_to_say_which_build_is_in_use_is_told(
    ask: Callable[[Generations], Awaitable[Any]],
) -> None:
    with pytest.raises(MongoUnavailable, match="not authorized on goals: look at MONGODB_URI"):
        await ask(Generations(DATABASE))


async def ends(role: Callable[[asyncio.Event], Awaitable[None]]) -> None:
    async with asyncio.timeout(10):
        with pytest.raises(MongoUnavailable, match="not authorized"):
            await role(asyncio.Event())


async def test_a_projector_ends() -> None:
    source = MemorySource(MemoryGroup(MemoryLog(2), [TOPIC]), now=FakeClock().now)
    projection = Reminded().projection
    await ends(Projector(source, MongoViews(DATABASE), projection, FakeClock(), SMALL, FAST).run)


async def test_a_runner_of_duties_ends() -> None:
    await ends(Reminded().another(MongoTodos(DATABASE, "test-duties")).run)


async def test_a_watch_that_may_not_learn_what_to_watch_ends() -> None:
    current = CurrentViews(DATABASE, "cards")
    await ends(RowWatch(lambda: current.collection("cards")).run)


async def test_a_watch_that_may_not_watch_ends() -> None:
    async def resolve() -> Collection:
        return DATABASE["cards"]

    await ends(RowWatch(resolve).run)
