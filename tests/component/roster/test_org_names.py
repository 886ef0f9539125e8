"""Names of schools beside their ids, in what the roster answers."""

from __future__ import annotations

from typing import Any

import pytest

from services.access.policy import Policy
from services.chassis.call import Call, Principal
from services.chassis.edge.naming import Named
from services.roster.names import SECONDS, RosterNames
from tests.support.filled import Filled
from tests.support.filling import COACH, TEACHER
from tests.support.roster_files import Service, edited, good_files

NORTH = "north"


@pytest.fixture(scope="module")
async def platform() -> Filled:
    """Shared: nothing here changes anything."""
    made = Filled()
    await made.fill(NORTH)
    return made


async def test_schools_are_named_beside_their_ids(platform: Filled) -> None:
    async def read(path: str, who: str) -> Any:
        return (await platform.ask(f"{NORTH}/{who}", "GET", f"/roster/v1{path}")).json()

    orgs = (await read("/orgs", TEACHER))["orgs"]
    called = {each["org_id"]: each["name"] for each in orgs}
    assert all(called.values())
    assert {each["parent_org_name"] for each in orgs} == {None, called["district"]}
    for who in (TEACHER, COACH):
        classes = (await read(f"/classes?teacher_id={TEACHER}", who))["classes"]
        assert [each["school_name"] for each in classes] == [
            called[each["school_org_id"]] for each in classes
        ]
        assert classes
    people = (await read("/people", "admin-01"))["people"]
    roles = [
        role for each in [*people, await read("/people/me", TEACHER)] for role in each["roles"]
    ]
    assert [each["org_name"] for each in roles] == [called[each["org_id"]] for each in roles]


async def test_a_name_is_asked_for_once_a_minute_and_of_a_school_that_is_no_more_never() -> None:
    now = 0.0
    service = Service()
    await service.load(good_files())
    policy = Policy(staff=True)
    access = service.ports.class_.access
    names = RosterNames(service.ports.person.orgs, access, policy, lambda: now)
    call = Call("list_orgs", Principal("north", "teacher-1"))
    school, stranger = Named("org", "school-2"), Named("org", "school-9")

    async def told() -> Any:
        return await names.names(call, [school, stranger])

    assert await told() == {school: "Second"}
    await service.load(edited("orgs.csv", "Second,school", "Third,school"))
    assert await told() == {school: "Second"}
    now = SECONDS
    assert await told() == {school: "Third"}
    other = Call("list_orgs", Principal("south", "teacher-1"))
    assert await names.names(other, [school]) == {}
    stranger_to_all = Call("list_orgs", Principal("north", "nobody"))
    assert await names.names(stranger_to_all, [school]) == {}
