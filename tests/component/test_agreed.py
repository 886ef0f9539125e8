"""What the data-use policy in force lets others read: whom it names, and of a survey's results not
before their teacher had them to herself."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from tests.component.test_erasures import BYSTANDER, COACH, HER
from tests.component.test_retention import Keeping

HOURS = 48
CASELOAD = f"/insights/v1/caseloads/{COACH}"
PARTNER = (
    "app?goals.read+observations.read+administrations.read+caseloads.read+relationships.read"
    "+acknowledgments.read+classes.read+tools.read+measures.read"
)
NAMES = {
    "goals": "goals",
    "observations": "observations",
    "surveys": "administrations",
    "programs": "relationships",
}


@pytest.fixture
async def keeping() -> Keeping:
    kept = Keeping()
    await kept.begin()
    return kept


def place(kept: Keeping, service: str) -> str:
    return f"/{service}/v1/{NAMES[service]}/{kept.work[service]}"


async def with_results(kept: Keeping) -> str:
    """A survey whose results are released, and its path."""
    for code in kept.codes[1:]:
        await kept.people.answer(kept.survey, code, 3)
    await kept.people.post(HER, f"/surveys/v1/administrations/{kept.survey}/close")
    await kept.platform.settle()
    return f"/surveys/v1/administrations/{kept.survey}"


async def results(kept: Keeping, who: str, path: str) -> Any:
    listed = await kept.get(who, f"/surveys/v1/administrations?teacher_id={HER}")
    one = (await kept.get(who, path))["results"]
    (in_list,) = [each["results"] for each in listed["administrations"]]
    assert in_list == one
    return one


async def last_survey(kept: Keeping) -> Any:
    entry = await kept.people.entry(COACH, HER)
    card = await kept.get(COACH, f"/insights/v1/cards/{HER}")
    assert card["entry"]["last_survey"] == entry["last_survey"]
    return entry["last_survey"]


async def test_results_are_first_their_teachers_alone(keeping: Keeping) -> None:
    await keeping.enacts(1, {"teacher_first_hours": HOURS})
    path = await with_results(keeping)
    closed_at = keeping.platform.clock.now()
    hers = await results(keeping, HER, path)
    assert hers["favorable_share"] is not None
    own = (await keeping.get(HER, f"/insights/v1/cards/{HER}"))["entry"]["last_survey"]
    assert own["administration_id"] == keeping.survey
    over = closed_at + timedelta(hours=HOURS)
    for moment in (closed_at, over - timedelta(milliseconds=1)):
        keeping.platform.clock.set(moment)
        for who in (COACH, PARTNER):
            assert await results(keeping, who, path) is None
        assert await last_survey(keeping) is None
    keeping.platform.clock.set(over)  # and nothing has been published since
    for who in (COACH, PARTNER):
        assert await results(keeping, who, path) == hers
    assert await last_survey(keeping) == own


async def test_nor_is_it_told_within_them_that_nothing_is_released(keeping: Keeping) -> None:
    """A close of which too few had answered takes one step more, by itself."""
    await keeping.enacts(1, {"teacher_first_hours": HOURS})
    path = f"/surveys/v1/administrations/{keeping.survey}"
    await keeping.people.post(HER, f"{path}/close")
    await keeping.platform.settle()
    keeping.platform.clock.forward(minutes=60 * 2)
    await keeping.platform.settle()

    async def steps(who: str) -> list[str]:
        return [each["what"] for each in (await keeping.get(who, path))["history"]]

    for who in (COACH, PARTNER):
        assert await steps(who) == ["scheduled", "opened", "closed"], who
    assert (await steps(HER))[-1] == "sealed"
    keeping.platform.clock.forward(minutes=60 * HOURS)
    assert await steps(COACH) == await steps(HER)


async def test_without_such_hours_who_coaches_her_reads_them_at_once(keeping: Keeping) -> None:
    await keeping.enacts(1)
    path = await with_results(keeping)
    assert await results(keeping, COACH, path) == await results(keeping, HER, path)
    assert (await last_survey(keeping))["administration_id"] == keeping.survey


async def test_a_partner_is_refused_whom_the_policy_does_not_name(keeping: Keeping) -> None:
    paths = [place(keeping, service) for service in NAMES] + [CASELOAD]
    for path in paths:
        assert await keeping.status(PARTNER, path) == 200
    await keeping.enacts(1, {"audiences": ["coach"]})
    for path in paths:
        assert await keeping.status(PARTNER, path) == 403, path
    async with keeping.platform.client("goals", f"north/{PARTNER}") as client:
        refused = (await client.get(paths[0])).json()
    assert (refused["code"], "policy" in refused["detail"]) == ("forbidden", True)
    for path in (f"/roster/v1/classes?teacher_id={HER}", "/observations/v1/tools"):
        assert await keeping.status(PARTNER, path) == 200
    assert await keeping.status(COACH, paths[0]) == 200


async def test_a_coach_is_shown_no_work_where_the_policy_does_not_name_coaches(
    keeping: Keeping,
) -> None:
    work = [place(keeping, service) for service in ("goals", "observations", "surveys")]
    await keeping.enacts(1, {"audiences": ["partner"]})
    for path in work:
        assert await keeping.status(COACH, path) == 404, path
        assert await keeping.status(HER, path) == 200, path
    entry = await keeping.people.entry(COACH, HER)
    assert sorted(entry["not_shared"]) == ["goals", "observations", "surveys"]
    assert (entry["open_goals"], entry["last_observation"]) == ([], None)
    kinds = await keeping.get(COACH, f"/insights/v1/timeline?teacher_id={HER}")
    assert {each["kind"] for each in kinds["items"]} == {"relationship"}
    assert await keeping.status(COACH, place(keeping, "programs")) == 200
    await keeping.enacts(2, {"audiences": ["coach", "partner"]})
    for path in work:
        assert await keeping.status(COACH, path) == 200, path
    assert (await keeping.people.entry(COACH, BYSTANDER))["open_goals"]


async def test_whoever_asks_again_for_what_she_planned_is_told_no_more(keeping: Keeping) -> None:
    await keeping.enacts(1, {"teacher_first_hours": HOURS})
    measure = await keeping.people.published_measure(COACH)
    taught = await keeping.get(HER, "/roster/v1/classes")
    class_id = taught["classes"][0]["class_id"]
    body = {"instrument_id": measure, "teacher_id": HER, "class_id": class_id}
    path = "/surveys/v1/administrations"
    made = await keeping.people.post(COACH, path, body, key="once")
    survey = f"{path}/{made['administration_id']}"
    opened = await keeping.people.post(HER, f"{survey}/open", {"seats": 12})
    for code in opened["codes"]:
        await keeping.people.answer(made["administration_id"], code, 3)
    await keeping.people.post(HER, f"{survey}/close")
    assert (await keeping.get(HER, survey))["results"] is not None
    again = await keeping.people.post(COACH, path, body, key="once")
    assert (again["state"], again["results"]) == ("closed", None)
