"""Who puts an observation right when its observer is, or is no longer, the teacher's coach."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from services.chassis.call import Call
from services.chassis.kernel import Fault
from services.observations.observation.cases import (
    HandOverObservation,
    RescheduleObservation,
    cancel_observation,
    complete_observation,
    hand_over_observation,
    reschedule_observation,
    share_observation,
)
from services.observations.observation.domain import Observation
from tests.support.clocks import START
from tests.support.observations import (
    ADMIN,
    COACH,
    OTHER_COACH,
    STRANGER,
    TEACHER,
    Service,
    call,
    published_tool,
    scheduled,
    scored,
)


async def planned(service: Service) -> Observation:
    who = call("schedule_observation", COACH)
    return await scheduled(service, who, await published_tool(service))


async def hand(service: Service, who: Call, made: str, to: str = OTHER_COACH) -> Observation:
    asked = HandOverObservation(observer_id=to)
    return await hand_over_observation(service.ports.observation, who, made, asked)


async def completed(service: Service) -> str:
    made = await planned(service)
    await scored(service, call("record_scores", COACH), made.id)
    who = call("complete_observation", COACH)
    await complete_observation(service.ports.observation, who, made.id)
    return made.id


async def share(service: Service, person: str, made: str) -> Observation:
    who = call("share_observation", person)
    return await share_observation(service.ports.observation, who, made)


async def test_what_a_coach_who_left_did_not_share_the_teacher_shares() -> None:
    service = Service()
    made = await completed(service)
    with pytest.raises(Fault, match="observer_only"):
        await share(service, TEACHER, made)
    service.roster.end(COACH)
    for other in (COACH, OTHER_COACH, ADMIN):
        with pytest.raises(Fault, match="not_found"):
            await share(service, other, made)
    shared = await share(service, TEACHER, made)
    assert shared.shared


async def test_she_may_hand_it_to_a_coach_of_hers_and_to_nobody_else() -> None:
    service = Service()
    made = await completed(service)
    service.roster.end(COACH)
    mine = call("hand_over_observation", TEACHER)
    for nobody in (STRANGER, COACH, ADMIN, "no-such-person"):
        with pytest.raises(Fault) as refused:
            await hand(service, mine, made, nobody)
        assert refused.value.code in ("not_her_coach", "same_observer")
    handed = await hand(service, mine, made)
    assert handed.observer == OTHER_COACH
    shared = await share(service, OTHER_COACH, made)
    assert shared.shared


async def test_or_call_it_off() -> None:
    service = Service()
    made = await completed(service)
    service.roster.end(COACH)
    who = call("cancel_observation", TEACHER)
    gone = await cancel_observation(service.ports.observation, who, made)
    assert gone.cancelled_at == START


async def test_an_observation_is_not_moved_to_another_school_year() -> None:
    service = Service()
    made = await planned(service)

    async def move(to: datetime) -> Observation:
        who = call("reschedule_observation", COACH)
        asked = RescheduleObservation(scheduled_for=to)
        return await reschedule_observation(service.ports.observation, who, made.id, asked)

    with pytest.raises(Fault, match="another_school_year") as refused:
        await move(START + timedelta(days=365))
    assert refused.value.place == "/scheduled_for"
    later = START + timedelta(days=1)
    moved = await move(later)
    assert moved.scheduled_for == later


async def test_the_class_of_an_observation_is_one_of_hers() -> None:
    service = Service()
    with pytest.raises(Fault, match="unknown_class") as refused:
        await scheduled(
            service,
            call("schedule_observation", COACH),
            await published_tool(service),
            class_id="class-2",
        )
    assert refused.value.place == "/class_id"


async def test_a_repeated_hand_over_is_answered_as_the_first_time() -> None:
    service = Service()
    made = await completed(service)
    service.roster.end(COACH)

    async def again(content: str = "same") -> Observation:
        mine = call("hand_over_observation", TEACHER, key="k", content=content)
        return await hand(service, mine, made)

    assert (await again()).observer == (await again()).observer == OTHER_COACH
    with pytest.raises(Fault, match="idempotency_key_reused"):
        await again("other")


async def test_a_former_observer_is_not_shown_what_became_of_it() -> None:
    service = Service()
    made = await completed(service)
    mine = call("hand_over_observation", COACH, key="k")
    await hand(service, mine, made)
    again = call("hand_over_observation", COACH, key="k")
    with pytest.raises(Fault, match="not_found"):
        await hand(service, again, made)


async def test_who_handed_it_over_is_not_shown_it_by_planning_it_again() -> None:
    service = Service()
    tool_id = await published_tool(service)
    made = await scheduled(service, call("schedule_observation", COACH, key="k"), tool_id)
    await hand(service, call("hand_over_observation", COACH), made.id)
    await scored(service, call("record_scores", OTHER_COACH), made.id)
    with pytest.raises(Fault, match="not_found"):
        await scheduled(service, call("schedule_observation", COACH, key="k"), tool_id)
    who = call("share_observation", OTHER_COACH)
    await complete_observation(
        service.ports.observation, call("complete_observation", OTHER_COACH), made.id
    )
    await share_observation(service.ports.observation, who, made.id)
    again = await scheduled(service, call("schedule_observation", COACH, key="k"), tool_id)
    assert again.observer == OTHER_COACH


async def test_a_repeated_plan_is_answered_though_the_class_has_moved_on() -> None:
    service = Service()
    tool_id = await published_tool(service)
    first = await scheduled(service, call("schedule_observation", COACH, key="k"), tool_id)
    service.roster.forget_classes()
    again = await scheduled(service, call("schedule_observation", COACH, key="k"), tool_id)
    assert again == first
    with pytest.raises(Fault, match="unknown_class"):
        await scheduled(service, call("schedule_observation", COACH, key="k2"), tool_id)
    with pytest.raises(Fault, match="unknown_class"):
        await scheduled(service, call("schedule_observation", COACH), tool_id)
