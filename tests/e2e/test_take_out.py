"""A teacher takes her goals along from one district to another, on real processes and engines: the
file is signed by a key that outlives the process, and what is taken in is there once."""

from __future__ import annotations

import json
from pathlib import Path

from services.assembly.registry import SERVICES
from services.ctl.commands.take_out import take_in_goals, write_take_out
from services.ctl.take_out import wrong_in
from tests.support.coaching import Coaching
from tests.support.docs_program import program
from tests.support.stack import RunningStack

HER, COACH = "teacher-0011", "coach-03"
GOALS = f"/goals/v1/goals?teacher_id={HER}"
WORDS = "What she takes along"


async def test_goals_are_taken_along_and_drafted_once(
    north: Coaching, stack: RunningStack, tmp_path: Path
) -> None:
    goal = await north.active_goal(COACH, HER, statement=WORDS)
    for value in range(45):  # some of which leave the goal
        await north.post(HER, f"/goals/v1/goals/{goal}/progress", {"value": value, "note": "own"})
    addresses = {service: stack.stack.rest(service) for service in SERVICES}
    file, again = tmp_path / "her.json", tmp_path / "again.json"
    told = await write_take_out(addresses, stack.token(f"north/{HER}"), "north", file)
    await stack.kill("goals")
    stack.start("goals")
    await stack.ready("goals")
    same = await write_take_out(addresses, stack.token(f"north/{HER}"), "north", again)
    assert same == told
    document = json.loads(file.read_text())
    assert (wrong_in(document), program("docs/take-out.md", "check")(document)) == ("", "")
    values = json.loads(document["contents"][f"{goal}/progress/1"])["progress"]
    assert [each["value"] for each in values] == list(range(45))
    assert COACH not in file.read_text()
    south = f"south/{HER}"
    before = (await stack.ask(south, "GET", GOALS)).json()["goals"]
    asked = addresses, stack.token(south), "south", file
    first = await take_in_goals(*asked, dry_run=False)
    assert await take_in_goals(*asked, dry_run=False) == first
    after = (await stack.ask(south, "GET", GOALS)).json()["goals"]
    new = [each for each in after if each["goal_id"] not in {one["goal_id"] for one in before}]
    became = {each["goal_id"]: each["became"] for each in first}
    assert became[goal] == f"draft {next(e['goal_id'] for e in new if e['statement'] == WORDS)}"
    assert len(new) == len([each for each in became.values() if each.startswith("draft ")])
