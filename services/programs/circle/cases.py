"""What callers do with circles, but for what a method of one does alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Annotated

from pydantic import Field

from services.access.access import Access
from services.access.acknowledged import check_acknowledged
from services.access.coaching import hindrance
from services.access.days import Days
from services.access.directory import ReadsAnew
from services.access.guarded import About, Guarded, GuardedReads
from services.access.peers import may_be_peer
from services.access.school_year import QueryYear, SchoolYear
from services.chassis.call import Call
from services.chassis.duties.each import unless_erased
from services.chassis.edge.naming import Names
from services.chassis.fields import Body, Id, IdOrMe
from services.chassis.kernel import Clock, Fault, already_there, conflict, invalid
from services.chassis.write.by_date import ByDate
from services.chassis.write.documents import AlreadyExists, Scalar, where
from services.chassis.write.drafts import Drafts
from services.chassis.write.loading import Found
from services.chassis.write.quota import Bound
from services.chassis.write.write_path import WritePath
from services.programs.circle.domain import MOST_MEMBERS, Circle
from services.programs.circle.outline import CircleKind, CircleState
from services.programs.relationship.domain import Work
from services.programs.session.domain import CoachingSession

MOST_OF_SOMEBODY = 200  # circles that name a person and are not over
MOST_BY_ONE = 50  # of these proposed by one other whom they name
MOST_PROPOSED = 1_000  # by somebody whom they name, whatever became of them
BY_DATE = ByDate("proposed_at", within=("school_year", "state"))
_OVER = {"state": CircleState.ENDED.value}


@dataclass(frozen=True, slots=True)
class Ports:
    """`path`, `sessions` and `view` are for duties."""

    circles: Guarded[Circle]
    path: WritePath[Circle]
    sessions: WritePath[CoachingSession]
    reads: GuardedReads
    drafts: Drafts
    names: Names
    access: Access
    view: ReadsAnew
    days: Days
    clock: Clock


def whose(circle: Circle) -> About:
    """Whom it names now: not who has left it."""
    return About(parties=circle.named)


Shows = Annotated[
    list[Annotated[Work, Field(strict=False)]],
    Field(
        max_length=10,
        description="Of the caller's work what the others who have joined may see",
        examples=[["goals", "observations"]],
    ),
]
Members = Annotated[list[Id], Field(examples=[["teacher-1", "teacher-2"]])]


class ProposeCircle(Body):
    kind: Annotated[CircleKind, Field(strict=False)] = Field(examples=["pair"])
    member_ids: Members = Field(min_length=1, max_length=MOST_MEMBERS)
    facilitator_id: Id | None = Field(default=None, examples=["coach-1"])
    school_year: SchoolYear | None = Field(default=None, description="This one or the next")
    shows: Shows = []


async def propose_circle(ports: Ports, call: Call, asked: ProposeCircle) -> Circle:
    """Propose that two teachers be a pair, or several a group, in this school year or the next: as
    one of them, who has joined with that, as the district, or a group as who is to facilitate it.
    Each joins for herself. A pair that is open is answered as it is; one that has ended is
    proposed again. Raises CONFLICT `erased` where that was erased.

    Raises INVALID for who does not teach today, or leads or may lead besides."""
    by, now = call.principal.id, ports.clock.now()
    year = ports.days.named(call.district, now, asked.school_year)
    facilitator = asked.facilitator_id or ""
    pair = asked.kind is CircleKind.PAIR
    two = ports.circles.derived_id(call.district, *sorted(asked.member_ids), str(year))
    named = {*asked.member_ids, *filter(None, [facilitator])}
    # Who is not one of two would learn whether they are a pair.
    about = About(parties=tuple(asked.member_ids if pair else sorted(named)))

    async def make() -> Circle:
        nonlocal two
        known = await _open_pair(ports, call, asked.member_ids, year) if pair else ""
        if known not in ("", two):
            two = known
            raise AlreadyExists
        return Circle.propose(
            id=two if pair else ports.circles.new_id(call),
            district=call.district,
            kind=asked.kind,
            members=asked.member_ids,
            facilitator=facilitator,
            year=year,
            by=by,
            at=now,
            shows=asked.shows,
        )

    async def check() -> None:
        if facilitator:
            await _check_facilitates(ports, call, facilitator)
        for index, each in enumerate(asked.member_ids):
            await _check_member(ports, call, each, f"/member_ids/{index}")
        ports.days.check_current(call.district, now, year)
        if by in asked.member_ids:
            await check_acknowledged(ports.access, call.district, by)

    async def again(known: Circle) -> None:
        known.propose_again(asked.member_ids, facilitator, by, now, asked.shows)
        await check()

    within = [_bound(each) for each in sorted(named)]
    if by in named:
        within += [_bound_by(by, each) for each in sorted(named - {by})]
        most = f"A person proposes at most {MOST_PROPOSED} circles that name her."
        within.append(Bound({"proposed_by": by}, MOST_PROPOSED, "too_many_circles", most))
    try:
        return await ports.circles.create_about(call, about, make, within, check)
    except AlreadyExists:  # under another id
        pass
    except Fault as fault:
        if not pair or not already_there(fault):
            raise
    found = await unless_erased(ports.path, call, two, ports.circles.change(call, two, again))
    if found is None:
        detail = "What the two had in this school year was erased: they begin anew in the next."
        raise conflict("erased", detail)
    return found


async def _open_pair(ports: Ports, call: Call, two: Sequence[str], year: int) -> str:
    """The id of the pair of these two that is open, if one is: what was proposed to another record
    of one of them has the id that it had then."""
    asked = where(named=two[0], kind=CircleKind.PAIR, school_year=year)
    found = await ports.path.find(call.district, asked, "", MOST_OF_SOMEBODY, BY_DATE, unless=_OVER)
    pairs = (each for each in found.items if {one.person for one in each.members} == {*two})
    return next((each.id for each in pairs), "")


def _bound(person: str) -> Bound:
    detail = f"A person is named in at most {MOST_OF_SOMEBODY} circles."
    return Bound({"named": person}, MOST_OF_SOMEBODY, "too_many_circles", detail, _OVER)


def _bound_by(by: str, person: str) -> Bound:
    """So that one colleague does not take all her places."""
    detail = f"One person proposes at most {MOST_BY_ONE} circles that name another."
    both: dict[str, Scalar] = {"named": person, "proposed_by": by}
    return Bound(both, MOST_BY_ONE, "too_many_circles", detail, _OVER)


async def _check_facilitates(ports: Ports, call: Call, person: str) -> None:
    """Raises INVALID unless she may coach somebody, and does not lead."""
    profile = await ports.access.profile(call.district, person)
    today, rules = ports.access.today(call.district), ports.access.rules(call.district)
    granted = profile is not None and bool(profile.granted_coaching(today))
    why_not = hindrance(profile, None, today, rules)
    leads = profile is not None and profile.may_lead(today, rules.roles)
    if leads or (why_not is not None and not granted):
        detail = "Who facilitates teaches or coaches today, and neither leads nor may."
        raise invalid("not_a_facilitator", detail, "/facilitator_id")


async def _check_member(ports: Ports, call: Call, person: str, place: str) -> None:
    if not await _teaches(ports, call.district, person):
        detail = "There is no such active teacher who neither leads nor may."
        raise invalid("unknown_teacher", detail, place)


async def _teaches(ports: Ports, district: str, person: str) -> bool:
    profile = await ports.access.profile(district, person)
    return may_be_peer(profile, ports.access.today(district), ports.access.rules(district))


class InviteCircle(Body):
    member_ids: Members = Field(min_length=1, max_length=MOST_MEMBERS)


async def invite_circle(ports: Ports, call: Call, circle_id: Id, asked: InviteCircle) -> Circle:
    """Ask more teachers to be of a group. As one who has joined, who facilitates it, or the
    district; who is asked already stays as she is. Raises CONFLICT where one is named in too many
    circles."""

    async def act(circle: Circle) -> None:
        circle.invite(call.principal.id, ports.clock.now(), asked.member_ids)
        for index, each in enumerate(asked.member_ids):
            await _check_member(ports, call, each, f"/member_ids/{index}")
        bounds = [_bound(each) for each in asked.member_ids]
        if circle.proposed_by in circle.people:
            new = set(asked.member_ids) - {circle.proposed_by}
            bounds += [_bound_by(circle.proposed_by, each) for each in sorted(new)]
        counts = await ports.path.counts(call.district, bounds)
        for bound, count in zip(bounds, counts, strict=True):
            if count > bound.most:  # this one may be among them
                raise bound.fault()

    return await ports.circles.change(call, circle_id, act)


class JoinCircle(Body):
    """What is not given is not shown from now on."""

    shows: Shows = []


SHOWS_NOTHING = JoinCircle()


async def joining(ports: Ports, call: Call, circle: Circle) -> None:
    """What joining asks of it."""
    by, now = call.principal.person, ports.clock.now()
    circle.check_join(by, now)
    if not ports.days.counts(call.district, now, circle.school_year) and (
        ports.days.school_year_of(call.district, now) >= circle.school_year
    ):
        raise conflict("school_year_over", "Its school year is over.")
    if by in circle.joined:
        return
    if not await _teaches(ports, call.district, by):
        raise conflict("not_a_teacher", "Who joins teaches today, and neither leads nor may.")
    await check_acknowledged(ports.access, call.district, by)


async def join_circle(
    ports: Ports, call: Call, circle_id: Id, asked: JoinCircle = SHOWS_NOTHING
) -> Circle:
    """Join a circle, as a teacher who is asked to, and say what the others see of her work; or,
    once she has joined, say what they see from now on."""

    async def act(circle: Circle) -> None:
        await joining(ports, call, circle)
        mine = circle.member(call.principal.person)
        if mine is not None and mine.joined and not set(asked.shows) <= set(mine.shows):
            await check_acknowledged(ports.access, call.district, mine.person)
        circle.join(call.principal.person, ports.clock.now(), asked.shows)

    return await ports.circles.change(call, circle_id, act)


async def resuming(ports: Ports, call: Call, circle: Circle) -> None:
    """What going on asks of it: the others see again what she shows."""
    circle.check_resume(by := call.principal.person, ports.clock.now())
    if any(each.shows for each in circle.members if each.person == by):
        await check_acknowledged(ports.access, call.district, by)


async def resume_circle(ports: Ports, call: Call, circle_id: Id) -> Circle:
    """Go on, as who has paused it; it does once each who had paused it says so. Raises CONFLICT
    where the data-use policy in force wants her to acknowledge it before others see her work."""

    async def act(circle: Circle) -> None:
        await resuming(ports, call, circle)
        circle.resume(call.principal.person, ports.clock.now())

    return await ports.circles.change(call, circle_id, act)


async def list_circles(
    ports: Ports,
    call: Call,
    *,
    member_id: IdOrMe | None = None,
    kind: CircleKind | None = None,
    school_year: QueryYear | None = None,
    state: CircleState | None = None,
    after: str,
    limit: int,
) -> Found[Circle]:
    """Circles that name a person, as a member or who facilitates; without one all, for the
    district, and the caller's own. Those first that were proposed last."""
    narrowed = where(kind=kind, school_year=school_year, state=state)
    person = member_id or await ports.circles.own_or_all(call)
    if person:
        about, asked = About(parties=(person,)), {"named": person, **narrowed}
        return await ports.circles.find(call, about, asked, after, limit, BY_DATE)

    read = partial(ports.path.find, call.district, narrowed, after, limit, BY_DATE)
    return await ports.reads.many(call, (), read, _people)


def _people(found: Found[Circle]) -> Sequence[str]:
    return [person for each in found.items for person in each.named]
