"""While what was erased cannot be published, an order waits without reading it all again."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from unittest.mock import patch

from services.access.erasures import A_MOMENT, SECOND_LOOK
from tests.component.test_erasures import ADMIN, ORDER, WHY, Erased


async def test_nothing_is_looked_for_anew_until_the_journal_has_forgotten() -> None:
    erased = await Erased().begin()
    services = erased.platform.services
    goals = services["goals"]
    services["goals"] = replace(goals, relay=None)
    await erased.send(ADMIN, f"{ORDER}/order", WHY)
    await erased.platform.settle()
    store: Any = goals.backing.store
    looked: list[str] = []
    find = store.find

    async def finding(district: str, kind: str, *rest: Any, **more: Any) -> Any:
        looked.append(kind)
        return await find(district, kind, *rest, **more)

    with patch.object(store, "find", finding):
        for span in (SECOND_LOOK, *(10 * [A_MOMENT])):
            erased.platform.clock.forward(seconds=span.total_seconds())
            await erased.platform.settle()
        assert "goal" not in looked
        services["goals"] = goals
        await erased.later()
    assert "goal" in looked
    assert (await erased.get(ADMIN, ORDER))["state"] == "done"
