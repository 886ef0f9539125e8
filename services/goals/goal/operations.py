"""What callers may do with goals. A teacher's goals are hers and her coach's to see; district
administrators see none. A partner's program reads them where the district gives it the scope."""

from __future__ import annotations

from coaching.goals.v1 import goal_pb2, goal_pb2_grpc
from services.access.policy import Policy
from services.chassis.edge.noun import Noun
from services.chassis.edge.operation import Late, Table
from services.goals.goal import cases, lists, recording
from services.goals.goal.cases import Ports
from services.goals.goal.domain import Goal
from services.goals.goal.opinions import goal_check, goal_comments, ratings_resource
from services.goals.goal.resources import (
    GoalPage,
    ProgressPage,
    RevisionPage,
    goal_resource,
    goal_summary,
    progress_resource,
    revision_resource,
)

OWN = Policy(teacher=True, about="goal")
OWN_OR_COACHED = Policy(teacher=True, coach=True, about="goal")
SEEN = Policy(teacher=True, coach=True, peer=True, partners=True, about="goal")
SHOWN = Policy(teacher=True, coach=True, peer=True, shared_with=True, partners=True, about="goal")

GOAL: Noun[Ports, Goal] = Noun(
    "/goals/{goal_id}",
    lambda ports: ports.goals,
    goal_resource,
    names=lambda ports: ports.names,
)
RATING: Noun[Ports, Goal] = Noun("/goals/{goal_id}/rating", None, ratings_resource, of=GOAL)
COMMENTS: Noun[Ports, Goal] = Noun("/goals/{goal_id}/comments", None, goal_comments, of=GOAL)
CHECK: Noun[Ports, Goal] = Noun("/goals/{goal_id}/check", None, goal_check)
OPERATIONS: Table[Ports, Policy] = Table(
    "goals",
    goal_pb2.DESCRIPTOR.services_by_name["GoalsService"],
    goal_pb2_grpc.add_GoalsServiceServicer_to_server,
    GOAL.create(cases.draft_goal, OWN_OR_COACHED),
    GOAL.change(cases.edit_goal, OWN_OR_COACHED, "", verb="PATCH", when=Goal.check_draft),
    GOAL.move(Goal.withdraw, OWN_OR_COACHED, when=Goal.check_draft, late=Late.WINS),
    GOAL.change(
        cases.set_baseline, OWN_OR_COACHED, "baseline", verb="PUT", when=Goal.check_baseline
    ),
    GOAL.move(Goal.activate, OWN_OR_COACHED, when=Goal.check_activate),
    GOAL.change(
        recording.revise_goal, OWN_OR_COACHED, "revise", versioned=True, when=Goal.check_revise
    ),
    GOAL.find(
        lists.list_revisions,
        SEEN,
        RevisionPage,
        revision_resource,
        path="/goals/{goal_id}/revisions",
    ),
    GOAL.change(
        cases.record_progress, OWN_OR_COACHED, "progress", when=Goal.check_progress, late=Late.ADDS
    ),
    GOAL.find(
        lists.list_progress,
        SEEN,
        ProgressPage,
        progress_resource,
        path="/goals/{goal_id}/progress",
    ),
    GOAL.change(cases.correct_progress, OWN_OR_COACHED, "progress/{progress_number}", verb="PUT"),
    GOAL.change(
        cases.void_progress, OWN_OR_COACHED, "progress/{progress_number}/void", late=Late.WINS
    ),
    GOAL.move(Goal.achieve, OWN_OR_COACHED, when=Goal.check_achieve),
    GOAL.move(Goal.maintain, OWN_OR_COACHED, when=Goal.check_maintain),
    GOAL.move(Goal.close_not_met, OWN_OR_COACHED, "close-not-met", when=Goal.check_close_not_met),
    GOAL.move(Goal.abandon, OWN_OR_COACHED, when=Goal.check_abandon, late=Late.WINS),
    GOAL.change(
        recording.align_goal, OWN_OR_COACHED, "standards", verb="PUT", when=Goal.check_align
    ),
    GOAL.change(
        recording.link_evidence,
        OWN_OR_COACHED,
        "evidence",
        when=Goal.check_link_evidence,
        late=Late.ADDS,
    ),
    GOAL.change(
        recording.void_evidence, OWN_OR_COACHED, "evidence/{evidence_number}/void", late=Late.WINS
    ),
    RATING.change(recording.rate_goal, OWN, "", verb="PUT", when=Goal.check_rate),
    RATING.get(OWN_OR_COACHED, recording.get_goal_rating),
    COMMENTS.change(
        recording.comment_goal, OWN_OR_COACHED, "", when=Goal.check_comment, late=Late.ADDS
    ),
    COMMENTS.change(
        recording.void_goal_comment, OWN_OR_COACHED, "{comment_number}/void", late=Late.WINS
    ),
    COMMENTS.get(OWN_OR_COACHED, recording.get_goal_comments),
    CHECK.get(OWN_OR_COACHED, recording.get_goal_check),
    GOAL.get(SHOWN),
    GOAL.find(lists.list_goals, SEEN, GoalPage, goal_summary),
)
