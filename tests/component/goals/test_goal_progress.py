"""All progress of a goal and all its revisions, page by page: what the goal holds, what is on its
way out and what has left it is one list, and is put right alike."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from services.chassis.write.memory_documents import MemoryDocuments
from services.goals.goal.domain import KEPT_REVISIONS
from services.goals.goal.progress import KEPT
from tests.support.filled import Filled
from tests.support.filling import COACH, TEACHER
from tests.support.operations import example_body

COUNT = 2 * KEPT + 5
HER, HIS = f"north/{TEACHER}", f"north/{COACH}"


class Site:
    """A goal with progress from 1 to `COUNT`, of which the first have left it."""

    def __init__(self) -> None:
        self.platform = Filled()
        self.goal = ""

    async def begin(self) -> None:
        await self.platform.fill("north")
        body = example_body(self.platform, "draft_goal", self.platform.ids["north"])
        made = (await self.platform.ask(HER, "POST", "/goals/v1/goals", body)).json()
        self.goal = f"/goals/v1/goals/{made['goal_id']}"
        await self.platform.ask(HER, "POST", f"{self.goal}/activate")
        for value in range(1, COUNT + 1):
            said = {"value": value, "note": f"note {value}"}
            await self.platform.ask(HIS, "POST", f"{self.goal}/progress", said)

    async def listed(self, size: int = 7, what: str = "progress") -> list[dict[str, Any]]:
        """Newest first."""
        items: list[dict[str, Any]] = []
        token = ""
        while True:
            url = f"{self.goal}/{what}?page_size={size}&page_token={token}"
            page = (await self.platform.ask(HER, "GET", url)).json()
            assert len(page[what]) <= size
            items += page[what]
            token = page["next_page_token"]
            if not token:
                return items

    async def itself(self) -> dict[str, Any]:
        found: dict[str, Any] = (await self.platform.ask(HER, "GET", self.goal)).json()
        return found


@pytest.fixture
async def site() -> Site:
    made = Site()
    await made.begin()
    return made


async def test_it_is_one_list_wherever_the_values_are(site: Site) -> None:
    expected = [(n, float(n), f"note {n}") for n in range(COUNT, 0, -1)]
    for settled in (False, True):
        if settled:
            await site.platform.settle()
        for size in (1, 7, KEPT, COUNT, 200):
            found = await site.listed(size)
            told = [(each["progress_number"], each["value"], each["note"]) for each in found]
            assert told == expected
    goal = await site.itself()
    held = [each["progress_number"] for each in goal["progress"]]
    assert held == list(range(COUNT - len(held) + 1, COUNT + 1))
    assert KEPT <= len(held) <= 2 * KEPT
    assert (goal["current"], goal["previous"], goal["progress_count"]) == (COUNT, COUNT - 1, COUNT)
    newest = found[: len(held)]
    assert goal["progress"] == newest[::-1]


@pytest.mark.parametrize("settled", [False, True])
async def test_a_value_that_has_left_is_corrected_and_voided(site: Site, settled: bool) -> None:
    if settled:
        await site.platform.settle()
    for person, value in ((HIS, 22), (HER, 23)):
        change = {"value": value, "reason": "mistyped"}
        changed = await site.platform.ask(person, "PUT", f"{site.goal}/progress/2", change)
    assert changed.json()["progress_count"] == COUNT
    voided = await site.platform.ask(HIS, "POST", f"{site.goal}/progress/3/void")
    assert voided.json()["progress_count"] == COUNT - 1
    refused = await site.platform.ask(HIS, "POST", f"{site.goal}/progress/3/void", status=409)
    assert refused.json()["code"] == "progress_voided"
    for _ in range(2):
        found = {each["progress_number"]: each for each in await site.listed()}
        assert list(found) == list(range(COUNT, 0, -1))
        assert (found[2]["value"], found[2]["note"]) == (23, "note 2")
        assert [each["value"] for each in found[2]["earlier"]] == [2, 22]
        assert found[3]["voided_by"] == COACH
        assert found[1]["voided_at"] is None
        await site.platform.settle()
    assert (await site.itself())["current"] == COUNT


async def test_all_that_it_said_before_is_a_list_too(site: Site) -> None:
    count = 2 * KEPT_REVISIONS + 2
    for number in range(1, count + 1):
        version = (await site.itself())["version"]
        said = {"statement": f"said {number}", "reason": f"reason {number}"}
        seen = {"If-Match": f'"{version}"'}
        await site.platform.ask(HER, "POST", f"{site.goal}/revise", said, headers=seen)
    for _ in range(2):
        found = await site.listed(5, "revisions")
        assert [(each["revision"], each["reason"]) for each in found] == [
            (number, f"reason {number}") for number in range(count, 0, -1)
        ]
        await site.platform.settle()
    held = (await site.itself())["earlier_revisions"]
    assert held == found[: len(held)][::-1]
    assert len(held) < count
    assert len(await site.listed()) == COUNT


async def test_a_change_that_comes_again_is_answered_alike(site: Site) -> None:
    for path, body in (("2", {"value": 22, "reason": "mistyped"}), ("3/void", None)):
        answers = []
        for _ in range(2):
            verb, key = "POST" if body is None else "PUT", {"Idempotency-Key": f"k{path}"}
            url = f"{site.goal}/progress/{path}"
            answers.append(await site.platform.ask(HIS, verb, url, body, headers=key))
            await site.platform.settle()
        assert answers[0].json() == answers[1].json()
    found = {each["progress_number"]: each for each in await site.listed()}
    assert len(found[2]["earlier"]) == 1


async def test_what_has_left_is_in_no_event_and_not_in_the_goal(site: Site) -> None:
    await site.platform.settle()
    service = site.platform.services["goals"]
    assert isinstance(service.backing.store, MemoryDocuments)
    stored = service.backing.store._stored[site.goal.rpartition("/")[2]]
    assert b"note 40" in stored.state
    assert b"note 4\x00" not in stored.state
    published = [each.value or b"" for each in site.platform.log.all("coaching.goals.v1")]
    journal = await service.backing.journal.read("", None, "", 10_000)
    assert len(published) > COUNT
    for data in (*published, *(each.event.data for each in journal)):
        assert b"note" not in data
    assert not any(each.event.entries for each in journal)


async def test_a_token_is_a_goals_own_and_nobody_else_reads(site: Site) -> None:
    page = (await site.platform.ask(HER, "GET", f"{site.goal}/progress?page_size=2")).json()
    token = page["next_page_token"]
    raw = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))
    other = f"/goals/v1/goals/{site.platform.ids['north']['goal_id']}/progress"
    own = f"{site.goal}/progress"
    forgeries = [(own, forged(raw, end)) for end in (b"x", b"-1", b"9" * 400)]
    for url, asked in ((other, token), *forgeries):
        refused = await site.platform.ask(HER, "GET", f"{url}?page_token={asked}", status=422)
        assert refused.json()["code"] == "page_token"
    for stranger in ("north/teacher-0002", "south/teacher-0001", "north/admin-01"):
        await site.platform.ask(stranger, "GET", f"{site.goal}/progress", status=404)


def forged(raw: bytes, end: bytes) -> str:
    """A token of the same list with another place in it."""
    return base64.urlsafe_b64encode(raw[:13] + end).decode().rstrip("=")
