"""`tandem roster watch`: files that a student information system leaves in a folder."""

from __future__ import annotations

import asyncio
import time
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from services.ctl import console
from services.ctl.client_tokens import CaFile, ClientId, ClientSecretFile, TokenUrl, client_of
from services.ctl.commands.roster_sending import Sending
from services.ctl.exits import Exit, Refused, Stop
from services.ctl.target import Json, Token, Url

DONE, BROKEN = "imported", "refused"
_NOT_OF_THE_FILE = (401, 403)
BUSY = 429
MOST_LOOKED_AT = 1_000  # files of one folder
Seen = dict[Path, tuple[int, int]]


def watch(
    folder: Annotated[
        Path, typer.Argument(help="Where zips are left.", file_okay=False, exists=True)
    ],
    district: Annotated[str, typer.Option(help="The district that the files are of.")],
    seconds: Annotated[
        float, typer.Option(min=0.1, max=3_600, help="Between two looks at the folder.")
    ] = 30.0,
    once: Annotated[
        bool, typer.Option("--once", help="End when no file is left that can be imported.")
    ] = False,
    url: Url = "",
    token: Token = "",
    token_url: TokenUrl = "",
    client_id: ClientId = "",
    client_secret_file: ClientSecretFile = "",
    issuers_ca_file: CaFile = "",
    as_json: Json = False,
) -> None:
    """Import each zip that is left in a folder, the oldest first, once it grows no more.

    What was imported is moved to `imported/`, with its report beside it; what the service refuses
    or takes nothing of to `refused/`. While the service is away files stay where they are.
    """
    client = client_of(district, token, token_url, client_id, client_secret_file, issuers_ca_file)
    options = {"validate_only": False, "allow_removals": False}
    sending = Sending(district, options, None, url, token, as_json, client)
    watching = _Watching(folder, sending, seconds, once)
    if asyncio.run(watching.run()):
        raise typer.Exit(Exit.PROBLEMS)


class WatchedFolder:
    """Where zips are left."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.waiting: Seen = {}

    def ready(self) -> list[Path]:
        """Those that are as they were at the last look, the oldest first."""
        now: Seen = {}
        for file in sorted(self.path.iterdir())[:MOST_LOOKED_AT]:
            if file.suffix.lower() == ".zip" and not file.name.startswith(".") and file.is_file():
                told = file.stat()
                now[file] = (told.st_size, told.st_mtime_ns)
        ready = [file for file, told in now.items() if self.waiting.get(file) == told]
        self.waiting = now
        return sorted(ready, key=lambda file: (now[file][1], file.name))


class _Watching:
    def __init__(self, folder: Path, sending: Sending, seconds: float, once: bool) -> None:
        self._folder, self._sending = WatchedFolder(folder), sending
        self._seconds, self._once = seconds, once
        self._problems = False

    async def run(self) -> bool:
        """Whether there were problems."""
        for name in (DONE, BROKEN):
            (self._folder.path / name).mkdir(exist_ok=True)
        while True:
            ready = await asyncio.to_thread(self._folder.ready)
            for file in ready:
                await self._import(file)
            if self._once and not ready and not self._folder.waiting:
                return self._problems
            await asyncio.sleep(self._seconds)

    async def _import(self, file: Path) -> None:
        name = f"{time.strftime('%Y%m%dT%H%M%SZ', time.gmtime())}-{file.name}"
        report = self._folder.path / DONE / f"{name}.csv"
        sending = replace(self._sending, report=report)
        self._folder.waiting.pop(file, None)
        try:
            told = await sending.send(await asyncio.to_thread(file.read_bytes))
        except Stop as stop:
            console.tell(f"{file.name}: {stop.line}")
            if _passes(stop):
                return  # it stays, and is looked at again
            if not isinstance(stop, Refused) or stop.status in _NOT_OF_THE_FILE:
                raise
            self._problems, into = True, BROKEN
        else:
            self._problems |= bool(told["problem_count"])
            into = BROKEN if told["stopped"] else DONE
            if told["stopped"]:
                await asyncio.to_thread(report.rename, self._folder.path / BROKEN / report.name)
        await asyncio.to_thread(file.rename, self._folder.path / into / name)


def _passes(stop: Stop) -> bool:
    """Whether it is of the service just now, and says nothing of the file."""
    if isinstance(stop, Refused):
        return stop.status >= 500 or stop.status == BUSY
    return stop.code == Exit.UNREACHABLE
