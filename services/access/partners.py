"""What a partner's token opens: at most what its district has registered it with.

It is asked where a token becomes a caller, so that everything behind it, in every service, sees the
scopes that count. A registration is read from the access view and kept in memory like a person's
profile: a token of one that is revoked opens nothing as soon as the view has heard of it.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from services.access.directory import CachedDirectory
from services.access.districts import Districts, PartnersLetIn
from services.access.facts import PartnerFact
from services.access.policy import RECEIPTS, widened
from services.access.profile import Profile
from services.access.registered import (
    BEHIND,
    NOT_REGISTERED,
    OVER,
    REVOKED,
    SUSPENDED,
    registration_id,
)
from services.chassis.call import Principal, Verifier
from services.chassis.kernel import Clock

UNREGISTERED = "unregistered"
# What bars it by each state.
_STATES = {"active": "", UNREGISTERED: "", "suspended": SUSPENDED, "revoked": REVOKED}


class RegisteredPartners:
    """A `Verifier` over another one."""

    def __init__(
        self,
        identity: Verifier,
        directory: CachedDirectory,
        districts: Districts,
        clock: Clock,
    ) -> None:
        self._identity = identity
        self._directory = directory
        self._districts = districts
        self._clock = clock

    def seen(self, token: str) -> Principal | None:
        """See `call.Verifier`."""
        principal = self._identity.seen(token)
        if principal is None or not principal.partner:
            return principal
        known = self._directory.remembered(principal.district, _row(principal))
        return self._limited(principal, known[0]) if known else None

    def recalls(self, token: str) -> bool:
        """See `call.Verifier`."""
        return self._identity.recalls(token)

    async def verify(self, token: str) -> Principal:
        """See `call.Verifier`. Raises Fault UNAVAILABLE also where it cannot be read how a partner
        is registered."""
        return await self.renewed(await self._identity.verify(token))

    async def renewed(self, principal: Principal) -> Principal:
        """The same caller with the scopes that count now. Reads nothing while it is known; raises
        Fault UNAVAILABLE."""
        if not principal.partner:
            return principal
        found = await self._directory.profile(principal.district, _row(principal))
        return self._limited(principal, found)

    def _limited(self, principal: Principal, found: Profile | None) -> Principal:
        registered = found.registered if found is not None else None
        if found is None or (registered is not None and registered.state == UNREGISTERED):
            rule = self._districts.of(principal.district).partners
            if rule is not PartnersLetIn.DECLARED:
                due = RECEIPTS if registered is not None else frozenset()  # of what it has read
                return replace(principal, scopes=principal.scopes & due, limited=NOT_REGISTERED)
            if registered is None or not registered.behind:
                return principal
        if registered is None or registered.state not in _STATES:  # it cannot be read
            return replace(principal, scopes=frozenset(), limited=SUSPENDED)
        code = self._barred(registered)
        granted = RECEIPTS if code else widened(frozenset(registered.scopes)) | RECEIPTS
        return replace(principal, scopes=principal.scopes & granted, limited=code)

    def _barred(self, registered: PartnerFact) -> str:
        """Why it opens nothing but its receipts, which are due whatever bars it; empty where it
        opens more."""
        if code := _STATES[registered.state]:
            return code
        if registered.until and datetime.fromisoformat(registered.until) <= self._clock.now():
            return OVER
        return BEHIND if registered.behind else ""


def _row(principal: Principal) -> str:
    return registration_id(principal.district, principal.partner)
