"""From a command to the coach's caseload, on real processes and real engines."""

from __future__ import annotations

from typing import Any

from tests.support.coaching import YEAR, Coaching
from tests.support.stack import RunningStack
from tests.support.waiting import eventually

COACH, TEACHER = "coach-01", "teacher-0001"


async def seen(north: Coaching, what: str, **wanted: Any) -> Any:
    """Wait until the entry's part `what` (or one of its list) shows these values."""
    found: list[Any] = []

    async def shown() -> bool:
        entry = await north.entry(COACH, TEACHER)
        part = (entry or {}).get(what)
        parts = part if isinstance(part, list) else [part] if part else []
        found[:] = [each for each in parts if wanted.items() <= each.items()]
        return bool(found)

    await eventually(shown, timeout=20)
    return found[0]


async def test_progress_a_survey_and_an_observation_each_reach_the_caseload(
    north: Coaching,
) -> None:
    goal = await north.active_goal(COACH, TEACHER)
    shown = await seen(north, "open_goals", goal_id=goal, state="active")
    assert (shown["baseline"], shown["current"], shown["target"]) == (35, None, 60)

    await north.post(COACH, f"/goals/v1/goals/{goal}/progress", {"value": 45, "note": "a note"})
    shown = await seen(north, "open_goals", goal_id=goal, current=45)
    assert shown["progress_share"] == 0.4

    observation = await north.shared_observation(COACH, TEACHER, "2026-10-05T15:00:00Z")
    await seen(north, "last_observation", observation_id=observation)

    measure = await north.published_measure(TEACHER)
    survey, codes = await north.open_survey(TEACHER, measure, "class-0001", 12)
    for code in codes:
        await north.answer(survey, code, 4)
    await north.post(TEACHER, f"/surveys/v1/administrations/{survey}/close")
    result = await seen(north, "last_survey", administration_id=survey)
    assert (result["suppressed"], result["n_min"], result["n_max"]) == (False, 10, 14)
    assert result["favorable_share"] == 0.75


async def test_a_small_group_is_never_shown(north: Coaching) -> None:
    measure = await north.published_measure(TEACHER)
    survey, codes = await north.open_survey(TEACHER, measure, "class-0002", 12)
    for code in codes[:9]:
        await north.answer(survey, code, 4)
    await north.post(TEACHER, f"/surveys/v1/administrations/{survey}/close")
    result = await seen(north, "last_survey", administration_id=survey)
    assert result["suppressed"] is True
    assert result["small_n"] == 10
    assert result.get("n_min") is None
    assert result.get("favorable_share") is None


async def test_an_ended_relationship_closes_the_coachs_access(
    north: Coaching, stack: RunningStack
) -> None:
    coach, teacher = "coach-03", "teacher-0012"
    goal = await north.active_goal(coach, teacher)
    answer = await stack.ask(
        north.who(coach), "GET", f"/programs/v1/relationships?teacher_id={teacher}", status=404
    )
    assert answer.json()["code"] == "not_found"
    mine = await stack.ask(north.who(coach), "GET", "/programs/v1/relationships")
    found = [r for r in mine.json()["relationships"] if r["teacher_id"] == teacher]
    await north.post(teacher, f"/programs/v1/relationships/{found[0]['relationship_id']}/end")
    await north.may(coach, f"/goals/v1/goals/{goal}", yes=False)
    await north.may(coach, f"/insights/v1/cards/{teacher}", yes=False)

    async def gone() -> bool:
        return await north.entry(coach, teacher) is None

    await eventually(gone, timeout=20)


async def test_another_district_with_the_same_ids_sees_nothing(
    north: Coaching, stack: RunningStack
) -> None:
    goal = await north.active_goal(COACH, TEACHER)
    for person in (COACH, TEACHER, "admin-01"):
        theirs = await stack.ask(f"south/{person}", "GET", f"/goals/v1/goals/{goal}", status=404)
        missing = await stack.ask(
            f"south/{person}", "GET", "/goals/v1/goals/no-such-goal", status=404
        )
        assert _said(theirs.json()) == _said(missing.json())
    other = await Coaching(stack, "south").entry(COACH, TEACHER)
    assert other is None


def _said(problem: dict[str, Any]) -> dict[str, Any]:
    return {k: v for k, v in problem.items() if k not in ("instance", "trace_id")}


async def test_one_that_has_not_changed_is_not_sent_again_and_one_that_has_is_compressed(
    north: Coaching,
) -> None:
    goal = await north.active_goal(COACH, TEACHER, baseline=0, target=100)
    await seen(north, "open_goals", goal_id=goal, state="active")
    tag = ""

    async def asked() -> tuple[int, str]:
        nonlocal tag
        async with north.asks.client("insights", north.who(COACH)) as client:
            said = {"If-None-Match": tag}
            answer = await client.get(f"/insights/v1/caseloads/me?school_year={YEAR}", headers=said)
        tag = answer.headers["etag"]
        return answer.status_code, answer.headers.get("content-encoding", "")

    async def unchanged() -> bool:
        return await asked() == (304, "")

    assert await asked() == (200, "gzip")
    await eventually(unchanged)
    await north.post(COACH, f"/goals/v1/goals/{goal}/progress", {"value": 7})

    async def changed() -> bool:
        return await asked() == (200, "gzip")

    await eventually(changed)
    await eventually(unchanged)
    assert (await seen(north, "open_goals", goal_id=goal))["current"] == 7
