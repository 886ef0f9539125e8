"""Shares of survey results: stored state and published events."""

from __future__ import annotations

from coaching.surveys.v1 import share_events_pb2 as published
from services.access.sharing.codec import none_called_off, share_codec, without_meeting

ADMINISTRATION_SHARES = share_codec(
    "administration",
    published.DESCRIPTOR,
    published.AdministrationShareSnapshot,
    [without_meeting, none_called_off],
)
