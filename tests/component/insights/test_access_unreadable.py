"""What may have ended somebody's access and cannot be read ends it until somebody has looked."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from services.access.projection import access_projection
from services.chassis.kernel import SystemClock
from services.chassis.log.memory_log import MemoryLog
from services.chassis.views.parked import OPEN
from tests.support.insight import COACH, DISTRICT, Insights

VIEW = "insights-access"


def world() -> Insights:
    """A coach with three teachers."""
    made = Insights()
    made.person(COACH, "ext:coach")
    made.term("2026-09-01", "2027-06-01")
    for teacher in ("t1", "t2", "t3"):
        made.person(teacher)
        made.coached(teacher)
        made.progress(teacher, 12)
    return made


async def unreadable(of: Insights, act: Callable[[], None]) -> None:
    """What is published of it nobody can read."""
    real, of.log = of.log, MemoryLog()
    act()
    for topic in access_projection("insights").topics:
        for record in of.log.all(topic):
            real.append(topic, record.key or b"", b"\xff", record.headers)
    of.log = real
    await of.settle()


async def seen(of: Insights, reader: str = COACH) -> dict[str, int]:
    """How the cards of the teachers are answered; the coach's caseload says the same."""
    async with of.client(f"{DISTRICT}/{reader}") as client:
        found = {
            teacher: (await client.get(f"/insights/v1/cards/{teacher}")).status_code
            for teacher in ("t1", "t2", "t3")
        }
        if reader == COACH:
            entries = (await client.get("/insights/v1/caseload")).json()["entries"]
            on_it = {each["teacher_id"] for each in entries}
            assert on_it == {teacher for teacher, status in found.items() if status == 200}
    return found


async def test_a_relationship_whose_end_cannot_be_read_lets_its_coach_in_no_more() -> None:
    north = world()
    await north.settle()
    assert await seen(north) == {"t1": 200, "t2": 200, "t3": 200}
    await unreadable(north, partial(north.coached, "t1", active=False))
    assert await seen(north) == {"t1": 404, "t2": 200, "t3": 200}
    assert (await seen(north, "t1"))["t1"] == 200  # it is hers
    (parked,) = await north.views.list(VIEW)
    assert parked.state == OPEN
    assert await north.views.discard(parked.id, "somebody", SystemClock().now())
    await north.settle()
    assert (await seen(north))["t1"] == 404  # nobody knows yet what it said
    north.coached("t1")
    await north.settle()
    assert await seen(north) == {"t1": 200, "t2": 200, "t3": 200}


async def test_a_person_whose_removal_cannot_be_read_is_let_in_no_more() -> None:
    north = world()
    await north.settle()
    await unreadable(north, partial(north.person, "t2", active=False))
    assert (await seen(north, "t2"))["t2"] == 403
    assert await seen(north) == {"t1": 200, "t2": 404, "t3": 200}
    north.person("t2")
    await north.settle()
    assert await seen(north) == {"t1": 200, "t2": 200, "t3": 200}


async def test_a_roster_that_cannot_be_read_shuts_nobody_out() -> None:
    north = world()
    await north.settle()
    for person, role in ((COACH, "ext:coach"), ("t1", "teacher"), ("t2", "teacher")):
        await unreadable(north, partial(north.person, person, role))
    assert await seen(north) == {"t1": 200, "t2": 200, "t3": 200}
    assert (await seen(north, "t1"))["t1"] == 200
