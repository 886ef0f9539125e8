"""A member of staff, with all the roles she holds. Students and families are no persons here."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from services.roster.domain.record import Record

STAFF_ROLES = frozenset(
    {
        "aide",
        "counselor",
        "districtAdministrator",
        "principal",
        "proctor",
        "siteAdministrator",
        "systemAdministrator",
        "teacher",
        # OneRoster has no coach; its vocabulary is extended by `ext:` terms.
        "ext:coach",
        "ext:instructionalCoach",
    }
)
NOT_STORED_ROLES = frozenset({"student", "guardian", "parent", "relative"})


@dataclass(frozen=True, slots=True, order=True)
class Role:
    """One role at one org. Roles add up. Dates are YYYY-MM-DD; empty is open."""

    role: str
    org: str
    role_type: str
    begins: str = ""
    ends: str = ""


@dataclass(kw_only=True)
class Person(Record):
    """`school_years`: those that the district's academic sessions cover, ascending, so that
    what is shown of any of them carries her name. `held` repeats the roles for lookups,
    as `place(...)` forms them."""

    given_name: str
    family_name: str
    roles: tuple[Role, ...]
    school_years: tuple[int, ...]
    held: tuple[str, ...] = ()


def place(role: str, org: str) -> str:
    """How `Person.held` names a role, an org, or a role at an org; empty means any."""
    return f"{role}@{org}"


def held(roles: Iterable[Role]) -> tuple[str, ...]:
    """Every place that these roles can be looked up by."""
    names: set[str] = set()
    for each in roles:
        names |= {place(each.role, ""), place("", each.org), place(each.role, each.org)}
    return tuple(sorted(names))
