"""The observations service as it is called: over REST and over gRPC, on memory adapters."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

import grpc
import httpx2
import pytest
from google.protobuf.timestamp_pb2 import Timestamp

from coaching.observations.v1 import observation_pb2 as pb
from coaching.observations.v1 import tool_pb2
from coaching.observations.v1.observation_pb2_grpc import ObservationsServiceStub
from coaching.observations.v1.tool_pb2_grpc import ToolsServiceStub
from services.assembly.rooms import edges_of
from services.ctl.demo.teach_tool import ATTRIBUTION, teach_tool
from services.observations import bootstrap
from tests.support.clocks import FakeClock
from tests.support.edges import as_, meta, over_grpc, over_rest
from tests.support.observations import ADMIN, COACH, OTHER_COACH, POLICIES, TEACHER, Service

V1 = "http://observations/observations/v1"
WHEN = "2026-11-04T17:30:00.123456+02:00"


@asynccontextmanager
async def rest(service: Service) -> AsyncIterator[httpx2.AsyncClient]:
    async with over_rest(edges_of(bootstrap.tables(), service.ports)[0], POLICIES) as client:
        yield client


@asynccontextmanager
async def rpc(service: Service) -> AsyncIterator[tuple[Any, Any]]:
    """The stubs of tools and of observations."""
    async with over_grpc(edges_of(bootstrap.tables(), service.ports)[1], POLICIES) as channel:
        yield ToolsServiceStub(channel), ObservationsServiceStub(channel)


async def post(client: httpx2.AsyncClient, path: str, person: str, body: Any = None) -> Any:
    answer = await client.post(f"{V1}{path}", json=body, headers=as_(person))
    assert answer.status_code in (200, 201), answer.text
    return answer.json()


async def in_progress(client: httpx2.AsyncClient) -> str:
    tool = (await post(client, "/tools", COACH, teach_tool()))["tool_id"]
    await post(client, f"/tools/{tool}/publish", COACH)
    body = {"teacher_id": TEACHER, "tool_id": tool, "scheduled_for": WHEN}
    made = await post(client, "/observations", COACH, body)
    made_id: str = made["observation_id"]
    await post(
        client,
        f"/observations/{made_id}/scores",
        COACH,
        {
            "scores": [{"criterion_id": "feedback", "score": 4}],
            "notes": [{"text": "calm"}, {"criterion_id": "autonomy", "text": "chose books"}],
        },
    )
    return made_id


async def test_an_observation_from_its_tool_to_its_acknowledgment_over_rest() -> None:
    on_its_day = FakeClock(datetime.fromisoformat(WHEN))
    async with rest(Service(clock=on_its_day)) as client:
        made_id = await in_progress(client)
        for step, person in (("complete", COACH), ("share", COACH), ("acknowledge", TEACHER)):
            await post(client, f"/observations/{made_id}/{step}", person)
        answer = await client.get(f"{V1}/observations/{made_id}", headers=as_(TEACHER))
        found = answer.json()
        assert answer.headers["etag"] == '"5"'
        assert found["state"] == "acknowledged"
        assert found["scheduled_for"] == "2026-11-04T15:30:00.123000Z"
        assert found["scores"] == [
            {
                "criterion_id": "feedback",
                "score": 4,
                "scale_min": 1,
                "scale_max": 5,
                "reversed": False,
                "voided_at": None,
                "voided_by": None,
                "voided_by_name": None,
            }
        ]
        assert found["notes"] == [
            {"criterion_id": None, "text": "calm"},
            {"criterion_id": "autonomy", "text": "chose books"},
        ]
        listed = await client.get(
            f"{V1}/observations", params={"teacher_id": TEACHER}, headers=as_(OTHER_COACH)
        )
        assert [each["observation_id"] for each in listed.json()["observations"]] == [made_id]


async def test_a_tool_shows_where_it_comes_from() -> None:
    async with rest(Service()) as client:
        made = await post(client, "/tools", COACH, teach_tool())
        answer = await client.get(f"{V1}/tools/{made['tool_id']}", headers=as_(TEACHER))
        assert (answer.json()["attribution"], answer.json()["license"]) == (
            ATTRIBUTION,
            "CC BY 4.0 IGO",
        )
        assert answer.json()["criteria"][0]["scale_max"] == 5


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"scheduled_for": "2026-11-04"}, "/scheduled_for"),
        ({"scheduled_for": "2026-11-04T15:30:00"}, "/scheduled_for"),
        ({"scheduled_for": "0001-01-01T00:00:00+14:00"}, "/scheduled_for"),
        ({"scheduled_for": 1_700_000_000}, "/scheduled_for"),
        ({"setting": "canary"}, "/setting"),
        ({"class_id": "a:b"}, "/class_id"),
        ({"school_year": 1999}, "/school_year"),
        ({"canary": 1}, ""),
        ({"tool_id": "canary"}, "/tool_id"),
    ],
)
async def test_bad_input_is_named_and_not_repeated(change: dict[str, Any], pointer: str) -> None:
    body = {"teacher_id": TEACHER, "tool_id": "t", "scheduled_for": WHEN, **change}
    async with rest(Service()) as client:
        answer = await client.post(f"{V1}/observations", json=body, headers=as_(COACH))
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    assert [each["pointer"] for each in answer.json()["errors"]] == [pointer]
    assert "canary" not in answer.text


async def test_what_is_not_hers_to_see_looks_missing() -> None:
    async with rest(Service()) as client:
        made_id = await in_progress(client)
        texts = set()
        for person in (ADMIN, OTHER_COACH, f"{COACH}@south"):
            for path in (f"/observations/{made_id}", "/observations/no-such"):
                answer = await client.get(f"{V1}{path}", headers=as_(person))
                problem = answer.json()
                texts.add((answer.status_code, problem["code"], problem["detail"]))
        assert len(texts) == 1
        assert (await client.get(f"{V1}/observations/{made_id}")).status_code == 401


async def test_the_same_over_grpc() -> None:
    service = Service()
    async with rpc(service) as (tools, stub):
        draft = tool_pb2.DraftToolRequest(title="Talk", license="CC BY 4.0", request_id="r-1")
        criterion = draft.criteria.add(criterion_id="noise", category="Culture", reversed=True)
        criterion.description = "Noise"
        criterion.levels.add(score=0, quality="quiet")
        criterion.levels.add(score=2, quality="loud")
        tool = await tools.DraftTool(draft, metadata=meta(COACH))
        again = await tools.DraftTool(draft, metadata=meta(COACH))
        assert again == tool
        change = tool_pb2.ChangeToolRequest(tool_id=tool.tool_id, etag=tool.etag)
        await tools.PublishTool(change, metadata=meta(COACH))
        when = Timestamp()
        when.FromDatetime(datetime(2026, 11, 4, tzinfo=UTC))
        made = await stub.ScheduleObservation(
            pb.ScheduleObservationRequest(
                teacher_id=TEACHER, tool_id=tool.tool_id, scheduled_for=when, setting="video"
            ),
            metadata=meta(COACH),
        )
        made_id = made.observation_id
        record = pb.RecordScoresRequest(observation_id=made_id)
        record.scores.add(criterion_id="noise", score=0)
        record.notes.add(text="calm")
        scored = await stub.RecordScores(record, metadata=meta(COACH))
        assert [each.text for each in scored.notes] == ["calm"]
        assert [(each.score, each.scale_max) for each in scored.scores] == [(0, 2)]
        same = pb.ChangeObservationRequest(observation_id=made_id)
        await stub.CompleteObservation(same, metadata=meta(COACH))
        await stub.ShareObservation(same, metadata=meta(COACH))
        seen = await stub.AcknowledgeObservation(same, metadata=meta(TEACHER))
        assert (seen.etag, seen.setting) == ('"5"', "video")
        listed = await stub.ListObservations(
            pb.ListObservationsRequest(teacher_id=TEACHER), metadata=meta(TEACHER)
        )
        (summary,) = listed.observations
        assert (summary.etag, summary.scores) == (seen.etag, seen.scores)
        one = pb.GetObservationRequest(observation_id=made_id)
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await stub.GetObservation(one, metadata=meta(ADMIN))
        assert caught.value.code() is grpc.StatusCode.NOT_FOUND


@pytest.mark.parametrize(
    "seconds", [None, 0, -62135596800, 253402300799, 253402300800, 2**62, -(2**62)]
)
async def test_an_instant_that_cannot_be_is_refused_over_grpc(seconds: int | None) -> None:
    request = pb.ScheduleObservationRequest(teacher_id=TEACHER, tool_id="t")
    if seconds is not None:
        request.scheduled_for.seconds = seconds
    async with rpc(Service()) as (_, stub):
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await stub.ScheduleObservation(request, metadata=meta(COACH))
    assert caught.value.code() is grpc.StatusCode.INVALID_ARGUMENT
