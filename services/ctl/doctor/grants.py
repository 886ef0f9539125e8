"""What the districts have given for a time, and ends soon: whoever looks here prolongs it, or does
not."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping

from services.ctl.doctor.finding import Case, Finding, Verdict
from services.roster.courses import WARNED
from services.roster.grant.domain import GrantState

ROSTER = "roster"
MOST = 1_000  # districts
MOST_GRANTS = 1_000  # of one of them, that are counted


async def grants(case: Case, service: str) -> AsyncIterator[Finding]:
    """Of each district by the index that lists use: 1 query."""
    if service != ROSTER:
        return
    stored, now = case.stores[service]["aggregates"], case.now()
    over = {"$gt": now, "$lte": now + WARNED}
    counted: dict[str, int] = {}
    for district in (await stored.distinct("district"))[:MOST]:
        where = {"district": district, "kind": "grant", "state.over_at": over}
        where |= {"state.state": GrantState.OPEN.value}
        counted[district] = await stored.count_documents(where, limit=MOST_GRANTS)
    yield of_grants(counted)


def of_grants(ending: Mapping[str, int]) -> Finding:
    """`ending`: how many of each district are over within 14 days."""
    found = {district: number for district, number in sorted(ending.items()) if number}
    if not found:
        return Finding("grants", ROSTER, Verdict.RIGHT, "none ends within 14 days", facts=found)
    said = ", ".join(f"{number} of {district}" for district, number in found.items())
    do = "tell its administrator: `tandem grants list --ending-by soon` says which"
    return Finding("grants", ROSTER, Verdict.WATCH, f"end within 14 days: {said}", do, facts=found)
