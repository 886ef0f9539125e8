"""The demo district's written agreement, of its first teacher and her coach."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from services.ctl.demo.actor import Actor
from services.ctl.demo.district import coach_id, teacher_id
from services.ctl.demo.past import Past

PATH = "/agreements"
SAYS: dict[str, Any] = {
    "works_on": "More students explain their thinking to each other, in each lesson.",
    "how_often": "A visit every other week, and a talk within two days of it",
    "coach_sees": ["goals", "observations", "surveys"],
    "shared_with": "The principal is told that we meet. What is seen and said stays with us.",
}


async def agreement(actor: Actor, today: date, past: Sequence[Past]) -> None:
    """Offered by the coach, accepted by the teacher; nothing where no two work together."""
    for each in past[:1]:
        coach, teacher = coach_id(each.coach), teacher_id(each.teacher)
        query = f"/relationships?coach_id={coach}&teacher_id={teacher}&state=active"
        found = await actor.post(teacher, "programs", query, method="GET")
        for active in found.body["relationships"][:1]:
            said = {"relationship_id": active["relationship_id"], **SAYS}
            key = f"demo:{today}:agreement"
            made = (await actor.post(coach, "programs", PATH, said, key=key)).body
            path = f"{PATH}/{made['agreement_id']}/accept"
            await actor.post(teacher, "programs", path, {"number": 1}, key=f"{key}:accept")
