"""A member of staff, with all the roles she holds. Students and families are no persons here."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from services.roster.record import RosterRecord

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
MOST_ROLES = 200  # of one person
NOT_STORED_ROLES = frozenset({"student", "guardian", "parent", "relative"})


@dataclass(frozen=True, slots=True, order=True)
class Role:
    """One role at one org. Roles add up. Dates are YYYY-MM-DD; empty is open."""

    role: str
    org: str
    role_type: str
    begins: str = ""
    ends: str = ""

    def over(self, day: str) -> bool:
        return bool(self.ends) and self.ends < day

    def holds_on(self, day: str) -> bool:
        return self.begins <= day and not self.over(day)


@dataclass(kw_only=True)
class Person(RosterRecord):
    """`school_years`: those that the district's academic sessions cover, ascending, so that
    what is shown of any of them carries her name. `held` repeats for lookups the roles that
    she held when the file was imported, as `place(...)` forms them."""

    given_name: str
    family_name: str
    roles: tuple[Role, ...]
    school_years: tuple[int, ...]
    held: tuple[str, ...] = ()

    def give(self, roles: Iterable[Role], today: str) -> None:
        """More roles, as long as there is place for them."""
        more = [*self.roles, *roles][:MOST_ROLES]
        self.roles = tuple(sorted(more))
        self.held = held(self.roles, today)


def place(role: str, org: str) -> str:
    """How `Person.held` names a role, an org, or a role at an org; empty means any."""
    return f"{role}@{org}"


def held(roles: Iterable[Role], today: str) -> tuple[str, ...]:
    """Every place that those of the roles can be looked up by that hold today."""
    names: set[str] = set()
    for each in roles:
        if each.holds_on(today):
            names |= {place(each.role, ""), place("", each.org), place(each.role, each.org)}
    return tuple(sorted(names))
