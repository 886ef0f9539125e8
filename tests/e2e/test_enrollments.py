"""Teachers in a coaching program on real engines: enrolled at once, counted, withdrawn, published,
and let go when it is closed."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import Any

import grpc

from coaching.journal.v1 import journal_pb2
from coaching.journal.v1.journal_pb2_grpc import JournalServiceStub
from coaching.programs.v1 import enrollment_events_pb2, enrollment_pb2
from coaching.programs.v1.enrollment_pb2_grpc import EnrollmentsServiceStub
from services.ctl.demo.district import coach_id, teacher_id
from tests.e2e.test_programs import PROGRAMS, SAYS, command
from tests.support.coaching import Coaching
from tests.support.stack import RunningStack
from tests.support.waiting import HANGS, eventually

ADMIN, PATH = "admin-01", "/programs/v1/enrollments"
TEACHERS = [
    teacher_id(number) for number in range(1, 13) if number != 9
]  # whose traces are counted


async def states(north: Coaching, stack: RunningStack, program: str) -> dict[str, str]:
    path = f"{PATH}?program_id={program}&page_size=200"
    answer = await stack.ask(north.who(ADMIN), "GET", path)
    return {each["teacher_id"]: each["state"] for each in answer.json()["enrollments"]}


async def told(stack: RunningStack, program: str, wanted: int) -> None:
    """Wait until so many are said to be ended, each on her own key."""
    token = stack.token("north/warehouse?programs.journal.read")
    metadata = (("authorization", f"Bearer {token}"),)
    ended: set[str] = set()
    async with (
        asyncio.timeout(HANGS),
        grpc.aio.insecure_channel(stack.stack.grpc("programs")) as channel,
    ):
        asked = journal_pb2.FollowEventsRequest()
        asked.types.append(enrollment_events_pb2.EnrollmentEnded.DESCRIPTOR.full_name)
        async for answer in JournalServiceStub(channel).FollowEvents(asked, metadata=metadata):
            for each in answer.records:
                said = enrollment_events_pb2.EnrollmentEnded.FromString(each.data).enrollment
                if said.program_id == program:
                    ended.add(said.teacher_id)
            if len(ended) == wanted:
                return


async def seen(stack: RunningStack, who: str, id_: str) -> grpc.StatusCode:
    """What `GetEnrollment` answers."""
    metadata = (("authorization", f"Bearer {stack.token(who)}"),)
    async with grpc.aio.insecure_channel(stack.stack.grpc("programs")) as channel:
        stub: Any = EnrollmentsServiceStub(channel)
        request = enrollment_pb2.GetEnrollmentRequest(enrollment_id=id_)
        asked = stub.GetEnrollment(request, metadata=metadata)
        code: grpc.StatusCode = await asked.code()
        return code


async def test_teachers_are_enrolled_at_once_and_let_go_with_the_program(
    north: Coaching, stack: RunningStack
) -> None:
    made = await north.post(ADMIN, PROGRAMS, SAYS)
    program = str(made["program_id"])
    await north.post(ADMIN, f"{PROGRAMS}/{program}/open")

    async def enroll(teacher: str) -> Any:
        asked = {"program_id": program, "teacher_id": teacher}
        return await north.post(ADMIN, PATH, asked)

    each_twice = await asyncio.gather(*(enroll(each) for each in TEACHERS * 2))
    ids = {each["teacher_id"]: each["enrollment_id"] for each in each_twice}
    assert len(ids) == len({*ids.values()}) == len(TEACHERS)
    first, second, *_ = TEACHERS
    left = await north.post(first, f"{PATH}/{ids[first]}/withdraw")
    assert (left["state"], left["withdrawn_by"]) == ("withdrawn", first)
    asked = {"program_id": program, "teacher_id": first}
    await north.asks.ask(north.who(ADMIN), "POST", PATH, asked, status=409)

    for who, code in (
        (second, grpc.StatusCode.OK),
        (coach_id(1), grpc.StatusCode.NOT_FOUND),
        (first, grpc.StatusCode.NOT_FOUND),
    ):
        assert await seen(stack, north.who(who), ids[second]) is code

    shown = await command(stack, stack.token(north.who(ADMIN)), "show", program)
    assert shown["size"]["enrolled_count"] == len(TEACHERS) - 1
    assert shown["size_band"] == "under_100"
    await north.post(ADMIN, f"{PROGRAMS}/{program}/close")

    async def all_are_over() -> bool:
        found = await states(north, stack, program)
        return found == {**dict.fromkeys(TEACHERS, "ended"), first: "withdrawn"}

    await eventually(partial(all_are_over))
    await told(stack, program, len(TEACHERS) - 1)
