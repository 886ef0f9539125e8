"""MongoDB's indexes: made where they are missing, or only looked at."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar

from services.chassis.mongo import Collection, IndexModel

_looking: ContextVar[list[str] | None] = ContextVar("only_looking", default=None)


async def ensure(collection: Collection, models: Sequence[IndexModel]) -> None:
    """Make those that are missing; repeating it changes nothing. Inside `only_looking` none is
    made. Raises the driver's errors, also where another index has the name."""
    missing = _looking.get()
    if missing is None:
        await collection.create_indexes(models)
        return
    known = await collection.index_information()
    for model in models:
        name = model.document["name"]
        if name not in known or list(known[name]["key"]) != list(model.document["key"].items()):
            missing.append(f"{collection.name}.{name}")


@contextmanager
def only_looking() -> Iterator[list[str]]:
    """Whatever ensures its indexes inside, in the same task, only says which are missing, as
    `collection.index`."""
    missing: list[str] = []
    token = _looking.set(missing)
    try:
        yield missing
    finally:
        _looking.reset(token)
