"""Trials and the strategy bank over the public API: what is shown to whom, and until when."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from services.ctl.demo.district import coach_id, teacher_id
from tests.support.coaching import Coaching
from tests.support.staff import Staffed

TEACHER, OTHER, COACH = teacher_id(1), teacher_id(5), coach_id(1)
TRIALS, BANK = "/goals/v1/trials", "/goals/v1/strategies"
STRATEGY = {"title": "Wait time", "about": "Wait before an answer is taken", "license": "CC0-1.0"}


class Trying(Coaching):
    """A teacher with a goal, and her coach."""

    def __init__(self) -> None:
        self.platform = Staffed()
        super().__init__(self.platform)
        self.goal = ""

    async def begin(self) -> Trying:
        await self.import_roster()
        await self.platform.settle()
        await self.relate(1)
        await self.platform.settle()
        self.goal = await self.active_goal(COACH, TEACHER)
        return self

    async def plan(self, by: str, **more: Any) -> Any:
        body = {"teacher_id": TEACHER, "goal_id": self.goal, "words": "Wait", **more}
        return await self.post(by, TRIALS, body)

    async def status(self, who: str, path: str) -> int:
        async with self.platform.client("goals", self.who(who)) as client:
            return (await client.get(path)).status_code

    async def get(self, who: str, path: str) -> Any:
        return (await self.asks.ask(self.who(who), "GET", path)).json()

    async def refused(self, who: str, path: str, body: Any, status: int = 422) -> Any:
        refused = await self.asks.ask(self.who(who), "POST", path, body, status=status)
        told = refused.json()
        return told["errors"][0]["code"] if told.get("errors") else told["code"]

    async def write(self, by: str, *steps: str) -> str:
        made = await self.post(by, BANK, STRATEGY)
        for step in steps:
            await self.post(by, f"{BANK}/{made['strategy_id']}/{step}")
        return str(made["strategy_id"])

    async def reflect(self, trial: str, shown: bool) -> None:
        body = {"text": "Two more spoke", "shown": shown}
        path = f"{TRIALS}/{trial}/reflection"
        await self.asks.ask(self.who(TEACHER), "PUT", path, body)


@pytest.fixture
async def people() -> Trying:
    return await Trying().begin()


async def test_it_is_told_by_what_she_has_decided_as_far_as_such_is_shown(
    people: Trying,
) -> None:
    made = await people.plan(TEACHER)
    path = f"{TRIALS}/{made['trial_id']}"
    survey = {"kind": "survey", "evidence_id": "survey-1"}
    assert await people.refused(TEACHER, f"{path}/results", survey, 409) == "not_tried"
    await people.post(TEACHER, f"{path}/try-out")
    told = await people.post(TEACHER, f"{path}/results", survey)
    assert "link_trial_result" in told["allowed"]
    assert await people.refused(COACH, f"{path}/results", survey, 404) == "not_found"
    await people.reflect(made["trial_id"], shown=True)
    seen = {"kind": "observation", "evidence_id": "seen-1"}
    await people.post(TEACHER, f"{path}/close", {"outcome": "keep", "results": [seen, survey]})
    late = {"kind": "student_work", "evidence_id": "work-1"}
    await people.post(TEACHER, f"{path}/results", late)
    await people.post(TEACHER, f"{path}/results/1/void")
    names = ("administration_id", "observation_id", "student_work_id")

    async def shown(who: str) -> Any:
        found = (await people.get(who, path))["results"]
        return [(bool(each["voided_at"]), *(each[name] for name in names)) for each in found]

    whole = [
        (True, "survey-1", None, None),
        (False, None, "seen-1", None),
        (False, None, None, "work-1"),
    ]
    assert await shown(TEACHER) == whole
    assert await shown(COACH) == whole
    (tie,) = (await people.get(TEACHER, "/programs/v1/relationships"))["relationships"]
    accept = f"/programs/v1/relationships/{tie['relationship_id']}/accept"
    await people.post(TEACHER, accept, {"coach_sees": ["goals"]})
    await people.platform.settle()
    assert await shown(COACH) == [(each[0], None, None, None) for each in whole]


async def test_a_proposal_is_agreed_to_tried_and_decided_upon(people: Trying) -> None:
    trial = await people.plan(COACH, strategy_id=await people.write(COACH, "publish"))
    path = f"{TRIALS}/{trial['trial_id']}"
    assert (trial["state"], trial["strategy_title"]) == ("proposed", "Wait time")
    assert trial["check_back_date"] is None
    assert "agree_trial" not in trial["allowed"]
    agreed = await people.post(TEACHER, f"{path}/agree")
    assert "try_out_trial" in agreed["allowed"]
    assert agreed["check_back_date"] > agreed["agreed_at"][:10]
    for step in ("rehearse", "try-out"):
        await people.post(TEACHER, f"{path}/{step}")
    await people.reflect(trial["trial_id"], shown=False)
    closed = await people.post(TEACHER, f"{path}/close", {"outcome": "adapt"})
    assert (closed["state"], closed["outcome"]) == ("closed", "adapt")
    back = await people.post(TEACHER, f"{path}/step-back")
    assert (back["state"], back["outcome"]) == ("reflected", None)


async def test_her_reflection_is_hers_until_she_shows_it(people: Trying) -> None:
    trial = (await people.plan(TEACHER))["trial_id"]
    path = f"{TRIALS}/{trial}/reflection"
    await people.post(TEACHER, f"{TRIALS}/{trial}/try-out")
    await people.reflect(trial, shown=False)
    assert (await people.status(TEACHER, path), await people.status(COACH, path)) == (200, 404)
    shown = await people.get(COACH, f"{TRIALS}/{trial}")
    assert "Two more spoke" not in str(shown)
    await people.reflect(trial, shown=True)
    assert (await people.get(COACH, path))["text"] == "Two more spoke"
    before = f"{TRIALS}/{trial}/earlier-reflections"
    assert (await people.status(TEACHER, before), await people.status(COACH, before)) == (200, 404)
    await people.reflect(trial, shown=False)
    assert await people.status(COACH, path) == 404


async def test_who_is_not_shown_her_goals_is_shown_no_trial(people: Trying) -> None:
    trial = f"{TRIALS}/{(await people.plan(COACH))['trial_id']}"
    assert await people.status(COACH, trial) == 200
    for stranger in (OTHER, coach_id(2), "admin-01"):
        assert await people.status(stranger, trial) in (403, 404)
        assert await people.status(stranger, f"{TRIALS}?teacher_id={TEACHER}") in (403, 404)
    ties = await people.get(TEACHER, f"/programs/v1/relationships?teacher_id={TEACHER}")
    agreed = f"/programs/v1/relationships/{ties['relationships'][0]['relationship_id']}/accept"
    await people.post(TEACHER, agreed, {"coach_sees": ["observations"]})
    await people.platform.settle()
    assert await people.status(COACH, trial) == 404
    assert await people.status(COACH, f"{TRIALS}?teacher_id={TEACHER}") == 404
    assert await people.status(TEACHER, trial) == 200


async def test_a_private_strategy_is_shown_and_offered_to_nobody_else(people: Trying) -> None:
    hers = await people.write(TEACHER)
    for other in (COACH, OTHER, "admin-01"):
        assert await people.status(other, f"{BANK}/{hers}") == 404
        assert hers not in str(await people.get(other, BANK))
    assert hers in str(await people.get(TEACHER, BANK))
    body = {"teacher_id": TEACHER, "goal_id": people.goal, "strategy_id": hers}
    assert await people.refused(COACH, TRIALS, body) == "unknown_strategy"
    mine = await people.plan(TEACHER, strategy_id=hers)
    assert mine["strategy_title"] == "Wait time"
    coachs = {**body, "strategy_id": await people.write(COACH)}
    assert await people.refused(COACH, TRIALS, coachs) == "unknown_strategy"


async def test_what_she_revised_while_it_was_private_nobody_reads_later(people: Trying) -> None:
    made = await people.post(COACH, BANK, {**STRATEGY, "about": "Of one pupil"})
    path = f"{BANK}/{made['strategy_id']}"
    seen = {"If-Match": f'"{made["version"]}"'}
    async with people.platform.client("goals", people.who(COACH)) as client:
        revised = {**STRATEGY, "reason": "Took the pupil out"}
        (await client.post(f"{path}/revise", json=revised, headers=seen)).raise_for_status()
    assert "Of one pupil" in str(await people.get(COACH, path))
    await people.post(COACH, f"{path}/publish")
    for who in (COACH, OTHER):
        assert "pupil" not in str(await people.get(who, path))


async def test_who_neither_coaches_nor_administers_does_not_publish(people: Trying) -> None:
    hers = await people.write(TEACHER)
    publish = f"{BANK}/{hers}/publish"
    await people.asks.ask(people.who(TEACHER), "POST", publish, status=404)
    await people.write("admin-01", "publish")


async def test_a_retired_strategy_is_not_begun_and_a_repeat_is_answered(people: Trying) -> None:
    strategy = await people.write(COACH, "publish")
    body = {"teacher_id": TEACHER, "goal_id": people.goal, "strategy_id": strategy}
    made = await people.post(TEACHER, TRIALS, body, key="once")
    await people.post(COACH, f"{BANK}/{strategy}/retire")
    assert (await people.post(TEACHER, TRIALS, body, key="once"))["trial_id"] == made["trial_id"]
    assert await people.refused(TEACHER, TRIALS, body) == "strategy_retired"
    await people.post(TEACHER, f"{TRIALS}/{made['trial_id']}/try-out")


async def test_a_goal_of_another_is_as_none(people: Trying) -> None:
    for goal in ("nothing", await people.active_goal(TEACHER, TEACHER)):
        body = {"teacher_id": OTHER, "goal_id": goal, "words": "Wait"}
        assert await people.refused(OTHER, TRIALS, body) == "unknown_goal"
    nothing = {"teacher_id": TEACHER, "words": "Wait"}
    assert await people.refused(TEACHER, TRIALS, nothing) == "no_origin"


async def test_what_she_took_away_from_a_meeting_is_told_to_her_alone(people: Trying) -> None:
    says = {"teacher_id": TEACHER, "takeaway_id": "takeaway-1", "words": "Wait"}
    path = f"{TRIALS}/{(await people.post(TEACHER, TRIALS, says))['trial_id']}"
    assert (await people.get(TEACHER, path))["takeaway_id"] == "takeaway-1"
    shown = await people.get(COACH, path)
    assert (shown["words"], shown["takeaway_id"]) == ("Wait", None)
    (listed,) = (await people.get(COACH, f"{TRIALS}?teacher_id={TEACHER}"))["trials"]
    assert listed["takeaway_id"] is None


async def test_a_step_that_stays_open_is_flagged_until_it_is_tried(people: Trying) -> None:
    trial = (await people.plan(TEACHER))["trial_id"]
    clock = people.platform.clock

    async def flags() -> dict[str, list[str]]:
        await people.platform.settle()
        card = await people.get(COACH, f"/insights/v1/cards/{TEACHER}")
        return {each["code"]: each["evidence_ids"] for each in card["entry"]["flags"]}

    clock.forward(seconds=timedelta(days=14).total_seconds() - 60)
    assert "F9" not in await flags()
    clock.forward(seconds=120)
    assert (await flags())["F9"] == [trial]
    await people.post(TEACHER, f"{TRIALS}/{trial}/try-out")
    assert "F9" not in await flags()


async def test_it_is_on_the_timeline_of_who_may_see_it(people: Trying) -> None:
    trial = (await people.plan(TEACHER))["trial_id"]
    await people.post(TEACHER, f"{TRIALS}/{trial}/try-out")
    await people.platform.settle()
    for who in (TEACHER, COACH):
        told = await people.get(who, f"/insights/v1/timeline?teacher_id={TEACHER}")
        (item,) = [each for each in told["items"] if each["kind"] == "trial"]
        assert (item["item_id"], item["state"], item["goal_id"]) == (trial, "tried", people.goal)
        assert [each["step"] for each in item["steps"]] == ["proposed", "agreed", "tried"]
