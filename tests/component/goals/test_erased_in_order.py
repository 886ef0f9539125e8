"""What hangs on a goal is erased before it, and counted with the order that asks for both."""

from __future__ import annotations

from typing import Any

import pytest

from services.chassis.write.write_path import WritePath
from tests.component.test_erasures import ADMIN, CANARY, HER, ORDER, WHY, Erased


async def test_a_goals_end_that_is_heard_at_once_takes_nothing_from_the_proof(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    erased = await Erased().begin()
    tried = {"teacher_id": HER, "goal_id": erased.work["goals"], "words": CANARY}
    await erased.people.post(HER, "/goals/v1/trials", tried)
    await erased.platform.settle()
    erase, heard = WritePath.erase, list[str]()

    async def at_once(self: WritePath[Any], call: Any, id: str, act: Any) -> Any:
        gone = await erase(self, call, id, act)
        if id == erased.work["goals"] and not heard:
            heard.append(id)
            await erased.platform.settle()
        return gone

    monkeypatch.setattr(WritePath, "erase", at_once)
    await erased.people.post(ADMIN, f"{ORDER}/order", WHY)
    done = await erased.carry_out()
    assert heard
    assert {each["service"]: each["erased"] for each in done["carried_out"]}["goals"] == 2
