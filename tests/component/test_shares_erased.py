"""What is left of shares when what is about a person was erased: nothing, whenever one was made."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from services.chassis.duties.todos import KEPT
from services.ctl.demo.district import teacher_id
from services.privacy.erasure.domain import SETTLES
from tests.component.test_erasures import ADMIN, COACH, HER, ORDER, WHY, Erased
from tests.support.sharing import PATHS, SERVICES, SHARES, late_share

KINDS = pytest.mark.parametrize("kind", ["goal", "observation", "administration"])
READER = teacher_id(2)


@pytest.fixture
async def erased() -> Erased:
    return await Erased().begin()


async def ordered(erased: Erased) -> None:
    """All is done that is due at once; it is looked at once more after a while."""
    (await erased.send(ADMIN, f"{ORDER}/order", WHY)).raise_for_status()
    await erased.platform.settle()


@KINDS
@pytest.mark.parametrize("began", [timedelta(seconds=-1), timedelta(seconds=1)])
async def test_one_that_was_begun_while_its_thing_was_erased_goes_with_it(
    erased: Erased, kind: str, began: timedelta
) -> None:
    service = SERVICES[kind]
    thing = erased.work[service]
    await ordered(erased)
    assert await erased.status(HER, f"{PATHS[kind]}/{thing}") == 404
    late = await late_share(erased.platform, kind, thing, HER, began)
    assert await erased.status(HER, f"{SHARES[kind]}/{late}") == 200
    await erased.later()
    done = await erased.get(ADMIN, ORDER)
    counts = {each["service"]: each["erased"] for each in done["carried_out"]}
    assert (done["state"], counts[service]) == ("done", 2)
    assert await erased.status(HER, f"{SHARES[kind]}/{late}") == 404


async def test_what_she_begins_and_shares_after_the_order_stays(erased: Erased) -> None:
    await ordered(erased)
    erased.platform.clock.forward(seconds=1)
    anew = await erased.people.active_goal(HER, HER)
    late = await late_share(erased.platform, "goal", anew, HER)
    await erased.later()
    assert (await erased.get(ADMIN, ORDER))["state"] == "done"
    assert await erased.status(HER, f"{SHARES['goal']}/{late}") == 200


async def test_no_to_do_names_her_for_as_long_as_the_share_would_have_lasted(
    erased: Erased,
) -> None:
    end = erased.platform.clock.now() + timedelta(days=360)
    body: Any = {
        "goal_id": erased.work["goals"],
        "audience": [{"person_id": READER}],
        "purpose": "coaching",
        "expires_at": end.isoformat().replace("+00:00", "Z"),
    }
    share = (await erased.send(HER, SHARES["goal"], body)).json()["goal_share_id"]
    await erased.platform.settle()
    await ordered(erased)
    await erased.later()
    todos = erased.platform.services["goals"].backing.todos("goals-duties")

    async def left(state: str) -> list[str]:
        return [each.id for each in await todos.list((state,)) if share in each.id]

    assert len(await left("open")) == 1
    erased.platform.clock.forward(days=7)
    await erased.platform.settle()
    assert (await left("open"), await left("given_up")) == ([], [])
    assert len(await left("done")) == 1
    assert timedelta(days=30) == KEPT


async def test_a_hold_on_a_reader_keeps_no_share_of_what_stays_for_another_one(
    erased: Erased,
) -> None:
    """It is hers who made it: what was shown by it stays in the log of who looked."""
    end = erased.platform.clock.now() + timedelta(days=30)
    body: Any = {
        "goal_id": erased.work["goals"],
        "audience": [{"person_id": READER}],
        "purpose": "coaching",
        "expires_at": end.isoformat().replace("+00:00", "Z"),
    }
    share = (await erased.send(HER, SHARES["goal"], body)).json()["goal_share_id"]
    for held in (COACH, READER):
        (await erased.send(ADMIN, f"/privacy/v1/erasures/{held}/hold", WHY)).raise_for_status()
    await ordered(erased)
    erased.platform.clock.forward(seconds=SETTLES.total_seconds())
    await erased.platform.settle()
    assert "goals" in await erased.there()
    assert await erased.status(HER, f"{SHARES['goal']}/{share}") == 404
