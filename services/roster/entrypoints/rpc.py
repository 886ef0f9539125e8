"""The roster service over gRPC: the same use cases as `rest.py`."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from typing import Any

import grpc

from coaching.roster.v1 import events_pb2 as published
from coaching.roster.v1 import roster_pb2 as pb
from coaching.roster.v1.roster_pb2_grpc import (
    RosterServiceServicer,
    add_RosterServiceServicer_to_server,
)
from services.chassis.edge.grpc_server import RpcService, call_of, id_of, parse
from services.chassis.edge.paging import decode_token, encode_token, page_request, scope_of
from services.chassis.fields import Body, SchoolYear
from services.chassis.kernel import invalid
from services.roster.adapters import codec
from services.roster.adapters.oneroster.upload import receive
from services.roster.application.get_calendar import get_calendar
from services.roster.application.get_person import get_person
from services.roster.application.import_roster import Report, import_roster
from services.roster.application.list_academic_sessions import list_academic_sessions
from services.roster.application.list_classes import list_classes
from services.roster.application.list_orgs import list_orgs
from services.roster.application.list_people import list_people
from services.roster.application.ports import Ports
from services.roster.application.state_calendar import state_calendar
from services.roster.domain.school_calendar import SchoolCalendar
from services.roster.entrypoints import schemas

Context = grpc.aio.ServicerContext[Any, Any]
_ROLE = re.compile(r"[A-Za-z]{1,40}|ext:[A-Za-z0-9._-]{1,60}")


class _Year(Body):
    school_year: SchoolYear


def rpc_service(ports: Ports) -> RpcService:
    return RpcService(
        add_RosterServiceServicer_to_server,
        RosterRpc(ports),
        pb.DESCRIPTOR.services_by_name["RosterService"],
    )


class RosterRpc(RosterServiceServicer):
    def __init__(self, ports: Ports) -> None:
        self._ports = ports

    async def GetPerson(self, request: pb.GetPersonRequest, context: Context) -> published.Person:
        person_id = id_of(request, "person_id")
        return codec.person_message(await get_person(self._ports, call_of(context), person_id))

    async def ListPeople(
        self, request: pb.ListPeopleRequest, context: Context
    ) -> pb.ListPeopleResponse:
        call = call_of(context)
        if request.role and not _ROLE.fullmatch(request.role):
            raise invalid("malformed_role", "This is not a role.", "/role")
        org = id_of(request, "org_id") if request.org_id else ""
        page = page_request(request.page_size, request.page_token)
        scope = scope_of(call, role=request.role, org=org)
        found = await list_people(
            self._ports,
            call,
            role=request.role,
            org=org,
            after=decode_token(page.token, scope),
            limit=page.size,
        )
        token = encode_token(found.after, scope)
        return pb.ListPeopleResponse(
            people=map(codec.person_message, found.items),
            next_page_token=token,
            left_out=found.left_out,
        )

    async def ListClasses(
        self, request: pb.ListClassesRequest, context: Context
    ) -> pb.ListClassesResponse:
        call = call_of(context)
        teacher = id_of(request, "teacher_id") if request.teacher_id else ""
        page = page_request(request.page_size, request.page_token)
        scope = scope_of(call, teacher=teacher)
        after = decode_token(page.token, scope)
        found = await list_classes(self._ports, call, teacher=teacher, after=after, limit=page.size)
        token = encode_token(found.after, scope)
        return pb.ListClassesResponse(
            classes=map(codec.class_message, found.items),
            next_page_token=token,
            left_out=found.left_out,
        )

    async def ListOrgs(self, request: pb.ListOrgsRequest, context: Context) -> pb.ListOrgsResponse:
        call = call_of(context)
        page = page_request(request.page_size, request.page_token)
        scope = scope_of(call)
        after = decode_token(page.token, scope)
        found = await list_orgs(self._ports, call, after=after, limit=page.size)
        token = encode_token(found.after, scope)
        return pb.ListOrgsResponse(
            orgs=map(codec.org_message, found.items), next_page_token=token, left_out=found.left_out
        )

    async def ListAcademicSessions(
        self, request: pb.ListAcademicSessionsRequest, context: Context
    ) -> pb.ListAcademicSessionsResponse:
        call = call_of(context)
        page = page_request(request.page_size, request.page_token)
        scope = scope_of(call)
        after = decode_token(page.token, scope)
        found = await list_academic_sessions(self._ports, call, after=after, limit=page.size)
        token = encode_token(found.after, scope)
        return pb.ListAcademicSessionsResponse(
            sessions=map(codec.session_message, found.items),
            next_page_token=token,
            left_out=found.left_out,
        )

    async def StateCalendar(
        self, request: pb.StateCalendarRequest, context: Context
    ) -> pb.Calendar:
        body = parse(schemas.StateCalendar, request, skip=["school_year"])
        year = parse(_Year, request, skip=["days_without_school"]).school_year
        return _calendar(await state_calendar(self._ports, call_of(context), year, body.days()))

    async def GetCalendar(self, request: pb.GetCalendarRequest, context: Context) -> pb.Calendar:
        year = parse(_Year, request).school_year
        return _calendar(await get_calendar(self._ports, call_of(context), year))

    async def ImportRoster(
        self, request_iterator: AsyncIterator[pb.ImportRosterRequest], context: Context
    ) -> pb.ImportRosterResponse:
        call = call_of(context)
        await self._ports.access.allow(call)  # before anything is taken from the stream
        options: dict[str, bool] = {}

        async def chunks() -> AsyncIterator[bytes]:
            async for each in request_iterator:
                if not options:
                    options["validate_only"] = each.validate_only
                    options["force_removals"] = each.force_removals
                yield each.chunk

        with self._ports.imports.arriving(call.district):
            received = await receive(chunks())
        with received as file:
            report = await import_roster(self._ports, call, file, **options)
        return _report(report)


def _calendar(calendar: SchoolCalendar) -> pb.Calendar:
    return pb.Calendar(
        school_year=calendar.school_year,
        days_without_school=[
            pb.DaysWithoutSchool(first_date=each.first, last_date=each.last, title=each.title)
            for each in calendar.days
        ],
        etag=f'"{calendar.version}"',
    )


def _report(report: Report) -> pb.ImportRosterResponse:
    return pb.ImportRosterResponse(
        counts={
            noun: pb.ImportCounts(
                created=each.created,
                changed=each.changed,
                unchanged=each.unchanged,
                removed=each.removed,
            )
            for noun, each in report.counts.items()
        },
        problems=[
            pb.RowProblem(
                file=each.file,
                line=each.line,
                column=each.column,
                code=each.code,
                reason=each.reason,
            )
            for each in report.problems.listed
        ],
        problem_count=report.problems.count,
        notes=[
            pb.RowNote(
                file=each.file,
                column=each.column,
                code=each.code,
                reason=each.reason,
                rows=each.rows,
            )
            for each in report.problems.notes
        ],
    )
