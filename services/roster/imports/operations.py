"""What callers may do with imports: the district and its programs bring its roster. The one
operation is of bytes as they arrive, so it is written out here, for REST and for gRPC."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Annotated, Any

import grpc
from fastapi import APIRouter, Query, Request
from google.protobuf.json_format import ParseDict

from coaching.roster.v1 import imports_pb2, imports_pb2_grpc
from services.access.policy import Policy
from services.chassis.call import Call
from services.chassis.edge.grpc_server import call_of
from services.chassis.edge.http import service_router
from services.chassis.edge.http_call import CallDep
from services.chassis.edge.operation import Table
from services.chassis.kernel import Fault, Kind
from services.roster.imports.cases import Ports, import_roster
from services.roster.imports.oneroster.upload import MOST_BYTES, receive
from services.roster.imports.resources import ImportReport, import_report

DISTRICT = Policy(district_admin=True, partners=True, about="roster")

OPERATIONS: Table[Ports, Policy] = Table(
    "roster",
    imports_pb2.DESCRIPTOR.services_by_name["ImportsService"],
    imports_pb2_grpc.add_ImportsServiceServicer_to_server,
    by_hand={"import_roster": DISTRICT},
)

_ZIP = "application/zip"
_ZIP_BODY = {
    "requestBody": {
        "required": True,
        "content": {_ZIP: {"schema": {"type": "string", "format": "binary"}}},
    }
}


def routes(ports: Ports) -> APIRouter:
    router = service_router("roster")

    @router.post(
        "/imports",
        operation_id="import_roster",
        summary="Import Roster",
        max_body_size=MOST_BYTES,
        openapi_extra=_ZIP_BODY,
    )
    async def import_zip(
        call: CallDep,
        request: Request,
        validate_only: Annotated[bool, Query(description="Only check and report")] = False,
        allow_removals: Annotated[
            bool, Query(description="Remove even a suspiciously large share of the records")
        ] = False,
    ) -> ImportReport:
        """Import a OneRoster CSV zip, 1.2 or 1.1, of all or of changes. Wrong rows are reported,
        the rest is taken; the same file again changes nothing."""
        await ports.access.allow(call)  # before anything of the body is taken
        if request.headers.get("content-type", "").partition(";")[0].strip().lower() != _ZIP:
            raise Fault(Kind.UNSUPPORTED, "unsupported_media_type", f"Send {_ZIP}.")
        options = {"validate_only": validate_only, "allow_removals": allow_removals}
        return await _imported(ports, call, request.stream(), options)

    return router


class Rpcs:
    def __init__(self, ports: Ports) -> None:
        self._ports = ports

    async def ImportRoster(
        self,
        request_iterator: AsyncIterator[imports_pb2.ImportRosterRequest],
        context: grpc.aio.ServicerContext[Any, Any],
    ) -> imports_pb2.ImportRosterResponse:
        call = call_of(context)
        await self._ports.access.allow(call)  # before anything is taken from the stream
        options = {"validate_only": False, "allow_removals": False}

        async def chunks() -> AsyncIterator[bytes]:
            first = True
            async for each in request_iterator:
                if first:
                    options["validate_only"] = each.validate_only
                    options["allow_removals"] = each.allow_removals
                    first = False
                yield each.chunk

        report = await _imported(self._ports, call, chunks(), options)
        return ParseDict(report.model_dump(), imports_pb2.ImportRosterResponse())


async def _imported(
    ports: Ports, call: Call, data: AsyncIterator[bytes], options: dict[str, bool]
) -> ImportReport:
    """`options` are read when all of `data` has arrived."""
    with ports.under_way.arriving(call.district):
        received = await receive(data)
    with received as file:
        report = await import_roster(ports, call, file, **options)
    return import_report(report, options["validate_only"])
