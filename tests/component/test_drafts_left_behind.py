"""What somebody who has left had drafted for everybody is not there for ever: an administrator
takes it back or publishes it."""

from __future__ import annotations

import pytest

from tests.support.operations import example_body
from tests.support.staff import Staffed, staffed

DRAFTS = {"draft_tool": "/observations/v1/tools", "draft_instrument": "/surveys/v1/instruments"}
everywhere = pytest.mark.parametrize("operation", DRAFTS)


class Shelf:
    def __init__(self, north: Staffed, operation: str) -> None:
        self.north, self.place = north, DRAFTS[operation]
        self.body = example_body(north, operation, {})

    async def drafted(self) -> str:
        """By the coach; its path."""
        answer = await self.north.ask("north/coach", "POST", self.place, self.body)
        return str(answer.headers["location"])

    async def withdraw(self, who: str, path: str) -> tuple[int, str]:
        return await self.do(who, f"{path}/withdraw")

    async def do(self, who: str, path: str) -> tuple[int, str]:
        """Status, and state or code."""
        service = self.place.split("/")[1]
        async with self.north.client(service, f"north/{who}") as client:
            answer = await client.post(path)
        said = answer.json()
        return answer.status_code, said.get("state") or said["code"]


@everywhere
async def test_an_administrator_withdraws_a_draft_whose_author_has_left(operation: str) -> None:
    north = await staffed()
    shelf = Shelf(north, operation)
    path = await shelf.drafted()
    await north.roster(coach=None)
    for who in ("other", "leader", "teacher"):
        assert await shelf.withdraw(who, path) == (403, "author_only")
    assert await shelf.withdraw("admin", path) == (200, "withdrawn")
    assert await shelf.withdraw("admin", path) == (409, "not_draft")


@everywhere
async def test_as_long_as_its_author_is_there_it_is_hers_alone(operation: str) -> None:
    north = await staffed()
    shelf = Shelf(north, operation)
    path = await shelf.drafted()
    assert await shelf.withdraw("admin", path) == (403, "author_only")
    assert await shelf.withdraw("coach", path) == (200, "withdrawn")


@everywhere
async def test_a_draft_is_published_by_its_author_and_by_an_administrator_once_she_has_left(
    operation: str,
) -> None:
    north = await staffed()
    shelf = Shelf(north, operation)
    hers, left = await shelf.drafted(), await shelf.drafted()
    for who in ("other", "leader", "teacher", "admin"):
        assert await shelf.do(who, f"{hers}/publish") == (403, "author_only")
    assert await shelf.do("coach", f"{hers}/publish") == (200, "published")
    await north.roster(coach=None)
    assert await shelf.do("other", f"{left}/publish") == (403, "author_only")
    assert await shelf.do("admin", f"{left}/publish") == (200, "published")


@everywhere
async def test_what_is_published_stays_whoever_has_left(operation: str) -> None:
    north = await staffed()
    shelf = Shelf(north, operation)
    path = await shelf.drafted()
    await north.ask("north/coach", "POST", f"{path}/publish")
    await north.roster(coach=None)
    assert await shelf.withdraw("admin", path) == (409, "not_draft")
