"""What the observations use cases need."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from services.access.access import Access
from services.access.days import Days
from services.chassis.kernel import Clock
from services.chassis.write.summaries import Summaries
from services.chassis.write.write_path import WritePath
from services.observations.domain.observation import Observation, ObservationOutline
from services.observations.domain.tool import Tool, ToolSummary


class PublishedTools(Protocol):
    async def tool(self, district: str, tool_id: str) -> Tool | None:
        """A published tool of the district, to be read only; None where there is none. No
        database command when it was asked for lately."""


@dataclass(frozen=True, slots=True)
class Ports:
    tools: WritePath[Tool]
    tool_summaries: Summaries[ToolSummary]
    published_tools: PublishedTools
    observations: WritePath[Observation]
    observation_summaries: Summaries[ObservationOutline]
    access: Access
    days: Days
    clock: Clock
