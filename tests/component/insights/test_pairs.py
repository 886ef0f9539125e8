"""The pair view: what two teachers see of each other, and nobody else of the two."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from coaching.observations.v1 import observation_events_pb2 as observations
from coaching.programs.v1 import circle_events_pb2 as circles
from coaching.programs.v1 import relationship_events_pb2 as relationships
from services.chassis.call import Call, Principal
from services.insights.pair.read import get_own_pairs
from tests.support.insight import COACH, YEAR, Insights, small_district

WORK = {
    "goals": relationships.WORK_GOALS,
    "observations": relationships.WORK_OBSERVATIONS,
    "surveys": relationships.WORK_SURVEYS,
}


@pytest.fixture
async def insights() -> Insights:
    made = await small_district()
    pair(made, {"t1": ["goals"], "t2": ["goals", "observations"]})
    await made.settle()
    return made


def pair(
    insights: Insights,
    shows: dict[str, list[str]],
    state: Any = circles.CIRCLE_STATE_ACTIVE,
) -> None:
    members = [
        circles.CircleMember(teacher_id=each, joined=True, shows=[WORK[work] for work in works])
        for each, works in shows.items()
    ]
    said = circles.CircleSnapshot(
        circle_id="p1",
        kind=circles.CIRCLE_KIND_PAIR,
        school_year=YEAR,
        state=state,
        members=members,
    )
    for each in shows:
        event = circles.CircleShown(circle=said)
        insights.publish(event, "p1", each)


def visit(insights: Insights, id: str, observer: str, teacher: str) -> None:
    said = observations.ObservationSnapshot(
        observation_id=id,
        teacher_id=teacher,
        observer_id=observer,
        tool_id="tool",
        school_year=YEAR,
        state=observations.OBSERVATION_STATE_COMPLETED,
    )
    said.completed_at.FromDatetime(insights.clock.now())
    insights.publish(observations.ObservationCompleted(observation=said), id, teacher)


async def read(insights: Insights, who: str) -> Any:
    async with insights.client(f"north/{who}") as client:
        answer = await client.get("/insights/v1/pairs")
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_each_sees_of_the_other_what_that_one_shows(insights: Insights) -> None:
    (hers,) = (await read(insights, "t1"))["pairs"]
    assert (hers["circle_id"], hers["own"]["teacher_id"]) == ("p1", "t1")
    assert (hers["partner"]["teacher_id"], hers["shows"]) == ("t2", ["goals"])
    assert hers["partner"]["not_shared"] == ["surveys"]
    assert hers["partner"]["flags"] == []
    (theirs,) = (await read(insights, "t2"))["pairs"]
    assert theirs["partner"]["not_shared"] == ["observations", "surveys"]
    for who in (COACH, "t3"):
        assert (await read(insights, who))["pairs"] == []


async def test_the_two_are_told_of_their_balance_and_nobody_else(insights: Insights) -> None:
    for number in range(2):
        visit(insights, f"o{number}", "t1", "t2")
    await insights.settle()
    for who, counts in (("t1", [2, 0]), ("t2", [0, 2])):
        (told,) = (await read(insights, who))["pairs"]
        assert [each["count"] for each in told["visits"]] == counts
        assert told["imbalanced"] is True
        assert told["imbalance"] == {
            "code": "F13",
            "rule_version": 1,
            "evidence_ids": ["p1", "o0", "o1"],
        }
    visit(insights, "o9", "t2", "t1")
    await insights.settle()
    (even,) = (await read(insights, "t1"))["pairs"]
    assert (even["imbalanced"], even["imbalance"]) == (False, None)
    async with insights.client(f"north/{COACH}") as client:
        caseload = (await client.get("/insights/v1/caseload")).text
    assert "imbalanced" not in caseload
    assert "F13" not in caseload
    insights.clock.forward(days=31)
    await insights.settle()
    (told,) = (await read(insights, "t1"))["pairs"]
    assert [each["count"] for each in told["visits"]] == [0, 0]
    assert told["visits"][0]["last_at"] is not None


async def test_a_pair_that_is_paused_or_over_is_none(insights: Insights) -> None:
    both = {"t1": ["goals"], "t2": ["goals"]}
    for state in (circles.CIRCLE_STATE_PAUSED, circles.CIRCLE_STATE_ENDED):
        pair(insights, both, state)
        await insights.settle()
        assert (await read(insights, "t1"))["pairs"] == []
    pair(insights, both)
    await insights.settle()
    assert len((await read(insights, "t1"))["pairs"]) == 1
    insights.clock.forward(seconds=timedelta(days=400).total_seconds())
    await insights.settle()
    assert (await read(insights, "t1"))["pairs"] == []


def group(insights: Insights, joined: dict[str, list[str]], *asked: str) -> None:
    members = [
        circles.CircleMember(teacher_id=each, joined=True, shows=[WORK[work] for work in works])
        for each, works in joined.items()
    ]
    members += [circles.CircleMember(teacher_id=each) for each in asked]
    said = circles.CircleSnapshot(
        circle_id="g1",
        kind=circles.CIRCLE_KIND_GROUP,
        school_year=YEAR,
        state=circles.CIRCLE_STATE_ACTIVE,
        facilitator_id=COACH,
        members=members,
    )
    for each in (*joined, *asked):
        insights.publish(circles.CircleShown(circle=said), "g1", each)


async def test_of_a_group_each_sees_what_every_other_shows(insights: Insights) -> None:
    for each in ("t3", "t4", "t5"):
        insights.person(each)
    group(insights, {"t1": ["surveys"], "t3": ["goals"], "t4": []}, "t5")
    await insights.settle()
    (hers,) = (await read(insights, "t1"))["groups"]
    assert (hers["circle_id"], hers["school_year"], hers["shows"]) == ("g1", YEAR, ["surveys"])
    assert [(each["teacher_id"], each["not_shared"]) for each in hers["peers"]] == [
        ("t3", ["observations", "surveys"]),
        ("t4", ["goals", "observations", "surveys"]),
    ]
    for each in hers["peers"]:
        assert (each["flags"], each["due_step"], each["newest_event_at"]) == ([], None, None)
    (theirs,) = (await read(insights, "t3"))["groups"]
    assert [each["teacher_id"] for each in theirs["peers"]] == ["t1", "t4"]
    for who in (COACH, "t2", "t5"):  # who facilitates it, and who has not joined
        assert (await read(insights, who))["groups"] == []
    assert len((await read(insights, "t1"))["pairs"]) == 1


async def test_a_group_and_a_pair_take_one_read_of_cards(
    insights: Insights, monkeypatch: pytest.MonkeyPatch
) -> None:
    insights.person("t3")
    group(insights, {"t1": [], "t3": ["goals"]})
    await insights.settle()
    asked: list[Any] = []
    cards = insights.ports.pair.cards
    rows = cards.rows

    async def counted(ids: Any) -> Any:
        asked.append(sorted(ids))
        return await rows(ids)

    monkeypatch.setattr(cards, "rows", counted)
    call = Call("get_own_pairs", Principal("north", person="t1"))
    found = await get_own_pairs(insights.ports.pair, call)
    assert (len(found.pairs), len(found.groups)) == (1, 1)
    assert asked == [[f"north:{each}:{YEAR}" for each in ("t1", "t2", "t3")]]
