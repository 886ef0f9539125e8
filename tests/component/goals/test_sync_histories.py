"""1,000 random histories of two devices that were offline, each heard in three orders with answers
that are lost: what ends is ended whoever came first, what was added is there once, and nobody is
left without an answer. And of each command that was done both times are told: the device's, as
it said it, beside that of the service, in whose order all is."""

from __future__ import annotations

import random
from datetime import datetime
from typing import Any

import pytest

from services.goals.goal.outline import GoalState
from tests.support.offline import GOALS, SHARE, Device, GoalsInMemory, Said, delivered, made

SEEDS = 1_000
PARTS = 10
Found = dict[str, Any]


def of(said: list[Said], operation: str, thing: str) -> list[Said]:
    return [e for e in said if e["operation"] == operation and thing in e["path"].values()]


async def found(service: GoalsInMemory, said: list[Said]) -> Found:
    """What is there in the end, by the commands that made it."""
    goals = {}
    names = [*GOALS, *(e["command_id"] for e in said if e["operation"] == "draft_goal")]
    for name in names:
        goals[name] = await service.ports.goal.path.get("north", made("draft_goal", name))
    share = await service.ports.share.path.get("north", made("create_goal_share", SHARE))
    waiting = await service.documents.pending(1_000)
    events = {each.id: each.events for each in waiting}
    return {"goals": goals, "share": share.state, "all": [*goals.values(), share], "events": events}


def check(devices: list[Device], there: Found) -> None:
    """What must be so after each order."""
    said = [each for device in devices for each in device.said]
    told = {name: answer for device in devices for name, answer in device.told.items()}
    assert told.keys() == {each["command_id"] for each in said}
    check_times(said, told, there)
    for name, goal in there["goals"].items():
        thing = made("draft_goal", name)
        notes = [each.note for each in goal.progress]
        adds = of(said, "record_progress", thing)
        done = {e["command_id"] for e in adds if told[e["command_id"]].problem is None}
        assert sorted(notes) == sorted(done)  # once each
        edits = [e["command_id"] for e in of(said, "edit_goal", thing)]
        applied = [each for each in edits if told[each].problem is None]
        assert goal.statement in (applied or [name])
        if name not in GOALS:  # of one device alone: nobody is in its way
            assert (applied, goal.statement) == (edits, (edits or [name])[-1])
        for each in adds + of(said, "edit_goal", thing):
            answer = told[each["command_id"]]
            if answer.problem is not None:  # she sees why, and what is there instead
                assert (answer.outcome, answer.again) == ("conflict", False)
                assert answer.state is not None
                assert answer.version is not None


def check_times(said: list[Said], told: dict[str, Any], there: Found) -> None:
    """Of what was done, both times: where it is answered, in the thing itself and in its events."""
    kept = {each.key: each for thing in there["all"] for each in thing.device_times}
    for each in said:
        name, made_at = each["command_id"], datetime.fromisoformat(each["made_at"])
        answer = told[name]
        if answer.written_version is None:
            assert (answer.made_at, answer.written_at) == (None, None)
            assert name not in kept
            continue
        assert (answer.made_at, answer.written_at) == (made_at, kept[name].until)
        assert kept[name].made_at == made_at
    for thing in there["all"]:
        order = [(each.version, each.until) for each in thing.device_times]
        assert order == sorted(order)  # the service's, whatever the devices say
        events = {each.version: each for each in there["events"][thing.id]}
        assert [events[each.version].made_at for each in thing.device_times] == [
            each.made_at for each in thing.device_times
        ]


async def heard(seed: int, order: int) -> tuple[list[Device], Found]:
    luck = random.Random(f"{seed}")
    devices = [Device("a", luck), Device("b", luck)]
    service = await delivered(devices, random.Random(f"{seed} {order}"))
    return devices, await found(service, [each for device in devices for each in device.said])


@pytest.mark.parametrize("part", range(PARTS))
async def test_whoever_comes_first_it_ends_the_same(part: int) -> None:
    for seed in range(part, SEEDS, PARTS):
        ends = []
        for order in range(3):
            devices, there = await heard(seed, order)
            check(devices, there)
            said = [each for device in devices for each in device.said]
            open_ = {
                name: sorted(each.note for each in goal.progress)
                for name, goal in there["goals"].items()
                if goal.state is GoalState.ACTIVE
            }
            states = {name: goal.state for name, goal in there["goals"].items()}
            for name in GOALS:  # the end wins
                if of(said, "abandon_goal", made("draft_goal", name)):
                    assert states[name] is GoalState.ABANDONED
            ends.append((states, open_, there["share"]))
        assert ends[0] == ends[1] == ends[2], seed
