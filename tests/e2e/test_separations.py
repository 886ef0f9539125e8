"""Two records are parted though the process that was asked for it has died, on real processes and
real engines: what was the one's is hers again, and what was given meanwhile is listed. What the one
shared of the other's meanwhile nobody reads any more."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import httpx2
import pytest

from services.ctl.engines.ports import pick_port
from tests.support.asking import plain_client
from tests.support.coaching import Coaching
from tests.support.roster_files import good_files, zipped
from tests.support.stack import RunningStack
from tests.support.waiting import eventually

ADMIN, SIS = "fork/admin-1", "fork/sis?roster.write"
GRANTS, MATCHES = "/roster/v1/grants", "/roster/v1/matches"
ONE, OTHER, COACH = "teacher-1", "teacher-2", "coach-1"


async def post(stack: RunningStack, path: str, body: Any = None) -> Any:
    return (await stack.ask(ADMIN, "POST", path, body)).json()


async def known(stack: RunningStack) -> None:
    """Until the roster's own view knows who administers and who teaches."""
    asked = {"person_id": COACH, "role": "coach", "person_ids": [ONE, OTHER], "reason": "w"}

    async def there() -> bool:
        async with stack.client("roster", ADMIN) as client:
            return (await client.post(GRANTS, json=asked)).is_success

    await eventually(there, timeout=30)


async def until(stack: RunningStack, path: str, **told: Any) -> Any:
    found: dict[str, Any] = {}

    async def there() -> bool:
        found.update((await stack.ask(ADMIN, "GET", path)).json())
        return {name: found[name] for name in told} == told

    await eventually(there, timeout=30)
    return found


async def test_a_separation_whose_process_was_killed_is_done_by_itself(stack: RunningStack) -> None:
    await stack.import_roster(SIS, zipped(good_files()))
    await known(stack)
    asked = {"person_id": COACH, "role": "coach", "reason": "w"}
    hers = (await post(stack, GRANTS, {**asked, "person_ids": [ONE]}))["grant_id"]
    match = await post(stack, MATCHES, {"from_person_id": ONE, "into_person_id": OTHER})
    at = f"{MATCHES}/{match['match_id']}"
    await post(stack, f"{at}/confirm")
    await until(stack, f"{GRANTS}/{hers}", person_ids=[OTHER])
    since = (await post(stack, GRANTS, {**asked, "person_ids": [OTHER]}))["grant_id"]
    port = pick_port()
    armed = {"ROLES": "api", "TANDEM_CRASH_AT": "W2:1", "REST_PORT": str(port)}
    stack.start("roster", "roster-dying", **armed)
    await stack.ready("roster-dying")
    headers = {"Authorization": f"Bearer {stack.token(ADMIN)}"}
    async with plain_client(base_url=f"http://127.0.0.1:{port}", headers=headers) as client:
        with pytest.raises(httpx2.TransportError):
            await client.post(f"{at}/separate")
    await stack.kill("roster-dying")  # it is gone: its log is put aside
    told = await until(stack, at, state="separated", decided_by="admin-1")
    assert told["staying_grant_ids"] == [since]
    await until(stack, f"{GRANTS}/{hers}", person_ids=[ONE])
    await until(stack, f"/roster/v1/people/{ONE}", status="active", merged_into_id=None)


async def test_what_one_record_shared_of_the_others_is_read_by_nobody_when_they_are_two(
    stack: RunningStack,
) -> None:
    await stack.import_roster(SIS, zipped(good_files()))
    await known(stack)
    fork = Coaching(stack, "fork")
    await fork.may(ONE, f"/goals/v1/goals?teacher_id={ONE}")
    await fork.may(OTHER, f"/goals/v1/goals?teacher_id={OTHER}")
    goal = await fork.active_goal(ONE, ONE)
    match = await post(stack, MATCHES, {"from_person_id": ONE, "into_person_id": OTHER})
    at = f"{MATCHES}/{match['match_id']}"
    await post(stack, f"{at}/confirm")
    await whose(stack, goal, OTHER)
    asked = {
        "goal_id": goal,
        "audience": [{"person_id": COACH}],
        "purpose": "peer_learning",
        "expires_at": (datetime.now(UTC) + timedelta(days=1)).isoformat(),
    }
    share = (await fork.post(OTHER, "/goals/v1/shares", asked))["goal_share_id"]
    async with stack.client("goals", f"fork/{COACH}") as reader:
        assert (await reader.get(f"/goals/v1/goals/{goal}")).status_code == 200
        await post(stack, f"{at}/separate")
        await whose(stack, goal, ONE)
        assert (await reader.get(f"/goals/v1/goals/{goal}")).status_code == 404

    async def closed() -> bool:
        async with stack.client("goals", f"fork/{OTHER}") as client:
            said = (await client.get(f"/goals/v1/shares/{share}")).json()
        return bool(said["state"] == "revoked")

    await eventually(closed, timeout=60)


async def whose(stack: RunningStack, goal: str, teacher: str) -> None:
    """Until a goal is hers, and she finds it."""

    async def hers() -> bool:
        async with stack.client("goals", f"fork/{teacher}") as client:
            answer = await client.get(f"/goals/v1/goals/{goal}")
        return answer.is_success and bool(answer.json()["teacher_id"] == teacher)

    await eventually(hers, timeout=60)
