"""Who puts an observation right when its observer is, or is no longer, the teacher's coach."""

from __future__ import annotations

from datetime import timedelta

import pytest

from services.chassis.kernel import Fault
from services.observations.application.cancel_observation import cancel_observation
from services.observations.application.complete_observation import complete_observation
from services.observations.application.hand_over_observation import hand_over_observation
from services.observations.application.reschedule_observation import reschedule_observation
from services.observations.application.schedule_observation import schedule_observation
from services.observations.application.share_observation import share_observation
from services.observations.domain.observation import Observation, Setting
from tests.component.test_observation_access import record, schedule, tool
from tests.support.clocks import START
from tests.support.observations import ADMIN, COACH, OTHER_COACH, STRANGER, TEACHER, Service, call


async def completed(service: Service) -> str:
    made = await schedule(service, call("schedule_observation", COACH), await tool(service))
    await record(service, call("record_scores", COACH), made.id)
    await complete_observation(service.ports, call("complete_observation", COACH), made.id)
    return made.id


async def test_what_a_coach_who_left_did_not_share_the_teacher_shares() -> None:
    service = Service()
    made = await completed(service)
    with pytest.raises(Fault, match="observer_only"):
        await share_observation(service.ports, call("share_observation", TEACHER), made)
    service.roster.end(COACH)
    for other in (COACH, OTHER_COACH, ADMIN):
        with pytest.raises(Fault, match="not_found"):
            await share_observation(service.ports, call("share_observation", other), made)
    shared = await share_observation(service.ports, call("share_observation", TEACHER), made)
    assert shared.shared


async def test_she_may_hand_it_to_a_coach_of_hers_and_to_nobody_else() -> None:
    service = Service()
    made = await completed(service)
    service.roster.end(COACH)
    mine = call("hand_over_observation", TEACHER)
    for nobody in (STRANGER, COACH, ADMIN, "no-such-person"):
        with pytest.raises(Fault) as refused:
            await hand_over_observation(service.ports, mine, made, observer=nobody)
        assert refused.value.code in ("not_her_coach", "same_observer")
    handed = await hand_over_observation(service.ports, mine, made, observer=OTHER_COACH)
    assert handed.observer == OTHER_COACH
    shared = await share_observation(service.ports, call("share_observation", OTHER_COACH), made)
    assert shared.shared


async def test_or_call_it_off() -> None:
    service = Service()
    made = await completed(service)
    service.roster.end(COACH)
    gone = await cancel_observation(service.ports, call("cancel_observation", TEACHER), made)
    assert gone.cancelled_at == START


async def test_an_observation_is_not_moved_to_another_school_year() -> None:
    service = Service()
    made = await schedule(service, call("schedule_observation", COACH), await tool(service))
    moving = call("reschedule_observation", COACH)
    with pytest.raises(Fault, match="another_school_year") as refused:
        await reschedule_observation(
            service.ports, moving, made.id, scheduled_for=START + timedelta(days=365)
        )
    assert refused.value.place == "/scheduled_for"
    later = START + timedelta(days=1)
    moved = await reschedule_observation(service.ports, moving, made.id, scheduled_for=later)
    assert moved.scheduled_for == later


async def test_the_class_of_an_observation_is_one_of_hers() -> None:
    service = Service()
    with pytest.raises(Fault, match="unknown_class") as refused:
        await schedule_observation(
            service.ports,
            call("schedule_observation", COACH),
            teacher=TEACHER,
            tool_id=await tool(service),
            class_id="class-2",
            goal_id="",
            setting=Setting.LIVE,
            scheduled_for=START,
            school_year=None,
        )
    assert refused.value.place == "/class_id"


async def test_a_repeated_hand_over_is_answered_as_the_first_time() -> None:
    service = Service()
    made = await completed(service)
    service.roster.end(COACH)

    async def hand(content: str = "same") -> Observation:
        mine = call("hand_over_observation", TEACHER, key="k", content=content)
        return await hand_over_observation(service.ports, mine, made, observer=OTHER_COACH)

    assert (await hand()).observer == (await hand()).observer == OTHER_COACH
    with pytest.raises(Fault, match="idempotency_key_reused"):
        await hand("other")


async def test_a_former_observer_is_not_shown_what_became_of_it() -> None:
    service = Service()
    made = await completed(service)
    mine = call("hand_over_observation", COACH, key="k")
    await hand_over_observation(service.ports, mine, made, observer=OTHER_COACH)
    again = call("hand_over_observation", COACH, key="k")
    with pytest.raises(Fault, match="not_found"):
        await hand_over_observation(service.ports, again, made, observer=OTHER_COACH)


async def test_a_repeated_plan_is_answered_though_the_class_has_moved_on() -> None:
    service = Service()
    tool_id = await tool(service)
    first = await schedule(service, call("schedule_observation", COACH, key="k"), tool_id)
    service.roster.forget_classes()
    again = await schedule(service, call("schedule_observation", COACH, key="k"), tool_id)
    assert again == first
    with pytest.raises(Fault, match="unknown_class"):
        await schedule(service, call("schedule_observation", COACH, key="k2"), tool_id)
    with pytest.raises(Fault, match="unknown_class"):
        await schedule(service, call("schedule_observation", COACH), tool_id)
