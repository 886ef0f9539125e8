"""What a service has stored: whether its events leave, its views follow and its duties are done."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from datetime import datetime, timedelta
from typing import Any

from services.access.book import COLLECTION as LOOK_EVENTS
from services.access.view import access_view
from services.assembly.registry import SERVICES
from services.chassis.duties.duty import GIVEN_UP, Todo
from services.chassis.duties.mongo_todos import MongoTodos
from services.chassis.duties.todos import Todos
from services.chassis.duties.view import duties_view
from services.chassis.log.noted import end_offsets
from services.chassis.log.source import Positions
from services.chassis.log.topics import PARTITIONS
from services.chassis.views.check import behind
from services.chassis.views.mongo_views import MongoViews
from services.chassis.views.parked import Parked
from services.chassis.views.projection import Projection
from services.chassis.views.rows import Builds, Reported, Views
from services.chassis.write.mongo_documents import MongoDocuments
from services.chassis.write.mongo_loose import MongoLooseEvents
from services.ctl.doctor.finding import Case, Finding, Verdict
from services.ctl.rebuilding import view_of
from services.insights.settings import Settings

OUTBOX_OLD = timedelta(seconds=60)
DUTY_LATE = timedelta(minutes=10)
MOST_DUE = 100
STALE = timedelta(seconds=Settings.model_fields["stale_after_seconds"].default)
PAUSE_SECONDS = 0.2
PROJECTORS = "see that its projector runs, and what docs/operating.md says under `The lag grows`"


async def outbox(case: Case, service: str) -> AsyncIterator[Finding]:
    if SERVICES[service].tells:
        waiting, oldest = await MongoDocuments(case.stores[service]).backlog()
        yield of_outbox(service, waiting, oldest, case.now())
    waiting, oldest = await MongoLooseEvents(case.stores[service], LOOK_EVENTS).backlog()
    told = of_outbox(f"{service}, looks", waiting, oldest, case.now())
    if told.state is not Verdict.RIGHT:  # nobody asks for a line more of what is right
        yield told


def of_outbox(service: str, waiting: int, oldest: datetime | None, now: datetime) -> Finding:
    age = now - oldest if oldest else timedelta(0)
    facts = {"waiting": waiting, "seconds": round(age.total_seconds(), 1)}
    if not waiting:
        return Finding("outbox", service, Verdict.RIGHT, "all published", facts=facts)
    told = f"{waiting} wait for Kafka, the oldest for {age.total_seconds():.0f} s"
    if age <= OUTBOX_OLD:
        return Finding("outbox", service, Verdict.RIGHT, told, facts=facts)
    do = "see that its relay runs, and what docs/operating.md says under `The outbox grows`"
    return Finding("outbox", service, Verdict.WRONG, told, do, facts)


async def views(case: Case, service: str) -> AsyncIterator[Finding]:
    """Each view beside the ends of its topics, which are asked for first."""
    store = MongoViews(case.stores[service])
    projections = [view_of(name, service).projection for name in SERVICES[service].views]
    read = sorted({topic for each in projections for topic in each.topics})
    ends = await end_offsets(case.servers, read, case.proof())
    at = case.now()
    found = (of_view(each, store, _among(ends, each), case, at) for each in projections)
    for each in await asyncio.gather(*found):
        yield each
    for projection in projections:
        if left := of_builds(await store.builds(projection.group)):
            yield left


def of_builds(found: Builds) -> Finding | None:
    """Builds after the one in use, which erasing may pass over or somebody may take for it."""
    strays = [each for each in found.others if each.number > found.current.number]
    if found.making:
        strays.append(found.making)
    if not strays:
        return None
    numbers = [each.number for each in strays]
    told = f"build {', '.join(map(str, numbers))} is not in use, but {found.current.number} is"
    do = (
        "unless somebody rebuilds it now, `tandem views rebuild`: it takes away what one that was "
        "ended in the middle has left, which may hold what is erased since, or `views rollback`"
    )
    return Finding("views", found.current.name, Verdict.WATCH, told, do, {"builds": numbers})


def _among(ends: Positions, projection: Projection) -> Positions:
    return {
        number: {name: end for name, end in topics.items() if name in projection.topics}
        for number, topics in ends.items()
    }


async def of_view(
    projection: Projection, store: Views, ends: Positions, case: Case, at: datetime
) -> Finding:
    """`ends` as of `at`: what lay before is to be read within the case's patience."""
    name = projection.group
    generation = await store.generation(name)
    fences = await store.fences(generation.group, range(PARTITIONS))
    facts: dict[str, Any] = {"build": generation.number, "topics": projection.topics_version}
    if not fences:
        do = "start a process with the role `projector` of its service"
        return Finding("views", name, Verdict.WRONG, "was never begun", do, facts)
    until = time.monotonic() + case.patience
    while True:
        left = await behind(store, generation, ends)
        as_of = await store.freshness(generation.group) if projection.dated else None
        old = projection.dated and (as_of is None or as_of < at - STALE)
        if not (left or old) or time.monotonic() >= until:
            break
        await asyncio.sleep(PAUSE_SECONDS)
    facts |= {"behind": left, "as_of": as_of.isoformat() if as_of else None}
    dated = f", as of {as_of:%H:%M:%S} UTC" if as_of else ""
    if left:
        told = f"has not read {left} records that were there {case.patience:.0f} s ago{dated}"
        return Finding("views", name, Verdict.WRONG, told, PROJECTORS, facts)
    if old:
        told = f"does not say that it is fresh{dated}"
        do = "see that its projectors hold all partitions, and that no clock is wrong"
        return Finding("views", name, Verdict.WRONG, told, do, facts)
    return Finding("views", name, Verdict.RIGHT, f"has read all{dated}", facts=facts)


