"""Enrollments over REST: who enrolls whom and withdraws, who sees it, how large a program is."""

from __future__ import annotations

from typing import Any

import pytest

from tests.component.test_programs import PROGRAMS, ask, draft, lead
from tests.support.staff import PEOPLE, Held, Staffed, staffed

PATH = "/programs/v1/enrollments"
MANY = 12
TEACHERS = [f"t-{number:03}" for number in range(MANY)]


@pytest.fixture
async def north() -> Staffed:
    teachers: dict[str, Held | None] = dict.fromkeys(TEACHERS, PEOPLE["teacher"])
    return await staffed(None, **teachers)


async def opened(north: Staffed, who: str = "aide", **more: Any) -> str:
    """The id of a program of hers."""
    made = await draft(north, who, **more)
    program = str(made["program_id"])
    answer = await ask(north, who, "POST", f"{PROGRAMS}/{program}/open")
    assert answer.status_code == 200, answer.text
    return program


async def enroll(north: Staffed, program: str, teacher: str = "teacher", by: str = "aide") -> Any:
    return await ask(north, by, "POST", PATH, {"program_id": program, "teacher_id": teacher})


async def size(north: Staffed, program: str, who: str) -> Any:
    return (await ask(north, who, "GET", f"{PROGRAMS}/{program}/size")).json()


async def test_who_leads_the_program_enrolls_and_she_withdraws_and_comes_back(
    north: Staffed,
) -> None:
    await lead(north)
    program = await opened(north)
    made = await enroll(north, program)
    assert made.status_code == 201
    told, path = made.json(), f"{PATH}/{made.json()['enrollment_id']}"
    assert (told["state"], told["teacher_name"]) == ("enrolled", "Given Teacher")
    assert told["allowed"] == ["withdraw_enrollment"]
    assert (await enroll(north, program)).json() == told
    refused = await ask(north, "aide", "POST", f"{path}/withdraw")
    assert (refused.status_code, refused.json()["code"]) == (422, "reason_needed")
    left = await ask(north, "teacher", "POST", f"{path}/withdraw")
    assert (left.json()["state"], left.json()["allowed"]) == ("withdrawn", ["rejoin_enrollment"])
    refused = await enroll(north, program)
    assert (refused.status_code, refused.json()["code"]) == (409, "withdrawn_by_teacher")
    back = await ask(north, "teacher", "POST", f"{path}/rejoin")
    assert (back.json()["state"], back.json()["enrolled_by"]) == ("enrolled", "teacher")
    gone = await ask(north, "aide", "POST", f"{path}/withdraw", {"reason": "workload"})
    assert (gone.json()["withdrawn_by"], gone.json()["reason"]) == ("aide", "workload")
    assert (await enroll(north, program)).json()["state"] == "enrolled"


async def test_nobody_but_her_the_lead_and_the_district_sees_it(north: Staffed) -> None:
    await lead(north)
    await lead(north, "peer")
    await north.coached()
    program, others = await opened(north), await opened(north, "peer")
    made = (await enroll(north, program)).json()
    path = f"{PATH}/{made['enrollment_id']}"
    for who, status in (
        ("teacher", 200), ("aide", 200), ("admin", 200), ("peer", 404), ("coach", 404),
        ("leader", 404), ("other", 404),
    ):  # fmt: skip
        assert (await ask(north, who, "GET", path)).status_code == status, who
        listed = await ask(north, who, "GET", f"{PATH}?program_id={program}&teacher_id=teacher")
        assert listed.status_code == status, who
        listed = await ask(north, who, "GET", f"{PATH}?program_id={program}")
        assert listed.status_code == (404 if who == "teacher" else status), who
    assert (await ask(north, "peer", "GET", f"{PATH}?teacher_id=teacher")).status_code == 404
    assert (await enroll(north, program, by="peer")).status_code == 404
    assert (await enroll(north, "no-such-program", by="peer")).status_code == 404
    assert (await enroll(north, others, by="teacher")).status_code == 404
    for who in ("aide", "admin"):
        listed = await ask(north, who, "GET", f"{PATH}?program_id={program}")
        (one,) = listed.json()["enrollments"]
        assert one["enrollment_id"] == made["enrollment_id"]
    async with north.client("programs", "south/teacher") as client:
        assert (await client.get(path)).status_code in (403, 404)


