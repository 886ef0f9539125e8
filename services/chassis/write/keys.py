"""Idempotency keys: whose they are, and what they have brought about before."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TypeVar

from services.chassis.call import Call
from services.chassis.kernel import Aggregate, Fault, Kind
from services.chassis.log.envelope import PendingEvent
from services.chassis.write.documents import Document, KeyUse

A = TypeVar("A", bound=Aggregate)
Act = Callable[[A], Awaitable[None] | None]
"""What a command decides and changes."""
OF_THE_STATE = (Kind.CONFLICT, Kind.INVALID, Kind.LIMITED)  # no refusal of access


def use_of(call: Call, version: int, event: PendingEvent | None) -> KeyUse | None:
    """What is to be remembered of a call that makes this version, as its caller is told it, or
    changes nothing, where there is no `event`. None without
    a key, and for a caller whom nothing tells from another: it would be everybody's key."""
    caller = call.principal.caller
    if not (call.key and caller):
        return None
    timed = call.timing(version, event.occurred_at) if event is not None else None
    return KeyUse(call.key, call.fingerprint, version, caller, event is not None, timed)


def earlier_use(document: Document, call: Call) -> KeyUse | None:
    """What this caller has done here under this key."""
    caller = call.principal.caller
    if not (call.key and caller):
        return None
    mine = (use for use in document.keys if (use.key, use.caller) == (call.key, caller))
    return next(mine, None)


def check_same(use: KeyUse, call: Call) -> None:
    """Raises Fault KEY_REUSED where the key came with other content before."""
    if use.fingerprint != call.fingerprint:
        raise Fault(
            Kind.KEY_REUSED, "idempotency_key_reused", "This key was used for another request."
        )


def replayed(call: Call, document: Document, use: KeyUse) -> None:
    """Mark a call that comes again, with what it has written when it came first, and when. Raises
    as `check_same`."""
    check_same(use, call)
    call.replayed = True
    if use.changed:
        call.wrote[document.id] = use.version
        for each in document.device_times:
            if (each.key, each.version) == (use.key, use.version):
                call.timed[document.id] = each


async def acted(act: Act[A], aggregate: A) -> None:
    result = act(aggregate)
    if result is not None:
        await result


async def decided_again(call: Call, act: Act[A], aggregate: A) -> None:
    """Run `act` on a replay: only its access decision counts, for the state has moved on. What
    a rule of the aggregate forbids now was allowed then; what it hides now stays hidden."""
    before, call.decided = call.decided, False
    try:
        await acted(act, aggregate)
    except Fault as fault:
        decided = call.decided or before
        if fault.kind not in (OF_THE_STATE if not decided else (*OF_THE_STATE, Kind.FORBIDDEN)):
            raise
    finally:
        call.decided = call.decided or before
