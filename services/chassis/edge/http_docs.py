"""The OpenAPI document, made fit for generators, and a page that shows it without a CDN."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from importlib import resources
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.openapi.utils import get_openapi
from fastapi.responses import RedirectResponse
from fastapi.routing import APIRoute

from services.chassis.edge.http_call import TICKET, anonymous_caller, ticketed_caller
from services.chassis.edge.http_examples import exampled
from services.chassis.edge.http_problem import MEDIA_TYPE, Problem
from services.chassis.edge.http_schema import explained, made_fit
from services.chassis.edge.http_strict import StrictRoute
from services.chassis.edge.sent import KEY_PATTERN, VERSION_PATTERN

_STATUSES = {
    "400": "Malformed JSON or header",
    "401": "No good token",
    "403": "Not allowed",
    "404": "Missing, or not yours to see",
    "408": "The body did not arrive in time",
    "409": "Not possible in this state",
    "412": "If-Match names an older version",
    "413": "Too large",
    "415": "Not application/json",
    "422": "Breaks the schema or a rule, or the idempotency key was used before",
    "428": "If-Match is missing",
    "429": "Too many requests",
    "503": "Try again with the same key",
}
_PAGE = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; "
    "connect-src 'self'; frame-ancestors 'none'",
    "Cache-Control": "public, max-age=300",
}
_READS = ("400", "401", "403", "404", "422", "429", "503")


def openapi(app: FastAPI, service: str) -> dict[str, Any]:
    """The document of `app`: OpenAPI 3.1, every operation with its errors and security."""
    document = get_openapi(
        title=app.title,
        version=app.version,
        openapi_version="3.1.0",
        description=app.description,
        routes=app.routes,
        servers=[{"url": "/", "description": "Behind the district's gateway"}],
        tags=[{"name": service, "description": app.description}],
        contact={"name": "Whoever runs Tandem for the district"},
        license_info={"name": "Apache-2.0", "identifier": "Apache-2.0"},
        separate_input_output_schemas=False,
    )
    components = document.setdefault("components", {})
    schemas = components.setdefault("schemas", {})
    whole = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
    schemas.update(whole.pop("$defs", {}))
    schemas["Problem"] = whole
    for unused in ("HTTPValidationError", "ValidationError"):
        schemas.pop(unused, None)
    components["securitySchemes"] = {
        "oidc": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}
    }
    _actions(app, schemas)
    open_to_all, ticketed = anonymous_operations(app), _operations_of(app, ticketed_caller)
    if ticketed:
        components["securitySchemes"][TICKET] = {"type": "apiKey", "in": "query", "name": TICKET}
    routes = {str(each.operation_id): each for each in app.routes if isinstance(each, StrictRoute)}
    for methods in document.get("paths", {}).values():
        for method, operation in methods.items():
            anonymous = operation["operationId"] in open_to_all
            operation["security"] = [] if anonymous else [{"oidc": []}]
            if operation["operationId"] in ticketed:
                operation["security"].append({TICKET: []})
            operation.setdefault("tags", [service])
            if told := operation.get("description"):
                operation["summary"] = summary_of(told)
            _errors(operation, method, app.state.codes.get(operation["operationId"]))
            if method != "get" and not anonymous:
                _headers(operation, routes[operation["operationId"]])
            if routes[operation["operationId"]].conditional:
                _unless_seen(operation)
    _told_in_headers(app, document)
    made_fit(document)
    explained(document, app.state.meanings)
    exampled(document, app.state.examples)
    _strip(document)
    return document


def summary_of(description: str) -> str:
    """What an operation does in few words: the first sentence, or what is before a colon, of what
    is said of it."""
    return " ".join(re.split(r"[.:;](?:\s|$)", description, maxsplit=1)[0].split())


def _actions(app: FastAPI, schemas: dict[str, Any]) -> None:
    """What of each kind of resource can be allowed, which the tables say and no model does."""
    for route in app.routes:
        if isinstance(route, StrictRoute) and route.acted is not None:
            names = schemas[route.acted.__name__]["properties"]["allowed"]["items"]
            names["enum"] = list(route.actions)


def _header(description: str, example: str, kind: str = "string") -> dict[str, Any]:
    value: Any = int(example) if kind == "integer" else example
    return {"description": description, "schema": {"type": kind}, "example": value}


_EVERY = {"X-Request-Id": _header("Names the request in logs and reports", "3f0a6f0e1b5f4c1d")}
_ETAG = {"ETag": _header("The version that was answered, for `If-Match`", '"4"')}
_TAG = {"ETag": _header("Names what was answered, for `If-None-Match`", 'W/"3f0a6f0e1b5f4c1d9a"')}
_LOCATION = {"Location": _header("The path of what was made", "/things/v1/things/3f0a6f0e")}
_LINK = {"Link": _header("Where there is a next page: its path, `rel=next`", '</a?b>; rel="next"')}
_REPLAYED = {
    "Idempotency-Replayed": _header("`true` where the change had been done before", "true")
}
_DEVICE_TIMES = {
    "Device-Times": _header(
        "Of instants of the answer that are of what a device did that was offline, when that was "
        "by its clock: `written=made`, one behind the other",
        "2027-03-10T14:00:00.120Z=2027-03-08T09:30:00.000Z",
    )
}
_RETRY = {"Retry-After": _header("Seconds to wait before the next try", "1", "integer")}
_BEARER = {"WWW-Authenticate": _header("The scheme that is asked for", "Bearer")}
_OF_STATUS = {"401": _BEARER, "429": _RETRY, "503": _RETRY}


def _told_in_headers(app: FastAPI, document: dict[str, Any]) -> None:
    routes = {str(each.operation_id): each for each in app.routes if isinstance(each, StrictRoute)}
    for methods in document.get("paths", {}).values():
        for method, operation in methods.items():
            route = routes[operation["operationId"]]
            for status, response in operation["responses"].items():
                told = {**_EVERY, **_OF_STATUS.get(status, {})}
                if status.startswith("2"):
                    told |= _TAG if route.conditional else {}
                    told |= _ETAG | _DEVICE_TIMES if route.tells_version else {}
                    told |= _LINK if route.paged else {}
                    told |= _REPLAYED if route.tells_version and method != "get" else {}
                    told |= _LOCATION if status == "201" else {}
                told |= _TAG if status == "304" else {}
                response["headers"] = told


def anonymous_operations(app: FastAPI) -> frozenset[str]:
    """The operations that take no token."""
    return _operations_of(app, anonymous_caller)


def _operations_of(app: FastAPI, dependency: Callable[..., object]) -> frozenset[str]:
    return frozenset(
        str(route.operation_id)
        for route in app.routes
        if isinstance(route, APIRoute)
        and any(each.call is dependency for each in route.dependant.dependencies)
    )


def _headers(operation: dict[str, Any], route: StrictRoute) -> None:
    """What changes understand: the routes read these two without FastAPI's help. Bytes that come in
    pieces have no key; no version what is created, and what has none."""
    key = "A name of your own for this change: sent again, it is answered and not done again"
    version = "The ETag that you saw: another version is refused with 412"
    told = []
    if route.body_limit is None:
        told.append(("Idempotency-Key", f"^{KEY_PATTERN}$", key, False))
    if route.tells_version and "201" not in operation["responses"]:
        told.append(("If-Match", f'^"{VERSION_PATTERN}"$', version, route.versioned))
    for name, pattern, text, required in told:
        operation.setdefault("parameters", []).append(
            {
                "name": name,
                "in": "header",
                "required": required,
                "description": text,
                "schema": {"type": "string", "pattern": pattern},
            }
        )


def _unless_seen(operation: dict[str, Any]) -> None:
    """What a read answers to who has it already."""
    text = "An ETag that you have: 304, without a body, where the answer would be the same"
    said = {"name": "If-None-Match", "in": "header", "required": False, "description": text}
    operation.setdefault("parameters", []).append({**said, "schema": {"type": "string"}})
    operation["responses"]["304"] = {"description": "You have it: nothing has changed"}


def _errors(
    operation: dict[str, Any], method: str, codes: Mapping[str, Sequence[str]] | None
) -> None:
    """With the codes that it may answer; of an operation of which none are known, every status."""
    responses = operation["responses"]
    whole = {"$ref": "#/components/schemas/Problem"}
    for status in codes or (_READS if method == "get" else _STATUSES):
        schema: dict[str, Any] = whole
        if codes:
            narrowed = {"type": "object", "properties": {"code": {"enum": [*codes[status]]}}}
            schema = {"allOf": [whole, narrowed]}
        responses[status] = {
            "description": _STATUSES[status],
            "content": {MEDIA_TYPE: {"schema": schema}},
        }


def _strip(node: Any) -> None:
    """`itemSchema` belongs to OpenAPI 3.2 and is an error to linters of 3.1."""
    if isinstance(node, dict):
        node.pop("itemSchema", None)
        for each in node.values():
            _strip(each)
    elif isinstance(node, list):
        for each in node:
            _strip(each)


def names_in(document: dict[str, Any]) -> frozenset[str]:
    """Every field and parameter name of the document."""
    found: set[str] = set()

    def look(node: Any) -> None:
        if isinstance(node, dict):
            properties = node.get("properties")
            if isinstance(properties, dict):
                found.update(properties)
            if isinstance(node.get("name"), str) and "in" in node:
                found.add(node["name"])
            for each in node.values():
                look(each)
        elif isinstance(node, list):
            for each in node:
                look(each)

    look(document)
    return frozenset(found)


@cache
def _asset(name: str) -> bytes:
    return resources.files("services.chassis.edge").joinpath("docs", name).read_bytes()


def mount(app: FastAPI, service: str) -> None:
    """Serve `/<service>/docs`, which needs no token, and lead there from the addresses above the
    operations: that of the process, `/<service>` and `/<service>/v1`."""

    async def page(request: Request) -> Response:
        return Response(_asset("page.html"), headers=_PAGE, media_type="text/html")

    async def script(request: Request) -> Response:
        return Response(_asset("page.js"), media_type="text/javascript")

    async def style(request: Request) -> Response:
        return Response(_asset("page.css"), media_type="text/css")

    async def onward(request: Request) -> Response:
        return RedirectResponse(f"/{service}/docs")

    for above in ("/", f"/{service}", f"/{service}/v1"):
        app.add_route(above, onward, include_in_schema=False)
    app.add_route(f"/{service}/docs", page, include_in_schema=False)
    app.add_route(f"/{service}/docs/page.js", script, include_in_schema=False)
    app.add_route(f"/{service}/docs/page.css", style, include_in_schema=False)
