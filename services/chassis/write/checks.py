"""What must hold of others when something is made."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from services.chassis.kernel import Fault
from services.chassis.write.keys import OF_THE_STATE

Check = Callable[[], Awaitable[None]]


async def refusal(check: Check | None) -> Fault | None:
    """What it says of the state of things, which is not asked of a call that comes again. Raises
    every other Fault: who may not is refused, whatever was made before."""
    if check is None:
        return None
    try:
        await check()
    except Fault as fault:
        if fault.kind not in OF_THE_STATE:
            raise
        return fault
    return None
