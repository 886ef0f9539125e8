"""A to-do of a merge acts only while the two are what its event said, whenever it comes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from types import SimpleNamespace
from typing import Any

import pytest

from services.access.merges import LAST_LOOK, SECOND_LOOK
from services.access.projection import access_projection
from services.chassis.duties.duty import GIVEN_UP, OPEN, Todo
from services.chassis.duties.todos import Todos
from services.chassis.views.memory_views import MemoryViews
from tests.support.twice import MATCHES, NEW, OLD, TEACHES, Twice

SERVICES = ("roster", "programs", "goals", "surveys", "observations")


@pytest.fixture
async def twice() -> Twice:
    return await Twice().begin()


class Away:
    """To-dos of a service that does none for a while, or only those of some versions."""

    def __init__(self, todos: Todos) -> None:
        self._todos = todos
        self.hidden: frozenset[int] | None = None  # versions; None: all

    async def due(self, now: datetime, most: int) -> Sequence[Todo]:
        if self.hidden is None:
            return []
        found = await self._todos.due(now, 1_000)
        return [each for each in found if each.version not in self.hidden]

    def __getattr__(self, name: str) -> Any:
        return getattr(self._todos, name)


def away(twice: Twice) -> list[Away]:
    """No service does anything from now on."""
    made = []
    for name in SERVICES:
        runner: Any = twice.north.services[name].duties
        runner._todos = Away(runner._todos)
        made.append(runner._todos)
    return made


async def begun(twice: Twice) -> tuple[str, str]:
    """By the one who was restored: a goal, and what her coach plans with her."""
    await twice.north.roster(old=TEACHES)
    await twice.north.coached("coach", OLD)
    return await twice.goal(), await twice.observation()


async def hers(twice: Twice, goal: str, observation: str) -> None:
    assert goal in await twice.goals(OLD, OLD)
    assert goal not in await twice.goals()
    seen = await twice.get(OLD, f"/observations/v1/observations/{observation}")
    assert seen["teacher_id"] == OLD
    assert await twice.north.status(NEW, f"/observations/v1/observations/{observation}") == 404
    assert await twice.north.sees("coach", OLD) >= {"goals", "observations", "insights"}
    told = await twice.get("admin", f"/roster/v1/people/{OLD}")
    assert (told["status"], told["merged_into_id"]) == ("active", None)


@pytest.mark.parametrize("look", [SECOND_LOOK, LAST_LOOK])
async def test_what_is_begun_after_a_separation_stays_hers_when_the_merge_looks_again(
    twice: Twice, look: Any
) -> None:
    match = await twice.merged()
    if look is LAST_LOOK:
        await twice.later(SECOND_LOOK)
    await twice.separate(match)
    await twice.north.settle()
    goal, observation = await begun(twice)
    await twice.later(look)
    await twice.later(LAST_LOOK)
    await hers(twice, goal, observation)


async def test_a_merge_that_is_carried_out_only_after_the_separation_moves_nothing(
    twice: Twice,
) -> None:
    """The services do nothing while the two are merged and parted, and for an hour."""
    before = await twice.goal()
    services = away(twice)
    match = await twice.merged()
    await twice.separate(match)
    await twice.north.settle()
    goal, observation = await begun(twice)
    await twice.later(LAST_LOOK * 4)
    for each in services:
        each.hidden = frozenset()
    await twice.later(SECOND_LOOK)
    await twice.later(LAST_LOOK)
    await hers(twice, goal, observation)
    assert before in await twice.goals(OLD, OLD)


async def test_a_separation_that_is_carried_out_after_they_were_merged_once_more_gives_nothing_back(
    twice: Twice,
) -> None:
    goal = await twice.goal()
    match = await twice.merged()
    services = away(twice)
    await twice.separate(match)
    separated = (await twice.get("admin", f"{MATCHES}/{match}"))["version"]
    # the roster gives back, or nobody could confirm: of the others it comes too late
    services[0].hidden = frozenset()
    await twice.north.settle()
    assert await twice.proposed() == match
    for each in services[1:]:
        each.hidden = frozenset({separated})
    await twice.post("admin", f"{MATCHES}/{match}/confirm")
    await twice.north.settle()
    await twice.later(SECOND_LOOK)
    await twice.later(LAST_LOOK)
    for each in services:
        each.hidden = frozenset()
    await twice.north.settle()
    assert goal in await twice.goals()
    told = await twice.get("admin", f"/roster/v1/people/{OLD}")
    assert (told["status"], told["merged_into_id"]) == ("removed", NEW)


async def test_what_comes_late_to_a_record_goes_on_to_the_one_that_is_kept_in_the_end(
    twice: Twice,
) -> None:
    """Goals has carried out the second merge long before the first."""
    goal = await twice.goal()
    runner: Any = twice.north.services["goals"].duties
    waiting = runner._todos = Away(runner._todos)
    first = await twice.merged(OLD, "peer")
    version = (await twice.get("admin", f"{MATCHES}/{first}"))["version"]
    assert version == 2  # and of the second, which is proposed once more, 3
    second = await twice.proposed("peer", NEW)
    await twice.post("admin", f"{MATCHES}/{second}/dismiss")
    assert await twice.proposed("peer", NEW) == second
    await twice.post("admin", f"{MATCHES}/{second}/confirm")
    waiting.hidden = frozenset({version})
    await twice.north.settle()
    await twice.later(SECOND_LOOK)
    await twice.later(LAST_LOOK)
    assert goal not in await twice.goals()
    waiting.hidden = frozenset()
    await twice.north.settle()
    assert goal in await twice.goals()


async def test_it_waits_until_the_services_own_view_knows_of_it(twice: Twice) -> None:
    goal = await twice.goal()
    match = await twice.merged()
    service: Any = twice.north.services["goals"]
    all_of, lagging = service.projectors, access_projection("goals").group
    ahead = [each for each in all_of if each.projection.group != lagging]
    assert len(ahead) == len(all_of) - 1
    object.__setattr__(service, "projectors", ahead)
    await twice.separate(match)
    await twice.north.settle()
    assert goal in await twice.goals()
    object.__setattr__(service, "projectors", all_of)
    await twice.later(timedelta(seconds=1))
    await twice.north.roster(old=TEACHES)
    assert goal in await twice.goals(OLD, OLD)


async def test_who_is_given_up_is_nobody_before_the_roster_says_so(twice: Twice) -> None:
    """By the merge itself: the roster's own duty comes later."""
    goal = await twice.goal()
    await twice.north.settle()
    away(twice)
    await twice.merged()
    assert await twice.north.status(OLD, f"/goals/v1/goals/{goal}") == 403
    assert await twice.north.sees("coach", OLD) == set()
    told = await twice.get("admin", f"/roster/v1/people/{OLD}")
    assert told["status"] == "active"


