"""A partner's program on real engines: registered, read, followed, and revoked everywhere within a
minute, its open stream included."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import grpc

from coaching.journal.v1 import journal_pb2
from coaching.journal.v1.journal_pb2_grpc import JournalServiceStub
from tests.support.coaching import Coaching
from tests.support.stack import RunningStack
from tests.support.waiting import HANGS, Stopwatch, eventually

DISTRICT, ADMIN = "glade", "admin-01"
PARTNER, SCOPES = "warehouse", "goals.read+journal.read+observations.read+roster.read"
READS = {  # of each service
    path.split("/")[1]: path
    for path in (
        "/roster/v1/orgs",
        "/goals/v1/goals?teacher_id=teacher-0001",
        "/observations/v1/observations?teacher_id=teacher-0001",
        "/programs/v1/relationships?teacher_id=teacher-0001",
        "/surveys/v1/administrations?teacher_id=teacher-0001",
        "/insights/v1/caseloads/coach-01",
        "/privacy/v1/statements",
    )
}
WITHIN = 60.0


class Glade(Coaching):
    def __init__(self, stack: RunningStack) -> None:
        super().__init__(stack, DISTRICT)
        self.stack = stack

    async def reads(self, service: str, who: str = f"{PARTNER}?{SCOPES}") -> tuple[int, str]:
        async with self.stack.client(service, self.who(who)) as client:
            answer = await client.get(READS[service])
        return answer.status_code, answer.json().get("code", "")

    async def command(self, *typed: str) -> Any:
        """`tandem privacy partner` as its users type it: its JSON."""
        given = ["--district", DISTRICT, "--url", self.stack.stack.rest("privacy"), "--json"]
        given += ["--token", self.stack.token(self.who(ADMIN))]
        program = [sys.executable, "-m", "services.ctl", "privacy", "partner", *typed, *given]
        process = await asyncio.create_subprocess_exec(
            *program, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
        )
        told, said = await process.communicate()
        assert process.returncode == 0, said.decode()
        return json.loads(told)

    @asynccontextmanager
    async def following(self) -> AsyncIterator[Any]:
        token = self.stack.token(self.who(f"{PARTNER}?{SCOPES}"))
        async with grpc.aio.insecure_channel(self.stack.stack.grpc("goals")) as channel:
            asked = journal_pb2.FollowEventsRequest()
            metadata = (("authorization", f"Bearer {token}"),)
            yield JournalServiceStub(channel).FollowEvents(asked, metadata=metadata)


async def test_a_partner_is_revoked_everywhere_within_a_minute(stack: RunningStack) -> None:
    glade = Glade(stack)
    await glade.import_roster()
    await glade.known("teacher-0001")
    await glade.may(ADMIN, "/privacy/v1/partners")
    narrow = ["--scope", "goals.read", "--scope", "goals.journal.read", "--scope", "roster.read"]
    named = ["--title", "Warehouse", "--contact", "Data office"]
    assert await glade.reads("observations") == (200, "")
    await glade.command("register", PARTNER, *narrow, *named)

    async def narrowed() -> bool:
        return await glade.reads("observations") == (403, "scope_missing")

    await eventually(narrowed, timeout=WITHIN)
    assert await glade.reads("goals") == (200, "")
    assert await glade.reads("roster") == (200, "")

    async with glade.following() as stream:
        first = await anext(aiter(stream))
        assert first.position
        await glade.command("revoke", PARTNER, "--reason", "The contract has ended.")
        watch = Stopwatch()
        for service in READS:

            async def refused(service: str = service) -> bool:
                return await glade.reads(service) == (403, "partner_revoked")

            await eventually(refused, timeout=WITHIN)
        ended = asyncio.create_task(until_it_ends(stream))
        async with asyncio.timeout(HANGS):
            error = await ended
    assert error.code() is grpc.StatusCode.PERMISSION_DENIED
    assert "revoked" in str(error.details())
    assert watch.seconds() < WITHIN
    (listed,) = (await glade.command("list"))["partners"]
    assert (listed["partner_id"], listed["state"]) == (PARTNER, "revoked")


async def until_it_ends(stream: Any) -> grpc.aio.AioRpcError:
    try:
        async for _ in stream:
            pass
    except grpc.aio.AioRpcError as error:
        return error
    raise AssertionError("it ended as if nothing had been")
