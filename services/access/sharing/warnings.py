"""What an owner is warned of about her open shares (F19): computed when she reads them, so that no
timer is needed for it to be right."""

from __future__ import annotations

import enum
from collections.abc import Collection
from datetime import timedelta
from typing import NamedTuple, Protocol

from services.access.access import Access
from services.access.sharing.domain import Share
from services.chassis.kernel import Clock

SOON = timedelta(days=7)


class ShareWarning(enum.StrEnum):
    """`ends_soon`: within seven days. `reader_left`: somebody of the audience is not in the roster
    any more."""

    ENDS_SOON = "ends_soon"
    READER_LEFT = "reader_left"


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
    holding = {
        ShareWarning.ENDS_SOON: share.expires_at - now <= SOON,
        ShareWarning.READER_LEFT: bool(left),
    }
    return Warned(tuple(each for each, holds in holding.items() if holds), left)
