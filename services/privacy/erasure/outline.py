"""What people have done with an order to erase, what services have said of it, and the proof that
stays of it."""

from __future__ import annotations

import enum
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime


class ErasureAct(enum.StrEnum):
    """What people do with it."""

    ORDERED = "ordered"
    HELD = "held"
    RELEASED = "released"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class StepTaken:
    """A step, by whom, when and why."""

    step: ErasureAct
    by: str
    at: datetime
    reason: str = ""


@dataclass(frozen=True, slots=True)
class ServiceDone:
    """What one service has erased: how many things, and when it had said so."""

    service: str
    erased: int
    at: datetime


@dataclass(frozen=True, slots=True)
class ErasureProof:
    """That an order was carried out: what was begun before `ordered_at` was erased, by `carried`,
    and `sha256` is over that."""

    ordered_at: datetime
    done_at: datetime
    carried: tuple[ServiceDone, ...]
    sha256: str


def newest_of(steps: Sequence[StepTaken], most: int, held: bool) -> tuple[StepTaken, ...]:
    """However often something was done with it, a hold can be placed and an order given: the oldest
    steps go, but for the last order, by which it is known who gave it, and, while it is `held`, for
    the one that says who placed the hold."""
    stay = {ErasureAct.ORDERED, ErasureAct.HELD} if held else {ErasureAct.ORDERED}
    last = {each.step: index for index, each in enumerate(steps) if each.step in stay}
    kept = sorted(last.values())
    others = [index for index in range(len(steps)) if index not in kept]
    newest = sorted((*kept, *others[max(0, len(others) - (most - len(kept))) :]))
    return tuple(steps[index] for index in newest)
