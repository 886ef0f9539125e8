"""What a table states is answered without FastAPI's layers, and nobody can tell the difference."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pytest
from fastapi import FastAPI

from coaching.goals.v1 import goal_pb2, goal_pb2_grpc
from services.chassis.call import Call
from services.chassis.edge.http import build_http, service_router
from services.chassis.edge.http_call import CallDep
from services.chassis.edge.http_operations import rest_router
from services.chassis.edge.noun import Noun
from services.chassis.edge.operation import Table
from services.chassis.fields import Body, Id, Number, Resource
from services.chassis.kernel import Aggregate, Fault, Kind
from services.chassis.metrics import Metrics
from services.chassis.settings import ChassisSettings, load
from tests.support.edges import gate
from tests.support.raw_http import JSON, RawAnswer, send
from tests.support.tokens import LocalIssuer, identity_of

ISSUER = LocalIssuer()
FRONTEND = "https://coaching.example"


@dataclass(kw_only=True)
class Thing(Aggregate):
    weight: float = 0


class ThingResource(Resource):
    thing_id: str
    weight: float


class Weigh(Body):
    weight: Number


async def get_thing(ports: None, call: Call, thing_id: Id) -> Thing:
    """One thing."""
    call.decided = True
    if thing_id == "missing":
        raise Fault(Kind.NOT_FOUND, "not_found", "There is none.")
    if thing_id == "broken":
        raise RuntimeError(thing_id)
    return Thing(id=thing_id, district=call.district, version=7)


async def weigh_thing(ports: None, call: Call, thing_id: Id, body: Weigh) -> Thing:
    """Weigh one."""
    call.decided = True
    return Thing(id=thing_id, district=call.district, version=8, weight=body.weight)


def thing_resource(thing: Thing) -> ThingResource:
    """One thing."""
    return ThingResource(thing_id=thing.id, weight=thing.weight)


@pytest.fixture
def metrics() -> Metrics:
    return Metrics()


@pytest.fixture
def app(metrics: Metrics) -> FastAPI:
    noun: Noun[None, Thing] = Noun("/things/{thing_id}", None, thing_resource)
    table: Table[None, str] = Table(
        "things",
        goal_pb2.DESCRIPTOR.services_by_name["GoalsService"],
        goal_pb2_grpc.add_GoalsServiceServicer_to_server,
        noun.get("mine", get_thing),
        noun.change(weigh_thing, "mine", "weigh"),
    )
    by_hand = service_router("things")

    @by_hand.get("/things/heaviest", operation_id="heaviest_thing")
    async def heaviest(call: CallDep) -> ThingResource:
        call.decided = True
        return ThingResource(thing_id="by hand", weight=9)

    return build_http(
        "things",
        "Things",
        [by_hand, rest_router(table, None)],
        gate(
            load(ChassisSettings, environment="test", cors_origins=[FRONTEND]),
            identity_of(ISSUER),
            metrics,
        ),
        policies={**table.policies, "heaviest_thing": "mine"},
    )


async def asked(
    app: FastAPI, method: str, path: str, body: bytes = b"", more: Mapping[str, str] | None = None
) -> RawAnswer:
    sent = {"authorization": f"Bearer {ISSUER.token()}", **(more or {})}
    headers = [(name.encode(), value.encode()) for name, value in sent.items()]
    if body:
        headers.append(JSON)
    return await send(app, method, f"/things/v1/things/{path}", headers=headers, body=body)


async def test_it_is_within_the_layers_of_the_service(app: FastAPI, metrics: Metrics) -> None:
    answer = await asked(app, "GET", "a", more={"origin": FRONTEND})
    assert (answer.status, answer.json()) == (200, {"thing_id": "a", "weight": 0})
    told = {"etag": '"7"', "access-control-allow-origin": FRONTEND, "cache-control": "no-store"}
    assert told.items() <= answer.headers.items()
    assert answer.headers["x-request-id"]
    said = metrics.exposition().decode()
    assert 'route="/things/v1/things/{thing_id}"' in said


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "code"),
    [
        ("GET", "missing", b"", 404, "not_found"),
        ("GET", "broken", b"", 500, "internal"),
        ("GET", "a?size=1", b"", 422, "unknown_parameter"),
        ("POST", "a/weigh", b'{"weight": "x"}', 422, "invalid_request"),
        ("POST", "a/weigh", b"{", 400, "malformed_json"),
        ("DELETE", "a", b"", 405, "method_not_allowed"),
        ("GET", "a/b", b"", 404, "no_such_route"),
    ],
)
async def test_what_is_refused_is_a_problem(
    app: FastAPI, method: str, path: str, body: bytes, status: int, code: str
) -> None:
    answer = await asked(app, method, path, body)
    assert (answer.status, answer.json()["code"]) == (status, code)
    assert answer.headers["content-type"] == "application/problem+json"


async def test_the_first_route_that_matches_answers(app: FastAPI) -> None:
    assert (await asked(app, "GET", "heaviest")).json()["thing_id"] == "by hand"
    assert (await asked(app, "GET", "heaviest-of-all")).json()["thing_id"] == "heaviest-of-all"


async def test_a_browser_may_ask_whether_it_may(app: FastAPI) -> None:
    may = {"origin": FRONTEND, "access-control-request-method": "POST"}
    answer = await asked(app, "OPTIONS", "a/weigh", more=may)
    assert (answer.status, answer.headers["access-control-allow-origin"]) == (200, FRONTEND)
