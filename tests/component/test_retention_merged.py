"""A legal hold on one record of a person is on what any record of hers keeps."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.component.test_retention import DAYS, GONE, enacted
from tests.support.coaching import Coaching
from tests.support.policies import with_keys
from tests.support.staff import Staffed
from tests.support.twice import NEW, OLD, TEACHES, Twice

THIRD = "third"


class Held(Twice):
    """Of three records, in a district with keys."""

    def __init__(self) -> None:
        self.north = Staffed(with_keys("union"))
        self.people = Coaching(self.north)


@pytest.mark.parametrize(
    ("owner", "merges"),
    [(NEW, [(OLD, NEW)]), (OLD, [(OLD, NEW)]), (OLD, [(OLD, NEW), (NEW, THIRD)])],
    ids=["of the record that is kept", "of the one given up", "of the first of three"],
)
async def test_what_is_hers_stays(owner: str, merges: list[tuple[str, str]]) -> None:
    held = Held()
    await held.north.roster(old=TEACHES, third=TEACHES)
    for each in (OLD, NEW, THIRD):
        await held.north.coached("coach", each)
    goal = await held.goal(owner)
    await enacted(held.people, held.north, "admin", 1, goals=DAYS)
    place = f"/privacy/v1/erasures/{OLD}/hold"
    answer = await held.north.ask("north/admin", "POST", place, {"reason": "A lawsuit."})
    assert answer.json()["state"] == "held"
    for source, target in merges:
        await held.merged(source, target)
        await held.later()
    held.north.clock.set(GONE + timedelta(days=3))
    await held.north.settle()
    async with held.north.client("goals", f"north/{merges[-1][1]}") as client:
        assert (await client.get(f"/goals/v1/goals/{goal}")).status_code == 200
    (found, *_) = (await held.get("admin", "/privacy/v1/retention"))["records"]
    assert (found["held"], found["erased"]) == (1, 0)
