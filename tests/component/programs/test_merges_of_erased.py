"""Two records become one, and what the kept one had in place of the other's is no more: it stays
erased, and holds up nothing beside it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from services.access.erasures import SECOND_LOOK
from services.chassis.call import Call, Principal
from services.chassis.duties.duty import GIVEN_UP
from services.chassis.write.write_path import WritePath
from services.programs.relationship.codec import RELATIONSHIPS as CODEC
from tests.component.test_retention import DAYS, GONE, enacted
from tests.component.test_retention_merged import Held
from tests.support.twice import NEW, OLD, TEACHES, Twice

RELATIONSHIPS = "/programs/v1/relationships"
MOMENT = timedelta(seconds=1)


async def related(twice: Twice, who: str) -> set[tuple[str, str]]:
    """Teacher and state of what somebody has as a coach."""
    found = (await twice.get(who, RELATIONSHIPS))["relationships"]
    return {(each["teacher_id"], each["state"]) for each in found if each["coach_id"] == who}


async def relationship_of(twice: Twice, teacher: str) -> str:
    found = (await twice.get("coach", RELATIONSHIPS))["relationships"]
    return str(next(each["relationship_id"] for each in found if each["teacher_id"] == teacher))


async def coached() -> Held:
    """Each of the two records has a relationship with `coach`, the one given up also with
    `peer`."""
    twice = Held()
    await twice.north.roster(old=TEACHES)
    for teacher in (OLD, NEW):
        await twice.north.coached("coach", teacher)
    await twice.north.coached("peer", OLD)
    return twice


async def erased(twice: Twice) -> None:
    await twice.post("admin", f"/privacy/v1/erasures/{NEW}/order", {"reason": "She asked."})
    await twice.north.settle()
    await twice.later(SECOND_LOOK + MOMENT)


async def given_up(twice: Twice) -> list[str]:
    todos = twice.north.services["programs"].backing.todos("programs-duties")
    return [each.duty for each in await todos.list([GIVEN_UP])]


async def test_the_others_relationships_follow_past_one_that_retention_has_erased() -> None:
    twice = await coached()
    ended = await relationship_of(twice, NEW)
    await twice.post("coach", f"{RELATIONSHIPS}/{ended}/end")
    await enacted(twice.people, twice.north, "admin", 1, relationships=DAYS)
    twice.north.clock.set(GONE)
    await twice.north.settle()
    assert await related(twice, "coach") == {(OLD, "active")}
    await twice.merged()
    await twice.later(timedelta(hours=1))
    assert await given_up(twice) == []
    assert await related(twice, "peer") == {(OLD, "ended"), (NEW, "active")}
    assert await related(twice, "coach") == {(OLD, "ended")}


async def test_the_others_relationships_follow_past_one_that_was_erased_on_order() -> None:
    twice = await coached()
    await erased(twice)
    await twice.merged()
    await twice.later(timedelta(hours=1))
    assert await given_up(twice) == []
    assert (NEW, "active") in await related(twice, "peer")
    assert (NEW, "active") not in await related(twice, "coach")


async def test_what_was_erased_of_two_is_not_begun_anew_in_its_year() -> None:
    twice = await coached()
    await erased(twice)
    asked = {"coach_id": "coach", "teacher_id": NEW}
    answer = await twice.north.ask("north/coach", "POST", RELATIONSHIPS, asked, status=409)
    assert answer.json()["code"] == "erased"


async def test_what_was_erased_in_the_new_year_is_not_said_to_be_carried_over() -> None:
    twice = await coached()
    twice.north.clock.set(GONE)
    asked: dict[str, Any] = {"from_school_year": 2027, "to_school_year": 2028}
    place = f"{RELATIONSHIPS}/carry-over"
    await twice.post("admin", place, asked)
    await twice.north.settle()
    later = next(
        each["relationship_id"]
        for each in (await twice.get("peer", RELATIONSHIPS))["relationships"]
        if each["school_year"] == 2028
    )
    programs, clock = twice.north.services["programs"], twice.north.clock
    path = WritePath(programs.backing.store, CODEC, clock, programs.backing.bell)
    await path.erase(Call("erase", Principal("north")), later, lambda each: each.erase())
    for looks in (True, False):
        told = await twice.post("admin", place, {**asked, "validate_only": looks})
        reasons = {each["coach_id"]: each["reason"] for each in told["skipped"]}
        assert reasons == {"peer": "already_over", "coach": "already_there"}, looks
