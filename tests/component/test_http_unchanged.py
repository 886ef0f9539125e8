"""Who has what a read would answer is told so, and who takes answers smaller gets them so."""

from __future__ import annotations

import gzip
from collections.abc import Mapping
from dataclasses import dataclass

import pytest
from fastapi import FastAPI

from coaching.goals.v1 import goal_pb2, goal_pb2_grpc
from services.chassis.call import Call, Principal
from services.chassis.edge.grpc_call import open_call
from services.chassis.edge.http import build_http
from services.chassis.edge.http_operations import rest_router
from services.chassis.edge.noun import Noun
from services.chassis.edge.operation import Table, apart
from services.chassis.fields import Id, Resource
from services.chassis.kernel import Aggregate, not_found
from services.chassis.settings import ChassisSettings, load
from tests.support.edges import gate
from tests.support.raw_http import RawAnswer, send
from tests.support.tokens import LocalIssuer, identity_of

ISSUER = LocalIssuer()


@dataclass
class Shelf:
    """What a thing is called is told beside it, and changes without it."""

    name: str = "hook"
    as_of: str = "2026-10-05T15:00:00Z"
    gone: bool = False


@dataclass(kw_only=True)
class Thing(Aggregate):
    name: str = ""


class ThingResource(Resource):
    thing_id: str
    name: str


class ShelfResource(Resource):
    words: list[str]
    as_of: str
    stale: bool


async def get_thing(ports: Shelf, call: Call, thing_id: Id) -> Thing:
    """One thing."""
    call.decided = True
    if ports.gone:
        raise not_found()
    return Thing(id=thing_id, district=call.district, version=7, name=ports.name)


async def turn_thing(ports: Shelf, call: Call, thing_id: Id) -> Thing:
    """Turn one."""
    call.decided = True
    return Thing(id=f"{call.if_match}", district=call.district, version=8, name=ports.name * 500)


async def get_shelf(ports: Shelf, call: Call) -> ShelfResource:
    """All of it."""
    call.decided = True
    return ShelfResource(words=[ports.name] * 500, as_of=ports.as_of, stale=False)


def thing_resource(thing: Thing) -> ThingResource:
    """One thing."""
    return ThingResource(thing_id=thing.id, name=thing.name)


@pytest.fixture
def shelf() -> Shelf:
    return Shelf()


@pytest.fixture
def app(shelf: Shelf) -> FastAPI:
    noun: Noun[Shelf, Thing] = Noun("/things/{thing_id}", None, thing_resource)
    table: Table[Shelf, str] = Table(
        "things",
        goal_pb2.DESCRIPTOR.services_by_name["GoalsService"],
        goal_pb2_grpc.add_GoalsServiceServicer_to_server,
        noun.get("mine", get_thing),
        noun.change(turn_thing, "mine", "turn"),
        apart(get_shelf, "GET", "/shelf", "mine"),
    )
    behind = gate(load(ChassisSettings, environment="test"), identity_of(ISSUER))
    return build_http(
        "things", "Things", [rest_router(table, shelf)], behind, policies=table.policies
    )


async def get(
    app: FastAPI, path: str, more: Mapping[str, str] | None = None, method: str = "GET"
) -> RawAnswer:
    sent = {"authorization": f"Bearer {ISSUER.token()}", **(more or {})}
    headers = [(name.encode(), value.encode()) for name, value in sent.items()]
    return await send(app, method, f"/things/v1/{path}", headers=headers)


async def seen(app: FastAPI, path: str, tag: str) -> RawAnswer:
    return await get(app, path, {"if-none-match": tag})


async def test_who_has_it_is_told_so_and_not_what(app: FastAPI, shelf: Shelf) -> None:
    tag = (await get(app, "shelf")).headers["etag"]
    assert tag.startswith('W/"')
    shelf.as_of = "2026-10-05T15:00:01Z"  # read later, and the same
    for said in (tag, tag.removeprefix("W/"), f'"x", {tag}', "*"):
        again = await seen(app, "shelf", said)
        assert (again.status, again.body, again.headers["etag"]) == (304, b"", tag)
        assert "content-type" not in again.headers
        assert again.headers["cache-control"] == "no-store"
    shelf.name = "nail"
    changed = await seen(app, "shelf", tag)
    assert (changed.status, changed.json()["words"][0]) == (200, "nail")
    assert changed.headers["etag"] != tag


