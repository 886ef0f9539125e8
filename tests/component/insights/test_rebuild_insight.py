"""Cards built from the services' journals equal those built from the topics."""

from __future__ import annotations

from services.chassis.log.memory_source import MemoryGroup, MemorySource
from services.chassis.views.canonical import digest
from services.chassis.views.rebuild import Rebuild
from services.chassis.views.rows import Generation
from services.insights.caseload.fold import TOPICS, insights_projection
from services.insights.caseload.read import get_caseload
from tests.support.insight import COACH, small_district
from tests.support.journals import journals_of


async def no_indexes(generation: Generation) -> None:
    """A store in memory has none."""


async def test_a_rebuild_gives_the_same_cards_and_takes_their_place() -> None:
    insights = await small_district()
    for value in range(300):
        insights.progress("t1", value)
    insights.term("2026-09-01", "2026-12-19")
    await insights.project()
    noted = insights.log.ends(TOPICS)
    work = Rebuild(
        insights.views, insights_projection(), insights.clock, insights.log.partitions, no_indexes
    )
    views = insights.views
    before = await views.generation("insights")
    journals = await journals_of(insights.entries, among=100)
    made = await work.fold_journals(journals, noted)
    assert journals.given < 60 < len(insights.entries)
    insights.observed("t2", shared=True)  # after the journals were read: from the topics
    insights.survey("t3", 20, 0.5)
    await insights.project()
    source = MemorySource(MemoryGroup(insights.log, TOPICS))
    await work.catch_up(made, source, insights.log.ends(TOPICS))
    for collection, rows in (("cards", 3), ("calendars", 1)):
        old = await digest(views.scan(before, collection))
        assert await digest(views.scan(made, collection)) == old
        assert old[0] == rows
    call = insights.call("get_caseload")
    served = await get_caseload(insights.ports.caseload, call, COACH)
    await views.flip(made)
    assert (await get_caseload(insights.ports.caseload, call, COACH)).written == served.written
    assert len(served.written["entries"]) == 2
