"""An order to erase what is about a person, and the legal hold that outranks it.

Of a person there is one, so that the two cannot pass each other: while a hold is in place an order
waits, and once an order is under way it is too late for a hold. It is done when every service that
keeps such things has said so.
"""

from __future__ import annotations

import enum
import hashlib
import json
from dataclasses import dataclass, field
from datetime import datetime

from services.chassis.kernel import Aggregate, conflict

SERVICES = ("goals", "observations", "programs", "surveys")
MOST_STEPS = 200


class ErasureState(enum.StrEnum):
    CLEAR = "clear"
    HELD = "held"
    UNDER_WAY = "under_way"
    DONE = "done"


class ErasureEvent(enum.StrEnum):
    ORDERED = "ordered"
    HELD = "held"
    RELEASED = "released"
    WITHDRAWN = "withdrawn"
    CONFIRMED = "confirmed"
    DONE = "done"


class ErasureAct(enum.StrEnum):
    """What people do with it."""

    ORDERED = "ordered"
    HELD = "held"
    RELEASED = "released"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class StepTaken:
    """A step, by whom, when and why."""

    step: ErasureAct
    by: str
    at: datetime
    reason: str = ""


@dataclass(frozen=True, slots=True)
class ServiceDone:
    """What one service has erased: how many things, and when it had said so."""

    service: str
    erased: int
    at: datetime


@dataclass(kw_only=True)
class Erasure(Aggregate):
    """About `person`. `ordered_at`: what was begun before is erased; None where nothing is
    ordered. `under_way`: the version by which it came to be so, 0 before."""

    person: str
    changed_at: datetime
    state: ErasureState = ErasureState.CLEAR
    ordered_at: datetime | None = None
    under_way: int = 0
    carried: tuple[ServiceDone, ...] = ()
    done_at: datetime | None = None
    steps: tuple[StepTaken, ...] = field(default_factory=tuple)

    def order(self, by: str, at: datetime, reason: str = "") -> None:
        """Everything about her coaching that was begun before is to be erased."""
        self.check_order(by, at)
        self.ordered_at, self.done_at, self.carried = at, None, ()
        self._took(ErasureEvent.ORDERED, ErasureAct.ORDERED, by, at, reason)
        if self.state is not ErasureState.HELD:
            self._begin()

    def check_order(self, by: str, at: datetime) -> None:
        self._check_room()
        if self.ordered_at is not None and self.state is not ErasureState.DONE:
            raise conflict("already_ordered", "That is ordered already.")

    def hold(self, by: str, at: datetime, reason: str = "") -> None:
        """Nothing about her is erased until it is released."""
        self.check_hold(by, at)
        if self.state is ErasureState.DONE:
            self.ordered_at = None
        self.state = ErasureState.HELD
        self._took(ErasureEvent.HELD, ErasureAct.HELD, by, at, reason)

    def check_hold(self, by: str, at: datetime) -> None:
        self._check_room()
        if self.state is ErasureState.HELD:
            raise conflict("already_held", "A hold is in place already.")
        if self.state is ErasureState.UNDER_WAY:
            raise conflict("under_way", "It is being erased: it is too late for a hold.")

    def release(self, by: str, at: datetime, reason: str = "") -> None:
        """Lift a hold: what was ordered is under way from now on."""
        self.check_release(by, at)
        self.state = ErasureState.CLEAR
        self._took(ErasureEvent.RELEASED, ErasureAct.RELEASED, by, at, reason)
        if self.ordered_at is not None:
            self._begin()

    def check_release(self, by: str, at: datetime) -> None:
        if self.state is not ErasureState.HELD:
            raise conflict("not_held", "There is no hold.")

    def withdraw(self, by: str, at: datetime, reason: str = "") -> None:
        """Take back what was ordered and is held."""
        self.check_withdraw(by, at)
        self.ordered_at = None
        self._took(ErasureEvent.WITHDRAWN, ErasureAct.WITHDRAWN, by, at, reason)

    def check_withdraw(self, by: str, at: datetime) -> None:
        if self.state is not ErasureState.HELD or self.ordered_at is None:
            raise conflict("not_waiting", "Only an order that is held can be taken back.")

    def confirm(
        self, service: str, under_way: int, erased: int, said_at: datetime, at: datetime
    ) -> None:
        """A service has said that it has carried out what came to be under way by that version.
        Said again, or before this was ordered, it changes nothing: an order that a restored backup
        does not know may have had the same version."""
        known = {each.service for each in self.carried}
        current = self.state is ErasureState.UNDER_WAY and under_way == self.under_way
        early = self.ordered_at is None or said_at < self.ordered_at
        if not current or early or service in known or service not in SERVICES:
            return
        self.carried = (*self.carried, ServiceDone(service, erased, at))
        self.changed_at = at
        if len(self.carried) < len(SERVICES):
            self.record(ErasureEvent.CONFIRMED)
            return
        self.state, self.done_at = ErasureState.DONE, at
        self.record(ErasureEvent.DONE)

    @property
    def proof(self) -> str:
        """SHA-256, in hex, of what was done, as JSON with sorted keys and without spaces: counts
        and times, none of what was erased. Empty before it is done."""
        if self.state is not ErasureState.DONE:
            return ""
        assert self.ordered_at is not None
        assert self.done_at is not None
        said = {
            "district_id": self.district,
            "erasure_id": self.id,
            "person_id": self.person,
            "ordered_at": _text(self.ordered_at),
            "done_at": _text(self.done_at),
            "carried_out": sorted(
                ({"service": each.service, "erased": each.erased} for each in self.carried),
                key=lambda each: str(each["service"]),
            ),
        }
        told = json.dumps(said, sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(told.encode()).hexdigest()

    def _begin(self) -> None:
        """By the event that is recorded."""
        self.state, self.under_way = ErasureState.UNDER_WAY, self.version + 1

    def _check_room(self) -> None:
        if len(self.steps) >= MOST_STEPS:
            raise conflict("too_many_steps", f"At most {MOST_STEPS} steps are kept of a person.")

    def _took(
        self, event: ErasureEvent, step: ErasureAct, by: str, at: datetime, reason: str
    ) -> None:
        self.steps = (*self.steps, StepTaken(step, by, at, reason))
        self.changed_at = at
        self.record(event)


def _text(instant: datetime) -> str:
    """As the API writes it."""
    return instant.isoformat().replace("+00:00", "Z")
