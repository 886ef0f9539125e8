"""REST routes from a table of operations."""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable
from typing import Any

import orjson
from fastapi import APIRouter, Request, Response
from fastapi.exceptions import RequestValidationError
from pydantic import ValidationError

from services.chassis.call import Call, precondition
from services.chassis.edge.answer import Answer, digest_of
from services.chassis.edge.device_times import HEADER, told
from services.chassis.edge.http_call import caller, next_link, reply_headers
from services.chassis.edge.http_conditional import asks, lasting, unless_seen
from services.chassis.edge.http_strict import Handle, StrictRoute
from services.chassis.edge.operation import Operation, Table
from services.chassis.fields import PageResource


def rest_router(table: Table[Any, Any], ports: Any) -> APIRouter:
    """The routes of `table` under `/<service>/v1`, in the order of its lines."""
    router = APIRouter()
    for each in table.operations:
        router.routes.append(OperationRoute(f"/{table.service}/v1", each, ports, table.service))
    return router


class OperationRoute(StrictRoute):
    """FastAPI describes it and finds it; answering needs neither its dependencies nor its
    second look at what is answered, which the table has typed."""

    makes_call = True

    def __init__(self, prefix: str, operation: Operation[Any, Any], ports: Any, tag: str) -> None:
        self._operation = operation
        self.versioned, self.acted = operation.versioned, operation.acted
        self.paged = issubclass(operation.answer, PageResource)
        self.conditional = operation.verb == "GET"
        self.tells_version = operation.actions is not None and not self.paged
        self.actions = operation.actions.names if operation.actions is not None else ()
        self._ports = ports
        self._prefix = prefix
        super().__init__(
            f"{prefix}{operation.path}",
            _described(operation),
            methods=[operation.verb],
            operation_id=operation.name,
            response_model=operation.answer,
            status_code=operation.status,
            description=operation.about,
            tags=[tag],
        )

    def answering(self) -> Handle:
        operation, ports, prefix = self._operation, self._ports, self._prefix
        model, meant = operation.asked.model, operation.asked.meant
        parts = model.model_fields
        has_path, has_query, has_body = "path" in parts, "query" in parts, "body" in parts

        async def answer(request: Request) -> Response:
            call = await caller(request)
            given: dict[str, Any] = {}
            if has_path:
                given["path"] = request.path_params
            if has_query:
                given["query"] = dict(request.query_params)
            if has_body and await request.body():
                given["body"] = await request.json()
            try:
                asked = model.model_validate(meant(given, call), from_attributes=True)
            except ValidationError as error:
                raise RequestValidationError(error.errors(include_url=False)) from None
            if operation.versioned:
                precondition(call)
            found = await operation.run(ports, call, asked)
            return _response(request, operation, call, found, prefix)

        return answer


def _body(answer: Answer) -> tuple[bytes, bytes]:
    """And what of it a digest is made of: what is `written` has one, and is not read again."""
    if not answer.written:
        body = answer.resource.model_dump_json().encode()
        return body, body
    said = answer.resource.model_dump()
    rest = orjson.dumps(said, option=orjson.OPT_UTC_Z)
    for name, items in answer.written.items():
        said[name] = [orjson.Fragment(each) for each in items]
    return orjson.dumps(said, option=orjson.OPT_UTC_Z), rest


def _response(
    request: Request, operation: Operation[Any, Any], call: Call, answer: Answer, prefix: str
) -> Response:
    place = f"{prefix}{answer.location}" if answer.location else ""
    headers = reply_headers(call, answer.version, place)
    if answer.device_times:
        headers[HEADER] = told(answer.device_times)
    body, rest = _body(answer)
    response = Response(body, operation.status, headers, "application/json")
    next_link(request, response, answer.next_page_token)
    if operation.verb == "GET" and (answer.version is None or asks(request.scope)):
        parts = (answer.digest.encode(),) if answer.written else ()
        digest = digest_of(lasting(rest), *parts)
        return unless_seen(request.scope, response, answer.version, digest)
    return response


def _described(operation: Operation[Any, Any]) -> Callable[..., Awaitable[Any]]:
    """What FastAPI reads: a function with the operation's parameters. It is never called."""

    async def described(**_: Any) -> Any:
        raise AssertionError("an operation is answered by its route")

    asked = operation.asked
    parts = [asked.path, asked.query or {}, {"body": asked.body} if asked.body else {}]
    parameters = [
        inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, annotation=kind)
        if default is ...
        else inspect.Parameter(
            name, inspect.Parameter.KEYWORD_ONLY, annotation=kind, default=default
        )
        for part in parts
        for name, (kind, default) in part.items()
    ]
    told: Any = described  # what Python looks at, and no type has
    told.__signature__ = inspect.Signature(parameters)
    told.__name__, told.__doc__ = operation.name, operation.about
    return described
