"""Operations of community meetings and of what is taken away from them, as `operations.CALLERS` has
those of other rooms, and what they need, as `filled` makes it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

TEACHER, COACH, PEER = "teacher-0001", "coach-01", "teacher-0004"
LEAD = "teacher-0003"  # of the program, by a grant that reaches the teacher
_MEETING, _TAKEAWAY = "community_meeting_id", "takeaway_id"
OF_MEETINGS: Mapping[str, tuple[str, Mapping[str, str]]] = {
    "plan_community_meeting": (LEAD, {}),
    "edit_community_meeting": (COACH, {_MEETING: "edited_meeting"}),
    "invite_community_meeting": (COACH, {}),
    "join_community_meeting": (TEACHER, {_MEETING: "asked_meeting"}),
    "step_out_community_meeting": (TEACHER, {_MEETING: "left_meeting"}),
    "hold_community_meeting": (
        COACH,
        {_MEETING: "due_meeting", "coaching_session_id": "met_coaching_session"},
    ),
    "cancel_community_meeting": (COACH, {_MEETING: "unwanted_meeting"}),
    "get_community_meeting": (TEACHER, {}),
    "list_community_meetings": (TEACHER, {}),
    "write_takeaway": (TEACHER, {}),
    "take_back_takeaway": (TEACHER, {_TAKEAWAY: "unwanted_takeaway"}),
    "get_takeaway": (TEACHER, {}),
    "list_takeaways": (TEACHER, {}),
}
# What a meeting is planned with beside its examples, and what comes as it is sent.
MORE: Mapping[str, Mapping[str, Any]] = {
    "record_training": {"topic": None},  # of who rates
    "correct_training": {"topic": None},
    "plan_community_meeting": {
        "program_id": None,
        "circle_ids": [],
        "member_ids": ["teacher-0001", "teacher-0002"],
    },
    "invite_community_meeting": {"member_ids": ["teacher-0002"]},
}
BEGUN = {"starts_at": "2026-10-05T14:30:00Z", "minutes": 480}  # by the clock of `filled`


async def fill_meetings(
    post: Callable[[str, str, Any], Awaitable[str]],
    example: Callable[[str], Any],
    ids: dict[str, str],
    named: Callable[[str], list[str]],
) -> None:
    """Meetings that the coach facilitates, to which the teacher and another are asked, and what the
    teacher takes away from the usual one; `post` answers the id of what who is named makes."""
    v1 = "/programs/v1/community-meetings"
    planned = example("plan_community_meeting") | {"member_ids": [TEACHER, PEER], "circle_ids": []}
    for name in (_MEETING, *named(_MEETING)):
        begun = name in (_MEETING, "due_meeting")
        ids[name] = await post(COACH, v1, planned | (BEGUN if begun else {}))
        for who in (TEACHER, PEER) if name != "asked_meeting" else ():
            await post(who, f"{v1}/{ids[name]}/join", None)
    said = example("write_takeaway")
    for name in (_TAKEAWAY, *named(_TAKEAWAY)):
        ids[name] = await post(TEACHER, "/programs/v1/takeaways", said)
