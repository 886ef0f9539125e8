"""A cell in which processes that do what events ask for die by kill -9 at each point of it."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Protocol

import httpx2
import pytest

from services.chassis.duties.duty import OPEN, Todo
from services.chassis.duties.runner import TAKEN
from services.chassis.duties.view import duties_view
from services.ctl.demo.district import class_ids, coach_id, teacher_id
from services.ctl.engines.ports import pick_port
from services.observations.observation.duties import PAUSE
from services.surveys.administration.mongo_seats import COLLECTION
from services.surveys.administration.outline import REOPENABLE
from tests.support.asking import plain_client
from tests.support.faults import Faulty
from tests.support.waiting import eventually

COACH = coach_id(2)
POINTS = {"D1": 5, "W1": 6, "W2": 7, "D2": 8}  # and with which teacher of hers
WITHOUT_A_COMMAND = {"D1": 5, "D2": 8}
AGAIN_SECONDS = 90.0  # longer than what was taken is nobody else's
A_DAY = timedelta(days=1)
FOR_OTHERS = "api,relay,projector"


async def duties_killed(f: Faulty, times: int) -> str:
    """Of two services: whoever is to do what events ask for dies at each point, with another
    to-do each; then all is done, once."""
    sheets = await SheetsLeft.made(f)
    every: dict[str, list[Obliged]] = {
        "observations": [LeftBehind(f)],
        "surveys": [sheets, SheetsOverlooked(f, sheets)],
    }
    async with f.load() as load:
        await asyncio.gather(*(_begun_again(f, service, FOR_OTHERS) for service in every))
        for turn in range(times):
            await asyncio.gather(*(_killed(f, *each, turn) for each in every.items()))
            await f.progress(load, 10)
        await asyncio.gather(*(_begun_again(f, service) for service in every))
        await f.progress(load, 10)
    crashes = times * sum(len(each.points) for obliged in every.values() for each in obliged)
    return f"{crashes} crashes, {load.acknowledged} writes"


class Obliged(Protocol):
    points: Mapping[str, int]  # that its duty passes, and the teacher with whom

    async def begun(self, teacher: str, turn: int) -> str:
        """Makes what becomes a to-do of hers; its id."""

    async def once(self, teacher: str, id: str) -> None:
        """That was done, and no more than once."""


class LeftBehind:
    """A coach parts with a teacher, and leaves an observation behind."""

    points: Mapping[str, int] = POINTS

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

    points: Mapping[str, int] = POINTS

    def __init__(self, f: Faulty, measure: str) -> None:
        self._f, self._measure = f, measure
        self.seats = f.stack._backing("surveys").database[COLLECTION]

    @classmethod
    async def made(cls, f: Faulty) -> SheetsLeft:
        await f.north.known(teacher_id(max(POINTS.values())))
        return cls(f, await f.north.published_measure(COACH))

    async def answered(self, teacher: str) -> str:
        """A survey with one answer."""
        north = self._f.north
        class_, _ = class_ids(int(teacher.rpartition("-")[2]))
        survey, codes = await north.open_survey(teacher, self._measure, class_, seats=10)
        await north.answer(survey, codes[0], 4)
        assert await self.seats.count_documents({"administration": survey}) == 10
        return survey

    async def begun(self, teacher: str, turn: int) -> str:
        survey = await self.answered(teacher)
        path = f"/surveys/v1/administrations/{survey}/close"
        past = (datetime.now(UTC) - REOPENABLE - A_DAY).isoformat()
        await self._f.stack.ask(f"north/{teacher}", "POST", path, headers={"Tandem-Now": past})
        return survey

    async def once(self, teacher: str, id: str) -> None:
        path = f"/surveys/v1/administrations/{id}"
        found = (await self._f.stack.ask(f"north/{teacher}", "GET", path)).json()
        assert found["version"] == 4, f"not sealed once: {found}"  # planned, opened, closed
        left = await self.seats.find({"administration": id}).to_list(None)
        assert not left, f"{id}: {left}"


class SheetsOverlooked:
    """A process has died between the commit of a cancelled survey and the end of its sheets: they
    are cleared. The seats stay, closed, for ten minutes."""

    points: Mapping[str, int] = WITHOUT_A_COMMAND

    def __init__(self, f: Faulty, sheets: SheetsLeft) -> None:
        self._f, self._sheets = f, sheets

    async def begun(self, teacher: str, turn: int) -> str:
        survey, name = await self._sheets.answered(teacher), f"surveys-{teacher}"
        port = pick_port()
        armed = {"ROLES": "api", "TANDEM_CRASH_AT": "W2:1", "REST_PORT": str(port)}
        self._f.stack.start("surveys", name, **armed)
        await self._f.stack.ready(name)
        who = {"Authorization": f"Bearer {self._f.stack.token(f'north/{teacher}')}"}
        async with plain_client(base_url=f"http://127.0.0.1:{port}", headers=who) as client:
            with pytest.raises(httpx2.TransportError):
                await client.post(f"/surveys/v1/administrations/{survey}/cancel")
        assert await self._f.died(name, "W2") == -signal.SIGKILL
        await self._f.stack.kill(name)
        assert await self._sheets.seats.count_documents(_filled(survey)) == 1
        return survey

    async def once(self, teacher: str, id: str) -> None:
        assert await self._sheets.seats.count_documents(_filled(id)) == 0, f"{id}: sheets are left"
        assert await self._sheets.seats.count_documents({"administration": id}) == 10
        path = f"/surveys/v1/administrations/{id}"
        found = (await self._f.stack.ask(f"north/{teacher}", "GET", path)).json()
        assert (found["state"], found["version"]) == ("cancelled", 3), found


def _filled(survey: str) -> dict[str, object]:
    return {"administration": survey, "answers": {"$ne": None}}


async def _begun_again(f: Faulty, service: str, roles: str = "") -> None:
    await f.stack.end(service)
    f.stack.start(service, **({"ROLES": roles} if roles else {}))
    await f.stack.ready(service)


async def _killed(f: Faulty, service: str, every: list[Obliged], turn: int) -> None:
    """What is due first is taken first: the to-dos of the first of them, in order."""
    beside = f"{service}-duties"
    made = [
        (each, teacher_id(number), await each.begun(teacher_id(number), turn))
        for each in every
        for number in each.points.values()
    ]
    await eventually(lambda: _waiting(f, service, len(made)), timeout=30)
    for point in (point for each in every for point in each.points):
        f.stack.start(service, beside, ROLES="duties", TANDEM_CRASH_AT=f"{point}:1")
        code = await f.died(beside, point)
        assert code == -signal.SIGKILL, f"armed at {point} it ended with {code}"
        f.happened.append(f"{beside} {point}")
        await f.stack.kill(beside)
    f.stack.start(service, beside, ROLES="duties")
    await f.stack.ready(beside)
    await eventually(lambda: _done(f, service), timeout=AGAIN_SECONDS)
    for each, teacher, its in made:
        await each.once(teacher, its)
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


async def _waiting(f: Faulty, service: str, count: int) -> bool:
    return len(await _due(f, service)) >= count


async def _done(f: Faulty, service: str) -> bool:
    """What is looked at again later is taken by nobody."""
    return not await _due(f, service, TAKEN)


async def _due(f: Faulty, service: str, within: timedelta = timedelta()) -> list[Todo]:
    todos = f.stack._backing(service).todos(duties_view(service))
    latest = datetime.now(UTC) + within
    return [each for each in await todos.list([OPEN]) if each.due <= latest]
