"""What callers do with shares of survey results."""

from __future__ import annotations

from pydantic import Field

from services.access.sharing import cases as sharing
from services.access.sharing.cases import OfferToMeeting, Ports
from services.access.sharing.domain import Share
from services.chassis.call import Call
from services.chassis.fields import Id
from services.chassis.kernel import conflict
from services.chassis.write.loading import Found
from services.surveys.administration.domain import Administration


class CreateAdministrationShare(OfferToMeeting):
    administration_id: Id = Field(examples=["administration-1"])


async def create_administration_share(
    ports: Ports, call: Call, asked: CreateAdministrationShare
) -> Share:
    """Let named colleagues, or who is at a meeting, read results of the caller's until an end.

    From then on they get it as `get_administration` answers it, until it is over or revoked. The
    hours for which results are their teacher's alone come first."""
    agreed = await ports.access.agreed(call.district)

    def shareable(survey: Administration) -> None:
        survey.check_shareable()
        if agreed.hers_alone(survey.closed_at, ports.clock.now()):
            raise conflict("results_hers_alone", "For some hours the results are hers alone.")

    return await sharing.create(
        ports,
        call,
        asked.administration_id,
        "/administration_id",
        asked,
        shareable,
        asked.community_meeting_id,
    )


async def list_administration_shares(
    ports: Ports, call: Call, *, administration_id: Id | None = None, after: str, limit: int
) -> Found[Share]:
    """The shares that the caller has made, of one survey or all, with those that are over."""
    return await sharing.made_by_owner(ports, call, administration_id, after, limit)


async def list_received_administration_shares(
    ports: Ports, call: Call, *, after: str, limit: int
) -> Found[Share]:
    """Which surveys of others the caller may read by a share now, and until when. One that has
    become another's since may still stand here, and is not read any more.

    One that is for `once` is not there any more when she has read it."""
    return await sharing.open_to_caller(ports, call, after, limit)
