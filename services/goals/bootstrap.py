"""The one place where the goals service is put together."""

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
from services.goals.adapters.codec import GOAL_SUMMARIES, GOALS, RELATIONSHIPS
from services.goals.application.own_ties import OwnTies
from services.goals.application.policies import POLICIES
from services.goals.application.ports import Ports
from services.goals.settings import Settings

NAME = "goals"
INDEXES: tuple[FindIndex, ...] = (
    ("goal", ("teacher",)),
    ("goal", ("teacher", "school_year")),
    ("relationship", ("coach",)),
    ("relationship", ("coach", "teacher")),
    ("relationship", ("teacher",)),
    ("relationship", ("school_year",)),
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
    relationships = WritePath(
        backing.store, RELATIONSHIPS, start.clock, backing.bell, start.troubles
    )
    ports = Ports(
        goals=WritePath(backing.store, GOALS, start.clock, backing.bell, start.troubles),
        goal_summaries=Summaries(backing.store, GOAL_SUMMARIES, start.troubles),
        relationships=relationships,
        access=start.access.with_ties(OwnTies(relationships)),
        people=start.directory,
        days=start.days,
        clock=start.clock,
    )

    def api() -> Api:
        from services.access.api import build_api, journal_rpc
        from services.goals.entrypoints.rest import routes
        from services.goals.entrypoints.rpc import rpc_service

        rpcs = [rpc_service(ports), journal_rpc(start)]
        bulk = {"carry_over_relationships": Urgency.BULK}
        return build_api(start, "Tandem goals", POLICIES, [routes(ports)], rpcs, urgencies=bulk)

    return write_service(start, api)
