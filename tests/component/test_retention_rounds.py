"""A round of retention gets behind whatever stays, and ends with the policy that asked for it."""

from __future__ import annotations

from datetime import timedelta
from unittest.mock import patch

import pytest

from services.access import retention
from services.assembly.service import Service
from tests.component.test_erasures import ADMIN, BYSTANDER, COACH, HER, WHY
from tests.component.test_retention import DAYS, GONE, Keeping

MANY = 7  # goals of each of the two
FEW = 3  # that stay, behind which a run keeps its place


class Rounds(Keeping):
    """A teacher on whom a hold is, and one beside her, with many goals."""

    async def begin(self) -> Rounds:
        await super().begin()
        self.others = [self.beside]
        for _ in range(MANY - 1):
            await self.people.active_goal(COACH, HER)
            self.others.append(await self.people.active_goal(COACH, BYSTANDER))
        (await self.send(ADMIN, f"/privacy/v1/erasures/{HER}/hold", WHY)).raise_for_status()
        await self.enacts(1, goals=DAYS)
        return self

    async def asked(self) -> None:
        """Privacy has begun a round, of which nobody has heard yet."""
        self.platform.clock.set(GONE)
        privacy = self.platform.services["privacy"]
        assert privacy.duties is not None
        assert privacy.relay is not None
        await privacy.duties.round()
        await privacy.relay.round()

    async def left(self) -> int:
        """How many goals there are of the one beside her."""
        paths = [f"/goals/v1/goals/{each}" for each in self.others]
        return sum([await self.status(BYSTANDER, path) == 200 for path in paths])


@pytest.fixture
async def rounds() -> Rounds:
    return await Rounds().begin()


async def test_what_stays_stops_no_round(rounds: Rounds) -> None:
    with patch.object(retention, "MOST_READ", FEW), patch.object(retention, "BATCH", 2):
        await rounds.at(GONE)
    goals = await rounds.found("goals")
    assert (goals["held"], goals["erased"], goals["complete"]) == (MANY, MANY, True)
    assert await rounds.left() == 0


async def test_what_a_round_has_no_time_for_the_next_ones_begin_with(rounds: Rounds) -> None:
    """Of each round one run is in time, and looks at a few of those that stay."""
    goals = rounds.platform.services["goals"]
    left, complete = [MANY], []
    with patch.object(retention, "MOST_READ", FEW), patch.object(retention, "BATCH", 100):
        for day in range(6):
            rounds.platform.clock.set(GONE + timedelta(days=day))
            await one_run(rounds, goals)
            rounds.platform.clock.forward(minutes=11)
            await rounds.platform.settle()
            left.append(await rounds.left())
            complete.append((await rounds.found("goals"))["complete"])
    assert left[-1] == 0
    assert left == sorted(left, reverse=True)
    assert not any(complete[:2])


async def test_what_was_erased_before_its_time_was_over_is_said(rounds: Rounds) -> None:
    """It is gone for good: nobody is told the numbers of the round before."""
    with patch.object(retention, "BATCH", 2):
        rounds.platform.clock.set(GONE)
        await one_run(rounds, rounds.platform.services["goals"])
        rounds.platform.clock.forward(minutes=11)
        await rounds.platform.settle()
    goals = await rounds.found("goals")
    assert (goals["erased"], goals["complete"]) == (2, False)
    assert await rounds.left() == MANY - 2


async def one_run(rounds: Rounds, goals: Service) -> None:
    for name in ("privacy", "goals"):
        service = rounds.platform.services[name]
        for projector in service.projectors:
            await projector.round()
        assert service.duties is not None
        assert service.relay is not None
        await service.duties.round()
        await service.relay.round()


async def test_a_version_that_is_enacted_meanwhile_ends_a_round_of_the_one_before(
    rounds: Rounds,
) -> None:
    """Of which the service hears after its first run."""
    await rounds.asked()
    with patch.object(retention, "BATCH", 2):
        await rounds.enacts(2, goals=DAYS)
    assert await rounds.left() == MANY - 2
    assert (await rounds.report())["waits"] == "notice"
    rounds.platform.clock.forward(days=8)
    await rounds.platform.settle()
    assert await rounds.left() == 0
