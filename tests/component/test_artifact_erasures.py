"""One thing that is about a person is erased for good, with what hangs on it, unless it is held."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from services.access.artifact_erasures import LASTS
from services.access.erasures import A_MOMENT, SECOND_LOOK
from services.privacy.artifact_erasure.domain import SETTLES
from tests.component.test_erasures import ADMIN, BYSTANDER, CANARY, COACH, HER, WHY, Erased

ORDERS = "/privacy/v1/artifact-erasures"
KINDS = {"goals": "goal", "observations": "observation", "surveys": "administration"}


class Site(Erased):
    async def order(
        self, kind: str, artifact: str, who: str = ADMIN, person: str = HER
    ) -> dict[str, Any]:
        asked = {"kind": kind, "artifact_id": artifact, "person_id": person, **WHY}
        said: dict[str, Any] = (await self.send(who, ORDERS, asked)).json()
        return said

    async def pass_by(self, *spans: timedelta) -> None:
        await self.platform.settle()
        for span in spans:
            self.platform.clock.forward(seconds=span.total_seconds())
            await self.platform.settle()

    async def done(self, order: dict[str, Any], who: str = ADMIN) -> dict[str, Any]:
        """Once all is due."""
        await self.pass_by(SETTLES, SECOND_LOOK, A_MOMENT)
        return await self.seen(order, who)

    async def seen(self, order: dict[str, Any], who: str = ADMIN) -> dict[str, Any]:
        said: dict[str, Any] = await self.get(who, f"{ORDERS}/{order['artifact_erasure_id']}")
        return said


@pytest.fixture
async def site() -> Site:
    site = Site()
    await site.begin()
    return site


async def test_each_goes_alone_with_what_hangs_on_it(site: Site) -> None:
    tried = {"teacher_id": HER, "goal_id": site.work["goals"], "words": CANARY}
    trial = (await site.send(HER, "/goals/v1/trials", tried)).json()["trial_id"]
    await site.platform.settle()
    left = {"goals", "observations", "surveys", "programs"}
    for service, erased in (("goals", 2), ("observations", 1), ("surveys", 1)):
        order = await site.order(KINDS[service], site.work[service])
        assert order["state"] == "pending"
        assert await site.there() == left
        done = await site.done(order)
        assert (done["state"], done["erased"], len(done["proof"])) == ("done", erased, 64)
        left.discard(service)
        assert await site.there() == left
    assert await site.status(HER, f"/goals/v1/trials/{trial}") == 404
    assert site.holds(CANARY) == set()
    assert site.beside


async def test_a_legal_hold_outranks_it_whenever_it_is_placed(site: Site) -> None:
    """Also one that is placed while the order waits, or while its service stands still."""
    first = await site.order("goal", site.work["goals"])
    held = await site.send(ADMIN, f"/privacy/v1/erasures/{HER}/hold", WHY)
    assert held.json()["state"] == "held"
    second = await site.order("observation", site.work["observations"])
    for _ in range(4):
        await site.pass_by(LASTS)
    assert {(await site.seen(each))["state"] for each in (first, second)} == {"pending"}
    assert {"goals", "observations"} < await site.there()
    await site.send(ADMIN, f"/privacy/v1/erasures/{HER}/release", WHY)
    await site.pass_by(LASTS, LASTS)
    for each in (first, second):
        assert (await site.done(each))["state"] == "done"
    assert await site.there() == {"surveys", "programs"}


async def test_what_is_not_hers_is_not_found_and_stays(site: Site) -> None:
    order = await site.order("goal", site.beside)
    done = await site.done(order)
    assert (done["state"], done["erased"], done["proof"]) == ("not_found", 0, "")
    assert await site.status(BYSTANDER, f"/goals/v1/goals/{site.beside}") == 200
    wrong = await site.order("walk", site.work["goals"])
    assert (await site.done(wrong))["state"] == "not_found"
    assert "goals" in await site.there()


async def test_she_orders_it_herself_of_what_is_hers_alone(site: Site) -> None:
    made = {"title": CANARY, "about": CANARY, "license": CANARY}
    strategy = (await site.send(HER, "/goals/v1/strategies", made)).json()["strategy_id"]
    order = await site.order("strategy", strategy, HER)
    assert order["own"]
    seen = await site.order("goal", site.work["goals"], HER)
    assert (await site.done(order, HER))["state"] == "done"
    assert await site.status(HER, f"/goals/v1/strategies/{strategy}") == 404
    assert (await site.seen(seen, HER))["state"] == "not_found"
    assert "goals" in await site.there()
    listed = (await site.get(HER, ORDERS))["artifact_erasures"]
    assert {each["artifact_erasure_id"] for each in listed} == {
        order["artifact_erasure_id"],
        seen["artifact_erasure_id"],
    }


async def test_nobody_else_orders_it_or_learns_of_it(site: Site) -> None:
    for who in (COACH, BYSTANDER):
        refused = await site.order("goal", site.work["goals"], who)
        assert refused["code"] in ("forbidden", "not_found")
    order = await site.order("goal", site.work["goals"])
    path = f"{ORDERS}/{order['artifact_erasure_id']}"
    assert [await site.status(who, path) for who in (HER, COACH, BYSTANDER)] == [404, 404, 404]
    assert (await site.get(HER, ORDERS))["artifact_erasures"] == []
    assert (await site.send(HER, f"{path}/withdraw")).status_code == 404
    assert (await site.send(ADMIN, f"{path}/withdraw")).json()["state"] == "withdrawn"
    await site.pass_by(SETTLES, SECOND_LOOK)
    assert "goals" in await site.there()
