"""Whether the districts' rosters come as often as they expect."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Mapping
from datetime import datetime

from services.access.districts import load_districts
from services.chassis.settings import BadSettings
from services.ctl.doctor.finding import Case, Finding, Verdict
from services.roster.imports.lateness import Coming, coming
from services.roster.imports.mongo_jobs import MongoJobs

ROSTER = "roster"
_DO = "see what became of it: `GET /roster/v1/imports`, and the log of what pulls or sends it"


async def rosters(case: Case, service: str) -> AsyncIterator[Finding]:
    """1 query for each district that expects its roster."""
    if service != ROSTER:
        return
    try:
        districts = load_districts(case.districts_file, case.settings.environment)
    except BadSettings:
        told, do = "the districts file cannot be read", "see `districts`"
        yield Finding("rosters", "", Verdict.UNSEEN, told, do)
        return
    for each in of_rosters(await coming(districts, MongoJobs(case.stores[service])), case.now()):
        yield each


def of_rosters(found: Mapping[str, Coming], now: datetime) -> Iterator[Finding]:
    late = {name: each for name, each in sorted(found.items()) if each.late(now)}
    if not late:
        told = f"{len(found)} expected, all in time" if found else "no district expects its own"
        yield Finding("rosters", "", Verdict.RIGHT, told, facts={"expected": len(found)})
    for name, each in late.items():
        hours = each.within.total_seconds() / 3600
        last = f"{each.last:%Y-%m-%dT%H:%MZ}" if each.last else None
        told = f"the last good import was at {last}" if last else "none has been imported yet"
        facts = {"last": last, "within_hours": hours}
        told = f"{told}, one is expected every {hours:g} hours"
        yield Finding("rosters", name, Verdict.WRONG, told, _DO, facts)
