"""Reading a caseload against one find_one, in turn, one at a time: medians in ms.

The database part (`MongoCards.unless_known`) when all cards are known from before, all but
one of the 25, and none; `entries`: the whole read to the bytes of its entries, all known.
CPU is that of this process, the driver's threads included."""

from __future__ import annotations

import json
import random
import statistics
import time
from collections.abc import Awaitable, Callable, Mapping
from datetime import date, timedelta
from typing import Any

import uvloop

from bench.events import CASELOAD, DISTRICT, YEAR, coach_of, teacher_id
from bench.sides.meter import given
from services.access.days import Days
from services.access.directory import CachedDirectory
from services.access.districts import District, Districts
from services.access.profile import Profile, Role
from services.assembly.access_rows import AccessRowsOf
from services.chassis.backing import MongoRows
from services.chassis.kernel import SystemClock
from services.chassis.mongo import connect, database
from services.chassis.views.mongo_views import MongoViews
from services.insights.calendar.read import Almanac
from services.insights.caseload.caseloads import CaseloadView, Scope
from services.insights.caseload.entries import CaseloadEntries
from services.insights.caseload.fold import CARDS
from services.insights.caseload.mongo_cards import MongoCards
from services.insights.caseload.named_cards import NamedCards
from services.insights.caseload.resources import entry_bytes
from services.insights.caseload.stores import CardMark
from services.insights.org.read import OrgNames
from services.insights.program.read import ProgramPlans

TURNS, READS = 10, 30
IN_THE_YEAR = date(YEAR, 1, 15)  # on which its relationships count
CASELOADS = 40  # the same number at every scale, so that all are kept


async def main(asked: dict[str, Any]) -> None:
    own = database(connect(asked["mongodb"], "bench"), asked["database"])
    cards, raw = MongoCards(own, MongoViews(own)), own[CARDS]
    clock = SystemClock()
    almanac = Almanac(cards, clock, Days(Districts()), timedelta(seconds=25))
    await almanac.ready()
    directory = CachedDirectory(AccessRowsOf("insights", MongoRows(own)), seconds=30)
    orgs = OrgNames(cards, almanac.troubles)
    named = NamedCards(cards, directory, orgs, ProgramPlans(cards, almanac.troubles))
    entries = CaseloadEntries(named, almanac, entry_bytes)

    def view(coach: str) -> CaseloadView:
        profile = Profile(coach, True, (Role("ext:coach", "district"),))
        return CaseloadView(Scope(DISTRICT, coach, YEAR), profile, IN_THE_YEAR, District())

    chance = random.Random(asked["seed"])
    caseloads = chance.sample(range(0, asked["teachers"], CASELOAD), CASELOADS)
    marks: dict[str, Mapping[str, CardMark]] = {}
    for number in caseloads:
        coach = coach_of(number)
        await entries.caseload(view(coach), clock.now())
        found = await cards.unless_known(DISTRICT, coach, YEAR, {})
        marks[coach] = {each.id: each.mark for each in found if each.mark}

    async def one() -> int:
        teacher = teacher_id(chance.randrange(asked["teachers"]))
        return len(await raw.find_one({"_id": f"{DISTRICT}:{teacher}:{YEAR}"}) or {})

    async def listed(changed: int) -> int:
        coach = coach_of(chance.choice(caseloads))
        known = dict([*marks[coach].items()][changed:])
        found = await cards.unless_known(DISTRICT, coach, YEAR, known)
        assert sum(each.row is not None for each in found) == changed
        return len(found)

    async def whole() -> int:
        coach = coach_of(chance.choice(caseloads))
        return len(await entries.caseload(view(coach), clock.now()))

    kinds: dict[str, Callable[[], Awaitable[int]]] = {
        "find_one": one,
        "known": lambda: listed(0),
        "one_changed": lambda: listed(1),
        "unknown": lambda: listed(CASELOAD),
        "entries": whole,
    }
    times: dict[str, list[float]] = {name: [] for name in kinds}
    cpu = dict.fromkeys(kinds, 0.0)
    for turn in range(-1, TURNS):  # the first warms up
        for name, read in kinds.items():
            spent = time.process_time()
            for _ in range(READS):
                began = time.perf_counter()
                assert await read()
                if turn >= 0:
                    times[name].append(time.perf_counter() - began)
            cpu[name] += time.process_time() - spent if turn >= 0 else 0.0
    said: dict[str, float] = {}
    for name in kinds:
        said[name] = round(statistics.median(times[name]) * 1000, 3)
        said[f"{name}_cpu_us"] = round(cpu[name] / len(times[name]) * 1e6)
    said["kept_kb"] = round(entries.bytes / len(entries) / 1024, 2)
    ratios = {f"{name}_ratio": round(said[name] / said["find_one"], 2)
              for name in ("known", "one_changed", "unknown")}  # fmt: skip
    print(json.dumps(said | ratios))


uvloop.run(main(given()))
