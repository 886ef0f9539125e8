"""By what the lists of the roster service are found."""

from __future__ import annotations

from services.chassis.write.find_indexes import FindIndex
from services.roster.cover import cases as cover
from services.roster.grant import cases as grant
from services.roster.match import cases as match

# Without a field: for an import, which reads all, and for lists, where few are not active.
INDEXES: tuple[FindIndex, ...] = (
    ("org", ()),
    ("session", ()),
    ("person", ()),
    ("person", ("sourced_id",)),
    ("person", ("held",)),
    ("person", ("provisional",)),
    ("class", ()),
    ("class", ("teachers",)),
    ("grant", ("person",)),
    ("grant", ("people",)),
    ("match", ()),
    ("match", ("state",)),
    ("match", (), match.BY_DATE),
    ("match", ("source",), match.BY_DATE),
    ("match", ("target",), match.BY_DATE),
    ("grant", (), grant.BY_DATE),
    ("grant", ("person",), grant.BY_DATE),
    ("grant", ("orgs",), grant.BY_DATE),
    ("grant", (), grant.BY_END),
    ("experience", ()),
    ("experience", ("person",)),
    ("cover", ("teacher",)),
    ("cover", ("substitute",)),
    ("cover", ("teacher", "school_year")),
    ("cover", ("substitute", "school_year")),
    ("cover", (), cover.BY_DATE),
    ("cover", ("teacher",), cover.BY_DATE),
    ("cover", ("substitute",), cover.BY_DATE),
    ("cover", (), cover.BY_END),
    ("cover", ("teacher",), cover.BY_END),
    ("cover", ("substitute",), cover.BY_END),
)
