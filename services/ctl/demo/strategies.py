"""The strategies of the demo district, in words of our own, what its first teachers try, and the
decision tree that ships."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from services.ctl.demo.actor import Actor
from services.ctl.demo.district import ADMIN, coach_id, teacher_id
from services.goals.tree.tree_file import SHIPPED, read_tree

_LICENSE = "CC0-1.0"
STRATEGIES: Sequence[Mapping[str, Any]] = (
    {
        "title": "Wait, then ask somebody else what she heard",
        "about": "After a question count to five in silence. Whoever answers gives a reason, and "
        "another student says it again in her own words before you do.",
        "tags": ["questioning", "discussion"],
        "moves": ["Wait five seconds", "Ask for the reason", "Have it said again"],
        "source": "Written for the demo district",
        "license": _LICENSE,
    },
    {
        "title": "Unfinished thinking first",
        "about": "Begin the discussion with a solution that is not done yet. The class says what "
        "is right in it so far, and what could come next.",
        "tags": ["discussion", "formative-assessment"],
        "moves": ["Choose a half-done solution", "Ask what is right so far", "Ask what is next"],
        "source": "Written for the demo district",
        "license": _LICENSE,
    },
)
MEASURES = {
    "talk-share": "Share of the lesson in which students talk",
    "unfinished-thinking": "Students who say that they share an idea which may be wrong",
    "learning-summed-up": "Students who say that they could sum up what they learned",
}  # that the tree which ships offers; what the exit survey that ships asks is called alike
TRYING = (1, 2)  # teachers of the first coach who try the first of them


async def strategies(actor: Actor, today: date) -> None:
    """Published by the first coach, who proposes one to two of her teachers; the first agrees."""
    coach, key = coach_id(1), f"demo:{today}:strategy"
    ids = []
    for number, says in enumerate(STRATEGIES):
        made = await actor.post(coach, "goals", "/strategies", says, key=f"{key}:{number}")
        ids.append(made.body["strategy_id"])
        path = f"/strategies/{ids[-1]}/publish"
        await actor.post(coach, "goals", path, key=f"{key}:{number}:publish")
    for number in TRYING:
        teacher = teacher_id(number)
        found = await actor.post(teacher, "goals", "/goals", method="GET")
        goals = found.body["goals"]
        if not goals:
            continue
        says = {"teacher_id": teacher, "goal_id": goals[-1]["goal_id"], "strategy_id": ids[0]}
        made = await actor.post(coach, "goals", "/trials", says, key=f"{key}:trial:{number}")
        if number == TRYING[0]:
            path = f"/trials/{made.body['trial_id']}/agree"
            await actor.post(teacher, "goals", path, key=f"{key}:agree:{number}")
        pursued = [each["goal_id"] for each in goals if each["state"] == "active"]
        if pursued:
            await _beside(actor, number, pursued[-1], f"{key}:beside:{pursued[-1]}")


async def _beside(actor: Actor, number: int, id_: str, key: str) -> None:
    """What a teacher thinks of a goal of hers, and an observation that speaks of it. By the time of
    a further seeding both may be others: what they are is in the keys."""
    goal, teacher, rated = f"/goals/{id_}", teacher_id(number), {"importance": 9, "confidence": 6}
    await actor.post(teacher, "goals", f"{goal}/rating", rated, key=f"{key}:rate", method="PUT")
    seen = await actor.post(teacher, "observations", "/observations", method="GET")
    shown = [each["observation_id"] for each in seen.body["observations"] if each["shared_at"]]
    if shown:
        body = {"kind": "observation", "evidence_id": shown[-1]}
        await actor.post(teacher, "goals", f"{goal}/evidence", body, key=f"{key}:{shown[-1]}")


async def tree(actor: Actor, today: date) -> str:
    """The id of the tree that ships, drafted and published by the first coach."""
    coach, key = coach_id(1), f"demo:{today}:tree"
    for measure, title in MEASURES.items():
        says = {"title": title, "unit": "percent", "direction": "increase"}
        path = f"/measures/{measure}"
        await actor.post(ADMIN, "goals", path, says, key=f"{key}:{measure}", method="PUT")
    says = read_tree(SHIPPED).model_dump(mode="json")
    made = await actor.post(coach, "goals", "/trees", says, key=key)
    id_ = str(made.body["tree_id"])
    await actor.post(coach, "goals", f"/trees/{id_}/publish", key=f"{key}:publish")
    return id_
