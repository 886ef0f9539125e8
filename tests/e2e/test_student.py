"""A student's page before running services: what is asked, read without an account, and answered by
what it says; by the program of docs/frontends.md and by plain requests."""

from __future__ import annotations

import asyncio
import json
from asyncio.subprocess import PIPE
from pathlib import Path

from services.ctl.gateway.application import application
from services.ctl.gateway.forward import open_client
from tests.support.coaching import MEASURE, Coaching
from tests.support.gateways import served
from tests.support.stack import RunningStack
from tests.support.typescript import NODE, built, compile_blocks, there

TEACHER = "teacher-0001"
PAGE = Path(__file__).parents[2] / "docs/frontends.md"
(ITEM,), (SCALE,) = MEASURE["items"], MEASURE["scales"]
FORM = {
    "title": MEASURE["title"],
    "items": [
        {
            **{name: ITEM[name] for name in ("item_id", "text", "scale_id")},
            "audio_address": None,
            "audio_license": None,
        }
    ],
    "language": "en",
    "languages": ["en"],
    "minutes": 1,
    "scales": [{name: SCALE[name] for name in ("scale_id", "kind", "values", "labels")}],
}


async def _close(north: Coaching, survey: str) -> tuple[int, float]:
    closed = await north.post(TEACHER, f"/surveys/v1/administrations/{survey}/close")
    return closed["results"]["n_min"], closed["results"]["favorable_share"]


async def test_a_class_answers_what_it_is_asked(north: Coaching) -> None:
    """Known to nobody: the teacher gives out ids and codes, and all else is in the form."""
    measure = await north.published_measure(TEACHER)
    survey, codes = await north.open_survey(TEACHER, measure, "class-0001", 12)
    form = f"/surveys/v1/districts/north/administrations/{survey}/form"
    for code in codes:
        asked = (await north.asks.ask("", "GET", form)).json()
        assert asked == FORM
        await north.answer(survey, code, asked["scales"][0]["values"][-1])
    for district in ("south", "nowhere"):
        await north.asks.ask("", "GET", form.replace("north", district), status=404)
    assert await _close(north, survey) == (10, 0.75)
    await north.asks.ask("", "GET", form, status=404)


async def test_the_page_of_the_docs_asks_and_answers(north: Coaching, stack: RunningStack) -> None:
    if not there():
        return  # `make` says so
    measure = await north.published_measure(TEACHER)
    survey, codes = await north.open_survey(TEACHER, measure, "class-0002", 12)
    package = built()
    compile_blocks(package, PAGE)
    async with (
        open_client() as client,
        served(application(stack.stack, client, asyncio.Event())) as port,
    ):
        arguments = ["test/student.mjs", f"http://127.0.0.1:{port}", "north", survey, *codes]
        process = await asyncio.create_subprocess_exec(
            NODE, *arguments, cwd=package, stdout=PIPE, stderr=PIPE
        )
        out, errors = await process.communicate()
    assert process.returncode == 0, errors.decode()
    assert [json.loads(line) for line in out.splitlines()] == [
        {"asked": FORM},
        *[{"answered": True}] * len(codes),
        {"another code": False},
        {"another survey": None},
    ]
    assert await _close(north, survey) == (10, 0.75)
