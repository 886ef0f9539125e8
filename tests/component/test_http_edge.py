"""The REST edge around a tiny service of its own."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Any

import httpx2
import pytest
from fastapi import APIRouter, FastAPI
from fastapi.routing import APIRoute
from structlog.testing import capture_logs

from services.chassis.edge import deadline
from services.chassis.edge.http import service_router
from services.chassis.edge.http_call import CallDep
from services.chassis.edge.sizes import MAX_ANONYMOUS
from services.chassis.metrics import HTTP_SECONDS, Metrics
from tests.support.raw_http import JSON, send
from tests.support.tiny_service import POLICIES, SECRET, Thing, build, router, thing
from tests.support.tokens import LocalIssuer


@pytest.fixture
def issuer() -> LocalIssuer:
    return LocalIssuer()


@pytest.fixture
def metrics() -> Metrics:
    return Metrics()


@pytest.fixture
def app(issuer: LocalIssuer, metrics: Metrics) -> FastAPI:
    return build(router(), issuer, metrics, cors_origins=("https://coach.example",))


@pytest.fixture
async def api(app: FastAPI, issuer: LocalIssuer) -> AsyncIterator[httpx2.AsyncClient]:
    transport = httpx2.ASGITransport(app)
    async with httpx2.AsyncClient(
        transport=transport, base_url="http://things", headers=issuer.bearer()
    ) as client:
        yield client


def problem(answer: httpx2.Response, status: int, code: str) -> dict[str, Any]:
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    body: dict[str, Any] = answer.json()
    assert body["code"] == code
    assert body["status"] == status
    assert body["type"] == f"urn:tandem:problem:{code}"
    assert len(body["trace_id"]) == 32
    assert body["instance"].endswith(answer.headers["x-request-id"])
    assert SECRET not in answer.text
    return body


async def test_a_create_becomes_a_call_and_its_result_headers(api: httpx2.AsyncClient) -> None:
    answer = await api.post(
        "/things/v1/things", json={"name": "x"}, headers={"Idempotency-Key": "k-1"}
    )
    assert answer.status_code == 201
    assert answer.headers["etag"] == '"1"'
    assert answer.headers["location"] == "/things/v1/things/t1"
    assert "idempotency-replayed" not in answer.headers
    made = answer.json()
    assert (made["operation"], made["district"], made["person"], made["key"]) == (
        "make_thing",
        "riverside",
        "coach-1",
        "k-1",
    )


async def test_a_request_for_another_district_than_the_tokens_is_refused_by_its_head(
    api: httpx2.AsyncClient,
) -> None:
    path, body = "/things/v1/things", {"name": "x"}
    answer = await api.post(path, json=body, headers={"Tandem-District": "riverside"})
    assert answer.status_code == 201
    answer = await api.post(path, content=b"{", headers={"Tandem-District": "lakeside"})
    told = problem(answer, 403, "other_district")
    assert "riverside" in told["detail"]


async def test_a_replay_says_so(api: httpx2.AsyncClient) -> None:
    answer = await api.post("/things/v1/things", json={"name": "again"})
    assert answer.headers["idempotency-replayed"] == "true"


@pytest.mark.parametrize("header", ["", "Basic x", "Bearer", "Bearer x", "Bearer a.b.c"])
async def test_no_good_token_no_answer(api: httpx2.AsyncClient, header: str) -> None:
    answer = await api.post(
        "/things/v1/things", json={"name": "x"}, headers={"Authorization": header}
    )
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"] == "Bearer"


@pytest.mark.parametrize(
    ("body", "pointers"),
    [
        ({}, {"/name"}),
        ({"name": 7}, {"/name"}),
        ({"name": "x", "weight": "1"}, {"/weight"}),
        ({"name": "x", "weight": True}, {"/weight"}),
        ({"name": "x", "parts": [{"name": "y", "size": 1.5}]}, {"/parts/0/size"}),
        ({"name": "x", SECRET: 1}, {""}),
        ({"name": "x", "parts": [{"name": "y", "size": 1, SECRET: 1}]}, {"/parts/0"}),
        ([SECRET], {""}),
        (SECRET, {""}),
    ],
)
async def test_a_broken_schema_says_where_and_echoes_nothing(
    api: httpx2.AsyncClient, body: object, pointers: set[str]
) -> None:
    found = problem(await api.post("/things/v1/things", json=body), 422, "invalid_request")
    assert {each["pointer"] for each in found["errors"]} == pointers


@pytest.mark.parametrize(
    ("content", "status", "code"),
    [
        (b"{", 400, "malformed_json"),
        (b'{"name":NaN}', 400, "malformed_json"),
        (b'{"name":"\xff"}', 400, "malformed_json"),
        (b'{"name":"a","name":"b"}', 422, "duplicate_key"),
        (b'{"name":"a","Maria Garcia":{"$x":1}}', 422, "refused_key"),
        (rb'{"name":"\u0000"}', 422, "control_character"),
        (b" " * 262_145, 413, "too_large"),
    ],
)
async def test_a_body_that_is_not_strict_json(
    api: httpx2.AsyncClient, content: bytes, status: int, code: str
) -> None:
    headers = {"Content-Type": "application/json"}
    problem(await api.post("/things/v1/things", content=content, headers=headers), status, code)


async def test_a_lower_case_name_as_a_key_is_not_echoed_either(api: httpx2.AsyncClient) -> None:
    headers = {"Content-Type": "application/json"}
    content = rb'{"name":"x","parts":[{"maria":{"size":"\u0000"}}]}'
    answer = await api.post("/things/v1/things", content=content, headers=headers)
    found = problem(answer, 422, "control_character")
    assert [each["pointer"] for each in found["errors"]] == ["/parts/0"]


async def test_the_limit_holds_for_chunks_too_and_a_route_may_raise_it(
    api: httpx2.AsyncClient,
) -> None:
    async def chunks(count: int) -> AsyncIterator[bytes]:
        for _ in range(count):
            yield b" " * 100_000

    headers = {"Content-Type": "application/json"}
    answer = await api.post("/things/v1/things", content=chunks(3), headers=headers)
    problem(answer, 413, "too_large")
    answer = await api.put("/things/v1/upload", content=chunks(9))
    assert answer.json()["name"] == "900000"
    problem(await api.put("/things/v1/upload", content=chunks(11)), 413, "too_large")


async def test_without_a_token_a_body_is_small(api: httpx2.AsyncClient) -> None:
    del api.headers["authorization"]
    headers = {"Content-Type": "application/json"}
    for size, status in ((MAX_ANONYMOUS, 400), (MAX_ANONYMOUS + 1, 413)):
        answer = await api.post("/things/v1/submissions", content=b" " * size, headers=headers)
        assert answer.status_code == status


@pytest.mark.parametrize("length", [b"9" * 19, b"-1", b"1_0", b"\xb2"])  # a digit to Python
async def test_a_length_is_written_in_digits(
    app: FastAPI, issuer: LocalIssuer, length: bytes
) -> None:
    token = issuer.bearer()["Authorization"].encode()
    headers = [JSON, (b"content-length", length), (b"authorization", token)]
    answer = await send(app, "POST", "/things/v1/things", headers=headers, body=[b"{}"])
    assert answer.status == 413


@pytest.mark.parametrize(
    "kind", ["text/plain", "", "application/x-www-form-urlencoded", "application/json;charset=x"]
)
async def test_only_json_is_taken(api: httpx2.AsyncClient, kind: str) -> None:
    answer = await api.post(
        "/things/v1/things", content=b'{"name":"x"}', headers={"Content-Type": kind}
    )
    problem(answer, 415, "unsupported_media_type")


async def test_idempotency_keys_and_etags_are_checked(api: httpx2.AsyncClient) -> None:
    for key in ("a b", "x" * 129, "\x7f"):
        answer = await api.post(
            "/things/v1/things", json={"name": "x"}, headers={"Idempotency-Key": key}
        )
        problem(answer, 400, "malformed_header")
    part, path = {"name": "x", "size": 1}, "/things/v1/things/t1/change"
    problem(await api.post(path, json=part), 428, "precondition_required")
    for tag in ("3", 'W/"3"', '"x"', "*", '"-1"'):
        answer = await api.post(path, json=part, headers={"If-Match": tag})
        problem(answer, 400, "malformed_header")
    answer = await api.post(path, json=part, headers={"If-Match": '"3"'})
    assert answer.json()["if_match"] == 3


async def test_what_is_created_has_no_version_that_a_caller_could_have_seen(
    api: httpx2.AsyncClient, app: FastAPI
) -> None:
    seen = {"If-Match": '"7"'}
    answer = await api.post("/things/v1/things", json={"name": "x"}, headers=seen)
    problem(answer, 400, "if_match_on_create")
    assert app.openapi_schema is not None
    create = app.openapi_schema["paths"]["/things/v1/things"]["post"]
    assert [each["name"] for each in create["parameters"]] == ["Idempotency-Key"]


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/things/v1/things?page_size=2&year=2026"),
        ("GET", f"/things/v1/things?{SECRET}="),
        ("GET", f"/things/v1/things?{SECRET}"),
        ("POST", "/things/v1/things?page_size=2"),
    ],
)
async def test_a_query_parameter_that_is_not_known_is_refused(
    api: httpx2.AsyncClient, method: str, path: str
) -> None:
    body = {"name": "x"} if method == "POST" else None
    found = problem(await api.request(method, path, json=body), 422, "unknown_parameter")
    assert ("page_size" in found["detail"]) is (method == "GET")


async def test_an_answer_without_an_access_decision_does_not_leave(
    api: httpx2.AsyncClient,
) -> None:
    problem(await api.get("/things/v1/forgetful"), 500, "no_access_decision")


@pytest.mark.parametrize(
    ("kind", "status"),
    [
        ("invalid", 422),
        ("forbidden", 403),
        ("not_found", 404),
        ("conflict", 409),
        ("stale", 412),
        ("key_reused", 422),
        ("limited", 429),
        ("unavailable", 503),
    ],
)
async def test_every_kind_has_its_status(api: httpx2.AsyncClient, kind: str, status: int) -> None:
    answer = await api.get(f"/things/v1/faults/{kind}")
    problem(answer, status, "some_code")
    assert ("retry-after" in answer.headers) == (status in (429, 503))


async def test_what_takes_too_long_may_be_tried_again(
    api: httpx2.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(deadline, "ANSWER_SECONDS", 0.05)
    answer = await api.post("/things/v1/things", json={"name": "slow"})
    problem(answer, 503, "deadline")
    assert "retry-after" in answer.headers


async def test_a_crash_and_unknown_routes_are_problems_too(
    api: httpx2.AsyncClient,
) -> None:
    problem(await api.get("/things/v1/broken"), 500, "internal")
    told = problem(await api.get(f"/things/v1/{SECRET}"), 404, "no_such_route")
    assert told["detail"] == "/things/docs shows all that there is."
    answer = await api.delete("/things/v1/things")
    problem(answer, 405, "method_not_allowed")
    assert answer.headers["allow"] == "GET, POST"


async def test_the_line_of_a_failed_request_names_it_and_its_code(api: httpx2.AsyncClient) -> None:
    with capture_logs() as lines:
        answers = [await api.get("/things/v1/broken"), await api.get("/things/v1/forgetful")]
    told = [each for each in lines if each["event"] == "answered_5xx"]
    assert [(each["request_id"], each["code"]) for each in told] == [
        (answers[0].headers["x-request-id"], "internal"),
        (answers[1].headers["x-request-id"], "no_access_decision"),
    ]


async def test_an_anonymous_call_has_a_district_and_nobody(api: httpx2.AsyncClient) -> None:
    del api.headers["authorization"]
    body = {"district_id": "lakeside", "text": "hello"}
    answer = await api.post("/things/v1/submissions", json=body)
    assert (answer.json()["district"], answer.json()["person"]) == ("lakeside", "")
    for district in (None, 7, "", "a:b"):
        answer = await api.post("/things/v1/submissions", json={**body, "district_id": district})
        problem(answer, 422, "district_id")


async def test_pages_link_on(api: httpx2.AsyncClient) -> None:
    answer = await api.get("/things/v1/things?kind=a%26b&page_size=500&page_token=t")
    expected = '</things/v1/things?kind=a%26b&page_size=500&page_token=more>; rel="next"'
    assert answer.headers["link"] == expected


async def test_headers_for_browsers(api: httpx2.AsyncClient) -> None:
    answer = await api.get("/things/v1/things", headers={"Origin": "https://coach.example"})
    assert answer.headers["access-control-allow-origin"] == "https://coach.example"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["cache-control"] == "no-store"
    answer = await api.get("/things/v1/things", headers={"Origin": "https://evil.example"})
    assert "access-control-allow-origin" not in answer.headers


async def test_the_document_is_fit_for_generators(api: httpx2.AsyncClient) -> None:
    document = (await api.get("/things/openapi.json")).json()
    assert document["openapi"] == "3.1.0"
    assert "itemSchema" not in json.dumps(document)
    names = document["components"]["schemas"].keys()
    assert not [name for name in names if name.endswith(("-Input", "-Output"))]
    for path in document["paths"].values():
        for operation in path.values():
            assert operation["operationId"] in POLICIES
            assert operation["security"] == (
                [] if operation["operationId"] == "submit_thing" else [{"oidc": []}]
            )
            for status, answer in operation["responses"].items():
                if status >= "400":
                    assert "application/problem+json" in answer["content"]


@pytest.mark.parametrize("above", ["/", "/things", "/things/v1"])
async def test_an_address_above_the_operations_leads_to_their_page(
    api: httpx2.AsyncClient, above: str
) -> None:
    answer = await api.get(above)
    assert (answer.status_code, answer.headers["location"]) == (307, "/things/docs")


async def test_the_docs_page_needs_nothing_from_elsewhere(api: httpx2.AsyncClient) -> None:
    for path in ("/things/docs", "/things/docs/page.js", "/things/docs/page.css"):
        answer = await api.get(path)
        assert answer.status_code == 200
        assert "//" not in answer.text.replace("// Shows", "")
    assert "default-src 'none'" in answer.headers["content-security-policy"]


async def test_requests_are_measured_by_template(api: httpx2.AsyncClient, metrics: Metrics) -> None:
    await api.get("/things/v1/faults/conflict")
    child = metrics.of(HTTP_SECONDS, "/things/v1/faults/{kind}", "GET", "4xx")
    assert child._sum.get() > 0


def test_a_route_without_a_policy_an_id_or_a_call_cannot_be_built(
    issuer: LocalIssuer, metrics: Metrics
) -> None:
    bare = service_router("things")

    @bare.get("/a", operation_id="unheard_of")
    async def unheard(call: CallDep) -> Thing:
        return thing(call)

    with pytest.raises(ValueError, match="without a policy: unheard_of"):
        build(bare, issuer, metrics)

    nameless = service_router("things")

    @nameless.get("/a")
    async def without_id(call: CallDep) -> Thing:
        return thing(call)

    with pytest.raises(ValueError, match="no operation_id"):
        build(nameless, issuer, metrics)

    open_door = service_router("things")

    @open_door.get("/a", operation_id="make_thing")
    async def without_call() -> None:
        return None

    with pytest.raises(ValueError, match="takes no call"):
        build(open_door, issuer, metrics)

    plain = APIRouter(route_class=APIRoute)

    @plain.get("/a", operation_id="make_thing")
    async def plainly(call: CallDep) -> None:
        return None

    with pytest.raises(ValueError, match="not made by service_router"):
        build(plain, issuer, metrics)
