"""`make fuzz` at a small size, without the processes."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import pytest

from tests.fuzz.isolation import isolation
from tests.fuzz.rest import Schemas, judge, rest
from tests.fuzz.rest_inputs import Inputs
from tests.fuzz.rpc import rpc
from tests.fuzz.stateful import stateful
from tests.fuzz.tally import Tally, Wrong
from tests.support.filled import Filled
from tests.support.hostile_json import CANARY
from tests.support.operations import routes
from tests.support.raw_http import Answer

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


@pytest.mark.parametrize(
    "answer",
    [
        Answer(500, PROBLEM, b"{}"),
        Answer(503, PROBLEM, b"{}"),
        Answer(302, {}, b""),
        Answer(422, PROBLEM, CANARY.encode()),
        Answer(422, {**PROBLEM, "location": CANARY}, b"{}"),
        Answer(404, {"content-type": "text/plain"}, b"Not Found"),
    ],
    ids=str,
)
def test_the_judge_sees_what_is_wrong(inputs: Inputs, answer: Answer) -> None:
    made = inputs.valid(next(each for each in inputs.routes if each.operation == "draft_goal"))
    schemas = Schemas(Filled())
    judge(made, Answer(201, {}, b"{}"), schemas)
    judge(made, Answer(422, PROBLEM, b"{}"), schemas)
    with pytest.raises(Wrong):
        judge(made, answer, schemas)
    made.body["surprise"] = 1
    with pytest.raises(Wrong):
        judge(made, Answer(201, {}, b"{}"), schemas)
