"""What callers may do with administrations: a class's survey is its teacher's and her assigned
coach's to see, and only she opens it. Where she is away, whoever teaches the class today, or the
district, can close it and sees no results.

Reading what is asked and answering take no account, so they are written out here, for REST and for
gRPC: that the survey is open, and the response code, is checked by the use case.
"""

from __future__ import annotations

from typing import Annotated, Any

import grpc
from fastapi import APIRouter, Query, Response, status
from google.protobuf.message import Message
from pydantic import Field, StringConstraints

from coaching.surveys.v1 import administration_pb2, administration_pb2_grpc
from services.access.policy import Policy
from services.chassis.edge.grpc_answer import teller
from services.chassis.edge.grpc_call import call_of
from services.chassis.edge.grpc_parse import id_of, parse
from services.chassis.edge.http import service_router
from services.chassis.edge.http_call import AnonymousCallDep
from services.chassis.edge.noun import Noun
from services.chassis.edge.operation import Table
from services.chassis.fields import Body, Id
from services.surveys.administration import cases, lists
from services.surveys.administration.cases import Ports
from services.surveys.administration.closing import close_administration
from services.surveys.administration.domain import Administration
from services.surveys.administration.form import get_form
from services.surveys.administration.outline import AdministrationOutline
from services.surveys.administration.resources import (
    AdministrationPage,
    FormResource,
    administration_resource,
    form_resource,
    opened_resource,
)
from services.surveys.instrument.domain import LANGUAGE, MOST_ITEMS

SURVEY = "administration"
OWN = Policy(teacher=True, about=SURVEY)
OWN_OR_COACHED = Policy(teacher=True, coach=True, about=SURVEY)
SEEN = Policy(teacher=True, coach=True, peer=True, partners=True, about=SURVEY)
SHOWN = Policy(teacher=True, coach=True, peer=True, shared_with=True, partners=True, about=SURVEY)
OF_THE_CLASS = Policy(party=True, district_admin=True, about=SURVEY)
OWN_OR_OF_THE_CLASS = Policy(teacher=True, party=True, district_admin=True, about=SURVEY)

PATH = "/administrations/{administration_id}"
ADMINISTRATION: Noun[Ports, Administration] = Noun(
    PATH,
    lambda ports: ports.administrations,
    administration_resource,
    names=lambda ports: ports.names,
)
OPENED: Noun[Ports, Administration] = Noun(
    PATH, None, opened_resource, of=ADMINISTRATION, inside="administration"
)
CLOSED: Noun[Ports, AdministrationOutline] = Noun(  # whoever closes another's is shown no more
    PATH, None, administration_resource, of=ADMINISTRATION
)
OPERATIONS: Table[Ports, Policy] = Table(
    "surveys",
    administration_pb2.DESCRIPTOR.services_by_name["AdministrationsService"],
    administration_pb2_grpc.add_AdministrationsServiceServicer_to_server,
    ADMINISTRATION.create(cases.schedule_administration, OWN_OR_COACHED),
    OPENED.change(cases.open_administration, OWN, "open", when=cases.opening),
    CLOSED.change(
        close_administration, OWN_OR_OF_THE_CLASS, "close", when=Administration.check_close
    ),
    ADMINISTRATION.move(Administration.reopen, OWN, when=Administration.check_reopen),
    ADMINISTRATION.change(
        cases.cancel_administration, OWN_OR_COACHED, "cancel", when=Administration.check_cancel
    ),
    ADMINISTRATION.get(SHOWN, lists.get_administration),
    ADMINISTRATION.find(lists.list_administrations, SEEN, AdministrationPage),
    ADMINISTRATION.find(
        lists.list_open_administrations,
        OF_THE_CLASS,
        AdministrationPage,
        path="/classes/{class_id:path}/open-administrations",
    ),
    by_hand={"get_form": Policy(anonymous=True), "submit_response": Policy(anonymous=True)},
)

FOR_A_WHILE = "private, max-age=60"  # a page that is loaded again does not ask again
_form = teller(FormResource, administration_pb2.Form.DESCRIPTOR)

Value = Annotated[int, Field(ge=-1_000, le=1_000)]
Language = Annotated[str, StringConstraints(pattern=LANGUAGE)]
FormLanguage = Annotated[
    Language | None,
    Query(description="One of the form's `languages`; else it is in the instrument's own"),
]
ResponseCode = Annotated[str, StringConstraints(min_length=1, max_length=32)]


class AskedForm(Body):
    language: Language | None = None


class AnswerBody(Body):
    item_id: Id = Field(examples=["i1"])
    value: Value = Field(examples=[2])


class SubmitResponse(Body):
    """Items may be left out, but not all: a blank sheet sent by mistake would use up the code."""

    code: ResponseCode = Field(examples=["7KQ2-M4XD-0RTZ"])
    answers: list[AnswerBody] = Field(min_length=1, max_length=MOST_ITEMS)

    def pairs(self) -> list[tuple[str, int]]:
        return [(each.item_id, each.value) for each in self.answers]


def routes(ports: Ports) -> APIRouter:
    router = service_router("surveys")

    @router.get(
        "/districts/{district_id}/administrations/{administration_id}/form",
        operation_id="get_form",
    )
    async def form(
        district_id: Id,
        administration_id: Id,
        call: AnonymousCallDep,
        response: Response,
        language: FormLanguage = None,
    ) -> FormResource:
        """What an open survey asks, for the page on which students answer; nothing of whose survey
        it is. It stays the same while the survey is open. 404 unless it is."""
        found = await get_form(ports, call, administration_id, language or "")
        response.headers["Cache-Control"] = FOR_A_WHILE
        return form_resource(found)

    @router.post(
        "/districts/{district_id}/administrations/{administration_id}/responses",
        operation_id="submit_response",
        status_code=status.HTTP_204_NO_CONTENT,
    )
    async def submit(
        district_id: Id, administration_id: Id, body: SubmitResponse, call: AnonymousCallDep
    ) -> None:
        """Answer a survey with a response code instead of an account. 204: this code has an
        answer, which counts when the survey is closed: the first that came with it. Others
        after it change nothing, so sending again is safe. 404 for every code that opens
        nothing, whatever else was sent."""
        await cases.submit_response(
            ports, call, administration_id, code=body.code, answers=body.pairs()
        )

    return router


class Rpcs:
    def __init__(self, ports: Ports) -> None:
        self._ports = ports

    async def GetForm(
        self,
        request: administration_pb2.GetFormRequest,
        context: grpc.aio.ServicerContext[Any, Any],
    ) -> Message:
        administration_id = id_of(request, "administration_id")
        asked = parse(AskedForm, request, skip=("district_id", "administration_id"))
        call, language = call_of(context), asked.language or ""
        found = await get_form(self._ports, call, administration_id, language)
        return _form(form_resource(found))

    async def SubmitResponse(
        self,
        request: administration_pb2.SubmitResponseRequest,
        context: grpc.aio.ServicerContext[Any, Any],
    ) -> administration_pb2.SubmitResponseResponse:
        administration_id = id_of(request, "administration_id")
        body = parse(SubmitResponse, request, skip=("district_id", "administration_id"))
        await cases.submit_response(
            self._ports,
            call_of(context),
            administration_id,
            code=body.code,
            answers=body.pairs(),
        )
        return administration_pb2.SubmitResponseResponse()
