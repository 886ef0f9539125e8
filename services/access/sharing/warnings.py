"""What an owner is warned of about her open shares (F19): computed when she reads them, so that no
timer is needed for it to be right."""

from __future__ import annotations

import enum
from collections.abc import Collection, Mapping, Sequence
from datetime import timedelta
from typing import NamedTuple, Protocol

from services.access.access import Access
from services.access.acknowledged import unacknowledged
from services.access.meetings import meeting_of
from services.access.sharing.domain import Share
from services.chassis.kernel import Clock

SOON = timedelta(days=7)
RULE_VERSION = 2  # of F19


class ShareWarning(enum.StrEnum):
    """`ends_soon`: within seven days. `reader_left`: somebody of the audience is not in the roster
    any more. `not_at_meeting`: the meeting was called off, or its owner is no more at it, and so
    nobody reads by it. `ends_before_meeting`: the meeting was moved, and is over only after it.
    `not_acknowledged`: the owner has not acknowledged the statement of the data-use policy in
    force, without which she could not make it now."""

    ENDS_SOON = "ends_soon"
    READER_LEFT = "reader_left"
    NOT_AT_MEETING = "not_at_meeting"
    ENDS_BEFORE_MEETING = "ends_before_meeting"
    NOT_ACKNOWLEDGED = "not_acknowledged"


class Warned(NamedTuple):
    """`warnings`: each with the ids that it was read from beside the share's. `left`: who of the
    audience is not in the roster any more."""

    warnings: Mapping[ShareWarning, Sequence[str]] = {}
    left: Collection[str] = ()


class WarnedBy(Protocol):
    @property
    def access(self) -> Access: ...

    @property
    def clock(self) -> Clock: ...


async def warned(ports: WarnedBy, share: Share) -> Warned:
    """Of a share that is over nothing. 1 database command for the audience, 1 for what is in force
    and 1 for the owner, where they are not known yet."""
    now = ports.clock.now()
    if not share.lasts(now):
        return Warned()
    known = await ports.access.profiles(share.district, share.audience)
    left = [each for each, profile in known.items() if profile is None or not profile.active]
    statement = await unacknowledged(ports.access, share.district, share.teacher)
    found: dict[ShareWarning, Sequence[str]] = {}
    if share.expires_at - now <= SOON:
        found[ShareWarning.ENDS_SOON] = ()
    if left:
        found[ShareWarning.READER_LEFT] = left
    if share.meeting:
        hers = await ports.access.profile(share.district, share.teacher)
        meeting = meeting_of(hers, share.meeting)
        if meeting is None:
            found[ShareWarning.NOT_AT_MEETING] = (share.meeting,)
        elif share.expires_at <= meeting.ends:
            found[ShareWarning.ENDS_BEFORE_MEETING] = (share.meeting,)
    if statement:  # where none can be read nobody knows whether one is wanted
        found[ShareWarning.NOT_ACKNOWLEDGED] = (statement,)
    return Warned(found, left)
