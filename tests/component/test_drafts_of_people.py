"""Whose a draft is, when its author leaves, is one person with another, or what is about somebody
is erased on order."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from services.access.erasures import SECOND_LOOK
from services.assembly.drafts.duties import PAUSE
from services.goals import bootstrap as goals
from services.observations import bootstrap as observations
from services.privacy.erasure.domain import SETTLES
from services.programs import bootstrap as programs
from services.surveys import bootstrap as surveys
from tests.support.staff import Staffed, staffed
from tests.support.twice import NEW, OLD, Twice

KINDS = {each.NAME: each.DRAFTS[0] for each in (goals, observations, programs, surveys)}
everywhere = pytest.mark.parametrize("service", KINDS)
COACH = [("ext:coach", "", "")]


async def save(
    north: Staffed, service: str, who: str, name: str, text: str = "so far", **more: str
) -> None:
    body = {"kind": KINDS[service], "texts": [{"name": "note", "text": text}], **more}
    await north.ask(f"north/{who}", "PUT", f"/{service}/v1/drafts/{name}", body)


async def drafts(north: Staffed, service: str, who: str) -> dict[str, Any]:
    """By their ids: of whom each is said to be about."""
    listed = (await north.ask(f"north/{who}", "GET", f"/{service}/v1/drafts")).json()["drafts"]
    return {each["draft_id"]: each["teacher_id"] for each in listed}


async def passes(north: Staffed, span: timedelta) -> None:
    north.clock.forward(seconds=span.total_seconds())
    await north.settle()


@everywhere
async def test_a_week_after_she_has_left_her_drafts_are_no_more(service: str) -> None:
    north = await staffed()
    for who in ("coach", "other"):
        await save(north, service, who, "d1")
    await north.roster(coach=None)
    await passes(north, PAUSE)
    await north.roster(coach=COACH)
    assert await drafts(north, service, "coach") == {}
    assert await drafts(north, service, "other") == {"d1": None}


@everywhere
async def test_who_was_left_out_by_mistake_finds_hers(service: str) -> None:
    north = await staffed()
    await save(north, service, "coach", "d1")
    await north.roster(coach=None)
    await passes(north, PAUSE - timedelta(hours=1))
    await north.roster(coach=COACH)
    await passes(north, timedelta(days=2))
    assert await drafts(north, service, "coach") == {"d1": None}


@everywhere
async def test_two_records_of_one_person_have_one_desk_until_they_are_parted(
    service: str,
) -> None:
    twice = await Twice().begin()
    north = twice.north
    await save(north, service, OLD, "hers", "of the old one")
    await save(north, service, NEW, "own", teacher_id="peer")
    await save(north, service, "coach", "d1", teacher_id=OLD)
    await save(north, service, "coach", "d2", teacher_id=NEW)
    match = await twice.merged()
    assert await drafts(north, service, NEW) == {"hers": None, "own": "peer"}
    moved = await twice.get(NEW, f"/{service}/v1/drafts/hers")
    assert moved["texts"] == [{"name": "note", "text": "of the old one"}]
    assert await drafts(north, service, "coach") == {"d1": NEW, "d2": NEW}
    await twice.later()
    await twice.separate(match)
    await north.settle()
    assert await drafts(north, service, OLD) == {"hers": None}
    assert await drafts(north, service, NEW) == {"own": "peer"}
    assert await drafts(north, service, "coach") == {"d1": OLD, "d2": NEW}


async def test_both_stay_where_the_two_records_used_one_id() -> None:
    twice = await Twice().begin()
    for who in (OLD, NEW):
        await save(twice.north, "goals", who, "same", who)
    await twice.merged()
    listed = await drafts(twice.north, "goals", NEW)
    assert len(listed) == 2
    texts = {(await twice.get(NEW, f"/goals/v1/drafts/{each}"))["texts"][0]["text"]
             for each in listed}  # fmt: skip
    assert texts == {OLD, NEW}
    assert (await twice.get(NEW, "/goals/v1/drafts/same"))["texts"][0]["text"] == NEW


@everywhere
async def test_erased_are_hers_those_about_her_and_those_about_what_was_hers(
    service: str,
) -> None:
    twice = await Twice().begin()
    north = twice.north
    goal = await twice.goal(NEW)
    await save(north, service, NEW, "own")
    await save(north, service, "coach", "about", teacher_id=NEW)
    await save(north, service, "coach", "thing", about_id=goal)
    await save(north, service, "coach", "another", teacher_id=OLD)
    order = f"/privacy/v1/erasures/{NEW}"
    await twice.post("admin", f"{order}/order", {"reason": "She has asked for it."})
    north.clock.forward(seconds=1)
    await save(north, service, NEW, "later")
    await north.settle()
    await passes(north, SECOND_LOOK)
    assert (await twice.get("admin", order))["state"] == "done"
    assert await drafts(north, service, NEW) == {"later": None}
    left = await drafts(north, service, "coach")
    # a service finds what is about its own things
    assert left == {"another": OLD, **({} if service == "goals" else {"thing": None})}


async def kept(north: Staffed, service: str, name: str, **more: str) -> tuple[int, str]:
    """Status and code, where the coach's page saves what she is typing."""
    body = {"kind": KINDS[service], "texts": [{"name": "note", "text": "of her"}], **more}
    async with north.client(service, "north/coach") as client:
        answer = await client.put(f"/{service}/v1/drafts/{name}", json=body)
    return answer.status_code, answer.json().get("code", "")


