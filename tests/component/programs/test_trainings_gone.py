"""What becomes of what was recorded of trainings when a person is erased or is in the roster twice,
and when records have had their time."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from tests.component.programs.test_enrollments import opened
from tests.component.programs.test_trainings import PATH, RATES, tool
from tests.component.test_erasures import ADMIN, BYSTANDER, HER, ORDER, WHY, Erased, erased_for_good
from tests.component.test_programs import lead
from tests.component.test_retention import DAYS, GONE, Keeping
from tests.support.coaching import Coaching
from tests.support.twice import NEW, OLD, Twice

CANARY = tool(99)
NOTE = {"note": "It was the other protocol"}
WRONG = {"tool_id": tool(42), "reason": "mistyped"}


async def record(people: Coaching, person: str, by: str = ADMIN, **more: Any) -> str:
    said = {**RATES, "person_id": person, **more}
    return str((await people.post(by, PATH, said))["training_id"])


async def test_what_is_about_her_is_erased_with_all_she_said_against_it() -> None:
    erased = await Erased().begin()
    hers = await record(erased.people, HER, tool_id=CANARY)
    beside = await record(erased.people, BYSTANDER)
    await erased.people.post(ADMIN, f"{PATH}/{hers}/correct", WRONG)
    await erased.people.post(HER, f"{PATH}/{hers}/contest", {"note": "Canary-note"})
    await erased.platform.settle()
    assert erased.holds(CANARY, "Canary-note") == {"programs documents"}
    (await erased.send(ADMIN, f"{ORDER}/order", WHY)).raise_for_status()
    erased.platform.clock.forward(seconds=1)
    late = await record(erased.people, HER)
    done = await erased.carry_out()
    counted = {each["service"]: each["erased"] for each in done["carried_out"]}
    assert (done["state"], counted["programs"]) == ("done", 2)  # a relationship, a training
    await erased_for_good(erased, "programs", hers)
    assert erased.holds(CANARY, "Canary-note") == set()
    for training, who in ((beside, BYSTANDER), (late, HER)):  # begun after the order it stays
        assert await erased.status(who, f"{PATH}/{training}") == 200


async def test_it_follows_her_from_one_record_to_another_and_back() -> None:
    twice = await Twice().begin()
    made, other = [await record(twice.people, each, "admin") for each in (OLD, NEW)]
    await twice.north.settle()
    match = await twice.merged()
    await twice.later()
    for training in (made, other):
        assert (await twice.get(NEW, f"{PATH}/{training}"))["person_id"] == NEW
    said = await twice.post(NEW, f"{PATH}/{made}/contest", NOTE)
    assert said["contest_note"] == NOTE["note"]
    await twice.separate(match)
    await twice.north.settle()
    await twice.later()
    listed = [await twice.get(each, PATH) for each in (OLD, NEW)]
    ids = [[each["training_id"] for each in page["trainings"]] for page in listed]
    assert ids == [[made], [other]]


async def test_who_recorded_it_puts_it_right_under_the_record_that_is_kept() -> None:
    twice = await Twice().begin()
    for who in (OLD, NEW):
        await lead(twice.north, who)
    program = await opened(twice.north, OLD, lead_ids=[OLD, NEW])
    made = await record(twice.people, "coach", OLD, program_id=program)
    path = f"{PATH}/{made}"
    await twice.post("coach", f"{path}/contest", NOTE)
    assert (await twice.get(NEW, path))["contest_note"] == ""
    await twice.merged()
    await twice.later()
    assert (await twice.get(NEW, path))["contest_note"] == NOTE["note"]
    assert (await twice.post(NEW, f"{path}/correct", WRONG))["tool_id"] == tool(42)


async def test_it_goes_when_it_has_had_its_time_and_not_while_it_holds() -> None:
    keeping = Keeping()
    await keeping.begin()
    gone = await record(keeping.people, HER, expires_on=None)
    last = GONE.date() + timedelta(days=10)
    holds = await record(keeping.people, HER, expires_on=last.isoformat())
    voided = await record(keeping.people, HER, expires_on=last.isoformat())
    await keeping.people.post(ADMIN, f"{PATH}/{voided}/void", {"reason": "recorded_twice"})
    await keeping.platform.settle()
    await keeping.enacts(1, {}, trainings=DAYS)
    await keeping.at(GONE)
    assert (await keeping.found("trainings"))["erased"] == 2
    for training in (gone, voided):
        await erased_for_good(keeping, "programs", training)
    assert await keeping.status(HER, f"{PATH}/{holds}") == 200
    await keeping.at(GONE + timedelta(days=10 + DAYS))
    assert await keeping.status(HER, f"{PATH}/{holds}") == 200
    await keeping.at(GONE + timedelta(days=10 + DAYS + 1))
    await erased_for_good(keeping, "programs", holds)
