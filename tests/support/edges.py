"""REST and gRPC around the use cases of one service in memory: what `edges_of` makes, served."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import grpc
import httpx2
from fastapi import APIRouter

from services.access.policy import Policies
from services.chassis.call import Principal
from services.chassis.edge.grpc_server import GrpcServer, RpcService
from services.chassis.edge.http import build_http
from services.chassis.kernel import Fault, Kind
from services.chassis.metrics import Metrics
from services.chassis.settings import ChassisSettings, load
from services.chassis.tracing import Tracer

SETTINGS = load(ChassisSettings, environment="test", host="127.0.0.1", grpc_port=0)


class NamesAsTokens:
    """`person` or `person@district` instead of a signed token."""

    def seen(self, token: str) -> Principal | None:
        return None

    async def verify(self, token: str) -> Principal:
        person, _, district = token.partition("@")
        if not person:
            raise Fault(Kind.UNAUTHENTICATED, "bad_token")
        return Principal(district or "north", person=person)


def as_(person: str, **more: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {person}", **more}


def meta(person: str) -> tuple[tuple[str, str], ...]:
    return (("authorization", f"Bearer {person}"),)


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
        SETTINGS,
        NamesAsTokens(),
        policies=policies,
        metrics=metrics or Metrics(),
        tracer=tracer or Tracer("service"),
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
        SETTINGS,
        NamesAsTokens(),
        policies=policies,
        metrics=metrics or Metrics(),
        tracer=tracer or Tracer("service"),
        anonymous=frozenset(name for name, policy in policies.items() if policy.anonymous),
    )
    port = await server.start()
    try:
        async with grpc.aio.insecure_channel(f"127.0.0.1:{port}") as channel:
            yield channel
    finally:
        await server.stop()
