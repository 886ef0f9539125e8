"""Drives the public APIs as a district's people do, at a chosen rate."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from services.ctl.demo.actor import Actor
from services.ctl.demo.district_now import DemoDistrict, Teacher
from services.ctl.demo.measuring import Measured
from services.ctl.demo.player import sheet
from services.ctl.exits import Refused, Stop
from services.ctl.sse import follow

SETTLE_SECONDS = 5.0  # for the last changes to be seen


class Pace:
    """Gives `rate` turns a second, evenly."""

    def __init__(self, rate: float) -> None:
        self._step = 1 / rate
        self._next = time.monotonic()

    async def turn(self) -> None:
        now = time.monotonic()
        mine = max(self._next, now - self._step)
        self._next = mine + self._step
        if mine > now:
            await asyncio.sleep(mine - now)


class Simulation:
    """`rate` requests a second over all people together, as far as the services keep up."""

    def __init__(self, actor: Actor, district: DemoDistrict, rate: float) -> None:
        self._actor, self._district = actor, district
        self._rate, self._pace = rate, Pace(rate)
        self._chance = random.SystemRandom()
        self.measured = Measured()

    async def run(self, stop: asyncio.Event, seconds: float, tick: Callable[[], None]) -> None:
        """Until `stop` is set or `seconds` (0: no limit) have passed; `tick` each second."""
        workers = min(64, 4 + int(self._rate / 4))
        tasks = [asyncio.create_task(self._watch(coach)) for coach in self._district.coaches]
        busy = [asyncio.create_task(self._work(stop)) for _ in range(workers)]
        ticking = asyncio.create_task(self._tick(tick))
        timer = asyncio.create_task(stop.wait())
        self.measured.began = time.monotonic()
        try:
            await asyncio.wait(
                {timer, ticking, *tasks, *busy},
                timeout=seconds or None,
                return_when=asyncio.FIRST_COMPLETED,
            )
            stop.set()
            self.measured.end()
            for task in (*tasks, *busy):
                if task.done():
                    task.result()
            await asyncio.gather(*busy)
            await self.measured.all_seen(SETTLE_SECONDS)
        finally:
            timer.cancel()
            for task in (*tasks, *busy, ticking):
                task.cancel()
            await asyncio.gather(*tasks, *busy, ticking, timer, return_exceptions=True)

    async def _watch(self, coach: str) -> None:
        async for event in follow(self._actor.api, self._actor.token(coach), coach, {}):
            if event.kind == "entry":
                self.measured.seen(event.data["entry"])

    async def _tick(self, tick: Callable[[], None]) -> None:
        while True:
            await asyncio.sleep(1)
            self.measured.give_up_late()
            tick()

    async def _work(self, stop: asyncio.Event) -> None:
        acts = (self.progress, self.observation, self.survey)
        while not stop.is_set():
            teacher = self._chance.choice(self._district.teachers)
            act = self._chance.choices(acts, weights=(30, 3, 1))[0]
            try:
                await act(teacher)
            except Refused:
                continue  # counted where it was sent
            except Stop as error:
                self.measured.errors[f"code_{error.code}"] += 1
                await asyncio.sleep(1)

    async def _send(self, person: str, service: str, path: str, body: Any = None) -> Any:
        await self._pace.turn()
        return await self._timed(person, service, path, body)

    async def _timed(self, person: str, service: str, path: str, body: Any) -> Any:
        began = time.monotonic()
        self.measured.sent += 1
        try:
            answer = await self._actor.api.send(
                self._actor.token(person), "POST", service, path, body, key=str(uuid4())
            )
        except Refused as refused:
            self.measured.errors[refused.problem] += 1
            raise
        self.measured.writes.append(time.monotonic() - began)
        return answer.body

    async def _expected(
        self, sign: tuple[str, str], value: Any, person: str, service: str, path: str, body: Any
    ) -> None:
        """A write whose effect the coach is to see as `value`."""
        await self._pace.turn()
        self.measured.expect(sign, value, time.monotonic())
        try:
            await self._timed(person, service, path, body)
        except Stop:
            self.measured.forget(sign, value)
            raise

    async def progress(self, teacher: Teacher) -> None:
        if not teacher.goals:
            return
        goal = self._chance.choice(teacher.goals)
        share = self._chance.uniform(0.1, 1.0)
        value = round(goal["baseline"] + (goal["target"] - goal["baseline"]) * share, 4)
        person = self._chance.choice((teacher.person, teacher.coach))
        path = f"/goals/{goal['goal_id']}/progress"
        sign = ("goal", goal["goal_id"])
        try:
            await self._expected(sign, value, person, "goals", path, {"value": value})
        except Refused as refused:
            if refused.problem in ("not_active", "too_much_progress"):
                teacher.goals.remove(goal)
            raise

    async def observation(self, teacher: Teacher) -> None:
        body = {
            "teacher_id": teacher.person,
            "tool_id": self._district.tool,
            "scheduled_for": datetime.now(UTC).isoformat(timespec="milliseconds"),
        }
        made = await self._send(teacher.coach, "observations", "/observations", body)
        place = f"/observations/{made['observation_id']}"
        scores = [
            {"criterion_id": name, "score": self._chance.choice(levels)}
            for name, levels in self._district.criteria.items()
        ]
        await self._send(teacher.coach, "observations", f"{place}/scores", {"scores": scores})
        await self._send(teacher.coach, "observations", f"{place}/complete")
        sign = ("last_observation", teacher.person)
        await self._expected(
            sign, made["observation_id"], teacher.coach, "observations", f"{place}/share", None
        )

    async def survey(self, teacher: Teacher) -> None:
        instrument, number = self._chance.choice(list(self._district.instruments.items()))
        body = {
            "instrument_id": instrument,
            "teacher_id": teacher.person,
            "class_id": self._chance.choice(teacher.classes),
        }
        made = await self._send(teacher.person, "surveys", "/administrations", body)
        name = made["administration_id"]
        opened = await self._send(teacher.person, "surveys", f"/administrations/{name}/open", {})
        mood = self._chance.uniform(0.3, 0.95)
        for code in opened["codes"][: self._chance.randint(9, 16)]:
            sent = {"code": code, "answers": sheet(number, mood, self._chance)}
            path = f"/districts/{self._actor.district}/administrations/{name}/responses"
            await self._send("", "surveys", path, sent)
        sign = ("last_survey", teacher.person)
        path = f"/administrations/{name}/close"
        await self._expected(sign, name, teacher.person, "surveys", path, None)
