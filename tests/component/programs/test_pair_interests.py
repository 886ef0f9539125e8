"""Who would like to be of a pair, and who is suggested to whom: by what each says herself, to the
two alone."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from tests.component.programs.test_enrollments import enroll, opened
from tests.component.test_erasures import ADMIN, BYSTANDER, HER, ORDER, WHY, Erased, erased_for_good
from tests.component.test_programs import ask, lead
from tests.component.test_retention import DAYS, GONE, Keeping
from tests.support.staff import PEOPLE, Staffed, staffed
from tests.support.twice import NEW, OLD, Twice

INTERESTS, SUGGESTIONS = "/programs/v1/pair-interests", "/programs/v1/pair-suggestions"
CIRCLES = "/programs/v1/circles"
HERS = {"offers": ["wait-time", "humor"], "seeks": ["class-talk"]}
OTHERS = {"offers": ["class-talk", "drawing"], "seeks": ["wait-time"]}


@pytest.fixture
async def north() -> Staffed:
    """`teacher` and `peer` at one school, `far` at another."""
    return await staffed(None, far=[("teacher@school-2", "", "")])


async def say(north: Staffed, who: str, **more: Any) -> Any:
    body = {**(HERS if who == "teacher" else OTHERS), **more}
    made = await ask(north, who, "POST", INTERESTS, body)
    assert made.status_code == 201, made.text
    return made.json()


async def suggested(north: Staffed, who: str = "teacher") -> list[Any]:
    found = await ask(north, who, "GET", SUGGESTIONS)
    assert found.status_code == 200, found.text
    told: list[Any] = found.json()["pair_suggestions"]
    return told


async def test_two_are_suggested_to_each_other_where_it_goes_both_ways(north: Staffed) -> None:
    await say(north, "teacher")
    assert await suggested(north) == []
    await say(north, "peer")
    assert await suggested(north) == [
        {
            "teacher_id": "peer",
            "teacher_name": "Given Peer",
            "offers_you": ["class-talk"],
            "seeks_of_you": ["wait-time"],
            "same_school": True,
            "program_ids": [],
        }
    ]
    (back,) = await suggested(north, "peer")
    assert (back["offers_you"], back["seeks_of_you"]) == (["wait-time"], ["class-talk"])
    await say(north, "peer", seeks=["drawing"])  # one way alone
    assert await suggested(north) == await suggested(north, "peer") == []


async def test_of_another_school_who_is_in_a_program_with_her(north: Staffed) -> None:
    await lead(north, org_ids=["school-1", "school-2"])
    for who in ("teacher", "far"):
        await say(north, who)
    assert await suggested(north) == []
    program = await opened(north)
    for who in ("teacher", "far"):
        assert (await enroll(north, program, who)).status_code == 201
    (one,) = await suggested(north)
    assert (one["teacher_id"], one["same_school"], one["program_ids"]) == ("far", False, [program])


async def test_page_by_page_each_is_told_once_in_an_order_that_says_nothing() -> None:
    north = await staffed(None, third=PEOPLE["teacher"], fourth=PEOPLE["teacher"])
    for who in ("teacher", "fourth", "peer", "third"):
        await say(north, who)
    told: list[str] = []
    token = ""
    for more in (True, True, False):
        query = f"{SUGGESTIONS}?page_size=1&page_token={token}".removesuffix("&page_token=")
        page = (await ask(north, "teacher", "GET", query)).json()
        told += [each["teacher_id"] for each in page["pair_suggestions"]]
        token = page["next_page_token"]
        assert bool(token) is more
    assert told == [each["teacher_id"] for each in await suggested(north)]
    assert sorted(told) == ["fourth", "peer", "third"]


async def test_nobody_else_sees_what_she_said_or_who_is_suggested(north: Staffed) -> None:
    await lead(north)
    await north.coached()
    mine = await say(north, "teacher")
    await say(north, "peer")
    path = f"{INTERESTS}/{mine['pair_interest_id']}"
    for who, status in (
        ("teacher", 200), ("peer", 404), ("coach", 404), ("leader", 404), ("aide", 404),
        ("admin", 404),
    ):  # fmt: skip
        assert await north.status(who, path) == status, who
    for who in ("coach", "leader", "aide", "admin"):
        assert await suggested(north, who) == [], who
        refused = await ask(north, who, "POST", INTERESTS, HERS)
        assert (refused.status_code, refused.json()["code"]) == (409, "not_a_teacher"), who
        assert (await ask(north, who, "POST", f"{path}/withdraw")).status_code == 404


async def test_said_from_two_devices_at_once_it_is_one(north: Staffed) -> None:
    said = await asyncio.gather(*(say(north, "teacher", seeks=[each]) for each in ("a", "b")))
    assert len({each["pair_interest_id"] for each in said}) == 1
    path = f"{INTERESTS}/{said[0]['pair_interest_id']}"
    now = (await ask(north, "teacher", "GET", path)).json()
    assert (now["version"], now["seeks"]) in ((2, ["a"]), (2, ["b"]))
    same = await say(north, "teacher", seeks=now["seeks"])
    assert same["version"] == 2  # said already
    late = await ask(north, "teacher", "POST", f"{path}/withdraw", seen='"1"')
    assert late.status_code == 412  # she has said something else since


async def test_taken_back_it_is_gone_at_once(north: Staffed) -> None:
    await say(north, "teacher")
    hers = await say(north, "peer")
    assert len(await suggested(north)) == 1
    gone = await ask(north, "peer", "POST", f"{INTERESTS}/{hers['pair_interest_id']}/withdraw")
    assert (gone.json()["state"], gone.json()["offers"]) == ("withdrawn", [])
    twice = await ask(north, "peer", "POST", f"{INTERESTS}/{hers['pair_interest_id']}/withdraw")
    assert (twice.status_code, twice.json()["code"]) == (409, "interest_withdrawn")
    assert await suggested(north) == await suggested(north, "peer") == []
    again = await say(north, "peer")
    assert again["pair_interest_id"] == hers["pair_interest_id"]
    assert len(await suggested(north)) == 1


async def test_both_accept_by_a_circle_and_who_said_no_is_suggested_no_more(
    north: Staffed,
) -> None:
    for who in ("teacher", "peer"):
        await say(north, who)
    pair = {"kind": "pair", "member_ids": ["teacher", "peer"]}
    made = (await ask(north, "teacher", "POST", CIRCLES, pair)).json()
    assert made["state"] == "proposed"
    assert await suggested(north) == await suggested(north, "peer") == []
    path = f"{CIRCLES}/{made['circle_id']}"
    assert (await ask(north, "peer", "POST", f"{path}/decline")).status_code == 200
    assert await suggested(north) == await suggested(north, "peer") == []
    told = (await ask(north, "teacher", "GET", path)).json()
    assert told["state"] == "ended"  # as if it had been taken back


async def test_who_teaches_no_more_or_comes_to_lead_is_suggested_no_more(north: Staffed) -> None:
    for who in ("teacher", "peer"):
        await say(north, who)
    assert len(await suggested(north)) == 1
    await north.roster(peer=[*PEOPLE["teacher"], ("principal", "", "")])
    assert await suggested(north) == await suggested(north, "peer") == []


async def test_it_counts_in_its_school_year_alone(north: Staffed) -> None:
    for who in ("teacher", "peer"):
        await say(north, who)
    north.clock.forward(days=300)  # in the next
    assert await suggested(north) == []
    for who in ("teacher", "peer"):
        await say(north, who)
    assert len(await suggested(north)) == 1


@pytest.mark.parametrize(
    "body",
    [
        {"offers": []},
        {"seeks": ["Two Words"]},
        {"offers": [f"w{number}" for number in range(11)]},
        {"teacher_id": "peer"},
    ],
    ids=str,
)
async def test_what_is_no_interest_stores_nothing(north: Staffed, body: dict[str, Any]) -> None:
    refused = await ask(north, "teacher", "POST", INTERESTS, {**HERS, **body})
    assert refused.status_code == 422, refused.text
    assert await suggested(north) == []


async def test_hers_is_erased_and_what_others_said_stays() -> None:
    erased = await Erased().begin()
    hers = str((await erased.people.post(HER, INTERESTS, HERS))["pair_interest_id"])
    others = str((await erased.people.post(BYSTANDER, INTERESTS, OTHERS))["pair_interest_id"])
    await erased.platform.settle()
    (await erased.send(ADMIN, f"{ORDER}/order", WHY)).raise_for_status()
    done = await erased.carry_out()
    counted = {each["service"]: each["erased"] for each in done["carried_out"]}
    assert (done["state"], counted["programs"]) == ("done", 2)  # a relationship, an interest
    await erased_for_good(erased, "programs", hers)
    assert await erased.status(BYSTANDER, f"{INTERESTS}/{others}") == 200
    said = [await erased.people.post(HER, INTERESTS, HERS) for _ in range(2)]
    (anew,) = {str(each["pair_interest_id"]) for each in said}
    assert anew != hers  # who is there again says anew what she would like to
    await erased_for_good(erased, "programs", hers)


async def test_it_follows_her_from_one_record_to_another_and_back() -> None:
    twice = await Twice().begin()
    made = str((await twice.post(OLD, INTERESTS, HERS))["pair_interest_id"])
    await twice.north.settle()
    match = await twice.merged()
    await twice.later()
    assert (await twice.get(NEW, f"{INTERESTS}/{made}"))["teacher_id"] == NEW
    again = await twice.post(NEW, INTERESTS, OTHERS)
    assert again["pair_interest_id"] == made
    await twice.separate(match)
    await twice.north.settle()
    await twice.later()
    assert (await twice.get(OLD, f"{INTERESTS}/{made}"))["teacher_id"] == OLD


async def test_it_goes_when_it_has_had_its_time() -> None:
    keeping = Keeping()
    await keeping.begin()
    made = str((await keeping.people.post(HER, INTERESTS, HERS))["pair_interest_id"])
    await keeping.platform.settle()
    await keeping.enacts(1, {}, pair_interests=DAYS)
    await keeping.at(GONE)
    assert (await keeping.found("pair_interests"))["erased"] == 1
    await erased_for_good(keeping, "programs", made)
    for year in range(2):  # nor is it for good that she has none
        anew = await keeping.people.post(HER, INTERESTS, HERS)
        assert (anew["pair_interest_id"], anew["school_year"]) != (made, 2027)
        await keeping.at(GONE + timedelta(days=366 * (year + 1)))
        assert (await keeping.found("pair_interests"))["erased"] == 1
