"""Which cells there are, with the counts of `make test` and of `make soak`."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any

from tests.faults import (
    cells,
    duties,
    failover,
    imports,
    kills,
    members,
    poison,
    restored,
    upgrade,
    wiped,
)
from tests.support.faults import Faulty

Run = Callable[[Faulty], Awaitable[str]]


def _each(cell: Any, small: float, large: float) -> tuple[Any, float, float]:
    return cell, small, large


# name -> cell, how much of it in make test, how much in make soak: what becomes of processes
PROCESSES: dict[str, tuple[Any, float, float]] = {
    "crash-points": _each(kills.crash_points, 3, 20),
    "random-kills": _each(kills.random_kills, 10, 300),
    "roles-apart": _each(kills.roles_apart, 1, 10),
    "duties-killed": _each(duties.duties_killed, 1, 5),
    "zombie": _each(members.zombie, 1, 5),
    "old-beside-new": _each(upgrade.old_beside_new, 1, 3),
    "coming-and-going": _each(members.coming_and_going, 6, 60),
    "ends-in-time": _each(cells.ends_in_time, 1, 10),
}

# what becomes of the engines, of the ways to them, and of what lies in them
ENGINES: dict[str, tuple[Any, float, float]] = {
    "broker-stopped": _each(cells.broker_stopped, 12, 30),
    "broker-killed": _each(cells.broker_killed, 1, 10),
    "mongod-killed": _each(cells.mongod_killed, 1, 10),
    "mongod-slow": _each(cells.mongod_slow, 5, 30),
    "mongod-silent": _each(cells.mongod_silent, 8, 30),
    "mongod-resets": _each(cells.mongod_resets, 4, 30),
    "kafka-slow": _each(cells.kafka_slow, 6, 30),
    "kafka-silent": _each(cells.kafka_silent, 8, 30),
    "kafka-resets": _each(cells.kafka_resets, 4, 30),
    # these three are always a stack's last
    "topics-made-again": _each(wiped.topics_made_again, 1, 1),
    "restored": _each(restored.restored, 1, 1),
    "poison": _each(poison.poison, 1, 2),
}

# in make soak alone: who goes on with an import waits for 30 s until it is nobody's; that it may be
# cut short at every place is tried in tests/component/roster/test_roster_jobs.py
LONG: dict[str, tuple[Any, float, float]] = {
    "imports-killed": _each(imports.imports_killed, 2, 20),
}

CELLS = PROCESSES | LONG | ENGINES

# on three mongod nodes
FAILOVERS: dict[str, tuple[Any, float, float]] = {
    "primary-killed": _each(failover.primary_killed, 1, 10),
    "stepped-down": _each(failover.stepped_down, 1, 10),
}


def small(name: str) -> Run:
    cell, count, _ = (CELLS | FAILOVERS)[name]
    return partial(_run, cell, count)


def large(name: str, share: float = 1.0) -> Run:
    """`share` of the full count, at least that of `make test`."""
    cell, least, count = (CELLS | FAILOVERS)[name]
    return partial(_run, cell, max(least, round(count * share)))


async def _run(cell: Any, count: float, f: Faulty) -> str:
    try:
        told = str(await cell(f, count))
        f.check_outputs()
    except Exception:
        await f.restore()
        raise
    return told
