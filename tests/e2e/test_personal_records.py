"""A records request on real processes and engines: an officer is named, fetches everything into a
file, and the person sees that she did."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from services.assembly.registry import WRITE_SERVICES
from services.ctl.commands.records import write_records
from tests.support.coaching import Coaching
from tests.support.personal_records import OFFICER, held
from tests.support.stack import RunningStack
from tests.support.waiting import eventually

HER, COACH, OFFICE, ADMIN = "teacher-0010", "coach-03", "teacher-0002", "admin-01"
CANARY = "Canary-in-her-records"


async def test_what_is_held_is_fetched_by_whom_was_named_and_by_herself(
    north: Coaching, stack: RunningStack, tmp_path: Path
) -> None:
    goal = await north.active_goal(COACH, HER, statement=CANARY)
    for value in range(45):  # some of which leave the goal
        await north.post(HER, f"/goals/v1/goals/{goal}/progress", {"value": value, "note": "n"})
    observation = await north.shared_observation(COACH, HER, "2026-10-05T15:00:00Z", CANARY)
    await eventually(lambda: left(stack, goal), timeout=30)  # by the relay, once it is published
    named = {"person_id": OFFICE, "person_ids": [HER], "end_date": str(datetime.now(UTC).date())}
    grant = (await north.post(ADMIN, "/roster/v1/grants", OFFICER | named))["grant_id"]
    for service in WRITE_SERVICES:
        await north.may(OFFICE, f"/{service}/v1/personal-records?person_id={HER}")
    addresses = {service: stack.stack.rest(service) for service in WRITE_SERVICES}
    file = tmp_path / "her.json"
    told = await write_records(addresses, stack.token(f"north/{OFFICE}"), "north", HER, file)
    found = json.loads(file.read_text())
    assert (told["left_out"], found["count"]) == (0, told["count"])
    by = {(each["part"], each["kind"], each["of_id"]): each for each in found["records"]}
    assert by["record", "goal", goal]["content"]["statement"] == CANARY
    assert ("record", "observation", observation) in by
    assert ("event", "goal", goal) in by
    assert await values(stack, goal) == list(range(45))
    page = tmp_path / "her.html"
    await write_records(addresses, stack.token(f"north/{HER}"), "north", "me", page)
    text = page.read_text()
    assert CANARY in text
    assert COACH not in text
    await eventually(lambda: seen(north, grant), timeout=30)


async def things(stack: RunningStack, goal: str) -> list[dict[str, Any]]:
    found = await held(stack, f"north/{HER}", HER, page_size=3)
    return [each for each in found if each["of_id"] == goal]


async def left(stack: RunningStack, goal: str) -> bool:
    """Whether some of the values have left the goal, and are where such things are kept."""
    return any(each["kind"] == "goal_progress" for each in await things(stack, goal))


async def values(stack: RunningStack, goal: str) -> list[float]:
    found = await things(stack, goal)
    gone = [each["content"]["part"]["value"] for each in found if each["part"] == "entry"]
    (record,) = [each for each in found if each["part"] == "record"]
    return [*reversed(gone), *(each["value"] for each in record["content"]["progress"])]


async def seen(north: Coaching, grant: str) -> bool:
    """Whether she is told of each service where the officer has looked."""
    path = "/privacy/v1/looks?kind=personal_record&page_size=200"
    looks = (await north.asks.ask(north.who(HER), "GET", path)).json()["looks"]
    by = {each["service"] for each in looks if each["grant_id"] == grant}
    return by == {*WRITE_SERVICES}
