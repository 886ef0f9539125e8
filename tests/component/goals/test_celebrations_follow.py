"""Celebrations follow a person whose records become one, and go with what they are of."""

from __future__ import annotations

from typing import Any
from unittest.mock import patch

import pytest

from services.access.merges import LAST_LOOK
from services.chassis.call import Call, Principal
from services.goals.celebration import cases
from tests.component.goals.test_celebrations import CIRCLES, PATH, TRIALS, Celebrating
from tests.component.test_erasures import ADMIN, COACH, HER, ORDER, WHY, Erased
from tests.component.test_retention import DAYS, GONE, Keeping
from tests.support.staff import PEOPLE, Held, staffed
from tests.support.twice import MATCHES, NEW, OLD, Twice

GOALS = "/goals/v1/goals"


@pytest.fixture
async def people() -> Celebrating:
    more: dict[str, Held | None] = {"colleague": PEOPLE["peer"]}
    return await Celebrating(await staffed(None, **more)).begin()


async def test_with_an_order_goes_what_was_sent_to_her_and_it_is_counted() -> None:
    erased = await Erased().begin()
    await erased.send(HER, f"{GOALS}/{erased.work['goals']}/achieve")
    body = {"teacher_id": HER, "fact": "achieved", "goal_id": erased.work["goals"]}
    sent = (await erased.send(COACH, PATH, body)).json()["celebration_id"]
    await erased.platform.settle()
    (await erased.send(ADMIN, f"{ORDER}/order", WHY)).raise_for_status()
    done = await erased.carry_out()
    counts = {each["service"]: each["erased"] for each in done["carried_out"]}
    assert (done["state"], counts["goals"]) == ("done", 2)
    assert await erased.status(HER, f"{PATH}/{sent}") == 404


async def test_they_follow_her_and_go_back_when_the_two_are_parted() -> None:
    twice = await Twice().begin()
    goal = await twice.goal()
    await twice.post(OLD, f"{GOALS}/{goal}/achieve")
    body: Any = {"teacher_id": OLD, "fact": "achieved", "goal_id": goal}
    sent = [(await twice.post(by, PATH, body))["celebration_id"] for by in (OLD, "coach")]
    await twice.north.settle()
    match = await twice.merged()
    hers, his = [await twice.get(NEW, f"{PATH}/{each}") for each in sent]
    assert (hers["teacher_id"], hers["sent_by"]) == (NEW, NEW)
    assert (his["teacher_id"], his["sent_by"], his["outdated"]) == (NEW, "coach", False)
    await twice.post("admin", f"{MATCHES}/{match}/separate")
    await twice.north.settle()
    assert (await twice.get(OLD, f"{PATH}/{sent[1]}"))["teacher_id"] == OLD
    assert await twice.north.status(NEW, f"{PATH}/{sent[0]}") == 404


async def test_a_peer_whose_record_was_taken_for_hers_has_sent_it_still() -> None:
    twice = await Twice().begin()
    asked = {"kind": "pair", "member_ids": [OLD, NEW], "shows": ["goals"]}
    circle = (await twice.post(OLD, CIRCLES, asked))["circle_id"]
    await twice.post(NEW, f"{CIRCLES}/{circle}/join", {"shows": []})
    await twice.north.settle()
    goal = await twice.goal()
    await twice.post(OLD, f"{GOALS}/{goal}/achieve")
    body: Any = {"teacher_id": OLD, "fact": "achieved", "goal_id": goal}
    path = f"{PATH}/{(await twice.post(NEW, PATH, body))['celebration_id']}"
    await twice.north.settle()
    match = await twice.merged()
    merged = await twice.get(NEW, path)
    assert (merged["teacher_id"], merged["sent_by"]) == (NEW, NEW)
    await twice.separate(match)
    await twice.north.settle()
    parted = await twice.get(OLD, path)
    assert (parted["teacher_id"], parted["sent_by"]) == (OLD, NEW)


async def test_the_same_fact_is_celebrated_once_whichever_record_it_is_of() -> None:
    twice = await Twice().begin()
    goal = await twice.goal()
    await twice.post(OLD, f"{GOALS}/{goal}/achieve")
    body: Any = {"teacher_id": OLD, "fact": "achieved", "goal_id": goal}
    await twice.post("coach", PATH, body)
    await twice.north.settle()
    await twice.merged()
    again = {**body, "teacher_id": NEW}
    told = (await twice.people.asks.ask("north/coach", "POST", PATH, again, status=409)).json()
    assert told["code"] == "already_celebrated"


