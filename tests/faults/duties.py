"""A cell in which the process that does what events ask for dies by kill -9 at each point of it."""

from __future__ import annotations

import signal
from datetime import UTC, datetime, timedelta

from services.chassis.duties.duty import DONE, OPEN
from services.chassis.duties.view import duties_view
from services.ctl.demo.district import coach_id, teacher_id
from services.observations.observation.duties import PAUSE
from tests.support.faults import Faulty
from tests.support.waiting import eventually

COACH = coach_id(2)
POINTS = {"D1": 5, "W1": 6, "W2": 7, "D2": 8}  # and with which teacher of hers
BESIDE = "observations-duties"
AGAIN_SECONDS = 90.0  # longer than what was taken is nobody else's


async def duties_killed(f: Faulty, times: int) -> str:
    """A coach and four teachers part, long ago. Whoever is to see to the observations that she
    left behind dies at another point with each of them; then all four are done, once."""
    async with f.load() as load:
        await f.stack.end("observations")
        f.stack.start("observations", ROLES="api,relay,projector")
        await f.stack.ready("observations")
        for turn in range(times):
            begun = [await _left_behind(f, teacher_id(n), turn) for n in POINTS.values()]
            await eventually(lambda: _waiting(f), timeout=30)
            for point in POINTS:
                f.stack.start("observations", BESIDE, ROLES="duties", TANDEM_CRASH_AT=f"{point}:1")
                code = await f.died(BESIDE, point)
                assert code == -signal.SIGKILL, f"armed at {point} it ended with {code}"
                f.happened.append(f"{BESIDE} {point}")
                await f.stack.kill(BESIDE)
            f.stack.start("observations", BESIDE, ROLES="duties")
            await f.stack.ready(BESIDE)
            await f.progress(load, 10)
            await eventually(lambda: _done(f), timeout=AGAIN_SECONDS)
            for number, observation in zip(POINTS.values(), begun, strict=True):
                path = f"/observations/v1/observations/{observation}"
                found = (await f.stack.ask(f"north/{teacher_id(number)}", "GET", path)).json()
                assert found["left_behind_at"], found
                assert found["version"] == 3, f"done more than once: {found}"  # planned, scored
            await f.stack.end(BESIDE)
        await f.stack.end("observations")
        f.stack.start("observations")
        await f.stack.ready("observations")
        await f.progress(load, 10)
    return f"{times * len(POINTS)} crashes, {load.acknowledged} writes"


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
    past = (now - PAUSE - timedelta(days=1)).isoformat()
    await f.stack.ask(f"north/{COACH}", "POST", f"{path}/end", headers={"Tandem-Now": past})
    return observation


async def _waiting(f: Faulty) -> bool:
    return len(await _todos(f, OPEN)) == len(POINTS)


async def _done(f: Faulty) -> bool:
    return not await _todos(f, OPEN) and bool(await _todos(f, DONE))


async def _todos(f: Faulty, state: str) -> list[str]:
    todos = f.stack._backing("observations").todos(duties_view("observations"))
    return [todo.id for todo in await todos.list([state])]
