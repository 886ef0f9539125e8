"""A school, a department, the district itself."""

from __future__ import annotations

from dataclasses import dataclass

from services.roster.record import RosterRecord


@dataclass(kw_only=True)
class Org(RosterRecord):
    """`type` is OneRoster's (department, school, district, local, state, national, ext:...);
    `parent` a sourcedId or empty."""

    name: str
    type: str
    parent: str = ""
