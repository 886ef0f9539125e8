"""The observations service's commands on memory adapters: once each, counted, in order."""

from __future__ import annotations

import pytest

from services.chassis.kernel import Fault, Kind
from services.observations.observation.cases import complete_observation, share_observation
from services.observations.observation.domain import Observation
from services.observations.tool.cases import list_tools
from tests.support.counting_documents import CountingDocuments
from tests.support.observations import (
    COACH,
    TEACHER,
    Service,
    call,
    drafted_tool,
    publish,
    published_tool,
    scheduled,
    scored,
)

CANARY = "canary-note"


async def complete(service: Service, id: str) -> None:
    who = call("complete_observation", COACH)
    await complete_observation(service.ports.observation, who, id)


async def planned(
    service: Service, tool_id: str, year: int | None = None, *, key: str = "", content: str = ""
) -> Observation:
    who = call("schedule_observation", COACH, key=key, content=content)
    return await scheduled(service, who, tool_id, class_id=None, school_year=year)


async def test_a_create_is_one_command_and_a_change_two_when_warm() -> None:
    documents = CountingDocuments()
    service = Service(documents)
    tool_id = await published_tool(service)
    first = await planned(service, tool_id)
    documents.commands.clear()
    second = await planned(service, tool_id)
    assert documents.commands == ["insert"]
    for made in (first, second):
        documents.commands.clear()
        await scored(service, call("record_scores", COACH), made.id, 1)
        assert documents.commands == ["get", "replace"]
    documents.commands.clear()
    await complete(service, first.id)
    assert documents.commands == ["get", "replace"]


async def test_a_command_that_comes_again_changes_nothing() -> None:
    service = Service()
    tool_id = await published_tool(service)
    first = await planned(service, tool_id, key="k-1", content="a")
    again = await planned(service, tool_id, key="k-1", content="a")
    assert (again.id, again.version) == (first.id, 1)
    with pytest.raises(Fault) as caught:
        await planned(service, tool_id, key="k-1", content="b")
    assert caught.value.kind is Kind.KEY_REUSED
    for _ in range(2):
        who = call("record_scores", COACH, key="k-2", content="c")
        made = await scored(service, who, first.id, 5)
        assert made.version == 2
    assert who.replayed


async def test_a_change_on_an_older_version_is_stale() -> None:
    service = Service()
    made = await planned(service, await published_tool(service))
    who = call("record_scores", COACH, if_match=0)
    with pytest.raises(Fault) as caught:
        await scored(service, who, made.id, 5)
    assert caught.value.kind is Kind.STALE


@pytest.mark.parametrize("which", ["a draft", "missing", "another district's"])
async def test_observing_needs_a_published_tool_of_the_district(which: str) -> None:
    service = Service()
    tool_id = "no-such-tool"
    if which == "a draft":
        tool_id = (await drafted_tool(service)).id
    if which == "another district's":
        tool_id = (await drafted_tool(service, district="south")).id
        await publish(service, tool_id, "south")
    with pytest.raises(Fault) as caught:
        await planned(service, tool_id)
    assert (caught.value.code, caught.value.place) == ("no_such_tool", "/tool_id")


async def test_a_draft_can_be_used_as_soon_as_it_is_published() -> None:
    service = Service()
    tool = await drafted_tool(service)
    with pytest.raises(Fault, match="no_such_tool"):
        await planned(service, tool.id)
    await publish(service, tool.id)
    assert (await planned(service, tool.id)).tool == tool.id


async def test_the_school_year_is_that_of_the_day_unless_named() -> None:
    service = Service()
    tool_id = await published_tool(service)
    assert (await planned(service, tool_id)).school_year == 2027
    assert (await planned(service, tool_id, 2028)).school_year == 2028


async def test_notes_never_wait_in_the_outbox_and_scores_only_once_shared() -> None:
    service = Service()
    made = await planned(service, await published_tool(service))
    await scored(service, call("record_scores", COACH), made.id, notes=[("feedback", CANARY)])
    await complete(service, made.id)
    await share_observation(service.ports.observation, call("share_observation", COACH), made.id)
    waiting = next(each for each in await service.documents.pending(10) if each.id == made.id)
    assert [each.type.rpartition(".")[2] for each in waiting.events] == [
        "ObservationScheduled",
        "ObservationScored",
        "ObservationCompleted",
        "ObservationShared",
    ]
    assert {(each.keys, each.year) for each in waiting.events} == {((f"north:{TEACHER}",), 2027)}
    assert not any(CANARY.encode() in each.data for each in waiting.events)
    assert [b"feedback" in each.data for each in waiting.events] == [False, False, False, True]
    assert service.bell.rung == 6


async def test_tools_are_listed_by_district() -> None:
    service = Service()
    ids = sorted([(await drafted_tool(service)).id for _ in range(3)])
    await drafted_tool(service, district="south")
    who = call("list_tools", TEACHER)
    first = await list_tools(service.ports.tool, who, after="", limit=1)
    rest = await list_tools(service.ports.tool, who, after=first.after, limit=5)
    assert sorted(each.id for each in (*first.items, *rest.items)) == ids
