"""An order to erase what is about a person, and the legal hold that outranks it.

Of a record there is one, so that the two cannot pass each other: while a hold is in place an order
waits, and once an order is under way it is too late for a hold. Of a person with several records
there are several, and a hold on one is on all: an order is pending first, and begins once no hold
is on any of them; whoever places one defers it, for longer than a request takes, before the hold is
there. It is done when every service that keeps such things has said so; one that has something
which names somebody else on whom a hold is says so when that hold has ended, too.
"""

from __future__ import annotations

import enum
import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from services.chassis.kernel import Aggregate, Fault, conflict
from services.privacy.erasure.outline import (
    ErasureAct,
    ErasureProof,
    ServiceDone,
    StepTaken,
    newest_of,
)

SERVICES = ("goals", "observations", "programs", "surveys")
MOST_STEPS = 200  # that are kept, and proofs
SETTLES = timedelta(seconds=45)  # longer than a request takes
LOOKS_AGAIN = timedelta(minutes=10)  # at what waits for the end of a hold
LOOKS_WHETHER_DONE = timedelta(minutes=5)
UNDER_HOLDS = timedelta(hours=24)  # the same, where it may wait for the hold on somebody else
MERGED_BEFORE = "It was merged with a record of which all was ordered to be erased, before that."
MOST_HELD = 1_000  # records under legal holds that one order can tell of; with more none begins
IN_TIME = timedelta(hours=1)  # that one is done, as docs/privacy.md says


class ErasureState(enum.StrEnum):
    CLEAR = "clear"
    HELD = "held"
    UNDER_WAY = "under_way"
    DONE = "done"
    PENDING = "pending"


class ErasureEvent(enum.StrEnum):
    ORDERED = "ordered"
    HELD = "held"
    RELEASED = "released"
    BEGUN = "begun"
    DEFERRED = "deferred"
    WITHDRAWN = "withdrawn"
    CONFIRMED = "confirmed"
    DONE = "done"


@dataclass(frozen=True, slots=True)
class LegalHold:
    """On `person` by this `version` of what was ordered about her, and so on all `records` of
    hers."""

    person: str
    version: int
    records: tuple[str, ...]


