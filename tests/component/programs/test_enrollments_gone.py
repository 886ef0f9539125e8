"""What becomes of enrollments when a person is erased or is in the roster twice, and when records
have had their time; and that the data-use policy is acknowledged first."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from tests.component.programs.test_enrollments import PATH
from tests.component.test_erasures import ADMIN, BYSTANDER, HER, ORDER, WHY, Erased, erased_for_good
from tests.component.test_programs import PROGRAMS, SAYS
from tests.component.test_retention import DAYS, GONE, LAST, Keeping, enacted
from tests.support.coaching import Coaching
from tests.support.twice import NEW, OLD, Twice


async def opened(people: Coaching, admin: str = ADMIN) -> str:
    made = await people.post(admin, PROGRAMS, SAYS)
    program = str(made["program_id"])
    await people.post(admin, f"{PROGRAMS}/{program}/open")
    return program


async def enroll(people: Coaching, program: str, teacher: str, admin: str = ADMIN) -> str:
    asked = {"program_id": program, "teacher_id": teacher}
    return str((await people.post(admin, PATH, asked))["enrollment_id"])


async def count(erased: Erased, program: str) -> Any:
    return (await erased.get(ADMIN, f"{PROGRAMS}/{program}/size"))["enrolled_count"]


async def test_hers_is_erased_and_the_program_counts_without_her() -> None:
    erased = await Erased().begin()
    program = await opened(erased.people)
    hers, others = [await enroll(erased.people, program, each) for each in (HER, BYSTANDER)]
    assert await count(erased, program) == 2
    await erased.platform.settle()
    (await erased.send(ADMIN, f"{ORDER}/order", WHY)).raise_for_status()
    done = await erased.carry_out()
    counted = {each["service"]: each["erased"] for each in done["carried_out"]}
    assert (done["state"], counted["programs"]) == ("done", 2)  # a relationship, an enrollment
    await erased_for_good(erased, "programs", hers)
    assert await erased.status(HER, f"{PATH}/{hers}") == 404
    assert await erased.status(BYSTANDER, f"{PATH}/{others}") == 200
    assert await count(erased, program) == 1
    again = await enroll(erased.people, program, HER)
    assert again != hers
    assert await enroll(erased.people, program, HER) == again
    assert await count(erased, program) == 2
    await erased_for_good(erased, "programs", hers)


async def test_what_is_begun_after_the_order_stays() -> None:
    erased = await Erased().begin()
    program = await opened(erased.people)
    await erased.platform.settle()
    (await erased.send(ADMIN, f"{ORDER}/order", WHY)).raise_for_status()
    erased.platform.clock.forward(seconds=1)
    late = await enroll(erased.people, program, HER)
    await erased.carry_out()
    assert await erased.status(HER, f"{PATH}/{late}") == 200


async def test_it_follows_her_from_one_record_to_another_and_not_back() -> None:
    """As a relationship: parted again, what only came so is over for the other."""
    twice = await Twice().begin()
    both, one = [await opened(twice.people, "admin") for _ in range(2)]
    for program, teacher in ((both, OLD), (both, NEW), (one, OLD)):
        await enroll(twice.people, program, teacher, "admin")
    await twice.north.settle()
    match = await twice.merged()
    await twice.later()

    async def of(who: str) -> dict[str, str]:
        found = (await twice.get(who, PATH))["enrollments"]
        return {each["program_id"]: each["state"] for each in found}

    async def counts() -> list[int]:
        sizes = [await twice.get("admin", f"{PROGRAMS}/{each}/size") for each in (both, one)]
        return [each["enrolled_count"] for each in sizes]

    assert await of(NEW) == {both: "enrolled", one: "enrolled"}
    assert await counts() == [1, 1]
    await twice.separate(match)
    await twice.north.settle()
    await twice.later()
    assert await of(NEW) == {both: "enrolled", one: "withdrawn"}
    assert set((await of(OLD)).values()) == {"withdrawn"}
    assert await counts() == [1, 0]
    await enroll(twice.people, one, OLD, "admin")
    assert (await of(OLD))[one] == "enrolled"


async def test_parted_who_withdrew_is_who_said_so() -> None:
    twice = await Twice().begin()
    program = await opened(twice.people, "admin")
    hers = await enroll(twice.people, program, OLD, "admin")
    await twice.post(OLD, f"{PATH}/{hers}/withdraw")
    await twice.north.settle()
    match = await twice.merged()
    await twice.later()
    await twice.separate(match)
    await twice.north.settle()
    await twice.later()
    asked = {"program_id": program, "teacher_id": OLD}
    refused = await twice.north.ask("north/admin", "POST", PATH, asked, status=409)
    assert refused.json()["code"] == "withdrawn_by_teacher"
    assert (await twice.post(OLD, f"{PATH}/{hers}/rejoin"))["state"] == "enrolled"
    await enroll(twice.people, program, NEW, "admin")


async def test_they_go_when_they_have_had_their_time() -> None:
    keeping = Keeping()
    await keeping.begin()
    made = await enroll(keeping.people, await opened(keeping.people), HER)
    await keeping.platform.settle()
    await keeping.enacts(1, {}, enrollments=DAYS)
    await keeping.at(LAST)
    assert (await keeping.found("enrollments"))["years"][0]["records"] == 1
    await keeping.at(GONE)
    told = await keeping.found("enrollments")
    assert (told["years"], told["erased"]) == ([], 1)
    await erased_for_good(keeping, "programs", made)
    await keeping.at(GONE + timedelta(days=1))
    assert (await keeping.found("enrollments"))["erased"] == 0


async def test_she_acknowledges_the_policy_before_she_is_enrolled() -> None:
    keeping = Keeping()
    await keeping.begin()
    program = await opened(keeping.people)
    before = await enroll(keeping.people, program, HER)
    await keeping.people.post(HER, f"{PATH}/{before}/withdraw")
    terms = {"acknowledge_before_sharing": True}
    policy = await enacted(keeping.people, keeping.platform, ADMIN, 1, terms, goals=DAYS)
    for who, path, body in (
        (ADMIN, PATH, {"program_id": program, "teacher_id": BYSTANDER}),
        (HER, f"{PATH}/{before}/rejoin", None),
    ):
        refused = await keeping.send(who, path, body)
        assert (refused.status_code, refused.json()["code"]) == (409, "policy_not_acknowledged")
    said = {"statement_id": policy["statement_id"]}
    for who in (HER, BYSTANDER):
        await keeping.people.post(who, "/privacy/v1/acknowledgments", said)
    await keeping.platform.settle()
    await enroll(keeping.people, program, BYSTANDER)
    back = await keeping.people.post(HER, f"{PATH}/{before}/rejoin")
    assert back["state"] == "enrolled"
