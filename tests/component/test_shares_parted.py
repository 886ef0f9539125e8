"""Of two records that became one by mistake the one shared what is the other's."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from services.access.sharing.domain import Share, SharePurpose
from services.chassis.call import Call, Principal
from services.chassis.write.write_path import WritePath
from services.goals.share.codec import GOAL_SHARES
from services.observations.share.codec import OBSERVATION_SHARES
from tests.support.sharing import PATHS, SHARES
from tests.support.twice import NEW, OLD, Twice

KINDS = pytest.mark.parametrize("kind", ["goal", "observation"])
SERVICES = {"goal": "goals", "observation": "observations"}
MONTH = timedelta(days=30)


class Mistaken(Twice):
    """A goal of `old`'s, and an observation of her that is shared with her."""

    async def thing(self, kind: str) -> str:
        if kind == "goal":
            return await self.goal()
        made = await self.observation()
        path = f"{PATHS[kind]}/{made}"
        tool = await self.get("coach", f"/observations/v1/tools/{self.tool}")
        criterion = tool["criteria"][0]
        score = {
            "criterion_id": criterion["criterion_id"],
            "score": criterion["levels"][0]["score"],
        }
        await self.post("coach", f"{path}/scores", {"scores": [score]})
        for move in ("complete", "share"):
            await self.post("coach", f"{path}/{move}")
        return made

    async def let_read(self, kind: str, thing: str, owner: str = NEW) -> str:
        end = (self.north.clock.now() + MONTH).isoformat().replace("+00:00", "Z")
        body = {
            f"{kind}_id": thing,
            "audience": [{"person_id": "peer"}],
            "purpose": "coaching",
            "expires_at": end,
        }
        made = await self.post(owner, SHARES[kind], body)
        return str(made[f"{kind}_share_id"])

    async def late_share(self, kind: str, thing: str) -> str:
        """As a process writes it whose view calls the two one person still."""
        backing, clock = self.north.services[SERVICES[kind]].backing, self.north.clock
        codec = {"goal": GOAL_SHARES, "observation": OBSERVATION_SHARES}[kind]
        share = Share(
            id="late",
            district="north",
            artifact=thing,
            teacher=NEW,
            audience=["peer"],
            purpose=SharePurpose.COACHING,
            once=False,
            expires_at=clock.now() + MONTH,
            created_at=clock.now(),
        ).created()
        call = Call("create_share", Principal("north", person=NEW))
        await WritePath(backing.store, codec, clock, backing.bell).create(call, share)
        return "late"

    async def read(self, kind: str, thing: str) -> int:
        return await self.north.status("peer", f"{PATHS[kind]}/{thing}")

    async def share(self, kind: str, share: str, owner: str = NEW) -> Any:
        return await self.get(owner, f"{SHARES[kind]}/{share}")


@pytest.fixture
async def mistaken() -> Mistaken:
    twice = Mistaken()
    await twice.begin()
    return twice


@KINDS
async def test_what_is_not_hers_any_more_is_shared_no_more(mistaken: Mistaken, kind: str) -> None:
    thing = await mistaken.thing(kind)
    match = await mistaken.merged()
    share = await mistaken.let_read(kind, thing)
    assert await mistaken.read(kind, thing) == 200
    await mistaken.separate(match)
    await mistaken.later()
    assert (await mistaken.get(OLD, f"{PATHS[kind]}/{thing}"))["teacher_id"] == OLD
    assert await mistaken.read(kind, thing) == 404
    said = await mistaken.share(kind, share)
    assert (said["state"], said["closed_at"] is not None) == ("revoked", True)


@KINDS
async def test_a_share_of_somebody_elses_lets_nobody_in_before_it_is_closed(
    mistaken: Mistaken, kind: str
) -> None:
    thing = await mistaken.thing(kind)
    match = await mistaken.merged()
    await mistaken.separate(match)
    await mistaken.north.settle()
    late = await mistaken.late_share(kind, thing)
    assert (await mistaken.share(kind, late))["state"] == "open"
    assert await mistaken.read(kind, thing) == 404
    await mistaken.let_read(kind, thing, OLD)
    assert await mistaken.read(kind, thing) == 200
    await mistaken.later()
    assert (await mistaken.share(kind, late))["state"] == "revoked"
    assert await mistaken.read(kind, thing) == 200


async def test_what_she_shares_of_her_own_stays_shared(mistaken: Mistaken) -> None:
    goal = await mistaken.goal(NEW)
    match = await mistaken.merged()
    share = await mistaken.let_read("goal", goal)
    await mistaken.separate(match)
    await mistaken.later()
    assert (await mistaken.share("goal", share))["state"] == "open"
    assert await mistaken.read("goal", goal) == 200
