"""Trials and private strategies follow a person whose records become one, and go where what is hers
is erased; what is the district's stays."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any
from unittest.mock import patch

import pytest

from services.access.erasures import ErasesToo, Hers
from services.chassis.call import Call, Principal
from services.chassis.kernel import Fault
from services.chassis.write.write_path import WritePath
from services.goals.strategy.duties import private_ones
from services.goals.trial import cases as trials
from services.goals.trial.domain import Trial
from services.goals.trial.duties import all_trials
from tests.component.goals.test_trials import TEACHER, Trying
from tests.component.test_erasures import ADMIN, COACH, HER, ORDER, WHY, Erased
from tests.support.empty_view import EmptyView
from tests.support.twice import MATCHES, NEW, OLD, Twice

TRIALS, BANK = "/goals/v1/trials", "/goals/v1/strategies"
CANARY = "Canary-of-a-trial"
STRATEGY = {"title": CANARY, "about": CANARY, "license": "CC0-1.0"}


async def test_with_an_order_go_her_trials_and_what_she_has_not_published() -> None:
    erased = await Erased().begin()
    body = {"teacher_id": HER, "goal_id": erased.work["goals"], "words": CANARY}
    trial = (await erased.send(HER, TRIALS, body)).json()["trial_id"]
    await erased.send(COACH, f"{TRIALS}/{trial}/comments", {"text": CANARY})
    private = (await erased.send(HER, BANK, STRATEGY)).json()["strategy_id"]
    coachs = (await erased.send(COACH, BANK, STRATEGY)).json()["strategy_id"]
    beside = {"teacher_id": "teacher-0002", "goal_id": erased.beside, "words": "Wait"}
    stays = (await erased.send("teacher-0002", TRIALS, beside)).json()["trial_id"]
    await erased.platform.settle()
    (await erased.send(ADMIN, f"{ORDER}/order", WHY)).raise_for_status()
    done = await erased.carry_out()
    counts = {each["service"]: each["erased"] for each in done["carried_out"]}
    assert (done["state"], counts["goals"]) == ("done", 3)
    assert await erased.status(HER, f"{TRIALS}/{trial}") == 404
    assert await erased.status(HER, f"{BANK}/{private}") == 404
    assert await erased.status("teacher-0002", f"{TRIALS}/{stays}") == 200
    assert await erased.status(COACH, f"{BANK}/{coachs}") == 200
    told = await erased.get(HER, f"/insights/v1/timeline?teacher_id={HER}")
    assert trial not in str(told)


async def test_what_she_has_published_is_the_districts_and_stays() -> None:
    erased = await Erased().begin()
    order = f"/privacy/v1/erasures/{COACH}"
    place = (await erased.send(COACH, BANK, STRATEGY)).json()["strategy_id"]
    await erased.send(COACH, f"{BANK}/{place}/publish")
    private = (await erased.send(COACH, BANK, STRATEGY)).json()["strategy_id"]
    (await erased.send(ADMIN, f"{order}/order", WHY)).raise_for_status()
    await erased.platform.settle()
    await erased.later()
    assert (await erased.get(ADMIN, order))["state"] == "done"
    assert await erased.status(HER, f"{BANK}/{place}") == 200
    assert await erased.status(COACH, f"{BANK}/{private}") == 404


async def test_they_follow_her_and_go_back_when_the_two_are_parted() -> None:
    twice = await Twice().begin()
    goal = await twice.goal()
    body: Any = {"teacher_id": OLD, "goal_id": goal, "words": "Wait"}
    trial = (await twice.post(OLD, TRIALS, body))["trial_id"]
    private = (await twice.post(OLD, BANK, STRATEGY))["strategy_id"]
    await twice.north.settle()
    match = await twice.merged()
    seen = await twice.get(NEW, f"{TRIALS}/{trial}")
    assert (seen["teacher_id"], seen["planned_by"]) == (NEW, NEW)
    assert (await twice.get(NEW, f"{BANK}/{private}"))["author_id"] == NEW
    assert ("trial", trial) in await twice.timeline()
    await twice.post("admin", f"{MATCHES}/{match}/separate")
    await twice.north.settle()
    assert (await twice.get(OLD, f"{TRIALS}/{trial}"))["teacher_id"] == OLD
    assert await twice.north.status(NEW, f"{BANK}/{private}") == 404


async def test_a_goal_that_goes_while_a_trial_of_it_is_begun_leaves_none() -> None:
    """Erased after the look at it; the duty for what is left of it comes before the write, too."""
    people = await Trying().begin()
    look = trials._check_goal

    async def looks_then_it_goes(ports: trials.Ports, trial: Trial) -> None:
        await look(ports, trial)
        call = Call("erase", Principal(trial.district, person="x"))
        await ports.goals.erase(call, trial.goal, lambda goal: goal.erase())
        await people.platform.settle()

    body = {"teacher_id": TEACHER, "goal_id": people.goal, "words": "Wait"}
    with patch.object(trials, "_check_goal", looks_then_it_goes):
        assert await people.refused(TEACHER, TRIALS, body) == "unknown_goal"
    assert (await people.get(TEACHER, f"{TRIALS}?teacher_id={TEACHER}"))["trials"] == []


@pytest.mark.parametrize(
    ("of", "path", "erases"),
    [("trials", TRIALS, all_trials), ("strategies", BANK, private_ones)],
)
async def test_what_cannot_be_read_of_one_record_keeps_nothing_of_the_others(
    of: str, path: str, erases: Callable[[WritePath[Any]], ErasesToo]
) -> None:
    twice = await Twice().begin()
    made = []
    for record in (OLD, NEW):
        trial = {"teacher_id": record, "goal_id": await twice.goal(record), "words": "Wait"}
        one = await twice.post(record, path, trial if path == TRIALS else STRATEGY)
        made.append(one.get("trial_id") or one["strategy_id"])
    service: Any = twice.north.services["goals"]
    stored = service.backing.store._stored[made[0]]
    stored.document = replace(stored.document, schema=99)
    erase = erases(service.duties._works[f"transfer_{of}"].args[0].path)
    call = Call("erase_goals", Principal("north", duty="erase_goals"), key="order")
    later = twice.north.clock.now() + timedelta(seconds=1)
    with pytest.raises(Fault, match="needs_upgrade"):
        await erase(call, Hers([OLD, NEW], frozenset(), EmptyView(), "north"), later)
    assert await twice.north.status(NEW, f"{path}/{made[1]}") == 404
