"""Operations of coaching programs and sessions, as `operations.CALLERS` has those of other rooms,
and sessions for them, as `filled` makes what is of other rooms."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

from tests.support.meeting_operations import MORE as MORE_OF_PROGRAMS
from tests.support.meeting_operations import OF_MEETINGS, fill_meetings

__all__ = ["MORE_OF_PROGRAMS"]
TEACHER, COACH, ADMIN, LEAD = "teacher-0001", "coach-01", "admin-01", "teacher-0003"
PEER = "teacher-0004"  # of a pair with the teacher
ALL_WORK = ["goals", "observations", "surveys"]
OF_PROGRAMS: Mapping[str, tuple[str, Mapping[str, str]]] = {
    "propose_relationship": (COACH, {}),
    "list_relationships": (COACH, {}),
    "carry_over_relationships": (ADMIN, {}),
    "accept_relationship": ("teacher-0002", {"relationship_id": "to_accept"}),
    "decline_relationship": ("teacher-0003", {"relationship_id": "to_decline"}),
    "pause_relationship": ("coach-02", {"relationship_id": "to_pause"}),
    "resume_relationship": ("coach-02", {"relationship_id": "paused_relationship"}),
    "end_relationship": (COACH, {"relationship_id": "to_end"}),
    "get_relationship": (COACH, {}),
    "draft_program": (ADMIN, {}),
    "edit_program": (LEAD, {"program_id": "draft_program"}),
    "plan_program": (LEAD, {"program_id": "draft_program"}),
    "deviate_program": (LEAD, {}),
    "open_program": (LEAD, {"program_id": "draft_program"}),
    "begin_program": (LEAD, {"program_id": "open_program"}),
    "close_program": (LEAD, {"program_id": "closing_program"}),
    "withdraw_program": (LEAD, {"program_id": "unwanted_program"}),
    "get_program": (COACH, {}),
    "list_programs": (COACH, {}),
    "get_program_process": (COACH, {}),
    "get_program_size": (COACH, {}),
    "get_program_delivery": (LEAD, {}),
    "enroll_teacher": (ADMIN, {"program_id": "joined_program"}),
    "get_enrollment": (TEACHER, {}),
    "list_enrollments": (TEACHER, {}),
    "withdraw_enrollment": (ADMIN, {"enrollment_id": "unwanted_enrollment"}),
    "rejoin_enrollment": ("teacher-0002", {"enrollment_id": "left_enrollment"}),
    "hand_over_relationship": (COACH, {}),
    "accept_handover": ("teacher-0002", {"relationship_id": "handover_to_accept"}),
    "decline_handover": ("teacher-0003", {"relationship_id": "handover_to_decline"}),
    "withdraw_handover": ("teacher-0002", {"relationship_id": "handover_to_withdraw"}),
    "propose_agreement": (COACH, {}),
    "accept_agreement": ("teacher-0002", {"agreement_id": "to_accept_agreement"}),
    "decline_agreement": ("teacher-0003", {"agreement_id": "to_decline_agreement"}),
    "withdraw_agreement": ("coach-02", {"agreement_id": "to_withdraw_agreement"}),
    "end_agreement": (TEACHER, {}),
    "get_agreement": (TEACHER, {}),
    "list_agreements": (TEACHER, {}),
    "offer_coaching": (TEACHER, {}),
    "withdraw_coaching_offer": (TEACHER, {"coaching_offer_id": "unwanted_coaching_offer"}),
    "get_coaching_offer": (TEACHER, {}),
    "list_coaching_offers": (TEACHER, {}),
    "list_coach_suggestions": (LEAD, {}),
    "state_pair_interest": (TEACHER, {}),
    "withdraw_pair_interest": (PEER, {"pair_interest_id": "unwanted_pair_interest"}),
    "get_pair_interest": (TEACHER, {}),
    "list_pair_suggestions": (TEACHER, {}),
    "record_training": (ADMIN, {}),
    "contest_training": (TEACHER, {"training_id": "contested_training"}),
    "correct_training": (ADMIN, {"training_id": "corrected_training"}),
    "void_training": (LEAD, {"training_id": "voided_training"}),
    "get_training": (TEACHER, {}),
    "list_trainings": (TEACHER, {}),
    "plan_coaching_round": (LEAD, {}),
    "edit_coaching_round": (LEAD, {}),
    "open_coaching_round": (LEAD, {"coaching_round_id": "later_coaching_round"}),
    "close_coaching_round": (LEAD, {"coaching_round_id": "closing_coaching_round"}),
    "grant_coaching_request": (
        LEAD,
        {
            "coaching_round_id": "granting_coaching_round",
            "coaching_request_id": "to_grant_coaching_request",
        },
    ),
    "get_coaching_round": (TEACHER, {}),
    "list_coaching_rounds": (TEACHER, {}),
    "request_coaching": (TEACHER, {"coaching_round_id": "unasked_coaching_round"}),
    "edit_coaching_request": (TEACHER, {}),
    "withdraw_coaching_request": (TEACHER, {"coaching_request_id": "to_withdraw_coaching_request"}),
    "turn_down_coaching_request": (LEAD, {"coaching_request_id": "to_turn_down_coaching_request"}),
    "get_coaching_request": (TEACHER, {}),
    "list_coaching_requests": (TEACHER, {}),
    "propose_circle": (TEACHER, {}),
    "invite_circle": (COACH, {"circle_id": "group_circle"}),
    "join_circle": (TEACHER, {"circle_id": "asked_circle"}),
    "decline_circle": (TEACHER, {"circle_id": "unwanted_circle"}),
    "step_out_circle": (TEACHER, {"circle_id": "left_circle"}),
    "pause_circle": (TEACHER, {}),
    "resume_circle": (TEACHER, {"circle_id": "paused_circle"}),
    "end_circle": (COACH, {"circle_id": "ending_circle"}),
    "get_circle": (TEACHER, {}),
    "list_circles": (TEACHER, {}),
    "write_planning_entry": (TEACHER, {}),
    "get_planning_entry": (TEACHER, {}),
    "list_planning_entries": (TEACHER, {}),
    "get_planning_record": (COACH, {}),
    "answer_flag": (COACH, {}),
    "withdraw_flag_answer": (COACH, {"flag_answer_id": "unwanted_flag_answer"}),
    "get_flag_answer": (COACH, {}),
    **OF_MEETINGS,
    "get_process_template": (TEACHER, {}),
    "list_process_templates": (TEACHER, {}),
    "schedule_coaching_session": (COACH, {}),
    "record_contact": (COACH, {}),
    "schedule_session_series": (COACH, {}),
    "end_session_series": (COACH, {}),
    "list_coaching_sessions": (COACH, {}),
    "get_coaching_session": (COACH, {}),
    "reschedule_coaching_session": (COACH, {}),
    "hold_coaching_session": (COACH, {"coaching_session_id": "due_coaching_session"}),
    "miss_coaching_session": (COACH, {"coaching_session_id": "lost_coaching_session"}),
    "cancel_coaching_session": (TEACHER, {"coaching_session_id": "unwanted_coaching_session"}),
    "summarize_coaching_session": (COACH, {"coaching_session_id": "held_coaching_session"}),
    "correct_coaching_session": (COACH, {"coaching_session_id": "written_coaching_session"}),
    "void_coaching_session": (COACH, {"coaching_session_id": "mistaken_coaching_session"}),
}


async def fill_sessions(
    post: Callable[[str, Any], Awaitable[str]],
    example: Callable[[str], Any],
    ids: dict[str, str],
    names: list[str],
) -> None:
    """Coaching sessions of the coach and the teacher: one under each of `names`, and some beside;
    `post` answers the id of what the coach makes."""
    v1, planned = "/programs/v1/coaching-sessions", example("schedule_coaching_session")
    for name in names:
        past = {"starts_at": "2026-09-10T15:30:00Z"} if name.startswith("lost_") else {}
        kind = {"kind": "community_meeting"} if name.startswith("met_") else {}
        ids[name] = await post(v1, planned | past | kind)
    held = example("hold_coaching_session")
    series = example("schedule_session_series")
    ids["series_id"] = await post("/programs/v1/session-series", series)
    written = example("summarize_coaching_session")
    for name in names:
        if name.startswith(("held_", "written_", "mistaken_", "met_")):
            await post(f"{v1}/{ids[name]}/hold", held)
        if name.startswith("written_"):
            await post(f"{v1}/{ids[name]}/summarize", written)


async def fill_enrollments(
    post: Callable[[str, str, Any], Awaitable[str]], ids: dict[str, str]
) -> None:
    """The teacher in two programs, and another who has withdrawn from the first of these; `post`
    answers the id of what who is named makes."""
    v1 = "/programs/v1/enrollments"
    for name, program, who, teacher in (
        ("enrollment_id", "program_id", LEAD, TEACHER),
        ("unwanted_enrollment", "open_program", LEAD, TEACHER),
        ("left_enrollment", "program_id", ADMIN, "teacher-0002"),
    ):
        asked = {"program_id": ids[program], "teacher_id": teacher}
        ids[name] = await post(who, v1, asked)
    await post("teacher-0002", f"{v1}/{ids['left_enrollment']}/withdraw", None)


async def fill_rounds(
    post: Callable[[str, str, Any], Awaitable[str]],
    example: Callable[[str], Any],
    ids: dict[str, str],
) -> None:
    """Rounds of a program, in most of which the teacher asks; `post` as of `fill_enrollments`."""
    planned = example("plan_coaching_round")
    for name, request in (
        ("unasked_coaching_round", ""),  # first: what is asked for is an example of that
        ("coaching_round_id", "coaching_request_id"),
        ("granting_coaching_round", "to_grant_coaching_request"),
        ("withdrawn_coaching_round", "to_withdraw_coaching_request"),
        ("turned_down_coaching_round", "to_turn_down_coaching_request"),
        ("closing_coaching_round", ""),
        ("later_coaching_round", ""),
    ):
        later = {"begin_date": planned["end_date"]} if name == "later_coaching_round" else {}
        ids[name] = await post(LEAD, "/programs/v1/coaching-rounds", planned | later)
        if request:
            said = example("request_coaching") | {"coaching_round_id": ids[name]}
            ids[request] = await post(TEACHER, "/programs/v1/coaching-requests", said)


async def fill_offers(
    post: Callable[[str, str, Any], Awaitable[str]],
    example: Callable[[str], Any],
    ids: dict[str, str],
) -> None:
    """Of the teacher, who may coach others, in two rounds, and of a coach in the one in which the
    teacher waits; `post` as of `fill_enrollments`."""
    v1, said = "/programs/v1/coaching-offers", example("offer_coaching")
    for name, who, round_ in (
        ("coaching_offer_id", TEACHER, "coaching_round_id"),
        ("unwanted_coaching_offer", TEACHER, "granting_coaching_round"),
        ("others_coaching_offer", "coach-02", "coaching_round_id"),
    ):
        ids[name] = await post(who, v1, said | {"coaching_round_id": ids[round_]})


async def fill_interests(
    post: Callable[[str, str, Any], Awaitable[str]],
    example: Callable[[str], Any],
    ids: dict[str, str],
) -> None:
    """The teacher and another who could be a pair, and one who is of one with her already; `post`
    as of `fill_enrollments`."""
    v1, said = "/programs/v1/pair-interests", example("state_pair_interest")
    turned = {"offers": said["seeks"], "seeks": said["offers"]}
    ids["pair_interest_id"] = await post(TEACHER, v1, said)
    ids["others_pair_interest"] = await post("teacher-0002", v1, turned)
    ids["unwanted_pair_interest"] = await post(PEER, v1, turned)


async def fill_trainings(
    post: Callable[[str, str, Any], Awaitable[str]],
    example: Callable[[str], Any],
    ids: dict[str, str],
) -> None:
    """What the teacher was trained in, recorded by the district and by who leads the program, and
    what her coach was; `post` as of `fill_enrollments`."""
    v1, said = "/programs/v1/trainings", {**example("record_training"), "person_id": TEACHER}
    for name, who in (
        ("training_id", ADMIN),
        ("contested_training", ADMIN),
        ("corrected_training", ADMIN),
        ("voided_training", LEAD),
    ):
        ids[name] = await post(who, v1, {**said, "program_id": ids["program_id"]})
    ids["coachs_training"] = await post(ADMIN, v1, {**said, "person_id": COACH, "program_id": None})


async def fill_together(
    post: Callable[[str, str, Any], Awaitable[str]],
    example: Callable[[str], Any],
    ids: dict[str, str],
    circles: list[str],
) -> None:
    """What people have with each other; `post` as of `fill_enrollments`, `example` gives the
    body of an operation, `circles` are the names of `fill_circles`."""
    await fill_rounds(post, example, ids)
    await fill_offers(post, example, ids)
    await fill_interests(post, example, ids)
    await fill_trainings(post, example, ids)
    await fill_agreements(post, example("propose_agreement"), ids)
    await fill_handovers(post, ids)
    await fill_circles(post, ids, circles)


async def fill_agreements(
    post: Callable[[str, str, Any], Awaitable[str]], example: Any, ids: dict[str, str]
) -> None:
    """One in force, of the teacher and her coach, and of another coach what three teachers have not
    answered; `post` as of `fill_enrollments`, `example` what is offered."""
    v1, relationships = "/programs/v1/agreements", "/programs/v1/relationships"
    ids["agreement_id"] = await post(COACH, v1, example)
    await post(TEACHER, f"{v1}/{ids['agreement_id']}/accept", {"number": 1})
    waiting = {"accept": "teacher-0002", "decline": "teacher-0003", "withdraw": "teacher-0004"}
    for name, teacher in waiting.items():
        asked = {"coach_id": "coach-02", "teacher_id": teacher}
        of = await post("coach-02", relationships, asked)
        await post(teacher, f"{relationships}/{of}/accept", None)
        body = {**example, "relationship_id": of}
        ids[f"to_{name}_agreement"] = await post("coach-02", v1, body)
        if name == "accept":
            ids["to_pause"] = of
        if name == "withdraw":
            ids["paused_relationship"] = of
            await post("coach-02", f"{relationships}/{of}/pause", None)


async def fill_handovers(
    post: Callable[[str, str, Any], Awaitable[str]], ids: dict[str, str]
) -> None:
    """Relationships of teachers who coach each other, each with another who is proposed to go on;
    `post` as of `fill_enrollments`."""
    v1 = "/programs/v1/relationships"
    for name, coach, teacher, after in (
        ("handover_to_accept", PEER, "teacher-0002", TEACHER),
        ("handover_to_decline", PEER, "teacher-0003", TEACHER),
        ("handover_to_withdraw", "teacher-0002", PEER, TEACHER),
    ):
        ids[name] = await post(coach, v1, {"coach_id": coach, "teacher_id": teacher})
        await post(teacher, f"{v1}/{ids[name]}/accept", None)
        await post(coach, f"{v1}/{ids[name]}/hand-over", {"coach_id": after})


async def fill_circles(
    post: Callable[[str, str, Any], Awaitable[str]], ids: dict[str, str], names: list[str]
) -> None:
    """A pair of the teacher and another, who see all of each other's work, and under each of
    `names` a group of both that shows nothing; `post` as of `fill_enrollments`."""
    v1, both = "/programs/v1/circles", [TEACHER, PEER]
    pair = {"kind": "pair", "member_ids": both, "shows": ALL_WORK}
    ids["circle_id"] = await post(TEACHER, v1, pair)
    await post(PEER, f"{v1}/{ids['circle_id']}/join", {"shows": ALL_WORK})
    group = {"kind": "group", "member_ids": both, "facilitator_id": COACH}
    for name in names:
        ids[name] = await post(COACH, v1, group)
        if name in ("left_circle", "paused_circle"):
            await post(TEACHER, f"{v1}/{ids[name]}/join", None)
        if name == "paused_circle":
            await post(TEACHER, f"{v1}/{ids[name]}/pause", None)


async def fill_written(
    post: Callable[[str, str, Any], Awaitable[str]],
    example: Callable[[str], Any],
    ids: dict[str, str],
    named: Callable[[str], list[str]],
) -> None:
    """What the teacher has written in her planning record with the coach, and meetings; `post` as
    of `fill_enrollments`."""
    await fill_meetings(post, example, ids, named)
    ids["record_id"] = ids["relationship_id"]
    said = example("write_planning_entry")
    ids["planning_entry_id"] = await post(TEACHER, "/programs/v1/planning-entries", said)


async def fill_flag_answers(
    post: Callable[[str, str, Any], Awaitable[str]], ids: dict[str, str], names: Sequence[str]
) -> None:
    """What the coach says to flags of the teacher's, under each of `names`; `post` as of
    `fill_enrollments`."""
    for number, name in enumerate(names):
        said = {"answer": "dismissed", "reason": "agreed", "teacher_id": TEACHER}
        flag = f"F4-{number:016x}-{number:016x}"
        ids[name] = await post(COACH, "/programs/v1/flag-answers", {**said, "flag_id": flag})
