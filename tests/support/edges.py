"""REST and gRPC around the use cases of one service in memory: what `edges_of` makes, served."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager

import grpc
import httpx2
from fastapi import APIRouter

from services.access.policy import Policies
from services.chassis.call import Principal, Verifier
from services.chassis.edge.admission import Urgency
from services.chassis.edge.gate import Gate
from services.chassis.edge.grpc_server import GrpcServer, RpcService
from services.chassis.edge.http import build_http
from services.chassis.edge.rates import RateLimits
from services.chassis.edge.shares import Room
from services.chassis.kernel import Fault, Kind
from services.chassis.metrics import Metrics
from services.chassis.settings import ChassisSettings, load
from services.chassis.tracing import Tracer

SETTINGS = load(ChassisSettings, environment="test", host="127.0.0.1", grpc_port=0)


class NamesAsTokens:
    """`person` or `person@district` instead of a signed token."""

    def seen(self, token: str) -> Principal | None:
        return None

    def recalls(self, token: str) -> bool:
        return False

    async def verify(self, token: str) -> Principal:
        person, _, district = token.partition("@")
        if not person:
            raise Fault(Kind.UNAUTHENTICATED, "bad_token")
        return Principal(district or "north", person=person)


def as_(person: str, **more: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {person}", **more}


def meta(person: str) -> tuple[tuple[str, str], ...]:
    return (("authorization", f"Bearer {person}"),)


def gate(
    settings: ChassisSettings,
    identity: Verifier,
    metrics: Metrics | None = None,
    tracer: Tracer | None = None,
    room: Room | None = None,
    urgencies: Mapping[str, Urgency] | None = None,
    limits: RateLimits | None = None,
) -> Gate:
    """One of its own, but for what is given."""
    metrics = metrics or Metrics()
    room = room or Room(settings.max_concurrent_requests, metrics)
    tracer = tracer or Tracer("service")
    return Gate(
        settings,
        identity,
        metrics,
        tracer,
        room,
        urgencies or {},
        limits=limits or RateLimits(metrics),
    )


@asynccontextmanager
async def over_rest(
    routers: Sequence[APIRouter],
    policies: Policies,
    *,
    metrics: Metrics | None = None,
    tracer: Tracer | None = None,
) -> AsyncIterator[httpx2.AsyncClient]:
    app = build_http(
        "service",
        "A service",
        routers,
        gate(SETTINGS, NamesAsTokens(), metrics, tracer),
        policies=policies,
    )
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app=app)) as client:
        yield client


@asynccontextmanager
async def over_grpc(
    rpcs: Sequence[RpcService],
    policies: Policies,
    *,
    metrics: Metrics | None = None,
    tracer: Tracer | None = None,
) -> AsyncIterator[grpc.aio.Channel]:
    server = GrpcServer(
        rpcs,
        gate(SETTINGS, NamesAsTokens(), metrics, tracer),
        policies=policies,
        anonymous=frozenset(name for name, policy in policies.items() if policy.anonymous),
    )
    port = await server.start()
    try:
        async with grpc.aio.insecure_channel(f"127.0.0.1:{port}") as channel:
            yield channel
    finally:
        await server.stop()
