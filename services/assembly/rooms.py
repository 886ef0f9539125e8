"""From the tables of a service's rooms to what they grant, its routes and its RPCs.

FastAPI and gRPC are imported where edges are made: a process without the role `api` does without.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from services.access.policy import Policies, Policy, scoped
from services.assembly.service import Base, ServedApi
from services.chassis.edge.admission import Urgency

if TYPE_CHECKING:
    from fastapi import APIRouter

    from services.chassis.edge.grpc_server import RpcService
    from services.chassis.edge.operation import Table

    Tables = Mapping[str, Table[Any, Policy]]  # by the names of rooms in the service's `Ports`
    Edges = tuple[list[APIRouter], list[RpcService]]


def policies_of(tables: Tables) -> Policies:
    """By operation, with the scopes of partners. Raises ValueError as `scoped`."""
    return {
        name: scoped(policy, table.rpc.name, name)
        for table in tables.values()
        for name, policy in table.policies.items()
    }


def edges_of(tables: Tables, ports: object, by_hand: object = None) -> Edges:
    """The routes and the RPCs of all rooms; `by_hand` as in `rpc_service`."""
    from services.chassis.edge.grpc_operations import rpc_service
    from services.chassis.edge.http_operations import rest_router

    rooms = [(table, getattr(ports, room)) for room, table in tables.items()]
    return [rest_router(*room) for room in rooms], [rpc_service(*room, by_hand) for room in rooms]


def api_of(
    each: Base,
    tables: Callable[[], Tables],
    ports: Callable[[Base, Policies], object],
    bulk: Sequence[str] = (),
) -> Callable[[], ServedApi]:
    """Makes the API of a service all of whose operations stand in its tables; those of `bulk` wait
    for the others."""

    def api() -> ServedApi:
        from services.assembly.api import build_api

        made = tables()
        granted = policies_of(made)
        edges = edges_of(made, ports(each, granted))
        return build_api(each, granted, *edges, urgencies=dict.fromkeys(bulk, Urgency.BULK))

    return api
