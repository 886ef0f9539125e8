"""The one place where the goals service is put together."""

from __future__ import annotations

from services.access.districts import Districts
from services.access.write_service import Api, Service, base, write_service
from services.chassis.backing import Backing
from services.chassis.call import Verifier
from services.chassis.edge.admission import Urgency
from services.chassis.kernel import Clock
from services.chassis.write.mongo_documents import FindIndex
from services.goals.adapters.codec import RELATIONSHIPS
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

    def api() -> Api:
        from services.access.api import build_api, journal_rpc
        from services.access.guarded import Guarded, GuardedList
        from services.chassis.edge.grpc_operations import rpc_service
        from services.chassis.edge.http_operations import rest_router
        from services.goals.entrypoints.relationships_rest import routes
        from services.goals.entrypoints.relationships_rpc import relationship_rpcs
        from services.goals.goal import cases
        from services.goals.goal.codec import GOAL_SUMMARIES, GOALS
        from services.goals.goal.operations import OPERATIONS

        relationships = start.path(RELATIONSHIPS)
        policies = {**POLICIES, **OPERATIONS.policies}
        access = start.access_for(policies).with_ties(OwnTies(relationships))
        goals = cases.Ports(
            goals=Guarded(start.path(GOALS), access, start.clock, cases.whose),
            summaries=GuardedList(start.summaries(GOAL_SUMMARIES), access),
            access=access,
            days=start.days,
            clock=start.clock,
        )
        ports = Ports(relationships, access, start.directory, start.days, start.clock)
        return build_api(
            start,
            "Tandem goals",
            policies,
            [routes(ports), rest_router(OPERATIONS, goals)],
            [relationship_rpcs(ports), rpc_service(OPERATIONS, goals), journal_rpc(start)],
            urgencies={"carry_over_relationships": Urgency.BULK},
        )

    return write_service(start, api)