async def test_a_thing_that_is_loaded_when_the_view_says_two_people_is_not_moved(
    twice: Twice,
) -> None:
    """The separation comes between the first look at a to-do and the things it moves."""
    goal = await twice.goal()
    await twice.north.settle()
    service = twice.north.services["goals"]
    views = service.backing.views
    assert isinstance(views, MemoryViews)
    rows = views.rows["access"]
    runner: Any = service.duties
    work = runner._works["transfer_goals"]  # alone: others are done before it
    read, asked = work.args[0].view.read_anew, 0

    async def read_anew(row_id: str) -> Any:
        nonlocal asked
        asked += 1
        if asked == 2:  # the first thing has been loaded
            match = next(iter(rows[row_id]["facts"]["merges"].values()))
            match["v"], match["merged"] = match["v"] + 1, False
        return await read(row_id)

    view = SimpleNamespace(read_anew=read_anew)
    runner._works["transfer_goals"] = partial(work.func, replace(work.args[0], view=view))
    await twice.merged()
    assert asked > 1
    assert goal not in await twice.goals()


async def test_it_looks_three_times_and_then_it_is_done(twice: Twice) -> None:
    """However long a look may take to be settled."""
    await twice.merged()
    todos: Any = twice.north.services["goals"].duties

    async def transfers(*states: str) -> list[str]:
        found = [each.id.partition(":")[0] for each in await todos._todos.list(states)]
        return sorted(each for each in found if each.startswith("transfer_"))

    of_rooms = ("goal_shares", "goals", "strategies", "trees", "trials", "walks")
    moved = [f"transfer_{each}" for each in ("celebrations", "drafts", *of_rooms)]
    for wait in (SECOND_LOOK, LAST_LOOK):
        assert await transfers(OPEN) == moved
        await twice.later(wait - timedelta(seconds=1))
        assert await transfers(OPEN) == moved
        await twice.later(timedelta(seconds=1))
    assert await transfers(OPEN, GIVEN_UP) == []


async def test_what_is_to_be_given_back_is_not_moved_on_by_a_later_merge(twice: Twice) -> None:
    """Goals has not yet carried out the separation when the kept record is given up itself."""
    goal = await twice.goal()
    first = await twice.merged(OLD, "peer")
    runner: Any = twice.north.services["goals"].duties
    waiting = runner._todos = Away(runner._todos)
    await twice.separate(first)
    version = (await twice.get("admin", f"{MATCHES}/{first}"))["version"]
    second = await twice.proposed("peer", NEW)
    for again in ("dismiss", "dismiss", "confirm"):
        assert await twice.proposed("peer", NEW) == second
        await twice.post("admin", f"{MATCHES}/{second}/{again}")
    assert version not in ((await twice.get("admin", f"{MATCHES}/{second}"))["version"], 2)
    waiting.hidden = frozenset({version})
    await twice.north.settle()
    await twice.later(SECOND_LOOK)
    waiting.hidden = frozenset()
    await twice.later(LAST_LOOK)
    await twice.north.roster(old=TEACHES)
    assert goal in await twice.goals(OLD, OLD)
