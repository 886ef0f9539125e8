"""Whether what is ordered to be erased is erased in time."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from services.ctl.doctor.finding import Case, Finding, Verdict
from services.privacy.artifact_erasure.domain import ArtifactKind
from services.privacy.erasure.domain import IN_TIME, SERVICES, ErasureState

PRIVACY = "privacy"
MOST = 1_000


async def erasures(case: Case, service: str) -> AsyncIterator[Finding]:
    if service != PRIVACY:
        return
    kinds = {"$in": ["erasure", "artifact_erasure"]}
    where = {"kind": kinds, "state.state": ErasureState.UNDER_WAY.value}
    found = case.stores[service]["aggregates"].find(where, {"state": 1})
    orders = [each["state"] for each in await found.limit(MOST).to_list(None)]
    yield of_erasures(orders, case.now())


def _since(order: Mapping[str, Any]) -> datetime:
    since: datetime = order.get("since") or order.get("begins_at") or order["steps"][-1]["at"]
    return since


def _awaited(order: Mapping[str, Any]) -> Sequence[str]:
    """The services that have not said that it is done: of an order about one thing, its own."""
    if "artifact" in order:
        return [ArtifactKind(order["kind"]).service]
    said = {each["service"] for each in order["carried"]}
    return [name for name in SERVICES if name not in said]


def of_erasures(orders: Sequence[Mapping[str, Any]], now: datetime) -> Finding:
    """`orders`: the stored states of those under way. While one is, nobody takes a step."""
    ages = {index: now - _since(each) for index, each in enumerate(orders)}
    late = [orders[index] for index, age in ages.items() if age > IN_TIME]
    oldest = max(ages.values(), default=timedelta(0))
    facts = {"under_way": len(orders), "late": len(late), "seconds": round(oldest.total_seconds())}
    if not late:
        told = f"{len(orders)} under way, none for more than an hour"
        return Finding("erasures", PRIVACY, Verdict.RIGHT, told, facts=facts)
    waits = [set(_awaited(order)) for order in late]
    awaited = [name for name in SERVICES if any(name in each for each in waits)]
    told = f"{len(late)} under way for more than an hour; awaited: {', '.join(awaited)}"
    do = "see that these and privacy run their roles; `tandem duties list`, `tandem outbox status`"
    return Finding("erasures", PRIVACY, Verdict.WRONG, told, do, facts)
