"""A district states its days without school: over REST and gRPC, and the flags count them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import grpc
import pytest

from coaching.roster.v1 import calendar_pb2 as pb
from coaching.roster.v1.calendar_pb2_grpc import CalendarsServiceStub
from coaching.roster.v1.events_pb2 import DAY_TYPE_TESTING
from services.access.districts import District, Districts
from tests.support.filled import Filled
from tests.support.filling import COACH, PARTNER, TEACHER
from tests.support.roster_files import good_files, zipped
from tests.support.rpcs import served
from tests.support.small_district import roster_zip

ADMIN = "admin-01"
PATH = "/roster/v1/calendars/2027"
HOLIDAYS: list[dict[str, Any]] = [
    {"first_date": "2026-11-11", "last_date": "2026-11-11", "title": "Veterans Day"},
    {"first_date": "2026-11-26", "last_date": "2026-11-27", "title": "Thanksgiving"},
]


@pytest.fixture
async def platform() -> Filled:
    """A district of which only the roster is known."""
    platform = Filled(Districts({"north": District(time_zone="America/Los_Angeles")}))
    content = roster_zip("north")
    await platform.import_roster(f"north/{PARTNER}", content)
    await platform.settle()
    return platform


async def state(platform: Filled, days: list[Any], who: str = ADMIN, **more: Any) -> Any:
    body = {"days_without_school": days}
    return await platform.ask(f"north/{who}", "PUT", PATH, body, **more)


async def test_a_statement_replaces_the_one_before_and_again_changes_nothing(
    platform: Filled,
) -> None:
    await platform.ask(f"north/{ADMIN}", "GET", PATH, status=404)
    first = await state(platform, HOLIDAYS[::-1])
    assert first.json() == {
        "school_year": 2027,
        "school_org_id": None,
        "days_without_school": HOLIDAYS,
        "special_days": [],
        "terms": [],
        "version": 1,
        "allowed": ["state_calendar"],
    }
    assert first.headers["etag"] == '"1"'
    assert (await state(platform, HOLIDAYS)).json()["version"] == 1
    assert (await state(platform, HOLIDAYS[:1], who=PARTNER)).json()["version"] == 2
    await state(platform, HOLIDAYS[:1] * 2, status=422)
    found = await platform.ask(f"north/{TEACHER}", "GET", PATH)
    assert found.json()["days_without_school"] == HOLIDAYS[:1]


@pytest.mark.parametrize("who", [COACH, TEACHER, "leader-01"])
async def test_nobody_but_the_district_states_it(platform: Filled, who: str) -> None:
    await state(platform, HOLIDAYS, who=who, status=403)
    await state(platform, HOLIDAYS[:1] * 2, who=who, status=403)


async def test_who_may_not_read_one_does_not_learn_whether_it_is_there(platform: Filled) -> None:
    who = "north/sis?other.scope"
    await platform.ask(who, "GET", PATH, status=403)
    await state(platform, HOLIDAYS)
    await platform.ask(who, "GET", PATH, status=403)


@pytest.mark.parametrize(
    ("days", "code", "pointer"),
    [
        ([{**HOLIDAYS[0], "last_date": "2026-11-10"}], "last_before_first", "0/last_date"),
        ([HOLIDAYS[1], {**HOLIDAYS[0], "first_date": "2026-06-30"}], "other_school_year",
         "1/first_date"),
        ([HOLIDAYS[0], HOLIDAYS[0]], "day_twice", "1/first_date"),
        ([{"first_date": "2026-11-11", "last_date": "2026-02-30"}], "", "0/last_date"),
        (HOLIDAYS[:1] * 401, "", ""),
    ],
)  # fmt: skip
async def test_what_cannot_be_is_refused_whole(
    platform: Filled, days: list[Any], code: str, pointer: str
) -> None:
    refused = (await state(platform, days, status=422)).json()
    assert code in refused["code"]
    assert refused["errors"][0]["pointer"] == f"/days_without_school/{pointer}".rstrip("/")
    await platform.ask(f"north/{ADMIN}", "GET", PATH, status=404)


async def test_grpc_says_the_same(platform: Filled) -> None:
    async with served(platform) as channels:
        stub = CalendarsServiceStub(channels["roster"])
        admin = (("authorization", f"Bearer north/{ADMIN}"),)
        days = [pb.DaysWithoutSchool(**each) for each in HOLIDAYS]
        request = pb.StateCalendarRequest(school_year=2027, days_without_school=days)
        made = await stub.StateCalendar(request, metadata=admin)
        assert made == pb.Calendar(
            school_year=2027, days_without_school=days, etag='"1"', allowed=["state_calendar"]
        )
        asked = pb.GetCalendarRequest(school_year=2027)
        assert await stub.GetCalendar(asked, metadata=admin) == made
        tests = pb.SpecialDays(
            first_date="2027-04-12", last_date="2027-04-16", day_type=DAY_TYPE_TESTING
        )
        of_school = pb.StateSchoolCalendarRequest(
            school_year=2027, org_id="school-01", special_days=[tests]
        )
        made = await stub.StateSchoolCalendar(of_school, metadata=admin)
        assert (made.school_org_id, list(made.special_days)) == ("school-01", [tests])
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await stub.GetCalendar(pb.GetCalendarRequest(school_year=1), metadata=admin)
        assert caught.value.code() is grpc.StatusCode.INVALID_ARGUMENT


async def late(platform: Filled, observation: str) -> bool:
    body = (await platform.ask(f"north/{COACH}", "GET", "/insights/v1/caseload")).json()
    entry = next(each for each in body["entries"] if each["teacher_id"] == TEACHER)
    return any(flag["evidence_ids"] == [observation] for flag in entry["flags"])


async def test_stated_days_are_no_school_days(platform: Filled) -> None:
    """An observation of Monday is completed; its feedback is late after two school days."""
    await platform.fill("north")
    platform.clock.set(datetime.fromisoformat("2026-11-09T10:00:00-08:00"))
    observation = platform.ids["north"]["observation_id"]
    place = f"/observations/v1/observations/{observation}"
    await platform.ask(f"north/{COACH}", "POST", f"{place}/complete")
    await platform.settle()
    platform.clock.set(datetime.fromisoformat("2026-11-12T12:00:00-08:00"))
    assert await late(platform, observation)
    await state(platform, HOLIDAYS)
    await platform.settle()
    assert not await late(platform, observation)
    await state(platform, HOLIDAYS[1:])
    await platform.settle()
    assert await late(platform, observation)


async def test_a_school_may_differ_from_its_district(platform: Filled) -> None:
    """An observation of Monday; its teacher's school tests until Wednesday."""
    await platform.fill("north")
    platform.clock.set(datetime.fromisoformat("2026-11-09T10:00:00-08:00"))
    observation = platform.ids["north"]["observation_id"]
    place = f"/observations/v1/observations/{observation}"
    await platform.ask(f"north/{COACH}", "POST", f"{place}/complete")
    await platform.settle()
    platform.clock.set(datetime.fromisoformat("2026-11-12T12:00:00-08:00"))
    tests = {"first_date": "2026-11-10", "last_date": "2026-11-11", "day_type": "testing"}
    body = {"days_without_school": [], "special_days": [tests]}
    assert await late(platform, observation)
    path = f"{PATH}/schools/school-01"
    made = await platform.ask(f"north/{ADMIN}", "PUT", path, body)
    assert made.json()["school_org_id"] == "school-01"
    await platform.settle()
    assert not await late(platform, observation)
    assert made.json()["allowed"] == ["state_school_calendar"]
    found = await platform.ask(f"north/{TEACHER}", "GET", path)
    assert found.json() == {**made.json(), "allowed": []}  # she states none


