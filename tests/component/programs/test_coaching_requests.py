"""Rounds and requests over REST: who asks, who waits where, and how places are given."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from tests.component.test_programs import PROGRAMS, ask, draft, lead
from tests.support.staff import PEOPLE, Held, Staffed, staffed

ROUNDS, REQUESTS = "/programs/v1/coaching-rounds", "/programs/v1/coaching-requests"
TEACHERS = [f"t-{number}" for number in range(11)]
SAYS: dict[str, Any] = {
    "title": "Coaching in autumn",
    "options": [
        {"option_id": "talk", "label": "Eight weeks on talk in class"},
        {"option_id": "start", "label": "The first weeks in a new school"},
    ],
    "begin_date": "2026-09-14",
    "end_date": "2026-10-30",
    "capacity": 1,
}
WISHES = {"option_ids": ["talk"], "weekdays": ["tuesday"], "note": "Rather early"}


@pytest.fixture
async def north() -> Staffed:
    teachers: dict[str, Held | None] = dict.fromkeys(TEACHERS, PEOPLE["teacher"])
    platform = await staffed(None, **teachers)
    await lead(platform)
    return platform


async def planned(north: Staffed, by: str = "aide", **more: Any) -> str:
    """The id of a round of a program of hers."""
    program = str((await draft(north, by))["program_id"])
    assert (await ask(north, by, "POST", f"{PROGRAMS}/{program}/open")).status_code == 200
    made = await ask(north, by, "POST", ROUNDS, {"program_id": program, **SAYS, **more})
    assert made.status_code == 201, made.text
    return str(made.json()["coaching_round_id"])


async def request(north: Staffed, round_: str, who: str = "teacher", **more: Any) -> Any:
    body = {"coaching_round_id": round_, **WISHES, **more}
    north.clock.forward(seconds=1)  # so that each has an instant of her own
    return await ask(north, who, "POST", REQUESTS, body)


async def requested(north: Staffed, round_: str, who: str = "teacher") -> str:
    made = await request(north, round_, who)
    assert made.status_code == 201, made.text
    return str(made.json()["coaching_request_id"])


async def grant(
    north: Staffed, round_: str, id_: str, coach: str = "coach", by: str = "aide"
) -> Any:
    body = {"coaching_request_id": id_, "coach_id": coach}
    return await ask(north, by, "POST", f"{ROUNDS}/{round_}/grant", body)


async def told(north: Staffed, who: str, path: str) -> Any:
    found = await ask(north, who, "GET", path)
    assert found.status_code == 200, found.text
    return found.json()


async def state(north: Staffed, id_: str, who: str = "teacher") -> str:
    return str((await told(north, who, f"{REQUESTS}/{id_}"))["state"])


async def full(north: Staffed, round_: str) -> bool:
    return bool((await told(north, "teacher", f"{ROUNDS}/{round_}"))["full"])


async def relationships(north: Staffed, who: str = "teacher") -> list[Any]:
    found: list[Any] = (await told(north, who, "/programs/v1/relationships"))["relationships"]
    return found


async def test_she_asks_and_with_a_place_a_coach_is_proposed_whom_she_accepts(
    north: Staffed,
) -> None:
    round_ = await planned(north)
    seen = await told(north, "peer", f"{ROUNDS}/{round_}")
    assert (seen["state"], seen["full"], seen["allowed"]) == ("open", False, [])
    made = (await request(north, round_)).json()
    assert (made["state"], made["place"], made["waiting_count"]) == ("waiting", 1, 1)
    assert made["note"] == "Rather early"
    assert set(made["allowed"]) == {"edit_coaching_request", "withdraw_coaching_request"}
    assert (await request(north, round_)).json() == made
    granted = await grant(north, round_, made["coaching_request_id"])
    assert (granted.status_code, granted.json()["full"]) == (200, True)
    await north.settle()
    mine = await told(north, "teacher", f"{REQUESTS}/{made['coaching_request_id']}")
    assert (mine["state"], mine["coach_id"], mine["place"]) == ("granted", "coach", None)
    assert (mine["coach_name"], mine["allowed"]) == ("Given Coach", [])
    (proposed,) = await relationships(north)
    assert (proposed["state"], proposed["proposed_by"]) == ("proposed", "aide")
    assert proposed["school_year"] == mine["school_year"]
    refused = await north.answer("coach", proposed["relationship_id"])
    assert (refused.status_code, refused.json()["code"]) == (409, "not_yours_to_answer")
    assert (await north.answer("teacher", proposed["relationship_id"])).status_code == 200


async def test_what_came_of_it_is_over_with_the_relationship_and_the_place_is_free(
    north: Staffed,
) -> None:
    round_ = await planned(north)
    for how in ("decline", "end"):
        id_ = await requested(north, round_)
        assert (await grant(north, round_, id_)).status_code == 200
        await north.settle()
        north.clock.forward(seconds=5)
        (proposed,) = await relationships(north)
        if how == "end":
            assert (await north.answer("teacher", proposed["relationship_id"])).status_code == 200
        done = await north.answer("teacher", proposed["relationship_id"], how)
        assert done.status_code == 200, done.text
        await north.settle()
        assert await state(north, id_) == "ended"
        assert not await full(north, round_)
        assert await north.status("aide", f"{REQUESTS}/{id_}") == 404


async def test_a_place_in_the_queue_is_by_the_order_of_asking_and_numbered_nowhere(
    north: Staffed,
) -> None:
    round_ = await planned(north)
    ids = [await requested(north, round_, each) for each in TEACHERS]
    last = await told(north, "t-10", f"{REQUESTS}/{ids[10]}")
    assert (last["place"], last["waiting_count"]) == (11, 11)
    edited = await ask(north, "t-0", "POST", f"{REQUESTS}/{ids[0]}/edit", {"option_ids": ["start"]})
    assert (edited.json()["place"], edited.json()["note"]) == (1, "")
    assert (await ask(north, "t-1", "POST", f"{REQUESTS}/{ids[1]}/withdraw")).status_code == 200
    last = await told(north, "t-10", f"{REQUESTS}/{ids[10]}")
    assert (last["place"], last["waiting_count"]) == (10, 10)
    assert (await grant(north, round_, ids[0])).status_code == 200
    await north.settle()
    last = await told(north, "t-10", f"{REQUESTS}/{ids[10]}")
    assert (last["place"], last["waiting_count"]) == (9, 9)
    again = (await request(north, round_, "t-1")).json()
    assert (again["coaching_request_id"], again["place"]) == (ids[1], 10)
    listed = await told(north, "aide", f"{REQUESTS}?coaching_round_id={round_}")
    assert [each["coaching_request_id"] for each in listed["coaching_requests"]] == [
        *(ids[number] for number in (0, *range(2, 11), 1)),
    ]
    assert "place" not in listed["coaching_requests"][0]


async def test_nobody_but_her_and_who_leads_the_program_sees_it(north: Staffed) -> None:
    await lead(north, "peer")
    await north.coached()
    round_ = await planned(north)
    id_ = await requested(north, round_)
    for who, status in (
        ("teacher", 200), ("aide", 200), ("admin", 404), ("leader", 404), ("peer", 404),
        ("coach", 404), ("t-0", 404),
    ):  # fmt: skip
        assert await north.status(who, f"{REQUESTS}/{id_}") == status, who
    for who, status in (("aide", 200), ("admin", 404), ("leader", 404), ("peer", 404)):
        listed = await ask(north, who, "GET", f"{REQUESTS}?coaching_round_id={round_}")
        assert listed.status_code == status, who
    for who in ("peer", "admin"):
        assert (await grant(north, round_, id_, by=who)).status_code == 404, who
        down = await ask(north, who, "POST", f"{REQUESTS}/{id_}/turn-down")
        assert down.status_code == 404, who
    async with north.client("programs", "south/teacher") as client:
        for path in (f"{REQUESTS}/{id_}", f"{ROUNDS}/{round_}"):
            assert (await client.get(path)).status_code in (403, 404)


async def test_that_it_was_turned_down_is_told_to_her_alone(north: Staffed) -> None:
    round_ = await planned(north)
    id_ = await requested(north, round_)
    down = await ask(north, "aide", "POST", f"{REQUESTS}/{id_}/turn-down")
    assert (down.status_code, down.json()["state"]) == (200, "turned_down")
    assert await state(north, id_) == "turned_down"
    assert await north.status("aide", f"{REQUESTS}/{id_}") == 404
    listed = await told(north, "aide", f"{REQUESTS}?coaching_round_id={round_}")
    assert listed["coaching_requests"] == []
    query = f"{REQUESTS}?coaching_round_id={round_}&state=turned_down"
    assert (await told(north, "aide", query))["coaching_requests"] == []
    mine = (await told(north, "teacher", REQUESTS))["coaching_requests"]
    assert [each["state"] for each in mine] == ["turned_down"]
    assert await state(north, await requested(north, round_)) == "waiting"
    assert await state(north, id_, "aide") == "waiting"


async def test_of_two_who_give_away_the_last_place_one_does(north: Staffed) -> None:
    round_ = await planned(north)
    ids = [await requested(north, round_, each) for each in TEACHERS[:2]]
    both = await asyncio.gather(*(grant(north, round_, each) for each in ids))
    assert sorted(each.status_code for each in both) == [200, 409]
    assert {each.json().get("code") for each in both} == {None, "round_full"}
    await north.settle()
    states = [await state(north, id_, who) for id_, who in zip(ids, TEACHERS, strict=False)]
    assert sorted(states) == ["granted", "waiting"]


async def test_granted_again_it_has_one_place_and_another_coach_is_refused(
    north: Staffed,
) -> None:
    round_ = await planned(north, capacity=2)
    id_ = await requested(north, round_)
    assert (await grant(north, round_, id_)).status_code == 200
    assert (await grant(north, round_, id_)).json()["full"] is False
    other = await grant(north, round_, id_, "other")
    assert (other.status_code, other.json()["code"]) == (409, "request_granted")
    await north.settle()
    assert len(await relationships(north)) == 1
    refused = await ask(north, "teacher", "POST", f"{REQUESTS}/{id_}/withdraw")
    assert (refused.status_code, refused.json()["code"]) == (409, "request_granted")


async def test_what_she_took_back_in_the_instant_of_the_grant_gives_the_place_up(
    north: Staffed,
) -> None:
    round_ = await planned(north)
    id_ = await requested(north, round_)
    assert (await grant(north, round_, id_)).status_code == 200
    gone = await ask(north, "teacher", "POST", f"{REQUESTS}/{id_}/withdraw")
    assert gone.status_code == 200  # before the duty has run
    await north.settle()
    assert (await state(north, id_), await full(north, round_)) == ("withdrawn", False)
    assert await relationships(north) == []


async def test_a_coach_who_may_not_coach_any_more_is_not_proposed(north: Staffed) -> None:
    round_ = await planned(north)
    id_ = await requested(north, round_)
    refused = await grant(north, round_, id_, "leader")
    assert (refused.status_code, refused.json()["code"]) == (422, "not_a_coach")
    assert (await grant(north, round_, id_)).status_code == 200
    await north.roster(coach=None, **dict.fromkeys(TEACHERS, PEOPLE["teacher"]))
    await north.settle()
    assert (await state(north, id_), await full(north, round_)) == ("waiting", False)


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"coaching_round_id": "no-such-round"}, 422, "unknown_round"),
        ({"option_ids": ["tea"]}, 422, "unknown_option"),
        ({"option_ids": []}, 422, ""),
        ({"weekdays": ["sunday"]}, 422, ""),
        ({"note": "x" * 1_001}, 422, ""),
        ({"teacher_id": "peer"}, 422, ""),
    ],
    ids=str,
)
async def test_what_is_no_request_stores_nothing(
    north: Staffed, body: dict[str, Any], status: int, code: str
) -> None:
    round_ = await planned(north)
    refused = await request(north, round_, **body)
    assert refused.status_code == status, refused.text
    assert not code or refused.json()["code"] == code
    assert (await told(north, "teacher", REQUESTS))["coaching_requests"] == []


async def test_teachers_ask_from_the_first_day_to_the_last_or_as_it_is_opened_by_hand(
    north: Staffed,
) -> None:
    today = north.clock.now().date().isoformat()
    round_ = await planned(north, begin_date="2026-10-12")
    assert today < "2026-10-12"
    path = f"{ROUNDS}/{round_}"
    refused = await request(north, round_)
    assert (refused.status_code, refused.json()["code"]) == (409, "round_not_open")
    assert (await told(north, "teacher", path))["state"] == "planned"
    assert (await ask(north, "aide", "POST", f"{path}/open")).json()["state"] == "open"
    id_ = await requested(north, round_)
    assert (await ask(north, "admin", "POST", f"{path}/close")).json()["state"] == "closed"
    refused = await request(north, round_, "peer")
    assert (refused.status_code, refused.json()["code"]) == (409, "round_not_open")
    assert (await grant(north, round_, id_)).status_code == 200  # who has asked
    assert (await ask(north, "aide", "POST", f"{path}/open")).json()["state"] == "open"
    north.clock.forward(days=60)
    assert (await told(north, "teacher", path))["state"] == "closed"
    refused = await ask(north, "aide", "POST", f"{path}/open")
    assert (refused.status_code, refused.json()["code"]) == (409, "round_over")


async def test_who_neither_teaches_nor_coaches_asks_for_nothing(north: Staffed) -> None:
    round_ = await planned(north)
    for who in ("leader", "aide", "admin"):
        refused = await request(north, round_, who)
        assert (refused.status_code, refused.json()["code"]) == (409, "not_a_teacher"), who
    assert (await request(north, round_, "coach")).status_code == 201  # as a learner herself


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"program_id": "no-such-program"}, "unknown_program"),
        ({"options": [SAYS["options"][0]] * 2}, "option_repeated"),
        ({"end_date": "2026-08-01"}, "ends_before_it_begins"),
        ({"begin_date": "2026-08-01", "end_date": "2026-08-20"}, "round_over"),
        ({"end_date": "2028-09-01"}, "end_too_far"),
        ({"capacity": 0}, ""),
        ({"options": []}, ""),
    ],
    ids=str,
)
async def test_what_is_no_round_is_refused(north: Staffed, body: dict[str, Any], code: str) -> None:
    program = str((await draft(north, "admin"))["program_id"])
    draft_only = await ask(north, "admin", "POST", ROUNDS, {"program_id": program, **SAYS})
    assert (draft_only.status_code, draft_only.json()["code"]) == (409, "program_not_open")
    await ask(north, "admin", "POST", f"{PROGRAMS}/{program}/open")
    refused = await ask(north, "admin", "POST", ROUNDS, {"program_id": program, **SAYS, **body})
    assert refused.status_code == 422, refused.text
    assert not code or refused.json()["code"] == code


async def test_once_open_no_option_goes_and_there_are_no_fewer_places_than_are_taken(
    north: Staffed,
) -> None:
    round_ = await planned(north, capacity=3)
    path = f"{ROUNDS}/{round_}"
    for who in TEACHERS[:2]:
        id_ = await requested(north, round_, who)
        assert (await grant(north, round_, id_)).status_code == 200

    async def edit(**more: Any) -> Any:
        seen = f'"{(await told(north, "aide", path))["version"]}"'
        return await ask(north, "aide", "POST", f"{path}/edit", {**SAYS, **more}, seen=seen)

    refused = await edit(capacity=1)
    assert (refused.status_code, refused.json()["code"]) == (409, "places_taken")
    refused = await edit(options=SAYS["options"][:1])
    assert (refused.status_code, refused.json()["code"]) == (409, "option_offered")
    refused = await edit(begin_date="2026-10-20")  # it would be planned, and the option could go
    assert (refused.status_code, refused.json()["code"]) == (409, "round_begun")
    more = [*SAYS["options"], {"option_id": "more", "label": "More"}]
    edited = await edit(options=more, capacity=2, title="Another")
    assert (edited.json()["title"], edited.json()["full"]) == ("Another", True)


async def test_who_neither_leads_the_program_nor_administers_plans_no_round(
    north: Staffed,
) -> None:
    await lead(north, "peer")
    program = str((await draft(north))["program_id"])
    await ask(north, "aide", "POST", f"{PROGRAMS}/{program}/open")
    for who, status in (("peer", 404), ("teacher", 404), ("leader", 404), ("admin", 201)):
        made = await ask(north, who, "POST", ROUNDS, {"program_id": program, **SAYS})
        assert made.status_code == status, (who, made.text)
    listed = await told(north, "teacher", f"{ROUNDS}?program_id={program}")
    assert len(listed["coaching_rounds"]) == 1
