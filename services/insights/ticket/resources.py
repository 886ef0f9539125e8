"""What a ticket is answered as."""

from __future__ import annotations

from datetime import datetime

from pydantic import Field

from services.chassis.fields import Resource


class TicketResource(Resource):
    """For one connection: it is taken away with its first use."""

    ticket: str = Field(description="The parameter `ticket` of a live caseload's address")
    expires_at: datetime = Field(description="Until when a connection may begin with it")
