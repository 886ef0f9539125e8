"""A grant begins, is about to end and is over by its days: each is told once, on that day of the
district's."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from services.access.districts import District, Districts
from services.chassis.duties.duty import OPEN
from services.roster.courses import GrantCourse, course_of
from tests.support.staff import Staffed, staffed

GRANTS, HAWAII = "/roster/v1/grants", "Pacific/Honolulu"
GIVEN = {"person_id": "aide", "role": "coach", "org_ids": ["school-1"], "reason": "helps out"}


@pytest.fixture
async def north() -> Staffed:
    return await staffed(Districts({"north": District(time_zone=HAWAII)}))


def today(north: Staffed) -> date:
    return north.clock.now().astimezone(ZoneInfo(HAWAII)).date()


async def give(north: Staffed, begins: int, ends: int | None) -> str:
    """So many days from today on."""
    days = {"begin_date": str(today(north) + timedelta(days=begins))}
    days |= {} if ends is None else {"end_date": str(today(north) + timedelta(days=ends))}
    made = (await north.ask("north/admin", "POST", GRANTS, {**GIVEN, **days})).json()
    await north.settle()
    return str(made["grant_id"])


async def on(north: Staffed, day: date) -> None:
    """A second after the day begins in the district, and first one before."""
    begins = datetime.combine(day, time(), ZoneInfo(HAWAII)).astimezone(UTC)
    for at in (begins - timedelta(seconds=1), begins + timedelta(seconds=1)):
        before = told(north)
        north.clock.set(at)
        await north.settle()
        if at < begins:
            assert told(north) == before, "it is not that day yet"


def told(north: Staffed) -> list[str]:
    records = north.log.all("coaching.roster.v1")
    types = [dict(each.headers)["ce_type"].decode().rpartition(".")[2] for each in records]
    return [each.removeprefix("Grant") for each in types if each.startswith("Grant")]


async def soon(north: Staffed, who: str = "aide") -> list[bool]:
    me = (await north.ask(f"north/{who}", "GET", "/roster/v1/me")).json()
    return [each["ends_soon"] for each in me["grants"]]


async def listed(north: Staffed) -> list[Any]:
    path = f"{GRANTS}?owner_id=me"
    return [
        each["ends_soon"] for each in (await north.ask("north/admin", "GET", path)).json()["grants"]
    ]


async def test_its_beginning_its_last_weeks_and_its_end_are_told_once_each(north: Staffed) -> None:
    first = today(north)
    await give(north, 3, 40)
    assert told(north) == ["Given"]
    await on(north, first + timedelta(days=3))
    assert told(north) == ["Given", "Begun"]
    assert (await soon(north), await listed(north)) == ([False], [False])
    await on(north, first + timedelta(days=26))
    assert told(north) == ["Given", "Begun", "Ending"]
    assert (await soon(north), await listed(north)) == ([True], [True])
    await on(north, first + timedelta(days=41))
    assert told(north) == ["Given", "Begun", "Ending", "Lapsed"]
    assert (await soon(north), await listed(north)) == ([], [False])
    await on(north, first + timedelta(days=400))
    assert told(north) == ["Given", "Begun", "Ending", "Lapsed"]
    assert not await north.services["roster"].backing.todos("roster-duties").list([OPEN])


async def test_one_that_is_prolonged_is_told_of_again_and_one_that_is_ended_no_more(
    north: Staffed,
) -> None:
    first = today(north)
    id_ = await give(north, 0, 20)
    await on(north, first + timedelta(days=6))
    assert told(north) == ["Given", "Ending"]
    longer = {**GIVEN, "end_date": str(first + timedelta(days=50))}
    del longer["person_id"], longer["role"]
    path = f"{GRANTS}/{id_}"
    async with north.client("roster", "north/admin") as client:
        answer = await client.post(f"{path}/change", json=longer, headers={"If-Match": '"2"'})
    assert answer.status_code == 200, answer.text
    await north.settle()
    assert await listed(north) == [False]
    await on(north, first + timedelta(days=21))
    assert told(north) == ["Given", "Ending", "Changed"]
    await on(north, first + timedelta(days=36))
    assert told(north) == ["Given", "Ending", "Changed", "Ending"]
    await north.ask("north/admin", "POST", f"{path}/end", {"reason": "over"})
    await north.settle()
    await on(north, first + timedelta(days=90))
    assert told(north) == ["Given", "Ending", "Changed", "Ending", "Ended"]


async def test_of_a_short_one_its_end_alone_is_told_and_of_an_open_one_nothing(
    north: Staffed,
) -> None:
    first = today(north)
    await give(north, 0, 14)
    await give(north, 0, None)
    assert sorted(await soon(north)) == [False, True]
    await on(north, first + timedelta(days=15))
    assert told(north) == ["Given", "Given", "Lapsed"]


async def test_what_nobody_was_there_to_tell_is_told_late_and_the_last_of_it_alone(
    north: Staffed,
) -> None:
    await give(north, 5, 40)
    north.clock.forward(days=60)
    await north.settle()
    assert told(north) == ["Given", "Lapsed"]


def test_the_days_of_a_grant_in_their_order() -> None:
    begins, ends = "2026-10-05", "2026-11-30"
    found = [
        course_of(begins, ends, date.fromisoformat(day)).value
        for day in ("2026-10-04", "2026-10-05", "2026-11-15", "2026-11-16", "2026-11-30",
                    "2026-12-01")
    ]  # fmt: skip
    assert found == ["ahead", "counting", "counting", "ending", "ending", "lapsed"]
    assert course_of(begins, "", date(2030, 1, 1)) is GrantCourse.COUNTING
