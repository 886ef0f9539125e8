"""A tiny service, to try the REST edge on."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from fastapi import APIRouter, FastAPI, Request, Response

from services.chassis.call import Call, precondition
from services.chassis.edge.admission import Urgency
from services.chassis.edge.http import build_http, service_router
from services.chassis.edge.http_call import AnonymousCallDep, CallDep, next_link, reply
from services.chassis.edge.rates import RateLimits
from services.chassis.edge.shares import Room
from services.chassis.fields import Body, Id, Line, Number, Resource
from services.chassis.kernel import Fault, Kind
from services.chassis.metrics import Metrics
from services.chassis.settings import ChassisSettings, load
from tests.support.edges import gate
from tests.support.tokens import LocalIssuer, identity_of

SECRET = "Maria Garcia"


class Part(Body):
    name: Line
    size: int


class MakeThing(Body):
    name: Line
    weight: Number = 1.0
    parts: list[Part] = []


class Submit(Body):
    district_id: Id
    text: Line


class Thing(Resource):
    id: str
    operation: str
    district: str
    person: str
    key: str
    if_match: int | None
    name: str = ""


POLICIES = dict.fromkeys(
    """make_thing change_thing list_things submit_thing upload_thing forget_thing fail_thing
    break_thing list_things_live""".split()
)


def router() -> APIRouter:
    things = service_router("things")

    @things.post("/things", operation_id="make_thing", status_code=201)
    async def make(body: MakeThing, call: CallDep, response: Response) -> Thing:
        call.decided = True
        call.replayed = body.name == "again"
        if body.name == "slow":
            await asyncio.Event().wait()
        reply(response, call, 1, location="/things/v1/things/t1")
        return thing(call, body.name)

    @things.post("/things/{thing_id}/change", operation_id="change_thing")
    async def change(thing_id: Id, body: Part, call: CallDep) -> Thing:
        precondition(call)
        call.decided = True
        return thing(call)

    @things.get("/things", operation_id="list_things")
    async def list_things(
        request: Request,
        response: Response,
        call: CallDep,
        page_size: int = 0,
        page_token: str = "",
        kind: str = "",
    ) -> Thing:
        call.decided = True
        next_link(request, response, "more")
        return thing(call)

    @things.post("/submissions", operation_id="submit_thing")
    async def submit(body: Submit, call: AnonymousCallDep) -> Thing:
        call.decided = True
        return thing(call)

    @things.put("/upload", operation_id="upload_thing", max_body_size=1_000_000)
    async def upload(request: Request, call: CallDep) -> Thing:
        call.decided = True
        return thing(call, str(len(await request.body())))

    @things.get("/forgetful", operation_id="forget_thing")
    async def forget(call: CallDep) -> Thing:
        return thing(call)

    @things.get("/faults/{kind}", operation_id="fail_thing")
    async def fail(kind: str, call: CallDep) -> Thing:
        raise Fault(Kind(kind), "some_code", "What to do.")

    @things.get("/broken", operation_id="break_thing")
    async def broken(call: CallDep) -> Thing:
        raise RuntimeError(SECRET)

    return things


def thing(call: Call, name: str = "") -> Thing:
    principal = call.principal
    return Thing(
        id="t1",
        operation=call.operation,
        district=call.district,
        person=principal.person,
        key=call.key,
        if_match=call.if_match,
        name=name,
    )


def build(
    routes: APIRouter,
    issuer: LocalIssuer,
    metrics: Metrics,
    urgencies: Mapping[str, Urgency] | None = None,
    room: Room | None = None,
    limits: RateLimits | None = None,
    **settings: Any,
) -> FastAPI:
    return build_http(
        "things",
        "Things",
        [routes],
        gate(
            load(ChassisSettings, environment="test", **settings),
            identity_of(issuer),
            metrics,
            room=room,
            urgencies=urgencies,
            limits=limits,
        ),
        policies=POLICIES,
    )
