"""Two records are two people after all: it is done whatever dies, and gives back what was each
one's, and nothing silently."""

from __future__ import annotations

from typing import Any

import pytest

from services.chassis.crash_points import Crashed, crashing
from services.roster.came import Came, given_back, moved
from tests.support.coaching import Coaching
from tests.support.platform import Platform
from tests.support.staff import Held
from tests.support.twice import MATCHES, NEW, OLD, Twice

GRANTS = "/roster/v1/grants"


@pytest.fixture
async def twice() -> Twice:
    return await Twice().begin()


async def grant(twice: Twice, holder: str, *reached: str) -> str:
    asked = {"person_id": holder, "role": "coach", "reason": "The post"}
    made = await twice.post("admin", GRANTS, {**asked, "person_ids": reached, "org_ids": []})
    await twice.north.settle()
    twice.north.clock.forward(minutes=1)
    return str(made["grant_id"])


async def reached(twice: Twice, id: str) -> list[str]:
    found: list[str] = (await twice.get("admin", f"{GRANTS}/{id}"))["person_ids"]
    return found


async def separated(twice: Twice, match: str) -> Any:
    told = await twice.post("admin", f"{MATCHES}/{match}/separate")
    await twice.north.settle()
    return told


@pytest.mark.parametrize("passed", [1, 2, 3])
async def test_a_separation_is_done_by_itself_whatever_has_died_on_the_way(
    twice: Twice, passed: int
) -> None:
    """`passed`: the writes that a request has begun, before it dies at the last of them."""
    goal = await twice.goal()
    await twice.north.settle()
    match = await twice.merged()
    begun = 0

    def die(point: str) -> None:
        nonlocal begun
        begun += point == "W2"
        if begun == passed:
            raise Crashed(point)

    with pytest.raises(Crashed), crashing(die):
        await twice.post("admin", f"{MATCHES}/{match}/separate")
    await twice.north.settle()
    told = await twice.get("admin", f"{MATCHES}/{match}")
    assert (told["state"], told["decided_by"]) == ("separated", "admin")
    assert await twice.goals(OLD, OLD) == {goal}
    await twice.proposed(NEW, "peer")  # nobody waits for it any more


async def test_who_asks_again_after_her_process_died_is_answered_with_what_became_of_it(
    twice: Twice,
) -> None:
    match = await twice.merged()
    path, key = f"{MATCHES}/{match}/separate", {"Idempotency-Key": "one"}

    def die(point: str) -> None:
        if point == "W2":
            raise Crashed(point)

    with pytest.raises(Crashed), crashing(die):
        await twice.north.ask("north/admin", "POST", path, headers=key)
    for _ in range(2):
        told = (await twice.north.ask("north/admin", "POST", path, headers=key)).json()
        assert (told["state"], told["version"]) == ("separated", 4)
    await twice.north.ask("north/admin", "POST", path, status=409)


async def test_what_reached_the_one_before_the_merge_reaches_her_again_and_the_other_no_more(
    twice: Twice,
) -> None:
    hers, both, kept = [await grant(twice, "aide", *ids) for ids in ([OLD], [OLD, NEW], [NEW])]
    match = await twice.merged()
    assert [await reached(twice, each) for each in (hers, both, kept)] == [[NEW]] * 3
    told = await separated(twice, match)
    assert [await reached(twice, each) for each in (hers, both, kept)] == [[OLD], [OLD, NEW], [NEW]]
    assert told["staying_grant_ids"] == told["staying_cover_ids"] == []
    assert told["staying_more"] == 0


async def test_days_that_are_changed_while_they_are_one_do_not_make_it_the_others(
    twice: Twice,
) -> None:
    hers = await grant(twice, "aide", OLD)
    match = await twice.merged()
    version = (await twice.get("admin", f"{GRANTS}/{hers}"))["version"]
    asked = {"person_ids": [NEW], "org_ids": [], "end_date": "2027-06-30", "reason": "Longer"}
    seen = {"If-Match": f'"{version}"'}
    path = f"{GRANTS}/{hers}/change"
    await twice.north.ask("north/admin", "POST", path, asked, headers=seen)
    await twice.north.settle()
    told = await separated(twice, match)
    assert await reached(twice, hers) == [OLD]
    assert told["staying_grant_ids"] == []


