"""Answers about shares of survey results, over REST and gRPC."""

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


class AdministrationShareResource(ShareResource):
    administration_share_id: str
    administration_id: str
    teacher_id: str
    community_meeting_id: str | None


class ReceivedAdministrationShareResource(ReceivedShareResource):
    administration_share_id: str
    administration_id: str
    teacher_id: str
    teacher_name: str | None = name_of("teacher_id")
    community_meeting_id: str | None


class AdministrationSharePage(PageResource):
    administration_shares: list[AdministrationShareResource]


class ReceivedAdministrationSharePage(PageResource):
    received_shares: list[ReceivedAdministrationShareResource]


async def administration_share_resource(
    ports: WarnedBy, share: Share
) -> AdministrationShareResource:
    """A share of the results of a survey, as its owner sees it."""
    return AdministrationShareResource(
        administration_share_id=share.id,
        administration_id=share.artifact,
        teacher_id=share.teacher,
        community_meeting_id=share.meeting or None,
        **said_of(share, await warned(ports, share)),
    )


def received_administration_share_resource(share: Share) -> ReceivedAdministrationShareResource:
    return ReceivedAdministrationShareResource(
        administration_share_id=share.id,
        administration_id=share.artifact,
        teacher_id=share.teacher,
        community_meeting_id=share.meeting or None,
        **told_reader(share),
    )
