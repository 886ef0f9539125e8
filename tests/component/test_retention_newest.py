"""What somebody has worked on stays for its days, whatever it was that she did."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest

from tests.component.test_erasures import COACH, HER
from tests.component.test_retention import DAYS, GONE, LAST, Keeping

GOALS, OBSERVATIONS = "/goals/v1/goals", "/observations/v1/observations"
THE_DAY_BEFORE = LAST - timedelta(days=1)
DRAFT = {
    "teacher_id": HER,
    "statement": "Students explain their thinking",
    "focus_skill": "questioning",
    "measure_id": "talk",
    "unit": "share",
    "target": 0.7,
}


async def drafted(keeping: Keeping) -> str:
    made = await keeping.people.post(HER, GOALS, DRAFT)
    return f"{GOALS}/{made['goal_id']}"


async def done(keeping: Keeping, who: str, verb: str, path: str, body: Any = None) -> None:
    answer = await keeping.platform.ask(f"north/{who}", verb, path, body)
    assert answer.is_success, answer.text


@pytest.fixture
async def keeping() -> Keeping:
    kept = Keeping()
    await kept.begin()
    return kept


@pytest.mark.parametrize(
    ("verb", "rest", "body"),
    [("PATCH", "", {"statement": "Reworded"}), ("PUT", "/baseline", {"value": 0.4})],
    ids=["edited", "baseline set"],
)
async def test_a_draft_that_was_worked_on_the_day_before(
    keeping: Keeping, verb: str, rest: str, body: Mapping[str, Any]
) -> None:
    draft, beside = await drafted(keeping), await drafted(keeping)
    await keeping.enacts(1, goals=DAYS)
    keeping.platform.clock.set(THE_DAY_BEFORE)
    await done(keeping, HER, verb, f"{draft}{rest}", body)
    await keeping.at(GONE)
    assert await keeping.status(HER, draft) == 200
    assert await keeping.status(HER, beside) == 404


async def test_a_goal_whose_closing_was_taken_back(keeping: Keeping) -> None:
    goal = f"{GOALS}/{keeping.work['goals']}"
    await keeping.enacts(1, goals=DAYS)
    keeping.platform.clock.set(THE_DAY_BEFORE)
    for each in ("achieve", "activate"):
        await done(keeping, HER, "POST", f"{goal}/{each}")
    await keeping.at(GONE)
    assert await keeping.status(HER, goal) == 200
    await keeping.at(THE_DAY_BEFORE + timedelta(days=DAYS))
    assert await keeping.status(HER, goal) == 200
    await keeping.at(THE_DAY_BEFORE + timedelta(days=DAYS + 1))
    assert await keeping.status(HER, goal) == 404


async def test_a_value_that_was_voided(keeping: Keeping) -> None:
    goal = f"{GOALS}/{keeping.work['goals']}"
    await done(keeping, HER, "POST", f"{goal}/progress", {"value": 0.5})
    await keeping.enacts(1, goals=DAYS)
    keeping.platform.clock.set(THE_DAY_BEFORE)
    await done(keeping, HER, "POST", f"{goal}/progress/1/void")
    await keeping.at(GONE)
    assert await keeping.status(HER, goal) == 200


async def test_an_observation_that_was_scored(keeping: Keeping) -> None:
    now = keeping.platform.clock.now().isoformat()
    seen = await keeping.get(COACH, f"{OBSERVATIONS}/{keeping.work['observations']}")
    asked = {"teacher_id": HER, "tool_id": seen["tool_id"], "scheduled_for": now}
    made = await keeping.people.post(COACH, OBSERVATIONS, asked)
    observation = f"{OBSERVATIONS}/{made['observation_id']}"
    await keeping.enacts(1, observations=DAYS)
    keeping.platform.clock.set(THE_DAY_BEFORE)
    note = {"notes": [{"text": "They asked each other."}]}
    await done(keeping, COACH, "POST", f"{observation}/scores", note)
    await keeping.at(GONE)
    assert await keeping.status(HER, observation) == 200


async def test_a_goal_of_which_something_was_tried_stays_as_long_as_that(keeping: Keeping) -> None:
    """Its reflection would go with it: a trial of the next school year stays until that is over."""
    goal = keeping.work["goals"]
    await keeping.enacts(1, goals=DAYS)
    keeping.platform.clock.set(LAST)
    body = {"teacher_id": HER, "goal_id": goal, "words": "Wait", "school_year": 2028}
    made = await keeping.people.post(HER, "/goals/v1/trials", body)
    trial = f"/goals/v1/trials/{made['trial_id']}"
    await done(keeping, HER, "POST", f"{trial}/try-out")
    await done(keeping, HER, "PUT", f"{trial}/reflection", {"text": "Two have spoken"})
    year_later = LAST.replace(year=LAST.year + 1)
    for instant in (GONE, LAST + timedelta(days=DAYS + 1), year_later):
        await keeping.at(instant)
        assert await keeping.status(HER, trial) == 200
        assert await keeping.status(HER, f"{GOALS}/{goal}") == 200
    await keeping.at(year_later + timedelta(days=1))
    assert await keeping.status(HER, f"{GOALS}/{goal}") == 404
    assert await keeping.status(HER, trial) == 404
