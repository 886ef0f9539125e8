"""Who sends a field that is not known is told which there are, and is not repeated."""

from __future__ import annotations

import pytest

from services.goals.goal.cases import DraftGoal
from tests.support.filled import Filled
from tests.support.filling import TEACHER

NORTH = "north"
WORD = "Zanzibar"
ANSWER = {"item_id": "start", "value": 3}
LEVEL = {"score": 1, "quality": "few", WORD: 1}
CRITERION = {"criterion_id": "talk", "category": "Instruction", "description": "x"}
TOOL = {"title": "x", "license": "x", "criteria": [{**CRITERION, "levels": [LEVEL]}]}


@pytest.fixture(scope="module")
async def platform() -> Filled:
    """Shared: nothing here changes anything."""
    made = Filled()
    await made.fill(NORTH)
    return made


@pytest.mark.parametrize(
    ("path", "body", "place", "fields"),
    [
        (
            "/goals/v1/goals",
            {WORD: 1},
            "",
            ", ".join(DraftGoal.model_fields),
        ),
        ("/observations/v1/tools", TOOL, "/criteria/0/levels/0", "score, quality"),
        (
            "/surveys/v1/districts/north/administrations/x/responses",  # by hand, and of anybody
            {"code": "x", "answers": [{**ANSWER, WORD: 1}]},
            "/answers/0",
            "item_id, value",
        ),
    ],
)
async def test_a_field_that_is_not_known(
    platform: Filled, path: str, body: object, place: str, fields: str
) -> None:
    answer = await platform.ask(f"{NORTH}/{TEACHER}", "POST", path, body, status=422)
    told = [each for each in answer.json()["errors"] if each["code"] == "unknown_field"]
    assert told == [
        {
            "pointer": place,
            "code": "unknown_field",
            "detail": f"A field is not known here; there are: {fields}.",
        }
    ]
    assert WORD not in answer.text
