"""A measure of the district's catalogue: what a code that goals name means.

Whoever reads `checks-per-lesson` is told what is counted, in which unit and which way it is to go.
A goal's own unit and direction are its own, and it may name a code that the catalogue lacks.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass
from datetime import datetime

from services.chassis.kernel import Aggregate

MOST_MEASURES = 200  # of a district, with those that are retired


class Direction(enum.StrEnum):
    INCREASE = "increase"
    DECREASE = "decrease"


@dataclass(frozen=True, slots=True)
class MeasureStated:
    """A measure was stated, or stated anew."""


@dataclass(frozen=True, slots=True)
class SaidOfMeasure:
    """What the district says of a measure. `retired`: it is not for new goals any more."""

    title: str
    unit: str
    direction: Direction
    retired: bool


@dataclass(kw_only=True)
class Measure(Aggregate):
    """`code` is what goals name, unique within the district. `stated_at` and `stated_by` are of
    the newest statement that changed something."""

    code: str
    said: SaidOfMeasure
    stated_at: datetime
    stated_by: str

    def state(self, said: SaidOfMeasure, by: str, at: datetime) -> None:
        """Replace what was said before; an event only where that is a change, or where nothing
        was (version 0)."""
        if self.version > 0 and said == self.said:
            return
        self.said, self.stated_by, self.stated_at = said, by, at
        self.record(MeasureStated())
