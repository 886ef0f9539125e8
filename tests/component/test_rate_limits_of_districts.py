"""What the districts file says of rates holds in a service, over both of its doors, for that
district alone."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass

import grpc
import pytest

from coaching.programs.v1 import relationship_pb2, relationship_pb2_grpc
from services.access.districts import District, Districts
from services.assembly.service import Service
from services.chassis.backing import memory
from services.chassis.log.memory_log import MemoryLog
from services.chassis.rates import Rate, Rates
from services.chassis.settings import load
from services.programs import bootstrap as programs
from services.programs.settings import Settings
from tests.support.platform import NamedCallers
from tests.support.raw_http import send
from tests.support.rpcs import channel

ROUTE = "/programs/v1/relationships"
FEW = Rate(per_second=1, burst=2)


@dataclass
class Doors:
    service: Service
    channel: grpc.aio.Channel

    async def rest(self, token: str) -> tuple[int, str]:
        bearer = (b"authorization", f"Bearer {token}".encode())
        answer = await send(self.service.app, "GET", ROUTE, headers=[bearer])
        return answer.status, answer.json()["code"]

    async def rpc(self, token: str) -> grpc.StatusCode:
        stub = relationship_pb2_grpc.RelationshipsServiceStub(self.channel)
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await stub.ListRelationships(
                relationship_pb2.ListRelationshipsRequest(),
                metadata=(("authorization", f"Bearer {token}"),),
            )
        code: grpc.StatusCode = caught.value.code()
        return code


@pytest.fixture
async def doors() -> AsyncIterator[Doors]:
    settings = load(Settings, environment="test", host="127.0.0.1", grpc_port=0)
    districts = Districts({"few": District(rate_limits=Rates(person=FEW))})
    service = programs.build(
        settings, memory(MemoryLog()), districts=districts, identity=NamedCallers()
    )
    port = await service.grpc.start()
    async with channel(f"127.0.0.1:{port}") as opened:
        yield Doors(service, opened)
    await service.grpc.stop()


async def test_a_districts_rates_are_those_of_its_people(doors: Doors) -> None:
    """Nobody here is in the roster, which is another answer."""
    unknown = (403, "unknown_person")
    assert await doors.rest("few/coach-1") == unknown
    assert await doors.rpc("few/coach-1") is grpc.StatusCode.PERMISSION_DENIED
    limited = {await doors.rest("few/coach-1") for _ in range(5)}
    assert (429, "too_many_requests") in limited
    limited_there = {await doors.rpc("few/coach-3") for _ in range(7)}
    assert grpc.StatusCode.RESOURCE_EXHAUSTED in limited_there
    assert await doors.rest("few/coach-2") == unknown
    assert [await doors.rest("usual/coach-1") for _ in range(8)] == [unknown] * 8
