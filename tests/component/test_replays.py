"""An idempotency key answers its own caller again, and nobody else, over REST and gRPC."""

from __future__ import annotations

from typing import Any

import grpc
import httpx2
from google.protobuf.timestamp_pb2 import Timestamp

from coaching.observations.v1 import observation_pb2 as pb
from coaching.observations.v1.observation_pb2_grpc import ObservationsServiceStub
from services.chassis.call import Principal
from services.chassis.edge.grpc_operations import rpc_service
from services.chassis.edge.grpc_server import GrpcServer
from services.chassis.edge.http import build_http
from services.chassis.edge.http_operations import rest_router
from services.chassis.metrics import Metrics
from services.chassis.settings import ChassisSettings, load
from services.chassis.tracing import Tracer
from tests.support.observations import (
    COACH,
    OTHER_COACH,
    POLICIES,
    TEACHER,
    Service,
    published_tool,
)

WHEN = "2026-11-04T17:30:00Z"
SETTINGS = load(ChassisSettings, environment="test", host="127.0.0.1", grpc_port=0)


class NamesAsTokens:
    async def verify(self, token: str) -> Principal:
        return Principal("north", person=token)


async def test_a_key_over_rest_gives_another_coach_no_unshared_observation() -> None:
    service = Service()
    body = {
        "teacher_id": TEACHER,
        "tool_id": await published_tool(service),
        "scheduled_for": WHEN,
    }
    app = build_http(
        "observations",
        "Observations",
        [rest_router(*room) for room in service.rooms],
        SETTINGS,
        NamesAsTokens(),
        policies=POLICIES,
        metrics=Metrics(),
        tracer=Tracer("observations"),
    )

    async def schedule(client: httpx2.AsyncClient, person: str) -> httpx2.Response:
        headers = {"Authorization": f"Bearer {person}", "Idempotency-Key": "monday"}
        return await client.post("/observations/v1/observations", json=body, headers=headers)

    transport = httpx2.ASGITransport(app=app)
    async with httpx2.AsyncClient(transport=transport, base_url="http://o") as client:
        made, again = await schedule(client, COACH), await schedule(client, COACH)
        other = await schedule(client, OTHER_COACH)
    assert (made.status_code, again.headers["idempotency-replayed"]) == (201, "true")
    assert again.json() == made.json()
    assert (other.status_code, other.json()["observer_id"]) == (201, OTHER_COACH)
    assert "idempotency-replayed" not in other.headers
    assert made.json()["observation_id"] not in other.text


async def test_a_request_id_over_grpc_gives_another_coach_no_unshared_observation() -> None:
    service = Service()
    when = Timestamp()
    when.FromJsonString(WHEN)
    request = pb.ScheduleObservationRequest(
        teacher_id=TEACHER,
        tool_id=await published_tool(service),
        scheduled_for=when,
        request_id="monday",
    )
    server = GrpcServer(
        [rpc_service(*room) for room in service.rooms],
        SETTINGS,
        NamesAsTokens(),
        policies=POLICIES,
        metrics=Metrics(),
        tracer=Tracer("observations"),
    )
    port = await server.start()
    try:
        async with grpc.aio.insecure_channel(f"127.0.0.1:{port}") as channel:
            stub: Any = ObservationsServiceStub(channel)

            async def schedule(person: str) -> Any:
                metadata = (("authorization", f"Bearer {person}"),)
                return await stub.ScheduleObservation(request, metadata=metadata)

            made = await schedule(COACH)
            assert await schedule(COACH) == made
            other = await schedule(OTHER_COACH)
    finally:
        await server.stop()
    assert other.observer_id == OTHER_COACH
    assert other.observation_id != made.observation_id
