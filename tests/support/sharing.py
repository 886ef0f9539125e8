"""A teacher with a goal and a shared observation, and colleagues whom she lets read them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import httpx2

from services.access.sharing.domain import Share, SharePurpose
from services.chassis.call import Call, Principal
from services.chassis.write.write_path import WritePath
from services.goals.share.codec import GOAL_SHARES
from services.observations.share.codec import OBSERVATION_SHARES
from tests.support.coaching import Coaching
from tests.support.platform import Platform
from tests.support.staff import Staffed
from tests.support.twice import TEACHES

WEEK = timedelta(days=7)
PATHS = {"goal": "/goals/v1/goals", "observation": "/observations/v1/observations"}
SHARES = {"goal": "/goals/v1/shares", "observation": "/observations/v1/shares"}
RECEIVED = {
    "goal": "/goals/v1/received-shares",
    "observation": "/observations/v1/received-shares",
}
CODECS = {"goal": GOAL_SHARES, "observation": OBSERVATION_SHARES}


async def late_share(
    platform: Platform, kind: str, thing: str, owner: str, began: timedelta = timedelta()
) -> str:
    """One with `peer` as a process writes it that has checked it a while ago, `began` from now."""
    backing, clock = platform.services[f"{kind}s"].backing, platform.clock
    share = Share(
        id="late",
        district="north",
        artifact=thing,
        teacher=owner,
        audience=["peer"],
        purpose=SharePurpose.COACHING,
        once=False,
        expires_at=clock.now() + WEEK,
        created_at=clock.now() + began,
    ).created()
    call = Call("create_share", Principal("north", person=owner))
    path = WritePath(backing.store, CODECS[kind], clock, backing.bell)
    await path.create(call, share)
    return "late"


class Sharing:
    """`made`: by kind, the id of a thing of `teacher`'s."""

    def __init__(self) -> None:
        self.north = Staffed()
        self.people = Coaching(self.north)
        self.made: dict[str, str] = {}

    async def begin(self) -> Sharing:
        await self.north.roster(colleague=TEACHES)
        await self.north.coached()
        self.made["goal"] = await self.people.active_goal("coach", "teacher")
        at = self.at(timedelta())
        self.made["observation"] = await self.people.shared_observation("coach", "teacher", at)
        await self.north.settle()
        return self

    def at(self, ahead: timedelta) -> str:
        return (self.north.clock.now() + ahead).isoformat().replace("+00:00", "Z")

    def body(self, kind: str, *readers: str, **more: Any) -> dict[str, Any]:
        return {
            f"{kind}_id": self.made[kind],
            "audience": [{"person_id": each} for each in readers or ("peer",)],
            "purpose": "peer_learning",
            "expires_at": self.at(WEEK),
            **more,
        }

    async def ask(
        self, who: str, method: str, path: str, body: Any = None, key: str = ""
    ) -> httpx2.Response:
        headers = {"Idempotency-Key": key} if key else {}
        caller = who if "/" in who else f"north/{who}"
        async with self.north.client(path.split("/")[1], caller) as client:
            return await client.request(method, path, json=body, headers=headers)

    async def share(self, kind: str, *readers: str, **more: Any) -> str:
        answer = await self.ask("teacher", "POST", SHARES[kind], self.body(kind, *readers, **more))
        assert answer.status_code == 201, answer.text
        return str(answer.json()[f"{kind}_share_id"])

    async def revoke(self, kind: str, share: str, who: str = "teacher") -> httpx2.Response:
        return await self.ask(who, "POST", f"{SHARES[kind]}/{share}/revoke")

    async def read(self, kind: str, who: str = "peer") -> int:
        """The status of the answer."""
        return (await self.ask(who, "GET", f"{PATHS[kind]}/{self.made[kind]}")).status_code

    async def seen(self, kind: str, share: str, who: str = "teacher") -> Any:
        return (await self.ask(who, "GET", f"{SHARES[kind]}/{share}")).json()

    async def received(self, kind: str, who: str = "peer") -> list[Any]:
        found: list[Any] = (await self.ask(who, "GET", RECEIVED[kind])).json()["received_shares"]
        return found