async def access(case: Case, service: str) -> AsyncIterator[Finding]:
    """A view that is begun just now may say so within the case's patience."""
    store, until = MongoViews(case.stores[service]), time.monotonic() + case.patience
    while True:
        generation = await store.generation(access_view(service))
        reported = await store.reported(generation.group)
        found = of_access(service, reported, case.trusted[service], case.now())
        if found.state in (Verdict.RIGHT, Verdict.WATCH) or time.monotonic() >= until:
            break
        await asyncio.sleep(PAUSE_SECONDS)
    yield found


def of_access(service: str, reported: Reported, trusted: float, now: datetime) -> Finding:
    """How far the service is from refusing what relationships, grants and classes open."""
    if not reported.partitions:
        return Finding("access", service, Verdict.UNSEEN, "its view has told nothing yet")
    ages = {each: (now - at).total_seconds() for each, at in reported.as_of.items()}
    never = [each for each in range(reported.partitions) if each not in ages]
    late = sorted([*never, *(each for each, age in ages.items() if age > trusted / 2)])
    oldest = max(ages.values(), default=0.0)
    facts = {"seconds": round(oldest), "trusted": trusted, "late": late}
    if not late:
        told = f"as of {max(oldest, 0.0):.0f} s ago, and believed for {trusted:.0f} s"
        return Finding("access", service, Verdict.RIGHT, told, facts=facts)
    state = Verdict.WRONG if never or oldest >= trusted else Verdict.WATCH
    since = "never known as a whole" if never else f"as of {oldest:.0f} s ago"
    told = (
        f"what it knows of people in partitions {', '.join(map(str, late))} is {since}: after "
        f"{trusted:.0f} s what relationships, grants and classes of theirs open is refused"
    )
    do = "see what docs/operating.md says under `TandemAccessOld`"
    return Finding("access", service, state, told, do, facts)


async def parked(case: Case, service: str) -> AsyncIterator[Finding]:
    store = MongoViews(case.stores[service])
    found: list[Parked] = []
    for name in SERVICES[service].views:
        generation = await store.generation(name)
        found += await store.open_parked(generation.group, range(PARTITIONS))
    yield of_parked(service, found)


def of_parked(service: str, found: Sequence[Parked]) -> Finding:
    """By the kind of reason alone: the rest may name somebody."""
    if not found:
        return Finding("parked", service, Verdict.RIGHT, "no event")
    kinds = dict(Counter(each.reason.partition(":")[0] for each in found).most_common(10))
    told = f"{len(found)} open: {', '.join(f'{n} {kind}' for kind, n in kinds.items())}"
    do = f"`tandem parked list --service {service}`, then redrive or discard"
    return Finding("parked", service, Verdict.WRONG, told, do, {"open": len(found), "kinds": kinds})


async def duties(case: Case, service: str) -> AsyncIterator[Finding]:
    if SERVICES[service].duties:
        yield await of_duties(
            service, MongoTodos(case.stores[service], duties_view(service)), case.now()
        )


async def of_duties(service: str, todos: Todos, now: datetime) -> Finding:
    due, given_up = await todos.due(now, MOST_DUE), await todos.list([GIVEN_UP])
    late = max((now - each.due for each in due), default=timedelta(0))
    facts = {"due": len(due), "late": round(late.total_seconds()), "given_up": len(given_up)}
    if given_up:
        told = f"{len(given_up)} given up ({_kinds(given_up)})"
        do = f"`tandem duties list --service {service}`, and once the cause is gone `duties retry`"
        return Finding("duties", service, Verdict.WRONG, told, do, facts)
    if late > DUTY_LATE:
        told = f"due for {late.total_seconds():.0f} s ({_kinds(due)})"
        do = f"see that a process runs the role `duties`; `tandem duties list --service {service}`"
        return Finding("duties", service, Verdict.WRONG, told, do, facts)
    return Finding("duties", service, Verdict.RIGHT, f"{len(due)} due, none late", facts=facts)


def _kinds(todos: Sequence[Todo]) -> str:
    kinds = Counter(f"{each.duty}{each.error and f' {each.error}'}" for each in todos)
    return ", ".join(kind for kind, _ in kinds.most_common(5))
