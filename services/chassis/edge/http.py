"""The REST edge, as services use it.

Most routes are made from a table: see `operation`. Those that are written out:

    router = service_router("things")

    @router.post("/things/{thing_id}/close", operation_id="close_thing")
    async def close(thing_id: Id, body: CloseThing, call: CallDep, response: Response) -> Closed:
        closed = await close_thing(ports, call, thing_id, body)
        reply(response, call, closed.version)
        return closed

`build_http` makes the application, `serve_http` its role for `runner.run`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from functools import cache

import orjson
import uvicorn
from fastapi import APIRouter, FastAPI, Request, Response
from fastapi.middleware.cors import CORSMiddleware

from services.chassis.edge import http_docs, http_problem
from services.chassis.edge.admission import Urgency
from services.chassis.edge.answer import digest_of
from services.chassis.edge.gate import Gate
from services.chassis.edge.http_application import Application
from services.chassis.edge.http_call import CALLERS
from services.chassis.edge.http_compact import Compact
from services.chassis.edge.http_conditional import unless_seen
from services.chassis.edge.http_door import Door
from services.chassis.edge.http_observe import Observe
from services.chassis.edge.http_strict import StrictRoute
from services.chassis.edge.policies import check_policies
from services.chassis.edge.serving import allow_connections, http_config, listen, serve_until
from services.chassis.runner import ProcessRole
from services.chassis.settings import ChassisSettings

_SENT = ["Authorization", "Content-Type", "Idempotency-Key", "If-Match", "If-None-Match"]
_SENT += ["Last-Event-ID", "Tandem-District", "traceparent", "X-Correlation-Id"]
_SHOWN = [
    "Device-Times", "ETag", "Idempotency-Replayed", "Link", "Location", "Retry-After",
    "X-Request-Id",
]  # fmt: skip


def service_router(service: str) -> APIRouter:
    """A router under `/<service>/v1` whose routes are strict and deny by default."""
    return APIRouter(prefix=f"/{service}/v1", route_class=StrictRoute, tags=[service])


def build_http(
    service: str,
    title: str,
    routers: Sequence[APIRouter],
    gate: Gate,
    *,
    policies: Mapping[str, object],
    version: str = "1",
    about: str = "",
    meanings: Mapping[str, str] | None = None,
    examples: Mapping[str, object] | None = None,
    codes: Mapping[str, Mapping[str, Sequence[str]]] | None = None,
    leaving: asyncio.Event | None = None,
) -> FastAPI:
    """The API of a service; `leaving` as in `runner.run`; `about`, `meanings`
    (`http_schema.explained`), `examples` (`http_examples.exampled`) and `codes` (of refusals:
    operation, status, codes) are for its document. Raises ValueError, naming the operations, where
    an operation has no id, no caller or no policy."""
    app = Application(
        title=title,
        version=version,
        description=about,
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        redirect_slashes=False,
        separate_input_output_schemas=False,
        telemetry={"tracing": False, "metrics": False, "logs": False, "operation_spans": False},
    )
    app.state.gate = gate
    for router in routers:
        app.router.routes.extend(router.routes)
    for route in _check_routes(app, policies):
        route.gate = gate
        if not route.anonymous:
            route.urgency = gate.urgencies.get(str(route.operation_id), Urgency.ORDINARY)
    app.state.meanings, app.state.examples = meanings or {}, examples or {}
    app.state.codes = codes or {}
    document = http_docs.openapi(app, service)
    app.openapi_schema = document

    @cache  # few ask a process for it
    def written() -> tuple[bytes, str]:
        return (raw := orjson.dumps(document)), digest_of(raw)

    async def openapi_json(request: Request) -> Response:
        raw, digest = written()
        response = Response(raw, media_type="application/json")
        response = unless_seen(request.scope, response, None, digest)
        response.headers["Cache-Control"] = "no-cache"  # kept, and asked for again with its tag
        return response

    app.add_route(f"/{service}/openapi.json", openapi_json, include_in_schema=False)
    http_docs.mount(app, service)
    http_problem.install(app, http_docs.names_in(document), f"/{service}/docs")
    app.add_middleware(Compact)
    if gate.settings.cors_origins:
        app.add_middleware(
            CORSMiddleware,
            allow_origins=gate.settings.cors_origins,
            allow_methods=["GET", "POST", "PUT", "PATCH", "DELETE"],
            allow_headers=_SENT,
            expose_headers=_SHOWN,
            max_age=600,
        )
    app.add_middleware(
        Observe,
        metrics=gate.metrics,
        tracer=gate.tracer,
        leaving=leaving or asyncio.Event(),
        admission=gate.room.admission,
        refusals=gate.refusals,
    )
    app.finish()
    return app


def _check_routes(app: FastAPI, policies: Mapping[str, object]) -> list[StrictRoute]:
    """All of them."""
    routes: list[StrictRoute] = []
    operations: list[str] = []
    for route in app.routes:
        if not isinstance(route, StrictRoute):
            raise ValueError(f"{getattr(route, 'path', route)}: not made by service_router")
        if not route.operation_id:
            raise ValueError(f"{route.path}: no operation_id")
        called = route.makes_call or any(
            each.call in CALLERS for each in route.dependant.dependencies
        )
        if not called:
            raise ValueError(f"{route.operation_id}: takes no call")
        operations.append(route.operation_id)
        routes.append(route)
    if len(set(operations)) != len(operations):
        raise ValueError("an operation_id is used twice")
    check_policies(operations, policies)
    return routes


def door_of(app: FastAPI) -> Door:
    """Before `app`, by what its operations say of themselves."""
    gate: Gate = app.state.gate
    urgencies = [
        (method, route.path_regex, route.urgency)
        for route in app.routes
        if isinstance(route, StrictRoute) and route.urgency is not Urgency.ORDINARY
        for method in route.methods or ()
    ]
    return Door(gate, urgencies)


def serve_http(app: FastAPI) -> ProcessRole:
    """The role `api` over HTTP: serves until `stop` is set, then ends open requests within
    3 s. Raises OSError where the port is taken."""

    settings: ChassisSettings = app.state.gate.settings

    async def serve(stop: asyncio.Event) -> None:
        allow_connections(2 * settings.max_connections)
        listening = listen(settings.host, settings.rest_port)
        config = http_config(app, settings.max_connections, door=door_of(app))
        server = uvicorn.Server(config)
        await serve_until(stop, server, listening)

    return serve
