"""What a program plans and by when it wants attention to be called, on real engines: seen on the
caseload of who coaches its teachers, and among what she might look at first."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import grpc

from coaching.insights.v1 import caseload_pb2, delivery_pb2
from coaching.insights.v1.caseload_pb2_grpc import CaseloadsServiceStub
from coaching.insights.v1.delivery_pb2_grpc import DeliveriesServiceStub
from services.ctl.demo.district import coach_id, teacher_id
from tests.e2e.test_enrollments import TEACHERS
from tests.e2e.test_programs import PROGRAMS, SAYS
from tests.support.coaching import Coaching
from tests.support.stack import RunningStack
from tests.support.waiting import eventually

ADMIN, COACH, TEACHER = "admin-01", coach_id(3), teacher_id(11)
CASELOAD = "/insights/v1/caseload"
LATER = (datetime.now(UTC) + timedelta(days=30)).isoformat()  # a moment that reads are told


async def read(north: Coaching, path: str) -> Any:
    asked = (north.who(COACH), "GET", path)
    return (await north.asks.ask(*asked, headers={"Tandem-Now": LATER})).json()


async def flags(north: Coaching) -> set[str]:
    """Of the teacher, those of F1 and F12."""
    entries = (await read(north, CASELOAD))["entries"]
    (found,) = [each["flags"] for each in entries if each["teacher_id"] == TEACHER]
    return {each["code"] for each in found} & {"F1", "F12"}


async def test_a_plan_and_what_a_program_says_of_flags_reach_the_caseload(
    north: Coaching, stack: RunningStack
) -> None:
    assert await flags(north) == {"F1"}
    made = await north.post(ADMIN, PROGRAMS, {**SAYS, "planned_contacts": 50})
    path = f"{PROGRAMS}/{made['program_id']}"
    opened = await north.post(ADMIN, f"{path}/open")
    enrolled = {"program_id": made["program_id"], "teacher_id": TEACHER}
    await north.post(ADMIN, "/programs/v1/enrollments", enrolled)

    async def gap() -> bool:
        return await flags(north) == {"F1", "F12"}

    await eventually(gap, timeout=60)  # plans are read every 15 s

    attention = {"no_observation_days": 100}
    says = {key: value for key, value in SAYS.items() if key != "template"}
    said = {**says, "planned_contacts": 50, "attention": attention}
    seen = {"If-Match": f'"{opened["version"]}"'}
    asked = (north.who(ADMIN), "POST", f"{path}/edit", said)
    edited = (await north.asks.ask(*asked, headers=seen)).json()
    assert edited["attention"]["no_observation_days"] == 100
    assert edited["attention"]["gap_percent"] is None

    async def only_the_gap() -> bool:
        return await flags(north) == {"F12"}

    await eventually(only_the_gap, timeout=60)

    told = await read(north, f"{CASELOAD}/attention")
    entries = (await read(north, CASELOAD))["entries"]
    every = [(each["teacher_id"], flag["code"]) for each in entries for flag in each["flags"]]
    items = [(each["teacher_id"], each["flag"]["code"]) for each in told["items"]]
    assert 1 <= len(items) <= 5
    assert set(items) <= set(every)
    assert told["more_count"] == len(every) - len(items)

    metadata = (("authorization", f"Bearer {stack.token(north.who(COACH))}"),)
    async with grpc.aio.insecure_channel(stack.stack.grpc("insights")) as channel:
        stub: Any = CaseloadsServiceStub(channel)
        now = await stub.GetAttention(caseload_pb2.GetAttentionRequest(), metadata=metadata)
    assert (now.coach_id, now.time_zone) == (COACH, told["time_zone"])


async def test_what_of_a_program_is_delivered_is_told_of_all_together_and_of_whole_weeks(
    north: Coaching, stack: RunningStack
) -> None:
    """As of last Monday, when nobody was in it: all else in `insights/test_program_delivery.py`."""
    made = await north.post(ADMIN, PROGRAMS, {**SAYS, "planned_contacts": 50})
    program = made["program_id"]
    await north.post(ADMIN, f"{PROGRAMS}/{program}/open")
    for teacher in TEACHERS:
        enrolled = {"program_id": program, "teacher_id": teacher}
        await north.post(ADMIN, "/programs/v1/enrollments", enrolled)
    contact = {"teacher_id": TEACHER, "minutes": 10, "activity": "debrief"}
    await north.post(COACH, "/programs/v1/session-contacts", contact)
    path = f"/insights/v1/programs/{program}/delivery"
    told: Any = {}

    async def delivered() -> bool:
        async with stack.client("insights", north.who(ADMIN)) as client:
            answer = await client.get(path)
        told.update(answer.json())
        return answer.is_success

    await eventually(delivered, timeout=60)
    assert (told["teacher_count"], told["planned_contacts_each"]) == (None, None)
    assert (told["median_days_between"], told["modalities"]) == (None, [])
    for who in (COACH, TEACHER, "leader-01"):
        async with stack.client("insights", north.who(who)) as client:
            assert (await client.get(path)).status_code == 404
    metadata = (("authorization", f"Bearer {stack.token(north.who(ADMIN))}"),)
    async with grpc.aio.insecure_channel(stack.stack.grpc("insights")) as channel:
        stub: Any = DeliveriesServiceStub(channel)
        request = delivery_pb2.GetProgramDeliveryRequest(program_id=program)
        same = await stub.GetProgramDelivery(request, metadata=metadata)
    assert (same.HasField("teacher_count"), same.small_n) == (False, told["small_n"])
    assert not same.HasField("median_days_between")