@pytest.mark.parametrize("said", ["", "x", '"', 'W/"', '"7"', '"' + "0" * 18 + '"'])
async def test_what_names_nothing_of_it_gets_it(app: FastAPI, said: str) -> None:
    assert (await seen(app, "shelf", said)).status == 200


async def test_one_version_told_otherwise_is_not_the_same(app: FastAPI, shelf: Shelf) -> None:
    version = (await get(app, "things/a")).headers["etag"]
    assert version == '"7"'
    first = await seen(app, "things/a", version)
    tag = first.headers["etag"]
    assert (first.status, first.json()["name"], tag[:3]) == (200, "hook", '"7.')
    assert (await seen(app, "things/a", tag)).status == 304
    shelf.name = "nail"
    assert (await seen(app, "things/a", tag)).json()["name"] == "nail"


async def test_who_may_not_see_it_any_more_is_refused(app: FastAPI, shelf: Shelf) -> None:
    tag = (await seen(app, "things/a", "")).headers["etag"]
    shelf.gone = True
    for said in (tag, "*"):
        assert (await seen(app, "things/a", said)).status == 404


async def test_a_change_takes_the_longer_tag_too(app: FastAPI) -> None:
    tag = (await seen(app, "things/a", "")).headers["etag"]
    changed = await get(app, "things/a/turn", {"if-match": tag}, "POST")
    assert (changed.json()["thing_id"], changed.headers["etag"]) == ("7", '"8"')
    asked = goal_pb2.ChangeGoalRequest(goal_id="g", etag=tag)
    assert open_call("x", {}, Principal("north", person="p"), asked).if_match == 7


async def test_it_is_smaller_for_who_takes_it_so(app: FastAPI) -> None:
    whole = await get(app, "shelf")
    assert "content-encoding" not in whole.headers
    for said in ("gzip", "br;q=1.0, gzip;q=0.5, *;q=0"):
        small = await get(app, "shelf", {"accept-encoding": said})
        told = small.headers
        assert (told["content-encoding"], told["vary"]) == ("gzip", "Accept-Encoding")
        assert int(told["content-length"]) == len(small.body) < len(whole.body) / 10
        assert (gzip.decompress(small.body), told["etag"]) == (whole.body, whole.headers["etag"])


@pytest.mark.parametrize("said", ["", "identity", "gzip;q=0", "br, gzip; q=0.0", "x-gzippy"])
async def test_it_is_as_it_is_for_who_does_not(app: FastAPI, said: str) -> None:
    assert "content-encoding" not in (await get(app, "shelf", {"accept-encoding": said})).headers


async def test_what_is_small_or_what_a_change_answers_is_sent_as_it_is(app: FastAPI) -> None:
    takes = {"accept-encoding": "gzip"}
    assert "content-encoding" not in (await get(app, "things/a", takes)).headers
    changed = await get(app, "things/a/turn", takes, "POST")
    assert len(changed.body) > 1_000
    assert "content-encoding" not in changed.headers


async def test_the_document_is_sent_once_to_who_keeps_it(app: FastAPI) -> None:
    """Also by a browser, which keeps nothing else."""
    path = "/things/openapi.json"
    first = await send(app, "GET", path)
    tag = first.headers["etag"]
    again = await send(app, "GET", path, headers=[(b"if-none-match", tag.encode())])
    assert (first.status, again.status, again.body) == (200, 304, b"")
    assert first.headers["cache-control"] == again.headers["cache-control"] == "no-cache"
    other = await send(app, "GET", path, headers=[(b"if-none-match", b'"other"')])
    assert (other.status, other.body) == (200, first.body)
