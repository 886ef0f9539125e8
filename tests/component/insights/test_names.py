"""A teacher's name belongs to her and not to one of her years: it stands on every card."""

from __future__ import annotations

from typing import Any

import pytest

from services.insights.live.read import Watch, watch_caseload
from services.insights.live.stream import Message, MessageKind
from tests.support.insight import COACH, YEAR, Insights, small_district


async def read(insights: Insights, path: str, part: str) -> Any:
    async with insights.client(f"north/{COACH}") as client:
        answer = await client.get(f"/insights/v1/{path}")
    assert answer.status_code == 200, answer.text
    return answer.json()[part]


@pytest.mark.parametrize("years", [[], [YEAR - 1], [YEAR, YEAR + 1]])
async def test_a_card_has_her_name_whatever_years_the_roster_speaks_of(years: list[int]) -> None:
    insights = await small_district()
    insights.person("t1", family="Rivera-Soto", school_years=years)
    await insights.settle()
    card = await read(insights, "cards/t1", "entry")
    assert (card["given_name"], card["family_name"]) == ("T1", "Rivera-Soto")
    assert card["school_ids"] == ["school-1"]
    entries = await read(insights, "caseload", "entries")
    assert {each["family_name"] for each in entries} == {"Rivera-Soto", "Rivera"}


async def test_a_card_of_any_year_has_her_name() -> None:
    insights = await small_district()
    insights.progress("t1", 12, "goal-of-2044", school_year=2044)
    await insights.settle()
    card = await read(insights, "cards/t1?school_year=2044", "entry")
    assert card["family_name"] == "Rivera"


async def test_who_has_no_events_yet_has_a_card_of_the_present_year_alone() -> None:
    insights = await small_district()
    async with insights.client("north/t4") as client:
        found = (await client.get("/insights/v1/cards/t4")).json()["entry"]
        other = await client.get(f"/insights/v1/cards/t4?school_year={YEAR - 1}")
    assert (found["given_name"], found["open_goals"], found["flags"]) == ("T4", [], [])
    assert other.status_code == 404


async def waiting(watch: Watch) -> list[Message]:
    found = []
    while (message := await watch.reader.mailbox.take(0)) is not None:
        found.append(message)
    return found


def named(messages: list[Message]) -> list[str]:
    return [each.entry.card.family_name for each in messages if each.entry]


async def test_a_live_caseload_hears_of_a_name() -> None:
    insights = await small_district()
    watch = await watch_caseload(insights.ports.live, insights.call("watch_caseload"))
    assert named(await waiting(watch)) == ["Rivera", "Rivera"]
    insights.person("t1", family="Rivera-Soto")
    insights.person("t3", family="Of another coach")
    await insights.settle()
    told = await waiting(watch)
    assert named(told) == ["Rivera-Soto"]
    watch.close()
    insights.person("t2", family="Rivera-Diaz")
    await insights.settle()
    call = insights.call("watch_caseload")
    again = await watch_caseload(insights.ports.live, call, token=told[-1].token)
    missed = await waiting(again)
    assert (missed[0].kind, named(missed)) == (MessageKind.ENTRY, ["Rivera-Diaz"])
    again.close()
