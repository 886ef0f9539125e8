"""What was granted when two records of its teacher or its coach become one, or are parted, and when
nothing has told that it is over."""

from __future__ import annotations

from datetime import UTC, datetime

from services.access.merges import LAST_LOOK
from services.chassis.call import Call, Principal
from services.chassis.write.write_path import WritePath
from services.programs.request.codec import COACHING_REQUESTS
from services.programs.request.domain import CoachingRequest, RequestState
from tests.component.programs.test_coaching_requests import (
    REQUESTS,
    full,
    grant,
    planned,
    relationships,
    requested,
    state,
    told,
)
from tests.component.test_programs import ask, lead
from tests.support.staff import PEOPLE, Staffed, staffed
from tests.support.twice import MATCHES, NEW, OLD, Twice


async def accepted(north: Staffed, who: str, coach: str = "coach") -> tuple[str, str]:
    """A round of one place, and the request that has it, of which a relationship has come."""
    round_ = await planned(north, begin_date="2026-08-01", end_date="2027-06-01")
    id_ = await requested(north, round_, who)
    assert (await grant(north, round_, id_, coach)).status_code == 200
    await north.settle()
    (proposed,) = await relationships(north, who)
    assert (await north.answer(who, proposed["relationship_id"])).status_code == 200
    await north.settle()
    north.clock.forward(seconds=5)
    return round_, id_


async def granted_to_old() -> tuple[Twice, str, str]:
    twice = await Twice().begin()
    await lead(twice.north)
    for who in (OLD, NEW):
        (there,) = await relationships(twice.north, who)
        assert (await twice.north.answer(who, there["relationship_id"], "end")).is_success
    await twice.north.settle()
    twice.north.clock.forward(seconds=5)
    return twice, *await accepted(twice.north, OLD)


async def test_parted_again_what_was_granted_is_over_with_the_relationship() -> None:
    twice, round_, id_ = await granted_to_old()
    match = await twice.merged()
    await twice.later()
    assert (await state(twice.north, id_, NEW), await full(twice.north, round_)) == (
        "granted", True,
    )  # fmt: skip
    await twice.separate(match)
    await twice.north.settle()
    await twice.later()
    assert (await state(twice.north, id_, OLD), await full(twice.north, round_)) == (
        "ended", False,
    )  # fmt: skip


async def matched(north: Staffed, path: str, body: object = None) -> str:
    answer = await north.ask("north/admin", "POST", path, body)
    assert answer.is_success, answer.text
    await north.settle()
    north.clock.forward(seconds=LAST_LOOK.total_seconds())
    await north.settle()
    return str(answer.json()["match_id"])


async def test_so_it_is_where_the_coach_was_in_the_roster_twice() -> None:
    north = await staffed(None, coach2=PEOPLE["coach"])
    await lead(north)
    round_, id_ = await accepted(north, "teacher", "coach2")
    match = await matched(north, MATCHES, {"from_person_id": "coach2", "into_person_id": "coach"})
    await matched(north, f"{MATCHES}/{match}/confirm")
    assert (await state(north, id_), await full(north, round_)) == ("granted", True)
    await matched(north, f"{MATCHES}/{match}/separate")
    assert (await state(north, id_), await full(north, round_)) == ("ended", False)


async def granted_still(north: Staffed, id_: str) -> None:
    """As if nothing had followed the end of its relationship, or none had come of it yet."""
    programs, now = north.services["programs"].backing, north.clock.now()

    def act(each: CoachingRequest) -> None:
        each.state, each.over_at = RequestState.WAITING, None
        each.grant("coach", each.asked_at, each.granted_at or now)

    path = WritePath(programs.store, COACHING_REQUESTS, north.clock, programs.bell)
    await path.change(Call("follow_grant", Principal("north", person="aide")), id_, act)
    await north.settle()


async def test_what_ended_under_the_id_of_before_and_was_not_followed_is_over_when_it_moves() -> (
    None
):
    twice, _, id_ = await granted_to_old()
    there = (await relationships(twice.north, OLD))[0]["relationship_id"]
    assert (await twice.north.answer(OLD, there, "end")).is_success
    await twice.north.settle()
    assert await state(twice.north, id_, OLD) == "ended"
    await granted_still(twice.north, id_)
    assert await state(twice.north, id_, OLD) == "granted"
    await twice.merged()
    await twice.later()
    assert await state(twice.north, id_, NEW) == "ended"


async def handed_over(north: Staffed, who: str) -> None:
    (there,) = [each for each in await relationships(north, who) if each["coach_id"] == "coach"]
    path = f"/programs/v1/relationships/{there['relationship_id']}/hand-over"
    for by, to, body in (
        ("coach", path, {"coach_id": "other"}),
        (who, f"{path}/accept", {"coach_id": "other", "coach_sees": ["goals"]}),
    ):
        done = await ask(north, by, "POST", to, body)
        assert done.status_code == 200, done.text


async def test_where_another_coach_goes_on_so_does_what_was_granted() -> None:
    north = await staffed()
    await lead(north)
    round_, id_ = await accepted(north, "teacher")
    await handed_over(north, "teacher")
    await north.settle()
    north.clock.forward(seconds=LAST_LOOK.total_seconds())
    await north.settle()
    mine = await told(north, "teacher", f"{REQUESTS}/{id_}")
    assert (mine["state"], mine["coach_id"]) == ("granted", "other")
    assert await full(north, round_)
    (there,) = [each for each in await relationships(north) if each["coach_id"] == "other"]
    assert (await north.answer("teacher", there["relationship_id"], "end")).is_success
    await north.settle()
    assert (await state(north, id_), await full(north, round_)) == ("ended", False)


async def test_so_it_does_where_her_records_become_one_in_that_instant() -> None:
    twice, round_, id_ = await granted_to_old()
    await handed_over(twice.north, OLD)
    await twice.merged()
    await twice.later()
    mine = await told(twice.north, NEW, f"{REQUESTS}/{id_}")
    assert (mine["state"], mine["coach_id"]) == ("granted", "other")
    assert await full(twice.north, round_)


async def test_it_is_over_where_the_other_coach_may_not_coach_any_more() -> None:
    north = await staffed()
    await lead(north)
    round_, id_ = await accepted(north, "teacher")
    await handed_over(north, "teacher")
    await north.roster(other=None)
    await north.settle()
    for _ in range(2):
        north.clock.forward(seconds=LAST_LOOK.total_seconds())
        await north.settle()
    assert (await state(north, id_), await full(north, round_)) == ("ended", False)


async def test_what_nothing_has_ended_is_over_when_no_relationship_of_its_year_counts() -> None:
    north = await staffed()
    await lead(north)
    id_ = await requested(north, await planned(north))
    await granted_still(north, id_)
    for day, found in ((datetime(2027, 8, 31, 18, tzinfo=UTC), "granted"),
                       (datetime(2027, 9, 1, 18, tzinfo=UTC), "ended")):  # fmt: skip
        north.clock.set(day)
        await north.settle()
        assert await state(north, id_) == found, day
