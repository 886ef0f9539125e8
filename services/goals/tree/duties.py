"""Decision trees follow a person whose two records have become one."""

from __future__ import annotations

from datetime import datetime

from services.access import merges
from services.chassis.call import Call
from services.chassis.duties.duty import Duty, Todo
from services.goals.tree.cases import BY_DATE, Ports


async def transfer_trees(ports: Ports, call: Call, todo: Todo) -> datetime | None:
    """All trees that the record which is given up has drafted, of whatever state."""
    now = ports.clock.now()
    return await merges.move_each(ports.view, ports.path, call, todo, now, "drafted_by", BY_DATE)


DUTIES = (Duty("transfer_trees", merges.ASKS, transfer_trees),)
