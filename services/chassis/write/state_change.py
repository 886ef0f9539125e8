"""What of a state a command changed: only that is written, and only that is in the oplog."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from bson import encode

from services.chassis.kernel import Fault, Kind

STATE_BYTES = 1024 * 1024  # of a stored state
# Two that are equal are the same BSON, but for 0.0, of which there are two.
_PLAIN = (str, int, bool, float, bytes, datetime, type(None))
_MISSING = object()


def check_size(state: Mapping[str, Any]) -> None:
    """Raises Fault TOO_LARGE `state_too_large` for a state over 1 MiB of BSON."""
    if len(encode(state)) > STATE_BYTES:
        raise Fault(
            Kind.TOO_LARGE,
            "state_too_large",
            "The resource has reached its largest size, 1 MiB with all that belongs to it.",
        )


def change_of(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """MongoDB's update operators for the fields of `state` that differ as BSON. Of a list that
    only grew the new items are pushed; of one in which few differ these are set."""
    sets: dict[str, Any] = {}
    pushes: dict[str, Any] = {}
    for name, old, new in _differing(before, after):
        path = f"state.{name}"
        if old is _MISSING or not (isinstance(old, list) and isinstance(new, list | tuple)):
            if old is _MISSING or not _same(old, new):
                sets[path] = new
        elif len(new) >= len(old) > 0 and _same(old, new[: len(old)]):
            if len(new) > len(old):
                pushes[path] = {"$each": list(new[len(old) :])}
        elif len(new) == len(old):
            pairs = zip(old, new, strict=True)
            places = [place for place, (one, other) in enumerate(pairs) if not _same(one, other)]
            few = 2 * len(places) <= len(old)
            sets.update((f"{path}.{place}", new[place]) for place in places if few)
            if not few:
                sets[path] = new
        else:
            sets[path] = new
    unsets = {f"state.{name}": "" for name in sorted(before.keys() - after.keys())}
    found = {"$set": sets, "$push": pushes, "$unset": unsets}
    return {operator: fields for operator, fields in found.items() if fields}


def _differing(
    before: Mapping[str, Any], after: Mapping[str, Any]
) -> Iterator[tuple[str, Any, Any]]:
    """Fields that are not equal as they are, as most are of most changes: these need not be made
    BSON to be compared."""
    for name, new in after.items():
        old = before.get(name, _MISSING)
        kind = type(old)
        alike = type(new) is kind or (kind is str and isinstance(new, str))
        if not (alike and kind in _PLAIN and old == new and (kind is not float or old)):
            yield name, old, new


def _same(old: Any, new: Any) -> bool:
    """Compared as BSON: a tuple is a list there, and 1, 1.0 and true are three."""
    return encode({"": old}) == encode({"": new})
