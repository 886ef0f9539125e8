"""Route and RPC -> policy: measures are the staff's to share, a class's survey is its
teacher's and her assigned coach's to see, and only she opens and closes it.

Answering takes no account: the response code is checked by the use case.
"""

from __future__ import annotations

from services.access.policy import Policies, Policy

_STAFF = Policy(staff=True)
_OWN = Policy(teacher=True)
_OWN_OR_COACHED = Policy(teacher=True, coach=True)

POLICIES: Policies = {
    "draft_instrument": _STAFF,
    "publish_instrument": _STAFF,
    "get_instrument": _STAFF,
    "list_instruments": _STAFF,
    "schedule_administration": _OWN_OR_COACHED,
    "open_administration": _OWN,
    "submit_response": Policy(anonymous=True),
    "close_administration": _OWN,
    "get_administration": _OWN_OR_COACHED,
    "list_administrations": _OWN_OR_COACHED,
}
