"""Route and RPC -> policy: an observation is the teacher's and her assigned coach's to see.

The coach must be assigned at the time she asks: with the relationship her access ends, to
her own observations too. That only the observer records, completes and shares is a rule of
the observation itself. District administrators see no observation.
"""

from __future__ import annotations

from services.access.policy import Policies, Policy

_STAFF = Policy(staff=True)
_OWN_OR_COACHED = Policy(teacher=True, coach=True, about="observation")

POLICIES: Policies = {
    "draft_tool": _STAFF,
    "publish_tool": _STAFF,
    "withdraw_tool": _STAFF,
    "get_tool": _STAFF,
    "list_tools": _STAFF,
    "schedule_observation": _OWN_OR_COACHED,
    "record_scores": _OWN_OR_COACHED,
    "reschedule_observation": _OWN_OR_COACHED,
    "complete_observation": _OWN_OR_COACHED,
    "reopen_observation": _OWN_OR_COACHED,
    "cancel_observation": _OWN_OR_COACHED,
    "hand_over_observation": _OWN_OR_COACHED,
    "share_observation": _OWN_OR_COACHED,
    "acknowledge_observation": Policy(teacher=True, about="observation"),
    "get_observation": _OWN_OR_COACHED,
    "list_observations": _OWN_OR_COACHED,
}
