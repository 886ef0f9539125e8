"""Route and RPC -> policy. A teacher sees herself and her classes, a coach her teachers'
classes, everyone the orgs and the calendar; the rest is the district's administration."""

from __future__ import annotations

from services.access.policy import Policies, Policy

_READ = frozenset({"roster.read"})
_WRITE = frozenset({"roster.write"})

POLICIES: Policies = {
    "import_roster": Policy(district_admin=True, scopes=_WRITE, about="roster"),
    "get_person": Policy(party=True, district_admin=True, scopes=_READ, about="person"),
    "list_people": Policy(district_admin=True, scopes=_READ, about="person"),
    "list_classes": Policy(
        teacher=True, coach=True, district_admin=True, scopes=_READ, about="class"
    ),
    "list_orgs": Policy(staff=True, scopes=_READ),
    "list_academic_sessions": Policy(staff=True, scopes=_READ),
    "state_calendar": Policy(district_admin=True, scopes=_WRITE),
    "get_calendar": Policy(staff=True, scopes=_READ | _WRITE),
}
