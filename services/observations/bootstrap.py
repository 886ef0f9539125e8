"""The one place where the observations service is put together."""

from __future__ import annotations

from services.access.districts import Districts
from services.access.write_service import Api, Service, base, write_service
from services.chassis.backing import Backing
from services.chassis.call import Verifier
from services.chassis.edge.admission import Urgency
from services.chassis.kernel import Clock
from services.chassis.write.mongo_documents import FindIndex
from services.chassis.write.summaries import Summaries
from services.chassis.write.write_path import WritePath
from services.observations.adapters.codec import (
    OBSERVATION_SUMMARIES,
    OBSERVATIONS,
    TOOL_SUMMARIES,
    TOOLS,
)
from services.observations.adapters.published_tools import CachedTools
from services.observations.application.policies import POLICIES
from services.observations.application.ports import Ports
from services.observations.settings import Settings

NAME = "observations"
INDEXES: tuple[FindIndex, ...] = (
    ("tool", ()),
    ("tool", ("drafted_by", "state")),
    ("observation", ("teacher",)),
    ("observation", ("teacher", "school_year", "scheduled_by", "state")),
)


def build(
    settings: Settings,
    backing: Backing,
    *,
    districts: Districts | None = None,
    clock: Clock | None = None,
    identity: Verifier | None = None,
) -> Service:
    """Raises ValueError where a route or RPC has no policy, and what `base` raises."""
    start = base(
        NAME, settings, backing, POLICIES, districts=districts, clock=clock, identity=identity
    )
    tools = WritePath(backing.store, TOOLS, start.clock, backing.bell, start.troubles)
    ports = Ports(
        tools=tools,
        tool_summaries=Summaries(backing.store, TOOL_SUMMARIES, start.troubles),
        published_tools=CachedTools(tools),
        observations=WritePath(
            backing.store, OBSERVATIONS, start.clock, backing.bell, start.troubles
        ),
        observation_summaries=Summaries(backing.store, OBSERVATION_SUMMARIES, start.troubles),
        access=start.access,
        days=start.days,
        clock=start.clock,
    )

    def api() -> Api:
        from services.access.api import build_api, journal_rpc
        from services.observations.entrypoints.rest import routes
        from services.observations.entrypoints.rpc import rpc_service

        rpcs = [rpc_service(ports), journal_rpc(start)]
        bulk = {"list_tools": Urgency.BULK}
        return build_api(
            start, "Tandem observations", POLICIES, [routes(ports)], rpcs, urgencies=bulk
        )

    return write_service(start, api)
