"""An idempotency key answers its own caller again, and nobody else, over REST and gRPC."""

from __future__ import annotations

from typing import Any

import httpx2
from google.protobuf.timestamp_pb2 import Timestamp

from coaching.observations.v1 import observation_pb2 as pb
from coaching.observations.v1.observation_pb2_grpc import ObservationsServiceStub
from services.assembly.rooms import edges_of
from services.observations.bootstrap import tables
from tests.support.edges import as_, meta, over_grpc, over_rest
from tests.support.observations import (
    COACH,
    OTHER_COACH,
    POLICIES,
    TEACHER,
    Service,
    published_tool,
)

WHEN = "2026-11-04T17:30:00Z"


async def test_a_key_over_rest_gives_another_coach_no_unshared_observation() -> None:
    service = Service()
    body = {
        "teacher_id": TEACHER,
        "tool_id": await published_tool(service),
        "scheduled_for": WHEN,
    }

    async def schedule(client: httpx2.AsyncClient, person: str) -> httpx2.Response:
        headers = as_(person, **{"Idempotency-Key": "monday"})
        url = "http://o/observations/v1/observations"
        return await client.post(url, json=body, headers=headers)

    async with over_rest(edges_of(tables(), service.ports)[0], POLICIES) as client:
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
    async with over_grpc(edges_of(tables(), service.ports)[1], POLICIES) as channel:
        stub: Any = ObservationsServiceStub(channel)

        async def schedule(person: str) -> Any:
            return await stub.ScheduleObservation(request, metadata=meta(person))

        made = await schedule(COACH)
        assert await schedule(COACH) == made
        other = await schedule(OTHER_COACH)
    assert other.observer_id == OTHER_COACH
    assert other.observation_id != made.observation_id
