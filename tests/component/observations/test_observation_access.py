"""Who may do what with an observation, over the write path on memory adapters."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace

import pytest

from services.chassis.call import Call, Principal
from services.chassis.kernel import Aggregate, Fault
from services.chassis.write.documents import Document
from services.chassis.write.memory_documents import MemoryDocuments
from services.observations.observation.cases import complete_observation, share_observation
from services.observations.observation.codec import OBSERVATIONS
from services.observations.observation.domain import Observation
from services.observations.observation.lists import list_observations, seen_by
from services.observations.observation.outline import ObservationState
from tests.support.counting_documents import CountingDocuments
from tests.support.documents_suite import event
from tests.support.observations import (
    ADMIN,
    COACH,
    LEADER,
    OTHER_COACH,
    POLICIES,
    STRANGER,
    TEACHER,
    Service,
    call,
    new_observation,
    published_tool,
    scheduled,
    scored,
)

Act = Callable[[Service, Call, str], Awaitable[Aggregate]]


async def record(service: Service, who: Call, id: str) -> Observation:
    return await scored(service, who, id, notes=[("", "calm")])


async def acknowledge(service: Service, who: Call, id: str) -> Observation:
    held = service.ports.observation.observations
    return await held.move(who, id, Observation.acknowledge)


async def get(service: Service, who: Call, id: str) -> Observation:
    return await service.ports.observation.observations.get(who, id)


ACTS: dict[str, Act] = {
    "record_scores": record,
    "complete_observation": lambda s, who, made: complete_observation(
        s.ports.observation, who, made
    ),
    "share_observation": lambda s, who, made: share_observation(s.ports.observation, who, made),
    "acknowledge_observation": acknowledge,
    "get_observation": get,
}
BEFORE = {
    "record_scores": [],
    "complete_observation": ["record_scores"],
    "share_observation": ["record_scores", "complete_observation"],
    "acknowledge_observation": ["record_scores", "complete_observation", "share_observation"],
    "get_observation": ["record_scores"],
}


async def ready_for(service: Service, operation: str, observer: str = COACH) -> str:
    tool_id = await published_tool(service)
    made = await scheduled(service, call("schedule_observation", observer), tool_id)
    for each in BEFORE[operation]:
        await ACTS[each](service, call(each, observer), made.id)
    return made.id


async def outcome(act: Awaitable[object], who: Call) -> str:
    try:
        await act
    except Fault as fault:
        return fault.code
    assert who.decided
    return "yes"


NOBODY_ELSE = {STRANGER: "not_found", ADMIN: "not_found", LEADER: "not_found"}
OBSERVER_ONLY = {COACH: "yes", TEACHER: "observer_only", OTHER_COACH: "not_found", **NOBODY_ELSE}
MATRIX: dict[str, dict[str, str]] = {
    "record_scores": OBSERVER_ONLY,
    "complete_observation": OBSERVER_ONLY,
    "share_observation": OBSERVER_ONLY,
    "acknowledge_observation": {
        TEACHER: "yes",
        COACH: "not_found",
        OTHER_COACH: "not_found",
        **NOBODY_ELSE,
    },
    "get_observation": {
        TEACHER: "yes",
        COACH: "yes",
        OTHER_COACH: "not_found",
        **NOBODY_ELSE,
    },
}
CASES = [(op, who, expected) for op, row in MATRIX.items() for who, expected in row.items()]


@pytest.mark.parametrize(("operation", "person", "expected"), CASES)
async def test_who_may_do_what(operation: str, person: str, expected: str) -> None:
    service = Service()
    made = await ready_for(service, operation)
    who = call(operation, person)
    assert await outcome(ACTS[operation](service, who, made), who) == expected


@pytest.mark.parametrize("operation", [each for each in ACTS if each != "acknowledge_observation"])
async def test_with_the_relationship_the_observers_access_ends(operation: str) -> None:
    service = Service()
    made = await ready_for(service, operation)
    service.roster.end(COACH)
    who = call(operation, COACH)
    assert await outcome(ACTS[operation](service, who, made), who) == "not_found"
    theirs = call("get_observation", TEACHER)
    assert await outcome(ACTS["get_observation"](service, theirs, made), theirs) == "yes"


@pytest.mark.parametrize(
    ("person", "expected"),
    [(TEACHER, "yes"), (COACH, "yes"), (OTHER_COACH, "yes"), *NOBODY_ELSE.items()],
)
async def test_who_may_schedule(person: str, expected: str) -> None:
    service = Service()
    tool_id = await published_tool(service)
    who = call("schedule_observation", person)
    assert await outcome(scheduled(service, who, tool_id), who) == expected


async def test_a_teacher_observes_herself_through_all_steps() -> None:
    service = Service()
    made = await ready_for(service, "acknowledge_observation", observer=TEACHER)
    who = call("acknowledge_observation", TEACHER)
    assert await outcome(ACTS["acknowledge_observation"](service, who, made), who) == "yes"


async def test_the_teacher_reads_scores_and_notes_before_they_are_shared() -> None:
    service = Service()
    made = await ready_for(service, "get_observation")
    found = await get(service, call("get_observation", TEACHER), made)
    assert [each.score for each in found.scores] == [3]
    assert [each.text for each in found.notes] == ["calm"]


async def test_another_coach_lists_only_what_is_shared_and_pages_are_full() -> None:
    service = Service()
    tool_id = await published_tool(service)
    shared = []
    for index in range(6):
        made = await scheduled(service, call("schedule_observation", COACH), tool_id)
        if index % 2:
            for step in BEFORE["acknowledge_observation"]:
                await ACTS[step](service, call(step, COACH), made.id)
            shared.append(made.id)
    shared.sort(reverse=True)  # all of them take place at one time

    async def page(person: str, after: str, limit: int) -> tuple[list[str], str]:
        who = call("list_observations", person)
        found = await list_observations(
            service.ports.observation, who, teacher_id=TEACHER, after=after, limit=limit
        )
        return [each.id for each in found.items], found.after

    first, after = await page(OTHER_COACH, "", 2)
    assert first == shared[:2]
    assert (await page(OTHER_COACH, after, 2))[0] == shared[2:]
    for person in (COACH, TEACHER):
        assert len((await page(person, "", 10))[0]) == 6
    with pytest.raises(Fault, match="not_found"):
        await page(ADMIN, "", 10)


@pytest.mark.parametrize("unshared", [0, 30])
async def test_a_page_is_one_command_however_much_is_hidden_on_it(unshared: int) -> None:
    documents = CountingDocuments()
    service = Service(documents=documents)
    tool_id = await published_tool(service)
    for index in range(2 + unshared):
        made = await scheduled(service, call("schedule_observation", COACH), tool_id)
        for step in BEFORE["acknowledge_observation"] if index < 2 else ():
            await ACTS[step](service, call(step, COACH), made.id)

    documents.commands.clear()
    found = await list_observations(
        service.ports.observation,
        call("list_observations", OTHER_COACH),
        teacher_id=TEACHER,
        after="",
        limit=2,
    )
    assert (len(found.items), found.after, documents.commands) == (2, "", ["find"])


@pytest.mark.parametrize("person", [TEACHER, COACH, OTHER_COACH])
@pytest.mark.parametrize("state", ObservationState)
async def test_the_store_is_asked_for_what_lets_itself_be_seen(
    state: ObservationState, person: str
) -> None:
    documents, observation = MemoryDocuments(), replace(new_observation(), state=state)
    stored = OBSERVATIONS.to_state(observation)
    await documents.insert(
        Document(observation.id, "observation", "north", 1, stored), event(1, observation.id)
    )
    either = seen_by(person)
    page = await documents.find("north", "observation", {}, "", 1, either=either)
    assert bool(page.documents) == observation.visible_to(person)


async def test_everything_is_missing_from_another_district() -> None:
    service = Service()
    made = await ready_for(service, "get_observation")
    for operation, act in ACTS.items():
        for person in (TEACHER, COACH):
            who = call(operation, person, district="south")
            assert await outcome(act(service, who, made), who) == "not_found"


@pytest.mark.parametrize("operation", ["draft_tool", "publish_tool", "get_tool", "list_tools"])
def test_tools_are_for_all_staff(operation: str) -> None:
    assert POLICIES[operation].staff


async def test_a_partner_without_the_scopes_reads_no_tool_and_no_observation() -> None:
    service = Service()
    made = await ready_for(service, "get_observation")
    partner = Principal("north", partner="sis", scopes=frozenset({"roster.read"}))
    tool_call, get_call = Call("get_tool", partner), Call("get_observation", partner)
    assert (
        await outcome(service.ports.tool.tools.get(tool_call, "any"), tool_call) == "scope_missing"
    )
    assert await outcome(get(service, get_call, made), get_call) == "scope_missing"
