"""Answers about circles, over REST and gRPC."""

from __future__ import annotations

from datetime import datetime

from services.chassis.call import Call
from services.chassis.edge.actions import Acted
from services.chassis.edge.naming import name_of
from services.chassis.fields import PageResource, Resource
from services.programs.circle.domain import Circle
from services.programs.circle.outline import CircleKind, CircleState
from services.programs.relationship.domain import Work


class CircleMemberResource(Resource):
    teacher_id: str
    teacher_name: str | None = name_of("teacher_id")
    joined: bool
    shows: list[Work]


class CircleResource(Acted):
    """A pair or a group of teachers. `members`: who has `joined` or is asked to, of a group to who
    has not joined it herself alone; `shows`: of her work what the others who have joined see while
    it is active, in its school year."""

    circle_id: str
    kind: CircleKind
    school_year: int
    state: CircleState
    members: list[CircleMemberResource]
    member_count: int | None
    joined_count: int
    facilitator_id: str
    facilitator_name: str | None = name_of("facilitator_id")
    proposed_by: str
    proposed_by_name: str | None = name_of("proposed_by")
    proposed_at: datetime
    began_at: datetime | None
    ended_at: datetime | None
    version: int


class CirclePage(PageResource):
    circles: list[CircleResource]


def circle_resource(call: Call, circle: Circle) -> CircleResource:
    """One circle, for whom it names and the district."""
    reader = call.principal.person
    everybody = circle.tells_members(reader)
    return CircleResource(
        circle_id=circle.id,
        kind=circle.kind,
        school_year=circle.school_year,
        state=circle.state,
        members=[
            CircleMemberResource(teacher_id=each.person, joined=each.joined, shows=list(each.shows))
            for each in circle.members
            if everybody or each.person == reader
        ],
        member_count=len(circle.members) if everybody else None,
        joined_count=len(circle.joined),
        facilitator_id=circle.facilitator,
        proposed_by=circle.proposed_by,
        proposed_at=circle.proposed_at,
        began_at=circle.began_at,
        ended_at=circle.ended_at,
        version=circle.version,
    )
