"""The observations service over gRPC: the use cases of REST, with the same bodies."""

from __future__ import annotations

from typing import Any

import grpc

from coaching.observations.v1 import observations_pb2 as rpc
from coaching.observations.v1.observations_pb2_grpc import ObservationsServiceServicer
from services.chassis.grpc_server import call_of, id_of, parse
from services.chassis.paging import cut, decode_token, page_request, scope_of
from services.observations.adapters.codec import observation_snapshot, scores_of, tool_snapshot
from services.observations.application.acknowledge_observation import acknowledge_observation
from services.observations.application.complete_observation import complete_observation
from services.observations.application.draft_tool import draft_tool
from services.observations.application.get_observation import get_observation
from services.observations.application.get_tool import get_tool
from services.observations.application.list_observations import list_observations
from services.observations.application.list_tools import list_tools
from services.observations.application.ports import Ports
from services.observations.application.publish_tool import publish_tool
from services.observations.application.record_scores import record_scores
from services.observations.application.schedule_observation import schedule_observation
from services.observations.application.share_observation import share_observation
from services.observations.domain.observation import Observation
from services.observations.domain.tool import Tool
from services.observations.entrypoints import schemas

Context = grpc.aio.ServicerContext[Any, Any]


class ObservationsRpc(ObservationsServiceServicer):
    def __init__(self, ports: Ports) -> None:
        self._ports = ports

    async def DraftTool(self, request: rpc.DraftToolRequest, context: Context) -> rpc.Tool:
        body = parse(schemas.DraftTool, request)
        return tool_message(await draft_tool(self._ports, call_of(context), **body.arguments()))

    async def PublishTool(self, request: rpc.PublishToolRequest, context: Context) -> rpc.Tool:
        tool_id = id_of(request, "tool_id")
        return tool_message(await publish_tool(self._ports, call_of(context), tool_id))

    async def GetTool(self, request: rpc.GetToolRequest, context: Context) -> rpc.Tool:
        tool_id = id_of(request, "tool_id")
        return tool_message(await get_tool(self._ports, call_of(context), tool_id))

    async def ListTools(
        self, request: rpc.ListToolsRequest, context: Context
    ) -> rpc.ListToolsResponse:
        call = call_of(context)
        page = page_request(request.page_size, request.page_token)
        scope = scope_of(call)
        after = decode_token(page.token, scope)
        found = await list_tools(self._ports, call, after=after, limit=page.size + 1)
        items, token = cut(found, page, scope, lambda each: each.id)
        return rpc.ListToolsResponse(
            tools=[tool_message(each) for each in items], next_page_token=token
        )

    async def ScheduleObservation(
        self, request: rpc.ScheduleObservationRequest, context: Context
    ) -> rpc.Observation:
        body = parse(schemas.ScheduleObservation, request)
        made = await schedule_observation(self._ports, call_of(context), **body.arguments())
        return observation_message(made)

    async def RecordScores(
        self, request: rpc.RecordScoresRequest, context: Context
    ) -> rpc.Observation:
        observation_id = id_of(request, "observation_id")
        body = parse(schemas.RecordScores, request, skip=["observation_id"])
        made = await record_scores(
            self._ports, call_of(context), observation_id, **body.arguments()
        )
        return observation_message(made)

    async def CompleteObservation(
        self, request: rpc.ChangeObservationRequest, context: Context
    ) -> rpc.Observation:
        observation_id = id_of(request, "observation_id")
        return observation_message(
            await complete_observation(self._ports, call_of(context), observation_id)
        )

    async def ShareObservation(
        self, request: rpc.ChangeObservationRequest, context: Context
    ) -> rpc.Observation:
        observation_id = id_of(request, "observation_id")
        return observation_message(
            await share_observation(self._ports, call_of(context), observation_id)
        )

    async def AcknowledgeObservation(
        self, request: rpc.ChangeObservationRequest, context: Context
    ) -> rpc.Observation:
        observation_id = id_of(request, "observation_id")
        return observation_message(
            await acknowledge_observation(self._ports, call_of(context), observation_id)
        )

    async def GetObservation(
        self, request: rpc.GetObservationRequest, context: Context
    ) -> rpc.Observation:
        observation_id = id_of(request, "observation_id")
        return observation_message(
            await get_observation(self._ports, call_of(context), observation_id)
        )

    async def ListObservations(
        self, request: rpc.ListObservationsRequest, context: Context
    ) -> rpc.ListObservationsResponse:
        call = call_of(context)
        teacher = id_of(request, "teacher_id")
        page = page_request(request.page_size, request.page_token)
        scope = scope_of(call, teacher=teacher)
        found = await list_observations(
            self._ports,
            call,
            teacher=teacher,
            after=decode_token(page.token, scope),
            limit=page.size + 1,
        )
        items, token = cut(found, page, scope, lambda each: each.id)
        return rpc.ListObservationsResponse(
            observations=[observation_message(each) for each in items], next_page_token=token
        )


def tool_message(tool: Tool) -> rpc.Tool:
    return rpc.Tool(
        tool=tool_snapshot(tool),
        title=tool.title,
        attribution=tool.attribution,
        criteria=[
            rpc.Criterion(
                criterion_id=each.id,
                category=each.category,
                description=each.description,
                levels=[
                    rpc.Level(score=level.score, quality=level.quality) for level in each.levels
                ],
                reversed=each.reversed,
            )
            for each in tool.criteria
        ],
        etag=str(tool.version),
    )


def observation_message(observation: Observation) -> rpc.Observation:
    """For those who may see it: with scores and notes, shared or not."""
    snapshot = observation_snapshot(observation)
    del snapshot.scores[:]
    snapshot.scores.extend(scores_of(observation))
    return rpc.Observation(
        observation=snapshot,
        notes=[rpc.Note(criterion_id=each.criterion, text=each.text) for each in observation.notes],
        etag=str(observation.version),
    )
