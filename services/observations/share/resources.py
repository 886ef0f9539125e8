"""Answers about shares of observations, over REST and gRPC."""

from __future__ import annotations

from services.access.sharing.domain import Share
from services.access.sharing.resources import (
    ReceivedShareResource,
    ShareResource,
    said_of,
    told_reader,
)
from services.access.sharing.warnings import WarnedBy, warned
from services.chassis.edge.naming import name_of
from services.chassis.fields import PageResource


class ObservationShareResource(ShareResource):
    observation_share_id: str
    observation_id: str
    teacher_id: str


class ReceivedObservationShareResource(ReceivedShareResource):
    observation_share_id: str
    observation_id: str
    teacher_id: str
    teacher_name: str | None = name_of("teacher_id")


class ObservationSharePage(PageResource):
    observation_shares: list[ObservationShareResource]


class ReceivedObservationSharePage(PageResource):
    received_shares: list[ReceivedObservationShareResource]


async def observation_share_resource(ports: WarnedBy, share: Share) -> ObservationShareResource:
    """A share of an observation, as its owner sees it."""
    return ObservationShareResource(
        observation_share_id=share.id,
        observation_id=share.artifact,
        teacher_id=share.teacher,
        **said_of(share, await warned(ports, share)),
    )


def received_observation_share_resource(share: Share) -> ReceivedObservationShareResource:
    return ReceivedObservationShareResource(
        observation_share_id=share.id,
        observation_id=share.artifact,
        teacher_id=share.teacher,
        **told_reader(share),
    )
