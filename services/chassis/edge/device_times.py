"""Both times of what a device did that was offline, in an answer: beside the instants that it tells
of anyway. So nobody learns by them of anything that is not shown to her."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from pydantic import BaseModel

from services.chassis.edge.answer import DeviceTimes
from services.chassis.fields import Resource
from services.chassis.kernel import DeviceTime

HEADER = "Device-Times"


def device_times_of(shown: Resource, known: Sequence[DeviceTime]) -> DeviceTimes:
    """Of each instant of what is shown that such a command has given to it, when that was by the
    clock of the device. Of two that were under way at once it is of the one that began last."""
    if not known:
        return {}
    newest_first = sorted(known, key=lambda each: each.since, reverse=True)
    found = {}
    for at in set(_instants(shown)):
        of = next((each for each in newest_first if each.since <= at <= each.until), None)
        if of is not None:
            found[at] = of.made_at
    return found


def told(times: DeviceTimes) -> str:
    """As a header has it: `written=made` for each, the earliest first."""
    return ", ".join(f"{_text(at)}={_text(times[at])}" for at in sorted(times))


def _text(instant: datetime) -> str:
    return instant.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _instants(shown: Any) -> Iterator[datetime]:
    if isinstance(shown, datetime):
        yield shown
    elif isinstance(shown, BaseModel):
        yield from _instants(vars(shown))
    elif isinstance(shown, Mapping):
        yield from _instants(list(shown.values()))
    elif isinstance(shown, list | tuple):
        for each in shown:
            yield from _instants(each)
