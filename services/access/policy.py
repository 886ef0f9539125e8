"""Who may do what, as data. Deny by default: a policy grants, nothing else does."""

from __future__ import annotations

from dataclasses import dataclass

TEACHER = frozenset({"teacher"})
COACHING = frozenset({"ext:coach", "ext:instructionalCoach"})
DISTRICT_ADMIN = frozenset({"districtAdministrator", "systemAdministrator"})
LEADING = DISTRICT_ADMIN | {"principal", "siteAdministrator"}
SCOPES = frozenset({"roster.read", "roster.write", "journal.read"})  # a partner can have


@dataclass(frozen=True, slots=True)
class Policy:
    """What one operation grants. All grants add up.

    `teacher`: the teacher whom the object is about. `coach`: who coaches that teacher today,
    by the rule in `access.coaching`, and may see what is of the kind `about`. `party`: whoever
    the object names (both sides of a relationship), and whoever teaches the class that it names
    today. `coaching`: who holds a coaching role today. `staff`: everyone active in the roster.
    `district_admin`: the district's
    administrators. `scopes`: partners that hold one of them. `anonymous`: no token at all; the
    use case checks a code of its own.

    `about`: the kind of resource, where what it holds is about people; who looked at it is
    then in the log (`access.looks`). Empty for what is nobody's.
    """

    teacher: bool = False
    coach: bool = False
    party: bool = False
    coaching: bool = False
    staff: bool = False
    district_admin: bool = False
    scopes: frozenset[str] = frozenset()
    anonymous: bool = False
    about: str = ""


Policies = dict[str, Policy]
