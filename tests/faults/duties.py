"""A cell in which processes that do what events ask for die by kill -9 at each point of it."""

from __future__ import annotations

import asyncio
import signal
from datetime import UTC, datetime, timedelta
from typing import Protocol

from services.chassis.duties.duty import DONE, OPEN
from services.chassis.duties.view import duties_view
from services.ctl.demo.district import class_ids, coach_id, teacher_id
from services.observations.observation.duties import PAUSE
from services.surveys.administration.mongo_seats import COLLECTION
from services.surveys.administration.outline import REOPENABLE
from tests.support.faults import Faulty
from tests.support.waiting import eventually

COACH = coach_id(2)
POINTS = {"D1": 5, "W1": 6, "W2": 7, "D2": 8}  # and with which teacher of hers
AGAIN_SECONDS = 90.0  # longer than what was taken is nobody else's
A_DAY = timedelta(days=1)
FOR_OTHERS = "api,relay,projector"


async def duties_killed(f: Faulty, times: int) -> str:
    """Of two services: whoever is to do what events ask for dies at another point with each of
    four teachers; then all is done, once."""
    every: list[Obliged] = [LeftBehind(f), await SheetsLeft.made(f)]
    async with f.load() as load:
        await asyncio.gather(*(_begun_again(f, each.service, FOR_OTHERS) for each in every))
        for turn in range(times):
            await asyncio.gather(*(_killed(f, each, turn) for each in every))
            await f.progress(load, 10)
        await asyncio.gather(*(_begun_again(f, each.service) for each in every))
        await f.progress(load, 10)
    return f"{times * len(every) * len(POINTS)} crashes, {load.acknowledged} writes"


class Obliged(Protocol):
    service: str

    async def begun(self, teacher: str, turn: int) -> str:
        """Makes what becomes a to-do of hers; its id."""

    async def once(self, teacher: str, id: str) -> None:
        """That was done, and no more than once."""


class LeftBehind:
    """A coach parts with a teacher, and leaves an observation behind."""

    service = "observations"

    def __init__(self, f: Faulty) -> None:
        self._f = f

    async def begun(self, teacher: str, turn: int) -> str:
        return await _left_behind(self._f, teacher, turn)

    async def once(self, teacher: str, id: str) -> None:
        path = f"/observations/v1/observations/{id}"
        found = (await self._f.stack.ask(f"north/{teacher}", "GET", path)).json()
        assert found["left_behind_at"], found
        assert found["version"] == 3, f"done more than once: {found}"  # planned, scored


class SheetsLeft:
    """A teacher has closed a survey with too few answers: it is sealed, and all of it deleted."""

    service = "surveys"

    def __init__(self, f: Faulty, measure: str) -> None:
        self._f, self._measure = f, measure
        self._seats = f.stack._backing(self.service).database[COLLECTION]

    @classmethod
    async def made(cls, f: Faulty) -> SheetsLeft:
        await f.north.known(teacher_id(max(POINTS.values())))
        return cls(f, await f.north.published_measure(COACH))

    async def begun(self, teacher: str, turn: int) -> str:
        north = self._f.north
        class_, _ = class_ids(int(teacher.rpartition("-")[2]))
        survey, codes = await north.open_survey(teacher, self._measure, class_, seats=10)
        await north.answer(survey, codes[0], 4)
        assert await self._seats.count_documents({"administration": survey}) == 10
        path = f"/surveys/v1/administrations/{survey}/close"
        past = (datetime.now(UTC) - REOPENABLE - A_DAY).isoformat()
        await self._f.stack.ask(f"north/{teacher}", "POST", path, headers={"Tandem-Now": past})
        return survey

    async def once(self, teacher: str, id: str) -> None:
        path = f"/surveys/v1/administrations/{id}"
        found = (await self._f.stack.ask(f"north/{teacher}", "GET", path)).json()
        assert found["version"] == 4, f"not sealed once: {found}"  # planned, opened, closed
        left = await self._seats.find({"administration": id}).to_list(None)
        assert not left, f"{id}: {left}"


async def _begun_again(f: Faulty, service: str, roles: str = "") -> None:
    await f.stack.end(service)
    f.stack.start(service, **({"ROLES": roles} if roles else {}))
    await f.stack.ready(service)


async def _killed(f: Faulty, each: Obliged, turn: int) -> None:
    service, beside = each.service, f"{each.service}-duties"
    ids = {n: await each.begun(teacher_id(n), turn) for n in POINTS.values()}
    await eventually(lambda: _waiting(f, service), timeout=30)
    for point in POINTS:
        f.stack.start(service, beside, ROLES="duties", TANDEM_CRASH_AT=f"{point}:1")
        code = await f.died(beside, point)
        assert code == -signal.SIGKILL, f"armed at {point} it ended with {code}"
        f.happened.append(f"{beside} {point}")
        await f.stack.kill(beside)
    f.stack.start(service, beside, ROLES="duties")
    await f.stack.ready(beside)
    await eventually(lambda: _done(f, service), timeout=AGAIN_SECONDS)
    for number, made in ids.items():
        await each.once(teacher_id(number), made)
    await f.stack.end(beside)


async def _left_behind(f: Faulty, teacher: str, turn: int) -> str:
    """The id of an observation that the coach has begun; afterwards the two part, as if that had
    been so long ago that something is due."""
    north = f.north
    asked = {"coach_id": COACH, "teacher_id": teacher}
    key = f"left-{teacher}-{turn}"
    made = await north.post(COACH, "/programs/v1/relationships", asked, key=key)
    path = f"/programs/v1/relationships/{made['relationship_id']}"
    if made["state"] != "active":
        await north.post(teacher, f"{path}/accept")
    await north.may(COACH, f"/observations/v1/observations?teacher_id={teacher}")
    now = datetime.now(UTC)
    plan = {"teacher_id": teacher, "tool_id": f._tool, "scheduled_for": now.isoformat()}
    planned = await north.post(COACH, "/observations/v1/observations", plan, key=key)
    observation = str(planned["observation_id"])
    scores = {"scores": [{"criterion_id": "talk", "score": 2}]}
    await north.post(COACH, f"/observations/v1/observations/{observation}/scores", scores)
    past = (now - PAUSE - A_DAY).isoformat()
    await f.stack.ask(f"north/{COACH}", "POST", f"{path}/end", headers={"Tandem-Now": past})
    return observation


async def _waiting(f: Faulty, service: str) -> bool:
    return len(await _todos(f, service, OPEN)) == len(POINTS)


async def _done(f: Faulty, service: str) -> bool:
    return not await _todos(f, service, OPEN) and bool(await _todos(f, service, DONE))


async def _todos(f: Faulty, service: str, state: str) -> list[str]:
    todos = f.stack._backing(service).todos(duties_view(service))
    return [todo.id for todo in await todos.list([state])]
