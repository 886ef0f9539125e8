"""The observations service over gRPC: the use cases of REST, with the same bodies."""

from __future__ import annotations

from typing import Any

import grpc

from coaching.observations.v1 import observations_pb2 as pb
from coaching.observations.v1.observations_pb2_grpc import (
    ObservationsServiceServicer,
    add_ObservationsServiceServicer_to_server,
)
from services.chassis.edge.grpc_server import RpcService, call_of, id_of, parse
from services.chassis.edge.paging import decode_token, encode_token, page_request, scope_of
from services.chassis.write.states import stamp
from services.observations.adapters.codec import observation_snapshot, scores_of, tool_snapshot
from services.observations.application.acknowledge_observation import acknowledge_observation
from services.observations.application.cancel_observation import cancel_observation
from services.observations.application.complete_observation import complete_observation
from services.observations.application.draft_tool import draft_tool
from services.observations.application.get_observation import get_observation
from services.observations.application.get_tool import get_tool
from services.observations.application.hand_over_observation import hand_over_observation
from services.observations.application.list_observations import list_observations
from services.observations.application.list_tools import list_tools
from services.observations.application.ports import Ports
from services.observations.application.publish_tool import publish_tool
from services.observations.application.record_scores import record_scores
from services.observations.application.reopen_observation import reopen_observation
from services.observations.application.reschedule_observation import reschedule_observation
from services.observations.application.schedule_observation import schedule_observation
from services.observations.application.share_observation import share_observation
from services.observations.application.withdraw_tool import withdraw_tool
from services.observations.domain.observation import Observation, ObservationOutline
from services.observations.domain.tool import Tool, ToolSummary
from services.observations.entrypoints import schemas

Context = grpc.aio.ServicerContext[Any, Any]


def rpc_service(ports: Ports) -> RpcService:
    return RpcService(
        add_ObservationsServiceServicer_to_server,
        ObservationsRpc(ports),
        pb.DESCRIPTOR.services_by_name["ObservationsService"],
    )


