"""The hostile tokens at the two doors of a service: a 401 or UNAUTHENTICATED of one form, which
repeats nothing of what was sent, and no more does the log."""

from __future__ import annotations

import base64
import json
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from typing import Any, cast

import grpc
import pytest
from google.rpc import error_details_pb2
from grpc_status import rpc_status
from structlog.testing import capture_logs

from services.assembly.service import Service
from services.chassis.backing import memory
from services.chassis.edge.http_problem import Problem
from services.chassis.log.memory_log import MemoryLog
from services.chassis.settings import load
from services.programs import bootstrap as programs
from services.programs.settings import Settings
from tests.support.hostile_tokens import HOSTILE, with_an_rsa_key
from tests.support.raw_http import RawAnswer, send
from tests.support.rpcs import channel
from tests.support.tokens import AUDIENCE, LocalIssuer, identity_of, rsa_key

ROUTE = "/programs/v1/relationships"
RPC = "/coaching.programs.v1.RelationshipsService/ListRelationships"
NOTHING = b""  # the request, which asks for the caller's own
# A header ends with its line, and one of gRPC is of ASCII: the others are sent to neither.
REST = [name for name in HOSTILE if name != "a newline at the end"]
GRPC = [name for name in REST if name != "not ascii"]


@dataclass
class Doors:
    issuer: LocalIssuer
    service: Service
    channel: grpc.aio.Channel

    async def rest(self, token: str) -> RawAnswer:
        bearer = (b"authorization", f"Bearer {token}".encode())
        return await send(self.service.app, "GET", ROUTE, headers=[bearer])

    async def rpc(self, token: str) -> Any:
        ask: grpc.aio.UnaryUnaryMultiCallable[bytes, bytes] = self.channel.unary_unary(RPC)
        return await ask(NOTHING, metadata=(("authorization", f"Bearer {token}"),), timeout=10)


@pytest.fixture(scope="module")
async def doors() -> AsyncIterator[Doors]:
    """Shared: no token here changes anything."""
    issuer = with_an_rsa_key(LocalIssuer())
    settings = load(Settings, environment="test", host="127.0.0.1", grpc_port=0)
    service = programs.build(settings, memory(MemoryLog()), identity=identity_of(issuer))
    port = await service.grpc.start()
    async with channel(f"127.0.0.1:{port}") as opened:
        yield Doors(issuer, service, opened)
    await service.grpc.stop()


async def test_a_good_token_of_either_key_gets_through(doors: Doors) -> None:
    """The person is unknown to the service; that is another answer."""
    for key in (None, rsa_key()):
        token = doors.issuer.token(key=key)
        assert (await doors.rest(token)).status == 403
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await doors.rpc(token)
        assert caught.value.code() is grpc.StatusCode.PERMISSION_DENIED


@pytest.mark.parametrize("name", REST)
async def test_a_hostile_token_gets_a_401_that_repeats_nothing(doors: Doors, name: str) -> None:
    token = HOSTILE[name](doors.issuer)
    with capture_logs() as logged:
        answer = await doors.rest(token)
    assert answer.status == 401
    assert answer.headers["www-authenticate"] == "Bearer"
    assert told(answer) == (401, "no_token" if not token else "invalid_token")
    assert repeated(token, f"{answer.headers} {answer.body.decode()} {logged}") == []


@pytest.mark.parametrize("name", GRPC)
async def test_a_hostile_token_is_unauthenticated_over_grpc(doors: Doors, name: str) -> None:
    token = HOSTILE[name](doors.issuer)
    with capture_logs() as logged, pytest.raises(grpc.aio.AioRpcError) as caught:
        await doors.rpc(token)
    error = caught.value
    # the server of gRPC itself refuses metadata of more than 8 KiB
    code = "RESOURCE_EXHAUSTED" if name == "too long" else "UNAUTHENTICATED"
    assert error.code() is grpc.StatusCode[code]
    if code == "UNAUTHENTICATED":
        assert reason(error) == ("NO_TOKEN" if not token else "INVALID_TOKEN")
    answer = f"{error.details()} {error.initial_metadata()} {error.trailing_metadata()}"
    assert repeated(token, f"{answer} {logged}") == []


def test_there_are_at_least_a_hundred_and_fifty() -> None:
    assert len(HOSTILE) >= 150


async def test_a_token_for_another_purpose_is_forbidden_in_the_same_form(doors: Doors) -> None:
    token = doors.issuer.token(purpose="evaluation")
    with capture_logs() as logged:
        answer = await doors.rest(token)
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await doors.rpc(token)
    assert told(answer) == (403, "purpose_refused")
    assert caught.value.code() is grpc.StatusCode.PERMISSION_DENIED
    assert reason(caught.value) == "PURPOSE_REFUSED"
    lines = [each for each in logged if each["event"] != "access_decision"]  # who looked
    assert repeated(token, f"{answer.body.decode()} {caught.value} {lines}") == []


def told(answer: RawAnswer) -> tuple[int, str]:
    """Status and code of a problem that has all of its fields, and no others."""
    problem = answer.json()
    assert answer.headers["content-type"] == "application/problem+json"
    assert problem.keys() == Problem.model_fields.keys()
    assert (problem["errors"], bool(problem["title"])) == ([], True)
    assert problem["type"] == f"urn:tandem:problem:{problem['code']}"
    return problem["status"], problem["code"]


def reason(error: grpc.aio.AioRpcError) -> str:
    """That of the one ErrorInfo, which is all that there is."""
    (detail,) = rpc_status.from_call(cast(grpc.Call, error)).details
    info = error_details_pb2.ErrorInfo()
    assert detail.Unpack(info)
    return str(info.reason)


def repeated(token: str, answer: str) -> list[str]:
    """The parts of a token, and the texts within them, that an answer holds."""
    parts = token.split(".")
    texts = [text for part in parts for text in _texts(_json(part))]
    ours = {AUDIENCE}  # the product's own name
    return [each for each in {*parts, *texts} - ours if len(each) >= 6 and each in answer]


def _json(part: str) -> Any:
    try:
        return json.loads(base64.urlsafe_b64decode(part + "=="))
    except (ValueError, RecursionError):
        return None


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for each in value.values() if isinstance(value, dict) else value:
            yield from _texts(each)


def test_what_is_repeated_is_seen(doors: Doors) -> None:
    token = doors.issuer.token(aud="payroll")
    assert repeated(token, "the audience is payroll") == ["payroll"]
    assert repeated(token, token.split(".")[2]) == [token.split(".")[2]]
