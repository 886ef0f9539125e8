"""Relationships over the API: who arranges them, who answers, who sees them."""

from __future__ import annotations

import pytest

from tests.support.staff import staffed

LIST = "/goals/v1/relationships"


@pytest.mark.parametrize("who", ["coach", "teacher", "admin"])
async def test_both_sides_and_the_district_list_what_two_people_have(who: str) -> None:
    north = await staffed()
    made = await north.coached()
    await north.coached("other")
    found = await north.ask(f"north/{who}", "GET", f"{LIST}?coach_id=coach&teacher_id=teacher")
    assert [each["relationship_id"] for each in found.json()["relationships"]] == [made]


@pytest.mark.parametrize("who", ["other", "leader", "peer"])
async def test_nobody_else_learns_what_two_people_have(who: str) -> None:
    north = await staffed()
    await north.coached()
    for query in ("coach_id=coach&teacher_id=teacher", "teacher_id=teacher", "coach_id=coach"):
        assert await north.status(who, f"{LIST}?{query}") == 404
