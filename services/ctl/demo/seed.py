"""Seeds a demo district through the public REST APIs: its roster, what it observes, asks and
measures with, its past."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path
from typing import Any

from services.access.days import Days
from services.access.school_year import school_year_of
from services.ctl import console
from services.ctl.client import ApiClient
from services.ctl.client_tokens import always
from services.ctl.demo.actor import Actor
from services.ctl.demo.agreements import agreement
from services.ctl.demo.circles import circles
from services.ctl.demo.district import (
    ADMIN,
    BROOKFIELD,
    LAKEWOOD,
    Shape,
    build_district,
    coach_id,
    scaled,
    teacher_id,
)
from services.ctl.demo.instruments import INSTRUMENTS
from services.ctl.demo.past import Past, past_of
from services.ctl.demo.player import Player, ToolAndInstruments
from services.ctl.demo.practice import Practice
from services.ctl.demo.rounds import coaching_round
from services.ctl.demo.strategies import strategies, tree
from services.ctl.demo.teach_tool import teach_tool
from services.ctl.demo.texts import THEMES
from services.ctl.exits import Exit, Stop
from services.ctl.importing import import_file
from services.ctl.local.stack import DISTRICT, SECOND_DISTRICT
from services.surveys.instrument.measure_file import SHIPPED, read_measure

TOGETHER = 32  # teachers whose past is played at a time
SHOWN_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Seeding:
    """What to seed. The past ends on the day before `today`, a day of the first district."""

    today: date
    teachers: int = LAKEWOOD.teachers

    @property
    def school_year(self) -> int:
        return school_year_of(self.today)

    @property
    def districts(self) -> dict[str, Shape]:
        whole = LAKEWOOD.teachers == self.teachers
        return {
            DISTRICT: LAKEWOOD if whole else scaled(self.teachers),
            SECOND_DISTRICT: BROOKFIELD,
        }


Sign = Callable[[str, str], str]  # district, person -> token
SignPartner = Callable[[str], str]  # district -> token that may write rosters


async def seed(
    api: ApiClient, plan: Seeding, days: Days, sign: Sign, partner: SignPartner
) -> dict[str, Any]:
    """Seed both districts and wait until the first coach's caseload shows it. Playing the
    same plan again changes nothing. Raises Refused and Stop."""
    began = time.monotonic()
    requests = 0
    for district, shape in plan.districts.items():
        await _import(api, partner(district), district, build_district(shape, plan.school_year))
    for district, shape in plan.districts.items():
        actor = Actor(api, partial(sign, district), district)
        player = Player(actor, plan.today, plan.school_year, days.zone(district))
        await _play(actor, plan, player, list(past_of(shape, plan.today)))
        requests += actor.requests
    shown = await _shown(api, sign(DISTRICT, coach_id(1)), plan)
    return {
        "teachers": {name: shape.teachers for name, shape in plan.districts.items()},
        "requests": requests,
        "seconds": round(time.monotonic() - began, 1),
        "caseload_entries": shown,
    }


async def _play(actor: Actor, plan: Seeding, player: Player, past: Sequence[Past]) -> None:
    with console.progress(f"{actor.district}: relationships", len(past), always=True) as advance:
        await _each(past, player.relationship, advance)
    published = await _publish(actor, plan)
    await _catalogue(actor, plan)
    teachers = sorted({teacher_id(each.teacher) for each in past})
    program = await _program(actor, plan, teachers)
    await coaching_round(actor, plan.today, plan.school_year, program, teachers[-2:])
    await agreement(actor, plan.today, past)
    await circles(actor, plan.today, teachers)
    with console.progress(
        f"{actor.district}: what its teachers did", len(past), always=True
    ) as advance:
        await _each(past, lambda each: player.weeks(each, published), advance)
    await strategies(actor, plan.today)
    practice = Practice(
        actor,
        plan.today,
        player.zone,
        plan.school_year,
        published.tool,
        await tree(actor, plan.today),
        teachers,
    )
    await practice.play(past)


async def _import(api: ApiClient, token: str, district: str, content: bytes) -> None:
    with console.progress(f"{district}: roster", None, always=True):
        report = (await import_file(api, always(token), district, content, {}))["report"]
    if report["problem_count"]:
        first = report["problems"][0]
        raise Stop(Exit.PROBLEMS, f"the demo roster: {first['file']}: {first['reason']}")


async def _publish(actor: Actor, plan: Seeding) -> ToolAndInstruments:
    """The observation tool, the instruments and the measures that ship, drafted and published by
    the first coach."""
    coach = coach_id(1)

    async def made(service: str, noun: str, id: str, name: str, body: dict[str, Any]) -> str:
        key = f"demo:{plan.today}:{name}"
        draft = await actor.post(coach, service, f"/{noun}", body, key=key)
        found = str(draft.body[id])
        await actor.post(coach, service, f"/{noun}/{found}/publish", key=f"{key}:publish")
        return found

    tool, *instruments = await asyncio.gather(
        made("observations", "tools", "tool_id", "tool", teach_tool()),
        *(
            made("surveys", "instruments", "instrument_id", f"instrument-{number}", each)
            for number, each in enumerate(INSTRUMENTS)
        ),
        *(
            made("surveys", "instruments", "instrument_id", f"measure-{name}", _measure(path))
            for name, path in SHIPPED.items()
        ),
    )
    return ToolAndInstruments(tool, instruments[: len(INSTRUMENTS)])


def _measure(path: Path) -> dict[str, Any]:
    """One that ships, which the demo's classes have not been given yet."""
    return read_measure(path).model_dump(mode="json")


