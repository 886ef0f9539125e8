"""The short way through a route.

FastAPI works out anew with every request what an endpoint asks for. Ours mostly ask for
little: path parameters, one JSON body, who calls, and the answer to put headers on. For
such a route the same fields validate the same values in the same order here, and nothing
else is done; any other route goes FastAPI's way. What a caller sees is the same.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from inspect import iscoroutinefunction
from typing import Any

from fastapi import Request, Response, params
from fastapi.datastructures import DefaultPlaceholder
from fastapi.dependencies.models import Dependant
from fastapi.dependencies.utils import request_body_to_args
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from pydantic import BaseModel
from pydantic_core import PydanticUndefined

from services.chassis.edge.http_call import CALLERS

Handle = Callable[[Request], Awaitable[Response]]


def short_way(route: APIRoute) -> Handle | None:
    """What answers a request to `route`, or None where it must go FastAPI's way. Raises
    what an endpoint raises, and RequestValidationError with the errors that FastAPI finds."""
    asked, shape, endpoint = route.dependant, route.response_field, route.dependant.call
    if shape is None or endpoint is None or not (_asks_little(asked) and _answers_plainly(route)):
        return None
    callers = [(str(each.name), each.call) for each in asked.dependencies if each.call]
    path_fields, body_fields = asked.path_params, asked.body_params
    request_name, response_name = asked.request_param_name, asked.response_param_name
    status = route.status_code or 200

    async def answer(request: Request) -> Response:
        body: Any = PydanticUndefined
        if body_fields and await request.body():
            body = await request.json()
        given: dict[str, Any] = {}
        errors: list[Any] = []
        for name, caller in callers:
            given[name] = await caller(request)
        for field in path_fields:
            found = request.path_params[field.alias]
            given[field.name], wrong = field.validate(found, {}, loc=("path", field.alias))
            errors += wrong
        if body is not PydanticUndefined:
            given[body_fields[0].name], wrong = body_fields[0].validate(body, {}, loc=("body",))
            errors += wrong
        elif body_fields:
            values, wrong = await request_body_to_args(body_fields, body, embed_body_fields=False)
            given.update(values)
            errors += wrong
        if errors:
            raise RequestValidationError(errors, body=body)
        response = Response(status_code=status, media_type="application/json")
        if request_name:
            given[request_name] = request
        if response_name:
            given[response_name] = response
        response.body = shape.serialize_json(await endpoint(**given))
        response.headers["content-length"] = str(len(response.body))
        return response

    return answer


def _asks_little(asked: Dependant) -> bool:
    elsewhere = (
        asked.query_params,
        asked.header_params,
        asked.cookie_params,
        asked.background_tasks_param_name,
        asked.security_scopes_param_name,
        asked.http_connection_param_name,
    )
    return (
        not any(elsewhere)
        and all(each.call in CALLERS and each.name for each in asked.dependencies)
        and len(asked.body_params) <= 1
        and not any(isinstance(each.field_info, params.Form) for each in asked.body_params)
        and iscoroutinefunction(asked.call)
    )


def _answers_plainly(route: APIRoute) -> bool:
    """With a model of one JSON shape, and nothing to be left out of it."""
    told = (
        route._embed_body_fields,
        route.response_model_include,
        route.response_model_exclude,
        route.response_model_exclude_unset,
        route.response_model_exclude_defaults,
        route.response_model_exclude_none,
    )
    model = route.response_model
    return (
        not any(told)
        and isinstance(route.response_class, DefaultPlaceholder)
        and isinstance(model, type)
        and issubclass(model, BaseModel)
    )
