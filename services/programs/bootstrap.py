"""The one place where the programs service is put together."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from services.access.districts import Districts
from services.access.guarded import Guarded
from services.access.policy import Policies, Policy
from services.assembly.service import Api, Parts, Service, base, write_service
from services.chassis.backing import Backing
from services.chassis.call import Verifier
from services.chassis.edge.admission import Urgency
from services.chassis.kernel import Clock
from services.chassis.write.mongo_documents import FindIndex
from services.programs.relationship import cases as relationship
from services.programs.relationship.codec import RELATIONSHIPS
from services.programs.relationship.duties import DUTIES
from services.programs.settings import Settings

if TYPE_CHECKING:
    from services.chassis.edge.operation import Table

NAME = "programs"
INDEXES: tuple[FindIndex, ...] = (
    ("relationship", ("coach",)),
    ("relationship", ("coach", "teacher")),
    ("relationship", ("teacher",)),
    ("relationship", ("school_year",)),
)


@dataclass(frozen=True, slots=True)
class Ports:
    """Those of each room."""

    relationship: relationship.Ports


def ports(parts: Parts, policies: Policies) -> Ports:
    """What the use cases need, on whatever stores."""
    path = parts.path(RELATIONSHIPS)
    access = parts.access_for(policies)
    return Ports(
        relationship.Ports(
            relationships=Guarded(path, access, parts.clock, relationship.sides),
            path=path,
            access=access,
            people=parts.directory,
            days=parts.days,
            clock=parts.clock,
        ),
    )


def tables() -> Mapping[str, Table[Any, Policy]]:
    """The operations of each room, by its name in `Ports`. Imported where they are asked for: a
    process without the role `api` does without FastAPI and gRPC."""
    from services.programs.relationship import operations as relationship

    return {"relationship": relationship.OPERATIONS}


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
            "Tandem programs",
            granted,
            [rest_router(*room) for room in rooms],
            [*(rpc_service(*room) for room in rooms), journal_rpc(start)],
            urgencies={"carry_over_relationships": Urgency.BULK},
        )

    return write_service(start, api, [each.on(ports(start, {}).relationship) for each in DUTIES])
