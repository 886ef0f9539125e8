"""What a device did while it was offline, command by command: each as if it had been sent alone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import orjson
import structlog

from services.access.guarded import About
from services.assembly.sync.bodies import SyncBatch, SyncCommand
from services.assembly.sync.commands import Commands, Meant, Unfit, apart, texts_in
from services.assembly.sync.ports import Ports
from services.assembly.sync.resources import (
    CommandAnswerResource,
    CommandErrorResource,
    CommandProblemResource,
    Outcome,
    SyncAnswersResource,
)
from services.chassis.call import Call
from services.chassis.edge.answer import Answer
from services.chassis.edge.errors import answer_of
from services.chassis.edge.operation import Late
from services.chassis.kernel import DeviceTime, Fault, Kind, invalid
from services.chassis.write.ids import created_id

log = structlog.get_logger(__name__)

# Of one thing in a batch. A store remembers the keys of the last 32 changes of a caller on each
# thing: a batch whose answer was lost is known when it comes again, other devices' work between.
MOST_OF_ONE = 16
MOST_BYTES = 1_000_000  # of states in one answer
_LATER = (Kind.OVERLOADED, Kind.UNAVAILABLE)  # nothing is decided, or nobody knows what


def not_tried() -> Fault:
    detail = "It was not tried: what it needs is not done yet. Send it again."
    return Fault(Kind.OVERLOADED, "not_tried", detail)


async def sync_commands(
    commands: Commands, ports: Ports, call: Call, asked: SyncBatch
) -> SyncAnswersResource:
    async def run() -> SyncAnswersResource:
        batch = _Batch(commands, ports, call)
        return SyncAnswersResource(
            answers=[await batch.answer(place, each) for place, each in enumerate(asked.commands)]
        )

    return await ports.guard.one(call, About(), run)


class _Batch:
    """`chains`: of each thing from which version to which this batch alone has written it: so far
    the device's own picture of it is right, whatever `base_version` in between it names. `held`:
    the ids of what was not decided, so that nothing is done to it out of turn."""

    def __init__(self, commands: Commands, ports: Ports, call: Call) -> None:
        self._commands, self._rooms, self._call = commands, ports.rooms, call
        self._now = ports.now
        self._chains: dict[str, tuple[int, int]] = {}
        self._held: set[str] = set()
        self._seen: set[str] = set()
        self._many: Counter[str] = Counter()
        self._stopped: Fault | None = None
        self._left = MOST_BYTES

    async def answer(self, number: int, sent: SyncCommand) -> CommandAnswerResource:
        place = f"/commands/{number}"
        meant: Meant | None = None
        try:
            if sent.command_id in self._seen:
                detail = "Another command of this batch has this command_id."
                raise invalid("command_id_repeated", detail, "/command_id")
            self._seen.add(sent.command_id)
            meant = self._now_meant(self._commands.meant(sent, self._call, self._now()))
            self._check_turn(sent, meant)
            return await self._done(sent, meant)
        except Unfit as unfit:
            return _unfit(sent, place, unfit.faults)
        except Fault as fault:
            return await self._refused(sent, place, meant, fault)
        except Exception as error:  # one command must not take the others with it
            log.error("sync_command_failed", operation=sent.operation, exc_info=error)
            if meant is not None:
                self._hold(meant)
            unknown = Fault(Kind.UNAVAILABLE, "outcome_unknown", "It may be done, or not.")
            return _told(sent, "rejected", unknown, place, again=True)

    def _now_meant(self, meant: Meant) -> Meant:
        """With what its thing must be like: the device has seen what this batch has done so far."""
        own = meant.call
        first, last = self._chains.get(meant.thing, (0, 0))
        if own.if_match is not None and first <= own.if_match <= last:
            own = replace(own, if_match=last)
        if meant.late is Late.WINS:
            own = replace(own, if_match=None, agreed_by=own.if_match)
        return replace(meant, call=own)

    async def _done(self, sent: SyncCommand, meant: Meant) -> CommandAnswerResource:
        own = meant.call
        found = await meant.row.run(getattr(self._rooms, meant.room), own, meant.asked)
        if not own.decided:
            raise AssertionError(f"{meant.row.name}: no access decision")
        written, timed = self._wrote(meant, own, found)
        told: dict[str, Any] = {
            "version": found.version,
            "written_version": written,
            "written_at": timed and timed.until,
            "made_at": timed and timed.made_at,
            "location": found.location,
            "state": self._state(found),
        }
        return _answered(sent, "duplicate" if own.replayed else "applied", **told)

    def _check_turn(self, sent: SyncCommand, meant: Meant) -> None:
        """Raises Fault where a command is not to be tried now; it counts for its caller's limit."""
        if self._stopped is not None:
            raise self._stopped
        if self._held and not self._held.isdisjoint((*meant.ids.values(), *texts_in(sent.body))):
            raise not_tried()
        if meant.thing:
            self._many[meant.thing] += 1
            if self._many[meant.thing] > MOST_OF_ONE:
                raise not_tried()
        try:
            meant.call.count()
        except Fault as fault:
            self._stopped = fault
            raise

    def _wrote(
        self, meant: Meant, own: Call, found: Answer
    ) -> tuple[int | None, DeviceTime | None]:
        """The version that this command gave to its thing, if it changed it, now or when it came
        first, and both times of that; noted for the commands behind it."""
        thing = found.location or meant.thing
        wrote = thing.rpartition("/")[2]
        if wrote not in own.wrote and len(own.wrote) == 1 and not found.location:
            (wrote,) = own.wrote
        version = own.wrote.get(wrote)
        if version is None or not (own.replayed or version == found.version):
            return None, None
        first, last = self._chains.get(thing, (version - 1, version - 1))
        self._chains[thing] = (first if last == version - 1 else version - 1, version)
        return version, own.timed.get(wrote)

    async def _refused(
        self, sent: SyncCommand, place: str, meant: Meant | None, fault: Fault
    ) -> CommandAnswerResource:
        if fault is self._stopped or fault.kind in _LATER:
            if meant is not None:
                self._hold(meant)
            return _told(sent, "rejected", fault, place, again=True)
        if fault.kind is Kind.NOT_FOUND and meant is not None and meant.call.replayed:
            return _answered(sent, "duplicate")  # by which it is hers to see no longer
        placed = replace(fault, place=_placed(fault.place, meant))
        changed = meant is not None and meant.row.status != 201
        if meant is None or not changed or fault.kind not in (Kind.STALE, Kind.CONFLICT):
            return _told(sent, "rejected", placed, place)
        now = await self._there(meant)
        told = _told(sent, "conflict", placed, place)
        if now is None:
            return told
        return told.model_copy(update={"version": now.version, "state": self._state(now)})

    async def _there(self, meant: Meant) -> Answer | None:
        """The thing as the caller may see it; None where she may not, or nothing shows it."""
        shows = self._commands.shows(meant)
        if shows is None:
            return None
        room, row = shows
        given = {name: meant.ids[name] for name in row.asked.path}
        call = apart(self._call, row)
        try:
            asked = row.asked.model.model_validate({"path": given} if given else {})
            found = await row.run(getattr(self._rooms, room), call, asked)
        except Fault:
            return None
        return found if call.decided else None

    def _hold(self, meant: Meant) -> None:
        self._held.add(meant.thing.rpartition("/")[2] or created_id(meant.call))

    def _state(self, found: Answer) -> dict[str, Any] | None:
        written = found.resource.model_dump_json()
        if len(written) > self._left:
            return None
        self._left -= len(written)
        state: dict[str, Any] = orjson.loads(written)
        return state


