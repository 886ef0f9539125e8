"""What a program lead, teachers and coaches do in a coaching year, over the public API and the
command line, in a district of a running stack."""

from __future__ import annotations

import asyncio
import json
import os
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median
from typing import Any, TypeVar

from services.ctl.demo.district import Shape, coach_id, teacher_id
from services.ctl.engines.child import KEPT_VARIABLES
from tests.support.coaching import YEAR, Coaching
from tests.support.policies import signed
from tests.support.stack import RunningStack
from tests.support.waiting import HANGS, eventually

T = TypeVar("T")
ADMIN = "admin-01"
AT_ONCE = 8
NOT_HEARD_YET = ("policy_not_acknowledged", "not_a_teacher", "not_coached")
TERMS: Mapping[str, Any] = {
    "number": 1,
    "purposes": ["coaching"],
    "audiences": ["coach", "partner"],
    "acknowledge_before_sharing": True,
    "leaders_see": "nothing",
    "retention": [{"record": "goals", "days": 1825}],
    "teacher_first_hours": 1,
    "recording": "none",
    "representatives_sign": 1,
}
ALL_WORK = ["goals", "observations", "surveys"]


def teachers(first: int, last: int) -> list[str]:
    return [teacher_id(number) for number in range(first, last + 1)]


async def each(do: Callable[[T], Awaitable[None]], of: Iterable[T]) -> None:
    """Several at a time."""
    left = iter(of)

    async def some() -> None:
        for one in left:
            await do(one)

    async with asyncio.TaskGroup() as group:
        for _ in range(AT_ONCE):
            group.create_task(some())


