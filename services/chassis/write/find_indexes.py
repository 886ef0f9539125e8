"""The indexes by which documents are found on MongoDB."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from services.chassis.mongo import IndexModel
from services.chassis.write.by_date import ByDate, keys_of

FindIndex = tuple[str, tuple[str, ...]] | tuple[str, tuple[str, ...], ByDate]


def find_models(indexes: Sequence[FindIndex]) -> list[IndexModel]:
    """What several kinds have alike is one index, of all: a collection has at most 64."""
    kinds: dict[tuple[str, ...], list[str]] = {}
    for kind, fields, *orders in indexes:
        kinds.setdefault(tuple(keys_of(fields, orders[0] if orders else None)), []).append(kind)
    found = []
    for keys, of in kinds.items():
        alone: dict[str, Any] = {} if of[1:] else {"partialFilterExpression": {"kind": of[0]}}
        name = "_".join(
            ["find", of[0] if alone else "any", *(k.rpartition(".")[2] for k in keys[2:])]
        )
        found.append(IndexModel([(each, 1) for each in keys], name=name, **alone))
    return found