async def _catalogue(actor: Actor, plan: Seeding) -> None:
    """What the measures of the demo's goals are called, said by the administrator."""
    await asyncio.gather(
        *(
            actor.post(
                ADMIN,
                "goals",
                f"/measures/{theme.measure}",
                {
                    "title": theme.title,
                    "unit": theme.unit,
                    "direction": "decrease" if theme.decrease else "increase",
                },
                key=f"demo:{plan.today}:measure:{theme.measure}",
                method="PUT",
            )
            for theme in THEMES
        )
    )


async def _program(actor: Actor, plan: Seeding, teachers: Collection[str]) -> str:
    """The id of the program in which its teachers are coached, begun by the administrator, with
    them."""
    theme, key = THEMES[0], f"demo:{plan.today}:program"
    says = {
        "name": f"Weekly steps, {plan.school_year - 1}-{plan.school_year}",
        "type": "one_to_one",
        "purpose": "new_pedagogy",
        "focus": "general_skill",
        "modality": "in_person",
        "paired_workshop": True,
        "success_criteria": [
            {
                "criterion_id": "goals",
                "statement": f"Most teachers who pursue it reach their goal: {theme.title}",
                "measure_id": theme.measure,
            }
        ],
        "planned_contacts": 18,
        "template": "weekly-steps",
        "school_year": plan.school_year,
    }
    made = (await actor.post(ADMIN, "programs", "/programs", says, key=key)).body
    for step in ("open", "begin"):
        path = f"/programs/{made['program_id']}/{step}"
        await actor.post(ADMIN, "programs", path, key=f"{key}:{step}")
    rest = iter(teachers)

    async def enroll() -> None:
        for each in rest:
            body = {"program_id": made["program_id"], "teacher_id": each}
            await actor.post(ADMIN, "programs", "/enrollments", body, key=f"{key}:{each}")

    await asyncio.gather(*(enroll() for _ in range(TOGETHER)))
    return str(made["program_id"])


async def _each(
    items: Sequence[Past], act: Callable[[Past], Awaitable[None]], advance: console.Advance
) -> None:
    """`act` on each, TOGETHER at a time; the first error ends all and is raised."""
    rest = iter(items)

    async def work() -> None:
        for item in rest:
            await act(item)
            advance(1)

    try:
        async with asyncio.TaskGroup() as group:
            for _ in range(TOGETHER):
                group.create_task(work())
    except ExceptionGroup as failed:
        raise failed.exceptions[0] from None


async def _shown(api: ApiClient, token: str, plan: Seeding) -> int:
    """Wait, bounded, until everything sent so far is in the caseloads; the entries of one."""
    sent = datetime.now(UTC)
    until = time.monotonic() + SHOWN_SECONDS
    params = {"school_year": plan.school_year}
    while True:
        body = (await api.send(token, "GET", "insights", "/caseload", params=params)).body
        if datetime.fromisoformat(body["as_of"]) >= sent or time.monotonic() > until:
            return len(body["entries"])
        await asyncio.sleep(0.2)
