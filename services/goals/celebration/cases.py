"""What callers do with celebrations, but for what a method of one does alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Annotated

from pydantic import Field, StringConstraints

from services.access import merges
from services.access.access import Access
from services.access.acknowledged import check_acknowledged
from services.access.days import Days
from services.access.directory import ReadsAnew
from services.access.guarded import About, Guarded, GuardedList
from services.chassis.call import Call
from services.chassis.duties.each import erased_since
from services.chassis.edge.naming import Names
from services.chassis.fields import Body, Id
from services.chassis.kernel import Clock, Fault, already_there, conflict, if_there, invalid
from services.chassis.write.by_date import ByDate
from services.chassis.write.documents import Scalar
from services.chassis.write.entries import Entries
from services.chassis.write.loading import UNREADABLE
from services.chassis.write.quota import Bound
from services.chassis.write.write_path import WritePath
from services.goals.celebration.domain import Celebration, Ground, refusal_of, unknown_trial
from services.goals.celebration.outline import (
    LONGEST_NOTE,
    MOST_A_WEEK,
    MOST_BY_ONE,
    MOST_BY_OTHERS,
    MOST_CELEBRATIONS,
    CelebrationAudience,
    CelebrationFact,
    CelebrationOutline,
    CelebrationState,
    CelebrationSummary,
)
from services.goals.goal.domain import MOST_PROGRESS, Goal, Progress, unknown_goal
from services.goals.trial.domain import Trial

Note = Annotated[str, StringConstraints(max_length=LONGEST_NOTE)]
ValueNumber = Annotated[int, Field(ge=1, le=MOST_PROGRESS)]
Fact = Annotated[CelebrationFact, Field(strict=False)]
Audience = Annotated[CelebrationAudience, Field(strict=False)]
BY_DATE = ByDate("sent_at", within=("state",))
WORK = "goal"  # of which kind of her work all of it is


@dataclass(frozen=True, slots=True)
class Ports:
    """`path` is for what no caller asks for, `view` says, too, which records are one person's;
    `goals`, `progress` that has left them and `trials` are read by their ids."""

    celebrations: Guarded[Celebration]
    summaries: GuardedList[CelebrationSummary]
    path: WritePath[Celebration]
    goals: WritePath[Goal]
    progress: Entries[Progress]
    trials: WritePath[Trial]
    names: Names
    access: Access
    view: ReadsAnew
    days: Days
    clock: Clock


async def whose_celebration(access: Access, celebration: CelebrationOutline) -> About:
    """Hers. A policy lets in who sees her work, and of these this lets in whom she lets see it. Who
    sent it goes on seeing it when it is put away: that it was gone would tell her."""
    shown = {celebration.teacher, celebration.sent_by, await sender_of(access, celebration)}
    if celebration.state is not CelebrationState.PUT_AWAY:
        shown |= await audience_of(access, celebration)
    return About(teacher=celebration.teacher, visible_to=shown.__contains__)


async def sender_of(access: Access, celebration: CelebrationOutline) -> str:
    """Who sent it, by the record of hers that is kept. No database command when profiles are
    warm."""
    return await merges.kept_of(access, celebration.district, celebration.sent_by)


async def audience_of(access: Access, celebration: CelebrationOutline) -> frozenset[str]:
    """Whom she has chosen, as it is today. No database command when profiles are warm."""
    asked = (celebration.district, celebration.teacher, WORK)
    match celebration.audience:
        case CelebrationAudience.COACHES:
            return await access.coaches_shown(*asked)
        case CelebrationAudience.PAIRS_AND_GROUPS:
            return await access.peers_shown(*asked)
        case CelebrationAudience.MINE:
            return frozenset()


class SendCelebration(Body):
    teacher_id: Id = Field(examples=["teacher-1"], description="Whose work is celebrated")
    fact: Fact = Field(examples=["achieved"])
    goal_id: Id | None = Field(
        default=None, examples=["goal-1"], description="Of which the fact is; null of a trial"
    )
    trial_id: Id | None = Field(default=None, description="The trial that was kept; null of a goal")
    progress_number: ValueNumber | None = Field(
        default=None, description="Of `progress` the value, as the goal counts them"
    )
    note: Note = Field(
        default="",
        examples=["Half of the class spoke today. Well done!"],
        description="A few words to the teacher, which name no student",
    )


async def send_celebration(ports: Ports, call: Call, asked: SendCelebration) -> Celebration:
    """Celebrate a fact of a teacher's work: she herself, who coaches her, or a peer who sees it.

    The fact is a goal achieved or maintained, a trial kept, or a value of a goal that aims at
    students, which is about a class as a whole. At first she sees it and who sent it. Raises
    INVALID where the fact is not true, and CONFLICT where the caller has celebrated it before."""
    by, now = call.principal.person, ports.clock.now()
    new = Celebration(
        id="",
        district=call.district,
        teacher=asked.teacher_id,
        school_year=ports.days.school_year_of(call.district, now),
        fact=asked.fact,
        sent_by=by,
        by_herself=by == asked.teacher_id,
        sent_at=now,
        week=ports.days.week_of(call.district, now).isoformat(),
        goal=asked.goal_id or "",
        trial=asked.trial_id or "",
        number=asked.progress_number or 0,
        note=asked.note,
    )
    ground = Ground()

    async def make() -> Celebration:
        nonlocal ground
        _check_named(asked)
        ground = await ground_of(ports, new)
        if ground.progress is not None:
            new.value = ground.progress.value
        if ground.trial is not None:
            new.goal = ground.trial.goal
        new.id = _id_of(ports, new, by)
        return new.sent()

    async def check() -> None:
        if ground.goal is not None and ground.goal.teacher != new.teacher:
            raise unknown_goal()
        if ground.trial is not None and ground.trial.teacher != new.teacher:
            raise unknown_trial()
        refused = refusal_of(new, ground)
        if refused is not None:
            raise refused
        await _check_not_sent(ports, new)

    about = About(teacher=asked.teacher_id)
    try:
        made = await ports.celebrations.create_about(call, about, make, _bounds(new), check)
    except Fault as fault:
        if not already_there(fault):
            raise
        await _check_still_there(ports, call, new)  # who has made it may not have come to ask
        raise _already_celebrated() from None
    await _check_still_there(ports, call, made)
    return made


def _id_of(ports: Ports, new: Celebration, sender: str) -> str:
    """One of a fact from a sender. What it is of names the teacher already, so that it is the same
    when two records of hers become one; a value by its number, whatever it was corrected to."""
    of = (new.fact.value, "" if new.trial else new.goal, new.trial, str(new.number))
    return ports.celebrations.derived_id(new.district, sender, *of)


async def _check_not_sent(ports: Ports, new: Celebration) -> None:
    """Raises CONFLICT where another record of the sender's has celebrated it. 1 database command,
    and 2 for each such record."""
    for record in await merges.records_of(ports.view, new.district, new.sent_by):
        id_ = _id_of(ports, new, record)
        if record == new.sent_by or await if_there(ports.path.get(new.district, id_)) is None:
            continue
        raise _already_celebrated()


def _already_celebrated() -> Fault:
    """So, too, where she has put it away: who sent it is not told."""
    return conflict("already_celebrated", "You have celebrated this before.")


async def _check_still_there(ports: Ports, call: Call, made: Celebration) -> None:
    """Raises INVALID where what it is of was erased since, and it is erased, too."""
    if made.trial and await erased_since(ports.trials, made.trial, ports.path, call, made.id):
        raise unknown_trial()
    if made.goal and await erased_since(ports.goals, made.goal, ports.path, call, made.id):
        raise unknown_goal()


def _check_named(asked: SendCelebration) -> None:
    """Raises INVALID, at its place, unless it names just what its fact is of."""
    kept, progress = CelebrationFact.TRIAL_KEPT, CelebrationFact.PROGRESS
    named = (
        ("/goal_id", asked.goal_id, asked.fact is not kept),
        ("/trial_id", asked.trial_id, asked.fact is kept),
        ("/progress_number", asked.progress_number, asked.fact is progress),
    )
    for place, said, wanted in named:
        if wanted and said is None:
            raise invalid("fact_not_named", "Name what the fact is of.", place)
        if said is not None and not wanted:
            raise invalid("not_of_the_fact", "The fact is not of such a thing.", place)


def _bounds(new: Celebration) -> Sequence[Bound]:
    hers: dict[str, Scalar] = {"teacher": new.teacher, "school_year": new.school_year}
    code = "too_many_celebrations"
    week = f"One person celebrates at most {MOST_A_WEEK} facts of a teacher's work in a week."
    whole = f"A teacher has at most {MOST_CELEBRATIONS} celebrations in a school year."
    bounds = [
        Bound(
            {"teacher": new.teacher, "sent_by": new.sent_by, "week": new.week},
            MOST_A_WEEK,
            "too_many_this_week",
            week,
        ),
        Bound(hers, MOST_CELEBRATIONS, code, whole),
    ]
    if new.sent_by == new.teacher:
        return bounds
    others = f"Others send a teacher at most {MOST_BY_OTHERS} celebrations in a school year."
    one = f"One person sends a teacher at most {MOST_BY_ONE} celebrations in a school year."
    return [
        *bounds,
        Bound({**hers, "sent_by": new.sent_by}, MOST_BY_ONE, code, one),
        Bound(hers, MOST_BY_OTHERS, code, others, {"sent_by": new.teacher}),
    ]


async def ground_of(
    ports: Ports, celebration: CelebrationOutline, known: dict[str, Ground] | None = None
) -> Ground:
    """What its fact is of, as it is now. 1 database command, and another of progress that has left
    its goal; none for a goal or trial that is `known`, into which more is put."""
    known = {} if known is None else known
    of = celebration.trial or celebration.goal
    if of not in known:
        known[of] = await _read(ports, celebration)
    ground, number = known[of], celebration.number
    if ground.goal is None or celebration.fact is not CelebrationFact.PROGRESS:
        return ground
    goal = ground.goal
    if 1 <= number <= goal.settled:
        left = await if_there(ports.progress.get(goal.district, goal.id, number))
        return replace(ground, progress=left)
    held = dict(enumerate(goal.progress, goal.settled + 1))
    return replace(ground, progress=held.get(number))


async def outdated_of(
    ports: Ports, celebration: CelebrationOutline, known: dict[str, Ground] | None = None
) -> bool | None:
    """Whether its fact is not true any more; None where what it is of cannot be read, by this build
    or by any. Commands as `ground_of`."""
    try:
        return refusal_of(celebration, await ground_of(ports, celebration, known)) is not None
    except Fault as fault:
        if fault.code not in UNREADABLE:
            raise
        return None


async def _read(ports: Ports, celebration: CelebrationOutline) -> Ground:
    district = celebration.district
    if celebration.trial:
        return Ground(trial=await if_there(ports.trials.get(district, celebration.trial)))
    return Ground(goal=await if_there(ports.goals.get(district, celebration.goal)))


class ChooseAudience(Body):
    audience: Audience = Field(examples=["coaches"])


async def choose_celebration_audience(
    ports: Ports, call: Call, celebration_id: Id, asked: ChooseAudience
) -> Celebration:
    """Say who sees a celebration beside the teacher and who sent it; the teacher only, any day.
    What she had put away is there again. Raises CONFLICT where the data-use policy in force wants
    her to acknowledge it before others see it."""

    async def act(celebration: Celebration) -> None:
        seen_by = celebration.chosen
        celebration.choose(call.principal.person, ports.clock.now(), asked.audience)
        if celebration.chosen not in (seen_by, CelebrationAudience.MINE):
            await check_acknowledged(ports.access, call.district, celebration.teacher)

    return await ports.celebrations.change(call, celebration_id, act)
