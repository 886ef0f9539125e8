"""What becomes of coaches' offers when a person is erased or is in the roster twice, and when
records have had their time."""

from __future__ import annotations

from typing import Any

from tests.component.programs.test_coaching_offers import OFFERS
from tests.component.programs.test_coaching_requests_gone import a_round
from tests.component.test_erasures import (
    ADMIN,
    BYSTANDER,
    HER,
    ORDER,
    WHY,
    Erased,
    erased_for_good,
)
from tests.component.test_retention import DAYS, GONE, Keeping
from tests.support.coaching import Coaching
from tests.support.twice import NEW, OLD, Twice

OFFER: dict[str, Any] = {"grades": ["04"], "capacity": 2}


async def offered(people: Coaching, round_: str, who: str) -> str:
    made = await people.post(who, OFFERS, {"coaching_round_id": round_, **OFFER})
    return str(made["coaching_offer_id"])


async def test_hers_is_erased_and_what_others_offer_stays() -> None:
    erased = await Erased().begin()
    round_ = await a_round(erased.people)
    hers, others = [await offered(erased.people, round_, each) for each in (HER, BYSTANDER)]
    await erased.platform.settle()
    (await erased.send(ADMIN, f"{ORDER}/order", WHY)).raise_for_status()
    done = await erased.carry_out()
    counted = {each["service"]: each["erased"] for each in done["carried_out"]}
    assert (done["state"], counted["programs"]) == ("done", 2)  # a relationship, an offer
    await erased_for_good(erased, "programs", hers)
    assert await erased.status(BYSTANDER, f"{OFFERS}/{others}") == 200
    again = {"coaching_round_id": round_, **OFFER}
    made = await erased.people.post(HER, OFFERS, again)
    assert made["coaching_offer_id"] != hers
    await erased_for_good(erased, "programs", hers)


async def test_it_follows_her_from_one_record_to_another_and_back() -> None:
    twice = await Twice().begin()
    both, one = [await a_round(twice.people, "admin") for _ in range(2)]
    made = {}
    for round_, who in ((both, OLD), (both, NEW), (one, OLD)):
        twice.north.clock.forward(seconds=1)
        made[round_, who] = await offered(twice.people, round_, who)
    await twice.north.settle()
    match = await twice.merged()
    await twice.later()

    async def of(who: str) -> dict[str, str]:
        found = (await twice.get(who, OFFERS))["coaching_offers"]
        return {each["coaching_offer_id"]: each["state"] for each in found}

    assert await of(NEW) == {
        made[both, OLD]: "withdrawn",
        made[both, NEW]: "made",  # said last
        made[one, OLD]: "made",
    }
    assert await offered(twice.people, one, NEW) == made[one, OLD]
    await twice.separate(match)
    await twice.north.settle()
    await twice.later()
    assert await of(NEW) == {made[both, NEW]: "made"}
    assert await of(OLD) == {made[both, OLD]: "withdrawn", made[one, OLD]: "made"}


async def test_it_goes_when_it_has_had_its_time() -> None:
    keeping = Keeping()
    await keeping.begin()
    made = await offered(keeping.people, await a_round(keeping.people), HER)
    await keeping.platform.settle()
    await keeping.enacts(1, {}, coaching_offers=DAYS)
    await keeping.at(GONE)
    assert (await keeping.found("coaching_offers"))["erased"] == 1
    await erased_for_good(keeping, "programs", made)
