"""The demo district's pair, with what it has written, and its group."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import date

from services.ctl.demo.actor import Actor
from services.ctl.demo.district import coach_id
from services.ctl.demo.records import planning_record

PATH = "/circles"


async def circles(actor: Actor, today: date, teachers: Sequence[str]) -> None:
    """The first two are a pair who show each other all of their work, the next three a group with
    the first coach, who show their goals; nothing where there are fewer."""
    first, then = list(teachers[:2]), list(teachers[2:5])
    if len(first) == 2:
        pair = await _circle(actor, today, first, "pair", ["goals", "observations", "surveys"])
        await planning_record(actor, today, pair, first)
    if len(then) == 3:
        await _circle(actor, today, then, "group", ["goals"])


async def _circle(
    actor: Actor, today: date, members: Sequence[str], kind: str, shows: Sequence[str]
) -> str:
    """Its id. A pair is proposed by one of the two, who has joined with that."""
    key, coach = f"demo:{today}:{kind}", coach_id(1)
    by = members[0] if kind == "pair" else coach
    asked = {"kind": kind, "member_ids": members, "facilitator_id": coach}
    said = {**asked, "shows": shows} if by in members else asked
    made = (await actor.post(by, "programs", PATH, said, key=key)).body
    path = f"{PATH}/{made['circle_id']}/join"
    joins = (
        actor.post(each, "programs", path, {"shows": shows}, key=f"{key}:{each}")
        for each in members
        if each != by
    )
    await asyncio.gather(*joins)
    return str(made["circle_id"])
