"""Of two records that became one by mistake the one shared what is the other's."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from tests.support.sharing import PATHS, SHARES, late_share, released_results
from tests.support.twice import NEW, OLD, Twice

KINDS = pytest.mark.parametrize("kind", ["goal", "observation", "administration"])
MONTH = timedelta(days=30)


class Mistaken(Twice):
    """A goal of `old`'s, and an observation of her that is shared with her."""

    async def thing(self, kind: str) -> str:
        if kind == "goal":
            return await self.goal()
        if kind == "administration":
            return await released_results(self.north, OLD)
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
    late = await late_share(mistaken.north, kind, thing, NEW)
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


@pytest.mark.parametrize("once", [False, True])
async def test_both_who_were_let_read_are_let_again_when_they_are_two(
    mistaken: Mistaken, once: bool
) -> None:
    goal = await mistaken.goal("peer")
    end = (mistaken.north.clock.now() + MONTH).isoformat().replace("+00:00", "Z")
    audience = [{"person_id": each} for each in (OLD, NEW, "leader")]
    body = {
        "goal_id": goal,
        "audience": audience,
        "purpose": "coaching",
        "expires_at": end,
        "once": once,
    }
    share = (await mistaken.post("peer", SHARES["goal"], body))["goal_share_id"]
    for _ in range(2):  # by mistake once more
        match = await mistaken.merged()
        assert len((await mistaken.share("goal", share, "peer"))["audience"]) == 2
        await mistaken.separate(match)
        await mistaken.later()
    said = await mistaken.share("goal", share, "peer")
    assert {each["person_id"] for each in said["audience"]} == {OLD, NEW, "leader"}
    for who in (OLD, NEW, "leader"):
        assert await mistaken.north.status(who, f"{PATHS['goal']}/{goal}") == 200


async def test_what_they_read_once_while_they_were_one_neither_reads_again(
    mistaken: Mistaken,
) -> None:
    goal = await mistaken.goal("peer")
    end = (mistaken.north.clock.now() + MONTH).isoformat().replace("+00:00", "Z")
    audience = [{"person_id": each} for each in (OLD, NEW)]
    body = {
        "goal_id": goal,
        "audience": audience,
        "purpose": "coaching",
        "expires_at": end,
        "once": True,
    }
    share = (await mistaken.post("peer", SHARES["goal"], body))["goal_share_id"]
    match = await mistaken.merged()
    path = f"{PATHS['goal']}/{goal}"
    assert await mistaken.north.status(NEW, path) == 200
    await mistaken.separate(match)
    await mistaken.later()
    assert [await mistaken.north.status(who, path) for who in (OLD, NEW)] == [404, 404]
    said = await mistaken.share("goal", share, "peer")
    assert [each["read_at"] is not None for each in said["audience"]] == [True, True]
