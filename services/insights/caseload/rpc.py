"""The insights service over gRPC: the same use cases as `rest.py`."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import aclosing
from typing import Any

import grpc

from coaching.insights.v1 import insights_pb2 as pb
from coaching.insights.v1.insights_pb2_grpc import (
    InsightsServiceServicer,
    add_InsightsServiceServicer_to_server,
)
from services.access.school_year import SchoolYear
from services.chassis.edge.grpc_server import RpcService, call_of, id_of, parse
from services.chassis.fields import Body, Id
from services.chassis.kernel import Fault, Kind
from services.chassis.write.states import stamp
from services.insights.caseload.domain.card import GoalState
from services.insights.caseload.domain.entry import Entry
from services.insights.caseload.entries import Entries
from services.insights.caseload.get_card import get_card
from services.insights.caseload.get_caseload import get_caseload
from services.insights.caseload.ports import Ports
from services.insights.live.read import Watch, watch_caseload
from services.insights.live.stream import Kind as Told
from services.insights.live.stream import Message

Context = grpc.aio.ServicerContext[Any, Any]

_STATES = {
    GoalState.DRAFT: pb.OPEN_GOAL_STATE_DRAFT,
    GoalState.ACTIVE: pb.OPEN_GOAL_STATE_ACTIVE,
    GoalState.UNKNOWN: pb.OPEN_GOAL_STATE_UNSPECIFIED,
}
_KINDS = {
    Told.RESET: pb.WatchCaseloadResponse.KIND_RESET,
    Told.ENTRY: pb.WatchCaseloadResponse.KIND_ENTRY,
    Told.GONE: pb.WatchCaseloadResponse.KIND_GONE,
    Told.HEARTBEAT: pb.WatchCaseloadResponse.KIND_HEARTBEAT,
    Told.BYE: pb.WatchCaseloadResponse.KIND_BYE,
}


class _Which(Body):
    coach_id: Id | None = None
    school_year: SchoolYear | None = None
    resume_token: str = ""


class _Year(Body):
    school_year: SchoolYear | None = None


def rpc_service(ports: Ports) -> RpcService:
    return RpcService(
        add_InsightsServiceServicer_to_server,
        InsightsRpc(ports),
        pb.DESCRIPTOR.services_by_name["InsightsService"],
    )


class InsightsRpc(InsightsServiceServicer):
    def __init__(self, ports: Ports) -> None:
        self._ports = ports
        self._entries = Entries(ports.cards, ports.almanac, _as_caseload)

    async def GetCaseload(self, request: pb.GetCaseloadRequest, context: Context) -> pb.Caseload:
        which = parse(_Which, request)
        found = await get_caseload(
            self._ports,
            self._entries,
            call_of(context),
            coach=which.coach_id or "",
            school_year=which.school_year,
        )
        caseload = pb.Caseload(
            coach_id=found.coach,
            school_year=found.school_year,
            as_of=stamp(found.freshness.as_of),
            stale=found.freshness.stale,
            time_zone=found.time_zone,
        )
        caseload.MergeFromString(b"".join(found.entries))
        return caseload

    async def GetCard(self, request: pb.GetCardRequest, context: Context) -> pb.Card:
        teacher = id_of(request, "teacher_id")
        year = parse(_Year, request, skip=["teacher_id"]).school_year
        entry, freshness = await get_card(
            self._ports, call_of(context), teacher=teacher, school_year=year
        )
        return pb.Card(
            entry=entry_message(entry), as_of=stamp(freshness.as_of), stale=freshness.stale
        )

    async def WatchCaseload(
        self, request: pb.WatchCaseloadRequest, context: Context
    ) -> AsyncIterator[pb.WatchCaseloadResponse]:
        """A reader who is too slow gets `bye` with her place, then RESOURCE_EXHAUSTED."""
        which = parse(_Which, request)
        watch = await watch_caseload(
            self._ports,
            call_of(context),
            coach=which.coach_id or "",
            school_year=which.school_year,
            token=which.resume_token,
        )
        try:
            async with aclosing(watch.messages()) as messages:
                async for message in messages:
                    yield _told(message, watch)
                    if message.slow:
                        raise Fault(Kind.LIMITED, "slow_reader", "Resume with the last token.")
        finally:
            watch.close()


def _as_caseload(entry: Entry) -> bytes:
    """A caseload of nothing but this entry: such bytes behind each other are one of many."""
    return pb.Caseload(entries=[entry_message(entry)]).SerializeToString()


def _told(message: Message, watch: Watch) -> pb.WatchCaseloadResponse:
    freshness = watch.freshness()
    return pb.WatchCaseloadResponse(
        kind=_KINDS[message.kind],
        entry=entry_message(message.entry) if message.entry else None,
        teacher_id=message.entry.card.teacher if message.entry else message.teacher,
        resume_token=message.token,
        as_of=stamp(freshness.as_of),
        stale=freshness.stale,
        entry_count=message.count,
    )


def entry_message(entry: Entry) -> pb.CaseloadEntry:
    card, seen, survey = entry.card, entry.last_observation, entry.last_survey
    return pb.CaseloadEntry(
        teacher_id=card.teacher,
        given_name=card.given_name,
        family_name=card.family_name,
        school_ids=card.schools,
        last_contact_at=stamp(entry.last_contact_at),
        last_observation=pb.LastObservation(
            observation_id=seen.id, tool_id=seen.tool, shared_at=stamp(seen.shared_at)
        )
        if seen
        else None,
        open_goals=[
            pb.OpenGoal(
                goal_id=goal.id,
                state=_STATES[goal.state],
                measure_id=goal.measure,
                unit=goal.unit,
                increase=goal.increase,
                baseline=goal.baseline,
                current=goal.current,
                target=goal.target,
                progress_share=goal.share,
                due_date=goal.due.isoformat() if goal.due else "",
            )
            for goal in entry.open_goals
        ],
        last_survey=pb.LastSurvey(
            administration_id=survey.id,
            instrument_id=survey.instrument,
            closed_at=stamp(survey.closed_at),
            suppressed=survey.suppressed,
            small_n=survey.small_n,
            n=survey.n_min,
            n_min=survey.n_min,
            n_max=survey.n_max,
            favorable_share=survey.favorable_share,
        )
        if survey
        else None,
        flags=[
            pb.Flag(
                code=flag.code,
                rule_version=flag.rule_version,
                evidence_ids=flag.evidence,
                since=stamp(flag.since),
            )
            for flag in entry.flags
        ],
        incomplete=card.incomplete,
        newest_event_at=stamp(card.newest_event_at),
        from_school_year=entry.from_school_year,
    )
