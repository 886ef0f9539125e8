"""The surveys service over gRPC: the same use cases as `rest.py`, request bodies included."""

from __future__ import annotations

from typing import Any

import grpc

from coaching.surveys.v1 import surveys_pb2 as pb
from coaching.surveys.v1.surveys_pb2_grpc import (
    SurveysServiceServicer,
    add_SurveysServiceServicer_to_server,
)
from services.chassis.edge.grpc_server import RpcService, call_of, id_of, parse
from services.chassis.edge.paging import decode_token, encode_token, page_request, scope_of
from services.chassis.write.states import stamp
from services.surveys.administration.closing import close_administration
from services.surveys.administration.codec import administration_snapshot, instrument_snapshot
from services.surveys.administration.domain import AdministrationOutline
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
from services.surveys.instrument.domain import Instrument, InstrumentSummary

Context = grpc.aio.ServicerContext[Any, Any]


def rpc_service(ports: Ports) -> RpcService:
    return RpcService(
        add_SurveysServiceServicer_to_server,
        SurveysRpc(ports),
        pb.DESCRIPTOR.services_by_name["SurveysService"],
    )


class SurveysRpc(SurveysServiceServicer):
    def __init__(self, ports: Ports) -> None:
        self._ports = ports

    async def DraftInstrument(
        self, request: pb.DraftInstrumentRequest, context: Context
    ) -> pb.Instrument:
        body = parse(schemas.DraftInstrument, request)
        return _instrument(
            await draft_instrument(self._ports, call_of(context), **body.arguments())
        )

    async def PublishInstrument(
        self, request: pb.PublishInstrumentRequest, context: Context
    ) -> pb.Instrument:
        instrument_id = id_of(request, "instrument_id")
        return _instrument(await publish_instrument(self._ports, call_of(context), instrument_id))

    async def WithdrawInstrument(
        self, request: pb.WithdrawInstrumentRequest, context: Context
    ) -> pb.Instrument:
        instrument_id = id_of(request, "instrument_id")
        return _instrument(await withdraw_instrument(self._ports, call_of(context), instrument_id))

    async def GetInstrument(
        self, request: pb.GetInstrumentRequest, context: Context
    ) -> pb.Instrument:
        instrument_id = id_of(request, "instrument_id")
        return _instrument(await get_instrument(self._ports, call_of(context), instrument_id))

    async def ListInstruments(
        self, request: pb.ListInstrumentsRequest, context: Context
    ) -> pb.ListInstrumentsResponse:
        call = call_of(context)
        page = page_request(request.page_size, request.page_token)
        taken_back = request.taken_back
        scope = scope_of(call, taken_back=taken_back)
        after = decode_token(page.token, scope)
        found = await list_instruments(
            self._ports, call, taken_back=taken_back, after=after, limit=page.size
        )
        token = encode_token(found.after, scope)
        return pb.ListInstrumentsResponse(
            instruments=map(_instrument_summary, found.items),
            next_page_token=token,
            left_out=found.left_out,
        )

    async def ScheduleAdministration(
        self, request: pb.ScheduleAdministrationRequest, context: Context
    ) -> pb.Administration:
        body = parse(schemas.ScheduleAdministration, request)
        return _administration(
            await schedule_administration(self._ports, call_of(context), **body.arguments())
        )

    async def OpenAdministration(
        self, request: pb.OpenAdministrationRequest, context: Context
    ) -> pb.OpenedAdministration:
        administration_id = id_of(request, "administration_id")
        body = parse(schemas.OpenAdministration, request, skip=("administration_id",))
        opened, codes = await open_administration(
            self._ports, call_of(context), administration_id, seats=body.seats
        )
        return pb.OpenedAdministration(administration=_administration(opened), codes=codes)

    async def SubmitResponse(
        self, request: pb.SubmitResponseRequest, context: Context
    ) -> pb.SubmitResponseResponse:
        administration_id = id_of(request, "administration_id")
        body = parse(schemas.SubmitResponse, request, skip=("district_id", "administration_id"))
        await submit_response(
            self._ports,
            call_of(context),
            administration_id,
            code=body.code,
            answers=body.pairs(),
        )
        return pb.SubmitResponseResponse()

    async def CloseAdministration(
        self, request: pb.CloseAdministrationRequest, context: Context
    ) -> pb.Administration:
        call, administration_id = call_of(context), id_of(request, "administration_id")
        closed = await close_administration(self._ports, call, administration_id)
        return _administration(closed, of_others=call.principal.person != closed.teacher)

    async def ReopenAdministration(
        self, request: pb.ReopenAdministrationRequest, context: Context
    ) -> pb.Administration:
        administration_id = id_of(request, "administration_id")
        return _administration(
            await reopen_administration(self._ports, call_of(context), administration_id)
        )

    async def CancelAdministration(
        self, request: pb.CancelAdministrationRequest, context: Context
    ) -> pb.Administration:
        administration_id = id_of(request, "administration_id")
        return _administration(
            await cancel_administration(self._ports, call_of(context), administration_id)
        )

    async def GetAdministration(
        self, request: pb.GetAdministrationRequest, context: Context
    ) -> pb.Administration:
        administration_id = id_of(request, "administration_id")
        return _administration(
            await get_administration(self._ports, call_of(context), administration_id)
        )

    async def ListAdministrations(
        self, request: pb.ListAdministrationsRequest, context: Context
    ) -> pb.ListAdministrationsResponse:
        call = call_of(context)
        teacher = id_of(request, "teacher_id")
        page = page_request(request.page_size, request.page_token)
        scope = scope_of(call, teacher=teacher, taken_back=request.taken_back)
        found = await list_administrations(
            self._ports,
            call,
            teacher=teacher,
            taken_back=request.taken_back,
            after=decode_token(page.token, scope),
            limit=page.size,
        )
        token = encode_token(found.after, scope)
        return pb.ListAdministrationsResponse(
            administrations=map(_administration, found.items),
            next_page_token=token,
            left_out=found.left_out,
        )

    async def ListOpenAdministrations(
        self, request: pb.ListOpenAdministrationsRequest, context: Context
    ) -> pb.ListOpenAdministrationsResponse:
        call = call_of(context)
        class_id = id_of(request, "class_id")
        page = page_request(request.page_size, request.page_token)
        scope = scope_of(call, class_id=class_id)
        after = decode_token(page.token, scope)
        found = await list_open_administrations(
            self._ports, call, class_id=class_id, after=after, limit=page.size
        )
        return pb.ListOpenAdministrationsResponse(
            administrations=[_administration(each, of_others=True) for each in found.items],
            next_page_token=encode_token(found.after, scope),
            left_out=found.left_out,
        )


