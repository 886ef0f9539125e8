"""What reading a district's rows of a view must do, by those of the access view that say which days
are without school: held by the memory twin and by MongoDB alike."""

from __future__ import annotations

from datetime import date

from coaching.roster.v1 import events_pb2 as roster
from services.access.days import Days
from services.access.districts import Districts
from services.access.projection import SCHOOL_DAYS, access_projection
from services.access.school_days import SchoolDays
from services.assembly.access_rows import AccessRowsOf
from services.chassis.backing import RowReader
from services.chassis.log.memory_source import MemoryGroup, MemorySource
from services.chassis.views.projector import Projector, Timing
from services.chassis.views.rows import Views
from tests.support.insight import Insights
from tests.support.observations import Roster

VIEW = access_projection("goals")


def state(world: Insights, district: str, first: str, last: str, school: str = "") -> None:
    days = [roster.DateSpan(first_date=first, last_date=last)]
    said = roster.SchoolCalendar(school_year=2027, days_without_school=days, school_org_id=school)
    world.district, key = district, f"calendar-2027{'-' if school else ''}{school}"
    message = roster.SchoolCalendarStated(calendar=said)
    world.publish(message, f"{district}/{key}", key)


class DistrictRowsSuite:
    async def test_a_districts_school_days_are_what_was_stated_last(
        self, views: Views, reader: RowReader
    ) -> None:
        world = Insights()
        source = MemorySource(MemoryGroup(world.log, VIEW.topics), now=world.clock.now)
        projector = Projector(source, views, VIEW, world.clock, timing=Timing(wait=0))

        async def settle() -> None:
            for _ in range(4):
                await projector.round()

        async def ids(district: str, most: int = 9) -> list[str]:
            found = await reader.of_district(VIEW.group, SCHOOL_DAYS, district, most)
            return [row["_id"] for row in found]

        for district in ("a", "a-b", "north", "north-2"):
            state(world, district, "2026-11-26", "2026-11-27")
        state(world, "north", "2027-03-01", "2027-03-05", "school-2")
        await settle()
        both = ["north:calendar-2027", "north:calendar-2027-school-2"]
        assert (await ids("north"), await ids("north", 1)) == (both, both[:1])
        for district in ("a", "a-b", "north-2"):
            assert await ids(district) == [f"{district}:calendar-2027"]
        assert await ids("nort") == []
        state(world, "north", "2026-12-24", "2026-12-31")  # in place of November's
        await settle()
        world.republish()  # the first comes again, late
        await settle()
        counted = SchoolDays(AccessRowsOf("goals", reader), Days(Districts()), Roster())
        known = await counted.of("north")
        whole, school = known.others, known.others.at({"school-2"})
        assert known.whole
        assert whole.days_in(date(2026, 11, 23), date(2026, 11, 28)) == 5
        assert whole.days_in(date(2026, 12, 21), date(2027, 1, 1)) == 3
        assert [each.instructional(date(2027, 3, 2)) for each in (whole, school)] == [True, False]
