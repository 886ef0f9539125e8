"""What `tests/support/filling.py` has of strategies and trials."""

from __future__ import annotations

from collections.abc import Mapping

from tests.support.asking import Asks
from tests.support.operations import HasServices, Ids, example_body, named

TEACHER, COACH, ADMIN = "teacher-0001", "coach-01", "admin-01"
_STEPS: Mapping[str, str] = {
    "open_trial": "agree",
    "trying_trial": "agree",
    "tried_trial": "agree try-out",
    "mistaken_trial": "agree try-out",
    "closing_trial": "agree try-out reflection",
    "trial_id": "agree rehearse try-out reflection again",
}


async def practice(
    asks: Asks, documents: HasServices, district: str, ids: Ids, canary: str
) -> None:
    """Strategies of the coach's, and what the teacher tries, in each state that an operation
    needs."""

    async def post(person: str, path: str, body: object = None) -> Mapping[str, str]:
        answer = await asks.ask(f"{district}/{person}", "POST", path, body)
        made: Mapping[str, str] = answer.json()
        return made

    bank = "/goals/v1/strategies"
    body = example_body(documents, "write_strategy", ids, canary)
    for name in ("strategy_id", *named("strategy_id")):
        ids[name] = (await post(COACH, bank, body))["strategy_id"]
    for name in ("strategy_id", "retiring_strategy"):
        await post(COACH, f"{bank}/{ids[name]}/publish")
    frameworks = "/goals/v1/frameworks"
    body = example_body(documents, "begin_framework", ids, canary)
    filled = example_body(documents, "extend_framework", {**ids, "importing_framework": ""}, canary)
    for name in ("framework_id", *named("framework_id")):
        ids[name] = (await post(ADMIN, frameworks, body))["framework_id"]
        if name != "importing_framework":
            await post(ADMIN, f"{frameworks}/{ids[name]}/standards", filled)
        if name in ("framework_id", "retiring_framework"):
            await post(ADMIN, f"{frameworks}/{ids[name]}/publish")
    trees = "/goals/v1/trees"
    body = example_body(documents, "draft_tree", ids, canary)
    for name in ("tree_id", *named("tree_id")):
        ids[name] = (await post(COACH, trees, body))["tree_id"]
        if name in ("tree_id", "retiring_tree"):
            await post(COACH, f"{trees}/{ids[name]}/publish")
    body = example_body(documents, "start_walk", ids, canary)
    for name in ("walk_id", *named("walk_id")):
        ids[name] = (await post(COACH, "/goals/v1/walks", body))["walk_id"]
        if name in ("answered_walk", "ending_walk"):
            answer = {"step_id": "listen", "answer_id": "wait", "reason": f"{canary} reason"}
            await post(TEACHER, f"/goals/v1/walks/{ids[name]}/answers", answer)
    ids["comment_number"] = ids["result_number"] = "1"
    ids["observation_id"] = "observation-of-another-service"
    body = example_body(documents, "plan_trial", ids, canary)
    for name in ("trial_id", *named("trial_id")):
        made = await post(COACH, "/goals/v1/trials", body)
        ids[name] = made["trial_id"]
        trial = f"/goals/v1/trials/{ids[name]}"
        for step in _STEPS.get(name, "").split():
            if step in ("reflection", "again"):
                thought = {"text": f"{canary} {step}", "shown": True}
                await asks.ask(f"{district}/{TEACHER}", "PUT", f"{trial}/reflection", thought)
            else:
                await post(TEACHER, f"{trial}/{step}")
    result = {"kind": "survey", "evidence_id": "survey-of-another-service"}
    await post(TEACHER, f"/goals/v1/trials/{ids['closing_trial']}/results", result)
    comment = {"text": f"{canary} comment"}
    await post(COACH, f"/goals/v1/trials/{ids['trial_id']}/comments", comment)


async def celebrations(asks: Asks, district: str, ids: Ids, canary: str) -> None:
    """Each of a trial that the teacher has kept, sent by her coach."""

    async def ask(person: str, verb: str, path: str, body: object = None) -> Mapping[str, str]:
        answer = await asks.ask(f"{district}/{person}", verb, f"/goals/v1/{path}", body)
        made: Mapping[str, str] = answer.json()
        return made

    for name in ("celebration_id", *named("celebration_id")):
        kept = {"teacher_id": TEACHER, "goal_id": ids["goal_id"], "words": f"{canary} kept"}
        id_ = ids[f"trial_of_{name}"] = (await ask(TEACHER, "POST", "trials", kept))["trial_id"]
        await ask(TEACHER, "POST", f"trials/{id_}/try-out")
        await ask(TEACHER, "PUT", f"trials/{id_}/reflection", {"text": f"{canary} kept"})
        await ask(TEACHER, "POST", f"trials/{id_}/close", {"outcome": "keep"})
        sent = {"teacher_id": TEACHER, "fact": "trial_kept", "trial_id": id_, "note": canary}
        ids[name] = (await ask(COACH, "POST", "celebrations", sent))["celebration_id"]
