"""From a coach's read to the teacher's own list, on real processes and real engines."""

from __future__ import annotations

from typing import Any

import grpc

from coaching.goals.v1 import goal_pb2
from coaching.goals.v1.goal_pb2_grpc import GoalsServiceStub
from coaching.privacy.v1 import look_pb2
from coaching.privacy.v1.look_pb2_grpc import LooksServiceStub
from services.ctl.looks import Backwards
from tests.support.coaching import Coaching
from tests.support.looks import broken
from tests.support.stack import RunningStack
from tests.support.waiting import eventually

COACH, TEACHER = "coach-02", "teacher-0006"
LOOKS = "/privacy/v1/looks"


async def looks(stack: RunningStack, who: str = TEACHER, query: str = "") -> list[Any]:
    """The whole list, the newest first."""
    found: list[Any] = []
    page = ""
    while True:
        path = f"{LOOKS}?page_size=200{query}{page}"
        body = (await stack.ask(f"north/{who}", "GET", path)).json()
        found += body["looks"]
        if not body["next_page_token"]:
            return found
        page = f"&page_token={body['next_page_token']}"


async def seen(stack: RunningStack, count: int, **wanted: Any) -> list[Any]:
    """Wait until so many looks of the list say all this, however they are counted together."""
    found: list[Any] = []

    async def there() -> bool:
        found[:] = [each for each in await looks(stack) if wanted.items() <= each.items()]
        return bool(sum(each["times"] for each in found) >= count)

    await eventually(there, timeout=20)
    return found


def metadata(stack: RunningStack, who: str) -> tuple[tuple[str, str], ...]:
    return (("authorization", f"Bearer {stack.token(f'north/{who}')}"),)


async def test_reads_of_all_services_over_both_protocols_reach_the_teachers_list(
    north: Coaching, stack: RunningStack
) -> None:
    goal = await north.active_goal(COACH, TEACHER)
    path = f"/goals/v1/goals/{goal}"
    await stack.ask(f"north/{COACH}", "GET", path)
    told = {"viewer_id": COACH, "service": "goals", "operation": "get_goal", "decision": "allowed"}
    (first, *_) = await seen(stack, 1, **told)
    assert (first["purpose"], first["relation"], first["kind"]) == ("coaching", "coach", "goal")
    async with grpc.aio.insecure_channel(stack.stack.grpc("goals")) as channel:
        asked = goal_pb2.GetGoalRequest(goal_id=goal)
        await GoalsServiceStub(channel).GetGoal(asked, metadata=metadata(stack, COACH))
    await seen(stack, 2, **told)
    await stack.ask("north/teacher-0001", "GET", path, status=404)
    await seen(stack, 1, viewer_id="teacher-0001", decision="refused")
    for service, path in (
        ("insights", f"/insights/v1/caseloads/{COACH}"),
        ("insights", f"/insights/v1/timeline?teacher_id={TEACHER}"),
        ("surveys", f"/surveys/v1/administrations?teacher_id={TEACHER}"),
        ("observations", f"/observations/v1/observations?teacher_id={TEACHER}"),
    ):
        await stack.ask(f"north/{COACH}", "GET", path)
        await seen(stack, 1, viewer_id=COACH, service=service)
    await stack.ask("north/admin-01", "GET", "/programs/v1/relationships")
    await stack.ask("north/admin-01", "GET", "/roster/v1/people")
    for service in ("programs", "roster"):
        await seen(stack, 1, viewer_id="admin-01", service=service)
    found = await looks(stack)
    assert broken(found) == ""
    checked = Backwards()
    for each in found:
        checked.add(each)
    checked.done()
    assert (checked.wrong, checked.count) == ("", len(found))
    async with grpc.aio.insecure_channel(stack.stack.grpc("privacy")) as channel:
        stub = LooksServiceStub(channel)
        answer = await stub.ListLooks(
            look_pb2.ListLooksRequest(page_size=200), metadata=metadata(stack, TEACHER)
        )
    assert {each.hash for each in answer.looks} <= {each["hash"] for each in await looks(stack)}
    await stack.ask("north/admin-01", "GET", f"{LOOKS}?person_id={TEACHER}", status=404)


async def test_what_was_answered_is_recorded_when_the_process_ends_right_after(
    north: Coaching, stack: RunningStack
) -> None:
    goal = await north.active_goal(COACH, TEACHER)
    before = sum(each["times"] for each in await looks(stack) if each["operation"] == "get_goal")
    for _ in range(3):
        await stack.ask(f"north/{COACH}", "GET", f"/goals/v1/goals/{goal}")
    assert await stack.end("goals") == 0
    stack.start("goals")
    await stack.ready("goals")
    await seen(stack, before + 3, operation="get_goal")


async def test_nothing_is_told_twice_and_the_chain_goes_on_when_who_collects_dies(
    north: Coaching, stack: RunningStack
) -> None:
    goal = await north.active_goal(COACH, TEACHER)
    begun = sum(each["times"] for each in await looks(stack) if each["operation"] == "get_goal")
    for _ in range(3):
        for _ in range(4):
            await stack.ask(f"north/{COACH}", "GET", f"/goals/v1/goals/{goal}")
        await stack.kill("privacy")
        stack.start("privacy")
        await stack.ready("privacy")
    found = await seen(stack, begun + 12, operation="get_goal")
    assert sum(each["times"] for each in found) == begun + 12
    assert broken(await looks(stack)) == ""
