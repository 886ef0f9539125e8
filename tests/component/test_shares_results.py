"""What is shared of a survey: results that were released, after the hours in which they are their
teacher's alone, and nothing of who did what with it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import httpx2
import pytest

from services.ctl.demo.district import teacher_id
from tests.component.test_agreed import HOURS, with_results
from tests.component.test_erasures import HER
from tests.component.test_retention import DAYS, GONE, LAST, Keeping
from tests.support.sharing import RECEIVED, SHARES

READER = teacher_id(2)
CREATE = SHARES["administration"]


@pytest.fixture
async def keeping() -> Keeping:
    kept = Keeping()
    await kept.begin()
    return kept


async def shared(kept: Keeping, **more: Any) -> httpx2.Response:
    end = kept.platform.clock.now() + timedelta(days=30)
    body = {
        "administration_id": kept.survey,
        "audience": [{"person_id": READER}],
        "purpose": "peer_learning",
        "expires_at": end.isoformat().replace("+00:00", "Z"),
        **more,
    }
    return await kept.send(HER, CREATE, body)


async def test_it_shows_what_was_released_and_nothing_of_who_did_what(keeping: Keeping) -> None:
    path = await with_results(keeping)
    assert (await shared(keeping)).status_code == 201
    hers, told = await keeping.get(HER, path), await keeping.get(READER, path)
    assert told["results"] == hers["results"]
    assert told["results"]["favorable_share"] is not None
    assert (len(hers["history"]), told["history"], told["allowed"]) == (3, [], [])
    listed = f"/surveys/v1/administrations?teacher_id={HER}"
    assert await keeping.status(READER, listed) == 404


async def test_what_is_not_released_is_not_shared(keeping: Keeping) -> None:
    """A survey that is open, and one that is closed of which too few have answered."""
    refused = await shared(keeping)
    assert (refused.status_code, refused.json()["code"]) == (409, "nothing_released")
    closed = await keeping.send(HER, f"/surveys/v1/administrations/{keeping.survey}/close")
    assert closed.json()["results"]["suppressed"]
    refused = await shared(keeping)
    assert (refused.status_code, refused.json()["code"]) == (409, "nothing_released")


async def test_her_own_hours_come_before_anybody_reads_by_it(keeping: Keeping) -> None:
    await keeping.enacts(1, {"teacher_first_hours": HOURS})
    path = await with_results(keeping)
    refused = await shared(keeping)
    assert (refused.status_code, refused.json()["code"]) == (409, "results_hers_alone")
    keeping.platform.clock.forward(hours=HOURS)
    assert (await shared(keeping)).status_code == 201
    assert (await keeping.get(READER, path))["results"] is not None


async def test_hours_that_begin_to_count_later_close_it_and_use_no_reading_up(
    keeping: Keeping,
) -> None:
    path = await with_results(keeping)
    assert (await shared(keeping, once=True)).status_code == 201
    await keeping.enacts(1, {"teacher_first_hours": HOURS})
    assert await keeping.status(READER, path) == 404
    keeping.platform.clock.forward(hours=HOURS)
    assert [await keeping.status(READER, path) for _ in range(2)] == [200, 404]
    (received,) = (await keeping.get(HER, CREATE))["administration_shares"]
    assert [each["person_id"] for each in received["audience"] if each["read_at"]] == [READER]
    assert (await keeping.get(READER, RECEIVED["administration"]))["received_shares"] == []


async def test_it_goes_with_what_it_shares_when_that_has_had_its_time(keeping: Keeping) -> None:
    await with_results(keeping)
    share = (await shared(keeping)).json()["administration_share_id"]
    await keeping.enacts(1, surveys=DAYS)
    await keeping.at(LAST)
    assert await keeping.status(HER, f"{CREATE}/{share}") == 200
    await keeping.at(GONE)
    assert await keeping.status(HER, f"{CREATE}/{share}") == 404
    left = keeping.platform.services["surveys"].backing
    (entry,) = await left.journal.read("north", None, "", 1_000, share)
    assert (entry.event.erases, HER.encode() in entry.event.data) == (True, False)
