"""What callers do with their interest in pairs, and who is suggested to them."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Annotated

from pydantic import Field, StringConstraints

from services.access.access import Access
from services.access.acknowledged import check_acknowledged
from services.access.days import Days
from services.access.directory import ReadsAnew
from services.access.guarded import About, Guarded, GuardedReads
from services.access.peers import PAIR, may_be_peer
from services.access.profile import Profile
from services.chassis.call import Call, caller_of
from services.chassis.duties.each import unless_erased
from services.chassis.edge.naming import Names
from services.chassis.fields import Body
from services.chassis.kernel import Clock, Fault, Kind, already_there, conflict
from services.chassis.write.anew import anew_id
from services.chassis.write.by_date import ByDate
from services.chassis.write.documents import where
from services.chassis.write.drafts import Drafts
from services.chassis.write.loading import Found
from services.chassis.write.write_path import WritePath
from services.programs.circle.domain import Circle
from services.programs.enrollment.domain import Enrollment, EnrollmentState
from services.programs.pairing.domain import PairInterest, PairInterestState

MOST_WORDS = 10  # of what she offers, and of what she seeks
MOST_SUGGESTED = 20
MOST_LOOKED_AT = 200  # who offer one thing that she seeks
MOST_OF_SOMEBODY = 200  # pairs of a year, and programs
BY_DATE = ByDate("stated_at")
Words = list[Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_-]{0,39}$")]]


@dataclass(frozen=True, slots=True)
class Ports:
    """`circles` and `enrollments` are read; `path`, `drafts` and `view` are for duties."""

    interests: Guarded[PairInterest]
    path: WritePath[PairInterest]
    circles: WritePath[Circle]
    enrollments: WritePath[Enrollment]
    reads: GuardedReads
    drafts: Drafts
    names: Names
    access: Access
    view: ReadsAnew
    days: Days
    clock: Clock


def whose(interest: PairInterest) -> About:
    """Hers, and nobody else's: neither who leads a program nor a principal sees it."""
    return About(parties=(interest.teacher,))


class StatePairInterest(Body):
    """Each a short word, such as a focus skill; two who use the same word find each other."""

    offers: Words = Field(min_length=1, max_length=MOST_WORDS, examples=[["wait-time"]])
    seeks: Words = Field(min_length=1, max_length=MOST_WORDS, examples=[["class-talk"]])


async def state_pair_interest(ports: Ports, call: Call, asked: StatePairInterest) -> PairInterest:
    """Say what the caller can show others and what she would like to learn. She is suggested to
    teachers with whom that goes both ways, this school year. Said again, it takes the place of what
    was said before. Raises CONFLICT for who does not teach today, or leads or may lead besides, and
    where the data-use policy in force wants her to acknowledge it before others are told more."""
    now = ports.clock.now()
    ports.access.check_scope(call)
    me = caller_of(call, "/offers")
    year = ports.days.school_year_of(call.district, now)
    offers, seeks = (tuple(sorted(set(each))) for each in (asked.offers, asked.seeks))
    mine, _ = await _mine(ports, call, me)
    new = PairInterest(
        id=mine.id if mine is not None else await anew_id(ports.path, call.district, me),
        district=call.district,
        teacher=me,
        school_year=year,
        offers=offers,
        seeks=seeks,
        stated_at=now,
        first_stated_at=now,
    )

    async def check() -> None:
        rules, today = ports.access.rules(call.district), ports.access.today(call.district)
        if not may_be_peer(await ports.access.profile(call.district, me), today, rules):
            detail = "Who is of a pair teaches today, and neither leads nor may."
            raise conflict("not_a_teacher", detail)

    async def first() -> None:
        await check()
        await check_acknowledged(ports.access, call.district, me)

    async def again(known: PairInterest) -> None:
        more = known.lacks(offers, seeks, year)
        known.state_again(offers, seeks, year, now)
        await (first() if more else check())

    if mine is None:
        try:
            return await ports.interests.create(call, new.stated(), check=first)
        except Fault as fault:
            if not already_there(fault):
                raise
    changed = ports.interests.change(call, new.id, again)
    found = await unless_erased(ports.path, call, new.id, changed)
    if found is None:
        raise conflict("erased", "What she had said was erased a moment ago: say it again.")
    return found


async def _mine(ports: Ports, call: Call, me: str) -> tuple[PairInterest | None, int]:
    """Hers, which may have the id of another record of hers, and how many of hers this build cannot
    read. 1 database command."""
    found = await ports.path.find(call.district, where(teacher=me), "", MOST_LOOKED_AT, BY_DATE)
    stated = [each for each in found.items if each.state is PairInterestState.STATED]
    return next(iter(stated or found.items), None), found.left_out


