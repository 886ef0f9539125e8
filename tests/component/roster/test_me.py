"""Who asks: what she is told of herself, and `me` in the place of her id."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import grpc
import pytest

from coaching.roster.v1 import person_pb2
from services.roster.imports.problems import RowCode
from tests.support.exchanges import NEVER_ENDING
from tests.support.filled import Filled
from tests.support.filling import ADMIN, COACH, TEACHER
from tests.support.operations import Route, caller_of, routes
from tests.support.raw_http import send
from tests.support.roster_files import Service, good_files
from tests.support.rpcs import call, rpcs, served
from tests.support.small_district import YEAR
from tests.support.staff import staffed

NORTH = "north"
GRANTS = "/roster/v1/grants"
OF_PEOPLE = ("teacher_id", "coach_id", "person_id")


@pytest.fixture(scope="module")
async def platform() -> Filled:
    """Shared: nothing here changes anything."""
    made = Filled()
    await made.fill(NORTH)
    return made


async def test_a_teacher_is_told_who_she_is(platform: Filled) -> None:
    me = (await platform.ask(f"{NORTH}/{TEACHER}", "GET", "/roster/v1/me")).json()
    record = (
        await platform.ask(f"{NORTH}/{TEACHER}", "GET", f"/roster/v1/people/{TEACHER}")
    ).json()
    assert {name: me[name] for name in ("person_id", "given_name", "family_name")} == {
        name: record[name] for name in ("person_id", "given_name", "family_name")
    }
    (role,) = me["roles"]
    (school,) = me["schools"]
    assert (role["role"], role["org_name"]) == ("teacher", school["name"])
    assert school["org_id"] == role["org_id"]
    assert (me["district_id"], me["school_year"], me["time_zone"]) == (NORTH, YEAR, "UTC")
    assert me["today"] == platform.clock.now().date().isoformat()
    assert me["capabilities"] == ["teach"]


@pytest.mark.parametrize(
    ("who", "capabilities"), [(COACH, ["teach", "coach"]), ("admin-01", ["lead", "administer"])]
)
async def test_what_roles_grant(platform: Filled, who: str, capabilities: list[str]) -> None:
    me = (await platform.ask(f"{NORTH}/{who}", "GET", "/roster/v1/me")).json()
    assert me["capabilities"] == capabilities


async def test_a_coach_by_grant_is_told_for_whom_and_until_when() -> None:
    north = await staffed()

    async def given(role: str, begins: str, ends: str | None, **reach: list[str]) -> str:
        body = {"person_id": "aide", "role": role, "reason": "A post is vacant", **reach}
        days = {"begin_date": begins, "end_date": ends}
        made = await north.ask("north/admin", "POST", GRANTS, {**body, **days}, status=201)
        return str(made.json()["grant_id"])

    async def told() -> list[Any]:
        await north.settle()
        return list((await north.ask("north/aide", "GET", "/roster/v1/me")).json()["grants"])

    later = await given("facilitator", "2026-10-20", None, org_ids=["school-1"])
    now = await given("coach", "2026-10-06", "2026-10-08", person_ids=["teacher", "peer"])
    north.clock.set(datetime(2026, 10, 8, 23, 59, tzinfo=UTC))
    first, second = await told()
    assert first == {
        "grant_id": now,
        "role": "coach",
        "org_ids": [],
        "person_ids": ["peer", "teacher"],
        "begin_date": "2026-10-06",
        "end_date": "2026-10-08",
        "ends_soon": True,
    }
    told_second = [second[each] for each in ("grant_id", "org_ids", "end_date", "ends_soon")]
    assert told_second == [later, ["school-1"], None, False]
    north.clock.set(datetime(2026, 10, 9, tzinfo=UTC))
    assert await told() == [second]
    await north.ask("north/admin", "POST", f"{GRANTS}/{later}/end", {"reason": "Filled"})
    assert await told() == []


async def test_grpc_says_the_same(platform: Filled) -> None:
    (rpc,) = (each for each in rpcs(platform) if each.operation == "get_me")
    who = (("authorization", f"Bearer {NORTH}/{TEACHER}"),)
    async with served(platform) as channels:
        me = person_pb2.Me.FromString(await call(channels["roster"], rpc, rpc.request(), who))
    told = (await platform.ask(f"{NORTH}/{TEACHER}", "GET", "/roster/v1/me")).json()
    assert (me.person_id, me.roles[0].org_name) == (TEACHER, told["roles"][0]["org_name"])
    assert (list(me.capabilities), me.today) == ([person_pb2.CAPABILITY_TEACH], told["today"])


async def test_who_is_nobody_in_the_roster_is_told_nothing(platform: Filled) -> None:
    for who, code in (("nobody", "unknown_person"), ("sis?roster.read", "forbidden")):
        refused = await platform.ask(f"{NORTH}/{who}", "GET", "/roster/v1/me", status=403)
        assert refused.json()["code"] == code


def naming() -> list[tuple[Route, str]]:
    """Every read that names a person, with the name of its parameter; not those without end."""
    found = []
    for route in routes(Filled()):
        for each in route.parameters:
            if route.method != "GET" or route.operation == NEVER_ENDING:
                continue
            if each["in"] != "header" and each["name"] in OF_PEOPLE:
                found.append((route, each["name"]))
    return found


def target(route: Route, name: str, who: str, ids: dict[str, str]) -> str:
    named = {**ids, name: who}
    path = route.template.format(**named)
    needed = [
        each["name"]
        for each in route.parameters
        if each["in"] == "query" and (each.get("required") or each["name"] == name)
    ]
    return f"{path}?{'&'.join(f'{each}={named[each]}' for each in needed)}"


@pytest.mark.parametrize(
    ("route", "name"), naming(), ids=lambda each: each if isinstance(each, str) else each.operation
)
async def test_me_is_whoever_asks(platform: Filled, route: Route, name: str) -> None:
    person = COACH if name == "coach_id" else TEACHER
    token, ids = f"{NORTH}/{person}", platform.ids[NORTH]
    alone = ("list_matches", "get_erasure", "get_access_explanation")  # administrators'
    if route.operation in ("list_people", *alone):
        token = caller_of(route.operation, NORTH)
    if route.operation in alone:
        person = ADMIN
    answers = []
    for who in (person, "me"):
        answer = (await platform.ask(token, "GET", target(route, name, who, ids))).json()
        answer.pop("as_of", None)
        answers.append(answer)
    assert answers[0] == answers[1]
    refused = await platform.ask(
        f"{NORTH}/sis?roster.read", "GET", target(route, name, "me", ids), status=422
    )
    assert [each["pointer"] for each in refused.json()["errors"]] == [f"/{name}"]
    assert refused.json()["code"] == "not_a_person"


async def test_a_coach_watches_her_own_by_me(platform: Filled) -> None:
    for who, status in ((COACH, 200), (TEACHER, 200), ("nobody", 403)):
        answer = await send(
            platform.services["insights"].app,
            "GET",
            "/insights/v1/caseloads/me/live",
            headers=[(b"authorization", f"Bearer {NORTH}/{who}".encode())],
            leave_after=1,
        )
        assert answer.status == status, who


async def test_me_over_grpc(platform: Filled) -> None:
    who = (("authorization", f"Bearer {NORTH}/{TEACHER}"),)
    (rpc,) = (each for each in rpcs(platform) if each.operation == "list_goals")
    async with served(platform) as channels:
        by_id = await call(channels["goals"], rpc, rpc.request(teacher_id=TEACHER), who)
        assert await call(channels["goals"], rpc, rpc.request(teacher_id="me"), who) == by_id
        partner = (("authorization", f"Bearer {NORTH}/sis?goals.read"),)
        with pytest.raises(grpc.aio.AioRpcError) as refused:
            await call(channels["goals"], rpc, rpc.request(teacher_id="me"), partner)
    assert refused.value.code() is grpc.StatusCode.INVALID_ARGUMENT


async def test_nobody_of_a_roster_is_called_me() -> None:
    files = {name: text.replace("teacher-2,", "me,") for name, text in good_files().items()}
    report = await Service().load(files)
    assert [(each.file, each.code) for each in report.problems.listed][:1] == [
        ("users.csv", RowCode.BAD_ID)
    ]
