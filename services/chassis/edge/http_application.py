"""The ASGI application of a service: FastAPI, but for the way to what a table states.

FastAPI finds a route and its dependencies through eleven layers, for which a request pays a fifth
of what it costs. The operations of a table need none of them, so they are found first and answered
within the service's own layers alone. FastAPI knows them too: it describes them, and goes on with
all else.
"""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Receive, Scope, Send

from services.chassis.edge.http_operations import OperationRoute
from services.chassis.edge.http_strict import StrictRequest, StrictRoute
from services.chassis.kernel import Fault

_TOLD = (Fault, RequestValidationError, HTTPException)  # what a caller is answered as a problem


class Application(FastAPI):
    """Call `finish` once its routes, middleware and exception handlers are all there."""

    def finish(self) -> None:
        self._by_method: dict[str, list[StrictRoute]] = {}
        for route in self.routes:
            if isinstance(route, StrictRoute):
                for method in route.methods or ():
                    self._by_method.setdefault(method, []).append(route)
        straight: ASGIApp = self._straight
        for layer in reversed(self.user_middleware):
            straight = layer.cls(straight, *layer.args, **layer.kwargs)
        self._within_layers = straight

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and self._found(scope):
            scope["app"] = self
            await self._within_layers(scope, receive, send)
        else:
            await super().__call__(scope, receive, send)

    def _found(self, scope: Scope) -> bool:
        """Whether a table's operation is the first to match, in FastAPI's order."""
        path = scope["path"]
        for route in self._by_method.get(scope["method"], ()):
            found = route.path_regex.match(path)
            if found is not None:
                scope["route"], scope["path_params"] = route, found.groupdict()
                return isinstance(route, OperationRoute)
        return False

    async def _straight(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = StrictRequest(scope, receive)
        try:
            response = await scope["route"].answer(request)
        except _TOLD as error:
            response = await self._handler(error)(request, error)
        await response(scope, receive, send)

    def _handler(self, error: Exception) -> Any:
        known = self.exception_handlers
        return next(known[each] for each in type(error).__mro__ if each in known)
