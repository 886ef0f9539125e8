"""What a partner's program has read of one thing that is erased alone it is to delete, by name."""

from __future__ import annotations

from services.access.erasures import SECOND_LOOK
from services.privacy.erasure.domain import SETTLES
from tests.component.privacy.test_receipts import ask, of, reads, receipts, with_goal


async def test_its_receipt_names_the_thing() -> None:
    north, goal = await with_goal()
    assert await reads(north, goal) == (200, "")
    north.clock.forward(days=1)
    asked = {"kind": "goal", "artifact_id": goal, "person_id": "teacher", "reason": "A mistake."}
    made = await ask(north, "admin", "POST", "/privacy/v1/artifact-erasures", asked)
    assert made.status_code == 201, made.text
    for span in (SETTLES, SECOND_LOOK):
        assert await receipts(north, of("warehouse")) == []
        north.clock.forward(seconds=span.total_seconds())
        await north.settle()
    (mine,) = await receipts(north, of("warehouse"))
    assert (mine["artifact_id"], mine["kinds"], mine["cause"]) == (goal, ["goal"], "erasure")
    (hers,) = await receipts(north, "teacher", "?person_id=me")
    assert hers["artifact_id"] == goal
    assert await receipts(north, of("other")) == []
