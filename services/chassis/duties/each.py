"""What a duty does to each of many."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar

from services.chassis.call import Call
from services.chassis.kernel import Aggregate, Fault, Kind
from services.chassis.write.by_date import ByDate
from services.chassis.write.documents import Scalar
from services.chassis.write.keys import Act
from services.chassis.write.write_path import WritePath

A = TypeVar("A", bound=Aggregate)
PAGE = 100


async def change_each(
    path: WritePath[A],
    call: Call,
    where: Mapping[str, Scalar],
    act: Act[A],
    by: ByDate | None = None,
) -> None:
    """Change whatever is found, each by a write of its own under the call's key: done again, what
    is done already stays. An index must hold `where`, in order `by`. Raises Fault UNAVAILABLE, when
    all others are done, where some cannot be read by this build."""
    after, more, unreadable = "", True, 0
    while more:
        found = await path.find(call.district, where, after, PAGE, by)
        for each in found.items:
            await path.change(call, each.id, act)
        unreadable += found.left_out
        after, more = found.after, bool(found.after)
    if unreadable:
        raise Fault(Kind.UNAVAILABLE, "needs_upgrade", "Some cannot be read by this build.")
