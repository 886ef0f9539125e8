"""The observations service over REST: `/observations/v1/...`."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response, status

from services.chassis.call import Call
from services.chassis.edge.http import service_router
from services.chassis.edge.http_call import CallDep, PageDep, next_link, reply
from services.chassis.edge.paging import decode_token, encode_token, scope_of
from services.chassis.fields import Id
from services.observations.application.acknowledge_observation import acknowledge_observation
from services.observations.application.cancel_observation import cancel_observation
from services.observations.application.complete_observation import complete_observation
from services.observations.application.draft_tool import draft_tool
from services.observations.application.get_observation import get_observation
from services.observations.application.get_tool import get_tool
from services.observations.application.hand_over_observation import hand_over_observation
from services.observations.application.list_observations import list_observations
from services.observations.application.list_tools import list_tools
from services.observations.application.ports import Ports
from services.observations.application.publish_tool import publish_tool
from services.observations.application.record_scores import record_scores
from services.observations.application.reopen_observation import reopen_observation
from services.observations.application.reschedule_observation import reschedule_observation
from services.observations.application.schedule_observation import schedule_observation
from services.observations.application.share_observation import share_observation
from services.observations.application.withdraw_tool import withdraw_tool
from services.observations.domain.observation import Observation
from services.observations.entrypoints import resources, schemas


def routes(ports: Ports) -> APIRouter:
    """Every route of the service over its use cases."""
    router = service_router("observations")
    _tools(router, ports)
    _observations(router, ports)
    return router


def _tools(router: APIRouter, ports: Ports) -> None:
    @router.post("/tools", operation_id="draft_tool", status_code=status.HTTP_201_CREATED)
    async def draft(
        body: schemas.DraftTool, call: CallDep, response: Response
    ) -> resources.ToolResource:
        """Bring in a rubric, with where it comes from and under which license."""
        tool = await draft_tool(ports, call, **body.arguments())
        reply(response, call, tool, location=f"/observations/v1/tools/{tool.id}")
        return resources.tool_resource(tool)

    @router.post("/tools/{tool_id}/publish", operation_id="publish_tool")
    async def publish(tool_id: Id, call: CallDep, response: Response) -> resources.ToolResource:
        """Make a draft usable; from then on it does not change."""
        tool = await publish_tool(ports, call, tool_id)
        reply(response, call, tool)
        return resources.tool_resource(tool)

    @router.post("/tools/{tool_id}/withdraw", operation_id="withdraw_tool")
    async def withdraw(tool_id: Id, call: CallDep, response: Response) -> resources.ToolResource:
        """Take back a draft; who brought it in may, and an administrator once its author has
        left."""
        tool = await withdraw_tool(ports, call, tool_id)
        reply(response, call, tool)
        return resources.tool_resource(tool)

    @router.get("/tools/{tool_id}", operation_id="get_tool")
    async def get(tool_id: Id, call: CallDep, response: Response) -> resources.ToolResource:
        """One tool with its criteria and their levels."""
        tool = await get_tool(ports, call, tool_id)
        reply(response, call, tool)
        return resources.tool_resource(tool)

    @router.get("/tools", operation_id="list_tools")
    async def list_all(
        call: CallDep,
        page: PageDep,
        request: Request,
        response: Response,
        taken_back: bool = False,
    ) -> resources.ToolPage:
        """The district's tools, drafts too, without the texts of their criteria; withdrawn
        drafts with `taken_back`."""
        scope = scope_of(call, taken_back=taken_back)
        after = decode_token(page.token, scope)
        found = await list_tools(ports, call, taken_back=taken_back, after=after, limit=page.size)
        token = encode_token(found.after, scope)
        next_link(request, response, token)
        return resources.ToolPage(
            tools=[resources.tool_summary(each) for each in found.items],
            next_page_token=token,
            left_out=found.left_out,
        )


def _observations(router: APIRouter, ports: Ports) -> None:
    @router.post(
        "/observations", operation_id="schedule_observation", status_code=status.HTTP_201_CREATED
    )
    async def schedule(
        body: schemas.ScheduleObservation, call: CallDep, response: Response
    ) -> resources.ObservationResource:
        """Plan an observation by the caller: the teacher's coach, or the teacher herself."""
        made = await schedule_observation(ports, call, **body.arguments())
        reply(response, call, made, location=f"/observations/v1/observations/{made.id}")
        return resources.observation_resource(made)

    @router.post("/observations/{observation_id}/scores", operation_id="record_scores")
    async def record(
        observation_id: Id, body: schemas.RecordScores, call: CallDep, response: Response
    ) -> resources.ObservationResource:
        """Record scores and notes, replacing those of the same criteria, until it is shared;
        the observer only."""
        made = await record_scores(ports, call, observation_id, **body.arguments())
        return _observation(response, call, made)

    @router.patch("/observations/{observation_id}", operation_id="reschedule_observation")
    async def reschedule(
        observation_id: Id, body: schemas.RescheduleObservation, call: CallDep, response: Response
    ) -> resources.ObservationResource:
        """Move one that is not complete to another time of its school year; the observer only."""
        moved = await reschedule_observation(
            ports, call, observation_id, scheduled_for=body.scheduled_for
        )
        return _observation(response, call, moved)

    @router.post("/observations/{observation_id}/complete", operation_id="complete_observation")
    async def complete(
        observation_id: Id, call: CallDep, response: Response
    ) -> resources.ObservationResource:
        """End the observing; the observer only, and only with a score. Still not shared."""
        return _observation(response, call, await complete_observation(ports, call, observation_id))

    @router.post("/observations/{observation_id}/reopen", operation_id="reopen_observation")
    async def reopen(
        observation_id: Id, call: CallDep, response: Response
    ) -> resources.ObservationResource:
        """Go on with one that was completed by mistake, before it is shared; the observer only."""
        return _observation(response, call, await reopen_observation(ports, call, observation_id))

    @router.post("/observations/{observation_id}/cancel", operation_id="cancel_observation")
    async def cancel(
        observation_id: Id, call: CallDep, response: Response
    ) -> resources.ObservationResource:
        """Call it off before it is shared; the observer, or the teacher where the observer no
        longer coaches her."""
        return _observation(response, call, await cancel_observation(ports, call, observation_id))

    @router.post("/observations/{observation_id}/hand-over", operation_id="hand_over_observation")
    async def hand_over(
        observation_id: Id, body: schemas.HandOverObservation, call: CallDep, response: Response
    ) -> resources.ObservationResource:
        """Let another coach of the teacher, or she herself, go on with one that is not shared;
        the observer, or the teacher where the observer no longer coaches her."""
        handed = await hand_over_observation(ports, call, observation_id, observer=body.observer_id)
        return _observation(response, call, handed)

    @router.post("/observations/{observation_id}/share", operation_id="share_observation")
    async def share(
        observation_id: Id, call: CallDep, response: Response
    ) -> resources.ObservationResource:
        """Release scores to the teacher and her coaches; the observer, or the teacher where the
        observer no longer coaches her."""
        return _observation(response, call, await share_observation(ports, call, observation_id))

    @router.post(
        "/observations/{observation_id}/acknowledge", operation_id="acknowledge_observation"
    )
    async def acknowledge(
        observation_id: Id, call: CallDep, response: Response
    ) -> resources.ObservationResource:
        """Say that a shared observation was seen; the teacher only."""
        return _observation(
            response, call, await acknowledge_observation(ports, call, observation_id)
        )

    @router.get("/observations/{observation_id}", operation_id="get_observation")
    async def get(
        observation_id: Id, call: CallDep, response: Response
    ) -> resources.ObservationResource:
        """For the teacher and the observer at any time, for her other coaches once shared."""
        return _observation(response, call, await get_observation(ports, call, observation_id))

    @router.get("/observations", operation_id="list_observations")
    async def list_all(
        teacher_id: Id,
        call: CallDep,
        page: PageDep,
        request: Request,
        response: Response,
        taken_back: bool = False,
    ) -> resources.ObservationPage:
        """Of a teacher those that the caller may see, of all years, without their notes;
        cancelled ones with `taken_back`."""
        scope = scope_of(call, teacher=teacher_id, taken_back=taken_back)
        after = decode_token(page.token, scope)
        found = await list_observations(
            ports, call, teacher=teacher_id, taken_back=taken_back, after=after, limit=page.size
        )
        token = encode_token(found.after, scope)
        next_link(request, response, token)
        return resources.ObservationPage(
            observations=[resources.observation_summary(each) for each in found.items],
            next_page_token=token,
            left_out=found.left_out,
        )


def _observation(
    response: Response, call: Call, observation: Observation
) -> resources.ObservationResource:
    reply(response, call, observation)
    return resources.observation_resource(observation)
