"""What REST and gRPC of one process have in common."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from services.chassis.call import Verifier
from services.chassis.edge.admission import Urgency
from services.chassis.edge.refusals import Refusals
from services.chassis.edge.shares import Room
from services.chassis.metrics import Metrics
from services.chassis.settings import ChassisSettings
from services.chassis.tracing import Tracer


@dataclass(frozen=True, slots=True)
class Gate:
    """What every request passes, whichever way it comes: by `identity` its caller is known, in
    `metrics`, by `tracer` and in `refusals` it is told of, and `room` is what it may take.
    `urgencies` are those of operations that are not ordinary. Each route has it as `gate`,
    and an application at `app.state.gate`."""

    settings: ChassisSettings
    identity: Verifier
    metrics: Metrics
    tracer: Tracer
    room: Room
    urgencies: Mapping[str, Urgency] = field(default_factory=dict)
    refusals: Refusals = field(default_factory=Refusals)