async def test_it_is_still_of_who_sent_it_when_her_record_is_given_up_for_another() -> None:
    north = await staffed(None, second=[("ext:coach", "", "")], colleague=PEOPLE["peer"])
    people = await Celebrating(north).begin()
    goal = await people.achieved()
    made = await people.send("coach", goal)
    asked = {"from_person_id": "coach", "into_person_id": "second"}
    match = (await people.post("admin", MATCHES, asked))["match_id"]
    path, every = f"{PATH}/{made['celebration_id']}", f"{PATH}?teacher_id=teacher"
    await people.post("admin", f"{MATCHES}/{match}/confirm")
    await north.settle()
    north.clock.forward(seconds=LAST_LOOK.total_seconds())
    await north.settle()
    told = (await people.asks.ask("north/second", "GET", path)).json()
    listed = (await people.asks.ask("north/second", "GET", every)).json()
    assert (told["sent_by"], listed["celebrations"]) == ("second", [told])
    assert await people.refused("second", goal, 409) == "already_celebrated"
    await people.post("admin", f"{MATCHES}/{match}/separate")
    await north.settle()
    assert await north.status("second", path) == 404
    assert (await people.asks.ask("north/teacher", "GET", path)).json()["sent_by"] == "coach"


async def test_it_goes_with_its_goal_when_that_has_had_its_time() -> None:
    keeping = Keeping()
    await keeping.begin()
    goal = keeping.work["goals"]
    await keeping.send(HER, f"{GOALS}/{goal}/achieve")
    body = {"teacher_id": HER, "fact": "achieved", "goal_id": goal}
    sent = (await keeping.send(HER, PATH, body)).json()["celebration_id"]
    await keeping.enacts(1, goals=DAYS)
    assert await keeping.status(HER, f"{PATH}/{sent}") == 200
    await keeping.at(GONE)
    assert await keeping.status(HER, f"{GOALS}/{goal}") == 404
    assert await keeping.status(HER, f"{PATH}/{sent}") == 404


async def test_it_goes_with_its_trial(people: Celebrating) -> None:
    trial = await people.kept(await people.active_goal("teacher", "teacher"))
    made = await people.send("coach", fact="trial_kept", trial_id=trial)
    service: Any = people.north.services["goals"]
    trials = service.duties._works["transfer_trials"].args[0].path
    await trials.erase(Call("erase", Principal("north", person="x")), trial, lambda it: it.erase())
    await people.north.settle()
    assert await people.north.status("teacher", f"{TRIALS}/{trial}") == 404
    assert await people.north.status("teacher", f"{PATH}/{made['celebration_id']}") == 404


async def test_a_goal_that_goes_while_it_is_celebrated_leaves_nothing(
    people: Celebrating,
) -> None:
    """Erased after the look at it; the duty for what is left of it comes before the write, too."""
    goal, look = await people.achieved(), cases.ground_of

    async def looks_then_it_goes(ports: cases.Ports, new: Any) -> Any:
        found = await look(ports, new)
        call = Call("erase", Principal("north", person="x"))
        await ports.goals.erase(call, goal, lambda each: each.erase())
        await people.north.settle()
        return found

    with patch.object(cases, "ground_of", looks_then_it_goes):
        assert await people.refused("coach", goal) == ("unknown_goal", "/goal_id")
    assert await people.ids("teacher", PATH) == []


async def test_what_a_crash_has_left_goes_when_it_is_sent_again(people: Celebrating) -> None:
    """Made, but whether its goal was erased meanwhile nobody has asked."""
    goal, look = await people.achieved(), cases.ground_of
    made = await people.send("coach", goal)
    path = f"{PATH}/{made['celebration_id']}"

    async def looks_then_it_goes(ports: cases.Ports, new: Any) -> Any:
        found = await look(ports, new)
        call = Call("erase", Principal("north", person="x"))
        await ports.goals.erase(
            call, goal, lambda each: each.erase()
        )  # and the duty is yet to come
        return found

    with patch.object(cases, "ground_of", looks_then_it_goes):
        assert await people.refused("coach", goal) == ("unknown_goal", "/goal_id")
    assert await people.north.status("teacher", path) == 404
