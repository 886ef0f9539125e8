"""The roster of a small district, as a file."""

from __future__ import annotations

import io
import zipfile

from services.ctl.demo.district import Shape, build_district

YEAR = 2027


def roster_zip(district: str, canary: str = "") -> bytes:
    """A small demo district. With a canary, `<canary>-staff` and `<canary>-student` are
    people's names and `<canary>-title` is every class's and the district's."""
    plain = build_district(Shape(f"{canary or district}-title", 1, 4, 2), YEAR)
    if not canary:
        return plain
    packed = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(plain)) as old, zipfile.ZipFile(packed, "w") as new:
        for name in old.namelist():
            rows = old.read(name).decode().split("\r\n")
            new.writestr(name, "\r\n".join(_told(name, row, canary) for row in rows))
    return packed.getvalue()


def _told(file: str, row: str, canary: str) -> str:
    cells = row.split(",")
    if file == "users.csv" and cells[0] not in ("", "sourcedId"):
        role = "student" if cells[0].startswith("student") else "staff"
        cells[3] = cells[4] = f"{canary}-{role}"
    if file == "classes.csv" and cells[0] not in ("", "sourcedId"):
        cells[1] = f"{canary}-title"
    return ",".join(cells)
