"""The surveys service over REST: `/surveys/v1/...`."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response, status

from services.chassis.call import Call
from services.chassis.edge.http import service_router
from services.chassis.edge.http_call import AnonymousCallDep, CallDep, PageDep, next_link, reply
from services.chassis.edge.paging import decode_token, encode_token, scope_of
from services.chassis.fields import Id
from services.surveys.administration import resources
from services.surveys.administration.closing import close_administration
from services.surveys.administration.domain import Administration
from services.surveys.application.cancel_administration import cancel_administration
from services.surveys.application.draft_instrument import draft_instrument
from services.surveys.application.get_administration import get_administration
from services.surveys.application.get_instrument import get_instrument
from services.surveys.application.list_administrations import list_administrations
from services.surveys.application.list_instruments import list_instruments
from services.surveys.application.list_open_administrations import list_open_administrations
from services.surveys.application.open_administration import open_administration
from services.surveys.application.ports import Ports
from services.surveys.application.publish_instrument import publish_instrument
from services.surveys.application.reopen_administration import reopen_administration
from services.surveys.application.schedule_administration import schedule_administration
from services.surveys.application.submit_response import submit_response
from services.surveys.application.withdraw_instrument import withdraw_instrument
from services.surveys.entrypoints import schemas
from services.surveys.instrument.domain import Instrument

AS_MANY_AS_STUDENTS = schemas.OpenAdministration()


def routes(ports: Ports) -> APIRouter:
    """Every route of the service over its use cases."""
    router = service_router("surveys")
    _instruments(router, ports)
    _administrations(router, ports)
    _responses(router, ports)
    return router


def _instruments(router: APIRouter, ports: Ports) -> None:
    @router.post(
        "/instruments", operation_id="draft_instrument", status_code=status.HTTP_201_CREATED
    )
    async def draft(
        body: schemas.DraftInstrument, call: CallDep, response: Response
    ) -> resources.InstrumentResource:
        """Draft a practical measure for the district's teachers to use."""
        made = await draft_instrument(ports, call, **body.arguments())
        reply(response, call, made.version, location=f"/surveys/v1/instruments/{made.id}")
        return resources.instrument_resource(made)

    @router.post("/instruments/{instrument_id}/publish", operation_id="publish_instrument")
    async def publish(
        instrument_id: Id, call: CallDep, response: Response
    ) -> resources.InstrumentResource:
        """Publish a draft: from now on it never changes."""
        return _instrument(response, call, await publish_instrument(ports, call, instrument_id))

    @router.post("/instruments/{instrument_id}/withdraw", operation_id="withdraw_instrument")
    async def withdraw(
        instrument_id: Id, call: CallDep, response: Response
    ) -> resources.InstrumentResource:
        """Take back a draft; who brought it in may, and an administrator once its author has
        left."""
        return _instrument(response, call, await withdraw_instrument(ports, call, instrument_id))

    @router.get("/instruments/{instrument_id}", operation_id="get_instrument")
    async def get(
        instrument_id: Id, call: CallDep, response: Response
    ) -> resources.InstrumentResource:
        """One instrument with its items and scales."""
        return _instrument(response, call, await get_instrument(ports, call, instrument_id))

    @router.get("/instruments", operation_id="list_instruments")
    async def list_all(
        call: CallDep,
        page: PageDep,
        request: Request,
        response: Response,
        taken_back: bool = False,
    ) -> resources.InstrumentPage:
        """The district's instruments, drafts too, without scales and the texts of items;
        withdrawn drafts with `taken_back`."""
        scope = scope_of(call, taken_back=taken_back)
        after = decode_token(page.token, scope)
        found = await list_instruments(
            ports, call, taken_back=taken_back, after=after, limit=page.size
        )
        token = encode_token(found.after, scope)
        next_link(request, response, token)
        return resources.InstrumentPage(
            instruments=[resources.instrument_summary(each) for each in found.items],
            next_page_token=token,
            left_out=found.left_out,
        )


