"""A district's roster over a school year, on real processes and real engines: nights with faults, a
pull from a server that breaks off, a teacher hired today, a grant, a move, and the year's turn."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import httpx2

from services.access.oneroster import OneRosterServer as Told
from services.roster.imports.pulling.pull import pull
from services.roster.imports.pulling.server import Server
from tests.support.coaching import YEAR
from tests.support.oneroster_server import (
    CLIENT,
    SECRET,
    TOKEN_URL,
    URL,
    OneRosterServer,
    first,
    rest_of,
)
from tests.support.roster_files import Files, good_files, zipped
from tests.support.stack import RunningStack
from tests.support.waiting import eventually

ADMIN, COACH, SIS = "lake/admin-1", "lake/coach-1", "lake/sis?roster.write"
MATCHES, RELATIONSHIPS = "/roster/v1/matches", "/programs/v1/relationships"
GOAL = {"statement": "All of them explain", "focus_skill": "questioning", "measure_id": "talk"} | {
    "unit": "percent",
    "target": 60,
}
HIRED = "t-77,true,n,Nora,Newman,,nora-77"


class Year:
    def __init__(self, stack: RunningStack) -> None:
        self.stack = stack
        self.files = good_files()
        users = self.files["users.csv"].splitlines()
        rows = [f"{users[0]},identifier", *(f"{each}," for each in users[1:])]
        self.files["users.csv"] = "\n".join([*rows, ""])

    async def night(self, query: str = "", **edits: tuple[str, str]) -> Any:
        """The files with what has changed since, imported; `edits` of a file's text stay."""
        for name, (old, new) in edits.items():
            assert old in self.files[f"{name}.csv"], (name, old)
            self.files[f"{name}.csv"] = self.files[f"{name}.csv"].replace(old, new, 1)
        return await self.stack.import_roster(SIS, zipped(self.files), query)

    async def get(self, who: str, path: str, at: str = "") -> Any:
        """`at`: as if it were then."""
        headers = {"Tandem-Now": at} if at else {}
        return (await self.stack.ask(who, "GET", path, headers=headers)).json()

    async def until(self, who: str, path: str, right: Any) -> None:
        async def there() -> bool:
            async with self.stack.client(path.split("/")[1], who) as client:
                answer = await client.get(path)
            return answer.is_success and right(answer.json())

        await eventually(there, timeout=30)

    async def post(
        self, who: str, path: str, body: Any = None, method: str = "POST", at: str = ""
    ) -> Any:
        headers = {"Tandem-Now": at} if at else {}
        return (await self.stack.ask(who, method, path, body, headers=headers)).json()

    async def flagged(self, teacher: str, goal: str, at: str) -> bool:
        """Whether her coach is told then that a goal of hers has no baseline yet."""
        path = f"/insights/v1/caseloads/coach-1?school_year={YEAR}"
        entries = (await self.get(COACH, path, at))["entries"]
        flags = [
            flag for each in entries if each["teacher_id"] == teacher for flag in each["flags"]
        ]
        return ("F5", [goal]) in [(flag["code"], flag["evidence_ids"]) for flag in flags]


