"""How the services of a local stack are, for its page."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

import httpx2
from prometheus_client.parser import text_string_to_metric_families
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from services.assembly.registry import SERVICES
from services.chassis.metrics import CONSUMER_LAG
from services.ctl.local.stack import Stack

SECONDS = 2.0


def health(stack: Stack, client: httpx2.AsyncClient) -> Sequence[BaseRoute]:
    """`GET /local/services`: `services` with `name`, `tells`, `ready`, the reason `why` of one that
    is not, and `behind`: how many records it has not read, None where it does not tell."""

    async def look(service: str) -> dict[str, Any]:
        why = ""
        try:
            answer = await client.get(f"{stack.internal(service)}/readyz", timeout=SECONDS)
            if not answer.is_success:
                why = answer.text[:200]
        except httpx2.HTTPError:
            why = "it does not answer"
        behind = None if why else await lag(service)
        about = SERVICES[service].tells or "caseloads and cards, live; timelines"
        return {"name": service, "tells": about, "ready": not why, "why": why, "behind": behind}

    async def lag(service: str) -> int | None:
        try:
            answer = await client.get(f"{stack.internal(service)}/metrics", timeout=SECONDS)
        except httpx2.HTTPError:
            return None
        if not answer.is_success:
            return None
        told = [
            sample.value
            for family in text_string_to_metric_families(answer.text)
            for sample in family.samples
            if sample.name == CONSUMER_LAG.name
        ]
        return int(sum(told)) if told else None

    async def services(request: Request) -> Response:
        return JSONResponse({"services": await asyncio.gather(*map(look, SERVICES))})

    return [Route("/local/services", services)]
