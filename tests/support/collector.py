"""An OTLP collector in memory: what services export over gRPC."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import grpc
from opentelemetry.proto.collector.trace.v1 import trace_service_pb2, trace_service_pb2_grpc


class Exported(NamedTuple):
    """A span: the service that it comes from, its name, its own id and its parent's (hex)."""

    service: str
    name: str
    trace: str
    id: str
    parent: str
    failed: bool
    attributes: Mapping[str, str]


@dataclass
class Collector:
    address: str = ""
    spans: list[Exported] = field(default_factory=list)

    def of(self, trace: str) -> list[Exported]:
        return [each for each in self.spans if each.trace == trace]

    async def Export(
        self, request: Any, context: grpc.aio.ServicerContext[Any, Any]
    ) -> trace_service_pb2.ExportTraceServiceResponse:
        for resource in request.resource_spans:
            names = {each.key: each.value.string_value for each in resource.resource.attributes}
            for scope in resource.scope_spans:
                self.spans += [_exported(names["service.name"], span) for span in scope.spans]
        return trace_service_pb2.ExportTraceServiceResponse()


def _exported(service: str, span: Any) -> Exported:
    told = {each.key: each.value.string_value for each in span.attributes}
    ids = (span.trace_id.hex(), span.span_id.hex(), span.parent_span_id.hex())
    return Exported(service, span.name, *ids, span.status.code == 2, told)


@asynccontextmanager
async def collecting() -> AsyncIterator[Collector]:
    collector = Collector()
    server = grpc.aio.server()
    untyped: Any = trace_service_pb2_grpc
    untyped.add_TraceServiceServicer_to_server(collector, server)
    collector.address = f"http://127.0.0.1:{server.add_insecure_port('127.0.0.1:0')}"
    await server.start()
    try:
        yield collector
    finally:
        await server.stop(0)
