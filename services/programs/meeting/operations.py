"""What callers may do with community meetings: whom one names sees it, who facilitates it plans it
and each member answers for herself alone. No leader and no administrator is told of one."""

from __future__ import annotations

from coaching.programs.v1 import community_meeting_pb2, community_meeting_pb2_grpc
from services.access.policy import Policy
from services.chassis.edge.noun import Noun
from services.chassis.edge.operation import Late, Table
from services.programs.meeting import cases, lists, recording
from services.programs.meeting.cases import Ports
from services.programs.meeting.domain import CommunityMeeting
from services.programs.meeting.resources import CommunityMeetingPage, community_meeting_resource

NAMED = Policy(party=True, about="community_meeting")

MEETING: Noun[Ports, CommunityMeeting] = Noun(
    "/community-meetings/{community_meeting_id}",
    lambda ports: ports.meetings,
    community_meeting_resource,
    names=lambda ports: ports.names,
)
OPERATIONS: Table[Ports, Policy] = Table(
    "programs",
    community_meeting_pb2.DESCRIPTOR.services_by_name["CommunityMeetingsService"],
    community_meeting_pb2_grpc.add_CommunityMeetingsServiceServicer_to_server,
    MEETING.create(cases.plan_community_meeting, NAMED),
    MEETING.change(
        cases.edit_community_meeting, NAMED, "", verb="PATCH", when=CommunityMeeting.check_edit
    ),
    MEETING.change(
        cases.invite_community_meeting, NAMED, "invite", when=CommunityMeeting.check_invite
    ),
    MEETING.change(cases.join_community_meeting, NAMED, "join", when=cases.joining),
    MEETING.move(
        CommunityMeeting.step_out,
        NAMED,
        "step-out",
        when=CommunityMeeting.check_step_out,
        late=Late.WINS,
    ),
    MEETING.change(
        recording.hold_community_meeting, NAMED, "hold", when=CommunityMeeting.check_hold
    ),
    MEETING.move(CommunityMeeting.cancel, NAMED, when=CommunityMeeting.check_edit, late=Late.WINS),
    MEETING.get(NAMED),
    MEETING.find(lists.list_community_meetings, NAMED, CommunityMeetingPage),
)
