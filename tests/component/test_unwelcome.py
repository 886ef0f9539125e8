"""Who may not be here is told so by the head of her request: nobody reads what she sends."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import Any
from unittest.mock import AsyncMock

import grpc
import pytest
from structlog.testing import capture_logs

from coaching.goals.v1 import goal_pb2, goal_pb2_grpc
from services.access.policy import Policies, Policy
from services.access.profile import Profile
from services.assembly.api import build_api
from services.assembly.service import base
from services.chassis.backing import memory
from services.chassis.call import Principal
from services.chassis.edge import grpc_edge, strict_json
from services.chassis.edge.shares import Room
from services.chassis.kernel import Fault, Kind
from services.chassis.log.memory_log import MemoryLog
from services.chassis.metrics import Metrics
from services.chassis.settings import load
from services.goals.settings import Settings
from tests.support.operations import routes
from tests.support.platform import Platform
from tests.support.raw_http import JSON, send
from tests.support.raw_socket import listening, request
from tests.support.served_grpc import bearer, serving
from tests.support.tiny_service import build, router
from tests.support.tokens import LocalIssuer

ISSUER = LocalIssuer()
NO_JSON = b"[" * 1_000
SENT = ["Content-Type: application/json", "Content-Length: 1000"]


async def only_teachers(principal: Principal, operation: str) -> bool:
    if not principal.person.startswith("teacher"):
        raise Fault(Kind.FORBIDDEN, "unknown_person", "Not here.")
    return True


def asks(
    person: str, headers: Sequence[str], body: bytes, target: str = "things", method: str = "POST"
) -> bytes:
    token = f"Authorization: {ISSUER.bearer(person)['Authorization']}"
    return request(f"/things/v1/{target}", token, *headers, method=method, body=body)


async def test_nobody_reads_the_body_of_who_may_not_be_here(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    read: list[bytes] = []
    parse = strict_json.parse

    def noted(data: bytes, *more: Any, **also: Any) -> Any:
        if data.startswith(b"["):
            read.append(data)
        return parse(data, *more, **also)

    monkeypatch.setattr(strict_json, "parse", noted)
    room = Room(8, knows=only_teachers)
    app = build(router(), ISSUER, Metrics(), room=room)
    async with listening(app) as up:
        for body in (NO_JSON, b"["):  # all of it, and what is still to come
            (wire,) = await up.connect()
            await wire.send(asks("nobody", SENT, body))
            head, answer = await wire.answer()
            assert head.startswith("http/1.1 403 ")
            assert json.loads(answer)["code"] == "unknown_person"
        assert await up.ask(asks("nobody", SENT, b"", "upload", "PUT")) == 403
        assert await up.ask(asks("nobody", SENT, b"", "things/t1/change")) == 403
        assert (room.held, room.arriving, read) == (0, 0, [])
        assert await up.ask(asks("teacher-1", SENT, NO_JSON)) == 400
    assert read


async def test_nobody_reads_the_message_of_who_may_not_be_here(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(grpc_edge, "message_of", AsyncMock(side_effect=AssertionError))
    async with serving() as served:
        monkeypatch.setattr(served.room, "_knows", only_teachers)
        goals = goal_pb2_grpc.GoalsServiceStub(await served.connection())
        with pytest.raises(grpc.aio.AioRpcError) as refused:
            await goals.GetGoal(goal_pb2.GetGoalRequest(goal_id="g"), metadata=bearer("nobody"))
    assert refused.value.code() is grpc.StatusCode.PERMISSION_DENIED


async def test_an_api_lets_in_whom_its_directory_knows(monkeypatch: pytest.MonkeyPatch) -> None:
    started = base("goals", load(Settings, environment="test"), memory(MemoryLog()))
    policies: Policies = {"make_goal": Policy(about="goals")}
    room: Room = build_api(started, policies, [], []).app.state.gate.room
    profiles: dict[str, Profile | None] = {
        "teacher": Profile("teacher", True),
        "left": Profile("left", False),
        "nobody": None,
    }

    async def profile(district: str, person: str) -> Profile | None:
        if person not in profiles:
            raise Fault(Kind.UNAVAILABLE, "database_away")
        return profiles[person]

    monkeypatch.setattr(started.directory, "profile", profile)
    assert await room.admits(Principal("north", person="teacher"), "make_goal")
    assert not await room.admits(Principal("north", person="not-found-out"), "make_goal")
    for person in ("left", "nobody"):
        with capture_logs() as logged, pytest.raises(Fault) as refused:
            await room.admits(Principal("north", person=person), "make_goal")
        assert refused.value.code == "unknown_person"
        assert [each["decision"] for each in logged] == ["refused"]


async def test_of_a_partner_without_the_scope_nothing_is_read() -> None:
    """Over both edges; a refusal says which scope it is."""
    started = base("goals", load(Settings, environment="test"), memory(MemoryLog()))
    policies: Policies = {
        "read_goal": Policy(scopes=frozenset({"roster.read"}), about="goal"),
        "make_goal": Policy(teacher=True, about="goal"),
        "answer": Policy(anonymous=True),
    }
    room: Room = build_api(started, policies, [], []).app.state.gate.room
    held = Principal("north", partner="sis", scopes=frozenset({"roster.read"}))
    other = Principal("north", partner="sis", scopes=frozenset({"journal.read"}))
    assert await room.admits(held, "read_goal")
    assert await room.admits(held, "answer")
    for principal, operation, code in (
        (other, "read_goal", "scope_missing"),
        (held, "make_goal", "forbidden"),
        (held, "nobody_knows", "forbidden"),
    ):
        with capture_logs() as logged, pytest.raises(Fault) as refused:
            await room.admits(principal, operation)
        assert (refused.value.kind, refused.value.code) == (Kind.FORBIDDEN, code)
        expected = ["refused"] if operation in policies else []
        assert [each["decision"] for each in logged] == expected


@pytest.mark.parametrize("operation", ["import_roster", "get_goal", "list_people"])
async def test_a_partner_without_the_scope_is_refused_whatever_it_sends(operation: str) -> None:
    """Also with what nobody could read, and with an id of nothing."""
    platform = Platform()
    (route,) = [each for each in routes(platform) if each.operation == operation]
    answer = await send(
        platform.services[route.service].app,
        route.method,
        re.sub(r"{[^}]*}", "nothing", route.template),
        headers=[JSON, (b"authorization", b"Bearer north/sis?other.scope")],
        body=b"[" if route.method != "GET" else b"",
    )
    assert (answer.status, answer.json()["code"]) == (403, "scope_missing")
