"""Coaching sessions on real engines: recorded over REST, read over gRPC, and on the timelines of
whom they are of, and of nobody else."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
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
FOURTH, ADMIN = teacher_id(8), "admin-01"
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


PROGRAM = {
    "name": "One to one",
    "type": "one_to_one",
    "purpose": "new_pedagogy",
    "focus": "content",
    "modality": "in_person",
    "success_criteria": [{"criterion_id": "talk", "statement": "Students talk more"}],
    "template": "weekly-steps",
}


def ago(**span: float) -> str:
    """So long before now, to the second."""
    at = datetime.now(UTC).replace(microsecond=0) - timedelta(**span)
    return at.isoformat().replace("+00:00", "Z")


async def test_weeks_of_one_to_one_coaching(north: Coaching, stack: RunningStack) -> None:
    """A word in the hallway, said two days later; time in support; a session that was missed, and
    a series of which one is moved and held. Each minute is counted once, by whose it is."""
    program = await north.post(ADMIN, "/programs/v1/programs", PROGRAM, key="one-to-one")
    opened = await north.post(ADMIN, f"/programs/v1/programs/{program['program_id']}/open")
    assert (opened["state"], opened["type"]) == ("enrolling", "one_to_one")
    word = {"teacher_id": FOURTH, "minutes": 10, "activity": "debrief", "held_at": ago(days=2)}
    contact = await north.post(COACH, CONTACTS, word, key="hallway")
    again = await north.post(COACH, CONTACTS, word, key="hallway")
    assert again["coaching_session_id"] == contact["coaching_session_id"]
    assert contact["starts_at"] == word["held_at"] < contact["recorded_at"]
    support = await north.post(COACH, LIST, {"kind": "support", "starts_at": ago(hours=3)})
    alone = f"{LIST}/{support['coaching_session_id']}"
    travel = [{"activity": "travel", "minutes": 25}]
    await north.post(COACH, f"{alone}/hold", {"minutes": 25, "activities": travel})
    lost = await north.post(COACH, LIST, {"teacher_ids": [FOURTH], "starts_at": ago(days=1)})
    missed = f"{LIST}/{lost['coaching_session_id']}"
    told = await north.post(COACH, f"{missed}/miss", {"barriers": ["competing_demands", "time"]})
    assert (told["state"], told["barriers"]) == ("missed", ["competing_demands", "time"])
    asked: dict[str, Any] = {"teacher_ids": [FOURTH], "starts_at": ago(hours=2)}
    asked |= {"every_weeks": 2, "occurrences": 3}
    series = await north.post(COACH, "/programs/v1/session-series", asked, key="series")
    assert await north.post(COACH, "/programs/v1/session-series", asked, key="series") == series
    first, *later = [each["coaching_session_id"] for each in series["coaching_sessions"]]
    moved = {"starts_at": ago(hours=1)}
    async with stack.client("programs", north.who(COACH)) as client:
        (await client.patch(f"{LIST}/{first}", json=moved)).raise_for_status()
    held = await north.post(COACH, f"{LIST}/{first}/hold", {"minutes": 60, "activities": SPENT})
    assert [each["starts_at"] for each in held["plans"]] == [asked["starts_at"]]
    assert (held["starts_at"], held["series_id"]) == (moved["starts_at"], series["series_id"])

    mine = await stack.ask(north.who(COACH), "GET", f"{LIST}?coach_id=me&page_size=100")
    found = {each["coaching_session_id"]: each for each in mine.json()["coaching_sessions"]}
    made = (contact, support, lost)
    ids = [*(each["coaching_session_id"] for each in made), first, *later]
    assert [found[each]["minutes"] for each in ids] == [10, 25, 0, 60, 0, 0]
    for id_, state in zip((ids[0], ids[2], first), ("held", "missed", "held"), strict=True):
        await eventually(partial(shows, north, stack, FOURTH, id_, state))
    for each in later:
        await eventually(partial(shows, north, stack, FOURTH, each, "scheduled"))
    assert await on_timeline(north, stack, FOURTH, ids[1]) is None
    for who in (FIRST, coach_id(1), ADMIN, "leader-01"):
        for each in ids:
            async with stack.client("programs", north.who(who)) as client:
                assert (await client.get(f"{LIST}/{each}")).status_code == 404