async def test_of_a_program_the_lead_lists_those_whom_her_grant_reaches(north: Staffed) -> None:
    await lead(north, org_ids=[], person_ids=["teacher"])
    program = await opened(north)
    for teacher in ("teacher", "peer"):
        assert (await enroll(north, program, teacher, "admin")).status_code == 201
    assert (await enroll(north, program, "coach")).status_code == 404
    listed = await ask(north, "aide", "GET", f"{PATH}?program_id={program}")
    assert [each["teacher_id"] for each in listed.json()["enrollments"]] == ["teacher"]
    listed = await ask(north, "admin", "GET", f"{PATH}?program_id={program}")
    assert len(listed.json()["enrollments"]) == 2


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"program_id": "no-such-program"}, 422, "unknown_program"),
        ({"teacher_id": "nobody"}, 422, "unknown_teacher"),
        ({"teacher_id": "leader"}, 422, "unknown_teacher"),
        ({"teacher_id": ""}, 422, ""),
        ({"school_year": 2027}, 422, ""),
    ],
    ids=str,
)
async def test_what_is_no_enrollment_stores_nothing(
    north: Staffed, body: dict[str, Any], status: int, code: str
) -> None:
    program = await opened(north, "admin")
    asked = {"program_id": program, "teacher_id": "teacher", **body}
    answer = await ask(north, "admin", "POST", PATH, asked)
    assert answer.status_code == status
    assert not code or answer.json()["code"] == code
    assert (await ask(north, "admin", "GET", PATH)).json()["enrollments"] == []


async def test_a_program_takes_teachers_from_its_opening_to_its_close(north: Staffed) -> None:
    draft_ = str((await draft(north, "admin"))["program_id"])
    refused = await enroll(north, draft_, by="admin")
    assert (refused.status_code, refused.json()["code"]) == (409, "program_not_open")
    program = await opened(north, "admin")
    path = f"{PATH}/{(await enroll(north, program, by='admin')).json()['enrollment_id']}"
    left = f"{PATH}/{(await enroll(north, program, 'peer', 'admin')).json()['enrollment_id']}"
    assert (await ask(north, "peer", "POST", f"{left}/withdraw")).status_code == 200
    assert (await ask(north, "admin", "POST", f"{PROGRAMS}/{program}/close")).status_code == 200
    await north.settle()
    ended = (await ask(north, "teacher", "GET", path)).json()
    assert (ended["state"], ended["allowed"]) == ("ended", [])
    assert (await ask(north, "peer", "GET", left)).json()["state"] == "withdrawn"
    for who, asked, code in (
        ("admin", PATH, "program_not_open"), ("peer", f"{left}/rejoin", "program_not_open"),
        ("teacher", f"{path}/withdraw", "not_enrolled"),
    ):  # fmt: skip
        body = {"program_id": program, "teacher_id": "coach"} if who == "admin" else None
        refused = await ask(north, who, "POST", asked, body)
        assert (refused.status_code, refused.json()["code"]) == (409, code), asked
    assert (await size(north, program, "admin"))["enrolled_count"] == 1  # when it was closed


async def test_few_are_counted_for_who_leads_the_program_alone(north: Staffed) -> None:
    await lead(north)
    program = await opened(north)
    for number, teacher in enumerate(TEACHERS, start=1):
        assert (await enroll(north, program, teacher)).status_code == 201
        for who, told in (("aide", True), ("admin", True), ("coach", number >= 10)):
            answer = await size(north, program, who)
            assert answer == {
                "program_id": program, "enrolled_count": number if told else None,
                "size_band": "under_100", "small_n": 10,
            }  # fmt: skip
    for who in ("teacher", "leader"):
        answer = await ask(north, who, "GET", f"{PROGRAMS}/{program}/size")
        assert answer.status_code == 403, who
