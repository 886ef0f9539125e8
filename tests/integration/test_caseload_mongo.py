"""Caseloads on a real MongoDB: what a read costs, and how a change is heard of."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest

from services.access.directory import CachedDirectory
from services.access.profile import People, Profile, Tie
from services.assembly.access_rows import AccessRowsOf
from services.chassis.backing import MongoRows
from services.chassis.mongo import Database, connect, database
from services.chassis.troubles import Troubles
from services.chassis.views.freshness import NEVER
from services.chassis.views.generations import CurrentViews
from services.chassis.views.memory_views import MemoryViews
from services.chassis.views.mongo_views import MongoViews
from services.chassis.views.projection import Row
from services.chassis.views.rows import Generation
from services.chassis.views.watch import RowWatch
from services.ctl.engines import Engines
from services.insights.calendar.read import Almanac
from services.insights.caseload.cards import card_of
from services.insights.caseload.caseloads import rows_of
from services.insights.caseload.domain.entry import CaseloadEntry
from services.insights.caseload.entries import CaseloadEntries
from services.insights.caseload.fold import GROUP
from services.insights.caseload.memory_cards import MemoryCards
from services.insights.caseload.mongo_cards import MongoCards, _but
from services.insights.caseload.named_cards import NamedCards
from services.insights.caseload.stores import CardMark, CaseloadViews
from services.insights.live.notices import MongoNotices
from services.insights.org.read import OrgNames
from services.insights.program.read import ProgramPlans
from tests.support.clocks import START, FakeClock
from tests.support.commands import Commands
from tests.support.days import DAYS
from tests.support.insight import view_on
from tests.support.waiting import HANGS, eventually


class Store:
    def __init__(self, own: Database, commands: Commands) -> None:
        self.own, self.commands = own, commands
        self.views = MongoViews(own)
        self.cards = MongoCards(own, self.views)

    async def put(
        self, teacher: str, *coaches: str, year: int = 2027, into: str = "cards", rev: str = "1.0"
    ) -> None:
        row = {
            "district": "north",
            "teacher": teacher,
            "school_year": year,
            "coaches": list(coaches),
            "facts": {},
            "incomplete": {},
            "rev": rev,
        }
        await self.own[into].replace_one({"_id": f"north:{teacher}:{year}"}, row, upsert=True)


class Coached:
    """People of whom each has these relationships, held as a directory holds them."""

    def __init__(self, *ties: Tie) -> None:
        self._ties = ties
        self._held: dict[str, Profile] = {}

    async def profiles(
        self, district: str, persons: Collection[str]
    ) -> Mapping[str, Profile | None]:
        for person in persons:
            self._held.setdefault(person, Profile(person, True, (), self._ties))
        return {person: self._held[person] for person in persons}


@pytest.fixture
async def store(engines: Engines) -> AsyncIterator[Store]:
    commands = Commands()
    client = connect(engines.mongodb_uri, "test", (commands,))
    own = database(client, f"test_{uuid4().hex[:12]}")
    found = Store(own, commands)
    await found.cards.ensure_indexes()
    try:
        yield found
    finally:
        await client.drop_database(own.name)
        client.close()


async def orgs_of(store: Store) -> OrgNames:
    """Asked for once."""
    found = OrgNames(store.cards, Troubles())
    await found.of("north")
    return found


async def named(store: Store, people: People) -> NamedCards:
    """With what stands beside cards read already."""
    programs = ProgramPlans(store.cards, Troubles())
    await programs.of("north")
    return NamedCards(store.cards, people, await orgs_of(store), programs)


async def test_a_warm_caseload_is_one_command_that_examines_what_it_returns(store: Store) -> None:
    for number in range(300):
        await store.put(f"t{number}", f"coach-{number % 20}", f"coach-{number % 20 + 20}")
        await store.put(f"t{number}", f"coach-{number % 20}", year=2026)
    almanac = Almanac(store.cards, FakeClock(), DAYS, timedelta(seconds=25))
    await almanac.ready()
    store.commands.clear()
    await almanac.ready()
    rows = await store.cards.caseload("north", "coach-3", 2027)
    assert len(rows) == 15
    assert store.commands.counts() == {"find": 1}
    where = {"district": "north", "coaches": "coach-3", "school_year": 2027}
    plan: dict[str, Any] = await store.own.command(
        {"explain": {"find": "cards", "filter": where}, "verbosity": "executionStats"}
    )
    stats = plan["executionStats"]
    assert (stats["totalDocsExamined"], stats["totalKeysExamined"]) == (15, 15)
    assert [card_of(row).teacher for row in rows if card_of(row).school_year != 2027] == []


async def test_a_kept_caseload_is_one_command_that_moves_what_has_changed(store: Store) -> None:
    for number in range(25):
        await store.put(f"t{number:02}", "coach-1")
    almanac = Almanac(store.cards, FakeClock(), DAYS, timedelta(seconds=25))
    await almanac.ready()
    fetched: list[str] = []

    def render(entry: CaseloadEntry) -> bytes:
        fetched.append(entry.card.teacher)
        return entry.card.teacher.encode()

    cards = await named(store, Coached(Tie("coach-1", 2027)))
    entries = CaseloadEntries(cards, almanac, render)

    async def read() -> list[str]:
        store.commands.clear()
        fetched.clear()
        found = await entries.caseload(view_on(START.date()), START)
        assert found.bodies == [f"t{number:02}".encode() for number in range(25)]
        assert store.commands.counts() == {"find": 1}
        return fetched

    assert len(await read()) == 25
    assert await read() == []
    await store.put("t07", "coach-1", rev="2.0")
    assert await read() == ["t07"]
    assert await read() == []
    broken = {"_id": "north:t08:2027"}
    await store.own["cards"].update_one(broken, {"$set": {"rev": 7}, "$unset": {"facts": ""}})
    assert await read() == ["t08"]  # one card that nobody can read fails no query
    await store.put("t08", "coach-1")
    await read()
    where = {"district": "north", "coaches": "coach-1", "school_year": 2027}
    find = {"find": "cards", "filter": where, "projection": _but(["north:t07:2027 2.0"])}
    plan: dict[str, Any] = await store.own.command({"explain": find, "verbosity": "executionStats"})
    stats = plan["executionStats"]
    assert (stats["totalDocsExamined"], stats["totalKeysExamined"]) == (25, 25)


async def test_names_cost_a_command_where_they_are_not_in_memory_and_change_at_once(
    store: Store,
) -> None:
    async def person(number: int, family: str) -> None:
        fact = {"v": 1, "at": START, "active": True, "family": family, "roles": []}
        tie = {"active": True, "coach": "coach-1", "year": 2027, "told": False}
        facts = {"person": {"p": fact}, "relationships": {"r": tie}}
        row = {"district": "north", "facts": facts, "incomplete": {}}
        await store.own["access"].replace_one({"_id": f"north:t{number}"}, row, upsert=True)

    for number in range(3):
        await store.put(f"t{number}", "coach-1")
        await person(number, "Rivera")
    directory = CachedDirectory(AccessRowsOf("insights", MongoRows(store.own)), seconds=30)
    almanac = Almanac(store.cards, FakeClock(), DAYS, timedelta(seconds=25))
    await almanac.ready()

    def render(entry: CaseloadEntry) -> bytes:
        return f"{entry.card.teacher} {entry.card.family_name}".encode()

    entries = CaseloadEntries(await named(store, directory), almanac, render)

    async def read() -> tuple[list[str], int]:
        store.commands.clear()
        found = await entries.caseload(view_on(START.date()), START)
        return [each.decode() for each in found.bodies], store.commands.counts()["find"]

    await directory.profile("north", "coach-1")  # as the guard does; finds the view's build
    assert await read() == (["t0 Rivera", "t1 Rivera", "t2 Rivera"], 2)
    assert await read() == (["t0 Rivera", "t1 Rivera", "t2 Rivera"], 1)
    await person(1, "Rivera-Soto")
    directory.forget("north:t1")
    assert await read() == (["t0 Rivera", "t1 Rivera-Soto", "t2 Rivera"], 2)
    assert await read() == (["t0 Rivera", "t1 Rivera-Soto", "t2 Rivera"], 1)


async def test_in_the_summer_a_caseload_is_one_command_and_one_for_who_is_new(
    store: Store,
) -> None:
    for number in range(300):
        await store.put(f"t{number}", f"coach-{number % 20}")
    for number in range(20):
        await store.put(f"t{number}", "coach-3", year=2028)
    july = date(2027, 7, 15)
    both = Coached(Tie("coach-3", 2027), Tie("coach-3", 2028))
    await store.cards.caseload("north", "nobody", 2028)  # finds the view's build
    cards = await named(store, both)
    store.commands.clear()
    rows = await rows_of(cards, view_on(july, "coach-3", year=2028))
    assert store.commands.counts() == {"find": 2}
    assert len(rows) == 20 + 15 + 19  # t3 was hers before
    where = {"district": "north", "coaches": "coach-3", "school_year": {"$in": [2028, 2027]}}
    plan: dict[str, Any] = await store.own.command(
        {"explain": {"find": "cards", "filter": where}, "verbosity": "executionStats"}
    )
    assert plan["executionStats"]["totalDocsExamined"] == 35


@pytest.mark.parametrize("kind", ["mongo", "memory"])
async def test_what_is_known_is_left_out_in_the_build_that_is_read(store: Store, kind: str) -> None:
    """Both adapters."""
    await store.put("t1", "coach-1", rev="7.1")
    await store.put("t2", "coach-1", "coach-2", rev="7.1")
    await store.put("t1", "coach-1", into="cards_1", rev="7.1")
    await store.own["cards"].update_one({"_id": "north:t2:2027"}, {"$unset": {"rev": ""}})
    views: MongoViews | MemoryViews = store.views
    cards: CaseloadViews = store.cards
    if kind == "memory":
        cards = MemoryCards(views := MemoryViews())
        for name in ("cards", "cards_1"):
            views.rows[name] = {row["_id"]: row async for row in store.own[name].find()}

    async def listed(known: dict[str, CardMark], coach: str = "coach-1") -> dict[str, Any]:
        found = await cards.unless_known("north", coach, 2027, known)
        return {each.id: (each.mark, each.row and each.row["_id"]) for each in found}

    t1, t2 = "north:t1:2027", "north:t2:2027"
    assert await listed({}) == {t1: (CardMark(0, "7.1"), t1), t2: (None, t2)}
    assert await listed({t1: CardMark(0, "7.1")}) == {
        t1: (CardMark(0, "7.1"), None),
        t2: (None, t2),
    }
    for other in (CardMark(0, "7.10"), CardMark(0, "17.1"), CardMark(1, "7.1"), CardMark(0, "")):
        assert await listed({t1: other, t2: other}) == await listed({})
    assert await listed({t2: CardMark(0, "7.1")}) == await listed(
        {}
    )  # another card's mark is not t1's
    assert await listed({t1: CardMark(0, "7.1")}, "coach-2") == {t2: (None, t2)}
    await views.flip(Generation(GROUP, 1))
    await cards.as_of()
    assert await listed({t1: CardMark(0, "7.1")}) == {t1: (CardMark(1, "7.1"), t1)}
    assert await listed({t1: CardMark(1, "7.1")}) == {t1: (CardMark(1, "7.1"), None)}
    assert await cards.unless_known("south", "coach-1", 2027, {}) == []


async def test_a_card_is_one_command_and_an_empty_caseload_is_empty(store: Store) -> None:
    await store.put("t1", "coach-1")
    await store.cards.as_of()
    store.commands.clear()
    assert list(await store.cards.rows(["north:t1:2027", "north:t2:2027"])) == ["north:t1:2027"]
    assert await store.cards.caseload("south", "coach-1", 2027) == []
    assert store.commands.counts() == {"find": 2}


async def test_freshness_is_that_of_the_build_that_is_read(store: Store) -> None:
    assert await store.cards.as_of() == NEVER
    await store.views.report(f"{GROUP}.0", 2, {0: START, 1: START + timedelta(seconds=5)})
    assert await store.cards.as_of() == START
    await store.put("t1", "coach-1", into="cards_1")
    await store.views.flip(Generation(GROUP, 1))
    assert await store.cards.as_of() == NEVER
    assert len(await store.cards.caseload("north", "coach-1", 2027)) == 1


async def test_changed_cards_are_heard_of_together_and_a_rebuild_begins_anew(
    store: Store,
) -> None:
    views = CurrentViews(store.own, GROUP, ttl_s=0)
    watch = RowWatch(lambda: views.collection("cards"))
    notices = MongoNotices(watch)
    stop = asyncio.Event()
    running = asyncio.create_task(watch.run(stop))
    await notices.ready()
    heard: asyncio.Queue[Sequence[str] | None] = asyncio.Queue()

    async def hear() -> None:
        async for batch in notices.follow():
            heard.put_nowait(batch)

    hearing = asyncio.create_task(hear())
    await eventually(lambda: bool(watch._subscribers))
    for teacher in ("t1", "t2"):
        await store.put(teacher, "coach-1")
    ids: list[str] = []
    while len(ids) < 2:
        batch = await asyncio.wait_for(heard.get(), HANGS)
        ids.extend(batch or ())
    assert ids == ["north:t1:2027", "north:t2:2027"]
    await store.put("t1", "coach-1", into="cards_1")
    await store.views.flip(Generation(GROUP, 1))
    assert await asyncio.wait_for(heard.get(), HANGS) is None
    stop.set()
    hearing.cancel()
    await asyncio.gather(running, hearing, return_exceptions=True)


async def test_the_orgs_of_a_district_are_one_command_that_reads_no_others(store: Store) -> None:
    for district, count in (("north", 120), ("south", 30)):
        for number in range(count):
            value = {"active": True, "org": f"o{number}", "name": f"School {number}"}
            facts = {"org": {"a": {"v": 1, "at": START, **value}}}
            row = {"_id": f"{district}:o{number}", "district": district, "facts": facts}
            await store.own["orgs"].insert_one(row)
    in_memory = MemoryCards(views := MemoryViews())
    views.rows["orgs"] = {row["_id"]: row async for row in store.own["orgs"].find().sort("_id", -1)}
    await store.cards.as_of()
    await store.own.command("profile", 2)
    orgs = await orgs_of(store)
    assert (await orgs.of("north")).of(["o7", "o200"]) == ("School 7", "")
    first = sorted(f"south:o{number}" for number in range(30))[:7]
    for orgs_by in (store.cards.orgs, in_memory.orgs):
        assert [each["_id"] for each in await orgs_by("south", 7)] == first
    found = await store.own["system.profile"].find({"ns": f"{store.own.name}.orgs"}).to_list(None)
    assert [each["docsExamined"] for each in found] == [120, 7]


async def test_calendars_come_with_all_their_sessions(store: Store) -> None:
    value = {
        "type": "term",
        "starts": "2026-09-01",
        "ends": "2026-12-19",
        "school_year": 2027,
        "active": True,
    }
    row: Row = {
        "_id": "north:s1",
        "district": "north",
        "facts": {"session": {"s1": {"v": 1, "at": START, **value}}},
        "incomplete": {},
    }
    await store.own["calendars"].insert_one(row)
    almanac = Almanac(store.cards, FakeClock(), DAYS, timedelta(seconds=25))
    await almanac.ready()
    assert almanac.calendar("north", 2027).spans
    assert not almanac.calendar("south", 2027).spans
