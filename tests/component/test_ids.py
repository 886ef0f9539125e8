"""Ids as OneRoster allows them, slashes included: through every service, REST and gRPC."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import pytest

from coaching.insights.v1 import caseload_pb2
from coaching.insights.v1.caseload_pb2_grpc import CaseloadsServiceStub
from coaching.roster.v1 import person_pb2
from coaching.roster.v1.person_pb2_grpc import PeopleServiceStub
from tests.support.filled import Filled
from tests.support.filling import PARTNER
from tests.support.operations import example_body
from tests.support.roster_files import good_files, zipped
from tests.support.rpcs import served

TEACHER, COACH, ADMIN = "staff/north@2/t.1-_", f"{'c' * 240}/coach/1", "/a/"
CLASS, SCHOOL, TERM = "2027//math", "org/1", "t/1"
IDS = {
    "teacher_id": TEACHER,
    "coach_id": COACH,
    "class_id": CLASS,
    "goal_id": "g",
    "district_id": "north",
}


def roster() -> dict[str, str]:
    files = good_files()
    for name, text in files.items():
        for old, new in (
            ("teacher-1", TEACHER),
            ("coach-1", COACH),
            ("admin-1", ADMIN),
            ("class-1", CLASS),
            ("school-1", SCHOOL),
            ("term-1", TERM),
            ("student-1", "a student: 1"),  # what is not kept may be anything
            ("student-2", "s" * 300),
            ("e1", "e:1"),
            ("r1", "r 1"),
        ):
            text = text.replace(old, new)
        files[name] = text
    return files


@pytest.fixture
async def platform() -> Filled:
    made = Filled()
    report = await made.import_roster(f"north/{PARTNER}", zipped(roster()))
    assert report["problems"] == []
    await made.settle()
    return made


async def made(platform: Filled, who: str, path: str, body: Any = None) -> dict[str, Any]:
    answer: dict[str, Any] = (await platform.ask(f"north/{who}", "POST", path, body)).json()
    await platform.settle()
    return answer


async def get(platform: Filled, who: str, path: str) -> dict[str, Any]:
    answer: dict[str, Any] = (await platform.ask(f"north/{who}", "GET", path)).json()
    return answer


@pytest.mark.parametrize("safe", ["", "/"], ids=["encoded", "as it is"])
async def test_a_path_takes_an_id_with_slashes(platform: Filled, safe: str) -> None:
    person = await get(platform, ADMIN, f"/roster/v1/people/{quote(TEACHER, safe=safe)}")
    assert person["person_id"] == TEACHER
    await get(platform, TEACHER, f"/insights/v1/cards/{quote(TEACHER, safe=safe)}")
    await get(platform, COACH, f"/insights/v1/caseloads/{quote(COACH, safe=safe)}")
    for who in (TEACHER, ADMIN):
        path = f"/surveys/v1/classes/{quote(CLASS, safe=safe)}/open-administrations"
        assert (await get(platform, who, path))["administrations"] == []
    other = f"/insights/v1/caseloads/{quote(COACH, safe=safe)}"
    await platform.ask(f"north/{TEACHER}", "GET", other, status=404)
    await platform.ask(f"north/{TEACHER}", "GET", f"{other}/live", status=404)


async def test_a_list_takes_an_id_with_slashes(platform: Filled) -> None:
    people = await get(platform, ADMIN, f"/roster/v1/people?org_id={quote(SCHOOL, safe='')}")
    assert [each["person_id"] for each in people["people"]] == [TEACHER, "teacher-2"]
    classes = await get(
        platform, TEACHER, f"/roster/v1/classes?page_size=1&teacher_id={quote(TEACHER)}"
    )
    assert [(each["class_id"], each["student_count"]) for each in classes["classes"]] == [
        (CLASS, 2)
    ]
    page = await get(platform, ADMIN, "/roster/v1/people?page_size=2")
    token = page["next_page_token"]
    rest = await get(platform, ADMIN, f"/roster/v1/people?page_size=2&page_token={token}")
    found = [each["person_id"] for each in (*page["people"], *rest["people"])]
    assert sorted(found) == sorted([TEACHER, COACH, ADMIN, "teacher-2"])


async def test_all_services_work_with_such_ids(platform: Filled) -> None:
    bond = await made(
        platform, COACH, "/programs/v1/relationships", {"coach_id": COACH, "teacher_id": TEACHER}
    )
    await made(platform, TEACHER, f"/programs/v1/relationships/{bond['relationship_id']}/accept")
    goal = await made(platform, COACH, "/goals/v1/goals", example_body(platform, "draft_goal", IDS))
    await made(platform, TEACHER, f"/goals/v1/goals/{goal['goal_id']}/activate")
    tool = await made(
        platform, COACH, "/observations/v1/tools", example_body(platform, "draft_tool", IDS)
    )
    await made(platform, COACH, f"/observations/v1/tools/{tool['tool_id']}/publish")
    ids = {**IDS, "tool_id": tool["tool_id"], "goal_id": goal["goal_id"]}
    body = example_body(platform, "schedule_observation", ids)
    visit = await made(platform, COACH, "/observations/v1/observations", body)
    assert (visit["teacher_id"], visit["class_id"]) == (TEACHER, CLASS)
    body = example_body(platform, "draft_instrument", ids)
    ids["instrument_id"] = (await made(platform, COACH, "/surveys/v1/instruments", body))[
        "instrument_id"
    ]
    await made(platform, COACH, f"/surveys/v1/instruments/{ids['instrument_id']}/publish")
    body = example_body(platform, "schedule_administration", ids)
    survey = await made(platform, TEACHER, "/surveys/v1/administrations", body)
    assert survey["class_id"] == CLASS
    listed = await get(platform, COACH, f"/goals/v1/goals?teacher_id={quote(TEACHER)}")
    assert len(listed["goals"]) == 1
    (entry,) = (await get(platform, COACH, "/insights/v1/caseload"))["entries"]
    assert (entry["teacher_id"], entry["given_name"]) == (TEACHER, "Annie")


async def test_the_same_over_grpc(platform: Filled) -> None:
    admin, coach = ((("authorization", f"Bearer north/{who}"),) for who in (ADMIN, COACH))
    async with served(platform) as channels:
        person = await PeopleServiceStub(channels["roster"]).GetPerson(
            person_pb2.GetPersonRequest(person_id=TEACHER), metadata=admin
        )
        assert person.person_id == TEACHER
        caseload = await CaseloadsServiceStub(channels["insights"]).GetCaseload(
            caseload_pb2.GetCaseloadRequest(coach_id=COACH), metadata=coach
        )
        assert list(caseload.entries) == []