async def test_terms_that_were_stated_take_the_place_of_the_rosters(platform: Filled) -> None:
    await platform.fill("north")
    platform.clock.set(datetime.fromisoformat("2026-11-09T10:00:00-08:00"))
    observation = platform.ids["north"]["observation_id"]
    place = f"/observations/v1/observations/{observation}"
    await platform.ask(f"north/{COACH}", "POST", f"{place}/complete")
    await platform.settle()
    platform.clock.set(datetime.fromisoformat("2026-11-16T12:00:00-08:00"))
    assert await late(platform, observation)
    ended = [{"first_date": "2026-08-17", "last_date": "2026-11-13", "title": "First"}]
    school = f"{PATH}/schools/school-01"
    for path, terms, is_late in ((school, [], True), (PATH, ended, False)):
        body = {"days_without_school": [], "terms": terms}
        await platform.ask(f"north/{ADMIN}", "PUT", path, body)
        await platform.settle()
        assert await late(platform, observation) is is_late  # no flag outside of a term


@pytest.mark.parametrize("org", ["school-99", "district"])
async def test_there_is_no_calendar_of_what_is_no_school(platform: Filled, org: str) -> None:
    path = f"{PATH}/schools/{org}"
    body: dict[str, Any] = {"days_without_school": []}
    refused = await platform.ask(f"north/{ADMIN}", "PUT", path, body, status=422)
    assert refused.json()["code"] == "unknown_school"
    await platform.ask(f"north/{ADMIN}", "GET", path, status=404)


async def test_an_id_of_a_school_may_hold_slashes() -> None:
    platform, files = Filled(), good_files()
    files["orgs.csv"] += "n/s.1,,Third,school,,district\n"
    await platform.import_roster(f"north/{PARTNER}", zipped(files))
    await platform.settle()
    body = {"days_without_school": HOLIDAYS}
    for path in (f"{PATH}/schools/n/s.1", f"{PATH}/schools/n%2Fs.1"):
        made = await platform.ask("north/admin-1", "PUT", path, body)
        assert (made.json()["school_org_id"], made.json()["version"]) == ("n/s.1", 1)
        assert (await platform.ask("north/admin-1", "GET", path)).json() == made.json()
    await platform.ask("north/admin-1", "GET", PATH, status=404)
