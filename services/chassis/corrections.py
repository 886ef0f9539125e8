"""How what a person entered is put right afterwards: corrected or voided, with what it was before.

A room keeps what a value was as a `Correction` of its own, with fields for what was said; where
it keeps them, and whose they are, is its business, and so is who may. What holds for all stands
here. Standard library and `kernel` only: domains use it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TypeVar

from services.chassis.kernel import Fault


@dataclass(frozen=True, slots=True, kw_only=True)
class Correction:
    """Why something was put right, by whom and when. What it was before, a subclass says."""

    reason: str
    by: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Voidable:
    """A value that no longer counts once it is voided, for good, and stays visible."""

    voided_at: datetime | None = None
    voided_by: str = ""


V = TypeVar("V")
W = TypeVar("W", bound=Voidable)
C = TypeVar("C", bound=Correction)


def check_counts(value: Voidable, refusal: Fault) -> None:
    """What was voided is neither corrected nor voided again: raises the room's `refusal`."""
    if value.voided_at is not None:
        raise refusal


def with_one_more(
    earlier: Sequence[C], old: V, new: V, was: C, most: int, refusal: Fault
) -> tuple[C, ...] | None:
    """The past of what was `old` until it became `new`: `earlier`, oldest first, and then `was`.
    None where it is so already, which is no correction, whatever the bound. Raises the room's
    `refusal` where `most` are kept, and then nothing is changed."""
    if new == old:
        return None
    if len(earlier) >= most:
        raise refusal
    return (*earlier, was)


def voided(value: W, by: str, at: datetime) -> W:
    """The same, no longer counting; of one that counts: see `check_counts`."""
    return replace(value, voided_at=at, voided_by=by)
