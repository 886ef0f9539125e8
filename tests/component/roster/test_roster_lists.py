"""The lists of the roster service as they are called over REST, on memory adapters."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

import httpx2

from services.roster import bootstrap
from tests.support.edges import as_, over_rest
from tests.support.jobs_suite import NOW, job
from tests.support.roster_files import Service, good_files

V1 = "http://roster/roster/v1"


@asynccontextmanager
async def rest(service: Service, person: str = "admin-1") -> AsyncIterator[httpx2.AsyncClient]:
    routers, _ = bootstrap.edges(service.ports)
    async with over_rest(routers, bootstrap.policies()) as client:
        client.headers.update(as_(person))
        yield client


async def test_lists_are_paged() -> None:
    service = Service()
    await service.load(good_files())
    found: list[str] = []
    async with rest(service) as client:
        path = f"{V1}/people?page_size=3"
        while path:
            answer = await client.get(path)
            found += [each["person_id"] for each in answer.json()["people"]]
            link = answer.headers.get("link", "")
            path = f"http://roster{link.partition('>')[0][1:]}" if link else ""
        other = await client.get(f"{V1}/classes?teacher_id=teacher-1")
        orgs = await client.get(f"{V1}/orgs")
        sessions = await client.get(f"{V1}/academic-sessions")
        person = await client.get(f"{V1}/people/teacher-1")
    assert found == ["admin-1", "coach-1", "teacher-1", "teacher-2"]
    assert other.json()["classes"][0]["student_count"] == 2
    assert [each["parent_org_id"] for each in orgs.json()["orgs"]] == [None, "district", "district"]
    assert [each["school_year"] for each in sessions.json()["sessions"]] == [2027] * 3
    assert person.headers["etag"] == '"1"'
    assert person.json()["roles"][1]["role"] == "teacher"


async def test_another_districts_people_look_missing() -> None:
    service = Service()
    await service.load(good_files())
    async with rest(service, "admin-1@south") as client:
        answer = await client.get(f"{V1}/people/teacher-1")
    assert answer.status_code == 404


async def test_imports_of_all_days_are_reached_by_pages_and_by_date() -> None:
    """A district's day begins where its clock says so."""
    service = Service()
    jobs, begin = service.ports.imports.jobs, NOW - timedelta(days=40)
    for number in range(120):
        await jobs.add(job(f"{number:03}", made_at=begin + number * timedelta(hours=8)))
    sent = [f"{number:03}" for number in range(120)]
    async with rest(service) as client:

        async def listed(path: str) -> list[str]:
            found: list[str] = []
            query = path
            while True:
                page = (await client.get(f"{V1}/imports?{query}")).json()
                found += [each["import_id"] for each in page["imports"]]
                if not page["next_page_token"]:
                    return found
                query = f"{path}&page_token={page['next_page_token']}"

        assert await listed("page_size=50") == sent[::-1]
        day = str(service.ports.imports.days.day_of("north", NOW - timedelta(days=10)))
        of_day = await listed(f"from_date={day}&to_date={day}")
        before = await listed(f"to_date={day}&page_size=7")
        since = await listed(f"from_date={day}&page_size=2")
        assert len(of_day) == 3
        assert before[:3] == of_day == since[-3:]
        assert len(before) + len(since) == len(sent) + 3
        for query in ("from_date=2026-13-01", "from_date=2026-11-02&to_date=2026-11-01"):
            assert (await client.get(f"{V1}/imports?{query}")).status_code == 422
