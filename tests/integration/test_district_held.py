"""A district on which a legal hold comes while its erasing waits keeps everything."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import partial

import pytest

from services.chassis.mongo import Database
from services.chassis.views.erased import COLLECTION
from services.ctl.district_erasure import DistrictErasure, Held

AT = datetime(2027, 2, 3, 12, tzinfo=UTC)
HOLD = {"kind": "erasure", "district": "north", "state": {"state": "held", "person": "teacher-1"}}


@pytest.mark.parametrize("before", [None, AT - timedelta(days=1)])
async def test_a_hold_that_comes_in_between_is_asked_for_again(
    db: Database, before: datetime | None
) -> None:
    await db["aggregates"].insert_one({"_id": "goal", "kind": "goal", "district": "north"})
    if before is not None:  # a first time, after which the district came back
        await db[COLLECTION].insert_one({"_id": "north", "erased_at": before})

    async def pause(span: timedelta) -> None:
        await db["aggregates"].insert_one({"_id": "hold", **HOLD})

    erasure = DistrictErasure({"privacy": db}, "north", lambda: AT, pause)
    with pytest.raises(Held, match="teacher-1"):
        await erasure.run()
    assert {each["_id"] async for each in db["aggregates"].find()} == {"goal", "hold"}
    records = await db[COLLECTION].find().to_list(None)
    assert [each["erased_at"].replace(tzinfo=UTC) for each in records] == (
        [before] if before else []
    )
    with pytest.raises(Held):
        await erasure.counted()
    await db["aggregates"].delete_one({"_id": "hold"})
    assert await erasure.counted() == {"privacy": {"aggregates": 1}}


@pytest.mark.parametrize("before", [None, AT - timedelta(days=1)])
async def test_a_run_that_is_cut_while_it_waits_leaves_nothing_under_a_hold(
    db: Database, before: datetime | None
) -> None:
    await db["aggregates"].insert_one({"_id": "goal", "kind": "goal", "district": "north"})
    if before is not None:
        await db[COLLECTION].insert_one({"_id": "north", "erased_at": before})

    async def cut(span: timedelta) -> None:
        raise KeyboardInterrupt

    for minutes in (0, 1):  # cut twice
        at = partial(AT.__add__, timedelta(minutes=minutes))
        with pytest.raises(KeyboardInterrupt):
            await DistrictErasure({"privacy": db}, "north", at, cut).run()
    await db["aggregates"].insert_one({"_id": "hold", **HOLD})
    with pytest.raises(Held):
        await DistrictErasure({"privacy": db}, "north", lambda: AT, cut).run()
    records = await db[COLLECTION].find().to_list(None)
    assert [each["erased_at"].replace(tzinfo=UTC) for each in records] == (
        [before] if before else []
    )
    assert all(each.keys() == {"_id", "erased_at"} for each in records)
