"""The two doors of the surveys service over memory: REST and gRPC."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import grpc
import httpx2

from coaching.surveys.v1.administration_pb2_grpc import AdministrationsServiceStub
from coaching.surveys.v1.instrument_pb2_grpc import InstrumentsServiceStub
from services.chassis.call import Principal
from services.chassis.edge.grpc_server import GrpcServer
from services.chassis.edge.http import build_http
from services.chassis.kernel import Fault, Kind
from services.chassis.metrics import Metrics
from services.chassis.settings import load
from services.chassis.tracing import Tracer
from services.ctl.demo.measures import TALKING_TOGETHER
from services.surveys.bootstrap import edges
from services.surveys.settings import Settings
from tests.support.survey_examples import CLASS, COACH, TEACHER
from tests.support.surveys import POLICIES, Service

ORIGIN = "http://surveys"
V1 = f"{ORIGIN}/surveys/v1"


class NamesAsTokens:
    """`person` or `person@district` instead of a signed token."""

    async def verify(self, token: str) -> Principal:
        person, _, district = token.partition("@")
        if not person:
            raise Fault(Kind.UNAUTHENTICATED, "bad_token")
        return Principal(district or "north", person=person)


class Stubs:
    """The RPCs of both rooms by their names."""

    def __init__(self, *rooms: Any) -> None:
        self._rooms = rooms

    def __getattr__(self, name: str) -> Any:
        return next(getattr(room, name) for room in self._rooms if hasattr(room, name))


def settings(**given: Any) -> Settings:
    return load(Settings, environment="test", host="127.0.0.1", grpc_port=0, **given)


@asynccontextmanager
async def rest(
    service: Service, metrics: Metrics | None = None, tracer: Tracer | None = None
) -> AsyncIterator[httpx2.AsyncClient]:
    app = build_http(
        "surveys",
        "Surveys",
        edges(service.rooms)[0],
        settings(),
        NamesAsTokens(),
        policies=POLICIES,
        metrics=metrics or Metrics(),
        tracer=tracer or Tracer("surveys"),
    )
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app=app)) as client:
        yield client


@asynccontextmanager
async def rpc(
    service: Service, metrics: Metrics | None = None, tracer: Tracer | None = None
) -> AsyncIterator[Any]:
    server = GrpcServer(
        edges(service.rooms)[1],
        settings(),
        NamesAsTokens(),
        policies=POLICIES,
        metrics=metrics or Metrics(),
        tracer=tracer or Tracer("surveys"),
        anonymous=frozenset({"submit_response"}),
    )
    port = await server.start()
    async with grpc.aio.insecure_channel(f"127.0.0.1:{port}") as channel:
        yield Stubs(InstrumentsServiceStub(channel), AdministrationsServiceStub(channel))
    await server.stop()


def as_(person: str, **more: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {person}", **more}


async def post(client: httpx2.AsyncClient, path: str, person: str, body: Any = None) -> Any:
    answer = await client.post(f"{V1}{path}", json=body, headers=as_(person))
    assert answer.status_code in (200, 201), answer.text
    return answer.json()


async def scheduled(client: httpx2.AsyncClient) -> str:
    measure = (await post(client, "/instruments", TEACHER, TALKING_TOGETHER))["instrument_id"]
    await post(client, f"/instruments/{measure}/publish", TEACHER)
    body = {"instrument_id": measure, "teacher_id": TEACHER, "class_id": CLASS}
    made: str = (await post(client, "/administrations", COACH, body))["administration_id"]
    return made


def responses(survey: str, district: str = "north") -> str:
    return f"{V1}/districts/{district}/administrations/{survey}/responses"
