"""The short way through a route is FastAPI's way, only shorter."""

from __future__ import annotations

from typing import Any

import httpx2
import pytest
from fastapi.routing import APIRoute

from services.chassis.edge import http_strict
from services.chassis.edge.http_short import short_way
from services.chassis.metrics import Metrics
from tests.support.tiny_service import build, router
from tests.support.tokens import LocalIssuer

JSON = {"content-type": "application/json"}
THINGS, CHANGE = "/things/v1/things", "/things/v1/things/t1/change"
REQUESTS: list[tuple[str, str, dict[str, Any]]] = [
    ("POST", THINGS, {"json": {"name": "x"}}),
    ("POST", THINGS, {"json": {"name": "again"}, "headers": {"Idempotency-Key": "k"}}),
    ("POST", THINGS, {"json": {"name": "x", "parts": [{"name": "p", "size": "1"}], "b": 1}}),
    ("POST", THINGS, {"json": [1]}),
    ("POST", THINGS, {"json": None}),
    ("POST", THINGS, {"content": b"", "headers": JSON}),
    ("POST", THINGS, {"content": b"{", "headers": JSON}),
    ("POST", THINGS, {"content": b"x" * 300_000, "headers": JSON}),
    ("POST", THINGS, {"content": b"{}", "headers": {"content-type": "text/plain"}}),
    ("POST", THINGS, {"json": {}, "headers": {"Authorization": "Bearer no"}}),
    ("POST", THINGS, {"content": b"{", "headers": {**JSON, "Authorization": "Bearer no"}}),
    ("POST", CHANGE, {"json": {"name": "x", "size": 1}}),
    ("POST", CHANGE, {"json": {"name": "x", "size": 1}, "headers": {"if-match": '"3"'}}),
    ("POST", CHANGE, {"json": {"name": "x", "size": 1}, "headers": {"if-match": ""}}),
    ("POST", "/things/v1/things/a%20b/change", {"json": {"name": 1}, "headers": {"if-match": "1"}}),
    (
        "POST",
        "/things/v1/things/a%20b/change",
        {"json": {"name": 1}, "headers": {"if-match": '"1"'}},
    ),
    ("DELETE", CHANGE, {}),
    ("POST", "/things/v1/submissions", {"json": {"district_id": "lakewood", "text": "t"}}),
    ("POST", "/things/v1/submissions", {"json": {"district_id": 4, "text": "t"}}),
    ("PUT", "/things/v1/upload", {"content": b"z" * 300_000}),
    ("GET", "/things/v1/forgetful", {}),
    ("GET", "/things/v1/faults/conflict", {}),
    ("GET", "/things/v1/broken", {}),
    ("GET", "/things/v1/things/t1", {}),
]
SHORT = {
    "make_thing",
    "change_thing",
    "submit_thing",
    "upload_thing",
    "forget_thing",
    "fail_thing",
    "break_thing",
}


async def answers(issuer: LocalIssuer) -> list[tuple[int, dict[str, str], dict[str, Any]]]:
    app = build(router(), issuer, Metrics())
    found = []
    transport = httpx2.ASGITransport(app)
    async with httpx2.AsyncClient(transport=transport, base_url="http://things") as client:
        for method, path, sent in REQUESTS:
            headers = {**issuer.bearer(), **sent.get("headers", {})}
            answer = await client.request(method, path, **{**sent, "headers": headers})
            body = answer.json()
            for own in ("instance", "trace_id"):
                body.pop(own, None)
            kept = {name: text for name, text in answer.headers.items() if name != "x-request-id"}
            kept.pop("content-length")
            found.append((answer.status_code, kept, body))
    return found


async def test_both_ways_answer_alike(monkeypatch: pytest.MonkeyPatch) -> None:
    issuer = LocalIssuer()
    short = await answers(issuer)
    monkeypatch.setattr(http_strict, "short_way", lambda route: None)
    assert short == await answers(issuer)
    assert {201, 200, 400, 401, 405, 409, 413, 415, 422, 428, 500} <= {each[0] for each in short}


def test_routes_that_ask_for_more_go_fastapis_way() -> None:
    routes = [each for each in router().routes if isinstance(each, APIRoute)]
    assert {each.operation_id for each in routes if short_way(each) is not None} == SHORT
