"""Relationships over REST: `/goals/v1/relationships/...`."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response, status

from services.chassis.call import Call
from services.chassis.edge.http import service_router
from services.chassis.edge.http_call import CallDep, PageDep, next_link, reply
from services.chassis.edge.paging import decode_token, encode_token, scope_of
from services.chassis.fields import Id
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
from services.goals.entrypoints import resources, schemas

NOTHING_TO_SAY = schemas.AcceptRelationship()


def routes(ports: Ports) -> APIRouter:
    """Every route of relationships over its use cases."""
    router = service_router("goals")

    @router.post(
        "/relationships", operation_id="propose_relationship", status_code=status.HTTP_201_CREATED
    )
    async def propose(
        body: schemas.ProposeRelationship, call: CallDep, response: Response
    ) -> resources.RelationshipResource:
        """Propose that a coach and a teacher work together; the other side answers. What is
        proposed or active already is answered as it is."""
        made = await propose_relationship(
            ports,
            call,
            coach=body.coach_id,
            teacher=body.teacher_id,
            school_year=body.school_year,
            acknowledged=body.acknowledges,
        )
        response.headers["Location"] = f"/goals/v1/relationships/{made.id}"
        return await _relationship(ports, response, call, made)

    @router.post("/relationships/{relationship_id}/accept", operation_id="accept_relationship")
    async def accept(
        relationship_id: Id,
        call: CallDep,
        response: Response,
        body: schemas.AcceptRelationship = NOTHING_TO_SAY,
    ) -> resources.RelationshipResource:
        """Accept a proposal, as the side that did not make it. A teacher whose coach leads
        (`coach_leads`) says `{"acknowledges": ["coach_leads"]}`."""
        made = await accept_relationship(
            ports, call, relationship_id, acknowledged=body.acknowledges
        )
        return await _relationship(ports, response, call, made)

    @router.post("/relationships/{relationship_id}/decline", operation_id="decline_relationship")
    async def decline(
        relationship_id: Id, call: CallDep, response: Response
    ) -> resources.RelationshipResource:
        """Decline a proposal, as the side that did not make it."""
        made = await decline_relationship(ports, call, relationship_id)
        return await _relationship(ports, response, call, made)

    @router.post("/relationships/{relationship_id}/end", operation_id="end_relationship")
    async def end(
        relationship_id: Id, call: CallDep, response: Response
    ) -> resources.RelationshipResource:
        """End a relationship or withdraw a proposal; the coach's access closes with it."""
        made = await end_relationship(ports, call, relationship_id)
        return await _relationship(ports, response, call, made)

    @router.get("/relationships/{relationship_id}", operation_id="get_relationship")
    async def get(
        relationship_id: Id, call: CallDep, response: Response
    ) -> resources.RelationshipResource:
        """One relationship, for its two sides and the district."""
        made = await get_relationship(ports, call, relationship_id)
        return await _relationship(ports, response, call, made)

    @router.get("/relationships", operation_id="list_relationships")
    async def list_all(
        call: CallDep,
        page: PageDep,
        request: Request,
        response: Response,
        coach_id: Id | None = None,
        teacher_id: Id | None = None,
    ) -> resources.RelationshipPage:
        """Those of a coach, of a teacher or of the two together; without either, the
        caller's own as a coach."""
        scope = scope_of(call, coach=coach_id, teacher=teacher_id)
        found = await list_relationships(
            ports,
            call,
            coach=coach_id or "",
            teacher=teacher_id or "",
            after=decode_token(page.token, scope),
            limit=page.size,
        )
        token = encode_token(found.after, scope)
        next_link(request, response, token)
        return resources.RelationshipPage(
            relationships=[
                resources.relationship_resource(each, await coach_leads(ports, each))
                for each in found.items
            ],
            next_page_token=token,
            left_out=found.left_out,
        )

    @router.post("/relationships/carry-over", operation_id="carry_over_relationships")
    async def carry_over(
        body: schemas.CarryOverRelationships, call: CallDep
    ) -> resources.CarryingOver:
        """Carry over a school year's relationships to the next, at most 100 of them a call, as
        the district. Whether they are active at once or the teachers are asked again is the
        district's setting. Repeated, nothing is carried over twice."""
        scope = scope_of(
            call,
            from_year=body.from_school_year,
            to_year=body.to_school_year,
            validate_only=body.validate_only,
        )
        found = await carry_over_relationships(
            ports,
            call,
            from_year=body.from_school_year,
            to_year=body.to_school_year,
            validate_only=body.validate_only,
            after=decode_token(body.page_token, scope),
        )
        token = encode_token(found.after, scope)
        return resources.carrying_over(found, body.validate_only, token)

    return router


async def _relationship(
    ports: Ports, response: Response, call: Call, relationship: Relationship
) -> resources.RelationshipResource:
    reply(response, call, relationship)
    return resources.relationship_resource(relationship, await coach_leads(ports, relationship))