@dataclass(frozen=True, slots=True)
class PairSuggestion:
    """Another teacher, `offers_you` of what one would like to learn and `seeks_of_you` of what one
    offers, `programs` in which both are."""

    teacher: str
    offers_you: tuple[str, ...]
    seeks_of_you: tuple[str, ...]
    same_school: bool
    programs: tuple[str, ...]

    @property
    def id(self) -> str:
        return self.teacher

    @property
    def version(self) -> int:
        return 1


async def list_pair_suggestions(
    ports: Ports, call: Call, *, after: str, limit: int
) -> Found[PairSuggestion]:
    """Teachers with whom the caller could be a pair: each offers what the other would like to
    learn. They are of her school or of a program of hers, at most 20, in an order that says
    nothing, and none with whom she is, was or is asked to be a pair this year. To be a pair she
    proposes a circle."""
    me = ports.interests.own(call, "/page_token")

    async def read() -> Found[PairSuggestion]:
        mine, left_out = await _mine(ports, call, me)
        if mine is None or not _counts(ports, call, mine):
            return Found((), left_out=left_out)
        all_of_them = await _suggested(ports, call, mine)
        rest = [each for each in all_of_them.items if _place(me, each.teacher) > after]
        page = rest[:limit]
        place = _place(me, page[-1].teacher) if len(rest) > limit else ""
        return Found(page, place, left_out + all_of_them.left_out)

    return await ports.reads.many(call, (me,), read, _people)


def _people(found: Found[PairSuggestion]) -> Sequence[str]:
    return [each.teacher for each in found.items]


def _counts(ports: Ports, call: Call, each: PairInterest) -> bool:
    year = ports.days.school_year_of(call.district, ports.clock.now())
    return each.state is PairInterestState.STATED and each.school_year == year


async def _suggested(ports: Ports, call: Call, mine: PairInterest) -> Found[PairSuggestion]:
    """A database command for each thing that she seeks, and 2 for whom she knows; 1 for each who is
    suggested by a program."""
    me, rules = mine.teacher, ports.access.rules(call.district)
    today = ports.access.today(call.district)
    others: dict[str, PairInterest] = {}
    left_out = 0
    for word in mine.seeks:
        asked = where(offers=word, state=PairInterestState.STATED, school_year=mine.school_year)
        found = await ports.path.find(call.district, asked, "", MOST_LOOKED_AT, BY_DATE)
        left_out += found.left_out
        others |= {each.teacher: each for each in found.items if set(each.seeks) & {*mine.offers}}
    known = {me, *await _paired(ports, call, mine)}
    others = {each: of for each, of in others.items() if each not in known}
    profiles = await ports.access.profiles(call.district, {me, *others})
    my_profile = profiles[me]
    if my_profile is None or not may_be_peer(my_profile, today, rules):
        return Found((), left_out=left_out)
    mine_too = await _programs(ports, call, me)
    made: list[PairSuggestion] = []
    for other in sorted(others, key=lambda each: _place(me, each)):
        profile = profiles[other]
        if profile is None or not may_be_peer(profile, today, rules):
            continue
        same_school = bool(_schools(my_profile, today) & _schools(profile, today))
        programs = mine_too & await _programs(ports, call, other) if mine_too else set()
        if same_school or programs:
            made.append(_suggestion(mine, others[other], same_school, programs))
        if len(made) == MOST_SUGGESTED:
            break
    return Found(made, left_out=left_out)


def _suggestion(
    mine: PairInterest, other: PairInterest, same_school: bool, programs: Collection[str]
) -> PairSuggestion:
    return PairSuggestion(
        other.teacher,
        tuple(each for each in other.offers if each in mine.seeks),
        tuple(each for each in other.seeks if each in mine.offers),
        same_school,
        tuple(sorted(programs)),
    )


async def _paired(ports: Ports, call: Call, mine: PairInterest) -> set[str]:
    """With whom she is, was or is asked to be a pair this year: also where one of the two has said
    no, which nobody is asked twice. 1 database command."""
    asked = where(people=mine.teacher, kind=PAIR, school_year=mine.school_year)
    found = await ports.circles.find(call.district, asked, "", MOST_OF_SOMEBODY)
    if found.left_out:  # perhaps with whoever has said no
        raise Fault(Kind.UNAVAILABLE, "needs_upgrade", "A newer version has stored this.")
    return {one for each in found.items for one in each.people}


async def _programs(ports: Ports, call: Call, teacher: str) -> set[str]:
    """1 database command."""
    asked = where(teacher=teacher)
    found = await ports.enrollments.find(call.district, asked, "", MOST_OF_SOMEBODY)
    return {each.program for each in found.items if each.state is EnrollmentState.ENROLLED}


def _schools(profile: Profile, today: date) -> set[str]:
    return {role.org for role in profile.roles if role.org and role.holds_on(today)}


def _place(one: str, other: str) -> str:
    """An order in which nobody is before anybody else for what she is."""
    return hashlib.sha256("\0".join(sorted((one, other))).encode()).hexdigest()
