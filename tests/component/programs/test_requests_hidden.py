"""What a teacher asks for in a round is told to whom it is said to, and to nobody in a roundabout
way."""

from __future__ import annotations

from services.chassis.write.ids import derived_id
from tests.component.programs.test_coaching_requests import (
    REQUESTS,
    ROUNDS,
    TEACHERS,
    grant,
    planned,
    request,
    requested,
)  # fmt: skip
from tests.component.test_programs import ask, lead
from tests.support.staff import PEOPLE, Held, Staffed, staffed


async def begun() -> Staffed:
    teachers: dict[str, Held | None] = dict.fromkeys(TEACHERS, PEOPLE["teacher"])
    return await staffed(None, **teachers)


async def test_who_leads_a_school_is_told_of_none_also_where_she_leads_the_program() -> None:
    north = await begun()
    given = {"person_id": "leader", "role": "program_lead", "org_ids": ["school-1"], "reason": "x"}
    await north.ask("north/admin", "POST", "/roster/v1/grants", given)
    await north.settle()
    round_ = await planned(north, "leader")
    id_ = await requested(north, round_)
    listed = await ask(north, "leader", "GET", f"{REQUESTS}?coaching_round_id={round_}")
    assert (listed.status_code, listed.json().get("coaching_requests")) in ((404, None), (200, []))
    assert (await ask(north, "leader", "GET", f"{REQUESTS}/{id_}")).status_code == 404
    refused = await grant(north, round_, id_, by="leader")
    assert (refused.status_code, refused.json()["code"]) == (422, "unknown_request")
    assert (await ask(north, "leader", "POST", f"{REQUESTS}/{id_}/turn-down")).status_code == 404


async def test_no_explanation_tells_whether_somebody_has_asked() -> None:
    north = await begun()
    await lead(north)
    round_ = await planned(north)
    await request(north, round_, "t-1")
    told = set()
    for who in ("t-1", "t-2"):
        id_ = derived_id("coaching_request", "north", round_, who)
        asked = f"person_id=aide&teacher_id={who}&operation=get_coaching_request&thing_id={id_}"
        answer = await ask(north, "admin", "GET", f"/programs/v1/access-explanations?{asked}")
        told.add((answer.status_code, answer.json()["code"]))
    assert told == {(422, "names_no_thing")}


async def test_a_round_tells_nobody_how_many_places_are_free() -> None:
    north = await begun()
    await lead(north)
    round_ = await planned(north, capacity=3)
    id_ = await requested(north, round_)
    before = (await ask(north, "leader", "GET", f"{ROUNDS}/{round_}")).json()
    assert (await grant(north, round_, id_)).status_code == 200
    after = (await ask(north, "leader", "GET", f"{ROUNDS}/{round_}")).json()
    assert {name for name in before if before[name] != after[name]} == {"version"}
