"""Errors over HTTP: RFC 9457 problem details that never repeat what was sent."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import takewhile
from typing import Any

import orjson
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException
from starlette.routing import Route

from services.chassis.edge.errors import answer_of
from services.chassis.fields import fields_at
from services.chassis.kernel import Fault, Kind, invalid
from services.chassis.tracing import current_traceparent

MEDIA_TYPE = "application/problem+json"
Pointer = tuple[str | int, ...]
MOST_TOLD = 20  # of what is wrong with one request


class ProblemError(BaseModel):
    pointer: str = Field(description="JSON Pointer to the place in the request")
    code: str = Field(examples=["missing"])
    detail: str


class Problem(BaseModel):
    """RFC 9457 problem details. `code` is stable; `detail` is for people."""

    type: str = Field(examples=["urn:tandem:problem:not_found"])
    title: str = Field(examples=["Not found"])
    status: int = Field(examples=[404])
    detail: str = ""
    instance: str = Field("", description="This occurrence: names the request")
    code: str = Field(
        examples=["not_found"],
        description="What is wrong, for programs: stable. More may come: one that is not known is "
        "treated by its `status`",
    )
    trace_id: str = ""
    errors: list[ProblemError] = Field(default_factory=list)


class FaultInBody(HTTPException):
    """Carries a Fault through FastAPI's body reader, which lets no other exception pass."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(answer_of(fault).status)
        self.fault = fault


_OF_STATUS = {
    404: ("no_such_route", "Not found"),
    405: ("method_not_allowed", "Method not allowed"),
}


def problem(
    request: Request,
    status: int,
    code: str,
    title: str,
    detail: str = "",
    errors: Sequence[Mapping[str, str]] = (),
    headers: Mapping[str, str] | None = None,
) -> Response:
    """A problem response; `request` gives the occurrence its name, and the log its code."""
    request.scope["tandem.error"] = code
    body: dict[str, Any] = {
        "type": f"urn:tandem:problem:{code}",
        "title": title,
        "status": status,
        "detail": detail,
        "instance": f"urn:tandem:request:{request.scope.get('tandem.request_id', '')}",
        "code": code,
        "trace_id": current_traceparent()[3:35],
        "errors": errors,
    }
    return Response(orjson.dumps(body), status, dict(headers or {}), MEDIA_TYPE)


def fault_response(request: Request, fault: Fault) -> Response:
    answer = answer_of(fault)
    headers = {}
    if answer.retry_after:
        headers["Retry-After"] = str(answer.retry_after)
    if fault.kind is Kind.UNAUTHENTICATED:
        headers["WWW-Authenticate"] = "Bearer"
    errors = []
    if fault.place:
        errors.append({"pointer": fault.place, "code": fault.code, "detail": fault.detail})
    return problem(request, answer.status, fault.code, answer.title, fault.detail, errors, headers)


def faults_of(
    errors: Sequence[Any], known: frozenset[str] | None, body: Any = None
) -> Iterator[Fault]:
    """Pydantic's errors as faults. A name that is not one of ours (`known`; None: all are)
    ends the pointer, and a text that repeats what was sent is replaced. `body`: the model of what
    was sent, whose fields are told where there is one too many."""
    for error in errors:
        place: list[str] = []
        loc: Pointer = tuple(error["loc"])
        if error["type"] == "extra_forbidden":
            loc = loc[:-1]
        for part in loc:
            if isinstance(part, str) and known is not None and part not in known:
                break
            place.append(str(part).replace("~", "~0").replace("/", "~1"))
        code, detail = str(error["type"]), str(error["msg"])
        if code == "extra_forbidden":
            fields = fields_at(body, loc)
            told = f"there are: {', '.join(fields)}." if fields else "none is."
            code, detail = "unknown_field", f"A field is not known here; {told}"
        elif code == "union_tag_invalid" or _repeats(error.get("input"), detail):
            detail = "The value is not valid."
        yield invalid(code, detail, "".join(f"/{part}" for part in place))


def _repeats(value: object, text: str) -> bool:
    if isinstance(value, str):
        return bool(value) and value in text
    if isinstance(value, Mapping):
        return any(_repeats(key, text) or _repeats(each, text) for key, each in value.items())
    if isinstance(value, list | tuple):
        return any(_repeats(each, text) for each in value)
    return False


def _known_part(pointer: str, known: frozenset[str]) -> str:
    """`pointer` up to the first name that is not one of ours."""
    ours = takewhile(lambda part: part in known or part.isdigit(), pointer.split("/")[1:])
    return "".join(f"/{part}" for part in ours)


def _methods(request: Request) -> set[str]:
    """All that a path takes. Its operations are routes of their own, and the framework names
    those of one."""
    path = request.scope["path"]
    routes = [each for each in request.app.routes if isinstance(each, Route)]
    return {m for each in routes if each.path_regex.match(path) for m in each.methods or ()}


def _body_of(request: Request) -> Any:
    """The type of what the request's operation takes; None where it takes no body."""
    field = request.scope["route"].body_field
    return field.field_info.annotation if field is not None else None


def install(app: FastAPI, known: frozenset[str], docs: str) -> None:
    """Answer every error of `app` with a problem. `known`: the field and parameter names
    of the API, the only ones that a pointer may contain. `docs`: where a page says what there
    is."""

    async def on_fault(request: Request, error: Exception) -> Response:
        assert isinstance(error, Fault)
        return fault_response(request, error)

    async def on_invalid(request: Request, error: Exception) -> Response:
        assert isinstance(error, RequestValidationError)
        shifted = [{**each, "loc": each["loc"][1:]} for each in error.errors()]
        errors = [
            {"pointer": fault.place, "code": fault.code, "detail": fault.detail}
            for fault in faults_of(shifted[:MOST_TOLD], known, _body_of(request))
        ]
        return problem(
            request,
            422,
            "invalid_request",
            "The request is not valid",
            "The request breaks its schema; `errors` says where.",
            errors,
        )

    async def on_http(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        if isinstance(error, FaultInBody):
            fault = error.fault
            return fault_response(request, replace(fault, place=_known_part(fault.place, known)))
        code, title = _OF_STATUS.get(error.status_code, ("http_error", "The request failed"))
        headers = error.headers
        if error.status_code == 405:
            headers = {"Allow": ", ".join(sorted(_methods(request)))}
        detail = f"{docs} shows all that there is." if error.status_code == 404 else ""
        return problem(request, error.status_code, code, title, detail, headers=headers)

    app.add_exception_handler(Fault, on_fault)
    app.add_exception_handler(RequestValidationError, on_invalid)
    app.add_exception_handler(HTTPException, on_http)
