"""A OneRoster zip as it arrives: in pieces, and as slowly as its sender likes."""

from __future__ import annotations

import asyncio
import hashlib
import tempfile
from collections.abc import AsyncIterable, AsyncIterator
from typing import IO, Self

from services.access.districts import OwnRoles
from services.chassis.kernel import Fault, Kind, invalid
from services.roster.imports.jobs import PIECE
from services.roster.imports.oneroster.reader import has_changes, read_roster
from services.roster.imports.roster_file import KnownRecords, ParsedRoster

MOST_BYTES = 256 * 1024 * 1024
RECEIVE_SECONDS = 300.0  # for all of it
_IN_MEMORY = 1024 * 1024


class UploadedZip:
    """A zip that is all there, in a temporary file beyond 1 MiB; a `RosterFile`. To be closed
    as a context manager."""

    def __init__(self, file: IO[bytes], size: int, sha256: str) -> None:
        self._file = file
        self.size, self.sha256 = size, sha256

    async def pieces(self) -> AsyncIterator[bytes]:
        """Each of `PIECE` bytes, but for the last one."""
        for at in range(0, self.size, PIECE):
            yield await asyncio.to_thread(self._piece, at)

    def _piece(self, at: int) -> bytes:
        self._file.seek(at)
        return self._file.read(PIECE)

    async def changes(self) -> bool:
        return await asyncio.to_thread(has_changes, self._file)

    async def read(
        self, district: str, today: str, own: OwnRoles, known: KnownRecords
    ) -> ParsedRoster:
        """Parses in a thread: a large district takes many seconds."""
        return await asyncio.to_thread(read_roster, self._file, district, today, own, known)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *why: object) -> None:
        self._file.close()


async def receive(chunks: AsyncIterable[bytes], *, hurry: bool = True) -> UploadedZip:
    """All of an upload. Raises Fault TOO_LARGE beyond 256 MiB, and INVALID `body_too_slow` when
    it is not all there after 5 minutes, unless there is no `hurry`."""
    file = tempfile.SpooledTemporaryFile(_IN_MEMORY)  # noqa: SIM115 - closed by UploadedZip
    limit = asyncio.timeout(RECEIVE_SECONDS if hurry else None)
    hashed = hashlib.sha256()
    size = 0
    try:
        async with limit:
            async for chunk in chunks:
                size += len(chunk)
                if size > MOST_BYTES:
                    raise Fault(
                        Kind.TOO_LARGE, "too_large", f"The zip is larger than {MOST_BYTES} bytes."
                    )
                file.write(chunk)
                hashed.update(chunk)
    except BaseException as error:
        file.close()
        if isinstance(error, TimeoutError) and limit.expired():
            raise invalid("body_too_slow", "The zip did not arrive in time.") from None
        raise
    return UploadedZip(file, size, hashed.hexdigest())
