"""What a batch of commands needs of a service. Apart from what it does with them: a process without
the role `api` makes ports, and imports nothing of an edge."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from services.access.guarded import GuardedReads

SYNC = "sync"  # the operation, which waits for those of people at work


@dataclass(frozen=True, slots=True)
class Ports:
    """`rooms` has the ports of each room of the service, by the room's name."""

    rooms: object
    guard: GuardedReads
    now: Callable[[], datetime]
