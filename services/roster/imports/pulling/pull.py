"""All that a district's OneRoster server says, 1.2 or 1.1, as the zip that it would have exported:
it is imported as any other one.

https://www.imsglobal.org/spec/oneroster/v1p2/bind/rest
https://www.imsglobal.org/oneroster-v11-final-specification
"""

from __future__ import annotations

import asyncio
import csv
import io
import tempfile
import zipfile
from collections.abc import Mapping
from contextlib import ExitStack
from typing import IO, Any

from services.roster.imports.oneroster.enrollments import MOST_ENROLLMENTS
from services.roster.imports.oneroster.manifest import V11
from services.roster.imports.oneroster.table import MOST_ROWS
from services.roster.imports.pulling.paging import Collection, Pages
from services.roster.imports.pulling.tables import ROLES, TABLES, USERS_1_1, PulledTable, roles_of

EPOCH = (2026, 1, 1, 0, 0, 0)
_COPY = 1024 * 1024


async def pull(pages: Pages, version: str, into: IO[bytes], since: str = "") -> None:
    """Write the zip to `into`; `since`: only what was changed after that instant (RFC 3339), as a
    file of changes. On disk it takes what all files take unpacked. Raises what `Collection.read`
    raises."""
    with ExitStack() as stack:
        files = {name: stack.enter_context(_File(bool(since))) for name in (*TABLES, "roles")}
        old = version == V11
        if old:
            del files["roles"]
        for noun, table in TABLES.items():
            into_files = {noun: USERS_1_1 if noun == "users" and old else table}
            if noun == "users" and not old:
                into_files["roles"] = ROLES

            def anew(tables: Mapping[str, PulledTable] = into_files) -> None:
                for name, each in tables.items():
                    files[name].begin(each)

            def kept(
                record: Mapping[str, Any], tables: Mapping[str, PulledTable] = into_files
            ) -> None:
                for name, each in tables.items():
                    for row in roles_of(record) if name == "roles" else (record,):
                        files[name].add(each, row)

            most = MOST_ENROLLMENTS if noun == "enrollments" else MOST_ROWS
            await Collection(pages, noun, since, most - 1, kept, anew).read()
        await asyncio.to_thread(_write, into, version, files, "delta" if since else "bulk")


class _File:
    """One CSV file, until it is packed."""

    def __init__(self, delta: bool) -> None:
        self._delta = delta
        self._file = tempfile.TemporaryFile()  # noqa: SIM115 - closed by __exit__
        self._text = io.TextIOWrapper(self._file, "utf-8", newline="")
        self._csv = csv.writer(self._text)

    def __enter__(self) -> _File:
        return self

    def __exit__(self, *why: object) -> None:
        self._text.close()

    def begin(self, table: PulledTable) -> None:
        self._text.seek(0)
        self._text.truncate()
        self._csv.writerow(table.header)

    def add(self, table: PulledTable, record: Mapping[str, Any]) -> None:
        self._csv.writerow(table.row(record, self._delta))

    def pack(self, packed: IO[bytes]) -> None:
        self._text.flush()
        self._file.seek(0)
        while piece := self._file.read(_COPY):
            packed.write(piece)


def _write(into: IO[bytes], version: str, files: Mapping[str, _File], mode: str) -> None:
    with zipfile.ZipFile(into, "w", zipfile.ZIP_DEFLATED) as archive:
        manifest = [f"manifest.version,1.0\r\noneroster.version,{version}"]
        manifest += [f"file.{name},{mode}" for name in files]
        text = "propertyName,value\r\n" + "\r\n".join(manifest) + "\r\n"
        archive.writestr(_info("manifest"), text)
        for name, file in files.items():
            with archive.open(_info(name), "w") as packed:
                file.pack(packed)


def _info(name: str) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(f"{name}.csv", EPOCH)
    info.compress_type = zipfile.ZIP_DEFLATED
    return info
