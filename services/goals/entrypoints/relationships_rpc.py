"""Relationships over gRPC: the same use cases as `relationships_rest.py`."""

from __future__ import annotations

from typing import Any

import grpc

from coaching.goals.v1 import goals_pb2 as pb
from coaching.goals.v1.goals_pb2_grpc import (
    RelationshipsServiceServicer,
    add_RelationshipsServiceServicer_to_server,
)
from services.chassis.edge.grpc_server import RpcService, call_of, id_of, parse
from services.chassis.edge.paging import decode_token, encode_token, page_request, scope_of
from services.chassis.write.states import stamp
from services.goals.adapters.codec import RELATIONSHIP_STATES, relationship_snapshot
from services.goals.application.accept_relationship import accept_relationship
from services.goals.application.carry_over_relationships import carry_over_relationships
from services.goals.application.decline_relationship import decline_relationship
from services.goals.application.end_relationship import end_relationship
from services.goals.application.get_relationship import get_relationship
from services.goals.application.leading import coach_leads
from services.goals.application.list_relationships import list_relationships
from services.goals.application.ports import Ports
from services.goals.application.propose_relationship import propose_relationship
from services.goals.domain.relationship import Relationship
from services.goals.entrypoints import schemas

Context = grpc.aio.ServicerContext[Any, Any]


def relationship_rpcs(ports: Ports) -> RpcService:
    return RpcService(
        add_RelationshipsServiceServicer_to_server,
        RelationshipsRpc(ports),
        pb.DESCRIPTOR.services_by_name["RelationshipsService"],
    )


class RelationshipsRpc(RelationshipsServiceServicer):
    def __init__(self, ports: Ports) -> None:
        self._ports = ports

    async def ProposeRelationship(
        self, request: pb.ProposeRelationshipRequest, context: Context
    ) -> pb.Relationship:
        body = parse(schemas.ProposeRelationship, request)
        made = await propose_relationship(
            self._ports,
            call_of(context),
            coach=body.coach_id,
            teacher=body.teacher_id,
            school_year=body.school_year,
            acknowledged=body.acknowledges,
        )
        return await self._relationship(made)

    async def AcceptRelationship(
        self, request: pb.AcceptRelationshipRequest, context: Context
    ) -> pb.Relationship:
        relationship_id = id_of(request, "relationship_id")
        body = parse(schemas.AcceptRelationship, request, skip=("relationship_id",))
        made = await accept_relationship(
            self._ports, call_of(context), relationship_id, acknowledged=body.acknowledges
        )
        return await self._relationship(made)

    async def DeclineRelationship(
        self, request: pb.ChangeRelationshipRequest, context: Context
    ) -> pb.Relationship:
        relationship_id = id_of(request, "relationship_id")
        made = await decline_relationship(self._ports, call_of(context), relationship_id)
        return await self._relationship(made)

    async def EndRelationship(
        self, request: pb.ChangeRelationshipRequest, context: Context
    ) -> pb.Relationship:
        relationship_id = id_of(request, "relationship_id")
        made = await end_relationship(self._ports, call_of(context), relationship_id)
        return await self._relationship(made)

    async def GetRelationship(
        self, request: pb.GetRelationshipRequest, context: Context
    ) -> pb.Relationship:
        relationship_id = id_of(request, "relationship_id")
        made = await get_relationship(self._ports, call_of(context), relationship_id)
        return await self._relationship(made)

    async def ListRelationships(
        self, request: pb.ListRelationshipsRequest, context: Context
    ) -> pb.ListRelationshipsResponse:
        call = call_of(context)
        coach = id_of(request, "coach_id") if request.coach_id else ""
        teacher = id_of(request, "teacher_id") if request.teacher_id else ""
        page = page_request(request.page_size, request.page_token)
        scope = scope_of(call, coach=coach, teacher=teacher)
        found = await list_relationships(
            self._ports,
            call,
            coach=coach,
            teacher=teacher,
            after=decode_token(page.token, scope),
            limit=page.size,
        )
        token = encode_token(found.after, scope)
        return pb.ListRelationshipsResponse(
            relationships=[await self._relationship(each) for each in found.items],
            next_page_token=token,
            left_out=found.left_out,
        )

    async def CarryOverRelationships(
        self, request: pb.CarryOverRelationshipsRequest, context: Context
    ) -> pb.CarryOverRelationshipsResponse:
        call, body = call_of(context), parse(schemas.CarryOverRelationships, request)
        scope = scope_of(
            call,
            from_year=body.from_school_year,
            to_year=body.to_school_year,
            validate_only=body.validate_only,
        )
        found = await carry_over_relationships(
            self._ports,
            call,
            from_year=body.from_school_year,
            to_year=body.to_school_year,
            validate_only=body.validate_only,
            after=decode_token(body.page_token, scope),
        )
        return pb.CarryOverRelationshipsResponse(
            carried_over=[
                pb.CarriedOverRelationship(
                    relationship_id=each.new.id,
                    from_relationship_id=each.old.id,
                    coach_id=each.old.coach,
                    teacher_id=each.old.teacher,
                    state=RELATIONSHIP_STATES[each.new.state],
                )
                for each in found.items
                if each.new is not None
            ],
            skipped=[
                pb.SkippedRelationship(
                    from_relationship_id=each.old.id,
                    coach_id=each.old.coach,
                    teacher_id=each.old.teacher,
                    reason=each.reason,
                )
                for each in found.items
                if each.new is None
            ],
            next_page_token=encode_token(found.after, scope),
            left_out=found.left_out,
            validate_only=body.validate_only,
        )

    async def _relationship(self, relationship: Relationship) -> pb.Relationship:
        return pb.Relationship(
            relationship=relationship_snapshot(relationship),
            etag=f'"{relationship.version}"',
            coach_leads=await coach_leads(self._ports, relationship),
            earlier_rounds=[
                pb.RelationshipRound(
                    state=RELATIONSHIP_STATES[each.state],
                    proposed_by=each.proposed_by,
                    proposed_at=stamp(each.proposed_at),
                    accepted_at=stamp(each.accepted_at),
                    ended_at=stamp(each.ended_at),
                    carried_over_from=each.carried_over_from or 0,
                )
                for each in relationship.earlier
            ],
        )
