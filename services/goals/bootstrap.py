"""The one place where the goals service is put together."""

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
from services.chassis.kernel import Clock
from services.chassis.write.mongo_documents import FindIndex
from services.goals.goal import cases as goal
from services.goals.goal.codec import GOAL_SUMMARIES, GOALS, PROGRESS, REVISIONS
from services.goals.settings import Settings

if TYPE_CHECKING:
    from services.chassis.edge.operation import Table

NAME = "goals"
INDEXES: tuple[FindIndex, ...] = (
    ("goal", ("teacher",), goal.BY_DATE),
    ("goal", ("teacher", "school_year"), goal.BY_DATE),
    ("goal", ("teacher", "school_year", "drafted_by", "state")),
)


@dataclass(frozen=True, slots=True)
class Ports:
    """Those of each room."""

    goal: goal.Ports


def ports(parts: Parts, policies: Policies) -> Ports:
    """What the use cases need, on whatever stores."""
    access = parts.access_for(policies)
    return Ports(
        goal.Ports(
            goals=Guarded(parts.path(GOALS), access, parts.clock, goal.whose),
            summaries=GuardedList(parts.summaries(GOAL_SUMMARIES), access),
            progress=parts.entries(PROGRESS),
            revisions=parts.entries(REVISIONS),
            access=access,
            days=parts.days,
            clock=parts.clock,
        ),
    )


def tables() -> Mapping[str, Table[Any, Policy]]:
    """The operations of each room, by its name in `Ports`. Imported where they are asked for: a
    process without the role `api` does without FastAPI and gRPC."""
    from services.goals.goal import operations as goal

    return {"goal": goal.OPERATIONS}


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
            "Tandem goals",
            granted,
            [rest_router(*room) for room in rooms],
            [*(rpc_service(*room) for room in rooms), journal_rpc(start)],
        )

    return write_service(start, api)
