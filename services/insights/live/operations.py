"""A live caseload over REST, as server-sent events, and over gRPC. No shape fits a stream: it is
written out here, under the name and the policy that the table of caseloads has for it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import aclosing
from typing import Annotated, Any

import grpc
from fastapi import APIRouter, Header, Request, Response

from coaching.insights.v1 import caseload_pb2 as pb
from services.access.school_year import SchoolYear
from services.chassis.edge.grpc_answer import teller
from services.chassis.edge.grpc_call import call_of
from services.chassis.edge.grpc_parse import parse
from services.chassis.edge.http import service_router
from services.chassis.edge.http_call import TicketedCallDep
from services.chassis.fields import Body, IdOrMe
from services.chassis.kernel import Fault, Kind
from services.chassis.write.states import stamp
from services.insights.caseload.read import Year
from services.insights.caseload.resources import EntryResource, entry_resource
from services.insights.live.read import Ports, Watch, watch_caseload
from services.insights.live.resources import LiveEvent
from services.insights.live.sse import LiveResponse
from services.insights.live.stream import Message, MessageKind

LastEventId = Annotated[str, Header(alias="Last-Event-ID")]

_LIVE: dict[int | str, dict[str, Any]] = {
    200: {"model": LiveEvent, "description": "One event after the other, until the reader leaves"}
}
_KINDS = {
    MessageKind.RESET: pb.WatchCaseloadResponse.KIND_RESET,
    MessageKind.ENTRY: pb.WatchCaseloadResponse.KIND_ENTRY,
    MessageKind.GONE: pb.WatchCaseloadResponse.KIND_GONE,
    MessageKind.ORDER: pb.WatchCaseloadResponse.KIND_ORDER,
    MessageKind.HEARTBEAT: pb.WatchCaseloadResponse.KIND_HEARTBEAT,
    MessageKind.BYE: pb.WatchCaseloadResponse.KIND_BYE,
}


def routes(ports: Ports) -> APIRouter:
    """To be mounted before those of caseloads, whose path takes an id with slashes."""
    router = service_router("insights")

    @router.get(
        "/caseloads/{coach_id:path}/live",
        operation_id="watch_caseload",
        status_code=200,
        response_class=LiveResponse,
        responses=_LIVE,
    )
    async def live(
        coach_id: IdOrMe,
        call: TicketedCallDep,
        request: Request,
        school_year: Year = None,
        last_event_id: LastEventId = "",
    ) -> Response:
        """The caseload as it changes. Begins with a reset and all entries or, after a
        disconnect, with what has changed since Last-Event-ID, where that is a place that is known:
        any other is as good as none."""
        watch = await watch_caseload(
            ports, call, coach=coach_id, school_year=school_year, token=last_event_id
        )
        gate = request.app.state.gate
        return LiveResponse(watch, gate.metrics, gate.tracer)

    return router


class _Which(Body):
    coach_id: IdOrMe | None = None
    school_year: SchoolYear | None = None


class Rpcs:
    def __init__(self, ports: Ports) -> None:
        self._ports = ports
        self._entry = teller(EntryResource, pb.CaseloadEntry.DESCRIPTOR)

    async def WatchCaseload(
        self, request: pb.WatchCaseloadRequest, context: grpc.aio.ServicerContext[Any, Any]
    ) -> AsyncIterator[pb.WatchCaseloadResponse]:
        """A reader who is too slow gets `bye` with her place, then RESOURCE_EXHAUSTED. As over
        REST nothing that stands for a place is refused, so it is not parsed either."""
        which = parse(_Which, request, skip=("resume_token",))
        watch = await watch_caseload(
            self._ports,
            call_of(context),
            coach=which.coach_id or "",
            school_year=which.school_year,
            token=request.resume_token,
        )
        try:
            async with aclosing(watch.messages()) as messages:
                async for message in messages:
                    yield self._told(message, watch)
                    if message.slow:
                        raise Fault(Kind.LIMITED, "slow_reader", "Resume with the last token.")
        finally:
            watch.close()

    def _told(self, message: Message, watch: Watch) -> pb.WatchCaseloadResponse:
        freshness = watch.freshness()
        entry: Any = message.entry and self._entry(entry_resource(message.entry))
        return pb.WatchCaseloadResponse(
            kind=_KINDS[message.kind],
            entry=entry,
            need=message.need,
            after_teacher_id=message.after if message.entry and message.after else None,
            teacher_id=message.entry.card.teacher if message.entry else message.teacher,
            resume_token=message.token,
            as_of=stamp(freshness.as_of),
            stale=freshness.stale,
            entry_count=message.count,
            teacher_ids=message.order,
        )
