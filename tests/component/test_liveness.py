"""A process whose relay or projector no longer turns is not alive."""

from __future__ import annotations

import asyncio

import pytest

from services.assembly.api import build_api
from services.assembly.service import Base, base, write_service
from services.chassis import rounds
from services.chassis.backing import memory
from services.chassis.log.memory_log import MemoryLog
from services.chassis.settings import ChassisSettings, load
from tests.support.clocks import FakeClock
from tests.support.platform import NamedCallers
from tests.support.waiting import eventually


def goals_base() -> Base:
    settings = load(ChassisSettings, environment="test")
    return base(
        "goals",
        settings,
        memory(MemoryLog()),
        clock=FakeClock(),
        identity=NamedCallers(),
    )


@pytest.mark.parametrize("role", ["relay", "projector.access"])
async def test_liveness_fails_when_a_role_hangs(role: str, monkeypatch: pytest.MonkeyPatch) -> None:
    each = goals_base()
    service = write_service(each, lambda: build_api(each, {}, [], []))
    stop = asyncio.Event()
    running = asyncio.ensure_future(service.roles[role](stop))
    try:
        await eventually(lambda: bool(each.health._progress))
        assert each.health.stuck() == []
        monkeypatch.setattr(rounds, "LONGEST_ROUND", -1.0)  # any round has taken too long now
        assert each.health.stuck() == [role]
    finally:
        stop.set()
        await running
