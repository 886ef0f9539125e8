"""Route and RPC -> policy: a teacher's goals are hers and her assigned coach's to see.

District administrators arrange relationships; they see no goal.
"""

from __future__ import annotations

from services.access.policy import Policies, Policy

_SIDES = Policy(party=True, district_admin=True, about="relationship")
_SIDES_ALONE = Policy(party=True, about="relationship")
_OWN_OR_COACHED = Policy(teacher=True, coach=True, about="goal")

POLICIES: Policies = {
    "propose_relationship": _SIDES,
    "carry_over_relationships": Policy(district_admin=True, about="relationship"),
    "accept_relationship": _SIDES_ALONE,
    "decline_relationship": _SIDES_ALONE,
    "end_relationship": _SIDES,
    "get_relationship": _SIDES,
    "list_relationships": _SIDES,
    "draft_goal": _OWN_OR_COACHED,
    "edit_goal": _OWN_OR_COACHED,
    "withdraw_goal": _OWN_OR_COACHED,
    "set_baseline": _OWN_OR_COACHED,
    "activate_goal": _OWN_OR_COACHED,
    "revise_goal": _OWN_OR_COACHED,
    "record_progress": _OWN_OR_COACHED,
    "correct_progress": _OWN_OR_COACHED,
    "void_progress": _OWN_OR_COACHED,
    "achieve_goal": _OWN_OR_COACHED,
    "abandon_goal": _OWN_OR_COACHED,
    "get_goal": _OWN_OR_COACHED,
    "list_goals": _OWN_OR_COACHED,
}
