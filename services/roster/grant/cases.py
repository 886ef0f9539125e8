"""What the district does with grants."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from operator import attrgetter
from typing import Annotated

from pydantic import Field

from services.access.access import Access
from services.access.days import Days, in_range
from services.access.guarded import About, Guarded
from services.access.profile import Profile
from services.chassis.call import Call
from services.chassis.edge.naming import Names
from services.chassis.fields import Body, Day, Id, IdOrMe, Text
from services.chassis.kernel import Clock, if_there, invalid
from services.chassis.write.by_date import ByDate, Order
from services.chassis.write.documents import where
from services.chassis.write.loading import Found
from services.chassis.write.quota import Bound
from services.chassis.write.write_path import WritePath
from services.roster.courses import course_of
from services.roster.grant.domain import (
    MOST_GRANTS,
    MOST_REACHED,
    Grant,
    GrantRole,
    GrantState,
    GrantTerms,
)
from services.roster.org.domain import Org
from services.roster.record import Status, record_id

A_MOMENT = timedelta(milliseconds=1)
BY_DATE = ByDate("given_at", within=("state", "owner"))
BY_END = ByDate("over_at", within=("state", "owner"), order=Order.OLDEST)


@dataclass(frozen=True, slots=True)
class Ports:
    """`orgs` and `access` say who and what there is."""

    grants: Guarded[Grant]
    orgs: WritePath[Org]
    names: Names
    access: Access
    days: Days
    clock: Clock


def whose(grant: Grant) -> About:
    return About(parties=(grant.person,))


Reached = Annotated[list[Id], Field(max_length=MOST_REACHED)]


class _Terms(Body):
    org_ids: Reached = Field(
        default=[],
        description="Reaches who holds a role of the roster there: "
        "a district's office does not mean its schools",
        examples=[["school-01"]],
    )
    person_ids: Reached = Field(
        default=[],
        description="Whom it reaches: teachers; of a records officer anybody",
        examples=[[]],
    )
    begin_date: Day | None = Field(
        default=None, description="Its first day; today, or as it is", examples=["2027-06-01"]
    )
    end_date: Day | None = Field(
        default=None, description="Its last day; null: open", examples=["2027-06-30"]
    )
    reason: Text = Field(examples=["She helps out until the post is filled"])


class GiveGrant(_Terms):
    person_id: Id = Field(examples=["teacher-0003"])
    role: Annotated[GrantRole, Field(strict=False)] = Field(examples=["coach"])


class ChangeGrant(_Terms):
    """All of it, in place of what it says."""


class EndGrant(Body):
    reason: Text = Field(examples=["The post is filled"])


async def give_grant(ports: Ports, call: Call, asked: GiveGrant) -> Grant:
    """Give a person of the roster a role beside those that the roster says. For some schools or
    people, from a first to a last day; no import touches it.

    Raises INVALID where there is no such person, org or teacher, and for days that are over."""
    terms = _terms(ports, call, asked)

    async def make() -> Grant:
        return Grant.give(
            id=ports.grants.new_id(call),
            district=call.district,
            person=asked.person_id,
            role=asked.role,
            terms=terms,
            by=call.principal.id,
            at=ports.clock.now(),
        )

    async def check() -> None:
        found = await ports.access.profile(call.district, asked.person_id)
        if found is None or not found.active:
            raise invalid("unknown_grantee", "There is no such active person.", "/person_id")
        _check_days(ports, call.district, terms, "")
        await _check_reach(ports, call.district, asked.role, terms.orgs, terms.people)

    told = f"A person has at most {MOST_GRANTS} grants, with those that have ended."
    bound = Bound({"person": asked.person_id}, MOST_GRANTS, "too_many_grants", told)
    about = About(parties=(asked.person_id,))
    return await ports.grants.create_about(call, about, make, [bound], check)


async def change_grant(ports: Ports, call: Call, grant_id: Id, asked: ChangeGrant) -> Grant:
    """Say anew whom a grant reaches, its days and why: all of it, in place of what it says.

    Raises as `give_grant`, CONFLICT where it has ended."""

    async def act(grant: Grant) -> None:
        terms = _terms(ports, call, asked, grant.begins)
        before = (grant.begins, set(grant.orgs), set(grant.people))
        grant.change(terms, call.principal.id, ports.clock.now())
        _check_days(ports, call.district, terms, before[0])
        more = set(terms.orgs) - before[1], set(terms.people) - before[2]
        await _check_reach(ports, call.district, grant.role, *map(sorted, more))

    return await ports.grants.change(call, grant_id, act)


async def end_grant(ports: Ports, call: Call, grant_id: Id, asked: EndGrant) -> Grant:
    """End a grant before its last day: it counts no more from now on."""
    by, at = call.principal.id, ports.clock.now()
    return await ports.grants.change(call, grant_id, lambda each: each.end(asked.reason, by, at))


async def list_grants(
    ports: Ports,
    call: Call,
    *,
    person_id: IdOrMe | None = None,
    org_id: Id | None = None,
    owner_id: IdOrMe | None = None,
    state: GrantState | None = None,
    ending_by: Day | None = None,
    after: str,
    limit: int,
) -> Found[Grant]:
    """Grants of a person, that reach an org, or that somebody gave; without any of it all, for the
    district, and the caller's own. The newest first or, with `ending_by`, those whose last day is
    from today up to that one, the next to end first."""
    if not (person_id or org_id or owner_id):
        person_id = await ports.grants.own_or_all(call) or None
    asked = where(person=person_id, orgs=org_id, owner=owner_id, state=state)
    by = BY_DATE if ending_by is None else _ending(ports, call.district, ending_by)
    if person_id:
        about = About(parties=(person_id,))
        return await ports.grants.find(call, about, asked, after, limit, by)
    holder = attrgetter("person")
    return await ports.grants.find_of_many(call, About(), asked, after, limit, holder, by)


def _ending(ports: Ports, district: str, last: str) -> ByDate:
    """Of what is over when the day after `last` begins, or before, and is not over today."""
    since = ports.days.ends(district, ports.access.today(district))
    until = ports.days.ends(district, in_range(last, "/ending_by"))
    return BY_END.between(since, until + A_MOMENT)


def _terms(ports: Ports, call: Call, asked: _Terms, begins: str = "") -> GrantTerms:
    district, ends = call.district, asked.end_date or ""
    today = str(ports.access.today(district))
    # The same request once more, after its last day, is still one: `_check_days` refuses a new one.
    begins = asked.begin_date or begins or min(today, ends or today)
    in_range(begins, "/begin_date")
    last = in_range(ends, "/end_date") if ends else None
    over_at = ports.days.ends(district, last) if last is not None else None
    return GrantTerms(
        orgs=tuple(sorted(set(asked.org_ids))),
        people=tuple(sorted(set(asked.person_ids))),
        begins=begins,
        ends=ends,
        over_at=over_at,
        reason=asked.reason,
        course=course_of(begins, ends, ports.access.today(district)),
    )


def _check_days(ports: Ports, district: str, terms: GrantTerms, begun: str) -> None:
    """Nobody is given what was: `begun`, its first day of before, may stay."""
    today = str(ports.access.today(district))
    if terms.ends and terms.ends < today:
        raise invalid("ends_in_the_past", f"It is {today} today.", "/end_date")
    if terms.begins < today and terms.begins != begun:
        raise invalid("begins_in_the_past", f"It is {today} today.", "/begin_date")


async def _check_reach(
    ports: Ports, district: str, role: GrantRole, orgs: Collection[str], people: Collection[str]
) -> None:
    """Of a records request anybody whom the roster has known. 1 database command for each org, and
    1 for people who are not known yet."""
    for each in orgs:
        org = await if_there(ports.orgs.get(district, record_id(district, "org", each)))
        if org is None or org.status is not Status.ACTIVE:
            raise invalid("unknown_org", "There is no such org in the roster.", "/org_ids")
    if not people:
        return
    found: Mapping[str, Profile | None] = await ports.access.profiles(district, people)
    today: date = ports.access.today(district)
    if role is GrantRole.RECORDS_OFFICER:
        if None in found.values():
            raise invalid("unknown_person", "There is no such person.", "/person_ids")
        return
    for profile in found.values():
        if profile is None or not profile.active or not profile.teaches(today):
            raise invalid("unknown_teacher", "There is no such active teacher.", "/person_ids")
