"""What becomes of requests for coaching when a person is erased or is in the roster twice, when the
school year is over and when records have had their time; and that the data-use policy is
acknowledged first."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from services.chassis.call import Call, Principal
from services.chassis.write.write_path import WritePath
from services.programs.request.codec import COACHING_REQUESTS
from services.programs.request.domain import CoachingRequest
from tests.component.programs.test_coaching_requests import (
    REQUESTS,
    ROUNDS,
    SAYS,
    WISHES,
    full,
    grant,
    planned,
    relationships,
    requested,
    state,
)
from tests.component.programs.test_enrollments_gone import opened
from tests.component.test_erasures import (
    ADMIN,
    BYSTANDER,
    COACH,
    HER,
    ORDER,
    WHY,
    Erased,
    erased_for_good,
)
from tests.component.test_programs import lead
from tests.component.test_retention import DAYS, GONE, LAST, Keeping, enacted
from tests.support.coaching import Coaching
from tests.support.staff import staffed
from tests.support.twice import NEW, OLD, Twice


async def a_round(people: Coaching, admin: str = ADMIN) -> str:
    says = {**SAYS, "program_id": await opened(people, admin), "begin_date": "2026-08-01"}
    made = await people.post(admin, ROUNDS, {**says, "end_date": "2027-06-01"})
    return str(made["coaching_round_id"])


async def asked(people: Coaching, round_: str, who: str) -> str:
    made = await people.post(who, REQUESTS, {"coaching_round_id": round_, **WISHES})
    return str(made["coaching_request_id"])


async def test_hers_is_erased_with_her_place_and_what_others_asked_stays() -> None:
    erased = await Erased().begin()
    round_ = await a_round(erased.people)
    hers, others = [await asked(erased.people, round_, each) for each in (HER, BYSTANDER)]
    await erased.platform.settle()
    (await erased.send(ADMIN, f"{ORDER}/order", WHY)).raise_for_status()
    done = await erased.carry_out()
    counted = {each["service"]: each["erased"] for each in done["carried_out"]}
    assert (done["state"], counted["programs"]) == ("done", 2)  # a relationship, a request
    await erased_for_good(erased, "programs", hers)
    assert await erased.status(HER, f"{REQUESTS}/{hers}") == 404
    assert await erased.status(BYSTANDER, f"{REQUESTS}/{others}") == 200
    assert await asked(erased.people, round_, HER) != hers
    await erased_for_good(erased, "programs", hers)


async def test_what_is_asked_after_the_order_stays() -> None:
    erased = await Erased().begin()
    round_ = await a_round(erased.people)
    await erased.platform.settle()
    (await erased.send(ADMIN, f"{ORDER}/order", WHY)).raise_for_status()
    erased.platform.clock.forward(seconds=1)
    late = await asked(erased.people, round_, HER)
    await erased.carry_out()
    assert await erased.status(HER, f"{REQUESTS}/{late}") == 200


async def test_a_place_of_what_is_erased_is_free_again() -> None:
    north = await staffed()
    await lead(north)
    round_ = await planned(north)
    id_ = await requested(north, round_)
    assert (await grant(north, round_, id_)).status_code == 200
    await north.settle()
    assert await full(north, round_)
    await north.ask("north/admin", "POST", "/privacy/v1/erasures/teacher/order", WHY)
    await north.settle()
    assert not await full(north, round_)


async def test_it_follows_her_from_one_record_to_another_and_back() -> None:
    twice = await Twice().begin()
    both, one, late = [await a_round(twice.people, "admin") for _ in range(3)]
    made = {}
    for round_, who in ((both, OLD), (both, NEW), (one, OLD), (late, NEW), (late, OLD)):
        twice.north.clock.forward(seconds=1)
        made[round_, who] = await asked(twice.people, round_, who)
    await twice.north.settle()
    match = await twice.merged()

    async def of(who: str) -> dict[str, str]:
        found = (await twice.get(who, REQUESTS))["coaching_requests"]
        return {each["coaching_request_id"]: each["state"] for each in found}

    assert await of(NEW) == {  # with the first look
        made[both, OLD]: "waiting",  # asked first
        made[both, NEW]: "ended",
        made[one, OLD]: "waiting",
        made[late, NEW]: "waiting",
        made[late, OLD]: "ended",
    }
    await twice.later()
    assert await asked(twice.people, one, NEW) == made[one, OLD]
    await twice.separate(match)
    await twice.north.settle()
    await twice.later()
    assert await of(NEW) == {made[both, NEW]: "ended", made[late, NEW]: "waiting"}
    assert (await of(OLD))[made[one, OLD]] == "waiting"


async def test_who_waits_when_the_school_year_is_over_waits_no_more() -> None:
    north = await staffed()
    await lead(north)
    round_ = await planned(north)
    id_ = await requested(north, round_)
    await north.settle()
    north.clock.set(datetime(2027, 6, 30, 18, tzinfo=UTC))
    await north.settle()
    assert await state(north, id_) == "waiting"
    north.clock.set(datetime(2027, 7, 1, 18, tzinfo=UTC))
    await north.settle()
    assert await state(north, id_) == "ended"


async def test_a_late_end_of_an_earlier_asking_takes_nothing_from_a_later_one() -> None:
    """Declined, asked again and granted again before the duties of the first have run."""
    north = await staffed()
    await lead(north)
    round_ = await planned(north)
    id_ = await requested(north, round_)
    assert (await grant(north, round_, id_)).status_code == 200
    await north.settle()
    north.clock.forward(seconds=5)
    (proposed,) = await relationships(north)
    assert (await north.answer("teacher", proposed["relationship_id"], "decline")).is_success
    await north.settle()
    assert await requested(north, round_) == id_
    assert (await grant(north, round_, id_)).status_code == 200
    await north.settle()
    assert (await state(north, id_), await full(north, round_)) == ("granted", True)
    (again,) = await relationships(north)
    assert again["state"] == "proposed"
    assert [each["state"] for each in again["earlier_rounds"]] == ["declined"]


async def test_they_go_when_they_have_had_their_time() -> None:
    keeping = Keeping()
    await keeping.begin()
    made = await asked(keeping.people, await a_round(keeping.people), HER)
    await keeping.people.post(HER, f"{REQUESTS}/{made}/withdraw")
    await keeping.platform.settle()
    await keeping.enacts(1, {}, coaching_requests=DAYS)
    await keeping.at(LAST)
    assert (await keeping.found("coaching_requests"))["years"][0]["records"] == 1
    await keeping.at(GONE)
    found: Any = await keeping.found("coaching_requests")
    assert (found["years"], found["erased"]) == ([], 1)
    await erased_for_good(keeping, "programs", made)
    await keeping.at(GONE + timedelta(days=1))
    assert (await keeping.found("coaching_requests"))["erased"] == 0


async def test_a_legal_hold_on_the_coach_keeps_them() -> None:
    keeping = Keeping()
    await keeping.begin()
    (await keeping.send(ADMIN, f"/privacy/v1/erasures/{COACH}/hold", WHY)).raise_for_status()
    made = await asked(keeping.people, await a_round(keeping.people), HER)
    programs = keeping.platform.services["programs"].backing
    path = WritePath(programs.store, COACHING_REQUESTS, keeping.platform.clock, programs.bell)

    def act(each: CoachingRequest) -> None:
        each.grant(COACH, each.asked_at, each.asked_at)

    def over(each: CoachingRequest) -> None:
        each.end(each.asked_at)

    for step in (act, over):
        await path.change(Call("follow_grant", Principal("north", person=ADMIN)), made, step)
    await keeping.platform.settle()
    await keeping.enacts(1, {}, coaching_requests=DAYS)
    await keeping.at(GONE)
    found: Any = await keeping.found("coaching_requests")
    assert (found["held"], found["erased"]) == (1, 0)
    assert await keeping.status(HER, f"{REQUESTS}/{made}") == 200


async def test_she_acknowledges_the_policy_before_she_asks() -> None:
    keeping = Keeping()
    await keeping.begin()
    round_ = await a_round(keeping.people)
    terms = {"acknowledge_before_sharing": True}
    await enacted(keeping.people, keeping.platform, ADMIN, 1, terms, goals=DAYS)
    refused = await keeping.send(HER, REQUESTS, {"coaching_round_id": round_, **WISHES})
    assert (refused.status_code, refused.json()["code"]) == (409, "policy_not_acknowledged")
