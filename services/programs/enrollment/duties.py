"""What follows from enrollments: a program is of another size, and what is closed is left by all.

The size of a program is derived, not added up: after each change of an enrollment a duty counts
anew, and writes the program only where its band is another. Many of these run at once, each on a
count of its own instant. So whoever has written looks again, until what it reads of the program
and what it counts after that agree: then the last one that wrote has counted what all changes until
then have left, and whoever changes an enrollment later counts after it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from coaching.programs.v1 import enrollment_events_pb2 as enrollments
from coaching.programs.v1 import program_events_pb2 as programs
from services.access import erasures, merges
from services.access.retention import Retained, erase_expired, newest
from services.access.retention_report import RetentionReport
from services.access.retention_round import ASKS as RETENTION_ASKS
from services.chassis.call import Call
from services.chassis.duties.duty import Asked, Asks, Duty, Todo
from services.chassis.duties.each import change_each, erase_each, every, unless_erased
from services.chassis.kernel import Fault, already_there, if_there
from services.chassis.views.projection import Event
from services.chassis.write.anew import anew_id
from services.chassis.write.write_path import WritePath
from services.programs.enrollment.cases import Ports, enrolled
from services.programs.enrollment.domain import Enrollment
from services.programs.program.domain import Program, ProgramState, SizeBand, band_of

MOST_LOOKS = 20  # of one run, while others change the same program
A_MOMENT = timedelta(seconds=1)


def _changed(event: Event) -> Asked:
    message: Any = event.message
    changed: enrollments.EnrollmentSnapshot = message.enrollment
    return Asked(event.envelope.occurred_at, {"program": changed.program_id})


_CHANGES: Mapping[str, Asks] = {
    message.DESCRIPTOR.full_name: _changed
    for message in (
        enrollments.EnrollmentBegun,
        enrollments.EnrollmentWithdrawn,
        enrollments.EnrollmentTransferred,
    )
}


async def settle_enrollment(ports: Ports, call: Call, todo: Todo) -> datetime | None:
    """End what was begun while its program was being closed, and say of what size that is."""
    program_id = todo.value["program"]
    program = await if_there(ports.programs.get(call.district, program_id))
    if program is not None and program.state is ProgramState.CLOSED:
        ended = ports.path.change(call, todo.aggregate, lambda each: each.end(ports.clock.now()))
        await unless_erased(ports.path, call, todo.aggregate, ended)
    if await sized(ports.path, ports.programs, call, program_id):
        return None
    return ports.clock.now() + A_MOMENT


async def sized(
    path: WritePath[Enrollment], programs: WritePath[Program], call: Call, program_id: str
) -> bool:
    """Say of what size a program is. False where others changed that again and again meanwhile:
    then it is to be looked at again."""
    call = replace(call, key="")  # each write is of another count
    for _ in range(MOST_LOOKS):
        program = await if_there(programs.get(call.district, program_id))
        if program is None:
            return True
        band = band_of(await enrolled(path, call.district, program_id))
        if band is program.size_band:
            return True
        await programs.change(call, program_id, partial(_resize, band))
    return False


def _resize(band: SizeBand, program: Program) -> None:
    program.resize(band)


def _gone(event: Event) -> Asked:
    return Asked(event.envelope.occurred_at, {})


_ERASED: Mapping[str, Asks] = {enrollments.EnrollmentErased.DESCRIPTOR.full_name: _gone}


async def size_after_erasing(ports: Ports, call: Call, todo: Todo) -> datetime | None:
    """What is erased says no more of which program it was: all that run and may have become
    smaller by it are counted anew. Closed ones stay as large as they were."""
    all_ = True
    for state in (ProgramState.ENROLLING, ProgramState.ACTIVE):
        async for each in every(ports.programs, call.district, {"state": state.value}):
            if each.size_band is not SizeBand.UNDER_100:
                all_ &= await sized(ports.path, ports.programs, call, each.id)
    return None if all_ else ports.clock.now() + A_MOMENT


_CLOSED: Mapping[str, Asks] = {programs.ProgramClosed.DESCRIPTOR.full_name: _gone}


async def end_enrollments(ports: Ports, call: Call, todo: Todo) -> datetime | None:
    """End all of a program that was closed."""
    at = ports.clock.now()
    await change_each(ports.path, call, {"program": todo.aggregate}, lambda each: each.end(at))
    return None


async def transfer_enrollments(ports: Ports, call: Call, todo: Todo) -> datetime | None:
    """Where the record that is given up is enrolled, the other one is: by an enrollment of its own,
    since an id is of a program and a teacher. Parted again, what only came so is over, and what the
    one withdrew from herself is hers again."""

    async def move(call: Call, merge: merges.Merge) -> None:
        act = partial(_part, ports, merge) if merge.back else partial(_transfer, ports, call, merge)
        await change_each(ports.path, call, {"teacher": merge.source}, act)
        if merge.back:  # last: of these is known what the others have from them
            give = partial(_take_back, ports, merge)
            await change_each(ports.path, call, {"teacher": merge.target}, give)

    return await merges.carry_out(ports.view, call, todo, ports.clock.now(), move)


async def _part(ports: Ports, merge: merges.Merge, kept: Enrollment) -> None:
    if kept.came_from == merge.target and await merge.holds(ports.view):
        id_ = await anew_id(ports.path, kept.district, kept.program, merge.target)
        given_up_has = await if_there(ports.path.get(kept.district, id_))
        kept.part(merge.target, given_up_has, ports.clock.now())


async def _take_back(ports: Ports, merge: merges.Merge, given_up: Enrollment) -> None:
    if given_up.transferred_from and await merge.holds(ports.view):
        given_up.take_back()


async def _transfer(ports: Ports, call: Call, merge: merges.Merge, old: Enrollment) -> None:
    if old.transferred_from or not await merge.holds(ports.view):
        return
    id_ = await anew_id(ports.path, old.district, old.program, merge.target)
    if await if_there(ports.path.get(old.district, id_)) is None:  # what is erased stays so
        id_ = ports.path.derived_id(old.district, old.program, merge.target)
    new = old.for_teacher(id_, merge.target)
    # changed by somebody once it was made: it is looked at, and not answered as before
    call = replace(call, key=f"{call.key}:{old.version}")
    try:
        await ports.path.create(call, new)
    except Fault as fault:
        if not already_there(fault):
            raise
        changed = ports.path.change(call, id_, lambda known: known.take_over(new))
        await unless_erased(ports.path, call, id_, changed)
    old.give_way(ports.clock.now())


async def erase_enrollments(
    ports: Ports, call: Call, hers: erasures.Hers, ordered_at: datetime
) -> None:
    """All of a person's that were begun before the order, for the first time. Raises as
    `erase_each`, when all else is done."""

    async def act(each: Enrollment) -> None:
        if each.first_enrolled_at <= ordered_at and not await hers.keeps(each, _names(each)):
            each.erase()

    await erasures.first_to_last(
        erase_each(ports.path, call, {"teacher": record}, act) for record in hers.records
    )


def _names(each: Enrollment) -> tuple[str, ...]:
    return (each.teacher, each.transferred_from, each.came_from)


def kept_enrollments(ports: Ports, reports: WritePath[RetentionReport]) -> Retained[Enrollment]:
    """Enrollments, as long as the district keeps them: that of a year that is over is, too."""
    return Retained(
        "enrollments",
        ports.path,
        reports,
        ports.drafts,
        ports.view,
        ports.days,
        ports.clock,
        _names,
        lambda each: newest(each.enrolled_at, each.over_at),
    )


DUTIES = (
    Duty("settle_enrollment", _CHANGES, settle_enrollment),
    Duty("size_after_erasing", _ERASED, size_after_erasing),
    Duty("end_enrollments", _CLOSED, end_enrollments),
    Duty("transfer_enrollments", merges.ASKS, transfer_enrollments),
)
RETENTION_DUTIES: tuple[Duty[Retained[Enrollment]], ...] = (
    Duty("erase_expired_enrollments", RETENTION_ASKS, erase_expired),
)
