"""MongoDB's indexes: made where they are missing, or only looked at."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar

from services.chassis.mongo import Collection, IndexModel, OperationFailure

MOST = 64  # of a collection, in MongoDB
NO_SUCH_INDEX = 27
_looking: ContextVar[list[str] | None] = ContextVar("only_looking", default=None)


async def ensure(collection: Collection, models: Sequence[IndexModel], replacing: str = "") -> None:
    """Make those that are missing; repeating it changes nothing. `replacing`: how the names begin
    of those that go, where they are not among the `models` and all together were more than MongoDB
    takes: an earlier build has made them. Inside `only_looking` none is made. Raises the driver's
    errors, also where another index has the name."""
    missing = _looking.get()
    if missing is None:
        if replacing:
            await _make_room(collection, models, replacing)
        await collection.create_indexes(models)
        return
    known = await collection.index_information()
    for model in models:
        name = model.document["name"]
        if name not in known or list(known[name]["key"]) != list(model.document["key"].items()):
            missing.append(f"{collection.name}.{name}")


async def _make_room(collection: Collection, models: Sequence[IndexModel], replacing: str) -> None:
    known, asked = await collection.index_information(), {each.document["name"] for each in models}
    if len(known.keys() | asked) <= MOST:
        return
    for name in known.keys() - asked:
        if name.startswith(replacing):
            try:
                await collection.drop_index(name)
            except OperationFailure as error:
                if error.code != NO_SUCH_INDEX:  # else another process has done so
                    raise


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
