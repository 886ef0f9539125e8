"""What her schools are called stands beside their ids on every card, and follows the roster."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

import pytest

from services.chassis.kernel import Fault, Kind
from services.chassis.troubles import Troubles
from services.chassis.views.projection import Row
from services.insights.caseload.entries import CaseloadEntries
from services.insights.caseload.named_cards import NamedCards
from services.insights.caseload.resources import entry_bytes
from services.insights.live.read import Watch, watch_caseload
from services.insights.live.stream import Message, MessageKind
from services.insights.org.fold import ORGS
from services.insights.org.read import MOST, OrgNames
from tests.support.insight import COACH, Insights, small_district, view_on
from tests.support.waiting import eventually


@pytest.fixture
async def insights() -> Insights:
    made = await small_district()
    made.person(COACH, "ext:coach", family="Castillo")
    made.org("school-1", "First")
    await made.settle()
    return made


async def read(insights: Insights, path: str) -> Any:
    async with insights.client(f"north/{COACH}") as client:
        return (await client.get(f"/insights/v1/{path}")).json()


async def named(insights: Insights) -> list[Any]:
    """On a card, and on the caseload."""
    entries = (await read(insights, "caseload"))["entries"]
    assert [each["school_ids"] for each in entries] == [["school-1"]] * 2
    found = [(await read(insights, "cards/t1"))["entry"]["school_names"]]
    return found + [each["school_names"] for each in entries]


async def test_schools_and_the_coach_are_named_beside_their_ids(insights: Insights) -> None:
    assert await named(insights) == [["First"]] * 3
    caseload = await read(insights, "caseload")
    assert (caseload["coach_id"], caseload["coach_name"]) == (COACH, "Coach-1 Castillo")
    insights.org("school-1", "Renamed")
    insights.org("school-2", "Another")
    await insights.settle()
    assert await named(insights) == [["Renamed"]] * 3
    insights.org("school-1", "Renamed", active=False)
    await insights.settle()
    assert await named(insights) == [[""]] * 3


async def test_a_name_of_another_district_is_none_here(insights: Insights) -> None:
    insights.district = "south"
    insights.org("school-1", "Theirs")
    await insights.settle()
    assert await named(insights) == [["First"]] * 3


async def test_an_event_of_another_org_than_its_key_says_is_parked(insights: Insights) -> None:
    insights.org("school-1", "Wrong")
    (topic,) = {each.topic for each in insights.log.all("coaching.roster.v1")}
    last = insights.log.all(topic)[-1]
    key = b"north:school-2"
    headers = [(name, key if name == "ce_partitionkey" else value) for name, value in last.headers]
    insights.log.append(topic, key, last.value, headers)
    await insights.settle()
    rows = insights.views.rows[ORGS]
    assert set(rows) == {"north:school-1"}


async def waiting(watch: Watch) -> list[Message]:
    found = []
    while (message := await watch.reader.mailbox.take(0)) is not None:
        found.append(message)
    return found


async def test_live_it_is_told_when_all_is_looked_at_and_to_who_comes_back(
    insights: Insights,
) -> None:
    ports = insights.ports.live
    call = insights.call("watch_caseload")
    watch = await watch_caseload(ports, call)
    before = await waiting(watch)
    insights.org("school-1", "Renamed")
    await insights.settle()
    await ports.hub.evaluate()
    told = [each.entry for each in await waiting(watch) if each.entry]
    assert [each.card.school_names for each in told] == [("Renamed",)] * 2
    watch.close()
    again = await watch_caseload(ports, call, token=before[-1].token)
    assert (await waiting(again))[0].kind is MessageKind.RESET
    again.close()


class Store:
    """Of orgs: north's are as told."""

    def __init__(self, *rows: Row) -> None:
        self.rows: Sequence[Row] = rows
        self.asked = 0
        self.down = False

    async def orgs(self, district: str, most: int) -> Sequence[Row]:
        self.asked += 1
        if self.down:
            raise Fault(Kind.UNAVAILABLE, "store_unavailable")
        assert most == MOST
        return self.rows if district == "north" else ()


def row(org: str, name: Any, district: str = "north") -> Row:
    value = {"v": 1, "at": None, "active": True, "org": org, "name": name}
    return {"_id": f"{district}:{org}", "district": district, "facts": {"org": {org: value}}}


async def test_names_are_read_once_and_again_by_and_by(monkeypatch: pytest.MonkeyPatch) -> None:
    store = Store(row("a", "A"))
    names = OrgNames(store, Troubles())
    assert (await names.of("north")).of(["a", "b"]) == ("A", "")
    first = await names.of("north")
    assert (await names.of("south")).names == {}
    assert store.asked == 2
    store.rows = [row("a", "A2"), row("broken", 7), row("c", "C", "south")]
    monkeypatch.setattr(OrgNames, "every_seconds", 0.001)
    stop = asyncio.Event()
    running = asyncio.create_task(names.run(stop))
    await eventually(lambda: names.known("north").names == {"a": "A2"})
    assert names.known("north").means != first.means
    store.down = True
    asked = store.asked
    await eventually(lambda: store.asked > asked + 1)
    assert names.known("north").names == {"a": "A2"}
    stop.set()
    await running


async def test_a_kept_caseload_is_written_anew_when_a_school_is_called_otherwise(
    insights: Insights,
) -> None:
    store = Store(row("school-1", "First"))
    orgs = OrgNames(store, Troubles(), cached=False)
    known = insights.ports.caseload.cards
    cards = NamedCards(known._cards, insights.directory, orgs, known.programs)
    almanac = insights.ports.caseload.almanac
    entries = CaseloadEntries(cards, almanac, entry_bytes)

    async def names() -> list[bool]:
        await almanac.refresh()
        now = insights.clock.now()
        found = await entries.caseload(view_on(now.date()), now)
        return [b'"school_names":["Second"]' in each for each in found.bodies]

    assert await names() == [False, False]
    store.rows = [row("school-1", "Second")]
    assert await names() == [True, True]
