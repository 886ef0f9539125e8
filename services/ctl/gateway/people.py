"""Who one may be on a local stack, and a demo district that works when it is told to."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from services.chassis.edge.http_problem import problem
from services.ctl.client import open_api
from services.ctl.demo.actor import Actor
from services.ctl.demo.district_now import look
from services.ctl.demo.simulate import Simulation
from services.ctl.exits import Refused, Stop
from services.ctl.gateway.guard import same_origin
from services.ctl.local.stack import DISTRICT
from services.ctl.target import Local, addresses_of

WORK_SECONDS = 12
RATE = 8.0  # slow enough to be followed by eye
COACHES = 1  # the first, whose caseload is shown


def people(here: Local) -> Sequence[BaseRoute]:
    """`GET /local/people`: `people` with `role`, `person` and `token`, where there is a demo.
    `POST /local/work`: they work for a while; answers what was measured."""
    at_work = asyncio.Lock()

    async def who(request: Request) -> Response:
        there = DISTRICT in here.districts()
        known = here.stack.people if there else {}
        found = [
            {"role": role, "person": person, "token": here.token(person)}
            for role, person in known.items()
        ]
        return JSONResponse({"district": DISTRICT, "people": found})

    async def work(request: Request) -> Response:
        if not same_origin(request):
            return problem(request, 403, "other_origin", "Not allowed")
        if at_work.locked():
            return problem(request, 409, "at_work", "Not possible now", "They work already.")
        async with at_work:
            try:
                return JSONResponse(await _work(here))
            except Refused as refused:
                return problem(request, 502, refused.problem, "Refused", refused.line)
            except Stop as stop:
                return problem(request, 502, "cannot_work", "They cannot work", stop.line)

    return [
        Route("/local/people", who),
        Route("/local/work", work, methods=["POST"]),
    ]


async def _work(here: Local) -> dict[str, object]:
    async with open_api(addresses_of(here.stack)) as api:
        actor = Actor(api, here.token, DISTRICT)
        district = await look(actor, here.partner_token("roster.read"), COACHES)
        simulation = Simulation(actor, district, RATE)
        await simulation.run(asyncio.Event(), WORK_SECONDS, lambda: None)
        return simulation.measured.report()
