"""A school year turns: what becomes of programs and circles, by the services themselves."""

from __future__ import annotations

from typing import Any

import pytest

from services.ctl.year_turning import YearTurning
from tests.component.test_programs import PROGRAMS, ask, draft
from tests.support.inside import inside
from tests.support.staff import Staffed, staffed

CIRCLES = "/programs/v1/circles"
OWN = [
    {
        "stage_id": "loop",
        "title": "The weekly loop",
        "steps": [
            {
                "step_id": "visit",
                "title": "Visit a lesson",
                "actor": "coach",
                "need": "required",
                "evidence": "observation",
                "due_within": 5,
                "ends_when": "The notes are shared",
            }
        ],
    }
]


@pytest.fixture
async def north() -> Staffed:
    north = await staffed()
    north.clock.forward(days=250)  # to June
    return north


async def opened(north: Staffed, name: str, **more: Any) -> Any:
    made = await draft(north, "admin", name=name, **more)
    path = f"{PROGRAMS}/{made['program_id']}"
    assert (await ask(north, "admin", "POST", f"{path}/open")).status_code == 200
    return made


async def turned(
    north: Staffed, *, carry_over: bool = True, dry_run: bool = False, by: str = "admin"
) -> tuple[list[Any], list[Any]]:
    turning = YearTurning(inside(north), f"north/{by}", "north", 2028, carry_over, dry_run)
    return await turning.programs(), await turning.circles()


async def of_next_year(north: Staffed) -> list[Any]:
    found = await ask(north, "admin", "GET", f"{PROGRAMS}?school_year=2028")
    listed: list[Any] = found.json()["programs"]
    return listed


async def test_a_program_that_is_open_is_drafted_anew_once_and_nothing_is_silent(
    north: Staffed,
) -> None:
    own = {"template": None, "stages": OWN, "cost_per_coach_hour": 60.5, "currency": "USD"}
    by_template, its_own = await opened(north, "Talk"), await opened(north, "Own", **own)
    await opened(north, "Hers", lead_ids=["aide"])
    await draft(north, "admin", name="Never")
    asked = {"program_id": by_template["program_id"], "teacher_id": "teacher"}
    enrolled = await ask(north, "admin", "POST", "/programs/v1/enrollments", asked)
    assert enrolled.status_code == 201, enrolled.text
    pair = {"kind": "pair", "member_ids": ["teacher", "peer"]}
    circle = await ask(north, "teacher", "POST", CIRCLES, pair)
    assert circle.status_code == 201, circle.text
    await north.settle()
    await north.roster(aide=None)
    told, circles = await turned(north, dry_run=True)
    expected = {"Hers": "unknown_lead", "Never": "draft", "Own": "draft", "Talk": "draft"}
    assert {each["name"]: each["becomes"] for each in told} == expected
    assert [each["name"] for each in told if each["carried_over"]] == ["Own", "Talk"]
    assert told[-1]["enrolled_count"] == 1
    assert circles == [
        {
            "circle_id": circle.json()["circle_id"],
            "kind": "pair",
            "becomes": "ends_with_its_year",
            "carried_over": False,
        }
    ]
    assert [each["becomes"] for each in (await turned(north, carry_over=False))[0]] == [
        "not_carried_over",
        "draft",
        "not_carried_over",
        "not_carried_over",
    ]
    assert await of_next_year(north) == []
    done, _ = await turned(north)
    assert {each["name"]: each["becomes"] for each in done} == expected
    made = {each["name"]: each for each in await of_next_year(north)}
    assert set(made) == {"Own", "Talk"}
    assert {each["to_program_id"] for each in done if each["carried_over"]} == {
        each["program_id"] for each in made.values()
    }
    for old in (by_template, its_own):
        path = f"{PROGRAMS}/{made[old['name']]['program_id']}"
        new = (await ask(north, "admin", "GET", path)).json()
        same = ("success_criteria", "leads", "stages", "template", "cost_per_coach_hour", "purpose")
        assert {name: new[name] for name in same} == {name: old[name] for name in same}
        assert (new["state"], new["school_year"], new["session_id"]) == ("draft", 2028, "")
    again, _ = await turned(north)
    assert [each["becomes"] for each in again if each["name"] in made] == ["already_there"] * 2
    assert len(await of_next_year(north)) == 2


async def test_cut_short_it_goes_on_and_drafts_nothing_twice(north: Staffed) -> None:
    await opened(north, "One")
    await opened(north, "Two")
    first, _ = await turned(north)
    assert [each["becomes"] for each in first] == ["draft", "draft"]
    path = f"{PROGRAMS}/{first[0]['to_program_id']}"
    said = {**(await ask(north, "admin", "GET", path)).json()}
    renamed = {
        name: said[name] for name in ("type", "purpose", "focus", "modality", "success_criteria")
    }
    changed = await ask(
        north, "admin", "POST", f"{path}/edit", {**renamed, "name": "Three"}, seen='"1"'
    )
    assert changed.status_code == 200, changed.text
    await turned(north)  # the same administrator, by the same key
    assert sorted(each["name"] for each in await of_next_year(north)) == ["Three", "Two"]