async def test_what_was_given_while_they_were_one_stays_and_is_listed(twice: Twice) -> None:
    before, own = await grant(twice, OLD, "peer"), await grant(twice, NEW, "peer")
    match = await twice.merged()
    given, reaches = await grant(twice, NEW, "peer"), await grant(twice, "aide", NEW)
    ended = await grant(twice, "aide", NEW)
    await twice.post("admin", f"{GRANTS}/{ended}/end", {"reason": "Over"})
    await twice.north.settle()
    told = await separated(twice, match)
    assert told["staying_grant_ids"] == sorted([given, reaches])
    for each, whose in ((before, OLD), (own, NEW), (given, NEW)):
        assert (await twice.get("admin", f"{GRANTS}/{each}"))["person_id"] == whose
    assert await reached(twice, reaches) == [NEW]
    again = await twice.get("admin", f"{MATCHES}/{match}")
    assert again["staying_grant_ids"] == told["staying_grant_ids"]
    await twice.merged()
    assert (await twice.get("admin", f"{MATCHES}/{match}"))["staying_grant_ids"] == []


async def taught(platform: Platform, teacher: str) -> set[str]:
    path = f"/roster/v1/classes?teacher_id={teacher}"
    found = (await platform.ask("north/admin-01", "GET", path)).json()["classes"]
    return {each["class_id"] for each in found}


@pytest.mark.parametrize("night", [False, True])
async def test_each_has_its_own_classes_and_roles_at_once_and_the_next_file_changes_nothing(
    night: bool,
) -> None:
    """`night`: a file has come while they were one."""
    platform = Platform()
    north = Coaching(platform)
    await north.import_roster()
    await platform.settle()
    source, target = "teacher-0001", "teacher-0002"
    hers, own = await taught(platform, source), await taught(platform, target)
    asked = {"from_person_id": source, "into_person_id": target}
    match = (await north.post("admin-01", MATCHES, asked))["match_id"]
    await north.post("admin-01", f"{MATCHES}/{match}/confirm")
    await platform.settle()
    assert await taught(platform, target) == own | hers != own
    if night:
        report = await north.import_roster()
        assert report["counts"]["classes"]["changed"] == 0
        assert report["counts"]["people"]["changed"] == 0
        await platform.settle()
    await north.post("admin-01", f"{MATCHES}/{match}/separate")
    await platform.settle()
    assert await taught(platform, target) == own
    assert await taught(platform, source) == hers
    report = await north.import_roster()
    assert report["counts"]["classes"]["changed"] == 0
    assert report["counts"]["people"]["changed"] == 0


@pytest.mark.parametrize("night", [False, True])
async def test_a_role_that_the_one_had_ends_for_the_other(twice: Twice, night: bool) -> None:
    north = twice.north
    more: dict[str, Held] = {"old": [("ext:coach", "", "")], "aide": [("teacher", "", "")]}
    await north.roster(**more)
    match = await twice.merged(OLD, "aide")
    if night:
        await north.roster(**more)

    async def roles_of(who: str) -> list[str]:
        found = (await twice.get("admin", f"/roster/v1/people/{who}"))["roles"]
        return sorted(each["role"] for each in found)

    assert await roles_of("aide") == ["ext:coach", "teacher"]
    await separated(twice, match)
    assert await roles_of("aide") == ["teacher"]
    assert await roles_of(OLD) == ["ext:coach"]
    await north.roster(**more)
    assert await roles_of("aide") == ["teacher"]


def test_several_that_are_named_as_one_are_told_apart_one_by_one() -> None:
    once = moved(("a", "b", "c", "x"), (), "a", "c")
    both = moved(*once, "b", "c")
    assert both[0] == ("c", "x")
    assert moved(*both, "b", "c") == both  # done again
    back = given_back(*both, "c", "a")
    assert back[0] == ("a", "c", "x")
    assert given_back(*back, "c", "a") == back
    assert given_back(*back, "c", "b") == (("a", "b", "c", "x"), ())


def test_who_is_named_only_for_others_is_named_until_the_last_of_them_is_given_back() -> None:
    both = moved(*moved(("a", "b"), (), "a", "c"), "b", "c")
    back = given_back(*both, "c", "b")
    assert back == (("b", "c"), (Came("c", "a"),))
    assert given_back(*back, "c", "a") == (("a", "b"), ())
