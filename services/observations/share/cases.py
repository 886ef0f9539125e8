"""What callers do with shares of observations."""

from __future__ import annotations

from pydantic import Field

from services.access.sharing import cases as sharing
from services.access.sharing.cases import Offer, Ports
from services.access.sharing.domain import Share
from services.chassis.call import Call
from services.chassis.fields import Id
from services.chassis.write.loading import Found
from services.observations.observation.domain import Observation


class CreateObservationShare(Offer):
    observation_id: Id = Field(examples=["observation-1"])


async def create_observation_share(
    ports: Ports, call: Call, asked: CreateObservationShare
) -> Share:
    """Let named colleagues read an observation of the caller's, for a purpose and until an end.

    From then on they get it as `get_observation` answers it, until it is over or revoked."""
    return await sharing.create(
        ports, call, asked.observation_id, "/observation_id", asked, Observation.check_shareable
    )


async def list_observation_shares(
    ports: Ports, call: Call, *, observation_id: Id | None = None, after: str, limit: int
) -> Found[Share]:
    """The shares that the caller has made, of one observation or all, with those that are over."""
    return await sharing.made_by_owner(ports, call, observation_id, after, limit)


async def list_received_observation_shares(
    ports: Ports, call: Call, *, after: str, limit: int
) -> Found[Share]:
    """Which observations of others the caller may read by a share now, and until when. One that has
    become another's since may still stand here, and is not read any more.

    One that is for `once` is not there any more when she has read it."""
    return await sharing.open_to_caller(ports, call, after, limit)
