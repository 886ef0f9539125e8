"""Who asks too often is told when to come again, over both doors of a process, and others notice
nothing."""

from __future__ import annotations

import json
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any, cast

import grpc
import pytest
from google.rpc import error_details_pb2
from grpc_status import rpc_status

from coaching.goals.v1 import goal_pb2, goal_pb2_grpc
from coaching.journal.v1 import journal_pb2, journal_pb2_grpc
from coaching.surveys.v1 import administration_pb2, administration_pb2_grpc
from services.chassis.edge.admission import Urgency
from services.chassis.edge.http import door_of
from services.chassis.edge.rates import PARTS, REFUSED_TOKENS, RateLimits
from services.chassis.metrics import RATE_REFUSED, Metrics
from services.chassis.rates import Rate, Rates
from tests.support.raw_socket import Listening, Wire, listening, request
from tests.support.served_grpc import PAGES, Served, serving
from tests.support.tiny_service import build, router
from tests.support.tokens import LocalIssuer

FEW = Rate(per_second=1, burst=3)
THINGS, UPLOAD, SUBMIT = "/things/v1/things", "/things/v1/upload", "/things/v1/submissions"
ORIGIN = "https://coach.example.org"


class Now:
    """Both clocks of the process: tests alone move it."""

    def __init__(self) -> None:
        self.at = time.time()

    def __call__(self) -> float:
        return self.at


@dataclass
class Doors:
    """Of one process, which has the same limits at both; its districts may ask as often as FEW."""

    now: Now
    issuer: LocalIssuer
    metrics: Metrics
    limits: RateLimits
    rest: Listening
    grpc: Served

    def refused(self, limit: str) -> float:
        return float(self.metrics.of(RATE_REFUSED, limit)._value.get())

    async def ask(self, token: str, *headers: str) -> Wire:
        (wire,) = await self.rest.connect()
        said = [f"Authorization: Bearer {token}"] if token else []
        await wire.send(request(THINGS, *said, *headers))
        return wire

    async def status(self, token: str, *headers: str) -> int:
        return await (await self.ask(token, *headers)).status()

    async def submits(self, *headers: str) -> int:
        """Without a token."""
        body = b'{"district_id": "riverside", "text": "a"}'
        more = ("Content-Type: application/json", f"Content-Length: {len(body)}", *headers)
        return await self.rest.ask(request(SUBMIT, *more, method="POST", body=body))

    async def rpc(self, token: str) -> goal_pb2.Goal:
        stub: Any = goal_pb2_grpc.GoalsServiceStub(await self.grpc.connection())
        metadata = (("authorization", f"Bearer {token}"),)
        answer: goal_pb2.Goal = await stub.GetGoal(
            goal_pb2.GetGoalRequest(goal_id="g"), metadata=metadata
        )
        return answer


@pytest.fixture
async def doors() -> AsyncIterator[Doors]:
    now, metrics = Now(), Metrics()
    issuer = LocalIssuer(now=now)
    few = Rates(person=FEW, bulk=FEW, address=FEW)
    limits = RateLimits(metrics, lambda district: few, now)
    settings: dict[str, Any] = {"cors_origins": (ORIGIN,), "trusted_proxies": 1}
    urgencies = {"upload_thing": Urgency.BULK}
    app = build(router(), issuer, metrics, urgencies, limits=limits, **settings)
    async with (
        listening(app, door=door_of(app)) as rest,
        serving(limits=limits, issuer=issuer, trusted_proxies=1) as served,
    ):
        yield Doors(now, issuer, metrics, limits, rest, served)


async def use_up(doors: Doors, token: str) -> None:
    for _ in range(FEW.burst):
        assert await doors.status(token) == 200


async def test_who_asks_too_often_is_told_when_to_come_again(doors: Doors) -> None:
    coach, other = doors.issuer.token("coach-1"), doors.issuer.token("coach-2")
    await use_up(doors, coach)
    doors.now.at += 0.3
    head, body = await (await doors.ask(coach)).answer()
    assert head.startswith("http/1.1 429 ")
    assert "retry-after: 1\r\n" in head
    assert (json.loads(body)["code"], json.loads(body)["status"]) == ("too_many_requests", 429)
    assert await doors.status(other) == 200
    doors.now.at += 1
    assert await doors.status(coach) == 200
    assert await doors.status(coach) == 429
    assert doors.refused("person") == 2


async def test_whose_token_is_new_to_the_process_is_counted_once(doors: Doors) -> None:
    """The door does not know her yet, and the application has counted her."""
    for _ in range(FEW.burst):
        assert await doors.status(doors.issuer.token("coach-1")) == 200
    assert await doors.status(doors.issuer.token("coach-1", jti="another")) == 429


async def test_a_refusal_waits_for_no_body(doors: Doors) -> None:
    token = doors.issuer.token("coach-1")
    await use_up(doors, token)
    (wire,) = await doors.rest.connect()
    said = (f"Authorization: Bearer {token}", "Content-Type: application/json")
    await wire.send(request(THINGS, *said, "Content-Length: 900", method="POST"))
    assert await wire.status() == 429


