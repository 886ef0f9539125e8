"""Lists that show less of each aggregate than there is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Generic, TypeVar

from services.chassis.troubles import Troubles
from services.chassis.write.by_date import ByDate
from services.chassis.write.documents import Documents, Scalar
from services.chassis.write.loading import Found, load_page
from services.chassis.write.states import SummaryCodec

S = TypeVar("S")


class Summaries(Generic[S]):
    def __init__(
        self, documents: Documents, codec: SummaryCodec[S], troubles: Troubles | None = None
    ) -> None:
        self._documents = documents
        self._codec = codec
        self._troubles = troubles or Troubles()

    async def find(
        self,
        district: str,
        where: Mapping[str, Scalar],
        after: str,
        limit: int,
        by: ByDate | None = None,
        unless: Mapping[str, Scalar] | None = None,
        either: Sequence[Mapping[str, Scalar]] = (),
    ) -> Found[S]:
        """As `WritePath.find`. What is not shown is not read from the database."""
        codec = self._codec
        page = await self._documents.find(
            district, codec.kind, where, after, limit, codec.parts, codec.schema, by, unless, either
        )
        return load_page(codec, page, self._troubles)
