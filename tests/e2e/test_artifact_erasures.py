"""Single things of a teacher are erased from real engines by processes that die on the way."""

from __future__ import annotations

from functools import partial
from typing import Any

from services.assembly.registry import SERVICES
from services.chassis.log.connections import Proof
from services.ctl.erased import ErasureCheck, reaching
from services.ctl.erasure_orders import artifact_order
from tests.e2e.test_erasures import dead, true
from tests.support.coaching import Coaching
from tests.support.stack import RunningStack
from tests.support.waiting import eventually

HER, COACH, ADMIN = "teacher-0005", "coach-02", "admin-01"
ORDERS = "/privacy/v1/artifact-erasures"
DYING = {"goals": "E1", "surveys": "W2"}


async def test_a_goal_and_a_class_survey_go_alone_and_leave_tombstones(
    north: Coaching, stack: RunningStack
) -> None:
    goal = await north.active_goal(COACH, HER, statement="One that goes")
    stays = await north.active_goal(COACH, HER, statement="One that stays")
    tried = {"teacher_id": HER, "goal_id": goal, "words": "It goes along"}
    trial = (await north.post(HER, "/goals/v1/trials", tried))["trial_id"]
    measure = await north.published_measure(COACH)
    taught = await north.asks.ask(north.who(HER), "GET", f"/roster/v1/classes?teacher_id={HER}")
    class_id = taught.json()["classes"][0]["class_id"]
    survey, codes = await north.open_survey(HER, measure, class_id, 12)
    await north.answer(survey, codes[0], 3)
    held = await north.post(ADMIN, f"/privacy/v1/erasures/{HER}/hold", {"reason": "A lawsuit."})
    assert held["state"] == "held"
    orders = [await order(north, "goal", goal), await order(north, "administration", survey)]
    for service, point in DYING.items():
        await stack.end(service)
        stack.start(service, TANDEM_CRASH_AT=point)
        await stack.ready(service)
    await north.post(ADMIN, f"/privacy/v1/erasures/{HER}/release", {"reason": "It is over."})
    for service in DYING:
        await eventually(partial(dead, stack, service), timeout=90)
        await stack.kill(service)
        stack.start(service)
        await stack.ready(service)
    done = [await carried_out(stack, north, each) for each in orders]
    assert {each["state"] for each in done} == {"done"}
    async with stack.client("goals", north.who(HER)) as client:
        paths = [f"/goals/v1/goals/{goal}", f"/goals/v1/trials/{trial}", f"/goals/v1/goals/{stays}"]
        assert [(await client.get(each)).status_code for each in paths] == [404, 404, 200]
    for artifact, service, told in ((goal, "goals", done[0]), (survey, "surveys", done[1])):
        report = await look(stack, artifact)
        assert (report["state"], report["told"]) == ("done", [])
        erased = {name: count for name, count in report["erased"].items() if count}
        assert erased == {service: told["erased"]}  # the trial may have gone by itself
    await eventually(lambda: true(stack), timeout=30)


async def order(north: Coaching, kind: str, artifact: str) -> str:
    asked = {"kind": kind, "artifact_id": artifact, "person_id": HER, "reason": "Asked for."}
    said = await north.post(ADMIN, ORDERS, asked)
    assert said["state"] == "pending"
    return str(said["artifact_erasure_id"])


async def carried_out(stack: RunningStack, north: Coaching, id_: str) -> Any:
    told: dict[str, Any] = {}

    async def done() -> bool:
        told.update((await stack.ask(north.who(ADMIN), "GET", f"{ORDERS}/{id_}")).json())
        return str(told["state"]) == "done"

    await eventually(done, timeout=180)
    return told


async def look(stack: RunningStack, artifact: str) -> dict[str, Any]:
    """As `tandem privacy verify-erasure --artifact` does."""
    databases = {}
    for service in SERVICES:
        own = stack._backing(service).database
        assert own is not None
        databases[service] = own
    order = await artifact_order(databases["privacy"], "north", HER, artifact)
    return await ErasureCheck(databases, order, reaching(stack.stack.kafka, Proof())).run()
