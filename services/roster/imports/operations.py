"""What callers may do with imports: the district and its programs bring its roster and see what has
become of it. Sending a file is of bytes as they arrive, and a report has a map and may be a table:
so they are written out here, for REST and for gRPC."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Any

import grpc
from fastapi import APIRouter, Query, Request, Response
from google.protobuf.json_format import ParseDict
from pydantic import TypeAdapter

from coaching.roster.v1 import imports_pb2, imports_pb2_grpc
from services.access.policy import Policy
from services.chassis.call import Call
from services.chassis.edge.grpc_call import call_of
from services.chassis.edge.grpc_parse import id_of
from services.chassis.edge.http import service_router
from services.chassis.edge.http_call import CallDep
from services.chassis.edge.noun import Noun
from services.chassis.edge.operation import Table
from services.chassis.fields import Id, Instant
from services.chassis.kernel import Fault, Kind, invalid, not_found
from services.roster.imports.cases import Ports
from services.roster.imports.oneroster.upload import MOST_BYTES, receive
from services.roster.imports.report_csv import report_csv
from services.roster.imports.resources import (
    ImportJob,
    ImportJobs,
    import_job,
    import_job_summary,
)
from services.roster.imports.starting import find_import, list_imports, start_import

DISTRICT = Policy(district_admin=True, partners=True, about="roster")


IMPORT: Noun[Ports, Any] = Noun("/imports/{import_id}", None, import_job)
OPERATIONS: Table[Ports, Policy] = Table(
    "roster",
    imports_pb2.DESCRIPTOR.services_by_name["ImportsService"],
    imports_pb2_grpc.add_ImportsServiceServicer_to_server,
    IMPORT.find(list_imports, DISTRICT, ImportJobs, import_job_summary),
    by_hand={
        "import_roster": DISTRICT,
        "get_import": DISTRICT,
        "get_import_report": DISTRICT,
    },
)

_INSTANTS: TypeAdapter[datetime] = TypeAdapter(Instant)
_ZIP, _CSV = "application/zip", "text/csv"
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
        status_code=202,
        max_body_size=MOST_BYTES,
        openapi_extra=_ZIP_BODY,
    )
    async def import_zip(
        call: CallDep,
        request: Request,
        response: Response,
        validate_only: Annotated[bool, Query(description="Only check and report")] = False,
        allow_removals: Annotated[
            bool, Query(description="Take removals even where they look like a broken export")
        ] = False,
        asked_at: Annotated[
            Instant | None,
            Query(description="When its source was asked for what the file says: not to come"),
        ] = None,
    ) -> ImportJob:
        """Import a OneRoster CSV zip, 1.2 or 1.1, of all or of changes. The file is kept, and the
        import carried out when its turn comes: ask for it until it is done. Wrong rows are
        reported, the rest is taken; the same file again changes nothing."""
        await ports.access.allow(call)  # before anything of the body is taken
        if request.headers.get("content-type", "").partition(";")[0].strip().lower() != _ZIP:
            raise Fault(Kind.UNSUPPORTED, "unsupported_media_type", f"Send {_ZIP}.")
        options = _Options(validate_only, allow_removals, asked_at)
        job = await _started(ports, call, request.stream(), options)
        response.headers["Location"] = f"/roster/v1/imports/{job.import_id}"
        return job

    @router.get("/imports/{import_id}", operation_id="get_import")
    async def get_import(call: CallDep, import_id: Id) -> ImportJob:
        """An import, how far it is and what it does: its report is settled before anything is
        written."""
        return import_job(await find_import(ports, call, import_id))

    @router.get(
        "/imports/{import_id}/report",
        operation_id="get_import_report",
        response_class=Response,
        responses={200: {"content": {_CSV: {"schema": {"type": "string"}}}}},
    )
    async def report_table(call: CallDep, import_id: Id) -> Response:
        """The report of an import as a table (CSV with a header): problems, what was held back,
        notes and totals. There is none before it is settled."""
        report = import_job(await find_import(ports, call, import_id)).report
        if report is None:
            raise not_found()
        return Response(report_csv(report), media_type=_CSV)

    return router


class Rpcs:
    def __init__(self, ports: Ports) -> None:
        self._ports = ports

    async def ImportRoster(
        self,
        request_iterator: AsyncIterator[imports_pb2.ImportRosterRequest],
        context: grpc.aio.ServicerContext[Any, Any],
    ) -> imports_pb2.ImportJob:
        call = call_of(context)
        await self._ports.access.allow(call)  # before anything is taken from the stream
        options = _Options()

        async def chunks() -> AsyncIterator[bytes]:
            first = True
            async for each in request_iterator:
                if first:
                    options.validate_only = each.validate_only
                    options.allow_removals = each.allow_removals
                    options.asked_at = _instant(each)
                    first = False
                yield each.chunk

        return _message(await _started(self._ports, call, chunks(), options))

    async def GetImport(
        self,
        request: imports_pb2.GetImportRequest,
        context: grpc.aio.ServicerContext[Any, Any],
    ) -> imports_pb2.ImportJob:
        call = call_of(context)
        return _message(
            import_job(await find_import(self._ports, call, id_of(request, "import_id")))
        )


def _message(job: ImportJob) -> imports_pb2.ImportJob:
    return ParseDict(job.model_dump(mode="json", exclude_none=True), imports_pb2.ImportJob())


@dataclass
class _Options:
    validate_only: bool = False
    allow_removals: bool = False
    asked_at: datetime | None = None


def _instant(asked: imports_pb2.ImportRosterRequest) -> datetime | None:
    """Raises Fault INVALID for one that is none from 2000 to 2100."""
    if not asked.HasField("asked_at"):
        return None
    try:
        return _INSTANTS.validate_python(asked.asked_at.ToDatetime(UTC))
    except (ValueError, OverflowError):
        raise invalid("out_of_range", "It is no instant from 2000 to 2100.", "/asked_at") from None


async def _started(
    ports: Ports, call: Call, data: AsyncIterator[bytes], options: _Options
) -> ImportJob:
    """`options` are read when all of `data` has arrived."""
    with ports.under_way.arriving(call.district):
        received = await receive(data)
    with received as file:
        return import_job(await start_import(ports, call, file, **vars(options)))
