"""What the insights use cases need."""

from __future__ import annotations

from dataclasses import dataclass

from services.access.access import Access
from services.access.days import Days
from services.chassis.kernel import Clock
from services.insights.calendar.read import Almanac
from services.insights.caseload.named_cards import NamedCards
from services.insights.live.hub import Hub


@dataclass(frozen=True, slots=True)
class Ports:
    cards: NamedCards
    almanac: Almanac
    hub: Hub
    access: Access
    days: Days
    clock: Clock
