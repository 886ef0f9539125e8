"""What a coach and a teacher have is paused by either: it asks for no attention, and what is shown
stays shown."""

from __future__ import annotations

from typing import Any

import pytest

from tests.component.test_programs import ask
from tests.support.staff import Staffed, staffed
from tests.support.twice import Twice

PATH = "/programs/v1/relationships"


@pytest.fixture
async def north() -> Staffed:
    return await staffed(None)


async def act(north: Staffed, who: str, of: str, how: str, status: int = 200) -> Any:
    answer = await ask(north, who, "POST", f"{PATH}/{of}/{how}", None)
    assert answer.status_code == status, answer.text
    await north.settle()
    return answer.json()


async def read(north: Staffed, who: str, of: str) -> Any:
    return (await north.ask(f"north/{who}", "GET", f"{PATH}/{of}")).json()


@pytest.mark.parametrize("by", ["coach", "teacher"])
async def test_the_row_stays_and_says_so_and_what_is_shown_stays_shown(
    north: Staffed, by: str
) -> None:
    of, shown = await north.coached(), {"goals", "surveys", "observations", "insights"}
    north.clock.forward(days=40)  # and nobody has observed her
    (entry,) = await north.caseload()
    assert ([each["code"] for each in entry["flags"]], entry["paused_at"]) == (["F1"], None)
    made = await act(north, by, of, "pause")
    assert (made["state"], made["paused_by"]) == ("paused", [by])
    (entry,) = await north.caseload()
    assert (entry["flags"], entry["paused_at"]) == ([], made["paused_at"])
    assert await north.sees("coach") == shown
    listed = await north.ask("north/coach", "GET", f"{PATH}?coach_id=me&state=paused")
    assert [each["relationship_id"] for each in listed.json()["relationships"]] == [of]
    await act(north, by, of, "resume")
    (entry,) = await north.caseload()
    assert (entry["flags"], entry["paused_at"]) == ([], None)  # F1 counts anew
    north.clock.forward(days=40)
    (entry,) = await north.caseload()
    assert [each["code"] for each in entry["flags"]] == ["F1"]
    assert await north.sees("coach") == shown


async def test_neither_the_district_nor_anybody_else_has_a_part_in_it(north: Staffed) -> None:
    of = await north.coached()
    for who in ("admin", "other", "leader", "peer"):
        await act(north, who, of, "pause", status=404)
    await act(north, "teacher", of, "pause")
    for who, status in (("admin", 404), ("coach", 409)):
        await act(north, who, of, "resume", status=status)
    hers, theirs, told = [await read(north, who, of) for who in ("teacher", "coach", "admin")]
    assert "resume_relationship" in hers["allowed"]
    assert "resume_relationship" not in theirs["allowed"]
    assert hers["paused_by"] == theirs["paused_by"] == ["teacher"]
    assert (told["state"], told["paused_by"]) == ("paused", [])


async def test_the_two_still_meet_and_agree_and_the_teacher_says_what_is_shown(
    north: Staffed,
) -> None:
    of = await north.coached()
    await act(north, "teacher", of, "pause")
    at = north.clock.now().isoformat()
    body: Any = {"teacher_ids": ["teacher"], "starts_at": at}
    met = await ask(north, "coach", "POST", "/programs/v1/coaching-sessions", body)
    assert met.status_code == 201, met.text
    body = {"relationship_id": of, "works_on": "x", "how_often": "y", "coach_sees": ["surveys"]}
    offered = await ask(north, "coach", "POST", "/programs/v1/agreements", body)
    assert offered.status_code == 201, offered.text
    answer = await ask(north, "teacher", "POST", f"{PATH}/{of}/accept", {"coach_sees": ["goals"]})
    assert (answer.json()["state"], answer.json()["coach_sees"]) == ("paused", ["goals"])
    await north.settle()
    assert await north.sees("coach") == {"goals", "insights"}


async def test_it_ends_and_the_coach_sees_nothing_any_more(north: Staffed) -> None:
    of = await north.coached()
    await act(north, "teacher", of, "pause")
    ended = await act(north, "coach", of, "end")
    assert (ended["state"], ended["paused_at"], ended["paused_by"]) == ("ended", None, [])
    assert await north.sees("coach") == set()
    assert await north.caseload() == []


async def test_carried_over_it_stays_paused(north: Staffed) -> None:
    of = await north.coached()
    paused = await act(north, "teacher", of, "pause")
    body = {"from_school_year": 2027, "to_school_year": 2028}
    made = await ask(north, "admin", "POST", f"{PATH}/carry-over", body)
    (each,) = made.json()["carried_over"]
    assert each["state"] == "paused"
    new = await read(north, "teacher", each["relationship_id"])
    assert (new["paused_at"], new["paused_by"]) == (paused["paused_at"], ["teacher"])


@pytest.mark.parametrize("paused", ["old", "teacher"])
async def test_two_records_that_become_one_are_paused_where_either_was(paused: str) -> None:
    twice = await Twice().begin()
    north = twice.north
    path = f"{PATH}?coach_id=coach&teacher_id={paused}"
    (each,) = (await twice.get("coach", path))["relationships"]
    await act(north, paused, each["relationship_id"], "pause")
    await twice.merged()
    await twice.later()
    (kept,) = (await twice.get("coach", f"{PATH}?coach_id=coach&teacher_id=teacher"))[
        "relationships"
    ]
    assert (kept["state"], kept["paused_by"]) == ("paused", ["teacher"])
    assert (await act(north, "teacher", kept["relationship_id"], "resume"))["state"] == "active"
