"""What becomes of shares of survey results by themselves."""

from __future__ import annotations

from coaching.surveys.v1 import administration_events_pb2 as administrations
from coaching.surveys.v1 import share_events_pb2 as published
from services.access.sharing.duties import call_off_duty, share_duties

DUTIES = (
    *share_duties(
        "administration", published.AdministrationShareCreated, administrations.AdministrationErased
    ),
    call_off_duty("administration"),
)
