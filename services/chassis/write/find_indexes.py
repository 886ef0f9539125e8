"""The indexes by which documents are found on MongoDB."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from services.chassis.mongo import IndexModel
from services.chassis.write.by_date import ByDate, keys_of

FIND = "find_"  # with which their names begin
FindIndex = tuple[str, tuple[str, ...]] | tuple[str, tuple[str, ...], ByDate]


def find_models(indexes: Sequence[FindIndex]) -> list[IndexModel]:
    """What several kinds have alike is one index, of all: a collection has at most 64."""
    alike: dict[tuple[str, ...], list[FindIndex]] = {}
    for each in indexes:
        alike.setdefault(tuple(keys_of(each[1], _by(each))), []).append(each)
    found = []
    for keys, (first, *others) in alike.items():
        by = _by(first)
        named = "_".join((*first[1], *(("by", by.field) if by else ())))
        only: dict[str, Any] = {} if others else {"partialFilterExpression": {"kind": first[0]}}
        name = f"{FIND}{'any' if others else first[0]}_{named}"
        found.append(IndexModel([(each, 1) for each in keys], name=name, **only))
    return found


def _by(index: FindIndex) -> ByDate | None:
    return index[2] if len(index) == 3 else None
