"""How a ticket for a live caseload is asked for. Over REST alone: whoever can send metadata needs
none. Its policy stands in the table of caseloads."""

from __future__ import annotations

from fastapi import APIRouter

from services.chassis.edge.http import service_router
from services.chassis.edge.http_call import CallDep
from services.chassis.fields import IdOrMe
from services.insights.ticket.cases import Ports, issue_ticket
from services.insights.ticket.resources import TicketResource


def routes(ports: Ports) -> APIRouter:
    router = service_router("insights")

    @router.post(
        "/caseloads/{coach_id:path}/tickets",
        operation_id="issue_ticket",
        status_code=200,
    )
    async def issue(coach_id: IdOrMe, call: CallDep) -> TicketResource:
        """A ticket for one connection to the caseload, live, that cannot send a token. Each request
        gives another one, also with the key of one before."""
        ticket, until = await issue_ticket(ports, call, coach_id)
        return TicketResource(ticket=ticket, expires_at=until)

    return router
