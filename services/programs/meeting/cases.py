"""What callers do with community meetings, but for what a method of one does alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from services.access.access import Access
from services.access.acknowledged import check_acknowledged
from services.access.coaching import hindrance
from services.access.days import Days
from services.access.directory import ReadsAnew
from services.access.guarded import About, Guarded, GuardedReads
from services.access.peers import may_be_peer
from services.chassis.call import Call
from services.chassis.edge.naming import Names
from services.chassis.fields import Id
from services.chassis.kernel import Clock, Fault, Kind, conflict, if_there, invalid
from services.chassis.write.by_date import ByDate
from services.chassis.write.documents import Scalar
from services.chassis.write.drafts import Drafts
from services.chassis.write.quota import Bound
from services.chassis.write.write_path import WritePath
from services.programs.circle.domain import Circle
from services.programs.enrollment.domain import Enrollment, EnrollmentState
from services.programs.meeting.bodies import (
    EditCommunityMeeting,
    InviteCommunityMeeting,
    PlanCommunityMeeting,
    PointOfAgenda,
)
from services.programs.meeting.domain import MOST_MEMBERS, CommunityMeeting, MeetingPlan
from services.programs.meeting.outline import AgendaItem, MeetingOutline, MeetingState
from services.programs.program.domain import Program
from services.programs.session.domain import CoachingSession
from services.programs.takeaway.domain import Takeaway

MOST_OF_ONE = 200  # that a person facilitates in a school year, with those that were called off
MOST_OF_SOMEBODY = 300  # that name a person in a school year, without these
MOST_OF_THE_TWO = 100  # of these facilitated by one other
BY_DATE = ByDate("starts_at", within=("school_year", "state"))
_CANCELLED = {"state": MeetingState.CANCELLED.value}


@dataclass(frozen=True, slots=True)
class Ports:
    """`path`, `view`, `drafts` and `takeaways` are for duties; `circles`, `programs` and `sessions`
    are read by their ids, `enrollments` by their program."""

    meetings: Guarded[CommunityMeeting]
    path: WritePath[CommunityMeeting]
    circles: WritePath[Circle]
    programs: WritePath[Program]
    enrollments: WritePath[Enrollment]
    sessions: WritePath[CoachingSession]
    takeaways: WritePath[Takeaway]
    reads: GuardedReads
    drafts: Drafts
    names: Names
    access: Access
    view: ReadsAnew
    days: Days
    clock: Clock


async def whose(access: Access, meeting: MeetingOutline) -> About:
    """Whom it names now and who has no power over the others today: who leads or may lead is let
    into none. No database command when profiles are warm."""
    district = meeting.district
    await access.profiles(district, meeting.named)  # with one command
    parties = [each for each in meeting.named if not await access.may_lead(district, each)]
    return About(parties=tuple(parties) or ("",))


async def plan_community_meeting(
    ports: Ports, call: Call, asked: PlanCommunityMeeting
) -> CommunityMeeting:
    """Ask teachers to look at their data together, and facilitate that: those of pairs and groups
    that the caller has joined or facilitates, of a program that she leads, or others by name.

    Each joins for herself. Raises INVALID for who does not teach today, or leads or may lead
    besides; the caller, too, neither leads nor may."""
    by, now = call.principal.person, ports.clock.now()
    year = ports.days.school_year_of(call.district, asked.starts_at, "/starts_at")
    agreed = MeetingPlan(asked.starts_at, asked.minutes, asked.protocol, _agenda(asked.agenda))

    async def make() -> CommunityMeeting:
        await _check_facilitates(ports, call, by)
        members = [*asked.member_ids, *await _of_circles(ports, call, asked.circle_ids)]
        if asked.program_id is not None:
            members += await _of_program(ports, call, asked.program_id)
        new = CommunityMeeting.plan(
            id=ports.meetings.new_id(call),
            district=call.district,
            by=by,
            at=now,
            year=year,
            agreed=agreed,
            members=members,
            circles=list(dict.fromkeys(asked.circle_ids)),
            program=asked.program_id or "",
        )
        people = [each.person for each in new.members]

        async def check() -> None:
            ports.days.check_current(call.district, now, year, "/starts_at")
            await _check_teach(ports, call, people, asked.member_ids)
            if by in people:
                await check_acknowledged(ports.access, call.district, by)

        within = [_bound_of(by, year)]
        within += [each for one in people for each in _bounds(one, by, year) if one != by]
        return await ports.meetings.create(call, new, within, check)

    return await ports.reads.one(call, About(parties=(by,)), make)


def _agenda(asked: Sequence[PointOfAgenda]) -> tuple[AgendaItem, ...]:
    return tuple(AgendaItem(each.title, each.minutes) for each in asked)


async def _of_circles(ports: Ports, call: Call, circles: Sequence[str]) -> list[str]:
    """Who has joined these. Raises INVALID for one that is not the caller's, or over. 1 database
    command each."""
    by, found = call.principal.person, list[str]()
    for index, id_ in enumerate(dict.fromkeys(circles)):
        circle = await if_there(ports.circles.get(call.district, id_))
        mine = circle is not None and by in (*circle.joined, circle.facilitator)
        if circle is None or not mine or circle.ended_at is not None:
            detail = "You have joined or facilitate no such pair or group."
            raise invalid("unknown_circle", detail, f"/circle_ids/{index}")
        found += circle.joined
    return found


async def _of_program(ports: Ports, call: Call, program_id: str) -> list[str]:
    """Who is enrolled in it, as far as the caller's grant reaches. Raises INVALID unless she leads
    it, and CONFLICT where they are more than a meeting has. 3 database commands."""
    district, by = call.district, call.principal.person
    program = await if_there(ports.programs.get(district, program_id))
    today, leading = ports.access.today(district), await ports.access.profile(district, by)
    if (
        program is None
        or by not in program.says.leads
        or leading is None
        or not leading.granted_programs(today)
    ):
        raise invalid("unknown_program", "You lead no such program.", "/program_id")
    asked: dict[str, Scalar] = {"program": program_id}
    found = await ports.enrollments.find(district, asked, "", 2 * MOST_MEMBERS)
    enrolled = [each for each in found.items if each.state is EnrollmentState.ENROLLED]
    if found.after or len(enrolled) > MOST_MEMBERS:
        detail = "More teachers are enrolled in it than come to a meeting: name them."
        raise conflict("too_many_members", detail)
    profiles = await ports.access.profiles(district, [each.teacher for each in enrolled])
    return [who for who, each in profiles.items() if each and leading.granted_programs(today, each)]


async def _check_facilitates(ports: Ports, call: Call, person: str) -> None:
    """Raises FORBIDDEN unless she teaches, may coach somebody or lead programs, and does not lead a
    school: who has power over the others is not among them."""
    profile = await ports.access.profile(call.district, person)
    today, rules = ports.access.today(call.district), ports.access.rules(call.district)
    granted = profile is not None and (
        bool(profile.granted_coaching(today)) or bool(profile.granted_programs(today))
    )
    why_not = hindrance(profile, None, today, rules)
    leads = profile is not None and profile.may_lead(today, rules.roles)
    if leads or (why_not is not None and not granted):
        detail = "Who facilitates teaches or coaches today, and neither leads nor may."
        raise Fault(Kind.FORBIDDEN, "not_a_facilitator", detail)


async def _check_teach(
    ports: Ports, call: Call, people: Sequence[str], places: Sequence[str]
) -> None:
    profiles = await ports.access.profiles(call.district, people)
    today, rules = ports.access.today(call.district), ports.access.rules(call.district)
    for each in people:
        if not may_be_peer(profiles[each], today, rules):
            at = f"/member_ids/{places.index(each)}" if each in places else "/member_ids"
            detail = "There is no such active teacher who neither leads nor may."
            raise invalid("unknown_teacher", detail, at)


def _bound_of(person: str, year: int) -> Bound:
    detail = f"One person plans at most {MOST_OF_ONE} meetings in a school year."
    of: dict[str, Scalar] = {"facilitator": person, "school_year": year}
    return Bound(of, MOST_OF_ONE, "too_many_meetings", detail)


def _bounds(person: str, by: str, year: int) -> tuple[Bound, ...]:
    """So that one colleague does not take all her places: she leaves what she likes, and has those
    again. What she plans herself is no matter of theirs."""
    most = f"A person is asked to at most {MOST_OF_SOMEBODY} meetings in a school year."
    two = f"One person asks another to at most {MOST_OF_THE_TWO} meetings in a school year."
    of: dict[str, Scalar] = {"named": person, "school_year": year}
    code = "too_many_meetings"
    return (
        Bound(of, MOST_OF_SOMEBODY, code, most, _CANCELLED),
        Bound(of | {"facilitator": by}, MOST_OF_THE_TWO, code, two, _CANCELLED),
    )


async def edit_community_meeting(
    ports: Ports, call: Call, community_meeting_id: Id, asked: EditCommunityMeeting
) -> CommunityMeeting:
    """Say anew when a meeting is and how it goes, as who facilitates it. At another time it is
    moved, until it is over."""

    async def act(meeting: CommunityMeeting) -> None:
        known = meeting.agreed_on
        agreed = MeetingPlan(
            asked.starts_at or known.starts_at,
            known.minutes if asked.minutes is None else asked.minutes,
            asked.protocol or known.protocol,
            _agenda(asked.agenda) or known.agenda,
        )
        meeting.edit(call.principal.person, ports.clock.now(), agreed)
        year = ports.days.school_year_of(call.district, agreed.starts_at, "/starts_at")
        if year != meeting.school_year:
            detail = "That is in another school year: cancel it and plan another."
            raise invalid("another_school_year", detail, "/starts_at")

    return await ports.meetings.change(call, community_meeting_id, act)


async def invite_community_meeting(
    ports: Ports, call: Call, community_meeting_id: Id, asked: InviteCommunityMeeting
) -> CommunityMeeting:
    """Ask more teachers to come, as who facilitates a meeting, until it is over; who is asked
    already stays as she is, and who has left it is asked once more, not oftener."""

    async def act(meeting: CommunityMeeting) -> None:
        known = {*meeting.named, meeting.facilitator}  # counted already, and her own
        new = [each for each in asked.member_ids if each not in known]
        meeting.invite(call.principal.person, ports.clock.now(), asked.member_ids)
        await _check_teach(ports, call, asked.member_ids, asked.member_ids)
        year, by = meeting.school_year, meeting.facilitator
        bounds = [each for one in new for each in _bounds(one, by, year)]
        counts = await ports.path.counts(call.district, bounds) if bounds else ()
        for bound, count in zip(bounds, counts, strict=True):
            if count >= bound.most:
                raise bound.fault()

    return await ports.meetings.change(call, community_meeting_id, act)


async def joining(ports: Ports, call: Call, meeting: CommunityMeeting) -> None:
    """What joining asks of her."""
    by = call.principal.person
    meeting.check_join(by, ports.clock.now())
    if by in meeting.joined:
        return
    profile = await ports.access.profile(call.district, by)
    today, rules = ports.access.today(call.district), ports.access.rules(call.district)
    if not may_be_peer(profile, today, rules):
        raise conflict("not_a_teacher", "Who joins teaches today, and neither leads nor may.")
    await check_acknowledged(ports.access, call.district, by)


async def join_community_meeting(
    ports: Ports, call: Call, community_meeting_id: Id
) -> CommunityMeeting:
    """Say that one comes to a meeting, as a teacher who is asked to, until it is over."""

    async def act(meeting: CommunityMeeting) -> None:
        await joining(ports, call, meeting)
        meeting.join(call.principal.person, ports.clock.now())

    return await ports.meetings.change(call, community_meeting_id, act)
