"""What an owner is warned of about her open shares (F19): computed when she reads them, so that no
timer is needed for it to be right."""

from __future__ import annotations

import enum
from collections.abc import Collection
from datetime import timedelta
from typing import NamedTuple, Protocol

from services.access.access import Access
from services.access.meetings import meeting_of
from services.access.sharing.domain import Share
from services.chassis.kernel import Clock

SOON = timedelta(days=7)


class ShareWarning(enum.StrEnum):
    """`ends_soon`: within seven days. `reader_left`: somebody of the audience is not in the roster
    any more. `not_at_meeting`: the meeting was called off, or its owner is no more at it, and so
    nobody reads by it. `ends_before_meeting`: the meeting was moved, and is over only after it."""

    ENDS_SOON = "ends_soon"
    READER_LEFT = "reader_left"
    NOT_AT_MEETING = "not_at_meeting"
    ENDS_BEFORE_MEETING = "ends_before_meeting"


class Warned(NamedTuple):
    """`left`: who of the audience is not in the roster any more."""

    warnings: tuple[ShareWarning, ...] = ()
    left: Collection[str] = ()


class WarnedBy(Protocol):
    @property
    def access(self) -> Access: ...

    @property
    def clock(self) -> Clock: ...


async def warned(ports: WarnedBy, share: Share) -> Warned:
    """Of a share that is over nothing. 1 database command where somebody of the audience is not
    known yet."""
    now = ports.clock.now()
    if not share.lasts(now):
        return Warned()
    known = await ports.access.profiles(share.district, share.audience)
    left = [each for each, profile in known.items() if profile is None or not profile.active]
    meeting = None
    if share.meeting:
        meeting = meeting_of(
            await ports.access.profile(share.district, share.teacher), share.meeting
        )
    holding = {
        ShareWarning.ENDS_SOON: share.expires_at - now <= SOON,
        ShareWarning.READER_LEFT: bool(left),
        ShareWarning.NOT_AT_MEETING: bool(share.meeting) and meeting is None,
        ShareWarning.ENDS_BEFORE_MEETING: meeting is not None and share.expires_at <= meeting.ends,
    }
    return Warned(tuple(each for each, holds in holding.items() if holds), left)
