"""Some partition numbers of the access view are too old: what rests on a row of one of them is
refused, and nothing else."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from services.access.privacy_keys import POLICY_ROW
from services.chassis.log.producer import partition_of
from tests.support.coaching import Coaching
from tests.support.staff import Staffed
from tests.support.waiting import eventually

EVERYTHING = {"goals", "surveys", "observations", "insights"}
CASELOAD = "/insights/v1/caseloads/coach"


async def north() -> Staffed:
    """`coach` coaches `teacher` and `peer`, each of whom is in a partition number of her own."""
    made = Staffed()
    for service in made.services.values():
        for projector in service.projectors:  # else Kafka's time were the machine's
            vars(projector.source)["_now"] = made.clock.now
    await made.roster()
    for teacher in ("teacher", "peer"):
        await made.coached("coach", teacher)
    people = ("teacher", "peer", "coach", POLICY_ROW)
    assert len({number(made, each) for each in people}) == len(people)
    return made


def number(place: Staffed, person: str) -> int:
    return partition_of(f"north:{person}".encode(), place.log.partitions)


@asynccontextmanager
async def silent(place: Staffed, *people: str) -> AsyncIterator[None]:
    """For two hours Kafka answers for all partition numbers but those of these people, and the APIs
    are about to hear it."""
    place.log.silent |= {number(place, each) for each in people}
    place.clock.forward(seconds=7_200)
    await place.settle()
    stop = asyncio.Event()
    roles = [each.api.roles["api.trust"] for each in place.services.values() if each.api]
    hearing = [asyncio.ensure_future(role(stop)) for role in roles]
    try:
        yield
    finally:
        stop.set()
        await asyncio.gather(*hearing)


async def told(place: Staffed, who: str, path: str) -> tuple[int, str]:
    async with place.client(path.split("/")[1], f"north/{who}") as client:
        answer = await client.get(path)
    return answer.status_code, "" if answer.is_success else answer.json()["code"]


async def refused(place: Staffed, teacher: str) -> bool:
    """Whether a coach is refused what is a teacher's, everywhere, and for that reason."""
    path = f"/goals/v1/goals?teacher_id={teacher}"
    return await told(place, "coach", path) == (503, "access_too_old") and not await place.sees(
        "coach", teacher
    )


async def on_the_caseload(place: Staffed) -> tuple[set[str], int]:
    body = (await place.ask("north/coach", "GET", CASELOAD)).json()
    return {each["teacher_id"] for each in body["entries"]}, body["not_shown"]


async def test_of_one_teacher_the_coach_sees_nothing_and_of_the_other_all() -> None:
    place = await north()
    assert await on_the_caseload(place) == ({"teacher", "peer"}, 0)
    async with silent(place, "teacher"):
        await eventually(lambda: refused(place, "teacher"))
        assert await place.sees("coach", "peer") == EVERYTHING
        assert await place.sees("teacher", "teacher") == EVERYTHING
        assert await on_the_caseload(place) == ({"peer"}, 1)
        assert await told(place, "coach", f"{CASELOAD}/live") == (503, "access_too_old")


@pytest.mark.parametrize("whose", ["coach", POLICY_ROW])
async def test_what_all_of_it_rests_on_closes_all(whose: str) -> None:
    place = await north()
    async with silent(place, whose):
        await eventually(lambda: refused(place, "teacher"))
        assert await refused(place, "peer")
        assert await told(place, "coach", CASELOAD) == (503, "access_too_old")
        assert await place.sees("teacher", "teacher") == EVERYTHING


async def test_what_nobody_rests_on_closes_nothing() -> None:
    place = await north()
    async with silent(place, "teacher", "leader"):
        await eventually(lambda: refused(place, "teacher"))
        assert await place.sees("coach", "peer") == EVERYTHING


async def test_an_observers_list_is_refused_whole_where_one_on_it_is_too_old() -> None:
    """A page says nothing of what it leaves out for that."""
    place = await north()
    coaching = Coaching(place)
    for teacher in ("teacher", "peer"):
        await coaching.shared_observation("coach", teacher, "2026-10-05T12:00:00Z")
    await place.settle()
    path = "/observations/v1/observations?observer_id=me"
    assert await told(place, "coach", path) == (200, "")
    async with silent(place, "peer"):
        await eventually(lambda: refused(place, "peer"))
        assert await told(place, "coach", path) == (503, "access_too_old")
        assert await told(place, "coach", f"{path}&teacher_id=teacher") == (200, "")
