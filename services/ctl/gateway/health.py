"""How the services of a local stack are, for its page."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

import httpx2
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from services.assembly.registry import SERVICES
from services.ctl.local.stack import Stack

SECONDS = 2.0


def health(stack: Stack, client: httpx2.AsyncClient) -> Sequence[BaseRoute]:
    """`GET /local/services`: `services` with `name`, `tells`, `ready` and, of one that is not,
    `why`."""

    async def look(service: str) -> dict[str, Any]:
        why = ""
        try:
            answer = await client.get(f"{stack.internal(service)}/readyz", timeout=SECONDS)
            if not answer.is_success:
                why = answer.text[:200]
        except httpx2.HTTPError:
            why = "it does not answer"
        about = SERVICES[service].tells or "caseloads and cards, live; timelines"
        return {"name": service, "tells": about, "ready": not why, "why": why}

    async def services(request: Request) -> Response:
        return JSONResponse({"services": await asyncio.gather(*map(look, SERVICES))})

    return [Route("/local/services", services)]