def _instrument_summary(instrument: Instrument | InstrumentSummary) -> pb.Instrument:
    return pb.Instrument(
        instrument=instrument_snapshot(instrument),
        title=instrument.title,
        etag=f'"{instrument.version}"',
        drafted_by_id=instrument.drafted_by,
    )


def _instrument(instrument: Instrument) -> pb.Instrument:
    message = _instrument_summary(instrument)
    message.scales.extend(
        pb.Scale(
            scale_id=each.id,
            kind=each.kind,
            values=each.values,
            labels=each.labels,
            favorable_from=each.favorable_from,
        )
        for each in instrument.scales
    )
    message.items.extend(
        pb.Item(
            item_id=each.id,
            text=each.text,
            construct_id=each.construct,
            source=each.source,
            license=each.license,
            scale_id=each.scale_id,
            reversed=each.reversed,
        )
        for each in instrument.items
    )
    return message


def _administration(
    administration: AdministrationOutline, *, of_others: bool = False
) -> pb.Administration:
    """`of_others`: for somebody who closes it in the teacher's place."""
    snapshot = administration_snapshot(administration)
    made = pb.Administration(administration=snapshot, etag=f'"{administration.version}"')
    if of_others:
        made.administration.ClearField("results")
        return made
    for each in administration.history:
        made.history.add(what=each.what, by_id=each.by, at=stamp(each.at))
    until = stamp(administration.reopenable_until)
    if until is not None:
        made.reopenable_until.CopyFrom(until)
    return made