@dataclass(kw_only=True)
class Erasure(Aggregate):
    """About `person`. `ordered_at`: what was begun before is erased; None where nothing is
    ordered. `under_way`: the version by which it came to be so, 0 before. `records`: all of hers
    then. `begins_at`: not before, of what is pending; since when, of what is under way. `holds`:
    those on others, of what is under way; None else, and where an older build has begun it.
    `earlier`: of orders before, or before a hold that came when all was done; the newest 200."""

    person: str
    changed_at: datetime
    state: ErasureState = ErasureState.CLEAR
    ordered_at: datetime | None = None
    under_way: int = 0
    carried: tuple[ServiceDone, ...] = ()
    done_at: datetime | None = None
    steps: tuple[StepTaken, ...] = field(default_factory=tuple)
    records: tuple[str, ...] = ()
    begins_at: datetime | None = None
    holds: tuple[LegalHold, ...] | None = None
    earlier: tuple[ErasureProof, ...] = ()

    def order(self, by: str, at: datetime, reason: str = "", settles: bool = False) -> None:
        """Everything about her coaching that was begun before is to be erased. `settles`: it is
        pending first, since she has other records, or there are holds on others, of which every
        service is to know before it erases what they have in common."""
        self.check_order(by, at)
        self.earlier = self.proofs[-MOST_STEPS:]
        self.ordered_at, self.done_at, self.carried = at, None, ()
        self._took(ErasureEvent.ORDERED, ErasureAct.ORDERED, by, at, reason)
        if self.state is not ErasureState.HELD:
            self._begin(at, settles)

    def extend(self, by: str, at: datetime, until: datetime) -> None:
        """As ordered of another record of hers that was not known to be hers then: of what was
        begun by `until`, when that was, and `by` whom. Once."""
        if any(each.reason == MERGED_BEFORE and each.at >= until for each in self.steps):
            return
        self.order(by, at, MERGED_BEFORE, settles=True)
        self.ordered_at = until

    @property
    def ordered_by(self) -> str:
        """Who gave the last order; empty where none was ever given."""
        orders = [each.by for each in self.steps if each.step is ErasureAct.ORDERED]
        return orders[-1] if orders else ""

    def lacks(self, record: str, merged_at: datetime) -> bool:
        """Whether a record that was merged with hers before this was ordered was not known to be
        hers when it began."""
        began = self.state in (ErasureState.UNDER_WAY, ErasureState.DONE) and bool(self.records)
        before = self.ordered_at is not None and merged_at < self.ordered_at
        return began and before and record not in self.records

    def check_order(self, by: str, at: datetime) -> None:
        if self.ordered_at is not None and self.state is not ErasureState.DONE:
            raise conflict("already_ordered", "That is ordered already.")

    def hold(self, by: str, at: datetime, reason: str = "") -> None:
        """Nothing about her is erased until it is released."""
        self.check_hold(by, at)
        self.earlier = self.proofs[-MOST_STEPS:]
        if self.state is ErasureState.DONE:
            self.ordered_at = None
        self.state = ErasureState.HELD
        self._took(ErasureEvent.HELD, ErasureAct.HELD, by, at, reason)

    def check_hold(self, by: str, at: datetime) -> None:
        if self.state is ErasureState.HELD:
            raise conflict("already_held", "A hold is in place already.")
        if self.state is ErasureState.UNDER_WAY:
            raise under_way()

    def release(self, by: str, at: datetime, reason: str = "", settles: bool = False) -> None:
        """Lift a hold: what was ordered is under way from now on. `settles` as in `order`."""
        self.check_release(by, at)
        self.state = ErasureState.CLEAR
        self._took(ErasureEvent.RELEASED, ErasureAct.RELEASED, by, at, reason)
        if self.ordered_at is not None:
            self._begin(at, settles)

    def check_release(self, by: str, at: datetime) -> None:
        if self.state is not ErasureState.HELD:
            raise conflict("not_held", "There is no hold.")

    def withdraw(self, by: str, at: datetime, reason: str = "") -> None:
        """Take back what was ordered and is held, or pending."""
        self.check_withdraw(by, at)
        self.ordered_at = None
        if self.state is ErasureState.PENDING:
            self.state = ErasureState.CLEAR
        self._took(ErasureEvent.WITHDRAWN, ErasureAct.WITHDRAWN, by, at, reason)

    def check_withdraw(self, by: str, at: datetime) -> None:
        waits = self.state in (ErasureState.HELD, ErasureState.PENDING)
        if not waits or self.ordered_at is None:
            raise conflict("not_waiting", "Only an order that waits can be taken back.")

    def defer(self, at: datetime) -> None:
        """Somebody is about to place a hold on another record of hers."""
        if self.state is ErasureState.UNDER_WAY:
            raise under_way()
        if self.state is ErasureState.PENDING:
            self.begins_at = at + SETTLES
            self.record(ErasureEvent.DEFERRED)

    def begin(
        self,
        records: Sequence[str],
        holds: Sequence[LegalHold],
        looked_at: datetime,
        at: datetime,
    ) -> None:
        """No hold was on any of her records after `looked_at`, and these on others; nothing where
        one may come since on hers."""
        assert self.begins_at is not None
        if self.state is ErasureState.PENDING and self.begins_at <= looked_at:
            self.changed_at = at
            self._is_under_way(records, holds, at)
            self.record(ErasureEvent.BEGUN)

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
        self.state, self.done_at, self.holds = ErasureState.DONE, at, None
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
            "ordered_at": as_written(self.ordered_at),
            "done_at": as_written(self.done_at),
            "carried_out": sorted(
                ({"service": each.service, "erased": each.erased} for each in self.carried),
                key=lambda each: str(each["service"]),
            ),
        }
        return sha256_of(said)

    @property
    def proofs(self) -> tuple[ErasureProof, ...]:
        """Of every order that was carried out, oldest first."""
        if self.state is not ErasureState.DONE:
            return self.earlier
        assert self.ordered_at is not None
        assert self.done_at is not None
        last = ErasureProof(self.ordered_at, self.done_at, self.carried, self.proof)
        return (*self.earlier, last)

    def _begin(self, at: datetime, settles: bool) -> None:
        if settles:
            self.state, self.begins_at = ErasureState.PENDING, at + SETTLES
        else:
            self._is_under_way((self.person,), (), at)

    def _is_under_way(
        self, records: Sequence[str], holds: Sequence[LegalHold], at: datetime
    ) -> None:
        self.state, self.under_way = ErasureState.UNDER_WAY, self.version + 1
        self.records, self.holds, self.begins_at = tuple(records), tuple(holds), at

    def _took(
        self, event: ErasureEvent, step: ErasureAct, by: str, at: datetime, reason: str
    ) -> None:
        steps = (*self.steps, StepTaken(step, by, at, reason))
        self.steps = newest_of(steps, MOST_STEPS, held=self.state is ErasureState.HELD)
        self.changed_at = at
        self.record(event)


def looks_whether_done(holds: bool) -> timedelta:
    """In how long to look again at what is late: it may wait for one of the `holds` on others."""
    return UNDER_HOLDS if holds else LOOKS_WHETHER_DONE


def under_way() -> Fault:
    return conflict("under_way", "It is being erased: it is too late for a hold.")


def sha256_of(said: Mapping[str, Any]) -> str:
    """In hex, of JSON with sorted keys and without spaces."""
    told = json.dumps(said, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(told.encode()).hexdigest()


def as_written(instant: datetime) -> str:
    """As the API writes it."""
    return instant.isoformat().replace("+00:00", "Z")
