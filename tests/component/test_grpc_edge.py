"""The gRPC edge around a goals service that only echoes what it was told."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Iterable
from typing import Any, cast

import grpc
import pytest
from google.rpc import error_details_pb2
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_status import rpc_status

from coaching.goals.v1 import goal_pb2, goal_pb2_grpc
from coaching.insights.v1 import caseload_pb2, caseload_pb2_grpc
from coaching.surveys.v1 import administration_pb2, administration_pb2_grpc
from services.chassis.edge import deadline, grpc_edge
from services.chassis.edge.grpc_call import call_of, operation_of
from services.chassis.edge.grpc_crowd import Crowd
from services.chassis.edge.grpc_edge import Edged, GrpcEdge
from services.chassis.edge.grpc_parse import id_of, parse
from services.chassis.edge.grpc_server import GrpcServer, RpcService
from services.chassis.edge.sizes import MAX_ANONYMOUS, MAX_BODY, MAX_MESSAGE
from services.chassis.fields import Body, Id, Line
from services.chassis.kernel import Fault, Kind
from services.chassis.metrics import GRPC_SECONDS, Metrics
from services.chassis.settings import ChassisSettings, load
from services.goals.goal.cases import DraftGoal
from tests.support.edges import gate
from tests.support.served_grpc import made
from tests.support.tokens import LocalIssuer, identity_of

SECRET = "Maria Garcia"
Context = grpc.aio.ServicerContext[Any, Any]


class Said(Body):
    item_id: Id
    value: int


class Submit(Body):
    administration_id: Id
    code: Line
    answers: list[Said]


class Goals(goal_pb2_grpc.GoalsServiceServicer):
    async def DraftGoal(
        self, request: goal_pb2.DraftGoalRequest, context: Context
    ) -> goal_pb2.Goal:
        call = call_of(context)
        call.decided = True
        body = parse(DraftGoal, request)
        told = f"{call.operation} {call.principal.person} {call.key} {body.target} {body.due_date}"
        return goal_pb2.Goal(statement=f"{told} {body.direction.value} {body.baseline}")

    async def GetGoal(self, request: goal_pb2.GetGoalRequest, context: Context) -> goal_pb2.Goal:
        id_of(request, "goal_id")
        call_of(context).decided = request.goal_id != "undecided"
        if request.goal_id == "broken":
            raise RuntimeError(SECRET)
        if request.goal_id == "slow":
            await asyncio.Event().wait()
        if request.goal_id in [kind.value for kind in Kind]:
            raise Fault(Kind(request.goal_id), "some_code", "What to do.", "/items/0/text")
        return goal_pb2.Goal(etag="1")

    async def ActivateGoal(
        self, request: goal_pb2.ChangeGoalRequest, context: Context
    ) -> goal_pb2.Goal:
        call = call_of(context)
        call.decided = True
        return goal_pb2.Goal(etag=str(call.if_match))


class Surveys(administration_pb2_grpc.AdministrationsServiceServicer):
    async def SubmitResponse(
        self, request: administration_pb2.SubmitResponseRequest, context: Context
    ) -> administration_pb2.SubmitResponseResponse:
        call = call_of(context)
        call.decided = True
        body = parse(Submit, request, skip=["district_id"])
        assert call.district == "lakeside"
        assert not call.principal.id
        assert [each.value for each in body.answers] == [0, 4]
        return administration_pb2.SubmitResponseResponse()


class Insights(caseload_pb2_grpc.CaseloadsServiceServicer):
    async def WatchCaseload(
        self, request: caseload_pb2.WatchCaseloadRequest, context: Context
    ) -> AsyncIterator[caseload_pb2.WatchCaseloadResponse]:
        call = call_of(context)
        for number in range(3):
            call.decided = number < 2
            yield caseload_pb2.WatchCaseloadResponse()


SERVICES = [
    RpcService(
        goal_pb2_grpc.add_GoalsServiceServicer_to_server,
        made(Goals),
        goal_pb2.DESCRIPTOR.services_by_name["GoalsService"],
    ),
    RpcService(
        administration_pb2_grpc.add_AdministrationsServiceServicer_to_server,
        made(Surveys),
        administration_pb2.DESCRIPTOR.services_by_name["AdministrationsService"],
    ),
    RpcService(
        caseload_pb2_grpc.add_CaseloadsServiceServicer_to_server,
        made(Insights),
        caseload_pb2.DESCRIPTOR.services_by_name["CaseloadsService"],
    ),
]
POLICIES = {operation_of(m.name): None for s in SERVICES for m in s.descriptor.methods}


@pytest.fixture
def metrics() -> Metrics:
    return Metrics()


@pytest.fixture
async def channel(metrics: Metrics) -> AsyncIterator[grpc.aio.Channel]:
    settings = load(ChassisSettings, environment="test", host="127.0.0.1", grpc_port=0)
    server = GrpcServer(
        SERVICES,
        gate(settings, identity_of(ISSUER), metrics),
        policies=POLICIES,
        anonymous=frozenset({"submit_response"}),
    )
    port = await server.start()
    async with grpc.aio.insecure_channel(f"127.0.0.1:{port}") as opened:
        yield opened
    await server.stop()


ISSUER = LocalIssuer()


def bearer(**more: str) -> tuple[tuple[str, str], ...]:
    return (("authorization", f"Bearer {ISSUER.token()}"), *more.items())


async def refused(
    call: Awaitable[Any], code: grpc.StatusCode
) -> tuple[error_details_pb2.ErrorInfo, list[str], str]:
    """The ErrorInfo, the violated fields and the text of an RPC that must fail."""
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await call
    error = caught.value
    assert error.code() is code, error
    status = rpc_status.from_call(cast(grpc.Call, error))
    assert SECRET not in str(status)
    info, bad = error_details_pb2.ErrorInfo(), error_details_pb2.BadRequest()
    for detail in status.details:
        detail.Unpack(info)
        detail.Unpack(bad)
    assert info.domain == "tandem"
    return info, [each.field for each in bad.field_violations], status.message


def draft(**more: Any) -> goal_pb2.DraftGoalRequest:
    least = {"teacher_id": "t1", "statement": "Ask more", "target": 0.0}
    least |= {"focus_skill": "questioning", "measure_id": "open-questions", "unit": "percent"}
    return goal_pb2.DraftGoalRequest(**{**least, **more})


async def test_a_request_becomes_a_call_and_the_body_of_rest(channel: grpc.aio.Channel) -> None:
    goals = goal_pb2_grpc.GoalsServiceStub(channel)
    answer = await goals.DraftGoal(draft(request_id="r-1"), metadata=bearer())
    assert answer.statement == "draft_goal coach-1 r-1 0.0 None increase None"
    request = draft(due_date="2027-01-31", baseline=0.0, direction="DIRECTION_DECREASE")
    answer = await goals.DraftGoal(request, metadata=bearer())
    assert answer.statement.endswith("0.0 2027-01-31 decrease 0.0")


@pytest.mark.parametrize(
    ("request_", "field"),
    [
        (draft(teacher_id=""), "teacher_id"),
        (draft(teacher_id=SECRET), "teacher_id"),
        (draft(statement="x\0"), "statement"),
        (draft(due_date=SECRET * 20), "due_date"),
        (draft(target=float("inf")), "target"),
        (draft(target=1e12), "target"),
        (draft(request_id="a b"), "request_id"),
    ],
)
async def test_an_invalid_field_is_named(
    channel: grpc.aio.Channel, request_: goal_pb2.DraftGoalRequest, field: str
) -> None:
    goals = goal_pb2_grpc.GoalsServiceStub(channel)
    _, fields, _ = await refused(
        goals.DraftGoal(request_, metadata=bearer()), grpc.StatusCode.INVALID_ARGUMENT
    )
    assert fields == [field]


async def test_a_request_for_another_district_than_the_tokens_is_refused(
    channel: grpc.aio.Channel,
) -> None:
    goals = goal_pb2_grpc.GoalsServiceStub(channel)
    await goals.DraftGoal(draft(), metadata=(*bearer(), ("tandem-district", "riverside")))
    call = goals.DraftGoal(draft(), metadata=(*bearer(), ("tandem-district", "lakeside")))
    info, _, _ = await refused(call, grpc.StatusCode.PERMISSION_DENIED)
    assert info.reason == "OTHER_DISTRICT"


@pytest.mark.parametrize("token", ["", "Basic x", "Bearer", "Bearer a.b.c"])
async def test_no_good_token_no_answer(channel: grpc.aio.Channel, token: str) -> None:
    goals = goal_pb2_grpc.GoalsServiceStub(channel)
    call = goals.GetGoal(goal_pb2.GetGoalRequest(goal_id="g"), metadata=(("authorization", token),))
    await refused(call, grpc.StatusCode.UNAUTHENTICATED)


@pytest.mark.parametrize(
    ("kind", "code"),
    [
        ("invalid", grpc.StatusCode.INVALID_ARGUMENT),
        ("forbidden", grpc.StatusCode.PERMISSION_DENIED),
        ("not_found", grpc.StatusCode.NOT_FOUND),
        ("conflict", grpc.StatusCode.FAILED_PRECONDITION),
        ("stale", grpc.StatusCode.ABORTED),
        ("limited", grpc.StatusCode.RESOURCE_EXHAUSTED),
        ("unavailable", grpc.StatusCode.UNAVAILABLE),
    ],
)
async def test_every_kind_has_its_code(
    channel: grpc.aio.Channel, kind: str, code: grpc.StatusCode
) -> None:
    goals = goal_pb2_grpc.GoalsServiceStub(channel)
    call = goals.GetGoal(goal_pb2.GetGoalRequest(goal_id=kind), metadata=bearer())
    info, fields, text = await refused(call, code)
    assert (info.reason, text) == ("SOME_CODE", "What to do.")
    assert len(info.metadata["trace_id"]) == 32
    assert fields == (["items[0].text"] if kind == "invalid" else [])


async def test_a_crash_tells_nothing(channel: grpc.aio.Channel) -> None:
    goals = goal_pb2_grpc.GoalsServiceStub(channel)
    call = goals.GetGoal(goal_pb2.GetGoalRequest(goal_id="broken"), metadata=bearer())
    info, _, text = await refused(call, grpc.StatusCode.INTERNAL)
    assert (info.reason, text) == ("INTERNAL", "Internal error")


async def test_an_answer_without_an_access_decision_does_not_leave(
    channel: grpc.aio.Channel,
) -> None:
    goals = goal_pb2_grpc.GoalsServiceStub(channel)
    call = goals.GetGoal(goal_pb2.GetGoalRequest(goal_id="undecided"), metadata=bearer())
    info, _, _ = await refused(call, grpc.StatusCode.INTERNAL)
    assert info.reason == "NO_ACCESS_DECISION"


async def test_each_item_of_a_stream_needs_a_decision(channel: grpc.aio.Channel) -> None:
    insights = caseload_pb2_grpc.CaseloadsServiceStub(channel)
    stream = insights.WatchCaseload(caseload_pb2.WatchCaseloadRequest(), metadata=bearer())
    seen: list[object] = []

    async def read() -> None:
        async for item in stream:
            seen.append(item)

    info, _, _ = await refused(read(), grpc.StatusCode.INTERNAL)
    assert len(seen) == 2
    assert info.reason == "NO_ACCESS_DECISION"


async def test_a_stream_does_not_outlive_its_token(
    channel: grpc.aio.Channel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(grpc_edge, "GOODBYE_SECONDS", -2 * 3600.0)
    insights = caseload_pb2_grpc.CaseloadsServiceStub(channel)
    call = insights.WatchCaseload(caseload_pb2.WatchCaseloadRequest(), metadata=bearer())
    info, _, _ = await refused(call.read(), grpc.StatusCode.UNAUTHENTICATED)
    assert info.reason == "TOKEN_ENDED"


async def test_etags(channel: grpc.aio.Channel) -> None:
    goals = goal_pb2_grpc.GoalsServiceStub(channel)
    for etag in ("3", '"3"'):
        request = goal_pb2.ChangeGoalRequest(goal_id="g", etag=etag)
        assert (await goals.ActivateGoal(request, metadata=bearer())).etag == "3"
    request = goal_pb2.ChangeGoalRequest(goal_id="g", etag="latest")
    call = goals.ActivateGoal(request, metadata=bearer())
    _, fields, _ = await refused(call, grpc.StatusCode.INVALID_ARGUMENT)
    assert fields == ["etag"]


async def test_respondents_need_no_token(channel: grpc.aio.Channel) -> None:
    surveys = administration_pb2_grpc.AdministrationsServiceStub(channel)
    answers = [
        administration_pb2.Answer(item_id="i1"),
        administration_pb2.Answer(item_id="i2", value=4),
    ]
    request = administration_pb2.SubmitResponseRequest(
        district_id="lakeside", administration_id="a1", code="c", answers=answers
    )
    await surveys.SubmitResponse(request)
    answers[1].item_id = ""
    del request.answers[:]
    request.answers.extend(answers)
    _, fields, _ = await refused(surveys.SubmitResponse(request), grpc.StatusCode.INVALID_ARGUMENT)
    assert fields == ["answers[1].item_id"]
    request.district_id = "a:b"
    await refused(surveys.SubmitResponse(request), grpc.StatusCode.INVALID_ARGUMENT)


async def test_a_large_message_is_refused(channel: grpc.aio.Channel) -> None:
    goals = goal_pb2_grpc.GoalsServiceStub(channel)
    answers = administration_pb2_grpc.AdministrationsServiceStub(channel).SubmitResponse
    calls: list[Any] = [answers(administration_pb2.SubmitResponseRequest(code="x" * MAX_ANONYMOUS))]
    for size in (MAX_BODY, MAX_MESSAGE):
        calls.append(goals.DraftGoal(draft(statement="x" * size), metadata=bearer()))
    for each in calls:
        assert await each.code() is grpc.StatusCode.RESOURCE_EXHAUSTED


async def test_what_takes_too_long_may_be_tried_again(
    channel: grpc.aio.Channel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(deadline, "ANSWER_SECONDS", 0.05)
    stub = goal_pb2_grpc.GoalsServiceStub(channel)
    slow = stub.GetGoal(goal_pb2.GetGoalRequest(goal_id="slow"), metadata=bearer())
    info, _, _ = await refused(slow, grpc.StatusCode.UNAVAILABLE)
    assert info.reason == "DEADLINE"


async def test_a_deadline_ends_the_work(channel: grpc.aio.Channel, metrics: Metrics) -> None:
    goals = goal_pb2_grpc.GoalsServiceStub(channel)
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await goals.GetGoal(goal_pb2.GetGoalRequest(goal_id="slow"), metadata=bearer(), timeout=0.1)
    assert caught.value.code() is grpc.StatusCode.DEADLINE_EXCEEDED


async def test_health_and_metrics(channel: grpc.aio.Channel, metrics: Metrics) -> None:
    health = health_pb2_grpc.HealthStub(channel)
    request = health_pb2.HealthCheckRequest(service="coaching.goals.v1.GoalsService")
    answer = await health.Check(request)
    assert answer.status == health_pb2.HealthCheckResponse.SERVING
    goals = goal_pb2_grpc.GoalsServiceStub(channel)
    await goals.GetGoal(goal_pb2.GetGoalRequest(goal_id="g"), metadata=bearer())
    child = metrics.of(GRPC_SECONDS, "coaching.goals.v1.GoalsService", "GetGoal", "OK")
    assert child._sum.get() > 0


def test_methods_are_served_by_name_alone() -> None:
    class Server:  # has no add_registered_method_handlers: whoever asks for it fails
        added: tuple[grpc.GenericRpcHandler, ...] = ()

        def add_generic_rpc_handlers(self, handlers: Iterable[grpc.GenericRpcHandler]) -> None:
            self.added = (*self.added, *handlers)

    server = Server()
    settings = load(ChassisSettings, environment="test")
    edge = GrpcEdge(gate(settings, identity_of(ISSUER)), frozenset(), Crowd(8))
    SERVICES[0].add(SERVICES[0].servicer, Edged(cast(grpc.aio.Server, server), edge))
    assert len(server.added) == 1


def test_an_rpc_without_a_policy_cannot_be_served() -> None:
    with pytest.raises(ValueError, match="without a policy: draft_goal"):
        GrpcServer(
            SERVICES,
            gate(load(ChassisSettings, environment="test"), identity_of(ISSUER)),
            policies={name: None for name in POLICIES if name != "draft_goal"},
        )
