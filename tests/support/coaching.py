"""Coaching as its users do it, over the public API: shared by component and e2e tests."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from services.ctl.demo.district import Shape, build_district, coach_id, teacher_id
from tests.support.asking import Asks
from tests.support.waiting import eventually

SHAPE = Shape("North", schools=2, teachers=12, coaches=3)
YEAR = 2027
ZIP = {"content-type": "application/zip"}
MEASURE: dict[str, Any] = {
    "title": "How class felt",
    "license": "Apache-2.0",
    "validation_status": "local",
    "language": "en",
    "minutes": 1,
    "scales": [
        {
            "scale_id": "agree",
            "kind": "likert",
            "values": [1, 2, 3, 4],
            "labels": ["no", "a little", "mostly", "yes"],
            "favorable_from": 3,
        }
    ],
    "items": [
        {
            "item_id": "heard",
            "text": "My ideas were heard",
            "construct_id": "belonging",
            "source": "own",
            "license": "Apache-2.0",
            "scale_id": "agree",
        }
    ],
}
TOOL: dict[str, Any] = {
    "title": "Classroom talk",
    "attribution": "our own",
    "license": "Apache-2.0",
    "criteria": [
        {
            "criterion_id": "talk",
            "category": "Instruction",
            "description": "Students talk about their thinking",
            "levels": [
                {"score": 1, "quality": "rarely"},
                {"score": 2, "quality": "sometimes"},
                {"score": 3, "quality": "often"},
            ],
        }
    ],
}


class Coaching:
    """What the people of one district do."""

    def __init__(self, asks: Asks, district: str = "north") -> None:
        self.asks = asks
        self.district = district

    def who(self, person: str) -> str:
        return f"{self.district}/{person}"

    async def post(self, person: str, path: str, body: Any = None, key: str = "") -> Any:
        headers = {"Idempotency-Key": key} if key else {}
        answer = await self.asks.ask(self.who(person), "POST", path, body, headers=headers)
        return answer.json() if answer.content else None

    async def import_roster(self, shape: Shape = SHAPE, seed: int = SHAPE.seed) -> Any:
        """With another seed all are called otherwise."""
        shape = replace(shape, seed=seed)
        who = f"{self.district}/sis?roster.write"
        packed = build_district(shape, YEAR)
        # with another seed most students are in another class
        report = await self.asks.import_roster(who, packed, "?allow_removals=true")
        assert not report["stopped"], report
        return report

    async def relate(self, coach: int) -> None:
        """Propose and accept the relationships of a coach to her four teachers: coach-02 has
        teacher-0005 to teacher-0008. Waits until the programs service knows them."""
        await self.may(coach_id(coach), "/programs/v1/relationships")
        for number in range(4 * coach - 3, 4 * coach + 1):
            await self.may(teacher_id(number), "/programs/v1/relationships")
            made = await self.post(
                coach_id(coach),
                "/programs/v1/relationships",
                {"coach_id": coach_id(coach), "teacher_id": teacher_id(number)},
                key=f"relate-{coach}-{number}",
            )
            await self.post(
                teacher_id(number),
                f"/programs/v1/relationships/{made['relationship_id']}/accept",
                key=f"accept-{coach}-{number}",
            )

    async def known(self, person: str) -> None:
        """Wait until every service knows a person of the roster."""
        paths = (
            f"/goals/v1/goals?teacher_id={person}",
            f"/surveys/v1/administrations?teacher_id={person}",
            f"/observations/v1/observations?teacher_id={person}",
        )
        for path in paths:
            await self.may(person, path)

    async def may(self, person: str, path: str, yes: bool = True) -> None:
        """Wait until a person may (or may no longer) read something."""

        async def answers() -> bool:
            async with self.asks.client(path.split("/")[1], self.who(person)) as client:
                return (await client.get(path)).is_success is yes

        await eventually(answers, timeout=20)

    async def active_goal(self, coach: str, teacher: str, **more: Any) -> str:
        """Drafted by the coach, activated by the teacher; its id."""
        body = {
            "teacher_id": teacher,
            "statement": "Students explain their thinking",
            "focus_skill": "questioning",
            "measure_id": "talk-share",
            "unit": "percent",
            "baseline": 35,
            "target": 60,
            **more,
        }
        goal = await self.post(coach, "/goals/v1/goals", body)
        await self.post(teacher, f"/goals/v1/goals/{goal['goal_id']}/activate")
        return str(goal["goal_id"])

    async def published_measure(self, person: str) -> str:
        made = await self.post(person, "/surveys/v1/instruments", MEASURE)
        await self.post(person, f"/surveys/v1/instruments/{made['instrument_id']}/publish")
        return str(made["instrument_id"])

    async def open_survey(
        self, teacher: str, measure: str, class_id: str, seats: int
    ) -> tuple[str, list[str]]:
        """Scheduled and opened by the teacher: its id and the response codes."""
        made = await self.post(
            teacher,
            "/surveys/v1/administrations",
            {"instrument_id": measure, "teacher_id": teacher, "class_id": class_id},
        )
        survey = str(made["administration_id"])
        opened = await self.post(
            teacher, f"/surveys/v1/administrations/{survey}/open", {"seats": seats}
        )
        return survey, list(opened["codes"])

    async def answer(self, survey: str, code: str, value: int) -> None:
        await self.asks.ask(
            "",
            "POST",
            f"/surveys/v1/districts/{self.district}/administrations/{survey}/responses",
            {"code": code, "answers": [{"item_id": "heard", "value": value}]},
        )

    async def published_tool(self, coach: str) -> str:
        tool = await self.post(coach, "/observations/v1/tools", TOOL)
        await self.post(coach, f"/observations/v1/tools/{tool['tool_id']}/publish")
        return str(tool["tool_id"])

    async def correct(self, observer: str, observation: str, body: Any) -> Any:
        """What is said by the criterion of `TOOL`; what the observation says then."""
        path = f"/observations/v1/observations/{observation}/scores/talk"
        return (await self.asks.ask(self.who(observer), "PUT", path, body)).json()

    async def shared_observation(
        self, coach: str, teacher: str, at: str, note: str = "canary-note"
    ) -> str:
        """Scheduled, scored with a note, completed and shared by the coach; its id."""
        tool = await self.published_tool(coach)
        made = await self.post(
            coach,
            "/observations/v1/observations",
            {
                "teacher_id": teacher,
                "tool_id": tool,
                "setting": "live",
                "scheduled_for": at,
            },
        )
        place = f"/observations/v1/observations/{made['observation_id']}"
        await self.post(
            coach,
            f"{place}/scores",
            {
                "scores": [{"criterion_id": "talk", "score": 2}],
                "notes": [{"criterion_id": "talk", "text": note}],
            },
        )
        await self.post(coach, f"{place}/complete")
        await self.post(coach, f"{place}/share")
        return str(made["observation_id"])

    async def entry(self, coach: str, teacher: str) -> Any:
        """A teacher's entry in a coach's caseload; None if she is not in it."""
        answer = await self.asks.ask(
            self.who(coach), "GET", f"/insights/v1/caseloads/{coach}?school_year={YEAR}"
        )
        entries = answer.json()["entries"]
        return next((each for each in entries if each["teacher_id"] == teacher), None)
