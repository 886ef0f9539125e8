"""Flags count the days of the district: its time zone and its days without school."""

from __future__ import annotations

from datetime import datetime

import pytest

from services.access.districts import District, Districts
from services.insights.live.read import watch_caseload
from services.insights.live.stream import MessageKind
from tests.support.insight import COACH, Insights

ANGELES = "America/Los_Angeles"


async def district(zone: str, *closed: str) -> Insights:
    """`t1` is coached since long ago, and observed then."""
    own = District(time_zone=zone, days_without_school=closed)
    insights = Insights(Districts({"north": own}))
    insights.clock.set(datetime.fromisoformat("2026-11-02T12:00:00-08:00"))
    insights.person(COACH, "ext:coach")
    insights.person("t1")
    insights.coached("t1")
    insights.observed("t1", shared=True)
    await insights.settle()
    return insights


async def flags(insights: Insights, now: str) -> list[str]:
    insights.clock.set(datetime.fromisoformat(now))
    async with insights.client(f"north/{COACH}") as client:
        body = (await client.get("/insights/v1/caseload?school_year=2027")).json()
    return [flag["code"] for entry in body["entries"] for flag in entry["flags"]]


@pytest.mark.parametrize("zone", [ANGELES, "Pacific/Honolulu"])
async def test_a_goal_is_overdue_once_its_day_has_ended_in_the_district(zone: str) -> None:
    insights = await district(zone)
    insights.progress("t1", 12, due_date="2026-11-24")
    await insights.settle()
    assert "F4" not in await flags(insights, "2026-11-24T16:05:00-08:00")
    assert "F4" not in await flags(insights, "2026-11-24T23:59:59-08:00")
    assert "F4" in await flags(insights, "2026-11-25T02:00:00-08:00")


async def test_feedback_on_fridays_lesson_is_not_late_on_tuesday() -> None:
    insights = await district(ANGELES)
    friday = datetime.fromisoformat("2026-11-06T16:40:00-08:00")
    insights.clock.set(friday)
    insights.observed("t1", shared=False)
    await insights.settle()
    assert await flags(insights, "2026-11-10T16:05:00-08:00") == []
    assert await flags(insights, "2026-11-10T23:59:59-08:00") == []
    assert await flags(insights, "2026-11-11T00:00:00-08:00") == ["F2"]


async def test_days_without_school_are_no_school_days() -> None:
    insights = await district(ANGELES, "2026-11-11", "2026-11-26/2026-11-27")
    insights.clock.set(datetime.fromisoformat("2026-11-09T10:00:00-08:00"))
    insights.observed("t1", shared=False)
    await insights.settle()
    assert await flags(insights, "2026-11-12T12:00:00-08:00") == []  # Veterans Day is none
    assert await flags(insights, "2026-11-13T00:00:00-08:00") == ["F2"]


async def test_a_caseload_says_whose_days_count() -> None:
    insights = await district(ANGELES)
    async with insights.client(f"north/{COACH}") as client:
        assert (await client.get("/insights/v1/caseload")).json()["time_zone"] == ANGELES


async def test_a_live_caseload_counts_the_same_days() -> None:
    insights = await district(ANGELES)
    insights.clock.set(datetime.fromisoformat("2026-11-06T16:40:00-08:00"))
    insights.observed("t1", shared=False)
    await insights.settle()
    for now, late in (("2026-11-10T16:05:00-08:00", []), ("2026-11-11T00:00:00-08:00", ["F2"])):
        insights.clock.set(datetime.fromisoformat(now))
        watch = await watch_caseload(insights.ports.live, insights.call("watch_caseload"))
        messages = [await watch.reader.mailbox.take(0) for _ in range(2)]
        entries = [each.entry for each in messages if each and each.kind is MessageKind.ENTRY]
        assert [[flag.code for flag in each.flags] for each in entries if each] == [late]
        watch.close()
