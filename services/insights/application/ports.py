"""What the insights use cases need."""

from __future__ import annotations

from dataclasses import dataclass

from services.access.access import Access
from services.access.days import Days
from services.chassis.kernel import Clock
from services.insights.application.almanac import Almanac
from services.insights.application.live import Hub
from services.insights.application.named_cards import NamedCards


@dataclass(frozen=True, slots=True)
class Ports:
    cards: NamedCards
    almanac: Almanac
    hub: Hub
    access: Access
    days: Days
    clock: Clock
