"""One thing that is about a person is erased for good, with what hangs on it, unless it is held."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from services.access.artifact_erasures import LASTS
from services.access.erasures import A_MOMENT, SECOND_LOOK
from services.chassis.write import quota
from services.privacy.artifact_erasure import cases
from services.privacy.erasure.domain import SETTLES
from tests.component.test_erasures import ADMIN, BYSTANDER, CANARY, COACH, HER, WHY, Erased

ORDERS = "/privacy/v1/artifact-erasures"
KINDS = {"goals": "goal", "observations": "observation", "surveys": "administration"}


class Site(Erased):
    async def begin(self) -> Site:
        await self.people.import_roster()
        await self.platform.settle()
        await self.people.relate(1)
        await self.platform.settle()
        self.work["goals"] = await self.people.active_goal(COACH, HER, statement=CANARY)
        self.beside = await self.people.active_goal(COACH, BYSTANDER)
        return self

    async def observed_and_surveyed(self) -> Site:
        at = self.platform.clock.now().isoformat().replace("+00:00", "Z")
        self.work["observations"] = await self.people.shared_observation(COACH, HER, at, CANARY)
        measure = await self.people.published_measure(COACH)
        taught = (await self.get(HER, "/roster/v1/classes"))["classes"][0]["class_id"]
        survey, codes = await self.people.open_survey(HER, measure, taught, 12)
        await self.people.answer(survey, codes[0], 3)
        self.work["surveys"] = survey
        await self.platform.settle()
        return self

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
    await site.observed_and_surveyed()
    tried = {"teacher_id": HER, "goal_id": site.work["goals"], "words": CANARY}
    trial = (await site.send(HER, "/goals/v1/trials", tried)).json()["trial_id"]
    await site.platform.settle()
    left = {"goals", "observations", "surveys"}
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
    """Before the order, while it waits, or while its service stands still and hears of it late."""
    goals = site.platform.services["goals"]
    site.platform.services["goals"] = replace(goals, duties=None)
    first = await site.order("goal", site.work["goals"])
    await site.pass_by(SETTLES)
    assert (await site.seen(first))["state"] == "under_way"
    second = await site.order("goal", await site.people.active_goal(COACH, HER))
    held = await site.send(ADMIN, f"/privacy/v1/erasures/{HER}/hold", WHY)
    assert held.json()["state"] == "held"
    third = await site.order("goal", await site.people.active_goal(COACH, HER))
    await site.pass_by(SETTLES, LASTS, A_MOMENT)
    site.platform.services["goals"] = goals
    await site.pass_by(LASTS)
    assert [(await site.seen(each))["state"] for each in (first, second, third)] == ["pending"] * 3
    assert await site.there() == {"goals"}
    await site.send(ADMIN, f"/privacy/v1/erasures/{HER}/release", WHY)
    await site.pass_by(SECOND_LOOK, A_MOMENT)
    for each in (first, second, third):
        assert (await site.seen(each))["state"] == "done"
    assert await site.there() == set()


async def test_what_its_service_did_not_hear_in_time_is_asked_again(site: Site) -> None:
    goals = site.platform.services["goals"]
    site.platform.services["goals"] = replace(goals, duties=None)
    order = await site.order("goal", site.work["goals"])
    await site.pass_by(SETTLES, LASTS - A_MOMENT)
    site.platform.clock.forward(seconds=(2 * A_MOMENT).total_seconds())
    site.platform.services["goals"] = goals
    await site.pass_by(SECOND_LOOK, A_MOMENT)
    assert (await site.seen(order))["state"] == "done"
    assert await site.there() == set()


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


async def test_what_she_orders_takes_no_place_from_the_district_and_not_hers(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cases, "MOST_WAITING", 1)
    goals = [await site.people.active_goal(COACH, HER) for _ in range(2)]
    answers = [await site.order("goal", each, who) for who in (HER, ADMIN) for each in goals]
    told = [each.get("state") or each["code"] for each in answers]
    assert told == ["pending", "too_many_orders"] * 2


async def test_what_is_under_way_and_stays_so_has_a_bound_too(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It does where a legal hold on somebody else keeps what is hers as well."""
    monkeypatch.setattr(cases, "MOST_WAITING", 1)
    monkeypatch.setattr(quota, "FULL_SECONDS", 0.0)  # no count is believed
    goals = site.platform.services["goals"]
    site.platform.services["goals"] = replace(goals, duties=None)  # it hears of no order
    first = await site.order("goal", site.work["goals"])
    await site.pass_by(SETTLES)
    assert (await site.seen(first))["state"] == "under_way"
    second = await site.order("goal", await site.people.active_goal(COACH, HER))
    assert second["code"] == "too_many_orders"


async def test_what_is_not_hers_to_erase_tells_nobody_on_whom_a_hold_is(site: Site) -> None:
    """Whoever she names as held would be found by the answer."""
    held_by = f"/privacy/v1/erasures/{HER}/hold"
    (await site.send(ADMIN, held_by, WHY)).raise_for_status()
    await site.pass_by(SETTLES)
    order = await site.order("goal", site.work["goals"], BYSTANDER, BYSTANDER)
    assert (await site.done(order, BYSTANDER))["state"] == "not_found"
