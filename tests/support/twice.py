"""One teacher who is in the roster twice, with work of each of the two records."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from services.access.merges import LAST_LOOK
from services.chassis.call import Call, Principal
from services.chassis.write.write_path import WritePath
from services.goals.goal.codec import GOALS
from services.goals.goal.domain import Goal
from services.goals.measure.domain import Direction
from tests.support.coaching import TOOL, Coaching
from tests.support.staff import Held, Staffed

OLD, NEW = "old", "teacher"
GOAL = {
    "statement": "Students explain their thinking",
    "focus_skill": "questioning",
    "measure_id": "talk",
    "unit": "percent",
    "direction": "increase",
    "baseline": 40,
    "target": 60,
}
MATCHES = "/roster/v1/matches"
TEACHES: Held = [("teacher", "", "")]


class Twice:
    """One teacher who is in the roster as `old` and as `teacher`, with work of each."""

    def __init__(self) -> None:
        self.north = Staffed()
        self.people = Coaching(self.north)

    async def begin(self) -> Twice:
        await self.north.roster(old=TEACHES)
        for teacher in (OLD, NEW):
            await self.north.coached("coach", teacher)
        self.tool = (await self.post("coach", "/observations/v1/tools", TOOL))["tool_id"]
        await self.post("coach", f"/observations/v1/tools/{self.tool}/publish")
        return self

    async def post(self, who: str, path: str, body: Any = None) -> Any:
        return await self.people.post(who, path, body)

    async def get(self, who: str, path: str) -> Any:
        return (await self.north.ask(f"north/{who}", "GET", path)).json()

    async def goal(self, teacher: str = OLD) -> str:
        made = await self.post(teacher, "/goals/v1/goals", {"teacher_id": teacher, **GOAL})
        await self.post(teacher, f"/goals/v1/goals/{made['goal_id']}/activate")
        return str(made["goal_id"])

    async def observation(self, observer: str = "coach", teacher: str = OLD) -> str:
        now = self.north.clock.now().isoformat().replace("+00:00", "Z")
        asked = {"teacher_id": teacher, "tool_id": self.tool, "scheduled_for": now}
        made = await self.post(observer, "/observations/v1/observations", asked)
        return str(made["observation_id"])

    async def proposed(self, source: str = OLD, target: str = NEW) -> str:
        asked = {"from_person_id": source, "into_person_id": target}
        made = await self.post("admin", MATCHES, asked)
        return str(made["match_id"])

    async def merged(self, source: str = OLD, target: str = NEW) -> str:
        match = await self.proposed(source, target)
        await self.post("admin", f"{MATCHES}/{match}/confirm")
        await self.north.settle()
        return match

    async def later(self, span: timedelta = LAST_LOOK) -> None:
        self.north.clock.forward(seconds=span.total_seconds())
        await self.north.settle()

    async def separate(self, match: str) -> None:
        await self.post("admin", f"{MATCHES}/{match}/separate")

    async def late_goal(self, teacher: str = OLD, id: str = "late") -> str:
        """One as a process writes it whose view lags behind."""
        service, clock = self.north.services["goals"], self.north.clock
        path = WritePath(service.backing.store, GOALS, clock, service.backing.bell)
        goal = Goal(
            id=id,
            district="north",
            teacher=teacher,
            school_year=2027,
            statement="Late",
            focus_skill="talk",
            measure="talk",
            unit="percent",
            direction=Direction.INCREASE,
            target=60,
            drafted_at=clock.now(),
            drafted_by=teacher,
        ).drafted()
        await path.create(Call("draft_goal", Principal("north", person=teacher)), goal)
        await self.north.settle()
        return id

    async def goals(self, who: str = NEW, teacher: str = NEW) -> set[str]:
        found = await self.get(who, f"/goals/v1/goals?teacher_id={teacher}")
        return {each["goal_id"] for each in found["goals"]}

    async def timeline(self, who: str = NEW, teacher: str = NEW) -> set[tuple[str, str]]:
        found = await self.get(who, f"/insights/v1/timeline?teacher_id={teacher}")
        return {(each["kind"], each["item_id"]) for each in found["items"]}
