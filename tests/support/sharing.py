"""A teacher with a goal, a shared observation and released results of a survey, and colleagues whom
she lets read them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import httpx2

from services.access.districts import Districts
from services.access.sharing.domain import Share, SharePurpose
from services.chassis.call import Call, Principal
from services.chassis.write.write_path import WritePath
from services.goals.share.codec import GOAL_SHARES
from services.observations.share.codec import OBSERVATION_SHARES
from services.surveys.administration.codec import ADMINISTRATIONS
from services.surveys.administration.codes import SECRET_BYTES
from services.surveys.administration.domain import Administration, AskedItem
from services.surveys.administration.small_n import ItemResult, Results
from services.surveys.share.codec import ADMINISTRATION_SHARES
from tests.support.coaching import Coaching
from tests.support.platform import Platform
from tests.support.staff import Staffed
from tests.support.twice import TEACHES

WEEK = timedelta(days=7)
SERVICES = {"goal": "goals", "observation": "observations", "administration": "surveys"}
PATHS = {kind: f"/{service}/v1/{kind}s" for kind, service in SERVICES.items()}
SHARES = {kind: f"/{service}/v1/shares" for kind, service in SERVICES.items()}
RECEIVED = {kind: f"/{service}/v1/received-shares" for kind, service in SERVICES.items()}
CODECS = {
    "goal": GOAL_SHARES,
    "observation": OBSERVATION_SHARES,
    "administration": ADMINISTRATION_SHARES,
}


async def late_share(
    platform: Platform,
    kind: str,
    thing: str,
    owner: str,
    began: timedelta = timedelta(),
    meeting: str = "",
) -> str:
    """One with `peer`, or who is at a meeting, as a process writes it that has checked it a while
    ago, `began` from now."""
    backing, clock = platform.services[SERVICES[kind]].backing, platform.clock
    share = Share(
        id="late",
        district="north",
        artifact=thing,
        teacher=owner,
        audience=[] if meeting else ["peer"],
        purpose=SharePurpose.COACHING,
        once=False,
        expires_at=clock.now() + WEEK,
        created_at=clock.now() + began,
        meeting=meeting,
    ).created()
    call = Call("create_share", Principal("north", person=owner))
    path = WritePath(backing.store, CODECS[kind], clock, backing.bell)
    await path.create(call, share)
    return "late"


async def released_results(platform: Platform, teacher: str, favorable: float = 0.7) -> str:
    """The id of a survey that is closed, with results; its students answered elsewhere."""
    service, clock = platform.services["surveys"], platform.clock
    made = Administration(
        id=f"survey-{teacher}",
        district="north",
        teacher=teacher,
        school_year=2027,
        instrument_id="instrument",
        class_id="class",
        series="instrument",
        items=(AskedItem("i1", (1, 2, 3), (3,)),),
        secret=bytes(SECRET_BYTES),
        scheduled_at=clock.now(),
    ).scheduled(teacher)
    results = Results(False, 5, 10, 14, favorable, (ItemResult("i1", 10, 14, favorable),))
    path = WritePath(service.backing.store, ADMINISTRATIONS, clock, service.backing.bell)
    call = Call("", Principal("north", person=teacher))
    await path.create(call, made)
    await path.change(call, made.id, lambda each: each.open(12, teacher, clock.now()))
    await path.change(call, made.id, lambda each: each.close(results, teacher, clock.now()))
    return made.id


class Sharing:
    """`made`: by kind, the id of a thing of `teacher`'s."""

    def __init__(self, districts: Districts | None = None) -> None:
        self.north = Staffed(districts)
        self.people = Coaching(self.north)
        self.made: dict[str, str] = {}

    async def begin(self) -> Sharing:
        await self.north.roster(colleague=TEACHES)
        await self.north.coached()
        self.made["goal"] = await self.people.active_goal("coach", "teacher")
        at = self.at(timedelta())
        self.made["observation"] = await self.people.shared_observation("coach", "teacher", at)
        self.made["administration"] = await released_results(self.north, "teacher")
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
