"""Rows of a view, as the access decision reads them, while the database is away."""

import pytest
from pymongo.errors import ServerSelectionTimeoutError

from services.chassis.backing import MongoRows
from services.chassis.kernel import Fault, Kind
from services.chassis.mongo import connect, database
from services.chassis.views.rows import StoreDown


class Gone:
    """Stands for `CurrentViews` and its collection: one of both cannot be had."""

    def __init__(self, error: Exception, *, known: bool) -> None:
        self.error, self.known = error, known

    async def collection(self, base: str) -> "Gone":
        if not self.known:
            raise self.error
        return self

    def find(self, where: object, *, batch_size: int) -> "Gone":
        return self

    async def to_list(self, most: None) -> None:
        raise self.error


@pytest.mark.parametrize(
    "gone",
    [
        Gone(StoreDown("no primary"), known=False),
        Gone(ServerSelectionTimeoutError("no primary"), known=True),
    ],
)
async def test_an_access_row_that_cannot_be_read_is_unavailable_not_a_defect(
    gone: Gone, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.chassis.backing.CurrentViews", lambda own, view: gone)
    client = connect("mongodb://127.0.0.1:1/", "test")
    try:
        with pytest.raises(Fault) as fault:
            await MongoRows(database(client, "gone")).rows("goals-access", "access", ["north:t1"])
    finally:
        client.close()
    assert (fault.value.kind, fault.value.code) == (Kind.UNAVAILABLE, "store_unavailable")
