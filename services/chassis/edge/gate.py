"""What REST and gRPC of one process have in common."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field

from services.chassis.call import Principal, Verifier
from services.chassis.edge.admission import Urgency
from services.chassis.edge.rates import RateLimits
from services.chassis.edge.refusals import Refusals
from services.chassis.edge.shares import Room
from services.chassis.metrics import Metrics
from services.chassis.settings import ChassisSettings
from services.chassis.tracing import Tracer

# What is shown, and for which operation -> whose it is. Raises Fault UNAUTHENTICATED, UNAVAILABLE.
TakeTicket = Callable[[str, str], Awaitable[Principal]]


@dataclass(frozen=True, slots=True)
class Gate:
    """What every request passes, whichever way it comes: by `identity` its caller is known, in
    `metrics`, by `tracer` and in `refusals` it is told of, and `room` is what it may take
    at a time, `limits` how often.
    `urgencies` are those of operations that are not ordinary; `take_ticket` knows a caller who has
    no token, where a route lets her show a ticket. Each route has it as `gate`, and an application
    at `app.state.gate`."""

    settings: ChassisSettings
    identity: Verifier
    metrics: Metrics
    tracer: Tracer
    room: Room
    urgencies: Mapping[str, Urgency] = field(default_factory=dict)
    refusals: Refusals = field(default_factory=Refusals)
    take_ticket: TakeTicket | None = None
    limits: RateLimits = field(default_factory=RateLimits)
