"""The one question before every use case: may this caller do this?"""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

from services.access.days import Days
from services.access.directory import Directory
from services.access.policy import Policies, Policy
from services.access.profile import Profile
from services.chassis.call import Call
from services.chassis.kernel import Clock, Fault, Kind, not_found


def forbidden(code: str, detail: str) -> Fault:
    return Fault(Kind.FORBIDDEN, code, detail)


class Access:
    def __init__(self, policies: Policies, directory: Directory, clock: Clock, days: Days) -> None:
        self._policies = policies
        self._directory = directory
        self._clock = clock
        self._days = days

    async def allow(
        self, call: Call, *, teacher: str | None = None, parties: Collection[str] = ()
    ) -> None:
        """Return if the call's operation is granted to its caller; mark the call decided.

        `teacher` is the person the object is about, `parties` those whom it names. Where an
        object is concerned, a refusal looks like a missing object (Fault NOT_FOUND); else
        it is FORBIDDEN. Reads nothing from the database when both profiles are warm.
        """
        policy = self._policies[call.operation]
        if not await self._granted(policy, call, teacher, parties):
            if teacher is not None or parties:
                raise not_found()
            raise forbidden("forbidden", "Your role does not allow this operation.")
        call.decided = True

    async def profile(self, district: str, person: str) -> Profile | None:
        """What this service knows of a person of the district; None if not in the roster."""
        return await self._directory.profile(district, person)

    async def _granted(
        self, policy: Policy, call: Call, teacher: str | None, parties: Collection[str]
    ) -> bool:
        principal = call.principal
        if policy.anonymous:
            return True
        if principal.partner:
            return bool(policy.scopes & principal.scopes)
        caller = await self._directory.profile(principal.district, principal.person)
        if caller is None or not caller.active:
            raise forbidden("unknown_person", "The caller is not active in the roster.")
        if policy.staff:
            return True
        if policy.district_admin and caller.administers(self._today(principal.district)):
            return True
        if policy.party and principal.person in parties:
            return True
        if teacher is None:
            return False
        if policy.teacher and teacher == principal.person:
            return True
        if policy.coach:
            coached = await self._directory.profile(principal.district, teacher)
            return coached is not None and coached.active and principal.person in coached.coaches
        return False

    def _today(self, district: str) -> date:
        return self._days.day_of(district, self._clock.now())
