"""What a driver error means to whoever keeps views or follows them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from services.chassis.mongo import PyMongoError, refusal
from services.chassis.views.rows import StoreDown


@contextmanager
def answering() -> Iterator[None]:
    """Turn an error of the driver into StoreDown, which is waited out, and a refusal of the user
    into MongoUnavailable, which ends the process. Also what does not pass by itself
    (`mongo_meaning`) is waited out: views stay as they are, and no caller waits for an answer."""
    try:
        yield
    except PyMongoError as error:
        if refused := refusal(error):
            raise refused from error
        raise StoreDown(f"{type(error).__name__}: {str(error)[:200]}") from error
