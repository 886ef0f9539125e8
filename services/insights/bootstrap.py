"""The one place where the insights service is put together."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta

from services.access.districts import Districts
from services.access.projection import access_projection
from services.assembly.service import (
    LIMITS,
    SMALL_LOTS,
    Api,
    Service,
    assemble,
    base,
    projector_of,
)
from services.chassis.backing import Backing
from services.chassis.call import Verifier
from services.chassis.edge.admission import Urgency
from services.chassis.kernel import Clock
from services.chassis.metrics import TROUBLES
from services.chassis.runner import Role
from services.chassis.views.batch import Limits
from services.chassis.views.memory_views import MemoryViews
from services.chassis.views.watch import RowChanged, RowWatch
from services.chassis.write.mongo_documents import FindIndex
from services.insights.calendar.read import Almanac
from services.insights.caseload.fold import GROUP, insights_projection
from services.insights.caseload.memory_cards import MemoryCards, MemoryNotices
from services.insights.caseload.mongo_cards import MongoCards, MongoNotices
from services.insights.caseload.named_cards import NamedCards
from services.insights.caseload.policies import POLICIES
from services.insights.caseload.ports import Ports
from services.insights.caseload.stores import Notices, Views
from services.insights.facts.reading import CARDS
from services.insights.live.hub import Hub
from services.insights.settings import Settings

NAME = "insights"
IN_TROUBLE = ("a card", "a card of another district", "a calendar", "a live caseload")
URGENT = ("get_caseload", "get_own_caseload", "watch_caseload")  # while others can wait
INDEXES: tuple[FindIndex, ...] = ()  # no aggregates: the cards' index is the adapter's
# Large lots leave more memory behind, 7 MB after a backlog of 20,000, for a fifth less CPU in a
# backlog: those are for a process with ROLES=projector.
CARDS_BESIDE_AN_API = Limits(burst=2_500)


def build(
    settings: Settings,
    backing: Backing,
    *,
    districts: Districts | None = None,
    clock: Clock | None = None,
    identity: Verifier | None = None,
) -> Service:
    """Raises ValueError where a route or RPC has no policy, and what `base` raises."""
    store, notices, backing, watch = _views(backing)
    start = base(
        NAME, settings, backing, POLICIES, districts=districts, clock=clock, identity=identity
    )

    def api() -> Api:
        from services.assembly.api import build_api
        from services.insights.caseload.rest import routes
        from services.insights.caseload.rpc import rpc_service

        start.metrics.begin(TROUBLES, *IN_TROUBLE)
        cards = NamedCards(store, start.directory)
        if watch is not None:
            start.directory.listen(lambda row_id: watch.tell(RowChanged(row_id)))
        stale_after = timedelta(seconds=settings.stale_after_seconds)
        almanac = Almanac(
            store,
            start.clock,
            start.days,
            stale_after,
            cached=watch is not None,
            troubles=start.troubles,
        )
        hub = Hub(
            cards,
            almanac,
            notices,
            start.access,
            start.clock,
            mailbox=settings.live_mailbox,
            most=settings.max_live_streams,
        )
        ports = Ports(cards, almanac, hub, start.access, start.days, start.clock)
        return build_api(
            start,
            "Tandem insights",
            POLICIES,
            [routes(ports)],
            [rpc_service(ports)],
            urgencies=dict.fromkeys(URGENT, Urgency.FIRST),
            roles={"api.almanac": almanac.run, "api.live": _live(hub, watch)},
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
            "access": projector_of(start, access_projection(NAME), SMALL_LOTS),
        },
    )


def _views(backing: Backing) -> tuple[Views, Notices, Backing, RowWatch | None]:
    """The cards on the service's database, whose index is ensured with the others."""
    if backing.database is None or backing.watch is None:
        assert isinstance(backing.views, MemoryViews)
        return MemoryCards(backing.views), MemoryNotices(backing.views), backing, None
    cards = MongoCards(backing.database, backing.views)
    watch = backing.watch(GROUP, CARDS)

    async def ensure_indexes() -> None:
        await backing.ensure_indexes()
        await cards.ensure_indexes()

    return cards, MongoNotices(watch), replace(backing, ensure_indexes=ensure_indexes), watch


def _live(hub: Hub, watch: RowWatch | None) -> Role:
    async def run(stop: asyncio.Event) -> None:
        async with asyncio.TaskGroup() as group:
            group.create_task(hub.run(stop))
            if watch is not None:
                await watch.run(stop)

    return run
