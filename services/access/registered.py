"""How a partner's program is registered with a district: its place in the access view, and what it
is told whose tokens open less than they say."""

from __future__ import annotations

from services.access.decision import forbidden
from services.access.policy import Policy
from services.chassis.kernel import Fault
from services.chassis.write.ids import derived_id

NOT_REGISTERED = "partner_not_registered"
SUSPENDED = "partner_suspended"
REVOKED = "partner_revoked"
OVER = "partner_over"
BEHIND = "receipts_overdue"


def registration_id(district: str, partner: str) -> str:
    """The id of the only registration of a client, by which the access view has it, too."""
    return derived_id("partner", district, partner)


def limitation(code: str) -> Fault:
    """What is told to a partner of whom one of the codes above is known."""
    if code == NOT_REGISTERED:
        return forbidden("partner_not_registered", "The district has not registered this partner.")
    if code == REVOKED:
        return forbidden("partner_revoked", "The district has revoked this partner.")
    if code == OVER:
        return forbidden("partner_over", "What the district has registered for this one is over.")
    if code == BEHIND:
        told = "It has not confirmed in time that it has deleted what it was to: see its receipts."
        return forbidden("receipts_overdue", told)
    return forbidden("partner_suspended", "The district has suspended this partner.")


def lacking_scope(policy: Policy, limited: str) -> Fault:
    """What a partner is told that lacks the scope which a policy grants something to. `limited`: as
    its principal says."""
    if limited:
        return limitation(limited)
    if policy.scopes:
        needed = " or ".join(sorted(policy.scopes))
        return forbidden("scope_missing", f"This needs the scope {needed}.")
    return forbidden("forbidden", "Partners' programs may not do this, with whatever scope.")
