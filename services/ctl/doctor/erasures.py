"""Whether what is ordered to be erased is erased in time."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from services.ctl.doctor.finding import Case, Finding, Verdict
from services.privacy.erasure.domain import IN_TIME, SERVICES, ErasureState

PRIVACY = "privacy"
MOST = 1_000


async def erasures(case: Case, service: str) -> AsyncIterator[Finding]:
    if service != PRIVACY:
        return
    where = {"kind": "erasure", "state.state": ErasureState.UNDER_WAY.value}
    found = case.stores[service]["aggregates"].find(where, {"state": 1})
    orders = [each["state"] for each in await found.limit(MOST).to_list(None)]
    yield of_erasures(orders, case.now())


def _since(order: Mapping[str, Any]) -> datetime:
    since: datetime = order.get("begins_at") or order["steps"][-1]["at"]
    return since


def of_erasures(orders: Sequence[Mapping[str, Any]], now: datetime) -> Finding:
    """`orders`: the stored states of those under way. While one is, nobody takes a step."""
    ages = {index: now - _since(each) for index, each in enumerate(orders)}
    late = [orders[index] for index, age in ages.items() if age > IN_TIME]
    oldest = max(ages.values(), default=timedelta(0))
    facts = {"under_way": len(orders), "late": len(late), "seconds": round(oldest.total_seconds())}
    if not late:
        told = f"{len(orders)} under way, none for more than an hour"
        return Finding("erasures", PRIVACY, Verdict.RIGHT, told, facts=facts)
    said = [{each["service"] for each in order["carried"]} for order in late]
    awaited = [name for name in SERVICES if any(name not in each for each in said)]
    told = f"{len(late)} under way for more than an hour; awaited: {', '.join(awaited)}"
    do = "see that these and privacy run their roles; `tandem duties list`, `tandem outbox status`"
    return Finding("erasures", PRIVACY, Verdict.WRONG, told, do, facts)
