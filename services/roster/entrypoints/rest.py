"""The roster service over REST: `/roster/v1/...`."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query, Request, Response

from services.chassis.edge.http import service_router
from services.chassis.edge.http_call import CallDep, PageDep, next_link, reply
from services.chassis.edge.paging import decode_token, encode_token, scope_of
from services.chassis.fields import Id, QueryInt
from services.chassis.kernel import Fault, Kind
from services.roster.adapters.oneroster.upload import MOST_BYTES, receive
from services.roster.application.get_calendar import get_calendar
from services.roster.application.get_person import get_person
from services.roster.application.import_roster import import_roster
from services.roster.application.list_academic_sessions import list_academic_sessions
from services.roster.application.list_classes import list_classes
from services.roster.application.list_orgs import list_orgs
from services.roster.application.list_people import list_people
from services.roster.application.ports import Ports
from services.roster.application.state_calendar import state_calendar
from services.roster.entrypoints import schemas

_ZIP = "application/zip"
_ZIP_BODY = {
    "requestBody": {
        "required": True,
        "content": {_ZIP: {"schema": {"type": "string", "format": "binary"}}},
    }
}

PathYear = Annotated[QueryInt, Path(ge=2000, le=2100, description="The year it ends in")]
RoleName = Annotated[str, Query(pattern=r"^[A-Za-z]{1,40}$|^ext:[A-Za-z0-9._-]{1,60}$")]


def routes(ports: Ports) -> APIRouter:
    """Every route of the service over its use cases."""
    router = service_router("roster")
    _imports(router, ports)
    _people(router, ports)
    _places(router, ports)
    _calendars(router, ports)
    return router


def _imports(router: APIRouter, ports: Ports) -> None:
    @router.post(
        "/imports",
        operation_id="import_roster",
        max_body_size=MOST_BYTES,
        openapi_extra=_ZIP_BODY,
    )
    async def import_zip(
        call: CallDep,
        request: Request,
        validate_only: Annotated[bool, Query(description="Only check and report")] = False,
        force_removals: Annotated[
            bool, Query(description="Remove even a suspiciously large share of the records")
        ] = False,
    ) -> schemas.ImportReport:
        """Import a OneRoster 1.2 CSV bulk zip. Wrong rows are reported, the rest is taken;
        the same file again changes nothing."""
        await ports.access.allow(call)  # before anything of the body is taken
        if request.headers.get("content-type", "").partition(";")[0].strip().lower() != _ZIP:
            raise Fault(Kind.UNSUPPORTED, "unsupported_media_type", f"Send {_ZIP}.")
        with ports.imports.arriving(call.district):
            received = await receive(request.stream())
        with received as file:
            report = await import_roster(
                ports, call, file, validate_only=validate_only, force_removals=force_removals
            )
        return schemas.import_report(report, validate_only)


def _people(router: APIRouter, ports: Ports) -> None:
    @router.get("/people/{person_id:path}", operation_id="get_person")
    async def get(person_id: Id, call: CallDep, response: Response) -> schemas.PersonResource:
        """One member of staff, for herself and the district."""
        person = await get_person(ports, call, person_id)
        reply(response, call, person)
        return schemas.person_resource(person)

    @router.get("/people", operation_id="list_people")
    async def list_all(
        call: CallDep,
        page: PageDep,
        request: Request,
        response: Response,
        role: RoleName | None = None,
        org_id: Id | None = None,
    ) -> schemas.PersonPage:
        """The district's staff: of a role, of an org, or of a role at an org."""
        scope = scope_of(call, role=role, org=org_id)
        found = await list_people(
            ports,
            call,
            role=role or "",
            org=org_id or "",
            after=decode_token(page.token, scope),
            limit=page.size,
        )
        token = encode_token(found.after, scope)
        next_link(request, response, token)
        return schemas.PersonPage(
            people=[schemas.person_resource(each) for each in found.items],
            next_page_token=token,
            left_out=found.left_out,
        )

    @router.get("/classes", operation_id="list_classes")
    async def list_all_classes(
        call: CallDep,
        page: PageDep,
        request: Request,
        response: Response,
        teacher_id: Id | None = None,
    ) -> schemas.ClassPage:
        """A teacher's classes; without a teacher all, for the district's administrators."""
        scope = scope_of(call, teacher=teacher_id)
        after = decode_token(page.token, scope)
        found = await list_classes(
            ports, call, teacher=teacher_id or "", after=after, limit=page.size
        )
        token = encode_token(found.after, scope)
        next_link(request, response, token)
        return schemas.ClassPage(
            classes=[schemas.class_resource(each) for each in found.items],
            next_page_token=token,
            left_out=found.left_out,
        )


def _places(router: APIRouter, ports: Ports) -> None:
    @router.get("/orgs", operation_id="list_orgs")
    async def list_all_orgs(
        call: CallDep, page: PageDep, request: Request, response: Response
    ) -> schemas.OrgPage:
        """The district's schools, departments and itself."""
        scope = scope_of(call)
        after = decode_token(page.token, scope)
        found = await list_orgs(ports, call, after=after, limit=page.size)
        token = encode_token(found.after, scope)
        next_link(request, response, token)
        return schemas.OrgPage(
            orgs=[schemas.org_resource(each) for each in found.items],
            next_page_token=token,
            left_out=found.left_out,
        )

    @router.get("/academic-sessions", operation_id="list_academic_sessions")
    async def list_all_sessions(
        call: CallDep, page: PageDep, request: Request, response: Response
    ) -> schemas.AcademicSessionPage:
        """The district's school years and terms."""
        scope = scope_of(call)
        after = decode_token(page.token, scope)
        found = await list_academic_sessions(ports, call, after=after, limit=page.size)
        token = encode_token(found.after, scope)
        next_link(request, response, token)
        return schemas.AcademicSessionPage(
            sessions=[schemas.session_resource(each) for each in found.items],
            next_page_token=token,
            left_out=found.left_out,
        )


def _calendars(router: APIRouter, ports: Ports) -> None:
    @router.put("/calendars/{school_year}", operation_id="state_calendar")
    async def state(
        school_year: PathYear,
        body: schemas.StateCalendar,
        call: CallDep,
        response: Response,
    ) -> schemas.CalendarResource:
        """State the days without school of a school year, in place of those stated before."""
        calendar = await state_calendar(ports, call, school_year, body.days())
        reply(response, call, calendar)
        return schemas.calendar_resource(calendar)

    @router.get("/calendars/{school_year}", operation_id="get_calendar")
    async def get(
        school_year: PathYear, call: CallDep, response: Response
    ) -> schemas.CalendarResource:
        """The days without school of a school year, if any were stated."""
        calendar = await get_calendar(ports, call, school_year)
        reply(response, call, calendar)
        return schemas.calendar_resource(calendar)
