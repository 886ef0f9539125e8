"""What programs plan, on a real MongoDB: read rarely, and never of another district."""

from __future__ import annotations

from datetime import date
from typing import Any

from services.chassis.troubles import Troubles
from services.chassis.views.memory_views import MemoryViews
from services.insights.caseload.memory_cards import MemoryCards
from services.insights.program.domain import Thresholds
from services.insights.program.fold import FACTS
from services.insights.program.read import ProgramPlans
from tests.integration.test_caseload_mongo import Store, store
from tests.support.clocks import START

__all__ = ["store"]


def program(number: int, district: str = "north", **said: Any) -> dict[str, Any]:
    names = (each for each in FACTS._names)
    value = dict.fromkeys(names) | {
        "program": f"p{number:02}",
        "running": True,
        "school_year": 2027,
        "session": "",
        "large": False,
        "leads": ["leader-01"],
        "planned_contacts": 18,
        "steps": [],
        **said,
    }
    facts = {"program": {"a": {"v": 1, "at": START, **value}}}
    return {"_id": f"{district}:p{number:02}", "district": district, "facts": facts}


async def test_the_plans_of_a_district_are_one_command_and_one_more_for_cohorts(
    store: Store,
) -> None:
    plain = [program(number, gap_percent=60) for number in range(20)]
    theirs = [program(number, "south") for number in range(7)]
    await store.own["programs"].insert_many([*plain, *theirs])
    await store.cards.as_of()
    store.commands.clear()
    plans = ProgramPlans(store.cards, Troubles())
    first = await plans.of("north")
    assert store.commands.counts() == {"find": 1}
    assert await plans.of("north") is first
    assert store.commands.counts() == {"find": 1}
    assert len(first.plans) == 20
    assert first.plans["p07"].thresholds == Thresholds(gap_percent=60)

    await store.own["programs"].insert_one(program(20, session="s1"))
    session = {"type": "term", "starts": "2026-09-01", "ends": "2026-12-19", "school_year": 2027}
    fact = {"v": 1, "at": START, "active": True, **session}
    for district in ("north", "south"):
        row = {"_id": f"{district}:s1", "district": district, "facts": {"session": {"s1": fact}}}
        await store.own["calendars"].insert_one(row)
    store.commands.clear()
    again = await ProgramPlans(store.cards, Troubles()).of("north")
    assert store.commands.counts() == {"find": 2}
    assert again.plans["p20"].span == (date(2026, 9, 1), date(2026, 12, 19))
    assert again.means != first.means


async def test_both_adapters_find_the_same(store: Store) -> None:
    await store.own["programs"].insert_many([program(3), program(1), program(2, "south")])
    in_memory = MemoryCards(views := MemoryViews())
    for name in ("programs", "calendars"):
        views.rows[name] = {row["_id"]: row async for row in store.own[name].find().sort("_id", 1)}
    await store.cards.as_of()
    for most in (1, 5):
        for district in ("north", "south", "west"):
            found = await store.cards.programs(district, most)
            assert found == await in_memory.programs(district, most)
            assert await store.cards.sessions(district, ["s1"]) == []
            assert await in_memory.sessions(district, ["s1"]) == []
