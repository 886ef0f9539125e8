"""The two doors of the surveys service over memory: REST and gRPC."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx2

from coaching.surveys.v1.administration_pb2_grpc import AdministrationsServiceStub
from coaching.surveys.v1.instrument_pb2_grpc import InstrumentsServiceStub
from services.ctl.demo.instruments import TALKING_TOGETHER
from services.surveys.bootstrap import edges
from tests.support.edges import as_, over_grpc, over_rest
from tests.support.survey_examples import CLASS, COACH, TEACHER
from tests.support.surveys import POLICIES, Service

ORIGIN = "http://surveys"
V1 = f"{ORIGIN}/surveys/v1"


class Stubs:
    """The RPCs of both rooms by their names."""

    def __init__(self, *rooms: Any) -> None:
        self._rooms = rooms

    def __getattr__(self, name: str) -> Any:
        return next(getattr(room, name) for room in self._rooms if hasattr(room, name))


@asynccontextmanager
async def rest(service: Service, **watched: Any) -> AsyncIterator[httpx2.AsyncClient]:
    async with over_rest(edges(service.rooms)[0], POLICIES, **watched) as client:
        yield client


@asynccontextmanager
async def rpc(service: Service, **watched: Any) -> AsyncIterator[Any]:
    async with over_grpc(edges(service.rooms)[1], POLICIES, **watched) as channel:
        yield Stubs(InstrumentsServiceStub(channel), AdministrationsServiceStub(channel))


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