async def test_a_district_goes_through_a_school_year(stack: RunningStack, tmp_path: Path) -> None:
    lake = Year(stack)

    # the first night's file has faults: the rest is taken
    report = await lake.night(
        users=("teacher-2,true,t2", "teacher-2,perhaps,t2"),
        enrollments=("e8,class-2,school-1,coach-1", "e8,class-9,school-1,coach-1"),
    )
    codes = {each["code"] for each in report["problems"]}
    assert {"bad_value", "unknown_class"} <= codes
    assert report["counts"]["people"]["created"] == 3
    # the next one is pulled, from a server that is busy, breaks off and repeats itself
    lake.files["users.csv"] = lake.files["users.csv"].replace("perhaps", "true")
    lake.files["enrollments.csv"] = lake.files["enrollments.csv"].replace("class-9", "class-2")
    packed = await pulled(lake.files, tmp_path)
    report = await stack.import_roster(SIS, packed)
    assert (report["problem_count"], report["counts"]["people"]["created"]) == (0, 1)
    assert (await stack.import_roster(SIS, zipped(lake.files)))["counts"]["people"]["changed"] == 0
    await lake.until(ADMIN, "/roster/v1/me", lambda me: "administer" in me["capabilities"])

    # the roster says who leads a class that two teach
    (led, _) = (await lake.get("lake/teacher-2", "/roster/v1/classes"))["classes"]
    assert (led["teacher_ids"], led["lead_teacher_ids"]) == (
        ["teacher-1", "teacher-2"],
        ["teacher-1"],
    )

    # somebody is hired today and coached at once
    body = {"given_name": "Nora", "family_name": "Newman", "org_id": "school-1"}
    await lake.post(ADMIN, "/roster/v1/people/nora-77/provisional", body, "PUT")
    nora = "lake/nora-77"
    await lake.until(nora, "/programs/v1/relationships", lambda _: True)
    await lake.until(COACH, f"{RELATIONSHIPS}?coach_id=coach-1", lambda _: True)
    made = await lake.post(COACH, RELATIONSHIPS, {"coach_id": "coach-1", "teacher_id": "nora-77"})
    await lake.post(nora, f"{RELATIONSHIPS}/{made['relationship_id']}/accept")

    # holidays: a goal without a baseline is late after ten days of school, none of which they are
    await lake.until(COACH, "/goals/v1/goals?teacher_id=nora-77", lambda _: True)
    drafted, late, later = (f"{YEAR - 1}-10-{day}T12:00:00Z" for day in ("05", "22", "29"))
    goal = await lake.post(COACH, "/goals/v1/goals", {**GOAL, "teacher_id": "nora-77"}, at=drafted)
    goal_id = goal["goal_id"]

    async def is_late() -> bool:
        return await lake.flagged("nora-77", goal_id, late)

    await eventually(is_late, timeout=30)
    week = {"first_date": f"{YEAR - 1}-10-12", "last_date": f"{YEAR - 1}-10-16", "title": "Fall"}
    calendar = f"/roster/v1/calendars/{YEAR}"
    stated = await lake.post(ADMIN, calendar, {"days_without_school": [week]}, "PUT")
    assert stated["days_without_school"] == [week]

    async def is_not_late() -> bool:
        return not await lake.flagged("nora-77", goal_id, late)

    await eventually(is_not_late, timeout=30)
    assert await lake.flagged("nora-77", goal_id, later), "its days of school are over by then"

    # her coach coaches at a second school by a grant, which no import touches
    asked = {"person_id": "coach-1", "role": "coach", "org_ids": ["school-2"], "person_ids": []}
    grant = await lake.post(ADMIN, "/roster/v1/grants", {**asked, "reason": "both schools"})

    def granted(me: Any) -> bool:
        return [(each["grant_id"], each["org_ids"]) for each in me["grants"]] == [
            (grant["grant_id"], ["school-2"])
        ]

    await lake.until(COACH, "/roster/v1/me", granted)
    # the file has the teacher by now, under another id: one person, once that is confirmed
    report = await lake.night(
        users=("teacher-2,true", f"{HIRED}\nteacher-2,true"),
        roles=("r3,teacher-2", "r77,t-77,primary,teacher,school-1,,\nr3,teacher-2"),
    )
    assert (report["matches_proposed"], report["merged_by_setting"]) == (1, 0)
    (match,) = (await lake.get(ADMIN, MATCHES))["matches"]
    assert (match["from_person_id"], match["into_person_id"]) == ("nora-77", "t-77")
    await lake.post(ADMIN, f"{MATCHES}/{match['match_id']}/confirm")
    coached = f"{RELATIONSHIPS}?coach_id=coach-1&teacher_id=t-77&state=active"
    await lake.until(COACH, coached, lambda told: len(told["relationships"]) == 1)
    hers = f"/goals/v1/goals/{goal_id}"
    await lake.until(COACH, hers, lambda told: told["teacher_id"] == "t-77")  # so is her goal
    kept = await lake.get(ADMIN, f"/roster/v1/grants/{grant['grant_id']}")
    assert (kept["state"], kept["version"]) == ("open", grant["version"])

    # a class that the next file seems to have forgotten keeps its teacher
    lost = "e6,class-2,school-1,teacher-2,teacher,true,,\n"
    report = await lake.night(enrollments=(lost, ""))
    assert [each["code"] for each in report["problems"]] == ["class_loses_teacher"]
    assert report["counts"]["classes"]["held"] == 1
    # a teacher moves to the other school within the year
    moved = "r3,teacher-2,primary,teacher,school-2,,"
    await lake.night(
        enrollments=("e7,class-2", f"{lost}e7,class-2"),
        roles=("r3,teacher-2,primary,teacher,school-1,,", moved),
    )
    told = await lake.get(ADMIN, "/roster/v1/people/teacher-2")
    assert [each["org_id"] for each in told["roles"]] == ["school-2"]

    # the year turns: sessions of the next one come, and relationships are carried over on command
    following = f"next,Next,schoolYear,{YEAR}-08-01,{YEAR + 1}-07-01,,{YEAR + 1}\n"
    await lake.night(academicSessions=("term-1,", f"{following}term-1,"))
    years = {"from_school_year": YEAR, "to_school_year": YEAR + 1, "validate_only": True}

    async def carried() -> bool:
        would = await lake.post(ADMIN, f"{RELATIONSHIPS}/carry-over", years)
        return [each["teacher_id"] for each in would["carried_over"]] == ["t-77"]

    await eventually(carried, timeout=30)
    done = await lake.post(ADMIN, f"{RELATIONSHIPS}/carry-over", {**years, "validate_only": False})
    assert [(each["teacher_id"], each["state"]) for each in done["carried_over"]] == [
        ("t-77", "active")
    ]
    again = await lake.post(ADMIN, f"{RELATIONSHIPS}/carry-over", {**years, "validate_only": False})
    assert again["carried_over"] == []
    found = await lake.get(COACH, f"{RELATIONSHIPS}?coach_id=coach-1&teacher_id=t-77")
    assert {each["school_year"]: each["carried_over_from"] for each in found["relationships"]} == {
        YEAR: None,
        YEAR + 1: YEAR,
    }
    following_year = f"/insights/v1/caseloads/coach-1?school_year={YEAR + 1}"
    next_fall = f"{YEAR}-09-06T12:00:00Z"

    async def coached_next_year() -> bool:
        told = await lake.get(COACH, following_year, next_fall)
        return [each["teacher_id"] for each in told["entries"]] == ["t-77"]

    await eventually(coached_next_year, timeout=30)
    # and the same file again is nothing new, a year long
    report = await lake.night()
    assert {(each["created"], each["changed"]) for each in report["counts"].values()} == {(0, 0)}
    assert (await lake.get(ADMIN, f"/roster/v1/grants/{grant['grant_id']}"))["state"] == "open"


async def pulled(files: Files, folder: Path) -> bytes:
    """From a server that is busy, loses each page once, and gives a record on two pages."""
    secret = folder / "secret"
    secret.write_text(SECRET)
    told = Told(url=URL, token_url=TOKEN_URL, client_id=CLIENT, client_secret_file=str(secret))
    collections = rest_of(files)
    collections["users"].append(collections["users"][0])
    server = OneRosterServer(collections, most=3)
    busy = httpx2.Response(429, headers={"Retry-After": "1"})
    server.trouble = first(2, busy, httpx2.Response(502))
    packed = io.BytesIO()
    async with Server(told, server, server.sleep) as opened:
        await pull(opened, told.version, packed)
    assert server.waited, "it was never asked to wait"
    return packed.getvalue()
