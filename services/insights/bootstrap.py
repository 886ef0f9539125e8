"""The one place where the insights service is put together."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Unpack

from services.access.guarded import GuardedReads
from services.access.names import NamesBeside
from services.access.policy import Policies
from services.access.projection import access_projection
from services.assembly.explanations import cases as explanation
from services.assembly.rooms import policies_of
from services.assembly.service import (
    LIMITS,
    SMALL_LOTS,
    Base,
    Given,
    ServedApi,
    Service,
    assemble,
    base,
    projector_of,
)
from services.chassis.backing import Backing
from services.chassis.edge.admission import Urgency
from services.chassis.metrics import TROUBLES
from services.chassis.runner import ProcessRole
from services.chassis.views.batch import Limits
from services.chassis.views.watch import Board, RowChanged
from services.chassis.write.find_indexes import FindIndex
from services.insights.calendar.read import Almanac
from services.insights.caseload import read as caseload
from services.insights.caseload.entries import CaseloadEntries
from services.insights.caseload.fold import CARDS, GROUP, insights_projection
from services.insights.caseload.memory_cards import MemoryCards
from services.insights.caseload.mongo_cards import MongoCards
from services.insights.caseload.named_cards import NamedCards
from services.insights.caseload.resources import entry_bytes
from services.insights.caseload.stores import CaseloadViews
from services.insights.delivery import read as delivery
from services.insights.live import read as live
from services.insights.live.hub import Hub
from services.insights.live.notices import MemoryNotices, MongoNotices, Notices
from services.insights.org.read import AN_ORG, OrgNames
from services.insights.pair import read as pair
from services.insights.program.read import A_PROGRAM, ProgramPlans
from services.insights.settings import Settings
from services.insights.ticket import cases as ticket
from services.insights.ticket.memory_tickets import MemoryTickets
from services.insights.ticket.mongo_tickets import MongoTickets
from services.insights.ticket.tickets import Tickets
from services.insights.timeline import read as timeline
from services.insights.timeline.fold import timeline_projection
from services.insights.timeline.memory_timelines import MemoryTimelines
from services.insights.timeline.mongo_timelines import MongoTimelines
from services.insights.timeline.stores import Timelines

if TYPE_CHECKING:
    from services.assembly.rooms import Edges, Tables

NAME = "insights"
IN_TROUBLE = (
    "a card",
    "a card of another district",
    "a live caseload",
    "a timeline",
    "what is delivered",
    AN_ORG,
    A_PROGRAM,
)
URGENT = ("get_caseload", "get_own_caseload", "watch_caseload")  # while others can wait
INDEXES: tuple[FindIndex, ...] = ()  # no aggregates: the cards' index is the adapter's
# Large lots leave more memory behind, 7 MB after a backlog of 20,000, for a fifth less CPU in a
# backlog: those are for a process with ROLES=projector.
CARDS_BESIDE_AN_API = Limits(burst=2_500)


@dataclass(frozen=True, slots=True)
class Stores:
    """What is read of the views, how changes are heard of, and what is kept besides."""

    cards: CaseloadViews
    timelines: Timelines
    notices: Notices
    tickets: Tickets


@dataclass(frozen=True, slots=True)
class Ports:
    """Those of each room."""

    caseload: caseload.Ports
    delivery: delivery.Ports
    live: live.Ports
    pair: pair.Ports
    ticket: ticket.Ports
    timeline: timeline.Ports
    explanation: explanation.Ports


def ports(parts: Base, policies: Policies, stores: Stores, settings: Settings) -> Ports:
    """What the use cases need, on whatever stores."""
    access = parts.access_for(policies)
    stale_after = timedelta(seconds=settings.stale_after_seconds)
    cached = parts.backing.kept_seconds > 0
    orgs = OrgNames(stores.cards, parts.troubles, cached=cached)
    programs = ProgramPlans(stores.cards, parts.troubles, cached=cached)
    cards = NamedCards(stores.cards, parts.directory, orgs, programs)
    almanac = Almanac(
        stores.cards,
        parts.clock,
        parts.days,
        stale_after,
        cached=cached,
        troubles=parts.troubles,
    )
    hub = Hub(
        cards,
        almanac,
        stores.notices,
        access,
        parts.clock,
        mailbox=settings.live_mailbox,
        most=settings.max_live_streams,
    )
    reads, days, clock = GuardedReads(access), parts.days, parts.clock
    entries = CaseloadEntries(cards, almanac, entry_bytes)
    return Ports(
        caseload.Ports(cards, entries, almanac, reads, access, days, clock),
        delivery.Ports(
            timelines=stores.timelines,
            programs=programs,
            almanac=almanac,
            reads=reads,
            access=access,
            days=days,
            clock=clock,
            stale_after=stale_after,
            troubles=parts.troubles,
        ),
        live.Ports(hub, almanac, reads, access, days, clock),
        pair.Ports(cards, almanac, reads, access, clock),
        ticket.Ports(stores.tickets, reads),
        timeline.Ports(
            timelines=stores.timelines,
            reads=reads,
            names=NamesBeside(access),
            access=access,
            clock=clock,
            stale_after=stale_after,
            troubles=parts.troubles,
        ),
        explanation.Ports(policies, access, reads, {}),
    )


def tables() -> Tables:
    """The operations of each room, by its name in `Ports`. Imported where they are asked for: a
    process without the role `api` does without FastAPI and gRPC."""
    from services.assembly.explanations.operations import explanations_of
    from services.insights.caseload import operations as caseload
    from services.insights.delivery import operations as delivery
    from services.insights.pair import operations as pair
    from services.insights.timeline import operations as timeline

    return {
        "caseload": caseload.OPERATIONS,
        "delivery": delivery.OPERATIONS,
        "pair": pair.OPERATIONS,
        "timeline": timeline.OPERATIONS,
        "explanation": explanations_of(NAME),
    }


def policies() -> Policies:
    return policies_of(tables())


def build(settings: Settings, backing: Backing, **given: Unpack[Given]) -> Service:
    """Raises ValueError where a route or RPC has no policy, and what `base` raises."""
    watch = backing.watch(GROUP, CARDS)
    stores = _stores(backing, watch)
    start = base(NAME, settings, backing, **given)

    def api() -> ServedApi:
        from services.assembly.api import build_api

        start.metrics.begin(TROUBLES, *IN_TROUBLE)
        granted = policies()
        made = ports(start, granted, stores, settings)
        start.directory.listen(lambda row_id: watch.tell(RowChanged(row_id)))
        return build_api(
            start,
            granted,
            *edges(made),
            urgencies=dict.fromkeys(URGENT, Urgency.FIRST),
            roles={
                "api.almanac": made.live.almanac.run,
                "api.orgs": made.caseload.cards.orgs.run,
                "api.programs": made.caseload.cards.programs.run,
                "api.live": _live(made.live.hub, watch),
            },
            take_ticket=partial(ticket.take_ticket, made.ticket),
        )

    return assemble(
        start,
        api,
        relay=None,
        projectors={
            "cards": projector_of(
                start,
                insights_projection(),
                CARDS_BESIDE_AN_API if settings.runs("api") else LIMITS,
            ),
            "timeline": projector_of(
                start, timeline_projection(), SMALL_LOTS if settings.runs("api") else LIMITS
            ),
            "access": projector_of(start, access_projection(NAME), SMALL_LOTS),
        },
    )


def edges(made: Ports) -> Edges:
    """The routes and the RPCs of all rooms."""
    from services.assembly.explanations.operations import explanations_of
    from services.chassis.edge.grpc_operations import rpc_service
    from services.chassis.edge.http_operations import rest_router
    from services.insights.caseload.operations import OPERATIONS, entry_message
    from services.insights.delivery import operations as deliveries
    from services.insights.live.operations import Rpcs, routes
    from services.insights.pair import operations as pairs
    from services.insights.ticket import operations as tickets
    from services.insights.timeline import operations as timelines

    caseloads, timeline = made.caseload, made.timeline
    explained = explanations_of(NAME), made.explanation
    over_grpc = caseloads.writing(entry_message)
    return (
        [
            routes(made.live),
            tickets.routes(made.ticket),
            rest_router(OPERATIONS, caseloads),
            rest_router(deliveries.OPERATIONS, made.delivery),
            rest_router(pairs.OPERATIONS, made.pair),
            rest_router(timelines.OPERATIONS, timeline),
            rest_router(*explained),
        ],
        [
            rpc_service(OPERATIONS, over_grpc, Rpcs(made.live)),
            rpc_service(deliveries.OPERATIONS, made.delivery),
            rpc_service(pairs.OPERATIONS, made.pair),
            rpc_service(timelines.OPERATIONS, timeline),
            rpc_service(*explained),
        ],
    )


def _stores(backing: Backing, watch: Board) -> Stores:
    """The views on the service's own database; `watch` tells of changed cards."""
    views = backing.views
    return Stores(
        cards=backing.own(lambda own: MongoCards(own, views), MemoryCards),
        timelines=backing.own(lambda own: MongoTimelines(own, views), MemoryTimelines),
        notices=backing.own(lambda _: MongoNotices(watch), MemoryNotices),
        tickets=backing.own(MongoTickets, lambda _: MemoryTickets()),
    )


def _live(hub: Hub, watch: Board) -> ProcessRole:
    async def run(stop: asyncio.Event) -> None:
        async with asyncio.TaskGroup() as group:
            group.create_task(hub.run(stop))
            await watch.run(stop)

    return run
