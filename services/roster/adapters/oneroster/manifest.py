"""manifest.csv: which files a OneRoster zip holds, and how."""

from __future__ import annotations

import zipfile

from services.chassis.kernel import invalid
from services.roster.adapters.oneroster.table import Table
from services.roster.application.problems import Problems

NAME = "manifest.csv"
NEEDED = ("orgs", "users", "roles", "academicSessions", "courses", "classes", "enrollments")


def check_manifest(archive: zipfile.ZipFile) -> None:
    """Raises Fault INVALID unless the zip is a OneRoster 1.2 bulk set with every file that
    the import needs. Other files may be there; they are not read."""
    names = set(archive.namelist())
    if NAME not in names:
        raise invalid("no_manifest", "The zip has no manifest.csv.")
    problems = Problems()
    properties: dict[str, str] = {}
    for row in Table(archive, NAME, ("propertyName", "value")).rows(problems):
        properties[row.cells["propertyName"].strip()] = row.cells["value"].strip()
    if problems.count:
        raise invalid("bad_manifest", f"manifest.csv: line {problems.listed[0].line} is malformed.")
    for name, version in (("manifest.version", "1.0"), ("oneroster.version", "1.2")):
        if properties.get(name) != version:
            raise invalid("unsupported_version", f"manifest.csv: {name} is not {version}.")
    how = {name: value for name, value in properties.items() if name.startswith("file.")}
    if "delta" in how.values():
        raise invalid(
            "delta_not_supported", "manifest.csv names a delta file; only bulk files are taken."
        )
    if set(how.values()) - {"bulk", "absent"}:
        raise invalid("bad_manifest", "manifest.csv: a file is neither bulk nor absent.")
    for each in NEEDED:
        if how.get(f"file.{each}") != "bulk":
            raise invalid("file_not_bulk", f"manifest.csv: file.{each} is not bulk.")
        if f"{each}.csv" not in names:
            raise invalid("missing_file", f"The zip has no {each}.csv.")
