"""The insights service over REST: `/insights/v1/...`."""

from __future__ import annotations

from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Header, Query, Request, Response

from services.chassis.edge.http import service_router
from services.chassis.edge.http_call import CallDep
from services.chassis.fields import Id, QueryInt
from services.insights.caseload.entries import Entries
from services.insights.caseload.get_card import get_card
from services.insights.caseload.get_caseload import get_caseload
from services.insights.caseload.ports import Ports
from services.insights.caseload.resources import (
    OPTIONS,
    CardResource,
    CaseloadResource,
    caseload_json,
    entry_bytes,
    entry_json,
    freshness_json,
)
from services.insights.live.read import watch_caseload
from services.insights.live.sse import LiveResponse

YearQuery = Annotated[
    QueryInt | None,
    Query(ge=2000, le=2100, description="The calendar year it ends in; the current one"),
]
LastEventId = Annotated[str, Header(alias="Last-Event-ID", max_length=200)]

_CASELOAD: dict[int | str, dict[str, Any]] = {200: {"model": CaseloadResource}}
_CARD: dict[int | str, dict[str, Any]] = {200: {"model": CardResource}}
_LIVE: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "Events reset, entry, gone, heartbeat and bye, until the reader leaves",
        "content": {"text/event-stream": {}},  # OpenAPI 3.1 has no schema for one event
    }
}


def routes(ports: Ports) -> APIRouter:
    """Every route of the service over its use cases."""
    router = service_router("insights")
    entries = Entries(ports.cards, ports.almanac, entry_bytes)

    @router.get("/caseload", operation_id="get_own_caseload", responses=_CASELOAD)
    async def own(call: CallDep, school_year: YearQuery = None) -> Response:
        """The caller's own caseload."""
        found = await get_caseload(ports, entries, call, school_year=school_year)
        return _json(caseload_json(found))

    @router.get("/caseloads/{coach_id:path}/live", operation_id="watch_caseload", responses=_LIVE)
    async def live(
        coach_id: Id,
        call: CallDep,
        request: Request,
        school_year: YearQuery = None,
        last_event_id: LastEventId = "",
    ) -> Response:
        """The caseload as it changes. Begins with a reset and all entries or, after a
        disconnect, with what has changed since Last-Event-ID."""
        watch = await watch_caseload(
            ports, call, coach=coach_id, school_year=school_year, token=last_event_id
        )
        return LiveResponse(watch, request.app.state.edge.metrics)

    @router.get("/caseloads/{coach_id:path}", operation_id="get_caseload", responses=_CASELOAD)
    async def caseload(coach_id: Id, call: CallDep, school_year: YearQuery = None) -> Response:
        """A coach's caseload, for herself: greatest need of attention first."""
        found = await get_caseload(ports, entries, call, coach=coach_id, school_year=school_year)
        return _json(caseload_json(found))

    @router.get("/cards/{teacher_id:path}", operation_id="get_card", responses=_CARD)
    async def card(teacher_id: Id, call: CallDep, school_year: YearQuery = None) -> Response:
        """One teacher's card, for herself and her assigned coach."""
        entry, freshness = await get_card(ports, call, teacher=teacher_id, school_year=school_year)
        return _json({"entry": entry_json(entry), **freshness_json(freshness)})

    return router


def _json(body: dict[str, Any]) -> Response:
    return Response(orjson.dumps(body, option=OPTIONS), media_type="application/json")
