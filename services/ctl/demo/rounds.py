"""The demo district's round, in which teachers ask for coaching themselves."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from services.access.school_year import last_day
from services.ctl.demo.actor import Actor
from services.ctl.demo.district import ADMIN

ROUNDS, REQUESTS = "/coaching-rounds", "/coaching-requests"
OPTIONS = (
    ("class-talk", "Eight weeks on talk in class"),
    ("new-here", "The first weeks in a new school"),
)
WISHES: Sequence[tuple[list[str], list[str], list[str]]] = (
    (["class-talk"], ["tuesday", "thursday"], ["after_school"]),
    (["new-here", "class-talk"], [], ["morning"]),
)


async def coaching_round(
    actor: Actor, today: date, school_year: int, program: str, teachers: Sequence[str]
) -> None:
    """Open from today to the end of the school year, with what two teachers ask for."""
    key = f"demo:{today}:round"
    says = {
        "program_id": program,
        "title": "Ask for a coach",
        "options": [{"option_id": id_, "label": label} for id_, label in OPTIONS],
        "begin_date": today.isoformat(),
        "end_date": last_day(school_year).isoformat(),
        "capacity": 4,
    }
    made = (await actor.post(ADMIN, "programs", ROUNDS, says, key=key)).body
    for teacher, (options, weekdays, parts) in zip(teachers, WISHES, strict=False):
        asked = {
            "coaching_round_id": made["coaching_round_id"],
            "option_ids": options,
            "weekdays": weekdays,
            "day_parts": parts,
        }
        await actor.post(teacher, "programs", REQUESTS, asked, key=f"{key}:{teacher}")
