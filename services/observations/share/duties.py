"""What becomes of shares of observations by themselves."""

from __future__ import annotations

from coaching.observations.v1 import observation_events_pb2 as observations
from coaching.observations.v1 import share_events_pb2 as published
from services.access.sharing.duties import share_duties

DUTIES = share_duties(
    "observation", published.ObservationShareCreated, observations.ObservationErased
)
