"""Until when a session can be recorded is counted in the days that the district, or the school, has
stated: a true entry after a break is taken."""

from __future__ import annotations

from typing import Any

import pytest

from services.access.projection import SCHOOL_DAYS, access_projection
from tests.component.programs.test_coaching_sessions import CONTACTS, HELD, LIST, Sessions
from tests.support.staff import staffed

CALENDAR = "/roster/v1/calendars/2027"
BREAK = [{"first_date": "2026-09-21", "last_date": "2026-09-25", "title": "Fall break"}]
TOO_LATE = (422, "held_too_long_ago", "/held_at")


@pytest.fixture
async def sessions() -> Sessions:
    north = await staffed(peer=[("teacher@school-2", "", "")])
    for teacher in ("teacher", "peer"):
        await north.coached("coach", teacher)
    return Sessions(north)


async def state(sessions: Sessions, days: Any, path: str = "", **more: Any) -> None:
    body = {"days_without_school": days, **more}
    await sessions.north.ask("north/admin", "PUT", f"{CALENDAR}{path}", body)
    await sessions.north.settle()


async def contact(sessions: Sessions, days: int, teacher: str = "teacher") -> Any:
    """What becomes of one that was so many days ago: it is Monday the fifth of October, and three
    weeks before is the last day that counts where nothing is stated."""
    asked = {"teacher_id": teacher, "minutes": 10, "activity": "debrief"}
    return await sessions.code("coach", CONTACTS, {**asked, "held_at": sessions.ago(days=days)})


async def test_a_break_that_only_the_calendar_has_lets_a_true_entry_in(sessions: Sessions) -> None:
    assert await contact(sessions, 24) == TOO_LATE
    await state(sessions, BREAK)
    assert await contact(sessions, 24) == (201, "")
    assert await contact(sessions, 28) == (201, "")
    assert await contact(sessions, 31) == TOO_LATE  # the Friday before
    await state(sessions, [])  # it was none
    assert await contact(sessions, 24) == TOO_LATE


async def test_holding_and_correcting_go_by_it_too(sessions: Sessions) -> None:
    await state(sessions, BREAK)
    planned = await sessions.plan(starts_at=sessions.ago(days=26))
    path = f"{LIST}/{planned['coaching_session_id']}"
    assert await sessions.code("coach", f"{path}/hold", HELD) == (200, "")
    earlier = {"held_at": sessions.ago(days=28), "reason": "Mistyped"}
    assert await sessions.code("coach", f"{path}/correct", earlier) == (200, "")
    too_early = {**earlier, "held_at": sessions.ago(days=31)}
    assert await sessions.code("coach", f"{path}/correct", too_early) == TOO_LATE


async def test_a_school_has_its_own_days(sessions: Sessions) -> None:
    await state(sessions, BREAK, "/schools/school-2")
    assert await contact(sessions, 28, "peer") == (201, "")
    assert await contact(sessions, 28) == TOO_LATE
    both = {"kind": "group", "starts_at": sessions.ago(days=28)}
    planned = await sessions.plan("teacher", "peer", **both)  # at one of whose schools it counts
    path = f"{LIST}/{planned['coaching_session_id']}/hold"
    assert await sessions.code("coach", path, HELD) == (200, "")
    await sessions.north.roster(peer=[("teacher", "", "")])  # she has moved to the other school
    assert await contact(sessions, 28, "peer") == TOO_LATE


async def test_days_of_tests_and_terms_count_as_for_the_flags(sessions: Sessions) -> None:
    await state(sessions, [], special_days=[{**BREAK[0], "day_type": "testing"}])
    assert await contact(sessions, 28) == (201, "")
    terms = [
        {"first_date": "2026-08-17", "last_date": "2026-09-18", "title": "First"},
        {"first_date": "2026-10-05", "last_date": "2027-06-10", "title": "Second"},
    ]
    await state(sessions, [], terms=terms)
    assert await contact(sessions, 35) == (201, "")  # 14 days of the first, and today
    assert await contact(sessions, 38) == TOO_LATE


async def test_what_is_stated_and_cannot_be_read_refuses_nobody(sessions: Sessions) -> None:
    """A calendar of a newer build, say: it may have a break."""
    assert await contact(sessions, 24) == TOO_LATE
    await state(sessions, BREAK[:0])
    views: Any = sessions.north.services["programs"].backing.views
    generation = await views.generation(access_projection("programs").group)
    row = views.rows[generation.collection(SCHOOL_DAYS)]["north:calendar-2027"]
    row["incomplete"] = {"north/calendar/2027": 2}
    assert await contact(sessions, 24) == (201, "")
    row["incomplete"] = {}
    row["facts"]["closed"]["broken"] = {"v": 1}
    assert await contact(sessions, 24) == (201, "")
