"""The goals service over gRPC: the same use cases as `rest.py`, request bodies included."""

from __future__ import annotations

from coaching.goals.v1 import goals_pb2 as pb
from coaching.goals.v1.goals_pb2_grpc import add_GoalsServiceServicer_to_server
from services.chassis.edge.grpc_server import RpcService, call_of, id_of, parse
from services.chassis.edge.paging import decode_token, encode_token, page_request, scope_of
from services.chassis.kernel import invalid
from services.chassis.write.states import stamp
from services.goals.adapters.codec import goal_snapshot
from services.goals.application.abandon_goal import abandon_goal
from services.goals.application.achieve_goal import achieve_goal
from services.goals.application.activate_goal import activate_goal
from services.goals.application.correct_progress import correct_progress
from services.goals.application.draft_goal import draft_goal
from services.goals.application.edit_goal import edit_goal
from services.goals.application.get_goal import get_goal
from services.goals.application.list_goals import list_goals
from services.goals.application.ports import Ports
from services.goals.application.record_progress import record_progress
from services.goals.application.revise_goal import revise_goal
from services.goals.application.set_baseline import set_baseline
from services.goals.application.void_progress import void_progress
from services.goals.application.withdraw_goal import withdraw_goal
from services.goals.domain.goal import MOST_PROGRESS, Goal, Progress
from services.goals.domain.goal_outline import GoalSummary
from services.goals.entrypoints import schemas
from services.goals.entrypoints.relationships_rpc import Context, RelationshipsRpc


def rpc_service(ports: Ports) -> RpcService:
    return RpcService(
        add_GoalsServiceServicer_to_server,
        GoalsRpc(ports),
        pb.DESCRIPTOR.services_by_name["GoalsService"],
    )


class GoalsRpc(RelationshipsRpc):
    async def DraftGoal(self, request: pb.DraftGoalRequest, context: Context) -> pb.Goal:
        body = parse(schemas.DraftGoal, request)
        return _goal(await draft_goal(self._ports, call_of(context), **body.arguments()))

    async def EditGoal(self, request: pb.EditGoalRequest, context: Context) -> pb.Goal:
        goal_id = id_of(request, "goal_id")
        body = parse(schemas.EditGoal, request, skip=("goal_id",))
        return _goal(await edit_goal(self._ports, call_of(context), goal_id, body.edit()))

    async def WithdrawGoal(self, request: pb.ChangeGoalRequest, context: Context) -> pb.Goal:
        goal_id = id_of(request, "goal_id")
        return _goal(await withdraw_goal(self._ports, call_of(context), goal_id))

    async def SetBaseline(self, request: pb.SetBaselineRequest, context: Context) -> pb.Goal:
        goal_id = id_of(request, "goal_id")
        body = parse(schemas.SetBaseline, request, skip=("goal_id",))
        return _goal(await set_baseline(self._ports, call_of(context), goal_id, value=body.value))

    async def ActivateGoal(self, request: pb.ChangeGoalRequest, context: Context) -> pb.Goal:
        goal_id = id_of(request, "goal_id")
        return _goal(await activate_goal(self._ports, call_of(context), goal_id))

    async def ReviseGoal(self, request: pb.ReviseGoalRequest, context: Context) -> pb.Goal:
        goal_id = id_of(request, "goal_id")
        body = parse(schemas.ReviseGoal, request, skip=("goal_id",))
        goal = await revise_goal(
            self._ports,
            call_of(context),
            goal_id,
            reason=body.reason,
            statement=body.statement,
            target=body.target,
            due=body.due,
            baseline=body.baseline,
        )
        return _goal(goal)

    async def RecordProgress(self, request: pb.RecordProgressRequest, context: Context) -> pb.Goal:
        goal_id = id_of(request, "goal_id")
        body = parse(schemas.RecordProgress, request, skip=("goal_id",))
        goal = await record_progress(
            self._ports, call_of(context), goal_id, value=body.value, note=body.note
        )
        return _goal(goal)

    async def CorrectProgress(
        self, request: pb.CorrectProgressRequest, context: Context
    ) -> pb.Goal:
        goal_id, number = id_of(request, "goal_id"), _number_of(request)
        body = parse(schemas.CorrectProgress, request, skip=("goal_id", "progress_number"))
        goal = await correct_progress(
            self._ports,
            call_of(context),
            goal_id,
            number,
            value=body.value,
            note=body.note,
            reason=body.reason,
        )
        return _goal(goal)

    async def VoidProgress(self, request: pb.VoidProgressRequest, context: Context) -> pb.Goal:
        goal_id, number = id_of(request, "goal_id"), _number_of(request)
        return _goal(await void_progress(self._ports, call_of(context), goal_id, number))

    async def AchieveGoal(self, request: pb.ChangeGoalRequest, context: Context) -> pb.Goal:
        goal_id = id_of(request, "goal_id")
        return _goal(await achieve_goal(self._ports, call_of(context), goal_id))

    async def AbandonGoal(self, request: pb.ChangeGoalRequest, context: Context) -> pb.Goal:
        goal_id = id_of(request, "goal_id")
        return _goal(await abandon_goal(self._ports, call_of(context), goal_id))

    async def GetGoal(self, request: pb.GetGoalRequest, context: Context) -> pb.Goal:
        goal_id = id_of(request, "goal_id")
        return _goal(await get_goal(self._ports, call_of(context), goal_id))

    async def ListGoals(
        self, request: pb.ListGoalsRequest, context: Context
    ) -> pb.ListGoalsResponse:
        call = call_of(context)
        teacher = id_of(request, "teacher_id")
        page = page_request(request.page_size, request.page_token)
        taken_back = request.taken_back
        scope = scope_of(call, teacher=teacher, taken_back=taken_back)
        found = await list_goals(
            self._ports,
            call,
            teacher=teacher,
            taken_back=taken_back,
            after=decode_token(page.token, scope),
            limit=page.size,
        )
        token = encode_token(found.after, scope)
        return pb.ListGoalsResponse(
            goals=map(_goal_summary, found.items), next_page_token=token, left_out=found.left_out
        )


def _number_of(request: pb.CorrectProgressRequest | pb.VoidProgressRequest) -> int:
    if not 1 <= request.progress_number <= MOST_PROGRESS:
        raise invalid("progress_number", "Progress is numbered from 1.", "/progress_number")
    return request.progress_number


def _goal_summary(goal: Goal | GoalSummary) -> pb.Goal:
    return pb.Goal(
        goal=goal_snapshot(goal),
        statement=goal.statement,
        etag=f'"{goal.version}"',
        drafted_by=goal.drafted_by,
    )


def _goal(goal: Goal) -> pb.Goal:
    message = _goal_summary(goal)
    message.progress.extend(_progress(number, each) for number, each in enumerate(goal.progress, 1))
    message.earlier_revisions.extend(
        pb.GoalRevision(
            revision=each.number,
            statement=each.statement,
            target=each.target,
            due_date=each.due,
            reason=each.reason,
            revised_at=stamp(each.at),
            baseline=each.baseline,
        )
        for each in goal.earlier
    )
    return message


def _progress(number: int, progress: Progress) -> pb.Progress:
    return pb.Progress(
        progress_number=number,
        value=progress.value,
        recorded_at=stamp(progress.at),
        note=progress.note,
        recorded_by=progress.by,
        earlier=[
            pb.ProgressCorrection(
                value=each.value,
                note=each.note,
                reason=each.reason,
                corrected_by=each.by,
                corrected_at=stamp(each.at),
            )
            for each in progress.earlier
        ],
        voided_at=stamp(progress.voided_at),
        voided_by=progress.voided_by,
    )
