"""What becomes of the observations of a coach who has left: over the public APIs, on memory
adapters."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from services.chassis.duties.duty import DONE
from services.chassis.log.envelope import open_envelope
from services.ctl.demo.district import build_district
from services.observations.observation.duties import PAUSE
from tests.support.coaching import SHAPE, YEAR, Coaching
from tests.support.platform import Platform

COACH, TEACHER, OTHER_TEACHER = "coach-01", "teacher-0001", "teacher-0002"
ADMIN = "admin-01"
WEEK = PAUSE.total_seconds()


class Left:
    """Coach and teachers who work together, with observations in each of their states."""

    def __init__(self) -> None:
        self.platform = Platform()
        self.north = Coaching(self.platform)
        self.tool = ""

    async def begin(self) -> Left:
        await self.north.import_roster()
        await self.platform.settle()
        await self.north.relate(1)
        await self.platform.settle()
        self.tool = await self.north.published_tool(COACH)
        return self

    async def observed(self, *steps: str, teacher: str = TEACHER, by: str = COACH) -> str:
        """The id of one after these steps."""
        now = self.platform.clock.now().isoformat().replace("+00:00", "Z")
        made = await self.north.post(
            by,
            "/observations/v1/observations",
            {"teacher_id": teacher, "tool_id": self.tool, "scheduled_for": now},
        )
        path = f"/observations/v1/observations/{made['observation_id']}"
        bodies = {"scores": {"scores": [{"criterion_id": "talk", "score": 2}]}}
        for step in steps:
            await self.north.post(by, f"{path}/{step}", bodies.get(step))
        return str(made["observation_id"])

    async def get(self, observation: str, who: str = TEACHER) -> Any:
        path = f"/observations/v1/observations/{observation}"
        return (await self.platform.ask(self.north.who(who), "GET", path)).json()

    async def part(self, teacher: str = TEACHER) -> None:
        path = f"/programs/v1/relationships?coach_id={COACH}&teacher_id={teacher}"
        found = (await self.platform.ask(self.north.who(COACH), "GET", path)).json()
        (one,) = found["relationships"]
        await self.north.post(COACH, f"/programs/v1/relationships/{one['relationship_id']}/end")

    async def meet_again(self) -> None:
        asked = {"coach_id": COACH, "teacher_id": TEACHER}
        made = await self.north.post(COACH, "/programs/v1/relationships", asked)
        path = f"/programs/v1/relationships/{made['relationship_id']}/accept"
        await self.north.post(TEACHER, path)
        await self.platform.settle()

    async def pass_by(self, seconds: float = WEEK) -> None:
        await self.platform.settle()
        self.platform.clock.forward(seconds=seconds)
        await self.platform.settle()


@pytest.fixture
async def left() -> Left:
    return await Left().begin()


async def test_a_week_after_they_have_parted_what_was_planned_is_cancelled_and_the_rest_waits(
    left: Left,
) -> None:
    planned, begun = await left.observed(), await left.observed("scores")
    complete = await left.observed("scores", "complete")
    shared = await left.observed("scores", "complete", "share")
    others = await left.observed("scores", teacher=OTHER_TEACHER)
    mine = await left.observed("scores", by=TEACHER)
    await left.part()
    await left.pass_by(WEEK - 1)
    assert (await left.get(planned))["state"] == "scheduled"
    await left.part(OTHER_TEACHER)  # whose week begins now
    await left.pass_by(1)
    now = left.platform.clock.now().isoformat().replace("+00:00", "Z")
    assert (await left.get(planned))["state"] == "cancelled"
    for observation, state in ((begun, "in_progress"), (complete, "completed")):
        found = await left.get(observation)
        assert (found["state"], found["left_behind_at"]) == (state, now)
        assert found["observer_id"] == COACH
    assert (await left.get(shared))["left_behind_at"] is None
    assert (await left.get(mine))["left_behind_at"] is None
    assert (await left.get(others, OTHER_TEACHER))["left_behind_at"] is None


async def test_it_happens_once_and_names_what_it_follows_from(left: Left) -> None:
    begun = await left.observed("scores")
    await left.part()
    await left.pass_by()
    version = (await left.get(begun))["version"]
    await left.pass_by()
    assert (await left.get(begun))["version"] == version == 3
    records = [*left.platform.log.all("coaching.programs.v1")]
    (ended,) = [each for each in records if open_envelope(each.headers, each.key).version == 3]
    (last,) = [
        dict(each.headers)
        for each in left.platform.log.all("coaching.observations.v1")
        if dict(each.headers)["ce_type"].endswith(b"ObservationLeftBehind")
    ]
    assert last["ce_causationid"] == dict(ended.headers)["ce_id"]


async def test_the_teacher_decides_what_becomes_of_it(left: Left) -> None:
    complete = await left.observed("scores", "complete")
    begun = await left.observed("scores")
    await left.part()
    await left.pass_by()
    path = "/observations/v1/observations"
    await left.north.post(TEACHER, f"{path}/{complete}/share")
    assert (await left.get(complete))["left_behind_at"] is None
    await left.north.post(TEACHER, f"{path}/{begun}/hand-over", {"observer_id": TEACHER})
    found = await left.get(begun)
    assert (found["observer_id"], found["left_behind_at"]) == (TEACHER, None)


async def test_who_parted_by_mistake_goes_on_where_she_was(left: Left) -> None:
    planned, begun = await left.observed(), await left.observed("scores")
    await left.part()
    await left.platform.settle()
    await left.meet_again()
    await left.pass_by()
    assert (await left.get(planned))["state"] == "scheduled"
    assert (await left.get(begun))["left_behind_at"] is None


async def test_who_is_back_later_has_left_nothing_behind_once_she_goes_on(left: Left) -> None:
    begun = await left.observed("scores")
    await left.part()
    await left.pass_by()
    assert (await left.get(begun))["left_behind_at"]
    await left.meet_again()
    await left.north.post(COACH, f"/observations/v1/observations/{begun}/complete")
    assert (await left.get(begun))["left_behind_at"] is None
    await left.part()
    await left.pass_by()
    assert (await left.get(begun))["left_behind_at"]


async def test_who_is_no_more_in_the_roster_leaves_all_teachers(left: Left) -> None:
    begun = await left.observed("scores")
    planned = await left.observed(teacher=OTHER_TEACHER)
    without = build_district(replace(SHAPE, coaches=0), YEAR)
    sis = "north/sis?roster.write"
    await left.platform.import_roster(sis, without, "?allow_removals=true")
    await left.pass_by()
    assert (await left.get(begun))["left_behind_at"]
    assert (await left.get(planned, OTHER_TEACHER))["state"] == "cancelled"


async def test_it_waits_until_this_service_knows_that_they_have_parted(left: Left) -> None:
    """What is decided by an older view would be decided for ever."""
    begun = await left.observed("scores")
    observations = left.platform.services["observations"]
    access, duties = observations.projectors
    await left.part()
    relay = left.platform.services["programs"].relay
    assert relay is not None
    assert observations.duties is not None
    await relay.round()
    await duties.round()
    left.platform.clock.forward(seconds=WEEK)
    await observations.duties.round()
    assert (await left.get(begun))["left_behind_at"] is None
    todos = observations.backing.todos(duties.projection.group)
    (todo,) = await todos.list()
    assert (todo.error, todo.tries) == ("not_known_yet", 0)
    await left.pass_by(15)
    assert (await left.get(begun))["left_behind_at"]
    assert [each.state for each in await todos.list([DONE])] == [DONE]
    assert access.counts.records


@pytest.mark.parametrize("readable", [True, False])
async def test_nothing_is_decided_by_a_tie_that_is_closed_since_it_cannot_be_read(
    left: Left, readable: bool
) -> None:
    """Two who have met again; what the teacher says then is for a newer build."""
    planned = await left.observed()
    await left.part()
    await left.platform.settle()
    await left.meet_again()
    path = f"/programs/v1/relationships?coach_id={COACH}&teacher_id={TEACHER}"
    found = (await left.platform.ask(left.north.who(COACH), "GET", path)).json()
    (one,) = found["relationships"]
    accept = f"/programs/v1/relationships/{one['relationship_id']}/accept"
    await left.north.post(TEACHER, accept, {"coach_sees": ["observations"]})
    relay = left.platform.services["programs"].relay
    assert relay is not None
    await relay.round()
    if not readable:
        records = left.platform.log._records
        (at, number) = next(
            (key, number)
            for key, those in records.items()
            for number, each in enumerate(those)
            if each.topic == "coaching.programs.v1"
            and each is those[-1]
            and (each.key or b"").endswith(TEACHER.encode())
        )
        last = records[at][number]
        headers = (*last.headers, ("ce_minreader", b"9"))
        records[at][number] = last._replace(headers=headers)
    await left.pass_by()
    assert (await left.get(planned))["state"] == "scheduled"
