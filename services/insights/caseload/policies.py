"""Route and RPC -> policy: a caseload is its coach's alone; a card is its teacher's and her
assigned coach's."""

from __future__ import annotations

from services.access.policy import Policies, Policy

_OWN_CASELOAD = Policy(party=True, about="caseload")

POLICIES: Policies = {
    "get_caseload": _OWN_CASELOAD,
    "get_own_caseload": _OWN_CASELOAD,
    "watch_caseload": _OWN_CASELOAD,
    "get_card": Policy(teacher=True, coach=True, about="card"),
}
