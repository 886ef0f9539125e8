"""The goals service over REST: `/goals/v1/...`."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Request, Response, status

from services.chassis.call import Call
from services.chassis.edge.http import service_router
from services.chassis.edge.http_call import CallDep, PageDep, VersionedCallDep, next_link, reply
from services.chassis.edge.paging import decode_token, encode_token, scope_of
from services.chassis.fields import Id, QueryInt
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
from services.goals.domain.goal import MOST_PROGRESS, Goal
from services.goals.entrypoints import resources, schemas
from services.goals.entrypoints.relationships_rest import add_relationships

ProgressNumber = Annotated[QueryInt, Path(ge=1, le=MOST_PROGRESS)]


def routes(ports: Ports) -> APIRouter:
    """Every route of the service over its use cases."""
    router = service_router("goals")
    add_relationships(router, ports)
    _goals(router, ports)
    return router


def _goals(router: APIRouter, ports: Ports) -> None:
    @router.post("/goals", operation_id="draft_goal", status_code=status.HTTP_201_CREATED)
    async def draft(
        body: schemas.DraftGoal, call: CallDep, response: Response
    ) -> resources.GoalResource:
        """Draft a goal for a teacher: by herself, or proposed by her coach."""
        goal = await draft_goal(ports, call, **body.arguments())
        reply(response, call, goal, location=f"/goals/v1/goals/{goal.id}")
        return resources.goal_resource(goal)

    @router.patch("/goals/{goal_id}", operation_id="edit_goal")
    async def edit(
        goal_id: Id, body: schemas.EditGoal, call: CallDep, response: Response
    ) -> resources.GoalResource:
        """Change what a draft says; its owner and its author may."""
        return _goal(response, call, await edit_goal(ports, call, goal_id, body.edit()))

    @router.post("/goals/{goal_id}/withdraw", operation_id="withdraw_goal")
    async def withdraw(goal_id: Id, call: CallDep, response: Response) -> resources.GoalResource:
        """Take back a draft that should not have been; its owner and its author may."""
        return _goal(response, call, await withdraw_goal(ports, call, goal_id))

    @router.put("/goals/{goal_id}/baseline", operation_id="set_baseline")
    async def baseline(
        goal_id: Id, body: schemas.SetBaseline, call: CallDep, response: Response
    ) -> resources.GoalResource:
        """Say where a draft starts from."""
        return _goal(response, call, await set_baseline(ports, call, goal_id, value=body.value))

    @router.post("/goals/{goal_id}/activate", operation_id="activate_goal")
    async def activate(goal_id: Id, call: CallDep, response: Response) -> resources.GoalResource:
        """Begin to pursue a draft, only with a baseline, or take up again what was closed less
        than a day ago; the owner only."""
        return _goal(response, call, await activate_goal(ports, call, goal_id))

    @router.post("/goals/{goal_id}/revise", operation_id="revise_goal")
    async def revise(
        goal_id: Id, body: schemas.ReviseGoal, call: VersionedCallDep, response: Response
    ) -> resources.GoalResource:
        """Change what an active goal says, with a reason. Needs If-Match."""
        goal = await revise_goal(
            ports,
            call,
            goal_id,
            reason=body.reason,
            statement=body.statement,
            target=body.target,
            due=body.due,
            baseline=body.baseline,
        )
        return _goal(response, call, goal)

    @router.post("/goals/{goal_id}/progress", operation_id="record_progress")
    async def progress(
        goal_id: Id, body: schemas.RecordProgress, call: CallDep, response: Response
    ) -> resources.GoalResource:
        """Add a measured value, in the goal's unit."""
        goal = await record_progress(ports, call, goal_id, value=body.value, note=body.note)
        return _goal(response, call, goal)

    @router.put("/goals/{goal_id}/progress/{progress_number}", operation_id="correct_progress")
    async def correct(
        goal_id: Id,
        progress_number: ProgressNumber,
        body: schemas.CorrectProgress,
        call: CallDep,
        response: Response,
    ) -> resources.GoalResource:
        """Put a mistyped value right; who recorded it and the owner may."""
        corrected = await correct_progress(
            ports,
            call,
            goal_id,
            progress_number,
            value=body.value,
            note=body.note,
            reason=body.reason,
        )
        return _goal(response, call, corrected)

    @router.post("/goals/{goal_id}/progress/{progress_number}/void", operation_id="void_progress")
    async def void(
        goal_id: Id, progress_number: ProgressNumber, call: CallDep, response: Response
    ) -> resources.GoalResource:
        """Let a value no longer count; who recorded it and the owner may."""
        return _goal(response, call, await void_progress(ports, call, goal_id, progress_number))

    @router.post("/goals/{goal_id}/achieve", operation_id="achieve_goal")
    async def achieve(goal_id: Id, call: CallDep, response: Response) -> resources.GoalResource:
        """Close an active goal as reached; the owner only."""
        return _goal(response, call, await achieve_goal(ports, call, goal_id))

    @router.post("/goals/{goal_id}/abandon", operation_id="abandon_goal")
    async def abandon(goal_id: Id, call: CallDep, response: Response) -> resources.GoalResource:
        """Give up a draft or an active goal; the owner only."""
        return _goal(response, call, await abandon_goal(ports, call, goal_id))

    @router.get("/goals/{goal_id}", operation_id="get_goal")
    async def get(goal_id: Id, call: CallDep, response: Response) -> resources.GoalResource:
        """One goal with its progress and earlier revisions."""
        return _goal(response, call, await get_goal(ports, call, goal_id))

    @router.get("/goals", operation_id="list_goals")
    async def list_all(
        teacher_id: Id,
        call: CallDep,
        page: PageDep,
        request: Request,
        response: Response,
        taken_back: bool = False,
    ) -> resources.GoalPage:
        """A teacher's goals of all years, without the texts noted on the way; withdrawn drafts
        with `taken_back`."""
        scope = scope_of(call, teacher=teacher_id, taken_back=taken_back)
        after = decode_token(page.token, scope)
        found = await list_goals(
            ports, call, teacher=teacher_id, taken_back=taken_back, after=after, limit=page.size
        )
        token = encode_token(found.after, scope)
        next_link(request, response, token)
        return resources.GoalPage(
            goals=[resources.goal_summary(each) for each in found.items],
            next_page_token=token,
            left_out=found.left_out,
        )


def _goal(response: Response, call: Call, goal: Goal) -> resources.GoalResource:
    reply(response, call, goal)
    return resources.goal_resource(goal)
