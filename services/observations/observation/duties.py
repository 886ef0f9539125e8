"""What becomes of the observations that somebody left behind who coaches the teacher no more, and
of those of a person who is to be erased."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from coaching.programs.v1 import relationship_events_pb2 as relationships
from coaching.roster.v1 import events_pb2 as roster
from services.access import erasures, merges
from services.access.artifact_erasures import Erasable, hers_alone
from services.access.retention import Retained, newest
from services.access.retention_report import RetentionReport
from services.access.sharing.duties import erase_shares_by, erase_shares_of
from services.chassis.call import Call
from services.chassis.duties.duty import Asked, Asks, Duty, Todo
from services.chassis.duties.each import change_each
from services.chassis.kernel import Fault, Kind
from services.chassis.views.decode import InvalidEvent
from services.chassis.views.projection import Event
from services.chassis.write.write_path import WritePath
from services.observations.observation.cases import BY_DATE, Ports, observer_left
from services.observations.observation.domain import Observation
from services.observations.observation.outline import UNFINISHED

PAUSE = timedelta(days=7)  # the two may have parted by mistake, and the teacher may decide herself
PAGE = 100


def _ended(event: Event) -> Asked:
    message: Any = event.message
    ended: relationships.RelationshipSnapshot = message.relationship
    return _asked(event, ended.teacher_id, ended.coach_id, ended.teacher_id)


def _removed(event: Event) -> Asked:
    message: Any = event.message
    person: roster.Person = message.person
    return _asked(event, person.person_id, person.person_id, "")


def _asked(event: Event, whose: str, observer: str, teacher: str) -> Asked:
    if event.envelope.key != f"{event.envelope.district}:{whose}":
        raise InvalidEvent("the key names another person")
    value = {"observer": observer, "teacher": teacher}
    return Asked(event.envelope.occurred_at + PAUSE, value)


async def leave_unfinished_behind(ports: Ports, call: Call, todo: Todo) -> None:
    """Of what the observer has not finished, of one teacher or of all, and whose teacher she
    coaches no more: what is only planned is cancelled, all else waits for the teacher. Where she
    coaches her again, nothing changes."""
    if not await ports.people.knows(todo.key, todo.aggregate, todo.version):
        raise Fault(Kind.UNAVAILABLE, "not_known_yet", "Who may see what is not up to date.")
    observer, teacher = todo.value["observer"], todo.value["teacher"]
    unreadable = 0
    for state in UNFINISHED:
        where = {"observer": observer, "state": state.value}
        if teacher:
            where["teacher"] = teacher
        after, more = "", True
        while more:
            found = await ports.path.find(call.district, where, after, PAGE)
            for each in found.items:
                if each.left_behind_at is None:
                    await _leave_behind(ports, call, each.id)
            unreadable += found.left_out
            after, more = found.after, bool(found.after)
    if unreadable:
        raise Fault(Kind.UNAVAILABLE, "needs_upgrade", "Some cannot be read by this build.")


async def _leave_behind(ports: Ports, call: Call, observation_id: str) -> None:
    async def act(observation: Observation) -> None:
        if await observer_left(ports, observation):
            observation.leave_behind(ports.clock.now())

    await ports.path.change(call, observation_id, act)


_ASKS: Mapping[str, Asks] = {
    relationships.RelationshipEnded.DESCRIPTOR.full_name: _ended,
    roster.PersonRemoved.DESCRIPTOR.full_name: _removed,
}


async def transfer_observations(ports: Ports, call: Call, todo: Todo) -> datetime | None:
    """All of whom the record that is given up is the teacher or the observer."""
    by = call.principal.id

    async def move(call: Call, merge: merges.Merge) -> None:
        async def act(each: Observation) -> None:
            last = each.handed_over[-1] if each.handed_over else None
            observed = last.observer if last is not None and last.by == by else ""
            taught = each.transferred_from
            is_hers = merge.takes(each.teacher, taught)
            is_hers = is_hers and await merge.holds(ports.people, taught)
            observes = merge.takes(each.observer, observed)
            observes = observes and await merge.holds(ports.people, observed)
            if is_hers or observes:
                teacher = merge.target if is_hers else each.teacher
                observer = merge.target if observes else each.observer
                each.transfer(teacher, observer, by, ports.clock.now())

        for side in ("teacher", "observer"):
            await change_each(ports.path, call, {side: merge.source}, act, BY_DATE)

    return await merges.carry_out(ports.people, call, todo, ports.clock.now(), move)


async def erase_observations(ports: Ports, call: Call, todo: Todo) -> datetime | None:
    """All observations of a teacher that were planned before the order. Those that she made of
    others are theirs."""
    work = erasures.ToErase(ports.path, ports.receipts, ports.drafts, BY_DATE)
    hers = await erasures.Hers.of(ports.people, call.district, todo)

    async def with_shares(id: str) -> None:
        await erase_shares_of(ports.shares, call, id)

    await erase_shares_by(ports.shares, ports.path, call, hers, todo.value["ordered_at"])
    now = ports.clock.now()
    return await erasures.carry_out(
        work, call, todo, now, hers, _began, _before, _names, with_shares
    )


def _before(observation: Observation) -> str:
    return observation.transferred_from


def _names(each: Observation) -> list[str]:
    """Also who has observed, or had it before."""
    steps = (name for step in each.handed_over for name in (step.observer, step.by))
    return [each.teacher, each.observer, each.transferred_from, each.scheduled_by, *steps]


def _began(observation: Observation) -> datetime:
    return observation.scheduled_at


def erasable_observations(ports: Ports) -> Erasable[Observation]:
    """One observation, whoever has made it, with its shares."""

    async def shares(call: Call, id: str) -> None:
        await erase_shares_of(ports.shares, call, id)

    return hers_alone(ports.path, lambda each: each.teacher, _before, _names, (shares,))


def kept_observations(ports: Ports, reports: WritePath[RetentionReport]) -> Retained[Observation]:
    """Observations, as long as the district keeps them, finished or not."""

    async def with_shares(call: Call, id: str) -> None:
        await erase_shares_of(ports.shares, call, id)

    return Retained(
        "observations",
        ports.path,
        reports,
        ports.drafts,
        ports.people,
        ports.days,
        ports.clock,
        _names,
        _touched,
        with_shares,
    )


def _touched(each: Observation) -> datetime | None:
    done = each.completed_at, each.shared_at, each.acknowledged_at, each.cancelled_at
    handed = (step.at for step in each.handed_over)
    return newest(each.scheduled_at, each.scheduled_for, *done, each.corrected_at, *handed)


DUTIES = (
    Duty("leave_observations_behind", _ASKS, leave_unfinished_behind),
    Duty("transfer_observations", merges.ASKS, transfer_observations),
    Duty("erase_observations", erasures.ASKS, erase_observations),
)
