"""The one address of a local stack: all services on one origin, and a page about them.

For development alone. In production the district's own gateway stands here.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from http import HTTPStatus
from pathlib import Path

import httpx2
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import FileResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

from services.assembly.registry import SERVICES
from services.chassis.edge.http_problem import problem
from services.ctl.gateway.forward import Forward
from services.ctl.gateway.guard import Guard
from services.ctl.local.stack import Stack

PAGES = Path(__file__).parent / "pages"


def application(
    stack: Stack,
    client: httpx2.AsyncClient,
    stopping: asyncio.Event,
    routes: Sequence[BaseRoute] = (),
) -> Starlette:
    """`routes` are those that only a running stack has; `client` is asked with, and not closed."""

    async def start(request: Request) -> Response:
        return FileResponse(PAGES / "index.html")

    async def its_page(request: Request) -> Response:
        return RedirectResponse(f"{request.url.path}/docs")

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
            *(Route(f"/{each}", its_page) for each in SERVICES),
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
