"""Rows read on a request path."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from services.chassis.kernel import Fault, Kind
from services.chassis.views.rows import StoreDown
from services.chassis.write.mongo_faults import reading


@contextmanager
def reading_rows() -> Iterator[None]:
    """As `mongo_faults.reading`; StoreDown becomes Fault UNAVAILABLE too."""
    try:
        with reading():
            yield
    except StoreDown as error:
        raise Fault(Kind.UNAVAILABLE, "store_unavailable", "Try again.") from error
