"""What a district does with partners."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import Field

from services.access.guarded import About, Guarded
from services.access.policy import SCOPES
from services.chassis.call import Call
from services.chassis.edge.naming import Names
from services.chassis.fields import Body, Code, Id, Instant, Line, Text
from services.chassis.kernel import Clock, Fault, already_there, invalid
from services.chassis.write.by_date import ByDate
from services.chassis.write.documents import where
from services.chassis.write.loading import Found
from services.chassis.write.quota import Bound
from services.privacy.partner.domain import MOST_PARTNERS, Partner, PartnerState, PartnerTerms

BY_DATE = ByDate("registered_at", within=("state",))


@dataclass(frozen=True, slots=True)
class Ports:
    partners: Guarded[Partner]
    names: Names
    clock: Clock


Scopes = Annotated[list[Code], Field(max_length=100)]


class _Terms(Body):
    title: Line = Field(examples=["The district's warehouse"])
    scopes: Scopes = Field(examples=[["goals.read", "observations.read"]])
    contact: Line = Field(examples=["Data office of the partner"])
    until: Instant | None = Field(default=None, examples=["2027-06-30T22:00:00Z"])

    def terms(self) -> PartnerTerms:
        """Raises Fault INVALID for a scope that there is not."""
        for index, scope in enumerate(self.scopes):
            if scope not in SCOPES:
                raise invalid("unknown_scope", "There is no such scope.", f"/scopes/{index}")
        return PartnerTerms(self.title, tuple(sorted(set(self.scopes))), self.contact, self.until)


class RegisterPartner(_Terms):
    partner_id: Id = Field(examples=["warehouse"])


class ChangePartner(_Terms):
    """All of it, in place of what it says."""


class _Reasoned(Body):
    reason: Text = Field(
        description="Why, in words; it does not leave this service",
        examples=["The contract has ended."],
    )


class SuspendPartner(_Reasoned):
    pass


class ResumePartner(_Reasoned):
    pass


class RevokePartner(_Reasoned):
    pass


async def register_partner(ports: Ports, call: Call, asked: RegisterPartner) -> Partner:
    """Register a partner's program, by the client that its tokens name.

    From then on its tokens open at most these scopes, and nothing from `until` on: also those of
    one that is `unregistered`, which its overdue receipts still keep out. Where the district's file
    says `partners: registered`, those of any other client open nothing. The same again is answered
    with what is registered."""
    new = Partner(
        id=_id(ports, call, asked.partner_id),
        district=call.district,
        partner=asked.partner_id,
        terms=asked.terms(),
        registered_at=ports.clock.now(),
    )
    told = f"A district has at most {MOST_PARTNERS} partners, with those that are revoked."
    bound = Bound({}, MOST_PARTNERS, "too_many_partners", told)
    try:
        return await ports.partners.create(call, new.registered(call.principal.id), [bound])
    except Fault as fault:
        if not already_there(fault):
            raise
        known = await ports.partners.get(call, new.id)
        if known.state is PartnerState.UNREGISTERED:
            terms, by, at = new.terms, call.principal.id, new.registered_at
            return await ports.partners.change(call, new.id, lambda e: e.register(terms, by, at))
        if known.state is not PartnerState.ACTIVE or known.terms != new.terms:
            raise
    return known


async def change_partner(ports: Ports, call: Call, partner_id: Id, asked: ChangePartner) -> Partner:
    """Say anew what a partner's tokens open, until when, what it is called and whom to ask: all of
    it, in place of what was said."""
    terms, by, at = asked.terms(), call.principal.id, ports.clock.now()
    found = _id(ports, call, partner_id)
    return await ports.partners.change(call, found, lambda each: each.change(terms, by, at))


async def suspend_partner(
    ports: Ports, call: Call, partner_id: Id, asked: SuspendPartner
) -> Partner:
    """Its tokens open nothing until it is resumed: within seconds, in every service."""
    return await _changed(ports, call, partner_id, Partner.suspend, asked)


async def resume_partner(ports: Ports, call: Call, partner_id: Id, asked: ResumePartner) -> Partner:
    """Its tokens count again, as far as they live."""
    return await _changed(ports, call, partner_id, Partner.resume, asked)


async def revoke_partner(ports: Ports, call: Call, partner_id: Id, asked: RevokePartner) -> Partner:
    """Its tokens open nothing any more, for good: within seconds, in every service.

    What it follows ends. Who is to be let in again gets another client."""
    return await _changed(ports, call, partner_id, Partner.revoke, asked)


async def get_partner(ports: Ports, call: Call, partner_id: Id) -> Partner:
    """A partner's program: what its tokens open, and what people did with it."""
    return await ports.partners.get(call, _id(ports, call, partner_id))


async def list_partners(
    ports: Ports, call: Call, *, state: PartnerState | None = None, after: str, limit: int
) -> Found[Partner]:
    """The district's partners, the newest first; in one state or in any."""
    return await ports.partners.find(call, About(), where(state=state), after, limit, by=BY_DATE)


_Act = Callable[[Partner, str, Any, str], None]


async def _changed(
    ports: Ports, call: Call, partner_id: str, act: _Act, asked: _Reasoned
) -> Partner:
    by, at = call.principal.id, ports.clock.now()
    found = _id(ports, call, partner_id)
    return await ports.partners.change(call, found, lambda each: act(each, by, at, asked.reason))


def _id(ports: Ports, call: Call, partner: str) -> str:
    return ports.partners.derived_id(call.district, partner)
