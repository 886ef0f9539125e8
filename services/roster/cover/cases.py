"""What the district does with covers."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from operator import attrgetter
from typing import Annotated

from pydantic import Field

from services.access.access import Access
from services.access.days import Days, in_range
from services.access.guarded import About, Guarded
from services.access.school_year import last_day, school_year_of
from services.chassis.call import Call
from services.chassis.edge.naming import Names
from services.chassis.fields import Body, Day, Id, IdOrMe
from services.chassis.kernel import Clock, invalid
from services.chassis.write.by_date import ByDate, Order
from services.chassis.write.documents import where
from services.chassis.write.loading import Found
from services.chassis.write.quota import Bound
from services.roster.cover.domain import (
    MOST_CLASSES,
    MOST_COVERS,
    Cover,
    CoverReason,
    CoverState,
    CoverTerms,
)

BY_DATE = ByDate("entered_at", within=("state",))
BY_END = ByDate("over_at", within=("state",), order=Order.OLDEST)


@dataclass(frozen=True, slots=True)
class Ports:
    """`access` says who there is and who teaches what."""

    covers: Guarded[Cover]
    names: Names
    access: Access
    days: Days
    clock: Clock


def whose(cover: Cover) -> About:
    return About(parties=(cover.teacher, cover.substitute))


class _Terms(Body):
    class_ids: list[Id] = Field(
        default=[],
        max_length=MOST_CLASSES,
        description="Of the teacher's; none: all that she teaches today",
        examples=[["class-0001"]],
    )
    reason_kind: Annotated[CoverReason, Field(strict=False)] = Field(examples=["leave"])
    begin_date: Day | None = Field(
        default=None, description="Its first day; today, or as it is", examples=["2027-06-01"]
    )
    end_date: Day = Field(
        description="Its last day, of the same school year", examples=["2027-06-30"]
    )


class EnterCover(_Terms):
    teacher_id: Id = Field(examples=["teacher-0001"])
    substitute_id: Id = Field(examples=["teacher-0002"])


class ChangeCover(_Terms):
    """All of it, in place of what it says."""


async def enter_cover(ports: Ports, call: Call, asked: EnterCover) -> Cover:
    """Say who takes the classes of a teacher who is away, from a first to a last day. In these days
    she is one who teaches them, and sees nothing of the teacher's own work. No import touches it.

    Raises INVALID where one of them is not in the roster, for classes that are not the teacher's,
    and for days that are over."""
    sides = (asked.teacher_id, asked.substitute_id)
    terms = await _terms(ports, call, asked, asked.teacher_id)

    async def make() -> Cover:
        return Cover.enter(
            id=ports.covers.new_id(call),
            district=call.district,
            teacher=asked.teacher_id,
            substitute=asked.substitute_id,
            terms=terms,
            by=call.principal.id,
            at=ports.clock.now(),
        )

    async def check() -> None:
        found = await ports.access.profiles(call.district, sides)
        for name, person in zip(("teacher", "substitute"), sides, strict=True):
            profile = found[person]
            if profile is None or not profile.active:
                code = "unknown_teacher" if name == "teacher" else "unknown_substitute"
                raise invalid(code, "There is no such active person.", f"/{name}_id")
        _check_days(ports, call.district, terms, "")
        if not terms.classes:
            raise invalid("covers_no_class", "She teaches no class today.", "/class_ids")
        await _check_classes(ports, call.district, asked.teacher_id, terms.classes)

    told = f"A person has at most {MOST_COVERS} covers in a school year, on either side."
    bounds = [
        Bound({name: each, "school_year": terms.school_year}, MOST_COVERS, "too_many_covers", told)
        for name, each in zip(("teacher", "substitute"), sides, strict=True)
    ]
    return await ports.covers.create_about(call, About(parties=sides), make, bounds, check)


async def change_cover(ports: Ports, call: Call, cover_id: Id, asked: ChangeCover) -> Cover:
    """Say anew which classes a cover is of, its days and the kind of reason: all of it, in place of
    what it says.

    Raises as `enter_cover`, CONFLICT where it has ended."""

    async def act(cover: Cover) -> None:
        terms = await _terms(ports, call, asked, cover.teacher, cover.begins)
        begun, more = cover.begins, set(terms.classes) - set(cover.classes)
        if not terms.classes:
            raise invalid("covers_no_class", "She teaches no class today.", "/class_ids")
        cover.change(terms, call.principal.id, ports.clock.now())
        _check_days(ports, call.district, terms, begun)
        await _check_classes(ports, call.district, cover.teacher, sorted(more))

    return await ports.covers.change(call, cover_id, act)


async def list_covers(
    ports: Ports,
    call: Call,
    *,
    teacher_id: IdOrMe | None = None,
    substitute_id: IdOrMe | None = None,
    state: CoverState | None = None,
    ending_from: Day | None = None,
    after: str,
    limit: int,
) -> Found[Cover]:
    """Whose classes are covered, and who covers them; with neither all, for the district, and those
    in which the caller is named. The newest first or, with `ending_from`, those whose last day is
    that one or later, the next to end first."""
    asked = where(teacher=teacher_id, substitute=substitute_id, state=state)
    by = BY_DATE
    if ending_from is not None:
        day = in_range(ending_from, "/ending_from")
        by = BY_END.between(ports.days.ends(call.district, day), None)
    find = ports.covers.find
    named = tuple(each for each in (teacher_id, substitute_id) if each)
    if named:
        return await find(call, About(parties=named), asked, after, limit, by)
    if person := await ports.covers.own_or_all(call):
        hers = ({"teacher": person}, {"substitute": person})
        return await find(call, About(parties=(person,)), asked, after, limit, by, either=hers)
    absent = attrgetter("teacher")
    return await ports.covers.find_of_many(call, About(), asked, after, limit, absent, by)


async def _terms(
    ports: Ports, call: Call, asked: _Terms, teacher: str, begins: str = ""
) -> CoverTerms:
    district = call.district
    today, ends = str(ports.access.today(district)), asked.end_date
    # The same request once more, after its last day, is still one: `_check_days` refuses a new one.
    begins = asked.begin_date or begins or min(today, ends)
    first, last = in_range(begins, "/begin_date"), in_range(ends, "/end_date")
    year = school_year_of(first)
    if last > last_day(year):
        detail = f"Classes are of one school year, which ends on {last_day(year)}."
        raise invalid("other_school_year", detail, "/end_date")
    classes = set(asked.class_ids)
    if not classes:
        profile = await ports.access.profile(district, teacher)
        classes = set(profile.classes) if profile is not None else set()
    return CoverTerms(
        classes=tuple(sorted(classes)),
        reason=asked.reason_kind,
        begins=begins,
        ends=ends,
        over_at=ports.days.ends(district, last),
        school_year=year,
    )


def _check_days(ports: Ports, district: str, terms: CoverTerms, begun: str) -> None:
    """Nobody takes classes on days that were: `begun`, its first day of before, may stay."""
    today = str(ports.access.today(district))
    if terms.ends < today:
        raise invalid("ends_in_the_past", f"It is {today} today.", "/end_date")
    if terms.begins < today and terms.begins != begun:
        raise invalid("begins_in_the_past", f"It is {today} today.", "/begin_date")


async def _check_classes(
    ports: Ports, district: str, teacher: str, classes: Collection[str]
) -> None:
    profile = await ports.access.profile(district, teacher)
    for each in classes:
        if profile is None or each not in profile.classes:
            raise invalid("unknown_class", "The teacher has no such class.", "/class_ids")