class ObservationsRpc(ObservationsServiceServicer):
    def __init__(self, ports: Ports) -> None:
        self._ports = ports

    async def DraftTool(self, request: pb.DraftToolRequest, context: Context) -> pb.Tool:
        body = parse(schemas.DraftTool, request)
        return _tool(await draft_tool(self._ports, call_of(context), **body.arguments()))

    async def PublishTool(self, request: pb.PublishToolRequest, context: Context) -> pb.Tool:
        tool_id = id_of(request, "tool_id")
        return _tool(await publish_tool(self._ports, call_of(context), tool_id))

    async def WithdrawTool(self, request: pb.WithdrawToolRequest, context: Context) -> pb.Tool:
        tool_id = id_of(request, "tool_id")
        return _tool(await withdraw_tool(self._ports, call_of(context), tool_id))

    async def GetTool(self, request: pb.GetToolRequest, context: Context) -> pb.Tool:
        tool_id = id_of(request, "tool_id")
        return _tool(await get_tool(self._ports, call_of(context), tool_id))

    async def ListTools(
        self, request: pb.ListToolsRequest, context: Context
    ) -> pb.ListToolsResponse:
        call = call_of(context)
        page = page_request(request.page_size, request.page_token)
        taken_back = request.taken_back
        scope = scope_of(call, taken_back=taken_back)
        after = decode_token(page.token, scope)
        found = await list_tools(
            self._ports, call, taken_back=taken_back, after=after, limit=page.size
        )
        token = encode_token(found.after, scope)
        return pb.ListToolsResponse(
            tools=[_tool_summary(each) for each in found.items],
            next_page_token=token,
            left_out=found.left_out,
        )

    async def ScheduleObservation(
        self, request: pb.ScheduleObservationRequest, context: Context
    ) -> pb.Observation:
        body = parse(schemas.ScheduleObservation, request)
        made = await schedule_observation(self._ports, call_of(context), **body.arguments())
        return _observation(made)

    async def RecordScores(
        self, request: pb.RecordScoresRequest, context: Context
    ) -> pb.Observation:
        observation_id = id_of(request, "observation_id")
        body = parse(schemas.RecordScores, request, skip=["observation_id"])
        made = await record_scores(
            self._ports, call_of(context), observation_id, **body.arguments()
        )
        return _observation(made)

    async def RescheduleObservation(
        self, request: pb.RescheduleObservationRequest, context: Context
    ) -> pb.Observation:
        observation_id = id_of(request, "observation_id")
        body = parse(schemas.RescheduleObservation, request, skip=["observation_id"])
        moved = await reschedule_observation(
            self._ports, call_of(context), observation_id, scheduled_for=body.scheduled_for
        )
        return _observation(moved)

    async def CompleteObservation(
        self, request: pb.ChangeObservationRequest, context: Context
    ) -> pb.Observation:
        observation_id = id_of(request, "observation_id")
        return _observation(
            await complete_observation(self._ports, call_of(context), observation_id)
        )

    async def ReopenObservation(
        self, request: pb.ChangeObservationRequest, context: Context
    ) -> pb.Observation:
        observation_id = id_of(request, "observation_id")
        return _observation(await reopen_observation(self._ports, call_of(context), observation_id))

    async def CancelObservation(
        self, request: pb.ChangeObservationRequest, context: Context
    ) -> pb.Observation:
        observation_id = id_of(request, "observation_id")
        return _observation(await cancel_observation(self._ports, call_of(context), observation_id))

    async def HandOverObservation(
        self, request: pb.HandOverObservationRequest, context: Context
    ) -> pb.Observation:
        observation_id = id_of(request, "observation_id")
        body = parse(schemas.HandOverObservation, request, skip=["observation_id"])
        handed = await hand_over_observation(
            self._ports, call_of(context), observation_id, observer=body.observer_id
        )
        return _observation(handed)

    async def ShareObservation(
        self, request: pb.ChangeObservationRequest, context: Context
    ) -> pb.Observation:
        observation_id = id_of(request, "observation_id")
        return _observation(await share_observation(self._ports, call_of(context), observation_id))

    async def AcknowledgeObservation(
        self, request: pb.ChangeObservationRequest, context: Context
    ) -> pb.Observation:
        observation_id = id_of(request, "observation_id")
        return _observation(
            await acknowledge_observation(self._ports, call_of(context), observation_id)
        )

    async def GetObservation(
        self, request: pb.GetObservationRequest, context: Context
    ) -> pb.Observation:
        observation_id = id_of(request, "observation_id")
        return _observation(await get_observation(self._ports, call_of(context), observation_id))

    async def ListObservations(
        self, request: pb.ListObservationsRequest, context: Context
    ) -> pb.ListObservationsResponse:
        call = call_of(context)
        teacher = id_of(request, "teacher_id")
        page = page_request(request.page_size, request.page_token)
        taken_back = request.taken_back
        scope = scope_of(call, teacher=teacher, taken_back=taken_back)
        found = await list_observations(
            self._ports,
            call,
            teacher=teacher,
            taken_back=taken_back,
            after=decode_token(page.token, scope),
            limit=page.size,
        )
        token = encode_token(found.after, scope)
        return pb.ListObservationsResponse(
            observations=[_observation_summary(each) for each in found.items],
            next_page_token=token,
            left_out=found.left_out,
        )


def _tool_summary(tool: Tool | ToolSummary) -> pb.Tool:
    return pb.Tool(
        tool=tool_snapshot(tool),
        title=tool.title,
        attribution=tool.attribution,
        etag=str(tool.version),
    )


def _tool(tool: Tool) -> pb.Tool:
    message = _tool_summary(tool)
    message.criteria.extend(
        pb.Criterion(
            criterion_id=each.id,
            category=each.category,
            description=each.description,
            levels=[pb.Level(score=level.score, quality=level.quality) for level in each.levels],
            reversed=each.reversed,
        )
        for each in tool.criteria
    )
    return message


def _observation(observation: Observation) -> pb.Observation:
    message = _observation_summary(observation)
    message.notes.extend(
        pb.Note(criterion_id=each.criterion, text=each.text) for each in observation.notes
    )
    return message


def _observation_summary(observation: ObservationOutline) -> pb.Observation:
    """For those who may see it: with scores, shared or not."""
    snapshot = observation_snapshot(observation)
    del snapshot.scores[:]
    snapshot.scores.extend(scores_of(observation))
    return pb.Observation(
        observation=snapshot,
        etag=str(observation.version),
        handed_over=[
            pb.HandOver(
                observer_id=each.observer,
                handed_over_by=each.by,
                handed_over_at=stamp(each.at),
            )
            for each in observation.handed_over
        ],
    )
