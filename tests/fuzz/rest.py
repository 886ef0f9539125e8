"""REST inputs against the real applications in this process."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import jsonschema_rs

from tests.fuzz.kept import Kept
from tests.fuzz.rest_inputs import Input, Inputs
from tests.fuzz.tally import Tally, Wrong
from tests.support.filled import Filled
from tests.support.hostile_json import CANARY
from tests.support.operations import Route, routes
from tests.support.raw_http import RawAnswer, send
from tests.support.waiting import HANGS

FRESH = 400  # inputs after which every object is again in the state that it began in


class Schemas:
    """What the documents say about bodies, as a judge that is not our own code."""

    def __init__(self, platform: Any) -> None:
        self._of = {
            (each.service, each.operation): jsonschema_rs.validator_for(
                {**each.body, "components": {"schemas": each.components}}
            )
            for each in routes(platform)
            if each.body is not None
        }

    def take(self, route: Route, body: bytes) -> bool:
        judge = self._of.get((route.service, route.operation))
        # a line break or a tab that is not escaped is taken as one that is
        return judge is None or judge.is_valid(json.loads(body, strict=False))


def judge(made: Input, answer: RawAnswer, schemas: Schemas, fault: bool = False) -> None:
    """Raises Wrong unless an answer is a 2xx to what the document allows, or a 4xx problem
    that repeats nothing; `fault` allows 503 and 504."""
    status = answer.status
    if 200 <= status < 300 and made.method == made.route.method and not made.suffix:
        if not schemas.take(made.route, made.content):
            raise Wrong("an invalid body was taken")
    elif 200 <= status < 300 and made.method not in ("GET", "HEAD", "OPTIONS"):
        pass  # another operation of the same path
    elif 400 <= status < 500 or (fault and status in (503, 504)):
        if CANARY.encode() in answer.body or any(CANARY in v for v in answer.headers.values()):
            raise Wrong("the input is repeated")
        if answer.body and answer.headers.get("content-type") != "application/problem+json":
            raise Wrong("a refusal that is no problem")
    elif not (status in (200, 304) and made.method in ("GET", "HEAD", "OPTIONS")):
        raise Wrong("neither taken nor refused")


def told(made: Input, number: int, seed: int, answer: RawAnswer | None) -> str:
    return (
        f"input {number} of seed {seed}: {made.route.operation} {made.broken}"
        f" {made.method} {made.target[:300]} {made.headers!r:.600} {made.content[:600]!r}"
        f" -> {(answer.status, answer.body[:600]) if answer else None}"
    )


async def rest(seed: int, count: int) -> Tally:
    platform = Filled()
    await platform.fill("north")
    await platform.fill("south")
    inputs = Inputs(seed, platform, list(routes(platform)), platform.ids["north"])
    schemas, kept, tally = Schemas(platform), Kept(platform), Tally("rest", seed)
    before = kept.digest()
    for number in range(count):
        if number == count // 5:
            tally.warm()
        if number % FRESH == 0:
            kept.put_back()
            before = kept.digest()
        made = inputs.input(number)
        answer = None
        try:
            async with asyncio.timeout(HANGS):
                answer = await sent(platform, made)
            judge(made, answer, schemas)
            after = kept.digest()
            if after != before and not 200 <= answer.status < 300:
                raise Wrong("something is left behind")
            before = after
        except Exception as error:
            raise Wrong(f"{error!r}: {told(made, number, seed, answer)}") from error
        tally.add(made.route.operation, f"{answer.status // 100}xx")
    tally.end()
    await platform.settle()
    kept.check_projected()
    return tally


async def sent(platform: Filled, made: Input) -> RawAnswer:
    body = made.content
    size = max(1, -(-len(body) // made.pieces))
    pieces = [body[at : at + size] for at in range(0, len(body), size)]
    return await send(
        platform.services[made.route.service].app,
        made.method,
        made.target,
        headers=made.headers,
        body=body if made.pieces == 1 else pieces or [b""],
        length=made.length,
        leave_after=2 if made.route.operation == "watch_caseload" else 0,
    )
