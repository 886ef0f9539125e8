"""The one address of a local stack: all services on one origin, and a page about them.

For development alone: it hands out tokens, so it listens on this machine, and answers to the names
of this machine only. In production the district's own gateway stands here.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from http import HTTPStatus
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import urlsplit
from uuid import uuid4

import httpx2
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from services.assembly.registry import SERVICES
from services.chassis.edge.http_problem import problem
from services.ctl.gateway.forward import Forward
from services.ctl.local.stack import Stack

PAGES = Path(__file__).parent / "pages"
_ANSWERS = {  # of what is no service's
    b"content-security-policy": b"default-src 'none'; script-src 'self'; style-src 'self'; "
    b"img-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; "
    b"frame-ancestors 'none'",
    b"x-content-type-options": b"nosniff",
    b"referrer-policy": b"no-referrer",
    b"cache-control": b"no-cache",
}
_ELSEWHERE = HTTPStatus.MISDIRECTED_REQUEST


def application(
    stack: Stack,
    client: httpx2.AsyncClient,
    stopping: asyncio.Event,
    routes: Sequence[BaseRoute] = (),
) -> Starlette:
    """`routes` are those that only a running stack has; `client` is asked with, and not closed."""

    async def start(request: Request) -> Response:
        return FileResponse(PAGES / "index.html")

    async def failed(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        title = HTTPStatus(error.status_code).phrase.capitalize()
        code = "no_such_route" if error.status_code == 404 else "method_not_allowed"
        detail = f"The services are at {', '.join(f'/{each}/v1' for each in SERVICES)}."
        return problem(request, error.status_code, code, title, detail, headers=error.headers)

    forwards = [
        Mount(f"/{each}", Forward(each, stack.rest(each), client, stopping)) for each in SERVICES
    ]
    app = Starlette(
        routes=[
            *forwards,
            *routes,
            Route("/", start),
            Mount("/pages", StaticFiles(directory=PAGES)),
        ],
        middleware=[Middleware(Guard)],
        exception_handlers={HTTPException: failed},
    )
    app.router.redirect_slashes = False
    return app


class Guard:
    """Answers nobody who has been led here by another site: neither under a name that is not this
    machine's, nor a change that another origin's page asks for."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope)
        scope["tandem.request_id"] = uuid4().hex

        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                present = {name for name, _ in message["headers"]}
                more = [each for each in _ANSWERS.items() if each[0] not in present]
                message["headers"] = [*message["headers"], *more]
            await send(message)

        host = request.headers.get("host", "")
        if not _ours(host):
            detail = "Use 127.0.0.1 or localhost: other names are not answered."
            answer = problem(request, _ELSEWHERE, "unknown_host", "Another host", detail)
            await answer(scope, receive, guarded)
        else:
            await self._app(scope, receive, guarded)


def _ours(host: str) -> bool:
    """Whether a Host header names this machine: another name may be anybody's, also if it leads
    here."""
    try:
        name = urlsplit(f"//{host}").hostname or ""
        return name == "localhost" or ip_address(name).is_loopback
    except ValueError:
        return False


def same_origin(request: Request) -> bool:
    """Whether no page of another origin asks for it."""
    origin = request.headers.get("origin")
    return origin is None or urlsplit(origin).netloc == request.headers.get("host")
