"""What a service's duties run on: each stated once, for the service and the command line alike."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from services.assembly.service import Base
from services.chassis.duties.duty import Duty, ReadyDuty

P = TypeVar("P")
R = TypeVar("R")
R_contra = TypeVar("R_contra", contravariant=True)


@dataclass(frozen=True, slots=True)
class Assigned(Generic[R_contra]):
    """Duties, and how what they run on is made of what the service begins with and of its rooms."""

    duties: Sequence[Duty[Any]]
    ports: Callable[[Base, R_contra], Any]


def assigned(duties: Sequence[Duty[P]], ports: Callable[[Base, R], P]) -> Assigned[R]:
    return Assigned(duties, ports)


def ready(all_: Iterable[Assigned[R]], start: Base, rooms: R) -> list[ReadyDuty]:
    """Each on its ports."""
    made = [(each.duties, each.ports(start, rooms)) for each in all_]
    return [duty.on(ports) for duties, ports in made for duty in duties]
