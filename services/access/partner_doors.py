"""What partners' programs are asked before anything else, and told where they may not."""

from __future__ import annotations

from services.access.agreed import Agreed
from services.access.decision import Decision, forbidden
from services.access.looks import REFUSED, tell
from services.access.policy import Policy
from services.access.registered import lacking_scope
from services.chassis.call import Call, Principal
from services.chassis.kernel import Fault


def audience_refused() -> Fault:
    """What a partner is told whose scope would do, where the district and its teachers have agreed
    on a policy that does not name partners."""
    told = "The data-use policy in force does not let partners read this."
    return forbidden("forbidden", told)


def by_scope(policy: Policy, principal: Principal, agreed: Agreed) -> Decision:
    """By what a partner's program is let in, false where no scope of it would do. Raises Fault
    FORBIDDEN where the district's policy does not let partners read it."""
    if not policy.scopes & principal.scopes:
        return Decision("")
    if policy.of_coaching and not agreed.partners:
        raise audience_refused()
    return Decision("scope")


def check_partner(policy: Policy, call: Call) -> None:
    """What is asked of a partner's program by the head of its request: whether it has the scope. Of
    whom and what else it asks decides nothing more. Raises Fault FORBIDDEN, as `lacking_scope`, and
    tells the log; of whom the body is about nobody has read."""
    if not (policy.anonymous or policy.scopes & call.principal.scopes):
        tell(call, policy.about, REFUSED)
        raise lacking_scope(policy, call.principal.limited)
