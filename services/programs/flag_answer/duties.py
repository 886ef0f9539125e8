"""Answers to flags follow a person whose two records have become one, and go with the relationship
by which they were given, or where that is ordered of either of the two."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from functools import partial

from coaching.programs.v1 import relationship_events_pb2 as relationships
from services.access import merges
from services.access.erasures import ErasesToo, Hers, all_begun, first_to_last
from services.access.retention import Along
from services.chassis.call import Call
from services.chassis.duties.duty import Asked, Duty, Todo
from services.chassis.duties.each import change_each, erase_each, every, unless_erased
from services.chassis.views.projection import Event
from services.chassis.write.write_path import WritePath
from services.programs.flag_answer.cases import BY_DATE, Ports
from services.programs.flag_answer.domain import FlagAnswer, FlagAnswerState

SIDES = ("teacher", "coach")


async def transfer_flag_answers(ports: Ports, call: Call, todo: Todo) -> datetime | None:
    """All that the record that is given up has said, or that are about it. Of two that were given
    to what one flag is about the newer one counts, and the other is taken back."""

    async def move(call: Call, merge: merges.Merge) -> None:
        async def act(side: str, each: FlagAnswer) -> None:
            before = _before(side, each)
            takes = merge.takes(getattr(each, side), before)
            if takes and await merge.holds(ports.view, before):
                twins = [] if merge.back else await _twins(ports, side, merge.target, each)
                newest = max((each, *twins), key=lambda one: (one.answered_at, one.id))
                for twin in twins:
                    if twin is not newest:
                        taken = ports.path.change(replace(call, key=""), twin.id, _take_back)
                        await unless_erased(ports.path, call, twin.id, taken)
                each.transfer(side, merge.target, newer=newest is not each)

        for side in SIDES:
            await change_each(ports.path, call, {side: merge.source}, partial(act, side), BY_DATE)

    return await merges.carry_out(ports.view, call, todo, ports.clock.now(), move)


async def _twins(ports: Ports, side: str, to: str, each: FlagAnswer) -> list[FlagAnswer]:
    """What the record that is kept has said, or was said of it, to the same flag."""
    two = {"coach": each.coach, "teacher": each.teacher, side: to}
    return [one async for one in every(ports.path, each.district, two) if one.is_of(each)]


def _take_back(answer: FlagAnswer) -> None:
    if answer.state is FlagAnswerState.GIVEN:
        answer.withdraw(answer.coach, answer.answered_at)


def _before(side: str, answer: FlagAnswer) -> str:
    return answer.teacher_before if side == "teacher" else answer.coach_before


def _names(answer: FlagAnswer) -> tuple[str, ...]:
    return (answer.teacher, answer.coach, answer.teacher_before, answer.coach_before)


def _gone(event: Event) -> Asked:
    return Asked(event.envelope.occurred_at, {})


async def erase_left_flag_answers(ports: Ports, call: Call, todo: Todo) -> None:
    """All of a relationship which is no more, erased or with its time over."""
    await erase_each(ports.path, call, {"relationship": todo.aggregate}, lambda each: each.erase())


def all_flag_answers(path: WritePath[FlagAnswer]) -> ErasesToo:
    """What goes with an order to erase what is about a person: what was said to flags of hers, and
    what she has said as a coach, which is hers alone."""

    async def erase(call: Call, hers: Hers, ordered_at: datetime) -> None:
        await first_to_last(
            all_begun(
                path,
                lambda each: each.first_at,
                partial(_before, side),
                _names,
                BY_DATE,
                side,
                hangs_on=lambda each: each.relationship,
            )(call, hers, ordered_at)
            for side in SIDES
        )

    return erase


def flag_answers_of_relationships(path: WritePath[FlagAnswer]) -> Along[FlagAnswer]:
    """What a relationship is kept for, since they go with it."""
    return Along(path, "relationship", lambda each: (each.school_year, each.answered_at), _names)


_ENDS = {relationships.RelationshipErased.DESCRIPTOR.full_name: _gone}
DUTIES = (
    Duty("transfer_flag_answers", merges.ASKS, transfer_flag_answers),
    Duty("erase_flag_answers", _ENDS, erase_left_flag_answers),
)
