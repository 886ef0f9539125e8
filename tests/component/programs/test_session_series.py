"""Coaching sessions that come again: planned in one call, each its own, called off together."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from services.access.districts import District, Districts
from services.chassis.crash_points import Crashed, crashing
from services.programs.session import bounds
from tests.component.programs.test_coaching_sessions import (
    HELD,
    LIST,
    Sessions,
    no_more_coached,
    wire,
)
from tests.support.staff import staffed
from tests.support.waiting import eventually

CHICAGO = "America/Chicago"
SERIES = "/programs/v1/session-series"


@pytest.fixture
async def sessions() -> Sessions:
    north = await staffed(Districts({"north": District(time_zone=CHICAGO)}))
    for teacher in ("teacher", "peer"):
        await north.coached("coach", teacher)
    return Sessions(north)


def asked(sessions: Sessions, **more: Any) -> dict[str, Any]:
    at = wire(sessions.north.clock.now() + timedelta(hours=1))
    body = {"teacher_ids": ["teacher"], "starts_at": at, "every_weeks": 1, "occurrences": 6}
    return {**body, **more}


async def test_they_begin_at_the_same_time_of_the_districts_day(sessions: Sessions) -> None:
    """Five weeks from the fifth of October the clocks have been put back."""
    made = (await sessions.send("coach", SERIES, asked(sessions))).json()
    zone = ZoneInfo(CHICAGO)
    begins = [
        datetime.fromisoformat(each["starts_at"]).astimezone(zone)
        for each in made["coaching_sessions"]
    ]
    assert [each.date() - begins[0].date() for each in begins] == [
        timedelta(weeks=number) for number in range(6)
    ]
    assert {each.time() for each in begins} == {begins[0].time()}
    assert len({each.utcoffset() for each in begins}) == 2
    assert len(await sessions.listed("teacher")) == 6
    told = (await sessions.send("coach", f"{LIST}/{await first_of(sessions)}", verb="GET")).json()
    assert told["series_id"] == made["series_id"]


async def first_of(sessions: Sessions) -> str:
    return (await sessions.listed("teacher", "order=oldest"))[0]


async def test_all_lie_in_one_school_year_and_have_a_bound(sessions: Sessions) -> None:
    far = asked(sessions, every_weeks=4, occurrences=11)
    told = (422, "another_school_year", "/occurrences")
    assert await sessions.code("coach", SERIES, far) == told
    many = asked(sessions, occurrences=41)
    assert (await sessions.code("coach", SERIES, many))[0] == 422
    assert await sessions.listed("teacher") == []


async def test_who_may_not_plan_one_may_not_plan_many(sessions: Sessions) -> None:
    assert await sessions.code("other", SERIES, asked(sessions)) == (404, "not_found")
    several = asked(sessions, teacher_ids=["teacher", "aide"], kind="group")
    told = (422, "no_relationship", "/teacher_ids/1")
    assert await sessions.code("coach", SERIES, several) == told


def dies(point: str) -> None:
    if point == "W2":
        raise Crashed(point)


async def test_repeated_after_a_crash_what_was_not_planned_is(sessions: Sessions) -> None:
    body = asked(sessions, occurrences=3)
    async with sessions.north.client("programs", "north/coach") as client:
        key = {"Idempotency-Key": "again"}
        with crashing(dies), pytest.raises(Crashed):
            await client.post(SERIES, json=body, headers=key)
        assert len(await sessions.listed("teacher")) == 1
        made = (await client.post(SERIES, json=body, headers=key)).json()
        same = (await client.post(SERIES, json=body, headers=key)).json()
    assert made == same
    assert len(await sessions.listed("teacher")) == 3


async def test_what_is_to_come_is_called_off_and_what_was_held_stays(sessions: Sessions) -> None:
    made = (await sessions.send("coach", SERIES, asked(sessions, occurrences=3))).json()
    end = f"{SERIES}/{made['series_id']}/end"
    held = await first_of(sessions)
    await sessions.send("coach", f"{LIST}/{held}/hold", HELD)
    for who in ("other", "admin"):
        assert await sessions.code(who, end) == (404, "not_found")
    assert await sessions.code("teacher", end) == (403, "coach_only")
    for _ in range(2):
        told = (await sessions.send("coach", end)).json()
        states = [each["state"] for each in told["coaching_sessions"]]
        assert states == ["held", "cancelled", "cancelled"]
    assert await sessions.listed("teacher") == [held]
    assert await sessions.code("coach", f"{SERIES}/none/end") == (404, "not_found")


async def test_one_that_does_not_fit_is_not_begun_and_what_is_called_off_counts_no_more(
    sessions: Sessions, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bounds, "MOST_OF_A_TEACHER", 5)
    await sessions.north.coached("other", "teacher")
    full = (409, "too_many_sessions")
    assert await sessions.code("coach", SERIES, asked(sessions)) == full
    assert await sessions.listed("teacher") == []
    made = (await sessions.send("coach", SERIES, asked(sessions, occurrences=3))).json()
    assert await sessions.code("coach", SERIES, asked(sessions, occurrences=3)) == full
    assert (await sessions.send("coach", SERIES, asked(sessions, occurrences=2))).is_success
    one = {"teacher_ids": ["teacher"], "starts_at": asked(sessions)["starts_at"]}
    assert await sessions.code("other", LIST, one) == full
    await sessions.send("coach", f"{SERIES}/{made['series_id']}/end")

    async def fits() -> bool:
        return bool((await sessions.send("other", LIST, one)).is_success)

    await eventually(fits)


async def test_one_coach_takes_not_all_places_of_a_teachers_year(
    sessions: Sessions, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bounds, "MOST_OF_THE_TWO", 3)
    await sessions.north.coached("other", "teacher")
    assert (await sessions.send("coach", SERIES, asked(sessions, occurrences=3))).is_success
    one = {"teacher_ids": ["teacher"], "starts_at": asked(sessions)["starts_at"]}
    assert await sessions.code("coach", LIST, one) == (409, "too_many_sessions")
    assert (await sessions.send("other", LIST, one)).is_success


async def test_repeated_nothing_is_planned_with_whom_she_coaches_no_more(
    sessions: Sessions,
) -> None:
    body = asked(sessions, teacher_ids=["teacher", "peer"], kind="group", occurrences=3)
    async with sessions.north.client("programs", "north/coach") as client:
        key = {"Idempotency-Key": "again"}
        with crashing(dies), pytest.raises(Crashed):
            await client.post(SERIES, json=body, headers=key)
        await no_more_coached(sessions)
        again = await client.post(SERIES, json=body, headers=key)
        assert (again.status_code, again.json()["code"]) == (422, "no_relationship")
    assert len(await sessions.listed("peer")) == 1
