"""Cards built from the services' journals equal those built from the topics."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence

from services.chassis.log.memory_source import MemoryGroup, MemorySource
from services.chassis.views.canonical import digest
from services.chassis.views.rebuild import Rebuild
from services.chassis.views.rows import Generation
from services.chassis.write.documents import JournalEntry
from services.insights.application.get_caseload import get_caseload
from services.insights.application.projections.projection import TOPICS, insights_projection
from tests.support.insight import Insights, small_district


async def no_indexes(generation: Generation) -> None:
    """A store in memory has none."""


async def journals(insights: Insights) -> AsyncIterator[Sequence[JournalEntry]]:
    """In the order of ids, not in that of time."""
    entries = sorted(insights.entries, key=lambda entry: entry.id)
    for start in range(0, len(entries), 100):
        yield entries[start : start + 100]


async def test_a_rebuild_gives_the_same_cards_and_takes_their_place() -> None:
    insights = await small_district()
    for value in range(300):
        insights.progress("t1", value)
    insights.term("2026-09-01", "2026-12-19")
    await insights.project()
    noted = {
        number: {topic: insights.log.end(topic, number) for topic in TOPICS}
        for number in range(insights.log.partitions)
    }
    work = Rebuild(
        insights.views, insights_projection(), insights.clock, insights.log.partitions, no_indexes
    )
    views = insights.views
    before = await views.generation("insights")
    made = await work.fold_journals(journals(insights), noted)
    insights.observed("t2", shared=True)  # after the journals were read: from the topics
    insights.survey("t3", 20, 0.5)
    await insights.project()
    await work.catch_up(made, MemorySource(MemoryGroup(insights.log, TOPICS)))
    for collection, rows in (("cards", 6), ("calendars", 1)):
        old = await digest(views.scan(before, collection))
        assert await digest(views.scan(made, collection)) == old
        assert old[0] == rows
    call = insights.call("get_caseload")
    served = (await get_caseload(insights.ports, call)).entries
    await views.flip(made)
    assert (await get_caseload(insights.ports, call)).entries == served
    assert len(served) == 2
