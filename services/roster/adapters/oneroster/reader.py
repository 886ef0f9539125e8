"""A OneRoster 1.2 CSV bulk zip as a `RosterFile`.

https://www.imsglobal.org/spec/oneroster/v1p2/bind/csv
"""

from __future__ import annotations

import asyncio
import tempfile
import zipfile
from collections.abc import AsyncIterable
from typing import IO

from services.chassis.kernel import Fault, Kind
from services.roster.adapters.oneroster.archive import open_archive
from services.roster.adapters.oneroster.classes import read_classes, read_enrollments
from services.roster.adapters.oneroster.manifest import check_manifest
from services.roster.adapters.oneroster.records import drop_orphans, read_records
from services.roster.adapters.oneroster.row import Row, Wrong
from services.roster.adapters.oneroster.table import Table
from services.roster.adapters.oneroster.users import read_people
from services.roster.application.problems import Code
from services.roster.application.roster_file import ParsedRoster
from services.roster.domain.academic_session import AcademicSession
from services.roster.domain.org import Org
from services.roster.domain.record import record_id

MOST_BYTES = 64 * 1024 * 1024
_IN_MEMORY = 1024 * 1024
_ORG_TYPES = ("department", "school", "district", "local", "state", "national")
_SESSION_TYPES = ("gradingPeriod", "semester", "schoolYear", "term")
_SESSIONS = ("sourcedId", "title", "type", "startDate", "endDate", "schoolYear")


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
    with open_archive(file) as archive:
        check_manifest(archive)
        _read_orgs(archive, district, parsed)
        _read_sessions(archive, district, parsed)
        users = read_people(archive, district, parsed)
        read_classes(archive, district, parsed)
        read_enrollments(archive, today, users, parsed)
    return parsed


def _read_orgs(archive: zipfile.ZipFile, district: str, into: ParsedRoster) -> None:
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
    drop_orphans(table, into.orgs, lines, into.problems, "parentSourcedId", Code.UNKNOWN_ORG)


def _read_sessions(archive: zipfile.ZipFile, district: str, into: ParsedRoster) -> None:
    def make(row: Row, id: str) -> AcademicSession:
        start, end = row.day("startDate"), row.day("endDate")
        if end <= start:
            raise Wrong("endDate", Code.END_BEFORE_START)
        return AcademicSession(
            id=record_id(district, "session", id),
            district=district,
            sourced_id=id,
            title=row.text("title"),
            type=row.choice("type", _SESSION_TYPES, ext=True),
            start=start,
            end=end,
            school_year=row.year("schoolYear"),
            parent=row.id("parentSourcedId", required=False),
        )

    table = Table(archive, "academicSessions.csv", _SESSIONS, ("status", "parentSourcedId"))
    lines = read_records(table, into.sessions, into.problems, make)
    drop_orphans(
        table, into.sessions, lines, into.problems, "parentSourcedId", Code.UNKNOWN_SESSION
    )