async def ordered(twice: Twice) -> str:
    """The path of an order to erase what is about her."""
    order = f"/privacy/v1/erasures/{NEW}"
    await twice.post("admin", f"{order}/order", {"reason": "She has asked for it."})
    return order


@everywhere
async def test_no_page_that_is_still_open_brings_back_what_was_erased(service: str) -> None:
    twice = await Twice().begin()
    north = twice.north
    goal = await twice.goal(NEW)
    open_pages = {"about": {"teacher_id": NEW}}
    if service == "goals":
        open_pages["thing"] = {"about_id": goal}
    for name, more in open_pages.items():
        assert await kept(north, service, name, **more) == (200, "")
    order = await ordered(twice)
    await north.settle()
    for _ in range(2):
        north.clock.forward(seconds=3)
        for name, more in open_pages.items():
            assert await kept(north, service, name, **more) == (409, "draft_erased")
            assert await kept(north, service, name) == (409, "draft_erased")
        await passes(north, SECOND_LOOK)
    assert (await twice.get("admin", order))["state"] == "done"
    assert await drafts(north, service, "coach") == {}
    assert await kept(north, service, "something-new") == (200, "")


async def test_what_was_begun_about_a_thing_while_it_was_erased_goes_too() -> None:
    twice = await Twice().begin()
    north = twice.north
    goal = await twice.goal(NEW)
    order = await ordered(twice)
    await north.settle()
    north.clock.forward(seconds=1)
    assert await kept(north, "goals", "thing", about_id=goal) == (200, "")
    assert await kept(north, "goals", "another", about_id="another") == (200, "")
    await passes(north, SECOND_LOOK)
    assert (await twice.get("admin", order))["state"] == "done"
    assert await drafts(north, "goals", "coach") == {"another": None}


@everywhere
async def test_a_page_that_knows_her_by_the_record_that_was_given_up_types_about_her(
    service: str,
) -> None:
    twice = await Twice().begin()
    north = twice.north
    await save(north, service, "coach", "d1", teacher_id=OLD)
    match = await twice.merged()
    await twice.later()
    for name in ("d1", "d2"):
        await save(north, service, "coach", name, "more of her", teacher_id=OLD)
    assert await drafts(north, service, "coach") == {"d1": NEW, "d2": NEW}
    await twice.separate(match)
    await north.settle()
    assert await drafts(north, service, "coach") == {"d1": OLD, "d2": OLD}
    await save(north, service, "coach", "d3", teacher_id=OLD)
    await twice.later()
    await twice.merged()
    await twice.later()
    await save(north, service, "coach", "d1", "and more", teacher_id=OLD)
    north.clock.forward(seconds=60)
    order = await ordered(twice)
    await passes(north, SETTLES)
    await passes(north, SECOND_LOOK)
    assert (await twice.get("admin", order))["state"] == "done"
    assert await drafts(north, service, "coach") == {}


@everywhere
async def test_who_was_back_for_a_day_has_a_week_once_more(service: str) -> None:
    north = await staffed()
    await save(north, service, "coach", "d1")
    await north.roster(coach=None)
    await passes(north, PAUSE - timedelta(days=1))
    await north.roster(coach=COACH)
    await north.roster(coach=None)
    await passes(north, PAUSE - timedelta(hours=1))
    await north.roster(coach=COACH)
    assert await drafts(north, service, "coach") == {"d1": None}
    await north.roster(coach=None)
    await passes(north, PAUSE)
    await north.roster(coach=COACH)
    assert await drafts(north, service, "coach") == {}
