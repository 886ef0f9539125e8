"""What measures are called, beside the ids that goals name."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping

from services.chassis.write.write_path import WritePath
from services.goals.measure.domain import MOST_MEASURES, Measure

SECONDS = 5.0  # a catalogue is believed


class Titles:
    """The catalogues of districts, each read whole and kept for `SECONDS`: so late another
    process's statement shows, one of this process at once."""

    def __init__(
        self, measures: WritePath[Measure], monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._measures = measures
        self._monotonic = monotonic
        self._known: dict[str, tuple[float, Mapping[str, str]]] = {}

    async def title(self, district: str, measure_id: str) -> str:
        """Empty where the catalogue lacks it. At most one database command in `SECONDS`."""
        until, titles = self._known.get(district, (0.0, {}))
        if self._monotonic() >= until:
            found = await self._measures.find(district, {}, "", MOST_MEASURES)
            titles = {each.code: each.said.title for each in found.items}
            self._known[district] = self._monotonic() + SECONDS, titles
        return titles.get(measure_id, "")

    def forget(self, district: str) -> None:
        """Its catalogue has changed."""
        self._known.pop(district, None)
