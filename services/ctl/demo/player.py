"""Plays one teacher's past through the public APIs, as she and her coach lived it."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from services.access.school_year import school_year_of
from services.ctl.client import Answered
from services.ctl.demo.actor import Actor, Moments
from services.ctl.demo.district import coach_id, teacher_id
from services.ctl.demo.instruments import INSTRUMENTS
from services.ctl.demo.past import Past, PastGoal, PastObservation, PastSurvey

CONTACTS = (21, 9)  # days ago on which a coach recorded one with a teacher
ACTIVITIES = ("debrief", "plan", "model", "look_at_work", "co_teach")


@dataclass(frozen=True, slots=True)
class ToolAndInstruments:
    """Ids of what the district has published."""

    tool: str
    instruments: Sequence[str]


class Player:
    """`year` is the school year that everything belongs to, `zone` the district's time zone.
    Raises Refused and Stop."""

    def __init__(self, actor: Actor, today: date, year: int, zone: ZoneInfo) -> None:
        self._actor, self._today, self._year, self.zone = actor, today, year, zone

    def _key(self, *parts: object) -> str:
        return ":".join(["demo", self._today.isoformat(), *map(str, parts)])

    def _moments(self, minute: int) -> Moments:
        return Moments(self._today, self.zone, minute)

    async def relationship(self, past: Past) -> None:
        """One for each school year that the past lies in: none counts before its own begins."""
        proposed = self._moments(past.teacher % 50).at(past.proposed)
        first = school_year_of(proposed.astimezone(self.zone).date())
        for year in range(first, self._year + 1):
            await self._relationship(past, year)

    async def _relationship(self, past: Past, year: int) -> None:
        teacher, coach = teacher_id(past.teacher), coach_id(past.coach)
        moments = self._moments(past.teacher % 50)
        made = await self._actor.post(
            coach,
            "programs",
            "/relationships",
            {"coach_id": coach, "teacher_id": teacher, "school_year": year},
            key=self._key("relationship", teacher, year),
            now=moments.at(past.proposed),
        )
        made_id = made.body["relationship_id"]
        if _over(made, 1):
            return
        await self._actor.post(
            teacher,
            "programs",
            f"/relationships/{made_id}/accept",
            key=self._key("accept", teacher, year),
            now=moments.at(past.accepted),
        )

    async def weeks(self, past: Past, published: ToolAndInstruments) -> None:
        goals = [await self._goal(past, number, goal) for number, goal in enumerate(past.goals)]
        for number, observation in enumerate(past.observations):
            await self._observation(past, number, observation, published)
        for number, survey in enumerate(past.surveys):
            goal = goals[0] if survey.about_goal and goals else None
            await self._survey(past, number, survey, published, goal)
        await self._sessions(past)

    async def _sessions(self, past: Past) -> None:
        """What the coach recorded in the last weeks, and a session that is planned."""
        teacher, coach = teacher_id(past.teacher), coach_id(past.coach)
        moments = self._moments(300 + past.teacher % 50)
        path, step = "/coaching-sessions", (teacher, "session")
        for number, ago in enumerate(each for each in CONTACTS if each < past.accepted):
            activity = ACTIVITIES[(past.teacher + number) % len(ACTIVITIES)]
            contact = {"teacher_id": teacher, "minutes": 20 + 10 * number, "activity": activity}
            await self._actor.post(
                coach, "programs", "/session-contacts", contact,
                key=self._key(*step, number), now=moments.at(ago),
            )  # fmt: skip
        planned = {
            "teacher_ids": [teacher],
            "starts_at": (self._moments(300).at(1) + timedelta(days=7)).isoformat(),
        }
        await self._actor.post(
            coach, "programs", path, planned, key=self._key(*step, "next"), now=moments.at(1)
        )

    async def _goal(self, past: Past, number: int, goal: PastGoal) -> str:
        teacher, coach = teacher_id(past.teacher), coach_id(past.coach)
        moments = self._moments(60 + past.teacher % 50)
        step = (teacher, "goal", number)
        body: dict[str, Any] = {
            "teacher_id": teacher,
            "statement": goal.statement,
            "focus_skill": goal.focus_skill,
            "measure_id": goal.measure,
            "unit": goal.unit,
            "direction": goal.direction,
            "target": goal.target,
            "due_date": goal.due.isoformat(),
            "class_id": goal.class_id,
            "school_year": self._year,
            "aims_at": "practice" if goal.statement.startswith("I ") else "students",
            "outcome_stage": "practice",
            "priority_tags": [goal.focus_skill],
        }
        if goal.baseline is not None:
            body["baseline"] = goal.baseline
        made = await self._actor.post(
            coach if goal.proposed_by_coach else teacher,
            "goals",
            "/goals",
            body,
            key=self._key(*step),
            now=moments.at(goal.drafted),
        )
        goal_id = str(made.body["goal_id"])
        if _over(made, bool(goal.activated) + len(goal.progress) + bool(goal.achieved)):
            return goal_id
        if goal.activated:
            await self._actor.post(
                teacher,
                "goals",
                f"/goals/{goal_id}/activate",
                key=self._key(*step, "activate"),
                now=moments.at(goal.activated),
            )
        for turn, (ago, value, note) in enumerate(goal.progress):
            await self._actor.post(
                teacher if turn % 2 == 0 else coach,
                "goals",
                f"/goals/{goal_id}/progress",
                {"value": value, "note": note},
                key=self._key(*step, "progress", turn),
                now=moments.at(ago),
            )
        if goal.achieved:
            await self._actor.post(
                teacher,
                "goals",
                f"/goals/{goal_id}/achieve",
                key=self._key(*step, "achieve"),
                now=moments.at(goal.achieved),
            )
        return goal_id

    async def _observation(
        self, past: Past, number: int, seen: PastObservation, published: ToolAndInstruments
    ) -> None:
        teacher, coach = teacher_id(past.teacher), coach_id(past.coach)
        moments = self._moments(120 + past.teacher % 50)
        planned = moments.at(seen.scheduled)
        body = {
            "teacher_id": teacher,
            "tool_id": published.tool,
            "scheduled_for": self._moments(180).at(seen.held).isoformat(),
            "class_id": seen.class_id,
            "school_year": self._year,
        }
        made = await self._actor.post(
            coach, "observations", "/observations", body,
            key=self._key(teacher, "observation", number), now=planned,
        )  # fmt: skip
        place = f"/observations/{made.body['observation_id']}"
        scores = [{"criterion_id": name, "score": score} for name, score in seen.scores]
        steps = [
            (coach, "scores", seen.held, {"scores": scores, "notes": [{"text": seen.note}]}),
            (coach, "complete", seen.held, None),
            (coach, "share", seen.shared, None),
            (teacher, "acknowledge", seen.acknowledged, None),
        ]
        if _over(made, sum(ago > 0 for _, _, ago, _ in steps)):
            return
        for person, step, ago, content in steps:
            if ago:
                await self._actor.post(
                    person, "observations", f"{place}/{step}", content,
                    key=self._key(teacher, "observation", number, step), now=moments.at(ago),
                )  # fmt: skip

    async def _survey(
        self,
        past: Past,
        number: int,
        survey: PastSurvey,
        published: ToolAndInstruments,
        goal: str | None,
    ) -> None:
        teacher = teacher_id(past.teacher)
        moments = self._moments(240 + past.teacher % 50)
        step = (teacher, "survey", number)
        opened = moments.at(survey.opened)
        body = {
            "instrument_id": published.instruments[survey.instrument],
            "teacher_id": teacher,
            "class_id": survey.class_id,
            "goal_id": goal,
            "lesson_date": opened.astimezone(self.zone).date().isoformat(),
            "school_year": self._year,
        }
        made = await self._actor.post(
            teacher, "surveys", "/administrations", body, key=self._key(*step), now=opened
        )
        survey_id = made.body["administration_id"]
        if survey.closed and _over(made, 2):
            return
        answer = await self._actor.post(
            teacher,
            "surveys",
            f"/administrations/{survey_id}/open",
            {},
            key=self._key(*step, "open"),
            now=moments.at(survey.opened),
        )
        chance = random.Random(self._key(*step))  # noqa: S311 - made up, not secret
        sheets = [sheet(survey.instrument, survey.mood, chance) for _ in range(survey.sheets)]
        # played again after it was closed, there are no codes
        for code, answers in zip(answer.body["codes"], sheets, strict=False):
            await self._actor.post(
                "",
                "surveys",
                f"/districts/{self._actor.district}/administrations/{survey_id}/responses",
                {"code": code, "answers": answers},
                now=moments.at(survey.opened),
            )
        if survey.closed:
            await self._actor.post(
                teacher,
                "surveys",
                f"/administrations/{survey_id}/close",
                key=self._key(*step, "close"),
                now=moments.at(survey.closed),
            )


def _over(made: Answered, steps: int) -> bool:
    """Whether all steps after the creation were played before. People may have gone on since,
    further than the keys of the steps are remembered."""
    return int(made.body["version"]) > steps


def sheet(number: int, mood: float, chance: random.Random) -> list[dict[str, Any]]:
    """One simulated student's answers to the demo instrument of that number; now and then an item
    is left out, never all. `mood`: about the share of answers that are favorable."""
    instrument = INSTRUMENTS[number]
    scales = {scale["scale_id"]: scale for scale in instrument["scales"]}
    answers: list[dict[str, Any]] = []
    for item in instrument["items"]:
        if chance.random() < 0.03 and (answers or item is not instrument["items"][-1]):
            continue
        scale = scales[item["scale_id"]]
        good = (chance.random() < mood) is not item.get("reversed", False)
        pool = [value for value in scale["values"] if (value >= scale["favorable_from"]) is good]
        answers.append({"item_id": item["item_id"], "value": chance.choice(pool)})
    return answers
