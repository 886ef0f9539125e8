"""A build beside the one before it, which knows one topic, one field and one state less: each
takes over from the other and back, under load, and nothing is lost and nothing ends."""

from __future__ import annotations

import asyncio
from typing import Any

from services.assembly.registry import SERVICES, WRITE_SERVICES
from services.chassis.log.connections import Proof
from services.ctl.journals import ServiceJournals
from services.ctl.rebuilding import rebuild, view_of
from services.insights.caseload.fold import GROUP
from services.insights.caseload.mongo_cards import MongoCards
from tests.support.faults import Faulty
from tests.support.load import COACH, Load
from tests.support.waiting import eventually

ASSIGNED = "tandem_consumer_assigned_partitions"
COUNT = "tandem_projector_count"
NUMBERS = 12
CARDS = {"ROLES": "projector.cards"}
OLDER, NEWER = "insights-older", "insights-newer"


async def old_beside_new(f: Faulty, times: int) -> str:
    aside = 0.0
    for _ in range(times):
        await f.stack.end("insights")  # before there is anything that it could claim
        await _from_the_beginning(f)
        f.stack.start("insights", ROLES="api,projector.access")
        async with f.load() as load:
            aside += await _one_topic_less(f, load)
            await _one_field_and_one_state_less(f, load)
            await _another_schema(f, load)
            await _shown(f, load)
            report = await _rebuilt(f)  # what the older left out
            assert report["parked"] == 0, report
            assert sorted(f.stack.running) == sorted(_ALL), f.stack.running
            ended = [name for name, child in f.stack._children.items() if child.returncode]
            assert not ended, ended
            await asyncio.gather(f.stack.end(NEWER), f.stack.end("insights"))
            f.stack.start("insights")
            await f.stack.ready("insights")
            await f.progress(load, 10)
    return f"{times} times, stood aside {aside:.0f} times, {load.acknowledged} writes"


_ALL = (*SERVICES, NEWER)


async def _from_the_beginning(f: Faulty) -> None:
    """A build of the cards that nobody has kept yet: what the older takes is its own."""
    views: Any = f.stack._backing("insights").views
    own = f.stack._backing("insights").database
    assert own is not None
    new = await views.next_generation(GROUP)
    await MongoCards(own, views).ensure_indexes(new)
    await views.flip(new)


async def _one_topic_less(f: Faulty, load: Load) -> float:
    """The older keeps the cards until the newer is there, and never again."""
    _older(f, "topic", "field", "state")
    await _holds(f, OLDER, NUMBERS)
    await f.progress(load, 20)
    f.stack.start("insights", NEWER, **CARDS)
    await _holds(f, NEWER, NUMBERS)
    await _holds(f, OLDER, 0)
    await f.progress(load, 20)
    await f.stack.kill(NEWER)
    await f.progress(load, 20)
    f.stack.start("insights", NEWER, **CARDS)
    await _holds(f, NEWER, NUMBERS)
    assert await f.metric(NEWER, COUNT, group=GROUP, what="fenced") == 0
    times = await f.metric(OLDER, COUNT, group=GROUP, what="aside")
    assert times == 1, "it came back"
    assert await f.stack.end(OLDER) == 0
    return times


async def _one_field_and_one_state_less(f: Faulty, load: Load) -> None:
    """The same topics: in one group, and each goes on with the other's rows."""
    _older(f, "field", "state")
    await _holds(f, OLDER, NUMBERS // 2)
    await f.stack.kill(NEWER)
    await _holds(f, OLDER, NUMBERS)
    await f.progress(load, 20)
    await _shown(f, load)
    f.stack.start("insights", NEWER, **CARDS)
    await _holds(f, NEWER, NUMBERS // 2)
    await f.progress(load, 20)
    assert await f.stack.end(OLDER) == 0
    await _holds(f, NEWER, NUMBERS)


async def _another_schema(f: Faulty, load: Load) -> None:
    """What the newer has stored the older leaves alone (503), what the older stored the newer
    goes on with."""
    goal = load.measured[-1]
    await f.stack.end("goals")
    f.stack.start("goals", program=("tests.support.older_build", "goals", "schema"))
    await f.stack.ready("goals")
    await f.progress(load, 20)
    async with f.stack.client("goals", f.north.who(COACH)) as client:
        answer = await client.get(goal.path)
    assert (answer.status_code, answer.json()["code"]) == (503, "needs_upgrade")
    await f.stack.end("goals")
    f.stack.start("goals")
    await f.stack.ready("goals")
    await f.progress(load, 40)


async def _shown(f: Faulty, load: Load) -> None:
    """The newest acknowledged value of a goal is on its card, whoever has folded it, and the
    goal is what it is."""
    goal = next(each for each in reversed(load.measured) if each.acknowledged)
    wanted, id_ = goal.acknowledged[-1], goal.path.rpartition("/")[2]

    async def shown() -> bool:
        entry = await f.north.entry(COACH, goal.teacher) or {"open_goals": []}
        open_goals = {each["goal_id"]: each for each in entry["open_goals"]}
        return bool(
            id_ in open_goals
            and (open_goals[id_]["current"] or 0) >= wanted
            and open_goals[id_]["state"] == "active"
            and not entry["incomplete"]
        )

    await eventually(shown, timeout=30)


def _older(f: Faulty, *less: str) -> None:
    program = ("tests.support.older_build", "insights", *less)
    f.stack.start("insights", OLDER, program=program, **CARDS)


async def _holds(f: Faulty, name: str, numbers: int) -> None:
    await f.stack.ready(name)

    async def holds() -> bool:
        return await f.metric(name, ASSIGNED, group=GROUP) == numbers

    await eventually(holds, timeout=40)


async def _rebuilt(f: Faulty) -> dict[str, Any]:
    addresses = {service: f.stack.stack.grpc(service) for service in WRITE_SERVICES}
    tokens = [f.stack.token(f"{district}/ops?journal.read") for district in f.stack.all_districts]
    own = f.stack._backing("insights").database
    assert own is not None
    return await rebuild(
        view_of(GROUP, "insights"),
        own,
        f.stack.stack.kafka,
        ServiceJournals(addresses, tokens),
        proof=Proof(),
        dry_run=False,
    )
