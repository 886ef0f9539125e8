"""Tools that ask a server what it serves are answered in either version, if a setting says so."""

from __future__ import annotations

from typing import Any

import grpc
import pytest
from grpc_reflection.v1alpha import reflection_pb2

from tests.support.served_grpc import Served, serving

VERSIONS = ("v1", "v1alpha")


async def asked(served: Served, version: str) -> Any:
    channel = await served.connection()
    ask = channel.stream_stream(
        f"/grpc.reflection.{version}.ServerReflection/ServerReflectionInfo",
        request_serializer=reflection_pb2.ServerReflectionRequest.SerializeToString,
        response_deserializer=reflection_pb2.ServerReflectionResponse.FromString,
    )
    request = reflection_pb2.ServerReflectionRequest(list_services="")
    [answer] = [each async for each in ask(iter([request]))]
    return answer


@pytest.mark.parametrize("version", VERSIONS)
async def test_services_are_listed(version: str) -> None:
    async with serving(grpc_reflection=True) as served:
        answer = await asked(served, version)
    names = {each.name for each in answer.list_services_response.service}
    assert "coaching.goals.v1.GoalsService" in names
    assert {f"grpc.reflection.{each}.ServerReflection" for each in VERSIONS} <= names


@pytest.mark.parametrize("version", VERSIONS)
async def test_nothing_is_told_unless_the_setting_says_so(version: str) -> None:
    async with serving(grpc_reflection=False) as served:
        with pytest.raises(grpc.aio.AioRpcError) as refused:
            await asked(served, version)
    assert refused.value.code() is grpc.StatusCode.UNIMPLEMENTED
