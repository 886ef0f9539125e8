"""Every operation of a filled platform, asked for over REST and gRPC with its example."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import grpc

from tests.support.filled import Filled
from tests.support.operations import Ids, Route, example_body
from tests.support.raw_http import JSON, RawAnswer, send
from tests.support.rpcs import Rpc, call, example


@dataclass
class Doors:
    platform: Filled
    channels: Mapping[str, grpc.aio.Channel]

    async def rest(self, route: Route, ids: Ids, token: str) -> RawAnswer:
        body = example_body(self.platform, route, ids) if route.body else None
        query = "&".join(
            f"{p['name']}={ids[p['name']]}"
            for p in route.parameters
            if p["in"] == "query" and p["name"] in ids
        )
        headers = [(b"authorization", f"Bearer {token}".encode()), JSON]
        if any(each["name"] == "If-Match" for each in route.parameters):
            headers.append((b"if-match", b'"4"'))
        return await send(
            self.platform.services[route.service].app,
            route.method,
            f"{route.path(ids)}?{query}",
            headers=headers if token else headers[1:],
            body=json.dumps(body).encode() if body is not None else b"",
            leave_after=3 if route.operation == "watch_caseload" else 0,
        )

    async def rpc(self, rpc: Rpc, ids: Ids, metadata: Any) -> tuple[object, bytes]:
        try:
            request = example(self.platform, rpc, ids)
            answer = await call(self.channels[rpc.service], rpc, request, metadata)
        except grpc.aio.AioRpcError as error:
            return error.code(), told(error)
        return grpc.StatusCode.OK, bytes(answer)


def told(error: grpc.aio.AioRpcError) -> bytes:
    """All of it: its words, its details and its headers."""
    headers = [*(error.initial_metadata() or ()), *(error.trailing_metadata() or ())]
    return repr(
        (error.details(), sorted((name, _bytes(value)) for name, value in headers))
    ).encode()


def _bytes(value: str | bytes) -> bytes:
    return value if isinstance(value, bytes) else value.encode()
