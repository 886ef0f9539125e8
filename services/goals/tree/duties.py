"""Decision trees follow a person whose two records have become one."""

from __future__ import annotations

from datetime import datetime

from services.access import merges
from services.chassis.call import Call
from services.chassis.duties.duty import Duty, Todo
from services.chassis.duties.each import change_each
from services.goals.tree.cases import BY_DATE, Ports
from services.goals.tree.domain import Tree


async def transfer_trees(ports: Ports, call: Call, todo: Todo) -> datetime | None:
    """All trees that the record which is given up has drafted, of whatever state."""

    async def move(call: Call, merge: merges.Merge) -> None:
        async def act(tree: Tree) -> None:
            before = tree.transferred_from
            if merge.takes(tree.drafted_by, before) and await merge.holds(ports.view, before):
                tree.transfer(merge.target)

        await change_each(ports.path, call, {"drafted_by": merge.source}, act, BY_DATE)

    return await merges.carry_out(ports.view, call, todo, ports.clock.now(), move)


DUTIES = (Duty("transfer_trees", merges.ASKS, transfer_trees),)
