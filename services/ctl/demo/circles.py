"""The demo district's pair, with what it has written, and its group."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import date

from services.ctl.demo.actor import Actor
from services.ctl.demo.district import coach_id
from services.ctl.demo.records import planning_record

PATH = "/circles"
ALL_WORK = ("goals", "observations", "surveys")


async def circles(actor: Actor, today: date, teachers: Sequence[str]) -> None:
    """The first two are a pair who show each other all of their work, the next three a group with
    the first coach, who show their goals; nothing where there are fewer."""
    first, then = list(teachers[:2]), list(teachers[2:5])
    if len(first) == 2:
        await planning_record(actor, today, await pair(actor, today, first), first)
    if len(then) == 3:
        await _circle(actor, today, then, "group", ["goals"])


async def pair(actor: Actor, today: date, two: Sequence[str]) -> str:
    """The id of one that the first of two has proposed, and whose members show each other all."""
    return await _circle(actor, today, two, "pair", ALL_WORK)


async def _circle(
    actor: Actor, today: date, members: Sequence[str], kind: str, shows: Sequence[str]
) -> str:
    """Its id. A pair is proposed by one of the two, who has joined with that."""
    key, coach = f"demo:{today}:{kind}:{members[0]}", coach_id(1)
    by = members[0] if kind == "pair" else coach
    asked = {"kind": kind, "member_ids": members, "facilitator_id": coach}
    said = {**asked, "shows": list(shows)} if by in members else asked
    made = (await actor.post(by, "programs", PATH, said, key=key)).body
    path = f"{PATH}/{made['circle_id']}/join"
    joins = (
        actor.post(each, "programs", path, {"shows": list(shows)}, key=f"{key}:{each}")
        for each in members
        if each != by
    )
    await asyncio.gather(*joins)
    return str(made["circle_id"])
