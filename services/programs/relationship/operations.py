"""What callers may do with relationships: the two sides propose, answer and end, the district
arranges."""

from __future__ import annotations

from pydantic import Field

from coaching.programs.v1 import relationship_pb2, relationship_pb2_grpc
from services.access.policy import Policy
from services.access.school_year import SchoolYear
from services.chassis.call import Call
from services.chassis.edge.noun import Noun
from services.chassis.edge.operation import Late, Table, apart
from services.chassis.edge.paging import MAX_TOKEN, decode_token, encode_token, scope_of
from services.chassis.fields import Body
from services.programs.relationship import carrying_over, cases, handing_over, lists
from services.programs.relationship.cases import Ports
from services.programs.relationship.domain import Relationship
from services.programs.relationship.resources import (
    CarryingOver,
    RelationshipPage,
    carrying_over_resource,
    relationship_resource,
)

SIDES = Policy(party=True, district_admin=True, about="relationship")
SEEN = Policy(party=True, district_admin=True, partners=True, about="relationship")
SIDES_ALONE = Policy(party=True, about="relationship")
DISTRICT = Policy(district_admin=True, about="relationship")


class CarryOverRelationships(Body):
    from_school_year: SchoolYear = Field(examples=[2027])
    to_school_year: SchoolYear = Field(
        examples=[2028], description="The one after it: this one or the next"
    )
    validate_only: bool = Field(default=False, description="Answer what would be, change nothing")
    page_token: str = Field(
        default="", max_length=MAX_TOKEN, description="next_page_token of the page before"
    )


async def carry_over_relationships(
    ports: Ports, call: Call, asked: CarryOverRelationships
) -> CarryingOver:
    """Carry over a school year's relationships to the next, as the district. At most 100 of them a
    call. Whether they are active at once or the teachers are asked again is the district's
    setting. Repeated, nothing is carried over twice."""
    years = {"from_year": asked.from_school_year, "to_year": asked.to_school_year}
    scope = scope_of(call, validate_only=asked.validate_only, **years)
    after = decode_token(asked.page_token, scope)
    found = await carrying_over.carry_over_relationships(
        ports, call, validate_only=asked.validate_only, after=after, **years
    )
    token = encode_token(found.after, scope)
    return carrying_over_resource(found, asked.validate_only, token)


RELATIONSHIP: Noun[Ports, Relationship] = Noun(
    "/relationships/{relationship_id}",
    lambda ports: ports.relationships,
    relationship_resource,
    names=lambda ports: ports.names,
)
OPERATIONS: Table[Ports, Policy] = Table(
    "programs",
    relationship_pb2.DESCRIPTOR.services_by_name["RelationshipsService"],
    relationship_pb2_grpc.add_RelationshipsServiceServicer_to_server,
    RELATIONSHIP.create(cases.propose_relationship, SIDES, late=None),
    RELATIONSHIP.change(cases.accept_relationship, SIDES_ALONE, "accept", when=cases.accepting),
    RELATIONSHIP.move(
        Relationship.decline, SIDES_ALONE, when=Relationship.check_decline, late=Late.WINS
    ),
    RELATIONSHIP.move(
        Relationship.pause, SIDES_ALONE, when=Relationship.check_pause, late=Late.WINS
    ),
    RELATIONSHIP.move(Relationship.resume, SIDES_ALONE, when=Relationship.check_resume),
    RELATIONSHIP.move(Relationship.end, SIDES, when=Relationship.check_end, late=Late.WINS),
    RELATIONSHIP.change(
        handing_over.hand_over_relationship,
        SIDES,
        "hand-over",
        when=Relationship.check_hand_over,
    ),
    RELATIONSHIP.change(
        handing_over.accept_handover,
        SIDES_ALONE,
        "hand-over/accept",
        when=Relationship.check_accept_handover,
    ),
    RELATIONSHIP.change(
        handing_over.decline_handover,
        SIDES_ALONE,
        "hand-over/decline",
        when=Relationship.check_decline_handover,
    ),
    RELATIONSHIP.change(
        handing_over.withdraw_handover,
        SIDES,
        "hand-over/withdraw",
        when=Relationship.check_withdraw_handover,
    ),
    RELATIONSHIP.get(SEEN),
    RELATIONSHIP.find(lists.list_relationships, SEEN, RelationshipPage),
    apart(carry_over_relationships, "POST", "/relationships/carry-over", DISTRICT),
)
