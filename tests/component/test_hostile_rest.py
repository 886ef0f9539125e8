"""Every REST route against a corpus of hostile input: a 4xx problem that names the place,
repeats nothing, and leaves nothing behind."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import quote, unquote

import pytest

from services.chassis.fields import CODE_PATTERN, ID_PATTERN
from tests.support.filled import Filled, unfilled
from tests.support.hostile_json import CANARY, WHOLE, broken, missing
from tests.support.operations import (
    ANONYMOUS,
    CALLERS,
    SEEN,
    Route,
    caller_of,
    example_body,
    routes,
)
from tests.support.raw_http import JSON, Header, RawAnswer, send

NORTH = "north"
ROUTES = list(routes(unfilled()))
WITH_BODY = [each for each in ROUTES if each.body is not None]
CHANGES = [each for each in ROUTES if each.method != "GET"]


def named(route: Route) -> str:
    return route.operation


@pytest.fixture(scope="module")
async def platform() -> Filled:
    """Shared by every test here, because none of them changes anything."""
    made = Filled()
    await made.fill(NORTH)
    return made


def bearer(route: Route, *more: Header) -> list[Header]:
    token = caller_of(route.operation, NORTH)
    who = [(b"authorization", f"Bearer {token}".encode())] if token else []
    seen = SEEN.get(route.operation)
    version = [(b"if-match", seen.encode())] if seen else []
    return [*who, *[each for each in version if b"if-match" not in dict(more)], *more]


def target(route: Route, ids: Mapping[str, str], query: str = "") -> str:
    needed = [f"{name}={ids[name]}" for name in route.asks if f"{name}=" not in query]
    whole = "&".join(filter(None, [query, *needed]))
    return route.path(ids) + (f"?{whole}" if whole else "")


def refused(answer: RawAnswer, what: object) -> dict[str, Any]:
    """The problem; fails on anything but a 4xx that repeats nothing."""
    told = (what, answer.status, answer.body[:500])
    assert 400 <= answer.status < 500, told
    assert answer.headers["content-type"] == "application/problem+json", told
    assert CANARY not in answer.body.decode(), told
    assert not any(CANARY in value for value in answer.headers.values()), told
    found: dict[str, Any] = answer.json()
    assert found["code"], told
    assert found["status"] == answer.status, told
    return found


class Unchanged:
    """A `with` block after which everything stored is as before."""

    def __init__(self, platform: Filled) -> None:
        self.platform = platform

    def __enter__(self) -> None:
        self.before = self.platform.stored()

    def __exit__(self, kind: object, *_: object) -> None:
        if kind is None:
            assert self.platform.stored() == self.before


def test_every_operation_is_known_here() -> None:
    operations = {(each.service, each.operation) for each in ROUTES}
    assert {operation for _, operation in operations} <= CALLERS.keys()
    assert len(ROUTES) == len(operations)


async def test_the_requests_that_are_broken_here_are_good_as_they_are() -> None:
    platform = Filled()
    await platform.fill(NORTH)
    ids = platform.ids[NORTH]
    for route in sorted(ROUTES, key=lambda each: each.operation not in ANONYMOUS):
        if route.operation in ("watch_caseload", "import_roster"):
            continue  # one never ends, the other has its own corpus
        body = json.dumps(example_body(platform, route, ids)) if route.body else ""
        answer = await send(
            platform.services[route.service].app,
            route.method,
            target(route, ids),
            headers=bearer(route, JSON),
            body=body.encode(),
        )
        assert answer.status < 300, (route.operation, answer)


@pytest.mark.parametrize("route", WITH_BODY, ids=named)
async def test_one_broken_place_is_named_and_nothing_is_stored(
    platform: Filled, route: Route
) -> None:
    app, ids = platform.services[route.service].app, platform.ids[NORTH]
    good = example_body(platform, route, ids)
    with Unchanged(platform):
        for each in [*broken(route, good), *missing(route, good)]:
            answer = await send(
                app, route.method, target(route, ids), headers=bearer(route, JSON), body=each.body
            )
            found = refused(answer, each)
            assert answer.status in (400, 422), (each, found)
            if found["code"] in ("malformed_json", "too_deep"):
                continue
            pointers = [error["pointer"] for error in found["errors"]]
            if each.place:
                assert pointers, (each, found)
            for pointer in pointers:
                assert pointer == each.place or pointer.startswith(f"{each.place}/"), (each, found)


@pytest.mark.parametrize("route", WITH_BODY, ids=named)
async def test_a_body_that_is_none(platform: Filled, route: Route) -> None:
    app, ids = platform.services[route.service].app, platform.ids[NORTH]
    with Unchanged(platform):
        for body, statuses in WHOLE:
            for length in (True, False):
                answer = await send(
                    app,
                    route.method,
                    target(route, ids),
                    headers=bearer(route, JSON),
                    body=body,
                    length=length,
                )
                refused(answer, body)
                assert answer.status in statuses | {400, 422}, (body, answer)


def large(good: Any) -> bytes:
    return json.dumps(good).encode() + b" " * 262_144


@pytest.mark.parametrize("route", WITH_BODY, ids=named)
async def test_a_body_that_is_too_large_or_no_json(platform: Filled, route: Route) -> None:
    app, ids = platform.services[route.service].app, platform.ids[NORTH]
    good = example_body(platform, route, ids)
    text = json.dumps(good).encode()

    async def status(body: bytes | list[bytes], *headers: Header, length: bool = True) -> int:
        answer = await send(
            app,
            route.method,
            target(route, ids),
            headers=bearer(route, *headers),
            body=body,
            length=length,
        )
        refused(answer, headers)
        return answer.status

    with Unchanged(platform):
        assert await status(large(good), JSON) == 413
        assert await status(large(good), JSON, length=False) == 413
        assert await status([text, *[b" " * 65_536] * 5], JSON) == 413
        assert await status(text, JSON, (b"content-length", b"1e9"), length=False) == 413
        assert await status(text, JSON, (b"content-length", b"9" * 40), length=False) == 413
        for kind in KINDS:
            assert await status(text, (b"content-type", kind)) == 415, kind
        assert await status(text) == 415


KINDS = [
    b"",
    b"text/plain",
    b"application/x-www-form-urlencoded",
    b"multipart/form-data; boundary=Zanzibar77",
    b"application/json; charset=utf-16",
    b"application/json; charset=Zanzibar77",
    b"application/jsonZanzibar77",
    b"application/problem+json",
    b"\xff\xfe",
]

PATHS = [
    "%00",
    "a%00b",
    "%0A",
    f"{CANARY}%0A",
    "%ff",
    "%ED%A0%80",
    "%24where",
    "%7B%22%24gt%22%3A%22%22%7D",
    "a%3Ab",
    "..%2F..%2Fetc%2Fpasswd",
    "%2e%2e%2f",
    "a%20b",
    "%F0%9F%92%A9",
    "x" * 256,
    CANARY * 900,
    "%E2%80%AE",
    "'%20or%201=1--",
]


# Codes and ids that callers choose; codes may hold more than ids.
CHOSEN = {"measure_id": re.compile(r"[A-Za-z0-9._:/@ -]{1,64}"), "draft_id": re.compile(ID_PATTERN)}


@pytest.mark.parametrize("route", [each for each in ROUTES if "{" in each.template], ids=named)
async def test_hostile_path_parameters(platform: Filled, route: Route) -> None:
    app, ids = platform.services[route.service].app, platform.ids[NORTH]
    names = re.findall(r"{(\w+)}", route.template)
    good = json.dumps(example_body(platform, route, ids)) if route.body else ""
    with Unchanged(platform):
        for name in names:
            for text in PATHS:
                if name in CHOSEN and CHOSEN[name].fullmatch(unquote(text)):
                    continue
                # the marker keeps what is sent as it is
                path = route.path({**dict.fromkeys(ids, "x"), **ids, **_all(ids, name, text)})
                answer = await send(
                    app, route.method, path, headers=bearer(route, JSON), body=good.encode()
                )
                if answer.status == 200:  # an id that might be, and a list of what it has
                    assert not any(answer.json().values()), (name, text)
                    continue
                found = refused(answer, (name, text))
                assert answer.status in (404, 405, 422), (name, text, found)
                if answer.status == 422:
                    assert [e["pointer"] for e in found["errors"]] == [f"/{name}"], (text, found)


def _all(ids: Mapping[str, str], name: str, text: str) -> dict[str, str]:
    """Whatever id an operation takes for `name`."""
    chosen = {name, *(each for of in CALLERS.values() for n, each in of[1].items() if n == name)}
    return dict.fromkeys(chosen & ids.keys(), text)


def queries() -> Iterator[tuple[Route, str, str]]:
    for route in ROUTES:
        for parameter in route.parameters:
            if parameter["in"] == "query":
                for text in QUERIES[_kind(parameter)]:
                    yield route, parameter["name"], text


def _kind(parameter: Mapping[str, Any]) -> str:
    schema = parameter["schema"]
    if parameter["name"] == "page_token":
        return "token"
    if schema.get("pattern") == CODE_PATTERN:
        return "code"
    kinds = [each.get("type", "string") for each in schema.get("anyOf", [schema])]  # or an enum
    return str(kinds[0])


QUERIES = {
    # a slash may be part of an id, a backslash may not
    "string": [re.sub("%2[Ff]", "%5C", each) for each in PATHS if "/" not in each],
    "integer": [
        "1_0",
        "1e3",
        "0x10",
        "-1",
        "NaN",
        "1.5",
        "true",
        "+5",
        "%2B5",
        "%205",
        "%D9%A3",
        "99999999999999999999",
        "9" * 5000,
        CANARY,
        "%00",
        "%ff",
        "",
    ],
    "code": [each for each in PATHS if not re.fullmatch(CODE_PATTERN, unquote(each))],
    "boolean": [CANARY, "2", "%00", "null", ""],
    "token": [CANARY, "%00", "%ff", "AQ", "A" * 1024, "A" * 1025, "%2B%2F%3D", "%F0%9F%92%A9"],
}


@pytest.mark.parametrize(
    "route",
    [each for each in ROUTES if any(p["in"] == "query" for p in each.parameters)],
    ids=named,
)
async def test_hostile_query_parameters(platform: Filled, route: Route) -> None:
    app, ids = platform.services[route.service].app, platform.ids[NORTH]
    with Unchanged(platform):
        for each, name, text in queries():
            if each is not route:
                continue
            path = target(route, ids, f"{name}={text}")
            answer = await send(
                app, route.method, path, headers=bearer(route, (b"content-type", b"text/plain"))
            )
            found = refused(answer, (name, text))
            if route.operation != "import_roster":
                assert answer.status == 422, (name, text, found)
                assert [e["pointer"] for e in found["errors"]] == [f"/{name}"], (text, found)


async def test_a_page_token_of_another_list_is_refused(platform: Filled) -> None:
    first = await platform.ask(f"{NORTH}/admin-01", "GET", "/roster/v1/people?page_size=1")
    token = quote(first.json()["next_page_token"])
    assert token
    for route in ROUTES:
        if any(p["name"] == "page_token" for p in route.parameters):
            if route.operation == "list_people":
                continue
            answer = await send(
                platform.services[route.service].app,
                "GET",
                target(route, platform.ids[NORTH], f"page_token={token}"),
                headers=bearer(route),
            )
            assert refused(answer, route.operation)["code"] == "page_token"


HEADERS: list[tuple[bytes, bytes, int]] = [
    *((b"idempotency-key", key, 400) for key in (b"a b", b"x" * 129, b"\x7f", b"\xff", b"a\tb")),
    *(
        (b"if-match", tag, 400)
        for tag in (b"4", b'W/"4"', b"*", b'"-1"', b'"1","2"', b'"' + b"9" * 17 + b'"', b"\xff")
    ),
    *(
        (b"authorization", token, 401)
        for token in (
            b"",
            b"Bearer",
            b"Bearer ",
            b"Basic Zanzibar77",
            b"Bearer Zanzibar77",
            b"Bearer \xff\xfe",
            b"Bearer " + b"Zanzibar77" * 5_000,
        )
    ),
    *(
        (b"authorization", b"Bearer north/" + person, 403)
        for person in (b'{"$gt":""}', b"\xff", b"$where", b"a.b:c", b"Zanzibar77" * 500, b"\x00")
    ),
]


@pytest.mark.parametrize("route", CHANGES, ids=named)
async def test_hostile_headers(platform: Filled, route: Route) -> None:
    app, ids = platform.services[route.service].app, platform.ids[NORTH]
    good = json.dumps(example_body(platform, route, ids)) if route.body else ""
    kind = (b"content-type", b"application/zip") if route.operation == "import_roster" else JSON
    with Unchanged(platform):
        for name, value, status in HEADERS:
            if route.operation in ANONYMOUS and name == b"authorization":
                continue
            kept = [each for each in bearer(route, (name, value)) if each[0] != name]
            answer = await send(
                app,
                route.method,
                target(route, ids),
                headers=[*kept, (name, value), kind],
                body=good.encode(),
            )
            refused(answer, (name, value))
            hidden = {404} if status == 403 else set()
            assert answer.status in {status} | hidden, (name, value, answer)


@pytest.mark.parametrize("route", ROUTES, ids=named)
async def test_wrong_methods(platform: Filled, route: Route) -> None:
    app, ids = platform.services[route.service].app, platform.ids[NORTH]
    taken = {each.method for each in ROUTES if each.template == route.template}
    with Unchanged(platform):
        for method in {"GET", "POST", "PUT", "PATCH", "DELETE", "TRACE", "Zanzibar77"} - taken:
            answer = await send(app, method, route.path(ids), headers=bearer(route, JSON))
            refused(answer, method)
            assert answer.status in (404, 405), answer
