"""The observations service's commands on memory adapters: once each, counted, in order."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from services.chassis.kernel import Fault, Kind
from services.chassis.log.envelope import PendingEvent
from services.chassis.write.documents import Document, KeyUse, Page, Scalar
from services.chassis.write.memory_documents import MemoryDocuments
from services.chassis.write.parts import Parts
from services.observations.application.complete_observation import complete_observation
from services.observations.application.draft_tool import draft_tool
from services.observations.application.list_tools import list_tools
from services.observations.application.publish_tool import publish_tool
from services.observations.application.record_scores import record_scores
from services.observations.application.schedule_observation import schedule_observation
from services.observations.application.share_observation import share_observation
from services.observations.domain.observation import Note, Observation, Setting
from services.observations.domain.tool import Tool
from tests.support.clocks import START
from tests.support.observations import COACH, FEEDBACK, TEACHER, Service, call

CANARY = "canary-note"


class CountingDocuments(MemoryDocuments):
    """Counts what would be database commands."""

    def __init__(self) -> None:
        super().__init__()
        self.commands: list[str] = []

    async def insert(self, document: Document, event: PendingEvent) -> None:
        self.commands.append("insert")
        await super().insert(document, event)

    async def get(self, district: str, kind: str, id: str) -> Document | None:
        self.commands.append("get")
        return await super().get(district, kind, id)

    async def replace(
        self,
        before: Document,
        state: Mapping[str, object],
        event: PendingEvent,
        key: KeyUse | None,
        schema: int = 1,
    ) -> bool:
        self.commands.append("replace")
        return await super().replace(before, state, event, key, schema)

    async def find(
        self,
        district: str,
        kind: str,
        where: Mapping[str, Scalar],
        after: str,
        limit: int,
        parts: Parts | None = None,
        schema: int = 1,
    ) -> Page:
        self.commands.append("find")
        return await super().find(district, kind, where, after, limit, parts, schema)


async def drafted(service: Service, district: str = "north") -> Tool:
    return await draft_tool(
        service.ports,
        call("draft_tool", COACH, district=district),
        title="Talk",
        attribution="",
        license="CC BY 4.0",
        criteria=[FEEDBACK],
    )


async def published(service: Service) -> str:
    tool = await drafted(service)
    await publish_tool(service.ports, call("publish_tool", COACH), tool.id)
    return tool.id


async def scheduled(
    service: Service, tool_id: str, year: int | None = None, *, key: str = "", content: str = ""
) -> Observation:
    return await schedule_observation(
        service.ports,
        call("schedule_observation", COACH, key=key, content=content),
        teacher=TEACHER,
        tool_id=tool_id,
        class_id="",
        goal_id="",
        setting=Setting.VIDEO,
        scheduled_for=START,
        school_year=year,
    )


async def test_a_create_is_one_command_and_a_change_two_when_warm() -> None:
    documents = CountingDocuments()
    service = Service(documents)
    tool_id = await published(service)
    first = await scheduled(service, tool_id)
    documents.commands.clear()
    second = await scheduled(service, tool_id)
    assert documents.commands == ["insert"]
    for made in (first, second):
        documents.commands.clear()
        await record_scores(
            service.ports, call("record_scores", COACH), made.id, scores=[("feedback", 1)], notes=[]
        )
        assert documents.commands == ["get", "replace"]
    documents.commands.clear()
    await complete_observation(service.ports, call("complete_observation", COACH), first.id)
    assert documents.commands == ["get", "replace"]


async def test_a_command_that_comes_again_changes_nothing() -> None:
    service = Service()
    tool_id = await published(service)
    first = await scheduled(service, tool_id, key="k-1", content="a")
    again = await scheduled(service, tool_id, key="k-1", content="a")
    assert (again.id, again.version) == (first.id, 1)
    with pytest.raises(Fault) as caught:
        await scheduled(service, tool_id, key="k-1", content="b")
    assert caught.value.kind is Kind.KEY_REUSED
    for _ in range(2):
        who = call("record_scores", COACH, key="k-2", content="c")
        made = await record_scores(service.ports, who, first.id, scores=[("feedback", 5)], notes=[])
        assert made.version == 2
    assert who.replayed


async def test_a_change_on_an_older_version_is_stale() -> None:
    service = Service()
    made = await scheduled(service, await published(service))
    who = call("record_scores", COACH, if_match=0)
    with pytest.raises(Fault) as caught:
        await record_scores(service.ports, who, made.id, scores=[("feedback", 5)], notes=[])
    assert caught.value.kind is Kind.STALE


@pytest.mark.parametrize("which", ["a draft", "missing", "another district's"])
async def test_observing_needs_a_published_tool_of_the_district(which: str) -> None:
    service = Service()
    tool_id = "no-such-tool"
    if which == "a draft":
        tool_id = (await drafted(service)).id
    if which == "another district's":
        tool_id = (await drafted(service, district="south")).id
        who = call("publish_tool", COACH, district="south")
        await publish_tool(service.ports, who, tool_id)
    with pytest.raises(Fault) as caught:
        await scheduled(service, tool_id)
    assert (caught.value.code, caught.value.place) == ("no_such_tool", "/tool_id")


async def test_a_draft_can_be_used_as_soon_as_it_is_published() -> None:
    service = Service()
    tool = await drafted(service)
    with pytest.raises(Fault, match="no_such_tool"):
        await scheduled(service, tool.id)
    await publish_tool(service.ports, call("publish_tool", COACH), tool.id)
    assert (await scheduled(service, tool.id)).tool == tool.id


async def test_the_school_year_is_that_of_the_day_unless_named() -> None:
    service = Service()
    tool_id = await published(service)
    assert (await scheduled(service, tool_id)).school_year == 2027
    assert (await scheduled(service, tool_id, 2028)).school_year == 2028


async def test_notes_never_wait_in_the_outbox_and_scores_only_once_shared() -> None:
    service = Service()
    made = await scheduled(service, await published(service))
    await record_scores(
        service.ports,
        call("record_scores", COACH),
        made.id,
        scores=[("feedback", 3)],
        notes=[Note("feedback", CANARY)],
    )
    await complete_observation(service.ports, call("complete_observation", COACH), made.id)
    await share_observation(service.ports, call("share_observation", COACH), made.id)
    waiting = next(each for each in await service.documents.pending(10) if each.id == made.id)
    assert [each.type.rpartition(".")[2] for each in waiting.events] == [
        "ObservationScheduled",
        "ObservationScored",
        "ObservationCompleted",
        "ObservationShared",
    ]
    assert {(each.keys, each.school_year) for each in waiting.events} == {
        ((f"north:{TEACHER}",), 2027)
    }
    assert not any(CANARY.encode() in each.data for each in waiting.events)
    assert [b"feedback" in each.data for each in waiting.events] == [False, False, False, True]
    assert service.bell.rung == 6


async def test_tools_are_listed_by_district_in_order() -> None:
    service = Service()
    ids = sorted([(await drafted(service)).id for _ in range(3)])
    await drafted(service, district="south")
    found = await list_tools(service.ports, call("list_tools", TEACHER), after=ids[0], limit=5)
    assert [each.id for each in found.items] == ids[1:]
