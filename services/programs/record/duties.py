"""What becomes of planning records when two records of a person become one, when all about a
person is erased, and when they have had their time."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from functools import partial

from coaching.programs.v1 import relationship_events_pb2 as relationships
from services.access import erasures, merges
from services.access.artifact_erasures import Erasable
from services.access.retention import Along, Retained, erase_expired
from services.access.retention_report import RetentionReport
from services.access.retention_round import ASKS as RETENTION_ASKS
from services.chassis.call import Call
from services.chassis.duties.duty import Asked, Duty, Todo
from services.chassis.duties.each import change_each, erase_each
from services.chassis.views.projection import Event
from services.chassis.write.ids import id_after
from services.chassis.write.write_path import WritePath
from services.programs.record.cases import BY_DATE, Ports
from services.programs.record.domain import PlanningEntry
from services.programs.record.outline import RecordOf

CLASS = "planning_records"


async def transfer_planning_entries(ports: Ports, call: Call, todo: Todo) -> datetime | None:
    """All that the record which is given up has written or reads."""

    async def move(call: Call, merge: merges.Merge) -> None:
        async def act(each: PlanningEntry) -> None:
            before = each.came_from(merge.source)
            takes = merge.source in each.readers and merge.takes(merge.source, before)
            if takes and await merge.holds(ports.view, before):
                each.transfer(merge.source, merge.target)

        await change_each(ports.path, call, {"readers": merge.source}, act, BY_DATE)

    return await merges.carry_out(ports.view, call, todo, ports.clock.now(), move)


async def erase_planning_entries(
    ports: Ports, call: Call, hers: erasures.Hers, ordered_at: datetime
) -> None:
    """What a person has written before the order: where others were of the record, each entry
    leaves its place in the chain, without a word of hers. What the others wrote is theirs, and she
    is no more among who reads it; but in the record of a coach with her as the teacher all is about
    her, and goes. An entry on one of whose people a legal hold is stays whole meanwhile. Raises as
    `erase_each`, when all else is done."""
    call = replace(call, key="")  # an entry may be looked at twice

    def goes(each: PlanningEntry, record: str) -> bool:
        return each.written_at <= ordered_at and hers.has(each.came_from(record))

    async def keeps(each: PlanningEntry) -> bool:
        return await hers.keeps(each, _whose(each), each.record_id)

    async def others_write(record: str, each: PlanningEntry) -> None:
        hers_too = each.author == record or _is_about(each, record)
        others_read = not hers_too and bool(set(each.readers) - {record})
        if others_read and goes(each, record) and not await keeps(each):
            each.forget_reader(record)

    async def of_her(record: str, each: PlanningEntry) -> None:
        if not goes(each, record) or await keeps(each):
            return
        others = set(each.readers) - {record}
        if others and not _is_about(each, record):
            if each.author != record:
                return  # she reads it no more
            new = each.in_its_place(record, id_after(each.id, record))
            await erasures.restate(ports.path, call, new)
        each.erase()

    for record in hers.records:
        reads = {"readers": record}
        act = partial(others_write, record)
        await erasures.first_to_last(
            (
                change_each(ports.path, call, reads, act, BY_DATE),
                erase_each(ports.path, call, reads, partial(of_her, record), BY_DATE),
            )
        )


def _is_about(each: PlanningEntry, record: str) -> bool:
    """Of the record of a coach with her all is about her."""
    return each.of is RecordOf.RELATIONSHIP and each.teacher == record


def _gone(event: Event) -> Asked:
    return Asked(event.envelope.occurred_at, {})


async def erase_left_planning_entries(ports: Ports, call: Call, todo: Todo) -> None:
    """All of a relationship that is no more, what was written after an order and before that was
    carried out, too. One that has had its time goes only when they have had theirs."""
    of = {"record_id": todo.aggregate}
    await erase_each(ports.path, call, of, lambda each: each.erase(), BY_DATE)


def erasable_planning_entries(ports: Ports) -> Erasable[PlanningEntry]:
    """What one entry says that a person has written, or that stands in the record of her with her
    coach: its place in the chain stays, for whoever read it. Where others read it she does not
    order that herself."""

    def by_which(hers: erasures.Hers, each: PlanningEntry) -> str:
        """The record of hers by which it is hers; empty where it is not."""
        of = (one for one in hers.records if each.author == one or _is_about(each, one))
        return next((one for one in of if hers.has(each.came_from(one))), "")

    async def leaves(call: Call, hers: erasures.Hers, each: PlanningEntry) -> None:
        new = each.without_words(id_after(each.id, by_which(hers, each)))
        await erasures.restate(ports.path, call, new)

    def goes(hers: erasures.Hers, own: bool, each: PlanningEntry) -> bool:
        alone = set(each.readers) <= {*hers.records}
        return bool(by_which(hers, each)) and (alone or not own)

    return Erasable(ports.path, goes, _whose, leaves=leaves)


def kept_planning_entries(
    ports: Ports, reports: WritePath[RetentionReport]
) -> Retained[PlanningEntry]:
    """Entries, as long as the district keeps them."""
    return Retained(
        CLASS,
        ports.path,
        reports,
        ports.drafts,
        ports.view,
        ports.days,
        ports.clock,
        _whose,
        lambda each: each.written_at,
    )


def entries_of_relationships(path: WritePath[PlanningEntry]) -> Along[PlanningEntry]:
    """What a relationship is kept for, since they go with it, for as long as the district keeps
    planning records."""
    return Along(path, "record_id", _began, _whose, BY_DATE, CLASS)


def _began(each: PlanningEntry) -> tuple[int, datetime]:
    return each.school_year, each.written_at


def _whose(each: PlanningEntry) -> list[str]:
    named = filter(None, [each.author, each.teacher, each.coach])
    return [*named, *each.readers, *(one.before for one in each.moved)]


DUTIES = (
    Duty("transfer_planning_entries", merges.ASKS, transfer_planning_entries),
    Duty(
        "erase_left_planning_entries",
        {relationships.RelationshipErased.DESCRIPTOR.full_name: _gone},
        erase_left_planning_entries,
    ),
)
RETENTION_DUTIES: tuple[Duty[Retained[PlanningEntry]], ...] = (
    Duty("erase_expired_planning_entries", RETENTION_ASKS, erase_expired),
)
