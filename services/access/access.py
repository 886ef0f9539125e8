"""The one question before every use case: may this caller do this?"""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Mapping

from services.access.book import LookBook
from services.access.days import Days
from services.access.decision import (
    SHARED_WITH,
    Decision,
    SharedWith,
    forbidden,
    purpose_refused,
    unknown_person,
)
from services.access.directory import Directory
from services.access.granted import by_grant
from services.access.known import Known, TiesAsStored
from services.access.looks import ALLOWED, REFUSED, LookAtMany, tell
from services.access.parties import is_party
from services.access.partner_doors import by_scope, check_partner
from services.access.policy import Policies, Policy
from services.access.registered import lacking_scope
from services.access.trust import Trust
from services.chassis.call import Call
from services.chassis.kernel import Clock, Fault, Kind, not_found

_NONE = Decision("")


class Access(Known):
    def __init__(
        self,
        policies: Policies,
        directory: Directory,
        clock: Clock,
        days: Days,
        book: LookBook | None = None,
        trust: Trust | None = None,
        ties: TiesAsStored | None = None,
    ) -> None:
        """`policies` by operation. Looks go into the `book`; without one they are in the log alone.
        `trust`: as long as it holds, relationships, grants and covers open what is others'.
        `ties`: as `Known` says."""
        super().__init__(directory, clock, days, ties)
        self.policies = policies
        self.book = book
        self.trust = trust or Trust()

    async def allow(
        self,
        call: Call,
        *,
        teacher: str | None = None,
        parties: Collection[str] = (),
        class_id: str = "",
        hidden: bool = False,
        shared: SharedWith | None = None,
    ) -> Decision:
        """Return by what the call's operation is granted to its caller; mark the call decided.

        `teacher` is the person the object is about, `parties` those whom it names, and whoever
        teaches the class `class_id` today is one of them; `hidden`: by a rule of its own the
        object is not to be seen by this caller; `shared`: by which else it may be read. Where an
        object is concerned, a refusal looks like a missing object (Fault NOT_FOUND); else, and
        always where a partner lacks the scope, it is FORBIDDEN. Reads nothing from the database
        when both profiles are warm, but as `TiesAsStored` says, and what `shared` takes where
        nothing else lets her in. Where the object is somebody else's, the decision is in the log:
        see `looks.tell`."""
        owners = parties if teacher is None else (teacher,)
        own = call.principal.person in owners and not call.principal.purpose
        about = "" if own else self.policies[call.operation].about
        asked = (call, about, teacher, parties, class_id, owners, hidden, "", shared)
        decision = await self._granted(*asked)
        by = {"relation": decision.relation, "grant": decision.grant}
        tell(call, about, ALLOWED, **by, subjects=owners, book=self.book)
        call.decided = True
        return decision

    def check_scope(self, call: Call) -> None:
        """Raises Fault FORBIDDEN, as `allow`, of a partner that lacks the scope of the operation:
        to be asked before anything is read, so that the refusal tells nothing of it."""
        if call.principal.partner:
            check_partner(self.policies[call.operation], call)

    async def allow_many(
        self,
        call: Call,
        *,
        teacher: str | None = None,
        parties: Collection[str] = (),
        class_id: str = "",
        org: str = "",
    ) -> LookAtMany:
        """As `allow`, where the answer is about many people, and not the data of `parties`: the
        call is decided when the look is told who were shown, `teacher` among them. `org`: where
        they are, which a grant has to name that lets the caller in."""
        about = self.policies[call.operation].about
        owners = parties if teacher is None else (teacher,)
        own = call.principal.person == teacher and not call.principal.purpose
        told = "" if own else about
        asked = (call, told, teacher, parties, class_id, owners, False, org)
        decision = await self._granted(*asked)
        return LookAtMany(call, about, decision.relation, decision.grant, self.book)

    async def admits(
        self,
        call: Call,
        policy: Policy,
        teacher: str | None = None,
        parties: Collection[str] = (),
        class_id: str = "",
    ) -> Decision:
        """Whether and by what `allow` would let the caller do what has this policy, asked ahead of
        it: nobody has looked at anything, and nothing is decided."""
        try:
            return await self._relation(policy, call, teacher, parties, class_id)
        except Fault as fault:
            if fault.kind is not Kind.FORBIDDEN:
                raise
            return _NONE

    async def admitted(self, call: Call, teachers: Collection[str]) -> Mapping[str, Decision]:
        """Whether and by what the call's own operation would be granted about each teacher. What
        `TiesAsStored` asks of them is asked at once."""
        await self.profiles(call.district, teachers)
        policy = self.policies[call.operation]
        found = await asyncio.gather(*(self.admits(call, policy, each) for each in teachers))
        return dict(zip(teachers, found, strict=True))

    def shown(self, call: Call, others: Mapping[str, Decision]) -> None:
        """Of whom else something was shown, and by what, in a call that `allow` has decided."""
        if others:
            self.trust.check_people(call, others)
            about = self.policies[call.operation].about
            grants = {person: each.grant for person, each in others.items()}
            LookAtMany(call, about, "coach", book=self.book).shown(others, grants)

    async def in_charge_of(self, call: Call, author: str) -> bool:
        """Whether the caller administers the district and `author` is no more in its roster, or
        was never known: then nobody else looks after what the author began."""
        principal = call.principal
        caller = await self._directory.profile(principal.district, principal.person)
        if caller is None or not caller.active or not caller.administers(self.today(call.district)):
            return False
        known = await self._directory.profile(principal.district, author)
        return known is None or not known.active

    async def _granted(
        self,
        call: Call,
        about: str,
        teacher: str | None,
        parties: Collection[str],
        class_id: str,
        owners: Collection[str],
        hidden: bool,
        org: str = "",
        shared: SharedWith | None = None,
    ) -> Decision:
        """By what the caller is let in. Raises Fault as `allow`."""
        try:
            if about and self.book is not None:
                await self.book.ready()
            policy = self.policies[call.operation]
            decision = await self._relation(policy, call, teacher, parties, class_id, org)
            if shared and teacher and policy.shared_with and not (decision or hidden):
                decision = await self._shared(call, teacher, shared)
            if decision and not hidden:
                if call.principal.purpose:
                    raise purpose_refused()
                if about:
                    await self.trust.check(call, decision, teacher, parties, self._directory)
                if shared and decision.relation == SHARED_WITH:
                    await shared.take(call, decision.grant)
                return decision
            if call.principal.partner and not decision:
                raise lacking_scope(policy, call.principal.limited)
            if teacher is not None or parties:
                raise not_found()
            raise forbidden("forbidden", "Your role does not allow this operation.")
        except Fault as fault:
            if fault.kind in (Kind.NOT_FOUND, Kind.FORBIDDEN):
                tell(call, about, REFUSED, subjects=owners, book=self.book)
            raise

    async def _shared(self, call: Call, teacher: str, shared: SharedWith) -> Decision:
        """What a teacher shares who is in the roster, and with a person."""
        owner = await self._directory.profile(call.district, teacher)
        opens = owner is not None and owner.active and call.principal.person
        share = await shared.by(call) if opens else ""
        return Decision(SHARED_WITH, share) if share else _NONE

    async def _relation(
        self,
        policy: Policy,
        call: Call,
        teacher: str | None,
        parties: Collection[str],
        class_id: str,
        org: str = "",
    ) -> Decision:
        principal = call.principal
        if policy.anonymous:
            return Decision("anonymous")
        if principal.partner:
            return by_scope(policy, principal, await self.agreed(call.district))
        caller = await self._directory.profile(principal.district, principal.person)
        if caller is None or not caller.active:
            raise unknown_person(principal.purpose)
        if policy.staff:
            return Decision("staff")
        today = self.today(principal.district)
        if policy.coaching and caller.is_coach(today, self.rules(principal.district).roles):
            return Decision("coaching")
        if policy.district_admin and caller.administers(today):
            return Decision("district_admin")
        asked = (policy, call.district, caller, today, teacher, parties, org)
        if decision := await by_grant(self._directory, *asked):
            return decision
        if policy.party and await is_party(
            self._directory, policy, call.district, caller, today, parties, class_id
        ):
            return Decision("party")
        if policy.records_officer and (granted := caller.granted_records(today, parties)):
            return Decision("records_officer", granted)
        if teacher is None:
            return _NONE
        if policy.teacher and teacher == principal.person:
            return Decision("teacher")
        if policy.coach:
            tie, grant = await self._tie(principal.district, caller.person, teacher)
            if tie is not None and tie.shows(policy.about):
                return Decision("coach", grant.id if grant else "")
        if policy.peer:
            by = await self.peering(principal.district, caller.person, teacher)
            return Decision(by.relation(policy.about))
        return _NONE