async def test_a_browsers_frontend_may_read_it(doors: Doors) -> None:
    token = doors.issuer.token("coach-1")
    await use_up(doors, token)
    for origin, allowed in ((ORIGIN, True), ("https://else.example.org", False)):
        head, _ = await (await doors.ask(token, f"Origin: {origin}")).answer()
        assert head.startswith("http/1.1 429 ")
        assert (f"access-control-allow-origin: {origin}\r\n" in head) is allowed


async def test_over_grpc_it_is_told_by_retry_info(doors: Doors) -> None:
    coach, other = doors.issuer.token("coach-1"), doors.issuer.token("coach-2")
    await use_up(doors, coach)  # both doors count together
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await doors.rpc(coach)
    assert caught.value.code() is grpc.StatusCode.RESOURCE_EXHAUSTED
    info, retry = error_details_pb2.ErrorInfo(), error_details_pb2.RetryInfo()
    for detail in rpc_status.from_call(cast(grpc.Call, caught.value)).details:
        detail.Unpack(info)
        detail.Unpack(retry)
    assert (info.reason, retry.retry_delay.seconds) == ("TOO_MANY_REQUESTS", 1)
    assert (await doors.rpc(other)).etag == "1"
    doors.now.at += 1
    assert (await doors.rpc(coach)).etag == "1"


async def test_bulk_work_has_a_limit_of_its_own_and_counts_once(doors: Doors) -> None:
    """However many pieces it comes in."""
    token = doors.issuer.token("coach-1")
    await use_up(doors, token)
    said = (f"Authorization: Bearer {token}", "Transfer-Encoding: chunked")
    pieces = b"1\r\na\r\n" * 50 + b"0\r\n\r\n"
    for status in (200, 200, 200, 429):
        assert await doors.rest.ask(request(UPLOAD, *said, method="PUT", body=pieces)) == status
    assert (doors.refused("person"), doors.refused("bulk")) == (0, 1)


async def test_a_stream_of_answers_counts_once(doors: Doors) -> None:
    stub: Any = journal_pb2_grpc.JournalServiceStub(await doors.grpc.connection())
    metadata = (("authorization", f"Bearer {doors.issuer.token('coach-1')}"),)

    async def pages() -> int:
        read = stub.ReadJournal(journal_pb2.ReadJournalRequest(), metadata=metadata)
        return len([page async for page in read])

    assert [await pages() for _ in range(FEW.burst)] == [PAGES] * FEW.burst
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await pages()
    assert caught.value.code() is grpc.StatusCode.RESOURCE_EXHAUSTED


async def test_without_a_token_an_address_has_its_limit(doors: Doors) -> None:
    assert [await doors.submits() for _ in range(4)] == [200, 200, 200, 429]
    assert await doors.status(doors.issuer.token("coach-1")) == 200  # of others it takes nothing
    surveys: Any = administration_pb2_grpc.AdministrationsServiceStub(await doors.grpc.connection())
    sent = administration_pb2.SubmitResponseRequest(district_id="riverside")
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await surveys.SubmitResponse(sent)
    assert caught.value.code() is grpc.StatusCode.RESOURCE_EXHAUSTED
    elsewhere = (("x-forwarded-for", "203.0.113.1, 198.51.100.7"),)
    await surveys.SubmitResponse(sent, metadata=elsewhere)
    doors.now.at += 1
    await surveys.SubmitResponse(sent)


async def test_an_address_is_what_the_last_proxy_says(doors: Doors) -> None:
    schools = ("198.51.100.7", "198.51.100.8")
    for school in schools:
        said = [f"X-Forwarded-For: 203.0.113.{number}, {school}" for number in range(4)]
        assert [await doors.submits(each) for each in said] == [200, 200, 200, 429]
    assert doors.refused("address") == 2


async def test_a_flood_of_bad_tokens_keeps_out_none_that_was_good(doors: Doors) -> None:
    """Nor do they who send them learn anything by it: what is refused is not verified."""
    known, new = doors.issuer.token("coach-1"), doors.issuer.token("coach-2", jti="new")
    assert await doors.status(known) == 200
    doors.now.at += 61  # what was verified then is verified again
    for part in range(PARTS):
        bad = next(f"bad-{n}" for n in range(10_000) if hash(f"bad-{n}") % PARTS == part)
        for _ in range(REFUSED_TOKENS.burst):
            doors.limits.token_refused("127.0.0.1", bad)
        assert await doors.status(bad) == 429
    assert doors.refused("token") == PARTS
    assert await doors.status(known) == 200
    assert await doors.status(new) == 429
    assert await doors.status(new, "X-Forwarded-For: 198.51.100.7") == 200


async def test_a_refused_token_counts(doors: Doors) -> None:
    for _ in range(REFUSED_TOKENS.burst - 1):
        doors.limits.token_refused("127.0.0.1", "bad")
    assert [await doors.status("bad") for _ in range(3)] == [401, 429, 429]
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await doors.rpc("bad")
    assert caught.value.code() is grpc.StatusCode.RESOURCE_EXHAUSTED


async def test_without_a_token_at_all_it_is_the_old_answer(doors: Doors) -> None:
    assert [await doors.status("") for _ in range(5)] == [401] * 5
