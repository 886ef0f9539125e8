"""Events in, caseload out: over REST and gRPC, to whom it belongs and to nobody else."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from typing import Any

import grpc
import pytest

from coaching.goals.v1 import goal_events_pb2 as goal_events
from coaching.insights.v1 import caseload_pb2 as pb
from coaching.insights.v1.caseload_pb2_grpc import CaseloadsServiceStub
from services.chassis.views.canonical import canonical
from services.chassis.views.freshness import NEVER
from services.chassis.views.memory_views import MemoryViews
from services.insights.calendar.read import Almanac
from services.insights.caseload.memory_cards import MemoryCards
from services.insights.caseload.resources import CardResource, CaseloadResource
from tests.support.clocks import FakeClock
from tests.support.days import DAYS
from tests.support.insight import COACH, OTHER_COACH, Insights, small_district

V1 = "/insights/v1"


async def get(insights: Insights, person: str, path: str, status: int = 200) -> Any:
    async with insights.client(person if "/" in person else f"north/{person}") as client:
        answer = await client.get(V1 + path)
    assert answer.status_code == status, answer.text
    return answer.json()


@asynccontextmanager
async def stub(insights: Insights) -> AsyncIterator[Any]:
    port = await insights.service.grpc.start()
    try:
        async with grpc.aio.insecure_channel(f"127.0.0.1:{port}") as channel:
            yield CaseloadsServiceStub(channel)
    finally:
        await insights.service.grpc.stop()


def as_(person: str) -> tuple[tuple[str, str], ...]:
    return (("authorization", f"Bearer north/{person}"),)


async def busy_district() -> Insights:
    insights = await small_district()
    insights.progress("t1", 12.5)
    insights.observed("t1", shared=True)
    insights.survey("t1", 20, 0.7)
    insights.survey("t2", 4, 0.7)
    insights.progress("t2", 0, "goal-draft", state=goal_events.GOAL_STATE_DRAFT)
    await insights.settle()
    return insights


async def test_a_coach_sees_her_teachers_and_their_state() -> None:
    insights = await busy_district()
    found = await get(insights, COACH, f"/caseloads/{COACH}")
    CaseloadResource.model_validate(found)
    assert (found["coach_id"], found["school_year"]) == (COACH, 2027)
    entries = {each["teacher_id"]: each for each in found["entries"]}
    assert sorted(entries) == ["t1", "t2"]
    assert entries["t1"] == {
        "teacher_id": "t1",
        "given_name": "T1",
        "family_name": "Rivera",
        "school_ids": ["school-1"],
        "school_names": [""],
        "last_contact_at": "2026-10-05T15:00:00Z",
        "next_session_at": None,
        "last_observation": {
            "observation_id": "obs-t1",
            "tool_id": "teach",
            "shared_at": "2026-10-05T15:00:00Z",
        },
        "open_goals": [
            {
                "goal_id": "goal-t1",
                "state": "active",
                "measure_id": "talk-share",
                "unit": "percent",
                "direction": "increase",
                "baseline": 10.0,
                "current": 12.5,
                "target": 20.0,
                "progress_share": 0.25,
                "due_date": None,
            }
        ],
        "last_survey": {
            "administration_id": "adm-t1",
            "instrument_id": "belonging",
            "series_id": "belonging",
            "validation_status": None,
            "closed_at": "2026-10-05T15:00:00Z",
            "suppressed": False,
            "small_n": 10,
            "n_min": 20,
            "n_max": 29,
            "favorable_share": 0.7,
        },
        "not_shared": [],
        "flags": [],
        "paused_at": None,
        "incomplete": False,
        "newest_event_at": "2026-10-05T15:00:00Z",
        "due_step": None,
        "from_school_year": None,
    }
    assert entries["t2"]["last_survey"]["suppressed"] is True
    assert entries["t2"]["last_survey"]["n_min"] is None
    assert entries["t2"]["last_survey"]["n_max"] is None
    assert entries["t2"]["last_survey"]["favorable_share"] is None
    assert entries["t2"]["open_goals"][0]["state"] == "draft"


async def test_grpc_says_the_same() -> None:
    insights = await busy_district()
    told = await get(insights, COACH, "/caseload")
    async with stub(insights) as insights_stub:
        found = await insights_stub.GetOwnCaseload(pb.GetOwnCaseloadRequest(), metadata=as_(COACH))
        card = await insights_stub.GetCard(pb.GetCardRequest(teacher_id="t1"), metadata=as_("t1"))
    assert (found.coach_id, found.school_year) == (COACH, 2027)
    assert [each.teacher_id for each in found.entries] == [
        each["teacher_id"] for each in told["entries"]
    ]
    entry = next(each for each in found.entries if each.teacher_id == "t1")
    assert entry == card.entry
    assert entry.open_goals[0].progress_share == 0.25
    assert entry.last_survey.favorable_share == 0.7
    suppressed = next(each for each in found.entries if each.teacher_id == "t2").last_survey
    assert suppressed.suppressed
    assert not any(suppressed.HasField(name) for name in ("n_min", "n_max"))
    assert not suppressed.HasField("favorable_share")


async def test_need_of_attention_orders_the_caseload() -> None:
    insights = await busy_district()
    insights.clock.forward(days=1)
    insights.observed("t2", shared=False)
    await insights.settle()
    insights.clock.forward(days=6)
    found = await get(insights, COACH, "/caseload")
    assert [each["teacher_id"] for each in found["entries"]] == ["t2", "t1"]
    (flag,) = found["entries"][0]["flags"]
    assert (flag["code"], flag["rule_version"], flag["evidence_ids"]) == ("F2", 3, ["obs-t2"])


async def test_no_flag_in_the_holidays() -> None:
    insights = await busy_district()
    insights.clock.forward(days=40)
    assert any(each["flags"] for each in (await get(insights, COACH, "/caseload"))["entries"])
    insights.term("2026-09-01", "2026-10-20")
    await insights.settle()
    assert not any(each["flags"] for each in (await get(insights, COACH, "/caseload"))["entries"])


async def test_every_event_once_more_changes_nothing() -> None:
    insights = await busy_district()
    before = {row_id: canonical(row) for row_id, row in insights.rows().items()}
    insights.republish()
    await insights.settle()
    assert {row_id: canonical(row) for row_id, row in insights.rows().items()} == before


async def test_a_coach_without_teachers_has_an_empty_caseload() -> None:
    insights = await small_district()
    insights.person("coach-3", "ext:coach")
    await insights.settle()
    found = await get(insights, "coach-3", "/caseload")
    assert found["entries"] == []
    assert found["as_of"]
    other_year = await get(insights, COACH, "/caseload?school_year=2026")
    assert other_year["entries"] == []


async def test_how_fresh_a_read_is() -> None:
    insights = await small_district()
    fresh = await get(insights, COACH, "/caseload")
    assert fresh["stale"] is False
    as_of = datetime.fromisoformat(fresh["as_of"])
    insights.clock.forward(seconds=(as_of - insights.clock.now()).total_seconds() + 30)
    old = await get(insights, COACH, "/caseload")  # the log is down, and nobody reports
    assert (old["stale"], old["as_of"]) == (True, fresh["as_of"])
    assert len(old["entries"]) == 2


async def test_what_no_projector_has_reported_on_is_stale() -> None:
    found = Almanac(
        MemoryCards(MemoryViews()), FakeClock(), DAYS, timedelta(seconds=25)
    ).freshness()
    assert (found.as_of, found.stale) == (NEVER, True)


@pytest.mark.parametrize(
    ("person", "path", "status"),
    [
        (OTHER_COACH, f"/caseloads/{COACH}", 404),
        ("t1", f"/caseloads/{COACH}", 404),
        (f"south/{COACH}", f"/caseloads/{COACH}", 403),  # nobody in that district's roster
        ("nobody", "/caseload", 403),
        ("t1", "/cards/t1", 200),
        (COACH, "/cards/t1", 200),
        (OTHER_COACH, "/cards/t1", 404),
        ("t2", "/cards/t1", 404),
        (COACH, "/cards/t3", 404),
        (COACH, "/cards/nobody", 404),
        ("t1", "/cards/t1?school_year=2026", 404),
        (COACH, "/cards/t1?school_year=1", 422),
        (COACH, "/cards/a%00b", 422),
        (COACH, f"/caseloads/{COACH}/live?school_year=no", 422),
    ],
)
async def test_who_sees_what(person: str, path: str, status: int) -> None:
    insights = await small_district()
    found = await get(insights, person, path, status)
    if status == 200:
        CardResource.model_validate(found)


async def test_an_ended_relationship_closes_the_card_and_the_caseload() -> None:
    insights = await small_district()
    insights.coached("t1", active=False)
    await insights.settle()
    await get(insights, COACH, "/cards/t1", 404)
    found = await get(insights, COACH, "/caseload")
    assert [each["teacher_id"] for each in found["entries"]] == ["t2"]


async def test_an_unreadable_event_marks_the_card_until_a_newer_one_comes() -> None:
    insights = await small_district()
    insights.progress("t1", 11)
    insights.publish(
        goal_events.GoalProgressRecorded(
            goal=goal_events.GoalSnapshot(goal_id="goal-t1", teacher_id="other")
        ),
        "goal-t1",
        "t1",
    )
    await insights.settle()
    entry = (await get(insights, "t1", "/cards/t1"))["entry"]
    assert entry["incomplete"] is True
    assert entry["open_goals"][0]["current"] == 11
    insights.progress("t1", 13)
    await insights.settle()
    entry = (await get(insights, "t1", "/cards/t1"))["entry"]
    assert entry["incomplete"] is False
    assert entry["open_goals"][0]["current"] == 13


async def test_a_share_of_the_way_has_four_decimals() -> None:
    insights = await small_district()
    insights.progress("t1", 10 + 10 / 3)
    await insights.settle()
    told = await get(insights, COACH, "/cards/t1")
    assert told["entry"]["open_goals"][0]["progress_share"] == 0.3333
