"""What services have said of an order to erase, and the proof that stays of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


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
