"""What surveys' events ask for, published, read and done by hand, in memory."""

from __future__ import annotations

from typing import Any

from services.assembly.registry import SERVICES
from services.chassis.duties.duty import duties_projection
from services.chassis.duties.memory_todos import MemoryTodos
from services.chassis.duties.runner import DutyRunner
from services.chassis.log.memory_log import MemoryLog, MemoryProducer
from services.chassis.log.memory_source import MemoryGroup, MemorySource
from services.chassis.views.memory_views import MemoryViews
from services.chassis.views.projector import Projector
from services.chassis.write.bell import LocalBell
from services.chassis.write.memory_documents import MemoryDocuments
from services.chassis.write.memory_journal import MemoryJournal
from services.chassis.write.relay import Relay
from services.surveys.administration.duties import DUTIES
from tests.support.clocks import FakeClock
from tests.support.duties import Watched
from tests.support.goal_cards import FAST, SMALL

SURVEYS = SERVICES["surveys"]


class SurveyDuties:
    def __init__(self, documents: MemoryDocuments, clock: FakeClock) -> None:
        self.log, views = MemoryLog(2), MemoryViews()
        projection = duties_projection(SURVEYS.name, DUTIES, SURVEYS.duties_topics)
        self._relay = Relay(
            documents,
            MemoryJournal(),
            lambda: MemoryProducer(self.log),
            topic=SURVEYS.topic,
            source=SURVEYS.source,
            bell=LocalBell(),
        )
        source = MemorySource(MemoryGroup(self.log, projection.topics), now=clock.now)
        self._projector = Projector(source, views, projection, clock, SMALL, FAST)
        self._clock = clock
        self.todos = MemoryTodos(views, projection.group)

    async def run(self, ports: Any) -> None:
        """All that is due, by a process that has just begun."""
        await self._publish()
        works = [each.on(ports) for each in DUTIES]
        runner = DutyRunner(self.todos, works, self._clock, Watched())
        while await runner.round():
            await self._publish()

    async def _publish(self) -> None:
        while await self._relay.round():
            continue
        await self._projector.round()
        while self._projector.source.behind(self._projector.positions()):
            await self._projector.round()