def _placed(place: str, meant: Meant | None) -> str:
    """A place in what an operation takes, inside the command."""
    if meant is None or not place:
        return place
    first = place.split("/")[1]
    return f"/path{place}" if first in meant.row.asked.path else f"/body{place}"


def _told(
    sent: SyncCommand, outcome: Outcome, fault: Fault, place: str, *, again: bool = False
) -> CommandAnswerResource:
    answer = answer_of(fault)
    errors = [fault] if fault.place else []
    problem = _problem(fault.code, answer.status, answer.title, fault.detail, errors, place)
    return _answered(sent, outcome, problem, again, answer.retry_after if again else 0)


def _unfit(sent: SyncCommand, place: str, faults: Sequence[Fault]) -> CommandAnswerResource:
    answer = answer_of(faults[0])
    detail = "The command breaks its schema; `errors` says where."
    problem = _problem("invalid_request", answer.status, answer.title, detail, faults, place)
    return _answered(sent, "rejected", problem)


def _problem(
    code: str, status: int, title: str, detail: str, errors: Sequence[Fault], place: str
) -> CommandProblemResource:
    return CommandProblemResource(
        status=status,
        code=code,
        title=title,
        detail=detail,
        errors=[
            CommandErrorResource(pointer=f"{place}{each.place}", code=each.code, detail=each.detail)
            for each in errors
        ],
    )


def _answered(
    sent: SyncCommand,
    outcome: Outcome,
    problem: CommandProblemResource | None = None,
    again: bool = False,
    retry_after: int = 0,
    **told: Any,
) -> CommandAnswerResource:
    nothing = dict.fromkeys(("version", "written_version", "written_at", "made_at", "state"))
    return CommandAnswerResource(
        command_id=sent.command_id,
        outcome=outcome,
        problem=problem,
        again=again,
        retry_after=retry_after,
        **(nothing | {"location": ""} | told),
    )
