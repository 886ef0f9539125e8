"""How long somebody has been in the profession, as a band: no number is kept."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from services.chassis.kernel import Aggregate, Fault, invalid

MOST_YEARS = 80


class Band(enum.StrEnum):
    """In whole years that are over. The first are the novices and the third the veterans whom the
    field compares them with."""

    YEARS_0_2 = "years_0_2"
    YEARS_3_4 = "years_3_4"
    YEARS_5_10 = "years_5_10"
    YEARS_11_20 = "years_11_20"
    YEARS_OVER_20 = "years_over_20"


_FROM = ((21, Band.YEARS_OVER_20), (11, Band.YEARS_11_20), (5, Band.YEARS_5_10),
         (3, Band.YEARS_3_4), (0, Band.YEARS_0_2))  # fmt: skip


def band_of(years: float) -> Band:
    """Raises Fault INVALID `years_out_of_range` for fewer than 0 or more than 80."""
    if not 0 <= years <= MOST_YEARS:
        raise _out_of_range()
    return next(band for least, band in _FROM if years >= least)


def band_since(start: date, today: date) -> Band:
    """Of who began on a day, by the anniversaries of it that are over. Raises as `band_of`."""
    before = (today.month, today.day) < (start.month, start.day)
    return band_of(today.year - start.year - before)


def _out_of_range() -> Fault:
    return invalid("years_out_of_range", f"Name 0 to {MOST_YEARS} years, or such a day.")


class ExperienceEvent(enum.StrEnum):
    STATED = "stated"


@dataclass(kw_only=True)
class Experience(Aggregate):
    """`stated_on`: the district's day on which it was first stated to be this band."""

    person: str
    band: Band
    stated_on: str

    def state(self, band: Band, day: str) -> None:
        """An event only where the band is another one, or the first (version 0)."""
        if self.version > 0 and band is self.band:
            return
        self.band, self.stated_on = band, day
        self.record(ExperienceEvent.STATED)


def released(
    counts: Mapping[Band, int], smallest: int
) -> tuple[dict[Band, int | None], int | None]:
    """How many of each band, and of all, may be told where no group below `smallest` is: None of
    those that may not. Nor does one that is hidden follow from the sum."""
    whole = sum(counts.values())
    if whole < smallest:
        return dict.fromkeys(Band), None
    by_size = sorted(Band, key=lambda band: (counts.get(band, 0), list(Band).index(band)))
    hidden = {band for band in by_size if counts.get(band, 0) < smallest}
    for band in by_size:
        among = sum(counts.get(each, 0) for each in hidden)
        if not hidden or (len(hidden) > 1 and among >= smallest):
            break
        hidden.add(band)
    return {band: None if band in hidden else counts.get(band, 0) for band in Band}, whole
