"""The one place where the observations service is put together."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from services.access.districts import Districts
from services.access.guarded import Guarded, GuardedList
from services.access.policy import Policies, Policy
from services.assembly.service import Api, Parts, Service, base, write_service
from services.chassis.backing import Backing
from services.chassis.call import Verifier
from services.chassis.edge.admission import Urgency
from services.chassis.kernel import Clock
from services.chassis.write.mongo_documents import FindIndex
from services.observations.observation import cases as observation
from services.observations.observation.codec import OBSERVATION_SUMMARIES, OBSERVATIONS
from services.observations.observation.duties import DUTIES
from services.observations.settings import Settings
from services.observations.tool import cases as tool
from services.observations.tool.codec import TOOL_SUMMARIES, TOOLS
from services.observations.tool.published_tools import CachedTools

if TYPE_CHECKING:
    from services.chassis.edge.operation import Table

NAME = "observations"
INDEXES: tuple[FindIndex, ...] = (
    ("tool", ()),
    ("tool", ("drafted_by", "state")),
    ("observation", ("teacher",), observation.BY_DATE),
    ("observation", ("teacher", "school_year"), observation.BY_DATE),
    ("observation", ("teacher", "school_year", "scheduled_by", "state")),
    ("observation", ("observer", "state")),
)


@dataclass(frozen=True, slots=True)
class Ports:
    """Those of each room."""

    tool: tool.Ports
    observation: observation.Ports


def ports(parts: Parts, policies: Policies) -> Ports:
    """What the use cases need, on whatever stores."""
    access, path = parts.access_for(policies), parts.path(TOOLS)
    observations = parts.path(OBSERVATIONS)
    return Ports(
        tool.Ports(
            tools=Guarded(path, access, parts.clock),
            summaries=GuardedList(parts.summaries(TOOL_SUMMARIES), access),
            access=access,
            clock=parts.clock,
        ),
        observation.Ports(
            observations=Guarded(observations, access, parts.clock, observation.whose),
            path=observations,
            people=parts.directory,
            summaries=GuardedList(parts.summaries(OBSERVATION_SUMMARIES), access),
            tools=CachedTools(path),
            access=access,
            days=parts.days,
            clock=parts.clock,
        ),
    )


def tables() -> Mapping[str, Table[Any, Policy]]:
    """The operations of each room, by its name in `Ports`. Imported where they are asked for: a
    process without the role `api` does without FastAPI and gRPC."""
    from services.observations.observation import operations as observation
    from services.observations.tool import operations as tool

    return {"tool": tool.OPERATIONS, "observation": observation.OPERATIONS}


def policies() -> Policies:
    return {name: each for table in tables().values() for name, each in table.policies.items()}


def build(
    settings: Settings,
    backing: Backing,
    *,
    districts: Districts | None = None,
    clock: Clock | None = None,
    identity: Verifier | None = None,
) -> Service:
    """Raises ValueError where a route or RPC has no policy, and what `base` raises."""
    start = base(NAME, settings, backing, {}, districts=districts, clock=clock, identity=identity)

    def api() -> Api:
        from services.assembly.api import build_api, journal_rpc
        from services.chassis.edge.grpc_operations import rpc_service
        from services.chassis.edge.http_operations import rest_router

        granted = policies()
        made = ports(start, granted)
        rooms = [(table, getattr(made, room)) for room, table in tables().items()]
        return build_api(
            start,
            "Tandem observations",
            granted,
            [rest_router(*room) for room in rooms],
            [*(rpc_service(*room) for room in rooms), journal_rpc(start)],
            urgencies={"list_tools": Urgency.BULK},
        )

    return write_service(start, api, [each.on(ports(start, {}).observation) for each in DUTIES])
