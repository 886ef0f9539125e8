"""What becomes of agreements when a person is erased or is in the roster twice, and when they have
had their time."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from tests.component.programs.test_agreements import PATH, SAYS
from tests.component.test_erasures import ADMIN, COACH, HER, ORDER, WHY, Erased, erased_for_good
from tests.component.test_retention import DAYS, ENDED, Keeping
from tests.support.coaching import Coaching
from tests.support.twice import NEW, OLD, Twice

SEES = {"coach_sees": ["goals"]}


async def agreed(people: Coaching, coach: str, teacher: str, of: str) -> str:
    made = await people.post(coach, PATH, {"relationship_id": of, **SAYS, **SEES})
    path = f"{PATH}/{made['agreement_id']}"
    await people.post(teacher, f"{path}/accept", {"number": 1})
    return str(made["agreement_id"])


async def test_it_is_erased_with_the_teacher_and_stays_hers_when_the_coach_is() -> None:
    erased = await Erased().begin()
    made = await agreed(erased.people, COACH, HER, erased.work["programs"])
    await erased.platform.settle()
    for whom in (COACH, HER):
        assert await erased.status(HER, f"{PATH}/{made}") == 200
        order = f"/privacy/v1/erasures/{whom}/order"
        (await erased.send(ADMIN, order, WHY)).raise_for_status()
        if whom == HER:
            done = await erased.carry_out()
            counted = {each["service"]: each["erased"] for each in done["carried_out"]}
            assert (done["state"], counted["programs"]) == ("done", 2)
    await erased_for_good(erased, "programs", made)
    assert ORDER.endswith(HER)


async def relationship(twice: Twice, teacher: str) -> str:
    path = f"/programs/v1/relationships?coach_id=coach&teacher_id={teacher}"
    found = await twice.get("coach", path)
    (one,) = [each for each in found["relationships"] if each["state"] == "active"]
    return str(one["relationship_id"])


async def test_who_is_another_record_now_has_it_and_the_two_agree_anew() -> None:
    twice = await Twice().begin()
    made = await agreed(twice.people, "coach", OLD, await relationship(twice, OLD))
    await twice.north.settle()
    match = await twice.merged()
    await twice.later()

    async def read(who: str) -> Any:
        return await twice.get(who, f"{PATH}/{made}")

    found = await read(NEW)
    assert (found["teacher_id"], found["state"]) == (NEW, "over")
    assert found["relationship_id"] == await relationship(twice, NEW)
    await twice.separate(match)
    await twice.north.settle()
    await twice.later()
    assert (await read(OLD))["teacher_id"] == OLD
    assert await twice.north.status(NEW, f"{PATH}/{made}") == 404


async def test_it_goes_with_its_relationship_when_that_has_had_its_time() -> None:
    keeping = Keeping()
    await keeping.begin()
    made = await agreed(keeping.people, COACH, HER, keeping.work["programs"])
    await keeping.platform.settle()
    await keeping.enacts(1, {}, relationships=DAYS)
    await keeping.at(ENDED)
    assert (await keeping.get(HER, f"{PATH}/{made}"))["state"] == "over"
    await keeping.at(ENDED + timedelta(days=DAYS))
    assert await keeping.status(HER, f"{PATH}/{made}") == 200
    await keeping.at(ENDED + timedelta(days=DAYS + 1))
    of = keeping.work["programs"]
    assert await keeping.status(HER, f"/programs/v1/relationships/{of}") == 404
    await erased_for_good(keeping, "programs", made)
