"""Route and RPC -> policy: measures are the staff's to share, a class's survey is its
teacher's and her assigned coach's to see, and only she opens it. Where she is away, whoever
teaches the class today, or the district, can close it and sees no results.

Answering takes no account: the response code is checked by the use case.
"""

from __future__ import annotations

from services.access.policy import Policies, Policy

_STAFF = Policy(staff=True)
_SURVEY = "administration"
_OWN = Policy(teacher=True, about=_SURVEY)
_OWN_OR_COACHED = Policy(teacher=True, coach=True, about=_SURVEY)
_OF_THE_CLASS = Policy(party=True, district_admin=True, about=_SURVEY)
_OWN_OR_OF_THE_CLASS = Policy(teacher=True, party=True, district_admin=True, about=_SURVEY)

POLICIES: Policies = {
    "draft_instrument": _STAFF,
    "publish_instrument": _STAFF,
    "withdraw_instrument": _STAFF,
    "get_instrument": _STAFF,
    "list_instruments": _STAFF,
    "schedule_administration": _OWN_OR_COACHED,
    "open_administration": _OWN,
    "submit_response": Policy(anonymous=True),
    "close_administration": _OWN_OR_OF_THE_CLASS,
    "reopen_administration": _OWN,
    "cancel_administration": _OWN_OR_COACHED,
    "list_open_administrations": _OF_THE_CLASS,
    "get_administration": _OWN_OR_COACHED,
    "list_administrations": _OWN_OR_COACHED,
}
