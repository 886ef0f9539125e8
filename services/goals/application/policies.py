"""Route and RPC -> policy: a teacher's goals are hers and her assigned coach's to see.

District administrators arrange relationships; they see no goal.
"""

from __future__ import annotations

from services.access.policy import Policies, Policy

_SIDES = Policy(party=True, district_admin=True, about="relationship")
_SIDES_ALONE = Policy(party=True, about="relationship")

POLICIES: Policies = {
    "propose_relationship": _SIDES,
    "carry_over_relationships": Policy(district_admin=True, about="relationship"),
    "accept_relationship": _SIDES_ALONE,
    "decline_relationship": _SIDES_ALONE,
    "end_relationship": _SIDES,
    "get_relationship": _SIDES,
    "list_relationships": _SIDES,
}
