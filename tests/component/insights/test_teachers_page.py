"""A teacher's page for her coach: how many reads it takes, and what of it has a name."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tests.support.filled import Filled
from tests.support.filling import COACH, TEACHER

NORTH = "north"
PAGE = (
    f"/insights/v1/cards/{TEACHER}",
    f"/insights/v1/timeline?teacher_id={TEACHER}&page_size=200",
)
# Titles are free texts, which no event has, so no view: they are read once in a session.
CATALOGUES = {
    "measure_id": ("/goals/v1/measures", "measures"),
    "tool_id": ("/observations/v1/tools", "tools"),
    "instrument_id": ("/surveys/v1/instruments", "instruments"),
}
NAMED = {"coach_id": "coach_name", "observer_id": "observer_name"}
# Herself, and what leads on to a page of its own.
LEADS_ON = {
    "series_id",  # which results a trend may join; of no page
    "flag_id",
    "teacher_id",
    "item_id",
    "goal_id",
    "observation_id",
    "administration_id",
    "program_id",  # of the step that is due, which it says in words
    "stage_id",
    "step_id",
}


def ids_in(answer: Any) -> Iterator[tuple[str, str, Any]]:
    """Each id of a thing: its field, itself, and what it stands in."""
    if isinstance(answer, list):
        for each in answer:
            yield from ids_in(each)
    elif isinstance(answer, dict):
        for name, value in answer.items():
            if name.endswith("_id") and value is not None:
                yield name, value, answer
            yield from ids_in(value)


async def test_it_takes_two_reads_and_three_catalogues_once_in_a_session() -> None:
    platform = Filled()
    await platform.fill(NORTH)
    who = f"{NORTH}/{COACH}"
    titles: dict[tuple[str, str], str] = {}
    for name, (path, many) in CATALOGUES.items():
        page = (await platform.ask(who, "GET", f"{path}?page_size=200")).json()
        titles |= {(name, each[name]): each["title"] for each in page[many]}
    shown = [(await platform.ask(who, "GET", path)).json() for path in PAGE]
    card, timeline = shown
    assert card["entry"]["given_name"]
    assert len(card["entry"]["school_names"]) == len(card["entry"]["school_ids"]) > 0
    assert {each["kind"] for each in timeline["items"]} >= {"goal", "observation", "survey"}
    assert timeline["next_page_token"] == ""
    found = {name for name, _, _ in ids_in(shown)}
    assert found >= {*CATALOGUES, *NAMED}
    for name, value, around in ids_in(shown):
        if name in NAMED:
            assert around[NAMED[name]], around
        elif name in CATALOGUES:
            assert titles[name, value], around
        else:
            assert name in LEADS_ON, name
