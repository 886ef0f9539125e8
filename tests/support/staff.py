"""The whole platform with a district whose staff and their roles a test decides."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import httpx2

from services.access.districts import Districts
from services.chassis.views.projector import Timing
from tests.support.platform import Platform
from tests.support.roster_files import good_files, zipped

ZIP = {"content-type": "application/zip"}
Held = Iterable[tuple[str, str, str]]
"""Roles with the days on which they begin and end, "" where open. A role is held at school-1 or,
as `role@org`, elsewhere."""

PEOPLE: Mapping[str, Held] = {
    "teacher": [("teacher", "", "")],
    "peer": [("teacher", "", "")],
    "coach": [("ext:coach", "", "")],
    "other": [("ext:instructionalCoach", "", "")],
    "leader": [("principal", "", "")],
    "aide": [("aide", "", "")],
    "admin": [("districtAdministrator", "", "")],
}


class Staffed(Platform):
    """`north` with PEOPLE, or whom `roster` is told. Nothing moves by itself: see Platform."""

    def __init__(self, districts: Districts | None = None) -> None:
        super().__init__(districts=districts)
        self.called: dict[str, str] = {}  # family names, where they are not those of the ids
        self.teaching: tuple[str, ...] = ()  # each a class of her own
        for service in self.services.values():
            for projector in service.projectors:
                projector.timing = Timing(wait=0, stall=1e9)  # however far a test moves the clock

    async def roster(
        self, numbers: Mapping[str, str] | None = None, /, **changed: Held | None
    ) -> None:
        """Import PEOPLE with these changes (None: removed) and let every service know. `numbers`:
        their staff numbers."""
        people = {name: held for name, held in {**PEOPLE, **changed}.items() if held is not None}
        told = numbers or {}
        files = good_files()
        head = "sourcedId,enabledUser,username,givenName,familyName,identifier"
        rows = [
            f"{name},true,{name},Given,{self.called.get(name, name.title())},{told.get(name, '')}"
            for name in people
        ]
        files["users.csv"] = "\n".join([head, *rows, ""])
        head = "sourcedId,userSourcedId,roleType,role,orgSourcedId,beginDate,endDate"
        rows = [
            f"r-{name}-{number},{name},primary,{role},{org or 'school-1'},{begins},{ends}"
            for name, held in people.items()
            for number, (place, begins, ends) in enumerate(held)
            for role, _, org in (place.partition("@"),)
        ]
        files["roles.csv"] = "\n".join([head, *rows, ""])
        classes = [
            f"class-{each},{each},,,math,scheduled,school-1,term-1" for each in self.teaching
        ]
        of_them = [f"e-{e},class-{e},school-1,{e},teacher,true,," for e in self.teaching]
        for name, rows in (("classes.csv", classes), ("enrollments.csv", of_them)):
            files[name] = "\n".join([files[name].splitlines()[0], *rows, ""])
        query = "?allow_removals=true"
        await self.import_roster("north/sis?roster.write", zipped(files), query)
        await self.settle()

    async def propose(
        self, by: str, coach: str = "coach", teacher: str = "teacher", **more: Any
    ) -> httpx2.Response:
        body = {"coach_id": coach, "teacher_id": teacher, **more}
        async with self.client("programs", f"north/{by}") as client:
            return await client.post("/programs/v1/relationships", json=body)

    async def answer(self, by: str, id: str, how: str = "accept", **body: Any) -> httpx2.Response:
        """`how`: accept, decline or end."""
        async with self.client("programs", f"north/{by}") as client:
            return await client.post(f"/programs/v1/relationships/{id}/{how}", json=body or None)

    async def coached(
        self, coach: str = "coach", teacher: str = "teacher", year: int | None = None
    ) -> str:
        """Proposed by the coach, accepted by the teacher, known everywhere; its id."""
        more = {"school_year": year} if year else {}
        made = await self.propose(coach, coach, teacher, **more)
        assert made.status_code == 201, made.text
        made_id = str(made.json()["relationship_id"])
        accepted = await self.answer(teacher, made_id)
        assert accepted.status_code == 200, accepted.text
        await self.settle()
        return made_id

    async def status(self, who: str, path: str) -> int:
        """Of a GET."""
        async with self.client(path.split("/")[1], f"north/{who}") as client:
            return (await client.get(path)).status_code

    async def sees(self, who: str, teacher: str = "teacher") -> set[str]:
        """The services that show `who` the teacher's work: her lists and her card."""
        paths = {
            "goals": f"/goals/v1/goals?teacher_id={teacher}",
            "surveys": f"/surveys/v1/administrations?teacher_id={teacher}",
            "observations": f"/observations/v1/observations?teacher_id={teacher}",
            "insights": f"/insights/v1/cards/{teacher}",
        }
        return {name for name, path in paths.items() if await self.status(who, path) == 200}

    async def caseload(self, coach: str = "coach", query: str = "") -> list[Any]:
        """The entries."""
        path = f"/insights/v1/caseloads/{coach}{query}"
        found = await self.ask(f"north/{coach}", "GET", path)
        entries: list[Any] = found.json()["entries"]
        return entries


async def staffed(districts: Districts | None = None, **changed: Held | None) -> Staffed:
    platform = Staffed(districts)
    await platform.roster(**changed)
    return platform
