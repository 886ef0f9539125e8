"""A pull under way: what a server says becomes a file, and may be kept until that is imported."""

from __future__ import annotations

import asyncio
import tempfile
from contextlib import ExitStack
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Self

from services.ctl import console
from services.ctl.exits import Exit, Stop

if TYPE_CHECKING:
    from services.access.oneroster import OneRosterServer
    from services.roster.imports.pulling.kept_pages import KeptPages
    from services.roster.imports.pulling.paging import Pages
    from services.roster.imports.pulling.server import Server


class Pulling:
    """`keep`: the folder in which the district's pages are kept for as long as another try may want
    them: until this is left, but for where somebody cannot be reached or whoever pulls is killed.
    `began`: when the first page of it was asked for."""

    def __init__(self, told: OneRosterServer, since: str, keep: Path | None, now: datetime) -> None:
        self._told, self._since, self._keep, self.began = told, since, keep, now
        self._kept: KeptPages | None = None
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: object, error: object, trace: object) -> None:
        ended = error is None or (isinstance(error, Stop) and error.code is not Exit.UNREACHABLE)
        if self._kept is not None and ended:
            self._kept.done()
        self._stack.close()

    async def file(self) -> bytes:
        """The zip. Raises Stop."""
        from services.chassis.kernel import Fault
        from services.roster.imports.pulling.pull import pull
        from services.roster.imports.pulling.server import Server

        with tempfile.TemporaryFile() as file:
            try:
                with console.progress("pulling the roster", None) as advance:
                    async with Server(self._told, heard=advance) as server:
                        await pull(self._kept_by(server), self._told.version, file, self._since)
            except Fault as fault:
                gone = fault.code == "source_unavailable"
                code = Exit.UNREACHABLE if gone else Exit.REFUSED
                raise Stop(code, f"{fault.code}: {fault.detail}") from None
            if self._kept is not None and self._kept.reused:
                console.tell(f"{self._kept.reused} pages were there already")
            file.seek(0)
            return await asyncio.to_thread(file.read)

    def _kept_by(self, server: Server) -> Pages:
        from services.roster.imports.pulling.kept_pages import KeptPages

        if self._keep is None:
            return server
        source = {"url": self._told.url, "version": self._told.version, "since": self._since}
        kept = KeptPages(server, self._keep, source, self.began)
        try:
            self._kept = self._stack.enter_context(kept)
        except OSError as error:
            raise Stop(Exit.USAGE, f"{self._keep}: {error.strerror}") from None
        self.began = kept.began
        return kept
