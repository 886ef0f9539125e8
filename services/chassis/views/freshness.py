"""What `as_of` means: everything published before this instant is in the view.

Each member of the projector of a dated view writes it down as often as the view says
(`Projection.dated`), for the partition numbers whose stored positions it saw to be the ends of
their topics; a view is as fresh as the stalest of all its partition numbers.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

NEVER = datetime.fromtimestamp(0, UTC)


@dataclass(frozen=True, slots=True)
class AsOf:
    """`as_of` is the epoch where no projector has reported yet."""

    as_of: datetime
    stale: bool
