"""What of a state a command changed: only that is written, and only that is in the oplog."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from bson import encode

from services.chassis.kernel import Fault, Kind

STATE_BYTES = 1024 * 1024  # of a stored state
_PLAIN = (str, int, bool, float, bytes, datetime, type(None))  # equal ones are the same BSON


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
    for name, new in after.items():
        path, old = f"state.{name}", before.get(name)
        if name not in before or not (isinstance(old, list) and isinstance(new, list | tuple)):
            if name not in before or not _same(old, new):
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
    unsets = {f"state.{name}": "" for name in before if name not in after}
    found = {"$set": sets, "$push": pushes, "$unset": unsets}
    return {operator: fields for operator, fields in found.items() if fields}


def _same(old: Any, new: Any) -> bool:
    """Compared as BSON: a tuple is a list there, and 1, 1.0 and true are three. What is equal
    anyway is not made BSON for it: most fields of most states."""
    kind = str if isinstance(new, str) else type(new)
    if kind in _PLAIN and type(old) is kind and old == new and (kind is not float or old):
        return True  # but for 0.0, of which there are two
    return encode({"": old}) == encode({"": new})
