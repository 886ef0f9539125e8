"""A platform into which was put what another keeps is like it, and none of it is the other's."""

from tests.support.filled import Filled

NORTH = "north"


async def test_what_one_was_filled_with_is_in_another_and_stays_apart() -> None:
    one, another = Filled(), Filled()
    await one.fill(NORTH)
    await another.fill(NORTH)
    assert one.stored() == another.stored()
    assert one.ids == another.ids
    before = one.stored()
    place = f"/goals/v1/goals/{another.ids[NORTH]['goal_id']}/progress"
    await another.ask(f"{NORTH}/teacher-0001", "POST", place, {"value": 43})
    await another.settle()
    assert another.stored() != before == one.stored()
    assert one.ids[NORTH] is not another.ids[NORTH]


async def test_what_is_filled_anew_has_ids_of_its_own() -> None:
    one, another = Filled(), Filled()
    await one.fill(NORTH)
    await another.fill(NORTH, anew=True)
    assert one.ids[NORTH].keys() == another.ids[NORTH].keys()
    assert one.ids[NORTH]["goal_id"] != another.ids[NORTH]["goal_id"]
