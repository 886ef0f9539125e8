"""What a seeded district has, as its people see it through the public APIs."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from services.ctl.demo.actor import Actor
from services.ctl.demo.instruments import INSTRUMENTS
from services.ctl.exits import Exit, Stop

TOGETHER = 16


@dataclass
class Teacher:
    person: str
    coach: str
    classes: Sequence[str] = ()
    goals: list[dict[str, Any]] = field(default_factory=list)  # active ones


@dataclass(frozen=True)
class DemoDistrict:
    """`criteria`: criterion -> its scores. `instruments`: id -> number among the
    demo's."""

    teachers: Sequence[Teacher]
    tool: str
    criteria: Mapping[str, Sequence[float]]
    instruments: Mapping[str, int]

    @property
    def coaches(self) -> Sequence[str]:
        return sorted({each.coach for each in self.teachers})


async def look(actor: Actor, partner: str, most_coaches: int) -> DemoDistrict:
    """The district of `actor` with the teachers of up to so many coaches. `partner`: a token
    that may read the roster. Raises Stop NOT_FOUND where no demo was seeded."""
    api = actor.api
    people = await api.pages(partner, "roster", "/people", "people", {"role": "ext:coach"})
    coaches = [each["person_id"] for each in people][:most_coaches]
    teachers = []
    for coach in coaches:
        found = await api.pages(
            actor.token(coach),
            "programs",
            "/relationships",
            "relationships",
            {"coach_id": coach},
        )
        teachers += [Teacher(r["teacher_id"], coach) for r in found if r["state"] == "active"]
    if not teachers:
        raise Stop(Exit.NOT_FOUND, "no coach has a teacher here: run `tandem demo seed`")
    rest = iter(teachers)

    async def fill() -> None:
        for each in rest:
            about = {"teacher_id": each.person}
            classes = await api.pages(partner, "roster", "/classes", "classes", about)
            each.classes = [known["class_id"] for known in classes]
            goals = await api.pages(actor.token(each.person), "goals", "/goals", "goals", about)
            each.goals = [goal for goal in goals if goal["state"] == "active"]

    await asyncio.gather(*(fill() for _ in range(TOGETHER)))
    token = actor.token(teachers[0].coach)
    tools = await api.pages(token, "observations", "/tools", "tools", {})
    listed = await api.pages(token, "surveys", "/instruments", "instruments", {})
    titles = {each["title"]: number for number, each in enumerate(INSTRUMENTS)}
    tool = next((each for each in tools if each["state"] == "published"), None)
    instruments = {
        each["instrument_id"]: titles[each["title"]]
        for each in listed
        if each["title"] in titles and each["state"] == "published"
    }
    if tool is None or not instruments:
        raise Stop(Exit.NOT_FOUND, "there is no demo tool or instrument: run `tandem demo seed`")
    whole = (await api.send(token, "GET", "observations", f"/tools/{tool['tool_id']}")).body
    criteria = {
        each["criterion_id"]: [level["score"] for level in each["levels"]]
        for each in whole["criteria"]
    }
    return DemoDistrict(teachers, tool["tool_id"], criteria, instruments)
