"""`make fuzz` at a small size, without the processes; and what its judges see."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest

from tests.fuzz.isolation import isolation
from tests.fuzz.processes import answered
from tests.fuzz.rest import Schemas, judge, rest
from tests.fuzz.rest_inputs import Inputs
from tests.fuzz.rpc import rpc
from tests.fuzz.stateful import stateful
from tests.fuzz.tally import Tally, Wrong
from tests.support.filled import Filled
from tests.support.hostile_json import CANARY
from tests.support.operations import routes
from tests.support.raw_http import RawAnswer

SEED, COUNT = 20261005, 400
PROBLEM = {"content-type": "application/problem+json"}


@pytest.mark.parametrize("part", [rest, rpc, stateful, isolation])
async def test_hostile_inputs_at_random(part: Callable[[int, int], Awaitable[Tally]]) -> None:
    tally = await part(SEED, COUNT)
    assert tally.answers.total() == COUNT
    assert len(tally.targets) > 40
    assert tally.answers["2xx"] + tally.answers["OK"] > 20


@pytest.fixture(scope="module")
async def inputs() -> Inputs:
    platform = Filled()
    await platform.fill("north")
    return Inputs(SEED, platform, list(routes(platform)), platform.ids["north"])


def test_the_same_seed_gives_the_same_inputs(inputs: Inputs) -> None:
    for number in range(200):
        one, other = inputs.input(number), inputs.input(number)
        assert (one.target, one.headers, one.content) == (
            other.target,
            other.headers,
            other.content,
        )


@pytest.mark.parametrize("name", ["goal_id", "moving_observation", "progress_number", "calendar"])
async def test_an_operation_that_has_nothing_to_work_on_is_named(inputs: Inputs, name: str) -> None:
    ids = {each: id_ for each, id_ in inputs.ids.items() if each != name}
    with pytest.raises(Wrong, match=name):
        Inputs(SEED, Filled(), inputs.routes, ids)


@pytest.mark.parametrize(
    "answer",
    [
        RawAnswer(500, PROBLEM, b"{}"),
        RawAnswer(503, PROBLEM, b"{}"),
        RawAnswer(302, {}, b""),
        RawAnswer(422, PROBLEM, CANARY.encode()),
        RawAnswer(422, {**PROBLEM, "location": CANARY}, b"{}"),
        RawAnswer(404, {"content-type": "text/plain"}, b"Not Found"),
    ],
    ids=str,
)
def test_the_judge_sees_what_is_wrong(inputs: Inputs, answer: RawAnswer) -> None:
    made = inputs.valid(next(each for each in inputs.routes if each.operation == "draft_goal"))
    schemas = Schemas(Filled())
    judge(made, RawAnswer(201, {}, b"{}"), schemas)
    judge(made, RawAnswer(422, PROBLEM, b"{}"), schemas)
    with pytest.raises(Wrong):
        judge(made, answer, schemas)
    made.body["surprise"] = 1
    with pytest.raises(Wrong):
        judge(made, RawAnswer(201, {}, b"{}"), schemas)


@asynccontextmanager
async def _server(says: bytes, *, hangs: bool) -> AsyncIterator[int]:
    """The port of a server that says the same to everybody, and then hangs or hangs up."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(says)
        if hangs:
            await reader.read()
        writer.close()

    async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
        yield server.sockets[0].getsockname()[1]


WHOLE = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}"
NO_HTTP = b"HTTP/1.1 400 Bad Request\r\n\r\nInvalid HTTP request received."


@pytest.mark.parametrize(
    ("says", "hangs"),
    [(b"", True), (WHOLE, True), (b"", False), (WHOLE[:-1], False), (NO_HTTP, False)],
    ids=["silent", "never ends", "cut", "cut within", "no HTTP"],
)
async def test_a_request_that_gets_no_answer_is_seen(
    inputs: Inputs, says: bytes, hangs: bool
) -> None:
    made = inputs.valid(next(each for each in inputs.routes if each.method == "GET"))
    seconds = 0.05 if hangs else 5
    async with _server(WHOLE, hangs=False) as port:
        assert await answered(port, made, 5) == RawAnswer(200, {"content-length": "2"}, b"{}")
    async with _server(says, hangs=hangs) as port:
        with pytest.raises(Wrong):
            await answered(port, made, seconds)
        made.set_header(b"transfer-encoding", b"1")
        await answered(port, made, seconds)  # the input may be the reason
