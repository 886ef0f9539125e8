"""How services are put together."""

from __future__ import annotations

import pytest

from services.access.write_service import LIMITS, SMALL_LOTS
from services.chassis.backing import memory
from services.chassis.log.memory_log import MemoryLog
from services.chassis.settings import load
from services.chassis.views.batch import Limits
from services.insights.bootstrap import CARDS_BESIDE_AN_API, build
from services.insights.settings import Settings
from tests.support.platform import BOOTSTRAPS, Platform


def test_access_projectors_take_small_bursts_for_they_stand_beside_an_api() -> None:
    bursts = {
        each.projection.group: each.limits.burst
        for service in Platform().services.values()
        for each in service.projectors
        if each.projection.group.endswith("-access")
    }
    assert bursts == {f"{name}-access": SMALL_LOTS.burst for name in BOOTSTRAPS}


@pytest.mark.parametrize(
    ("roles", "limits"),
    [("", CARDS_BESIDE_AN_API), ("api,projector", CARDS_BESIDE_AN_API), ("projector", LIMITS)],
)
async def test_cards_take_large_bursts_only_in_a_process_without_an_api(
    roles: str, limits: Limits
) -> None:
    service = build(load(Settings, environment="test", roles=roles), memory(MemoryLog()))
    cards, _ = service.projectors
    assert cards.limits.burst == limits.burst
