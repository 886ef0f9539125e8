"""By no version, over no door, is who sent a celebration told what the teacher does with it."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator
from typing import Any

import grpc
import pytest
from google.protobuf.json_format import MessageToDict

from coaching.goals.v1 import celebration_pb2 as messages
from coaching.goals.v1.celebration_pb2_grpc import CelebrationsServiceStub
from tests.component.goals.test_celebrations import PATH, Celebrating
from tests.support.rpcs import served
from tests.support.staff import staffed

SYNC = "/goals/v1/sync"


class Sender:
    """`peer`, with the celebration that she has sent, over REST and gRPC."""

    def __init__(self, people: Celebrating, rpcs: Any, goal: str, made: Any) -> None:
        self.people, self.rpcs, self.goal = people, rpcs, goal
        self.id = made["celebration_id"]
        self.path = f"{PATH}/{self.id}"
        self.tag = ""  # with a digest, of when she last asked for what has changed
        self.token = (("authorization", "Bearer north/peer"),)

    async def rest(self, verb: str, path: str, body: Any = None, **headers: str) -> Any:
        sent = {name.replace("_", "-"): each for name, each in headers.items()}
        async with self.people.north.client("goals", "north/peer") as client:
            return await client.request(verb, path, json=body, headers=sent)

    async def told(self) -> list[Any]:
        """All that she is answered, headers included, and whether that is new to her."""
        one = await self.rest("GET", self.path)
        cond = await self.rest("GET", self.path, if_none_match=self.tag or '"0"')
        self.tag = cond.headers["etag"]
        pages = [
            each
            for more in ("", "&taken_back=true")
            for each in (await self.rest("GET", f"{PATH}?teacher_id=teacher{more}")).json()[
                "celebrations"
            ]
            if each["celebration_id"] == self.id
        ]
        get = messages.GetCelebrationRequest(celebration_id=self.id)
        found = await self.rpcs.GetCelebration(get, metadata=self.token)
        listed = await self.rpcs.ListCelebrations(
            messages.ListCelebrationsRequest(teacher_id="teacher"), metadata=self.token
        )
        many = [each for each in listed.celebrations if each.celebration_id == self.id]
        said = [MessageToDict(each) for each in (found, *many)]
        answer = [one.json(), one.headers["etag"], cond.status_code, *pages, *said]
        return [self._nameless(each) for each in answer]

    def _nameless(self, said: Any) -> Any:
        if not isinstance(said, dict):
            return said
        return {
            name: self._nameless(each) if isinstance(each, dict) else each
            for name, each in said.items()
            if each not in (self.id, self.goal)
        }

    async def say(self, note: str, etag: str) -> list[Any]:
        body = {"note": note}
        answer = await self.rest("PUT", f"{self.path}/note", body, if_match=etag)
        told = answer.json()
        if answer.status_code == 412:
            return [412, told["code"]]
        return [answer.status_code, answer.headers["etag"], self._nameless(told)]

    async def sync(self, command: str, note: str, base: int) -> Any:
        said = {
            "command_id": command,
            "operation": "correct_celebration_note",
            "path": {"celebration_id": self.id},
            "body": {"note": note},
            "base_version": base,
        }
        (told,) = (await self.rest("POST", SYNC, {"commands": [said]})).json()["answers"]
        del told["command_id"]
        return self._nameless(told)


@pytest.fixture
async def people() -> Celebrating:
    people = Celebrating(await staffed(None))
    await people.pair("peer", ["goals"])
    return people


@pytest.fixture
async def senders(people: Celebrating) -> AsyncIterator[tuple[Sender, Sender]]:
    """Of two celebrations that are like each other."""
    async with served(people.north) as channels:
        rpcs = CelebrationsServiceStub(channels["goals"])
        made = []
        for _ in range(2):
            goal = await people.achieved()
            made.append(Sender(people, rpcs, goal, await people.send("peer", goal)))
        yield made[0], made[1]


async def acts(people: Celebrating, one: Sender) -> None:
    """She puts it away, takes it up again, and puts it away once more."""
    for _ in range(2):
        await people.post("teacher", f"{one.path}/put-away")
        chosen = {"audience": "mine"}
        await people.asks.ask("north/teacher", "PUT", f"{one.path}/audience", chosen)
    await people.post("teacher", f"{one.path}/put-away")


async def test_all_that_she_is_told_is_the_same_before_and_after(
    people: Celebrating, senders: tuple[Sender, Sender]
) -> None:
    one, _ = senders
    await one.told()
    before = await one.told()
    assert (before[1], before[2], before[0]["version"]) == ('"1"', 304, 1)
    assert [each["etag"] for each in before[-2:]] == ['"1"', '"1"']
    await people.post("teacher", f"{one.path}/put-away")
    assert await one.told() == before
    chosen = {"audience": "mine"}
    hers = (await people.asks.ask("north/teacher", "PUT", f"{one.path}/audience", chosen)).json()
    assert (hers["state"], hers["version"]) == ("sent", 3)
    assert await one.told() == before
    await people.post("teacher", f"{one.path}/put-away")
    chosen = {"audience": "coaches"}
    await people.asks.ask("north/teacher", "PUT", f"{one.path}/audience", chosen)
    after = await one.told()
    assert (after[0]["audience"], after[0]["version"], after[1]) == ("coaches", 2, '"2"')


async def test_her_versions_are_hers_whatever_the_teacher_does_between(
    people: Celebrating, senders: tuple[Sender, Sender]
) -> None:
    """Step by step she is told of one that the teacher puts away what she is told of the other."""
    known: list[list[Any]] = []
    keys = [str(uuid.uuid4()) for _ in range(2)]
    for one in senders:
        told: list[Any] = []
        known.append(told)

        async def between(it: Sender = one) -> None:
            if it is senders[0]:
                await acts(people, it)
                chosen = {"audience": "mine"}
                await people.asks.ask("north/teacher", "PUT", f"{it.path}/audience", chosen)

        await between()
        told.append(await one.say("Second", '"1"'))
        await between()
        told.append(await one.say("Over it", '"1"'))  # she has not seen the second
        told.append(await one.say("Third", '"2"'))
        told.append(await one.say("Third", '"3"'))
        await between()
        told.append(await one.sync(keys[0], "Fourth", 3))
        await between()
        told.append(await one.sync(keys[0], "Fourth", 3))
        told.append(await one.sync(keys[1], "Over it, too", 3))
        told.append(await one.told())
    quiet = known[1]
    assert known[0] == quiet
    assert [each[0] for each in quiet[:4]] == [200, 412, 200, 200]
    assert [each[1] for each in quiet[:4]] == ['"2"', "stale_version", '"3"', '"3"']
    assert [each["outcome"] for each in quiet[4:7]] == ["applied", "duplicate", "conflict"]
    assert [each["written_version"] for each in quiet[4:7]] == [4, 4, None]
    assert (quiet[7][0]["note"], quiet[7][0]["version"]) == ("Fourth", 4)


async def test_over_grpc_a_stale_etag_is_refused_and_hers_is_good(
    people: Celebrating, senders: tuple[Sender, Sender]
) -> None:
    one, _ = senders
    await acts(people, one)
    asked = messages.CorrectCelebrationNoteRequest(celebration_id=one.id, note="New", etag='"1"')
    told = await one.rpcs.CorrectCelebrationNote(asked, metadata=one.token)
    assert (told.etag, told.note) == ('"2"', "New")
    asked.note = "Newer"
    with pytest.raises(grpc.aio.AioRpcError) as refused:
        await one.rpcs.CorrectCelebrationNote(asked, metadata=one.token)
    assert refused.value.code() is grpc.StatusCode.ABORTED


async def test_the_teacher_is_told_and_names_the_version_that_it_has(
    people: Celebrating, senders: tuple[Sender, Sender]
) -> None:
    one, _ = senders
    await people.post("teacher", f"{one.path}/put-away")
    await one.say("Second", '"1"')
    hers = await people.asks.ask("north/teacher", "GET", one.path)
    assert (hers.json()["version"], hers.headers["etag"]) == (3, '"3"')
    for etag, status in (('"2"', 412), ('"3"', 200)):
        chosen, seen = {"audience": "mine"}, {"If-Match": etag}
        path = f"{one.path}/audience"
        await people.asks.ask("north/teacher", "PUT", path, chosen, headers=seen, status=status)
