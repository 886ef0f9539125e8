"""What a platform in this process keeps, put into another: as if its services had begun again on
the same stores. To fill one takes half a second, and this a hundredth."""

from __future__ import annotations

import asyncio
import io
import pickle
from collections.abc import Callable, Sequence
from types import FunctionType
from typing import Any

from services.chassis.backing import MemoryBacking

ITS_OWN = FunctionType, asyncio.Event  # of a store that was made for another


def taken(stores: Sequence[object]) -> bytes:
    """All that these hold; where they hold each other, their places."""
    held = [
        {name: each for name, each in vars(store).items() if not isinstance(each, ITS_OWN)}
        for store in stores
    ]
    packed = io.BytesIO()
    _Pickler(packed, stores).dump(held)
    return packed.getvalue()


def put(stores: Sequence[object], packed: bytes) -> None:
    """The same into stores that were made alike, and hold nothing."""
    for store, held in zip(stores, _Unpickler(packed, stores).load(), strict=True):
        vars(store).update(held)


class _Pickler(pickle.Pickler):
    def __init__(self, file: io.BytesIO, stores: Sequence[object]) -> None:
        super().__init__(file, protocol=pickle.HIGHEST_PROTOCOL)
        self._places = {id(each): place for place, each in enumerate(stores)}

    def persistent_id(self, obj: object) -> int | None:
        return self._places.get(id(obj))


class _Unpickler(pickle.Unpickler):
    def __init__(self, packed: bytes, stores: Sequence[object]) -> None:
        super().__init__(io.BytesIO(packed))
        self._stores = stores

    def persistent_load(self, pid: Any) -> object:
        return self._stores[pid]


def recording(own: list[object]) -> Callable[..., object]:
    """To stand for `MemoryBacking._own`: puts what it makes into `own`, too."""
    make = MemoryBacking._own

    def recorded(backing: MemoryBacking, *kinds: Any) -> object:
        own.append(make(backing, *kinds))
        return own[-1]

    return recorded
