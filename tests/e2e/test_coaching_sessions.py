"""Coaching sessions on real engines: recorded over REST, read over gRPC, and on the timelines of
whom they are of, and of nobody else."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import partial
from typing import Any

import grpc

from coaching.programs.v1 import coaching_session_pb2
from coaching.programs.v1.coaching_session_pb2_grpc import CoachingSessionsServiceStub
from services.ctl.demo.district import coach_id, teacher_id
from tests.support.coaching import Coaching
from tests.support.stack import RunningStack
from tests.support.waiting import eventually

COACH, FIRST, SECOND, THIRD = coach_id(2), teacher_id(5), teacher_id(6), teacher_id(7)
LIST = "/programs/v1/coaching-sessions"
CONTACTS = "/programs/v1/session-contacts"
SPENT = [{"activity": "observe", "minutes": 40}, {"activity": "debrief", "minutes": 20}]


async def on_timeline(north: Coaching, stack: RunningStack, who: str, id_: str) -> Any:
    """The item of a session on her own timeline; None where there is none."""
    answer = await stack.ask(north.who(who), "GET", "/insights/v1/timeline?page_size=200")
    return next((each for each in answer.json()["items"] if each["item_id"] == id_), None)


async def shows(north: Coaching, stack: RunningStack, who: str, id_: str, state: str) -> bool:
    item = await on_timeline(north, stack, who, id_)
    return item is not None and item["state"] == state


async def test_a_session_of_several_is_on_the_timeline_of_each_who_came(
    north: Coaching, stack: RunningStack
) -> None:
    now = datetime.now(UTC).isoformat().replace("+00:00", "Z")
    invited = [FIRST, SECOND, THIRD]
    asked = {"teacher_ids": invited, "kind": "workshop", "starts_at": now}
    made = await north.post(COACH, LIST, asked, key="k2-workshop")
    again = await north.post(COACH, LIST, asked, key="k2-workshop")
    id_ = made["coaching_session_id"]
    assert (again["coaching_session_id"], again["version"]) == (id_, 1)
    for who in invited:
        await eventually(partial(shows, north, stack, who, id_, "scheduled"))
    came = {"minutes": 60, "activities": SPENT, "attended_ids": [FIRST, SECOND]}
    await north.post(COACH, f"{LIST}/{id_}/hold", came)
    await north.post(COACH, f"{LIST}/{id_}/summarize", {"summary": "Wait time"})
    for who in (FIRST, SECOND):
        await eventually(partial(shows, north, stack, who, id_, "summarized"))
        item = await on_timeline(north, stack, who, id_)
        assert (item["minutes"], item["activities"]) == (60, ["observe", "debrief"])

    async def is_gone() -> bool:
        return await on_timeline(north, stack, THIRD, id_) is None

    await eventually(is_gone)
    listed = await stack.ask(north.who(FIRST), "GET", f"{LIST}?state=summarized")
    assert id_ in [each["coaching_session_id"] for each in listed.json()["coaching_sessions"]]
    for who, status in ((FIRST, 200), (THIRD, 404), (coach_id(1), 404), ("admin-01", 404)):
        async with stack.client("programs", north.who(who)) as client:
            assert (await client.get(f"{LIST}/{id_}")).status_code == status


async def test_a_contact_is_one_call_and_read_over_grpc(
    north: Coaching, stack: RunningStack
) -> None:
    asked = {"teacher_id": FIRST, "minutes": 10, "activity": "debrief"}
    made = await north.post(COACH, CONTACTS, asked)
    metadata = (("authorization", f"Bearer {stack.token(north.who(FIRST))}"),)
    async with grpc.aio.insecure_channel(stack.stack.grpc("programs")) as channel:
        stub: Any = CoachingSessionsServiceStub(channel)
        request = coaching_session_pb2.GetCoachingSessionRequest(
            coaching_session_id=made["coaching_session_id"]
        )
        told = await stub.GetCoachingSession(request, metadata=metadata)
    assert (told.minutes, told.coach_id, told.activities[0].activity) == (10, COACH, "debrief")
    assert told.starts_at == told.recorded_at


async def test_a_series_is_planned_and_called_off(north: Coaching, stack: RunningStack) -> None:
    now = datetime.now(UTC).isoformat().replace("+00:00", "Z")
    asked = {"teacher_ids": [SECOND], "starts_at": now, "every_weeks": 1, "occurrences": 3}
    made = await north.post(COACH, "/programs/v1/session-series", asked)
    first, *later = [each["coaching_session_id"] for each in made["coaching_sessions"]]
    ended = await north.post(COACH, f"/programs/v1/session-series/{made['series_id']}/end")
    states = {each["coaching_session_id"]: each["state"] for each in ended["coaching_sessions"]}
    assert states == {first: "scheduled", **dict.fromkeys(later, "cancelled")}
    await eventually(partial(shows, north, stack, SECOND, first, "scheduled"))

    async def off() -> bool:
        return not [each for each in later if await on_timeline(north, stack, SECOND, each)]

    await eventually(off)