class CoachingYear(Coaching):
    """`folder`: where the command line finds the stack. `ids`: what was made, by its name."""

    def __init__(self, stack: RunningStack, district: str, folder: Path) -> None:
        super().__init__(stack, district)
        self.stack, self.folder = stack, folder
        self.ids: dict[str, str] = {}
        stack.stack.save(folder)

    async def get(self, person: str, path: str) -> Any:
        return (await self.asks.ask(self.who(person), "GET", path)).json()

    async def put(self, person: str, path: str, body: Any = None) -> Any:
        return (await self.asks.ask(self.who(person), "PUT", path, body)).json()

    async def changes(self, person: str, path: str, body: Any) -> Any:
        """In place of the version that is there."""
        place = path.rpartition("/")[0]
        seen = {"If-Match": f'"{(await self.get(person, place))["version"]}"'}
        asked = self.who(person), "POST", path, body
        return (await self.asks.ask(*asked, headers=seen)).json()

    async def status(self, person: str, method: str, path: str, body: Any = None) -> int:
        async with self.stack.client(path.split("/")[1], self.who(person)) as client:
            return (await client.request(method, path, json=body)).status_code

    async def earlier(self, person: str, path: str, body: Any = None, *, hours: int) -> Any:
        """As it was done so many hours ago."""
        at = (datetime.now(UTC) - timedelta(hours=hours)).isoformat()
        asked = self.who(person), "POST", path, body
        return (await self.asks.ask(*asked, headers={"Tandem-Now": at})).json()

    async def tandem(self, *typed: str, district: str = "") -> Any:
        """`tandem`, as an administrator types it: its JSON."""
        env = {name: os.environ[name] for name in KEPT_VARIABLES if name in os.environ}
        env |= {"TANDEM_LOCAL": str(self.folder)}
        given = [*typed, "--json"]
        if district:
            token = self.stack.token(f"{district}/{ADMIN}")
            given += ["--district", district, "--token", token]
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "services.ctl", *given),
            env=env,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        told, said = await process.communicate()
        assert process.returncode == 0, (typed, told, said.decode())
        return json.loads(told)

    async def done(self, person: str, path: str, body: Any = None) -> Any:
        """What it answers, as soon as the service lets her: it hears a moment later of what another
        was told."""
        told: dict[str, Any] = {}

        async def taken() -> bool:
            async with self.stack.client(path.split("/")[1], self.who(person)) as client:
                answer = await client.post(path, json=body)
            told.clear()
            told.update(answer.json())
            later = answer.status_code in (403, 404, 503) or told.get("code") in NOT_HEARD_YET
            assert answer.is_success or later, (path, body, told)
            return bool(answer.is_success)

        await eventually(taken, timeout=20)
        return told

    async def agree_on_policy(self, people: Iterable[str]) -> None:
        """The district's and its teachers' signatures, and what these people say to it."""
        words = {"title": "How data is used", "text": "What is shown to whom, each says herself."}
        await self.may(ADMIN, "/privacy/v1/statements")
        said = (await self.post(ADMIN, "/privacy/v1/statements", words))["statement_id"]
        await self.post(ADMIN, f"/privacy/v1/statements/{said}/publish")
        policies = "/privacy/v1/policies"
        policy = await self.post(ADMIN, policies, {**TERMS, "statement_id": said})
        for name, state in (("district", "proposed"), ("union", "enacted")):
            sign = f"{policies}/{policy['policy_id']}/sign"
            assert (await self.post(ADMIN, sign, signed(policy, name)))["state"] == state

        async def acknowledge(person: str) -> None:
            body = {"statement_id": said}
            made = await self.post(person, "/privacy/v1/acknowledgments", body)
            self.ids[f"ack of {person}"] = str(made["acknowledgment_id"])

        await each(acknowledge, people)

    async def grant(self, person: str, role: str, **terms: Any) -> None:
        body = {"person_id": person, "role": role, "reason": "For this year", **terms}
        await self.post(ADMIN, "/roster/v1/grants", body)

    async def coached(self, coach: str, teacher: str, sees: list[str]) -> str:
        """Proposed by her coach, accepted by her, with a written agreement; the relationship."""
        v1 = "/programs/v1"
        asked = {"coach_id": coach, "teacher_id": teacher}
        made = await self.done(coach, f"{v1}/relationships", asked)
        of = str(made["relationship_id"])
        await self.done(teacher, f"{v1}/relationships/{of}/accept", {"coach_sees": sees})
        words = {"works_on": "More students talk", "how_often": "Every week", "coach_sees": sees}
        offer = {"relationship_id": of, **words}
        offered = await self.post(coach, f"{v1}/agreements", offer)
        agreement = str(offered["agreement_id"])
        await self.post(teacher, f"{v1}/agreements/{agreement}/accept", {"number": 1})
        self.ids[f"agreement of {teacher}"] = agreement
        return of

    async def enroll(self, lead: str, program: str, people: Iterable[str]) -> None:
        async def enroll(teacher: str) -> None:
            asked = {"program_id": program, "teacher_id": teacher}
            made = await self.done(lead, "/programs/v1/enrollments", asked)
            self.ids[f"enrollment of {teacher}"] = str(made["enrollment_id"])

        await each(enroll, people)

    async def survey(self, teacher: str, instrument: str, favorable: int, hours: int) -> str:
        """A short one at the end of a lesson that ended so many hours ago, of 12 students."""
        taught = await self.get(teacher, f"/roster/v1/classes?teacher_id={teacher}")
        asked = {
            "instrument_id": instrument,
            "teacher_id": teacher,
            "class_id": taught["classes"][0]["class_id"],
        }
        v1 = "/surveys/v1/administrations"
        made = await self.earlier(teacher, v1, asked, hours=hours + 2)
        survey = str(made["administration_id"])
        open_ = f"{v1}/{survey}/open"
        opened = await self.earlier(teacher, open_, {"seats": 12}, hours=hours + 1)
        for number, code in enumerate(opened["codes"]):
            await self.answer(survey, code, 4 if number < favorable else 1)
        await self.earlier(teacher, f"{v1}/{survey}/close", hours=hours)
        return survey

    async def visit(self, observer: str, teacher: str, tool: str) -> str:
        """Scored, told to her and acknowledged by her."""
        there = "/observations/v1/observations"
        asked = {
            "teacher_id": teacher,
            "tool_id": tool,
            "setting": "live",
            "scheduled_for": (datetime.now(UTC) - timedelta(hours=2)).isoformat(),
        }
        made = await self.done(observer, there, asked)
        visit = str(made["observation_id"])
        scores = {"scores": [{"criterion_id": "talk", "score": 2}], "notes": [{"text": "Quiet"}]}
        await self.post(observer, f"{there}/{visit}/scores", scores)
        for step in ("complete", "share"):
            await self.post(observer, f"{there}/{visit}/{step}")
        await self.post(teacher, f"{there}/{visit}/acknowledge")
        return visit

    async def trial(self, teacher: str, strategy: str, goal: str, outcome: str = "") -> str:
        """Planned by herself; with an outcome rehearsed, tried, thought about and closed, too."""
        v1 = "/goals/v1/trials"
        asked = {"teacher_id": teacher, "goal_id": goal, "strategy_id": strategy}
        made = await self.post(teacher, v1, asked)
        trial = str(made["trial_id"])
        if outcome:
            for step in ("rehearse", "try-out"):
                await self.post(teacher, f"{v1}/{trial}/{step}")
            said = {"text": "Two more have spoken", "shown": True}
            await self.put(teacher, f"{v1}/{trial}/reflection", said)
            closed = await self.post(teacher, f"{v1}/{trial}/close", {"outcome": outcome})
            assert (closed["state"], closed["outcome"]) == ("closed", outcome)
        return trial

    @asynccontextmanager
    async def live(self, coach: str) -> AsyncIterator[dict[str, Any]]:
        """The entries of a coach's open caseload by their teachers, as they come."""
        entries: dict[str, Any] = {}
        path = f"/insights/v1/caseloads/{coach}/live?school_year={YEAR}"

        async def read() -> None:
            async with (
                self.stack.client("insights", self.who(coach)) as client,
                client.stream("GET", path, timeout=HANGS) as answer,
            ):
                assert answer.status_code == 200
                async for line in answer.aiter_lines():
                    name, _, value = line.partition(": ")
                    entry = json.loads(value).get("entry") if name == "data" else None
                    if entry:
                        entries[entry["teacher_id"]] = entry

        reading = asyncio.create_task(read())
        try:
            yield entries
        finally:
            reading.cancel()
            await asyncio.gather(reading, return_exceptions=True)

    async def measured(self, what: str, coach: str, goals: Mapping[str, str], times: int) -> None:
        """Print how long after the answer to a teacher's progress her coach's open caseload has
        shown it. Fails only where it never does."""
        took = []
        async with self.live(coach) as entries:
            await eventually(lambda: goals.keys() <= entries.keys(), timeout=30)
            for number in range(1, times + 1):
                for teacher, goal in goals.items():

                    def there(teacher: str = teacher, value: int = number) -> bool:
                        shown = entries[teacher]["open_goals"]
                        return [each["current"] for each in shown] == [value]

                    said = {"value": number}
                    await self.post(teacher, f"/goals/v1/goals/{goal}/progress", said)
                    began = time.monotonic()
                    await eventually(there, timeout=20)
                    took.append(time.monotonic() - began)
        print(  # noqa: T201 - for whoever runs it with -s
            f"{what}: {len(took)} values shown to a live caseload after {median(took):.2f} s "
            f"in the middle, {max(took):.2f} s at most"
        )


async def begun(stack: RunningStack, district: str, folder: Path, shape: Shape) -> CoachingYear:
    """With its roster, which all services know."""
    year = CoachingYear(stack, district, folder)
    await year.import_roster(shape)
    for person in (teacher_id(shape.teachers), coach_id(shape.coaches), ADMIN, "leader-02"):
        for path in ("goals/v1/measures", "observations/v1/tools", "surveys/v1/instruments"):
            await year.may(person, f"/{path}")
    return year