def _administrations(router: APIRouter, ports: Ports) -> None:
    @router.post(
        "/administrations",
        operation_id="schedule_administration",
        status_code=status.HTTP_201_CREATED,
    )
    async def schedule(
        body: schemas.ScheduleAdministration, call: CallDep, response: Response
    ) -> resources.AdministrationResource:
        """Plan to give a published instrument to a class, as its teacher or her coach."""
        made = await schedule_administration(ports, call, **body.arguments())
        reply(response, call, made.version, location=f"/surveys/v1/administrations/{made.id}")
        return resources.administration_resource(made)

    @router.post("/administrations/{administration_id}/open", operation_id="open_administration")
    async def open_it(
        administration_id: Id,
        call: CallDep,
        response: Response,
        body: schemas.OpenAdministration = AS_MANY_AS_STUDENTS,
    ) -> resources.OpenedAdministrationResource:
        """Open a survey and get its response codes, which are told here only; the teacher
        only. Of an open survey it gives them again, and more where `seats` is greater."""
        opened, codes = await open_administration(ports, call, administration_id, seats=body.seats)
        reply(response, call, opened.version)
        return resources.opened_resource(opened, codes)

    @router.post("/administrations/{administration_id}/close", operation_id="close_administration")
    async def close(
        administration_id: Id, call: CallDep, response: Response
    ) -> resources.AdministrationResource:
        """Close a survey and release its results, once; the teacher, whoever teaches the class
        today, or the district's administrators. Only the teacher is shown the results."""
        closed = await close_administration(ports, call, administration_id)
        reply(response, call, closed.version)
        others = call.principal.person != closed.teacher
        return resources.administration_resource(closed, of_others=others)

    @router.post(
        "/administrations/{administration_id}/reopen", operation_id="reopen_administration"
    )
    async def reopen(
        administration_id: Id, call: CallDep, response: Response
    ) -> resources.AdministrationResource:
        """Take back a close within an hour, where too few had answered; the teacher only."""
        reopened = await reopen_administration(ports, call, administration_id)
        return _administration(response, call, reopened)

    @router.post(
        "/administrations/{administration_id}/cancel", operation_id="cancel_administration"
    )
    async def cancel(
        administration_id: Id, call: CallDep, response: Response
    ) -> resources.AdministrationResource:
        """Take back a survey that should not have been, as long as no figure of it was shown;
        the teacher, or who planned it before it is open. Its answers are deleted."""
        cancelled = await cancel_administration(ports, call, administration_id)
        return _administration(response, call, cancelled)

    @router.get("/administrations/{administration_id}", operation_id="get_administration")
    async def get(
        administration_id: Id, call: CallDep, response: Response
    ) -> resources.AdministrationResource:
        """One administration; its results once it is closed."""
        found = await get_administration(ports, call, administration_id)
        return _administration(response, call, found)

    @router.get("/administrations", operation_id="list_administrations")
    async def list_all(
        teacher_id: Id,
        call: CallDep,
        page: PageDep,
        request: Request,
        response: Response,
        taken_back: bool = False,
    ) -> resources.AdministrationPage:
        """A teacher's surveys of all years; cancelled ones with `taken_back`."""
        scope = scope_of(call, teacher=teacher_id, taken_back=taken_back)
        found = await list_administrations(
            ports,
            call,
            teacher=teacher_id,
            taken_back=taken_back,
            after=decode_token(page.token, scope),
            limit=page.size,
        )
        token = encode_token(found.after, scope)
        next_link(request, response, token)
        return resources.AdministrationPage(
            administrations=[resources.administration_resource(each) for each in found.items],
            next_page_token=token,
            left_out=found.left_out,
        )

    @router.get(
        "/classes/{class_id}/open-administrations", operation_id="list_open_administrations"
    )
    async def list_open(
        class_id: Id, call: CallDep, page: PageDep, request: Request, response: Response
    ) -> resources.AdministrationPage:
        """A class's open surveys, for whoever may have to close them in the teacher's place:
        who teaches it today, and the district's administrators."""
        scope = scope_of(call, class_id=class_id)
        after = decode_token(page.token, scope)
        found = await list_open_administrations(
            ports, call, class_id=class_id, after=after, limit=page.size
        )
        token = encode_token(found.after, scope)
        next_link(request, response, token)
        return resources.AdministrationPage(
            administrations=[
                resources.administration_resource(each, of_others=True) for each in found.items
            ],
            next_page_token=token,
            left_out=found.left_out,
        )


def _responses(router: APIRouter, ports: Ports) -> None:
    @router.post(
        "/districts/{district_id}/administrations/{administration_id}/responses",
        operation_id="submit_response",
        status_code=status.HTTP_204_NO_CONTENT,
    )
    async def submit(
        district_id: Id,
        administration_id: Id,
        body: schemas.SubmitResponse,
        call: AnonymousCallDep,
    ) -> None:
        """Answer a survey with a response code instead of an account. 204: this code has an
        answer, which counts when the survey is closed: the first that came with it. Others
        after it change nothing, so sending again is safe. 404 for every code that opens
        nothing, whatever else was sent."""
        await submit_response(ports, call, administration_id, code=body.code, answers=body.pairs())


def _instrument(
    response: Response, call: Call, instrument: Instrument
) -> resources.InstrumentResource:
    reply(response, call, instrument.version)
    return resources.instrument_resource(instrument)


def _administration(
    response: Response, call: Call, administration: Administration
) -> resources.AdministrationResource:
    reply(response, call, administration.version)
    return resources.administration_resource(administration)
