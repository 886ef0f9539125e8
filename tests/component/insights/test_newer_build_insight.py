"""A newer build writes and says more than this one knows: what is known is kept and shown,
nothing ends, and once this build knows it too it is shown as what it is."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from coaching.goals.v1 import goal_events_pb2 as goals
from coaching.insights.v1 import caseload_pb2 as pb
from coaching.observations.v1 import observation_events_pb2 as observations
from coaching.programs.v1 import relationship_events_pb2 as relationships
from services.access.profile import profile_of
from services.chassis.views.memory_views import stored
from services.insights.caseload.operations import entry_message
from services.insights.facts.goals import STATES
from services.insights.live.read import Watch, watch_caseload
from services.insights.live.stream import MessageKind
from tests.support.hostile_records import header
from tests.support.insight import COACH, DISTRICT, YEAR, Insights, small_district

PAUSED: Any = 41  # a state of the next build
CARD = f"{DISTRICT}:t1:{YEAR}"


async def entry(insights: Insights, teacher: str = "t1") -> Any:
    async with insights.client(f"{DISTRICT}/{COACH}") as client:
        answer = await client.get("/insights/v1/caseload")
    assert answer.status_code == 200, answer.text
    return next(each for each in answer.json()["entries"] if each["teacher_id"] == teacher)


async def told(watch: Watch) -> list[Any]:
    found = []
    while (message := await watch.reader.mailbox.take(0.0)) is not None:
        found.append(message)
    return found


async def test_a_goal_in_a_state_of_the_next_build(monkeypatch: pytest.MonkeyPatch) -> None:
    insights = await small_district()
    insights.progress("t1", 12)
    await insights.settle()
    call = insights.call("watch_caseload", COACH)
    watch = await watch_caseload(insights.ports.live, call, coach=COACH)
    await told(watch)
    insights.progress("t1", 15, state=PAUSED)
    await insights.settle()
    (message,) = [each for each in await told(watch) if each.kind is MessageKind.ENTRY]
    goal = pb.Caseload.FromString(entry_message(message.entry)).entries[0].open_goals[0]
    assert (goal.state, goal.current) == (pb.OPEN_GOAL_STATE_UNKNOWN, 15)
    insights.clock.forward(days=60)
    shown = await entry(insights)
    assert shown["open_goals"][0]["state"] == "unknown"
    assert shown["open_goals"][0]["current"] == 15
    assert not shown["incomplete"]
    assert "F3" not in {each["code"] for each in shown["flags"]}  # nobody knows that it stalls
    # the same rows, read by a build that knows the number
    assert isinstance(STATES, dict)
    monkeypatch.setitem(STATES, PAUSED, "active")
    shown = await entry(_again(insights))
    assert shown["open_goals"][0]["state"] == "active"
    assert "F3" in {each["code"] for each in shown["flags"]}


async def test_a_goal_that_the_next_build_took_back(monkeypatch: pytest.MonkeyPatch) -> None:
    insights = await small_district()
    insights.progress("t1", 12, state=PAUSED)
    await insights.settle()
    assert (await entry(insights))["open_goals"]
    assert isinstance(STATES, dict)
    monkeypatch.setitem(STATES, PAUSED, "withdrawn")
    assert (await entry(_again(insights)))["open_goals"] == []


def _again(insights: Insights) -> Insights:
    """Entries are kept for as long as their cards stay the same: make them anew."""
    insights.clock.forward(days=1)
    return insights


async def test_a_direction_and_an_observation_of_the_next_build() -> None:
    insights = await small_district()
    said = goals.GoalSnapshot(
        goal_id="g1",
        teacher_id="t1",
        school_year=YEAR,
        state=goals.GOAL_STATE_ACTIVE,
        direction=PAUSED,
        baseline=10,
        target=20,
        current=9,
        previous=9,
    )
    said.last_progress_at.FromDatetime(insights.clock.now())
    insights.publish(goals.GoalProgressRecorded(goal=said), "g1", "t1")
    seen = observations.ObservationSnapshot(
        observation_id="o1", teacher_id="t1", tool_id="teach", school_year=YEAR, state=PAUSED
    )
    seen.completed_at.FromDatetime(insights.clock.now())
    seen.shared_at.FromDatetime(insights.clock.now())
    insights.publish(observations.ObservationShared(observation=seen), "o1", "t1")
    await insights.settle()
    shown = await entry(insights)
    (goal,) = shown["open_goals"]
    assert (goal["direction"], goal["progress_share"], goal["current"]) == ("unknown", None, 9)
    assert shown["last_observation"]["observation_id"] == "o1"
    assert shown["flags"] == []
    assert not shown["incomplete"]


async def test_a_relationship_in_a_state_of_the_next_build_grants_nothing() -> None:
    insights = await small_district()
    said = relationships.RelationshipSnapshot(
        relationship_id=f"rel-t1-{COACH}",
        coach_id=COACH,
        teacher_id="t1",
        school_year=YEAR,
        state=PAUSED,
    )
    insights.publish(
        relationships.RelationshipAccepted(relationship=said), said.relationship_id, "t1"
    )
    await insights.settle()
    assert insights.rows()[CARD]["coaches"] == []
    row = insights.views.rows["access"][f"{DISTRICT}:t1"]
    assert profile_of(row).ties == ()
    async with insights.client(f"{DISTRICT}/{COACH}") as client:
        assert (await client.get("/insights/v1/cards/t1")).status_code == 404


def more(row: Any) -> None:
    """Fields that nobody has heard of, at every level."""
    row["next"] = {"x": 1}
    for group in row["facts"].values():
        for fact in group.values():
            fact["next"] = [1, 2]
    row["facts"]["plans"] = {"p1": {"v": 1, "at": row["newest_event_at"], "steps": [{"n": 1}]}}


def another_state(row: Any) -> None:
    row["facts"]["goals"]["goal-t1"]["state"] = "of-the-next-build"


@pytest.mark.parametrize("write", [more, another_state])
async def test_a_row_that_a_newer_build_wrote(write: Callable[[Any], None]) -> None:
    insights = await small_district()
    insights.progress("t1", 12)
    await insights.settle()
    row = stored(insights.rows()[CARD])
    write(row)
    row["rev"] = "99.0"
    insights.views.rows["cards"][CARD] = row
    for projector in insights.projectors():
        projector._batcher.drop()
    shown = await entry(insights)
    assert not shown["incomplete"]
    assert shown["open_goals"][0]["state"] == ("unknown" if write is another_state else "active")
    insights.observed("t1", shared=True)  # this build goes on with it, and keeps what is not its
    await insights.settle()
    after = insights.rows()[CARD]
    assert after["facts"]["observations"]
    assert after.get("next") == row.get("next")
    assert after["facts"].get("plans") == row["facts"].get("plans")
    assert await insights.views.list("insights") == []


async def test_what_waits_for_the_next_build_is_taken_up_by_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """However many: they stop nobody, and no operator has to ask."""
    insights = await small_district()
    real = insights.log
    for number in range(120):
        insights.district = ("north", "south")[number % 2]
        insights.log = type(real)()
        insights.progress("t1", number, goal=f"goal-{number}")
        (record,) = insights.log.all("coaching.goals.v1")
        newer = header("ce_minreader", b"3")(record)
        real.append(newer.topic, newer.key or b"", newer.value, newer.headers)
    insights.log, insights.district = real, "north"
    await insights.settle()
    waiting = await insights.views.list("insights")
    assert {each.reason for each in waiting} == {"needs upgrade: reader 3"}
    assert len(waiting) == 120
    assert (await entry(insights))["incomplete"]
    for reader in (2, 3):  # a deployment: claimed anew
        monkeypatch.setattr("services.chassis.views.decode.READER", reader)
        for projector in insights.projectors():
            projector._owned = None
        for _ in range(4):
            insights.clock.forward(seconds=2)
            await insights.settle()
        assert len(await insights.views.list("insights")) == (120 if reader == 2 else 0)
    assert len(insights.rows()[CARD]["facts"]["goals"]) == 60
    assert not (await entry(insights))["incomplete"]
