"""A OneRoster 1.2 CSV bulk zip as a `RosterFile`.

https://www.imsglobal.org/spec/oneroster/v1p2/bind/csv
"""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import AsyncIterable
from typing import IO

from services.chassis.kernel import Fault, Kind
from services.roster.adapters.oneroster.archive import Archive, opened
from services.roster.adapters.oneroster.classes import read_classes, read_courses, read_enrollments
from services.roster.adapters.oneroster.manifest import COURSES, read_manifest
from services.roster.adapters.oneroster.records import check_parents, read_records
from services.roster.adapters.oneroster.row import Row
from services.roster.adapters.oneroster.sessions import read_sessions
from services.roster.adapters.oneroster.table import Table
from services.roster.adapters.oneroster.users import read_people
from services.roster.application.problems import Code
from services.roster.application.roster_file import ParsedRoster
from services.roster.domain.org import Org
from services.roster.domain.record import record_id

MOST_BYTES = 64 * 1024 * 1024
_IN_MEMORY = 1024 * 1024
_ORG_TYPES = ("department", "school", "district", "local", "state", "national")


class UploadedZip:
    """A zip that arrives in pieces; not a piece is taken before `read` is called."""

    def __init__(self, chunks: AsyncIterable[bytes]) -> None:
        self._chunks = chunks

    async def read(self, district: str, today: str) -> ParsedRoster:
        """Keeps the zip in a temporary file and parses it in a thread: a large district
        takes many seconds. Raises Fault TOO_LARGE beyond 64 MiB, and as `RosterFile`."""
        with tempfile.SpooledTemporaryFile(_IN_MEMORY) as file:
            size = 0
            async for chunk in self._chunks:
                size += len(chunk)
                if size > MOST_BYTES:
                    raise Fault(
                        Kind.TOO_LARGE, "too_large", f"The zip is larger than {MOST_BYTES} bytes."
                    )
                file.write(chunk)
            return await asyncio.to_thread(read_roster, file, district, today)


def read_roster(file: IO[bytes], district: str, today: str) -> ParsedRoster:
    """See `RosterFile.read`. Blocks."""
    parsed = ParsedRoster()
    with opened(file) as archive:
        names = read_manifest(archive, parsed.problems)
        _read_orgs(archive, district, parsed)
        read_sessions(archive, district, parsed)
        users = read_people(archive, district, parsed)
        courses = read_courses(archive, parsed) if COURSES in names else None
        read_classes(archive, district, courses, parsed)
        read_enrollments(archive, today, users, parsed)
    return parsed


def _read_orgs(archive: Archive, district: str, into: ParsedRoster) -> None:
    def make(row: Row, id: str) -> Org:
        return Org(
            id=record_id(district, "org", id),
            district=district,
            sourced_id=id,
            name=row.text("name"),
            type=row.choice("type", _ORG_TYPES, ext=True),
            parent=row.id("parentSourcedId", required=False),
        )

    table = Table(archive, "orgs.csv", ("sourcedId", "name", "type"), ("status", "parentSourcedId"))
    lines = read_records(table, into.orgs, into.problems, make)
    check_parents(table, into.orgs, lines, into.problems, "parentSourcedId", Code.UNKNOWN_ORG)
