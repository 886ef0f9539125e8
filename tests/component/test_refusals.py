"""What is refused leaves a line that says what was asked, by route, and why: never by whom, or
what she sent; and of students' answers there is none."""

from __future__ import annotations

from typing import Any

import grpc
import httpx2
import pytest
from structlog.testing import capture_logs

from coaching.goals.v1 import goal_pb2, goal_pb2_grpc
from coaching.surveys.v1 import administration_pb2, administration_pb2_grpc
from services.chassis.edge.refusals import AT_ONCE, EACH_SECOND, Refusals
from services.chassis.logs import FIELDS
from services.chassis.metrics import Metrics
from tests.support.served_grpc import serving
from tests.support.tiny_service import SECRET, build, router
from tests.support.tokens import LocalIssuer

THINGS = "/things/v1/things"


def refusals(lines: Any) -> list[dict[str, Any]]:
    found = [dict(each) for each in lines if each["event"] == "refused"]
    for each in found:
        assert each["log_level"] == "info"
        assert each.pop("seconds") >= 0
        assert each.keys() - {"log_level"} <= FIELDS
        assert SECRET not in str(each)
    return found


async def test_a_refused_request_is_a_line_with_what_the_answer_says() -> None:
    issuer = LocalIssuer()
    transport = httpx2.ASGITransport(build(router(), issuer, Metrics()))
    async with httpx2.AsyncClient(
        transport=transport, base_url="http://things", headers=issuer.bearer()
    ) as api:
        with capture_logs() as lines:
            answers = [
                await api.post(THINGS, json={"name": 7, SECRET: SECRET}),
                await api.get("/things/v1/faults/conflict"),
                await api.get(f"/things/v1/{SECRET}"),
                await api.get(THINGS, headers={"Authorization": f"Bearer {SECRET}"}),
            ]
            assert (await api.get(THINGS)).status_code == 200
            assert (await api.get("/things/v1/broken")).status_code == 500
    told = refusals(lines)
    assert [each["request_id"] for each in told] == [
        each.headers["x-request-id"] for each in answers
    ]
    assert [(each["method"], each["route"], each["status"], each["code"]) for each in told] == [
        ("POST", THINGS, 422, "invalid_request"),
        ("GET", "/things/v1/faults/{kind}", 409, "some_code"),
        ("GET", "none", 404, "no_such_route"),
        ("GET", THINGS, 401, "invalid_token"),
    ]


async def test_a_refused_answer_of_a_student_leaves_no_line() -> None:
    transport = httpx2.ASGITransport(build(router(), LocalIssuer(), Metrics()))
    async with httpx2.AsyncClient(transport=transport, base_url="http://things") as api:
        with capture_logs() as lines:
            answer = await api.post("/things/v1/submissions", json={"district_id": 7})
            assert answer.status_code == 422
    assert lines == []
    with capture_logs() as lines:
        async with serving() as served:
            surveys = administration_pb2_grpc.AdministrationsServiceStub(await served.connection())
            with pytest.raises(grpc.aio.AioRpcError):
                await surveys.SubmitResponse(administration_pb2.SubmitResponseRequest())
    assert refusals(lines) == []


async def test_so_is_a_refused_rpc() -> None:
    with capture_logs() as lines:
        async with serving() as served:
            goals = goal_pb2_grpc.GoalsServiceStub(await served.connection())
            with pytest.raises(grpc.aio.AioRpcError):
                await goals.GetGoal(
                    goal_pb2.GetGoalRequest(), metadata=(("authorization", f"Bearer {SECRET}"),)
                )
    (told,) = refusals(lines)
    said = {"operation": "get_goal", "status": 401, "code": "invalid_token"}
    assert told == {"event": "refused", "log_level": "info", **said}


def test_many_refusals_are_counted_instead() -> None:
    now = 0.0
    refused = Refusals(lambda: now)

    def lines(times: int) -> list[dict[str, Any]]:
        with capture_logs() as told:
            for _ in range(times):
                refused.tell(status=401)
        return [dict(each) for each in told]

    assert len(lines(AT_ONCE + 1_000)) == AT_ONCE
    now = 1.0
    first, *others = lines(EACH_SECOND + 5)
    assert (first["count"], len(others)) == (1_000, EACH_SECOND - 1)
    assert not any("count" in each for each in others)
    now = 1_000.0
    assert [each.get("count") for each in lines(AT_ONCE + 1)] == [5] + [None] * (AT_ONCE - 1)
