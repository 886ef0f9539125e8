"""Who reads what of a roster, on memory adapters."""

from __future__ import annotations

import pytest

from services.chassis.kernel import Fault
from services.roster.academic_session.cases import list_academic_sessions
from services.roster.class_.cases import list_classes
from services.roster.org.cases import list_orgs
from services.roster.person.cases import get_person, list_people
from services.roster.record import Status
from tests.support.roster_files import Service, call_for, good_files


@pytest.mark.parametrize(
    ("asks", "person", "answer"),
    [
        ("admin-1", "teacher-1", "Annie"),
        ("teacher-1", "teacher-1", "Annie"),
        ("teacher-2", "teacher-1", "not_found"),
        ("coach-1", "teacher-1", "not_found"),
        ("leader-1", "teacher-1", "not_found"),
        ("admin-1", "student-1", "not_found"),
        ("stranger", "teacher-1", "unknown_person"),
        ("stranger", "student-1", "unknown_person"),
    ],
)
async def test_who_sees_a_person(asks: str, person: str, answer: str) -> None:
    service = Service()
    await service.load(good_files())
    try:
        found = (
            await get_person(service.ports.person, call_for("get_person", asks), person)
        ).given_name
    except Fault as fault:
        found = fault.code
    assert found == answer


@pytest.mark.parametrize(
    ("asks", "teacher", "answer"),
    [
        ("teacher-1", "teacher-1", ["class-1"]),
        ("coach-1", "teacher-1", ["class-1"]),
        ("coach-9", "teacher-1", "not_found"),
        ("teacher-2", "teacher-1", "not_found"),
        ("admin-1", "", ["class-1", "class-2"]),
        ("teacher-1", "", ["class-1"]),
        ("coach-1", "", []),
        ("stranger", "", "unknown_person"),
    ],
)
async def test_who_sees_classes(asks: str, teacher: str, answer: object) -> None:
    service = Service()
    await service.load(good_files())
    found: object
    try:
        classes = await list_classes(
            service.ports.class_,
            call_for("list_classes", asks),
            teacher_id=teacher,
            after="",
            limit=9,
        )
        found = [each.sourced_id for each in classes.items]
    except Fault as fault:
        found = fault.code
    assert found == answer


@pytest.mark.parametrize(
    ("role", "org", "found"),
    [
        ("teacher", "", ["teacher-1", "teacher-2"]),
        ("", "school-2", ["teacher-1"]),
        ("teacher", "school-2", []),
        ("ext:coach", "school-2", ["teacher-1"]),
    ],
)
async def test_people_by_role_and_org(role: str, org: str, found: list[str]) -> None:
    service = Service()
    await service.load(good_files())
    people = await list_people(
        service.ports.person,
        call_for("list_people", "admin-1"),
        role=role,
        org_id=org,
        after="",
        limit=9,
    )
    assert [each.sourced_id for each in people.items] == found


async def test_all_staff_see_orgs_and_sessions_in_pages() -> None:
    service = Service()
    await service.load(good_files())
    call = call_for("list_orgs", "leader-1")
    orgs = await list_orgs(service.ports.org, call, after="", limit=2)
    rest = await list_orgs(service.ports.org, call, after=orgs.after, limit=2)
    assert [each.sourced_id for each in (*orgs.items, *rest.items)] == [
        "district",
        "school-1",
        "school-2",
    ]
    sessions = await list_academic_sessions(
        service.ports.academic_session,
        call_for("list_academic_sessions", "teacher-1"),
        after="",
        limit=9,
    )
    assert [each.status for each in sessions.items] == [Status.ACTIVE] * 3
