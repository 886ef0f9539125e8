"""Who may do what, as data. Deny by default: a policy grants, nothing else does."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import coaching

TEACHER = frozenset({"teacher"})
COACHING = frozenset({"ext:coach", "ext:instructionalCoach"})
DISTRICT_ADMIN = frozenset({"districtAdministrator", "systemAdministrator"})
# Roles that a district grants beside those of the roster, by what they open. The others that there
# are (`services/roster/grant`) open nothing by themselves.
GRANTED_COACHING = frozenset({"coach", "external_coach"})
GRANTED_LEADING = frozenset({"school_leader"})
GRANTED_PROGRAMS = frozenset({"program_lead"})
GRANTED_RECORDS = frozenset({"records_officer"})
LEADING = DISTRICT_ADMIN | {"principal", "siteAdministrator"}

# What a partner can have. One of one noun: of its RPC service and of the direction, see `scope_of`.
_READ = (
    "academic_sessions",
    "acknowledgments",
    "administrations",
    "calendars",
    "caseloads",
    "classes",
    "covers",
    "goals",
    "imports",
    "instruments",
    "measures",
    "observations",
    "orgs",
    "people",
    "receipts",
    "relationships",
    "statements",
    "tools",
)
_WRITE = ("calendars", "covers", "experience", "imports", "instruments", "receipts")
# What a registered partner may do whatever its registration says, and kept out of the rest.
RECEIPTS = frozenset({"receipts.read", "receipts.write"})
# Whose events are published, has a journal of them; looks are in none.
_JOURNALS = {
    path.parents[1].name
    for folder in coaching.__path__
    for path in Path(folder).glob("*/v1/*events_pb2.py")
} - {"looks"}
# One that stands for several. What a new noun has is in none of them unless it is put there.
SUMS: Mapping[str, frozenset[str]] = {
    "roster.read": frozenset(
        f"{noun}.read"
        for noun in ("academic_sessions", "calendars", "classes", "imports", "orgs", "people")
    ),
    "roster.write": frozenset(
        {"imports.write", "imports.read", "calendars.write", "calendars.read"}
    ),
    "surveys.author": frozenset({"instruments.read", "instruments.write"}),
    "journal.read": frozenset(f"{service}.journal.read" for service in _JOURNALS),
}
SCOPES = frozenset(
    {
        *(f"{noun}.read" for noun in _READ),
        *(f"{noun}.write" for noun in _WRITE),
        *SUMS["journal.read"],
        *SUMS,
    }
)
_READING = ("get_", "list_", "watch_", "read_", "follow_")
_SUMMARIES = frozenset({"summarize_experience", "summarize_refused_purposes"})  # reads, too


@dataclass(frozen=True, slots=True)
class Policy:
    """Whom one operation lets in. All that is said adds up.

    `teacher`: the teacher whom the object is about. `coach`: who coaches that teacher today,
    by the rule in `access.coaching`, and may see what is of the kind `about`. `peer`: who is
    of an active circle with that teacher today, by the rule in `access.peers`, as far as she shows
    it there. `party`: whoever
    the object names (both sides of a relationship), and whoever teaches the class that it names
    today. `records_officer`: who was given that role for each of them by name. `shared_with`: who
    is in the audience of an open share of the object. `coaching`: who holds a
    coaching role today, or a grant to coach. `program_lead`: who was given that role for some of
    them today: of what is about a teacher for her, of what names who leads it she is one of those.
    `staff`: everyone active in the roster.
    `district_admin`: the district's administrators. `partners`: partners'
    programs that hold the scope of the noun, which is in `scopes` once the operation is in a table
    (`scoped`). `anonymous`: no token at all; the use case checks a code of its own.

    `about`: the kind of resource, where what it holds is about people; who looked at it is
    then in the log (`access.looks`) and in their lists. Empty for what is nobody's.
    """

    teacher: bool = False
    coach: bool = False
    peer: bool = False
    party: bool = False
    records_officer: bool = False
    shared_with: bool = False
    coaching: bool = False
    program_lead: bool = False
    staff: bool = False
    district_admin: bool = False
    partners: bool = False
    scopes: frozenset[str] = frozenset()
    anonymous: bool = False
    about: str = ""

    @property
    def of_coaching(self) -> bool:
        """Whether it opens what is about somebody's coaching, by which the audiences of a data-use
        policy go; what the roster has of her is not. Nor are journals, by which views are built
        anew: who is given a scope of these the district decides."""
        return self.about in _COACHING


# The kinds of what a service keeps of somebody's coaching, which goes where she is erased.
WORK_KINDS = frozenset(
    """administration agreement caseload circle coaching_offer coaching_request coaching_session
    community_meeting enrollment goal observation pair_interest planning_entry relationship takeaway
    training""".split()
)
_COACHING = WORK_KINDS | {"acknowledgment"}
# What stays with a record that is given up for another: who has that one is shown it by its id.
STAYS = frozenset({"acknowledgment", "artifact_erasure", "look", "personal_record", "receipt"})
Policies = dict[str, Policy]
OF_THE_DISTRICT = Policy(district_admin=True)  # who is told of everybody, where anybody is


def scope_of(rpc_service: str, operation: str) -> str:
    """The scope of an operation of an RPC service such as `GoalsService`: `goals.read`."""
    noun = re.sub(r"(?<!^)(?=[A-Z])", "_", rpc_service.removesuffix("Service")).lower()
    reads = operation.startswith(_READING) or operation in _SUMMARIES
    return f"{noun}.{'read' if reads else 'write'}"


def scoped(policy: Policy, rpc_service: str, operation: str) -> Policy:
    """The policy of one operation, with the scope that it grants to partners, if it does.
    Raises ValueError where nobody could have that scope."""
    if not policy.partners:
        return policy
    scope = scope_of(rpc_service, operation)
    if scope not in SCOPES:
        raise ValueError(f"{operation}: {scope} is no scope of services/access/policy.py")
    return replace(policy, scopes=frozenset({scope}))


def widened(scopes: frozenset[str]) -> frozenset[str]:
    """With all that those among them which are sums stand for."""
    return scopes.union(*(SUMS[each] for each in scopes if each in SUMS))
